"""HTML that an editor writes into a page: what browsers would block, hide or not find.

The site's Content-Security-Policy allows no foreign frame, film, picture or style; what
stands here must not reach readers as an empty box. Nor must a link lead to a part of a
page that is not there.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from .. import urls
from ..definition.problems import suggestion
from .pages import NEWS, SEARCH, Page, Pages, UnknownLink

_LINK_TO_IT = "link to it instead, [words](https://…)"
_OURS = "take it away: style and scripts belong to the program"
_FORMS = "write a file in forms/ and link to it, [words](form:its-id)"
_BLOCKED = {
    **dict.fromkeys(("iframe", "frame", "object", "embed"), _LINK_TO_IT),
    **dict.fromkeys(("video", "audio"), "link to the film, [words](https://…)"),
    **dict.fromkeys(("script", "style", "link", "meta", "base", "noscript"), _OURS),
    **dict.fromkeys("form input select textarea button".split(), _FORMS),
    "h1": "the title of the page is its heading of the first rank: begin with <h2>",
}
_BLOCKS = frozenset(
    "address article aside blockquote details div dl figure footer header h2 h3 h4 h5 "
    "h6 main nav ol p pre section table ul".split()
)
_INLINE = frozenset(
    "a abbr b bdi bdo cite code data del dfn em i ins kbd mark picture q ruby s samp "
    "small span strong sub sup time u var".split()
)
_PARTS = frozenset(
    "br caption col colgroup dd dt figcaption hr img li rp rt source summary tbody td "
    "tfoot th thead tr wbr".split()
)
# Their end may be left out, or they have none.
_OPEN_ENDED = _PARTS | {"p"}
_MARKDOWN = re.compile(r"!?\[[^\]\n]*\]\(|\*\*\w|^ {0,3}(?:#{1,6}|[-*]) ", re.MULTILINE)
_ADDRESSES = ("href", "src", "poster", "srcset", "data", "cite", "action", "background")
_NAME = re.compile("[a-z][a-z0-9-]*")

Fault = tuple[int, str]
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(
    r"^#{1,6}[ \t]*(.*?)[ \t#]*$|^(?=[^\s|<>-])(.+)\n-+[ \t]*$", re.MULTILINE
)
_OWN_ID = re.compile(r"\bid=\"([^\"]+)\"|\{[^}\n]*#([\w-]+)[^}\n]*\}")
_MARKUP = re.compile(r"\]\([^)]*\)|\{[^}]*\}|[*_`\[]|<[^>]*>")


def html_faults(text: str, page: Page, pages: Pages) -> Iterator[Fault]:
    """Yield each fault of the HTML in a text without code, with its line from 1."""
    reader = _Reader(page, pages)
    reader.feed(text)
    reader.close()
    yield from reader.found
    for tag, line in reader.open:
        yield line, f"<{tag}> is not closed: write </{tag}> where it ends"
    begun = text.rfind("<!--")
    if begun >= 0 and "-->" not in text[begun:]:
        advice = "<!-- is not closed, so all that follows is lost: write --> after it"
        yield text.count("\n", 0, begun) + 1, advice


class _Reader(HTMLParser):
    """Notes the faults of one page."""

    def __init__(self, page: Page, pages: Pages) -> None:
        super().__init__()
        self.page, self.pages = page, pages
        self.found: list[Fault] = []
        self.open: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not _NAME.fullmatch(tag) or self._drawing():
            return  # an address in angle brackets, or a part of a drawing
        self._tag(tag)
        values = {name: value or "" for name, value in attrs}
        for name, value in values.items():
            self._attribute(tag, name, value.strip())
        if tag == "img" and "alt" not in values:
            self._say("<img>: say in words what the picture shows, ![like this](<img>)")
        if tag not in _OPEN_ENDED and tag not in _BLOCKED:
            self.open.append((tag, self.getpos()[0]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # `<div/>` opens a <div> like any other

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self.open]
        if tag in names:
            place = len(names) - 1 - names[::-1].index(tag)
            for name, line in self.open[place + 1 :]:
                self.found.append((line, f"<{name}> is not closed before </{tag}>"))
            del self.open[place:]
        elif tag not in _OPEN_ENDED and tag not in _BLOCKED and not self._drawing():
            self._say(f"</{tag}> ends nothing: take it away")

    def handle_pi(self, data: str) -> None:
        self._say(f"“<{data[:9]}…”: browsers do not show it: take it away")

    def unknown_decl(self, data: str) -> None:
        self.handle_pi(data)

    def handle_decl(self, decl: str) -> None:
        self.handle_pi(decl)

    def handle_data(self, data: str) -> None:
        block = next((tag for tag, _ in self.open if tag in _BLOCKS), "")
        if block and (found := _MARKDOWN.search(data)):
            line = self.getpos()[0] + data.count("\n", 0, found.start())
            self.found.append(
                (
                    line,
                    f"“{found[0].strip()}” inside <{block}> is printed as it is: write "
                    "HTML there, or leave the HTML around it out",
                )
            )

    def _drawing(self) -> bool:
        return any(tag == "svg" for tag, _ in self.open)

    def _tag(self, tag: str) -> None:
        if tag in _BLOCKED:
            self._say(f"<{tag}> does nothing on this site: {_BLOCKED[tag]}")
        elif tag not in _BLOCKS | _INLINE | _PARTS | {"svg"}:
            self._say(
                f"browsers do not show “<{tag}>”: write &lt;{tag}&gt; for the words, "
                "or an element of HTML"
            )

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on"):
            self._say(f"{name}=: browsers run no script of a page: take it away")
        elif name == "style":
            self._say("style=: browsers ignore it on this site: take it away")
        elif name == "markdown":
            self._say(
                "markdown=: Markdown inside HTML is printed as it is: write HTML there"
            )
        elif name in _ADDRESSES and tag not in _BLOCKED:
            loaded = tag != "a"
            for part in value.split(",") if name == "srcset" else [value]:
                url = part.strip().split(" ")[0]
                if fault := address_fault(url, loaded, self.page, self.pages):
                    self._say(f'<{tag} {name}="{url}">: {fault}')

    def _say(self, advice: str) -> None:
        self.found.append((self.getpos()[0], advice))


def address_fault(link: str, loaded: bool, page: Page, pages: Pages) -> str:
    """Return what is wrong with an address in HTML; nothing if it can be reached.

    `loaded` says that the page shows what is there.
    """
    scheme = re.match(r"[a-zA-Z][\w+.-]*:", link)
    if link.startswith("//") or (scheme and scheme[0].lower() in ("http:", "https:")):
        return (
            "the site shows nothing from other machines: copy it to assets/"
            if loaded
            else ""
        )
    if scheme and scheme[0].lower() in ("mailto:", "tel:", "data:"):
        return ""
    if scheme:
        return "no kind of link that pages have: write https://…, or the words alone"
    if not link:
        return "leads nowhere: write an address"
    path, _, part = link.partition("#")
    if not path:
        return dead_part(part, page, pages)
    if not path.startswith("/"):
        return _relative(link, page, pages)
    path = path.partition("?")[0]
    if path.startswith("/assets/"):
        there = (pages.content.folder / path.lstrip("/")).is_file()
        return "" if there else "there is no such file in the content folder"
    known = addresses(pages)
    if path not in known:
        near = suggestion(path, known) if suggestion(path, known)[2:3] == "d" else ""
        return f"there is no such page or file{near}"
    return dead_part(part, known[path], pages)


def _relative(link: str, page: Page, pages: Pages) -> str:
    try:
        url = pages.destination(link, page.lang).url
    except UnknownLink:
        return "write an address from the first page on, /page/"
    return f"in HTML write the address itself, {url}"


def addresses(pages: Pages) -> Mapping[str, Page | None]:
    """Return every address that site and service answer, with its page if written."""
    content = pages.content
    main = content.main_language
    known: dict[str, Page | None] = {"/sitemap.xml": None, "/robots.txt": None}
    for lang, written in pages.by_language.items():
        root = urls.site_root(lang, main)
        known[urls.site_page(SEARCH, lang, main)] = None
        known[f"{root}{NEWS}/feed.xml"] = None
        known[urls.lost_link(lang)] = known[urls.check_receipt(lang)] = None
        for event_id in content.events:
            known[urls.calendar(event_id, lang)] = None
        for name, page in written.items():
            known[urls.site_page(name, lang, main)] = page
    for form_id, languages in content.forms.items():
        for lang in languages:
            known[urls.form_page(form_id, lang, main)] = None
            known[urls.form_pdf(form_id, lang)] = None
            known[urls.online_form(form_id, lang)] = None
    return known


def dead_part(part: str, there: Page | None, pages: Pages) -> str:
    """Say that a page has no such part; nothing if it has, or if nobody can know."""
    # What a template or a block adds is there only once the site is built.
    if not part or there is None or there.template or part in pages.content.forms:
        return ""
    if part in parts_of(there.body):
        return ""
    return f"{there.name}.md has no heading for #{part}"


def page_named(target: str, page: Page, pages: Pages) -> Page | None:
    """Return the page that a link of another one leads to; None if it is no page."""
    if not target:
        return page
    name = target.removeprefix("event:").removesuffix(".md")
    for lang in (page.lang, pages.content.main_language):
        if name in pages.by_language[lang]:
            return pages.page(name, lang)
    return None


def parts_of(markdown: str) -> frozenset[str]:
    """Return the ids of the headings of a text, as the site build names them."""
    text = _FENCED.sub("", markdown)
    ids = {own or marked for own, marked in _OWN_ID.findall(text)}
    for marked, underlined in _HEADING.findall(text):
        name, number = slug(_MARKUP.sub("", marked or underlined)), 0
        unique = name
        while unique in ids or not unique:
            number += 1
            unique = f"{name}_{number}"
        ids.add(unique)
    return frozenset(ids)


def slug(heading: str) -> str:
    """Return the id of a heading, as Python-Markdown's `toc` makes it."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
