"""The Markdown pages of the content folder: what is on them and where links go.

A page exists in a language only if its file does. `page_reading` makes these objects
from files and finds the mistakes; HTML is made elsewhere.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, NamedTuple

from .. import urls
from ..definition.problems import suggestion
from ..definition.texts import Key, NeededWord, Review
from .folder import Content

HOME = "index"
# `[…](service:link-perso)`: the page that mails a new personal link.
LOST_LINK = "link-perso"
SEARCH = "cerca"
"""The page that every language has: search, and a list of all pages."""
TEMPLATES = ("home",)
NEWS = "notizie"
"""The folder of dated pages, and the page that lists them."""

# What a page may not be called: the program makes these addresses.
RESERVED = frozenset({SEARCH, "404", "410", "503", "assets", "robots", "sitemap"}) | {
    prefix.strip("/") for prefix in (*urls.SERVICE_PREFIXES, urls.DOCUMENTS)
}

# Blocks that stand for one thing (`[[form:albo]]`), and what their argument names.
NAMED_BLOCKS = {"form": "form", "event": "event", "programme": "event"}
PLAIN_BLOCKS = frozenset(
    {"forms", "events:past", "contacts", "notices", "cookies", "partners", "news"}
)

# What the national model calls these pages, for the links in the footer.
ELEMENTS = {
    "privacy": "privacy-policy-link",
    "accessibilita": "accessibility-link",
    "note-legali": "legal-notes",
    "domande": "faq",
}
# The same model's name for the link to where one says that the site does not work;
# its words are the product's.
PROBLEM_REPORT = "report-inefficiency"

DATED = re.compile(NEWS + r"/([0-9]{4}-[0-9]{2}-[0-9]{2})-[a-z0-9-]+")
BLOCK = re.compile(r"^\[\[([^\]]*)\]\][ \t]*$", re.MULTILINE)
LINK = re.compile(r"(\]\()([^)\s]+)((?:\s[^)]*)?\))")
OUTSIDE = ("https://", "http://", "mailto:", "tel:", "#")


class UnknownLink(ValueError):
    """A link names something that is not there; the message says what to do."""


class Link(NamedTuple):
    """An entry of a menu."""

    title: str
    url: str
    current: bool = False
    lang: str = ""
    """Language of the page it leads to, when it is not the language of this page."""
    element: str = ""


class Destination(NamedTuple):
    """Where a link leads, and in which language that is (empty: not ours)."""

    url: str
    lang: str


@dataclass(frozen=True, slots=True)
class Block:
    """A place in a page where the site puts something it makes."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A link with the words on it."""

    text: NeededWord
    to: NeededWord


@dataclass(frozen=True, slots=True)
class Card:
    """One of the large links of the first page."""

    title: NeededWord
    text: str
    to: NeededWord


