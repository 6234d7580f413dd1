"""What is broken inside the text of a page: pictures without words, links to a part
of a page that is not there.
"""

import re
import unicodedata
from collections.abc import Iterator

from .pages import LINK, Page, Pages

_PICTURE = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<file>[^)\s]+)")
_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_TAG_WORDS = re.compile(r"\balt\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|svg|gif|webp)", re.IGNORECASE)
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t#]*$", re.MULTILINE)
_OWN_ID = re.compile(r"\bid=\"([^\"]+)\"|\{[^}\n]*#([\w-]+)[^}\n]*\}")
_MARKUP = re.compile(r"\]\([^)]*\)|\{[^}]*\}|[*_`\[]|<[^>]*>")


def faults(page: Page, pages: Pages) -> Iterator[tuple[int, str]]:
    """Yield each fault with its place in the body of the page."""
    for found in _PICTURE.finditer(page.body):
        if not found["words"].strip() or _FILE_NAME.fullmatch(found["words"].strip()):
            yield found.start(), _wordless(found["file"])
    for found in _TAG.finditer(page.body):
        if not _TAG_WORDS.search(found[0]):
            yield found.start(), _wordless("<img>")
    for found in LINK.finditer(page.body):
        if reason := _dead_part(found[2], page, pages):
            yield found.start(), reason


def _wordless(name: str) -> str:
    return f"{name}: say in words what the picture shows, ![like this]({name})"


def _dead_part(link: str, page: Page, pages: Pages) -> str:
    """Say that a link leads to a part which its page has not; else nothing."""
    target, _, part = link.partition("#")
    there = _target(target, page, pages)
    # What a template or a block adds is there only once the site is built.
    if not part or there is None or there.template or part in pages.content.forms:
        return ""
    if part in parts_of(there.body):
        return ""
    return f"“{link}”: {there.name}.md has no heading for #{part}"


def _target(target: str, page: Page, pages: Pages) -> Page | None:
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
    for heading in _HEADING.findall(text):
        name, number = slug(_MARKUP.sub("", heading)), 0
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
