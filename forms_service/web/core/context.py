"""One page: template, words, header and footer.

A `WebContext` is made once and passed to every view; it holds what all views need.
It knows neither forms nor staff.
"""

import os
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from flask import Response, render_template, request
from limits.strategies import MovingWindowRateLimiter
from markupsafe import Markup, escape

from ... import urls
from ...caches import Cache
from ...config import Config
from ...content.pages import Link, Pages
from ...content.project import Project
from ...definition import FormDefinition
from ...definition.texts import Review
from ...i18n import Translator
from ...moving_window import RepeatGuard
from ...pace import Pace
from ...shapes import chrome
from ...shapes.html import Segments, slot
from ...shapes.pdf.receipt_press import ReceiptPress
from ...siblings import ALONE, Siblings
from ...workflow.context import WorkflowContext
from .alarms_now import AlarmsNow
from .error_page import ErrorPage
from .responses import OWN_COPY, PageResponse
from .static_files import Precompressed, StaticFiles

# Where the languages of a page stand in a header that is drawn for all pages.
SLOT = Markup("<!--languages-->")


# Addresses of a page by language; of one with slots what makes them, from its token and
# from nothing else that is a person's.
Alternatives = Mapping[str, str] | Callable[[str], Mapping[str, str]] | None


def _addresses(
    alternatives: Alternatives, slots: Mapping[str, str]
) -> Mapping[str, str]:
    if callable(alternatives):
        return alternatives(slots.get("token", ""))
    return alternatives or {}


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
    pace: Pace
    alarms: AlarmsNow
    files: StaticFiles
    siblings: Siblings = ALONE
    # False draws every page from its template, as they are to look when compiled.
    compiled: bool = True
    receipts: ReceiptPress = field(default_factory=ReceiptPress)
    # What is the same for everybody, drawn at first use.
    form_pages: Cache[Precompressed] = _cache("empty form pages")
    fillable: Cache[bool] = _cache("fillable blanks")
    _compiled: Cache[Segments[bytes]] = _cache("compiled pages")
    _site_files: Cache[os.stat_result | None] = _cache("files of the site")
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
        if shared and self.on_site(shared):
            return shared
        return urls.static(self.files.digest, name)

    def on_site(self, url: str) -> os.stat_result | None:
        """Look at a file of the built site, once a second however many ask."""

        def look() -> os.stat_result | None:
            with suppress(OSError):
                return os.stat(f"{self.config.site_dir}{url}")
            return None

        second = int(self.context.clock().timestamp())
        return self._site_files.get((url, second), look)

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

    def fill(
        self,
        template: str,
        translator: Translator,
        alternatives: Alternatives,
        slots: Mapping[str, str],
        **context: Hashable,
    ) -> bytes:
        """Return the HTML of a page that was drawn before, with these slots filled.

        What `draw` returns, if it is given the slots too. All of the context is in the
        key under which it is kept: nothing of a person may stand outside the slots. An
        empty slot is drawn empty, so that a template may ask for it.
        """
        texts = {name: escape(value).encode() for name, value in slots.items() if value}

        def compiled() -> Segments[bytes]:
            marks = {name: value and slot(name, value) for name, value in slots.items()}
            lead = _addresses(alternatives, marks)
            html = self.draw(template, translator, lead, None, **marks, **context)
            return Segments.of(html).encoded()

        version = (translator.lang, self.asset(chrome.STYLESHEET))
        key = (template, *version, *texts, *context.items())
        return self._compiled.get(key, compiled).fill(texts)

    def render(
        self,
        template: str,
        translator: Translator,
        status: int = 200,
        *,
        alternatives: Alternatives = None,
        nav: tuple[Link, ...] | None = None,
        slots: Mapping[str, str] | None = None,
        compiled: bool = True,
        **context: object,
    ) -> Response:
        """Return a page with all protecting headers, for nobody but this browser.

        The status is that of what an `error_page` in it says, where there is one.

        With `slots`, what differs from one person to the next, it is drawn once for
        all, unless it is not to be `compiled`: something else in it is a person's.
        """
        html: str | bytes
        if slots is None or not (compiled and self.compiled):
            slots = slots or {}
            lead = _addresses(alternatives, slots)
            html = self.draw(template, translator, lead, nav, **slots, **context)
        else:
            html = self.fill(template, translator, alternatives, slots, **context)
        said = context.get("error_page")
        status = said.status if isinstance(said, ErrorPage) else status
        response = PageResponse(html, status)
        form = context.get("form")
        watched = isinstance(form, FormDefinition) and form.safety
        if request.method == "POST" and not watched:
            response.headers["Cache-Control"] = OWN_COPY
        return response
