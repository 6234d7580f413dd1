"""What one build is about: the content, the moment, and the pages it will have."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from forms_service import urls
from forms_service.config import Config
from forms_service.content import Content, Project
from forms_service.content.pages import LINK, Pages
from forms_service.definition import FormDefinition
from forms_service.definition.form_dates import Opening, opening
from forms_service.definition.texts import Review
from forms_service.i18n import Translator
from forms_service.shapes import chrome
from forms_service.sources import read_sources

PLAYERS = "https://www.youtube-nocookie.com"
"""The only other machine a page may load from, and only after a click."""

SCRIPTS = Path(__file__).with_name("scripts")


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a page may depend on; two equal plans build the same bytes."""

    content: Content
    pages: Pages
    base_url: str
    now: datetime
    pdfs: Mapping[tuple[str, str], bytes]
    """Blank PDFs by form and language."""
    later: tuple[date, ...] = ()
    """Days on which news come out that are written already."""

    @property
    def today(self) -> date:
        """The day of this build in the project's zone."""
        return self.now.astimezone(self.content.project.zone).date()

    def offered(self, link: str) -> str:
        """Return a link as it stands; the PDF of a closed form leads to its page."""
        scheme, _, form_id = link.partition(":")
        if scheme != "pdf":
            return link
        ended = self.opening(self.content.form(form_id.partition("#")[0])).ended
        return f"form:{form_id}" if ended else link

    def opening(self, form: FormDefinition) -> Opening:
        """Say whether a form is open at the moment of this build."""
        event, zone = self.content.event_of(form), self.content.project.zone
        return opening(form, event.status if event else None, self.now, zone)

    def project(self, lang: str) -> Project:
        """The project in a language, or in its main one."""
        return self.content.projects.get(lang, self.content.project)

    def translator(self, lang: str) -> Translator:
        """The product's words in a language and the project's zone."""
        return Translator(lang, self.content.project.zone)

    def rewritten(self, markdown: str, lang: str) -> str:
        """Return Markdown whose links are addresses, none to a PDF that is closed."""
        offered = LINK.sub(lambda f: f"{f[1]}{self.offered(f[2])}{f[3]}", markdown)
        return self.pages.rewritten(offered, lang)

    @property
    def chrome_folder(self) -> str:
        """Where style sheet and fonts are; the name changes when they do."""
        return _chrome_folder(tuple(self.content.project.colours.items()))


@lru_cache(maxsize=4)
def _chrome_folder(colours: tuple[tuple[str, str], ...]) -> str:
    return urls.shared_files(chrome.digest(dict(colours)))


def make_plan(config: Config, sound: Content | None = None) -> Plan:
    """Read the content, or `sound` content's pages; raise `ContentError` with all."""
    sources = read_sources(config, sound=sound)
    pages, now = sources.sound, sources.now
    content = pages.content
    today = now.astimezone(content.project.zone).date()
    pages, later = published(pages, today)
    return Plan(content, pages, config.base_url, now, {}, later)


def published(pages: Pages, today: date) -> tuple[Pages, tuple[date, ...]]:
    """Return the pages without the news of days to come, and these days."""
    later = {
        page.published
        for found in pages.by_language.values()
        for page in found.values()
        if page.published and page.published > today
    }
    by_language = {
        lang: {
            name: page for name, page in found.items() if page.published not in later
        }
        for lang, found in pages.by_language.items()
    }
    return replace(pages, by_language=by_language), tuple(sorted(later))


def script(name: str) -> str:
    """Return the address of a script of the site; it changes when the script does."""
    digest = sha256((SCRIPTS / name).read_bytes()).hexdigest()[:12]
    return f"/assets/{digest}/{name}"


@dataclass(frozen=True, slots=True)
class SitePage:
    """One page of the site, before MkDocs makes its text HTML."""

    name: str
    """Path below the language's first page: `index`, `progetto`, `partecipa/albo`."""
    lang: str
    title: str
    description: str
    url: str
    alternatives: Mapping[str, str]
    top: str
    body: str
    layout: str = "page"
    menu_name: str = ""
    updated: date | None = None
    structured: tuple[dict[str, Any], ...] = field(default=())
    review: Review | None = None
    """Of the translation it shows; pages of the product's words have none."""

    @property
    def listed(self) -> bool:
        """Whether search engines should know it; pages of errors not."""
        return self.name not in ERROR_PAGES

    @property
    def made_file(self) -> str:
        """Where MkDocs writes it, below the folder of its language."""
        return "index.html" if self.name == "index" else f"{self.name}/index.html"

    @property
    def file(self) -> str:
        """Where it lies in the site."""
        url = self.url.lstrip("/")
        return f"{url}index.html" if self.listed else url


ERROR_PAGES = ("404", "410", "503")
"""Pages named after the status they are sent with: not there, gone, not now."""
