"""The parts of pages that links can lead to: ids of headings, as on the site."""

import re
import unicodedata

from .pages import Page, Pages

_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t#]*$", re.MULTILINE)
_OWN_ID = re.compile(r"\bid=\"([^\"]+)\"|\{[^}\n]*#([\w-]+)[^}\n]*\}")
_MARKUP = re.compile(r"\]\([^)]*\)|\{[^}]*\}|[*_`\[]|<[^>]*>")


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