@dataclass(frozen=True, slots=True)
class Hero:
    """The top of the first page: what it is about and the one thing to do now."""

    title: NeededWord
    lead: str
    action: Action | None
    second: Action | None


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown page in one language."""

    name: str
    lang: str
    title: NeededWord
    description: NeededWord
    updated: date
    template: Annotated[str, Key(among=TEMPLATES)]
    hero: Hero | None
    cards: tuple[Card, ...]
    event: str
    body: str
    first_line: int
    """Line of the file on which the body begins."""
    review: Review

    @property
    def published(self) -> date | None:
        """The day that a piece of news carries in its name; None for other pages."""
        dated = DATED.fullmatch(self.name)
        return date.fromisoformat(dated[1]) if dated else None

    def line_at(self, position: int) -> int:
        """Return the line of the file on which a place of the body is."""
        return self.first_line + self.body.count("\n", 0, position)

    @property
    def parts(self) -> Iterator[str | Block]:
        """The body as it is read: Markdown and blocks in turn."""
        position = 0
        for found in BLOCK.finditer(self.body):
            yield self.body[position : found.start()]
            yield block_of(found[1])
            position = found.end()
        yield self.body[position:]


def block_of(text: str) -> Block:
    """Read what stands between the double brackets."""
    name, _, argument = text.partition(":")
    return Block(text) if text in PLAIN_BLOCKS else Block(name, argument)


@dataclass(frozen=True, slots=True)
class Pages:
    """All pages by language and name, and the address of everything linked to."""

    content: Content
    by_language: Mapping[str, Mapping[str, Page]]

    def page(self, name: str, lang: str) -> Page:
        """Return a page; raise `KeyError` when it is not there in that language."""
        return self.by_language[lang][name]

    def news(self, lang: str) -> list[Page]:
        """Return the news of a language, newest first."""
        found = [page for page in self.by_language[lang].values() if page.published]
        return sorted(found, key=lambda page: page.name, reverse=True)

    def alternatives(self, name: str) -> dict[str, str]:
        """Return the address of a page in each language that has it."""
        return {
            lang: self._site(name, lang)
            for lang, pages in self.by_language.items()
            if name in pages
        }

    def form_alternatives(self, form_id: str) -> dict[str, str]:
        """Return the address of a form's page in each language that has the form."""
        return {
            lang: urls.form_page(form_id, lang, self.content.main_language)
            for lang in self.content.forms[form_id]
        }

    def menu(self, lang: str, current: str = "") -> tuple[Link, ...]:
        """Return the menu: only pages that exist in this language."""
        return tuple(
            Link(
                self.page(name, lang).title,
                self._site(name, lang),
                name == current,
                element=ELEMENTS.get(name, ""),
            )
            for name in self.content.project.nav
            if name in self.by_language[lang]
        )

    def legal(self, lang: str) -> tuple[Link, ...]:
        """Return the links of the footer, in the main language where not translated."""
        main = self.content.main_language
        links = []
        for name in self.content.project.footer:
            there = lang if name in self.by_language[lang] else main
            title = self.page(name, there).title
            other = "" if there == lang else there
            element = ELEMENTS.get(name, "")
            links.append(Link(title, self._site(name, there), False, other, element))
        if report := self.content.project.legal.problem_report:
            links.append(self._report(report, lang))
        return tuple(links)

    def _report(self, link: str, lang: str) -> Link:
        found = self.destination(link, lang)
        other = "" if found.lang == lang else found.lang
        return Link("", found.url, False, other, PROBLEM_REPORT)

    def destination(self, link: str, lang: str) -> Destination:
        """Return where a link leads from a page in `lang`; raise `UnknownLink`."""
        if link.startswith(OUTSIDE):
            return Destination(link, "")
        if link.startswith("assets/"):
            return self._asset(link)
        target, mark, fragment = link.partition("#")
        scheme, colon, name = target.partition(":")
        if colon:
            found = self._scheme(scheme, name, lang)
        elif target.endswith(".md"):
            found = self._page(target.removesuffix(".md"), lang)
        else:
            raise UnknownLink(
                f"“{link}”: link to a page as page.md, to a form as form:its-id, to a "
                "file as assets/its-name"
            )
        return Destination(found.url + mark + fragment, found.lang)

    def rewritten(self, markdown: str, lang: str) -> str:
        """Return Markdown whose links are addresses; other languages are marked."""

        def replace(found: re.Match[str]) -> str:
            there = self.destination(found[2], lang)
            other = there.lang not in ("", lang)
            mark = f'{{ hreflang="{there.lang}" }}' if other else ""
            return f"{found[1]}{there.url}{found[3]}{mark}"

        return LINK.sub(replace, markdown)

    def _site(self, name: str, lang: str) -> str:
        return urls.site_page(name, lang, self.content.main_language)

    def _asset(self, link: str) -> Destination:
        if not (self.content.folder / link).is_file():
            raise UnknownLink(f"“{link}”: there is no such file in the content folder")
        return Destination(f"/{link}", "")

    def _scheme(self, scheme: str, name: str, lang: str) -> Destination:
        if scheme == "event":
            return self._event(name, lang)
        if scheme not in ("form", "pdf", "service"):
            known = ("form", "pdf", "service", "event")
            raise UnknownLink(f"“{scheme}:” is unknown{suggestion(scheme, known)}")
        if (scheme, name) == ("service", LOST_LINK):
            return Destination(urls.lost_link(lang), lang)
        if name not in self.content.forms:
            near = suggestion(name, self.content.forms)
            raise UnknownLink(f"there is no form “{name}”{near}")
        main = self.content.main_language
        there = lang if lang in self.content.forms[name] else main
        return Destination(
            {
                "form": urls.form_page(name, there, main),
                "pdf": urls.form_pdf(name, there),
                "service": urls.online_form(name, there),
            }[scheme],
            there,
        )

    def _event(self, name: str, lang: str) -> Destination:
        if name not in self.content.events:
            near = suggestion(name, self.content.events)
            raise UnknownLink(f"there is no event “{name}”{near}")
        return self._page(name, lang)

    def _page(self, name: str, lang: str) -> Destination:
        main = self.content.main_language
        there = lang if name in self.by_language[lang] else main
        if name not in self.by_language[there]:
            near = suggestion(name, self.by_language[main])
            raise UnknownLink(f"there is no page “{name}.md”{near}")
        return Destination(self._site(name, there), there)
