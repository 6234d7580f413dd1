"""One page: template, words, header and footer, and the headers that protect it.

A `WebContext` is made once and passed to every view; it holds what all views need.
It knows neither forms nor staff.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from os.path import isfile
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from limits.strategies import MovingWindowRateLimiter
from markupsafe import Markup

from ... import urls
from ...caches import Cache
from ...config import Config
from ...content.pages import Link, Pages
from ...content.project import Project
from ...definition import FormDefinition
from ...definition.texts import Review
from ...i18n import Translator
from ...shapes import chrome
from ...workflow.context import WorkflowContext
from .precompressed import Precompressed
from .repeat_guard import RepeatGuard
from .static_files import StaticFiles

# Where the languages of a page stand in a header that is drawn for all pages.
SLOT = Markup("<!--languages-->")
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        # The page after sending looks whether its mail was refused.
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    # Not no-referrer: that would make the Origin of our own forms `null`.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
# What a POST is answered with cannot be asked for again: without a copy of its own the
# browser answers "back" with its error page. The copy serves its history alone.
OWN_COPY = "private, max-age=0"


def _cache(name: str) -> Any:
    return field(default_factory=lambda: Cache(name), repr=False)


@dataclass(frozen=True)
class WebContext:
    """What every view works with: verbs, settings, words, limits and the frame."""

    context: WorkflowContext
    config: Config
    pages: Pages
    limiter: MovingWindowRateLimiter
    failures: MovingWindowRateLimiter
    repeats: RepeatGuard
    files: StaticFiles
    # What is the same for everybody, drawn at first use.
    form_pages: Cache[Precompressed] = _cache("empty form pages")
    fillable: Cache[bool] = _cache("fillable blanks")
    _frames: Cache[tuple[Markup, Markup]] = _cache("headers and footers")
    _translators: Cache[Translator] = _cache("translators")

    @property
    def main_language(self) -> str:
        """The language of pages that belong to no other."""
        return self.context.content.main_language

    def translator(self, lang: str) -> Translator:
        """Return the product's words in a language."""
        return self._translators.get(lang, lambda: Translator(lang, self.context.zone))

    def project(self, lang: str) -> Project:
        """Return the project in a language, or in the main one."""
        return self.context.content.projects.get(lang) or self.context.content.project

    def asset(self, name: str) -> str:
        """Return the address of a static file, good for ever.

        The same file of the built site, where it is there: who comes from the site
        has it already.
        """
        shared = self.files.shared_with_site.get(name, "")
        # Asked for each page: joining paths would cost more than asking.
        if shared and isfile(f"{self.config.site_dir}{shared}"):
            return shared
        return urls.static(self.files.digest, name)

    def menu(self, lang: str) -> tuple[Link, ...]:
        """Return the site's menu; empty in a language that has no pages."""
        return self.pages.menu(lang) if lang in self.pages.by_language else ()

    def _frame(
        self,
        translator: Translator,
        alternatives: Mapping[str, str],
        menu: tuple[Link, ...],
        review: Review,
    ) -> tuple[Markup, Markup]:
        """Return header and footer, drawn once for each menu.

        The addresses of this page may hold a token: they are put in afterwards.
        """
        lang = translator.lang
        project = self.project(lang)
        legal_language = lang if lang in self.pages.by_language else self.main_language
        legal = self.pages.legal(legal_language)
        header, footer = self._frames.get(
            (lang, menu, review.pending),
            lambda: (
                chrome.header(project, lang, translator, SLOT, menu, review),
                chrome.footer(project, lang, translator, menu, legal),
            ),
        )
        return header.replace(SLOT, chrome.languages(translator, alternatives)), footer

    def draw(
        self,
        template: str,
        translator: Translator,
        alternatives: Mapping[str, str] | None = None,
        nav: tuple[Link, ...] | None = None,
        **context: object,
    ) -> str:
        """Return the HTML of a page: a template that extends `base.html`.

        `alternatives` are addresses of this page by language; `nav` None is the
        site's menu.
        """
        lang = translator.lang
        menu = self.menu(lang) if nav is None else nav
        project, form = self.project(lang), context.get("form")
        review = form.review if isinstance(form, FormDefinition) else project.review
        header, footer = self._frame(translator, alternatives or {}, menu, review)
        return render_template(
            template,
            web=self,
            project=project,
            lang=lang,
            translator=translator,
            _=translator.gettext,
            urls=urls,
            asset=self.asset,
            way_out=chrome.way_out,
            help_box=chrome.help_box,
            header=header,
            footer=footer,
            **context,
        )

    def render(
        self,
        template: str,
        translator: Translator,
        status: int = 200,
        *,
        alternatives: Mapping[str, str] | None = None,
        nav: tuple[Link, ...] | None = None,
        **context: object,
    ) -> Response:
        """Return a page with all protecting headers, for nobody but this browser."""
        html = self.draw(template, translator, alternatives, nav, **context)
        response = make_response(html, status)
        response.headers.update(HEADERS)
        if request.method == "POST":
            response.headers["Cache-Control"] = OWN_COPY
        return response


def see_other(url: str) -> Response:
    """Lead on to a page with GET; nobody may keep the way there."""
    response = make_response(redirect(url, 303))
    response.headers["Cache-Control"] = "no-store"
    return response
