"""What one build is about: the content, the moment, and the pages it will have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from forms_service.definition import Content, Project
from forms_service.definition.pages import Pages
from forms_service.definition.review import Review
from forms_service.shapes import chrome
from forms_service.words import Words

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
    papers: Mapping[tuple[str, str], bytes]
    """Blank PDFs by form and language."""

    def project(self, lang: str) -> Project:
        """The project in a language, or in its main one."""
        return self.content.projects.get(lang, self.content.project)

    def words(self, lang: str) -> Words:
        """The product's words in a language and the project's zone."""
        return Words(lang, self.content.project.zone)

    @property
    def chrome_folder(self) -> str:
        """Where style sheet and fonts are; the name changes when they do."""
        return f"/assets/{chrome.digest(self.content.project.colours)}"


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
    address: str
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
        """Whether search engines should know it; pages about a trouble not."""
        return self.name not in TROUBLES


TROUBLES = ("404", "410", "503")
"""Pages named after the status they are sent with: not there, gone, not now."""
