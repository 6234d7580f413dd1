"""What is broken inside the text of a page: pictures without words, links to a part
of a page that is not there, HTML and Markdown that readers would not see as meant.
"""

import re
from collections.abc import Iterator

from .page_html import html_faults
from .page_markdown import markdown_faults, without_code
from .page_parts import dead_part, page_named
from .pages import LINK, Page, Pages

_PICTURE = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<file>[^)\s]+)")
_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|svg|gif|webp)", re.IGNORECASE)


def faults(page: Page, pages: Pages) -> Iterator[tuple[int, str]]:
    """Yield each fault with its line in the file."""
    for position, advice in (*_links(page, pages), *markdown_faults(page.body)):
        yield page.line_at(position), advice
    for line, advice in html_faults(without_code(page.body), page, pages):
        yield page.first_line + line - 1, advice


def _links(page: Page, pages: Pages) -> Iterator[tuple[int, str]]:
    """Yield pictures without words and dead parts, with their place in the body."""
    for found in _PICTURE.finditer(page.body):
        if not found["words"].strip() or _FILE_NAME.fullmatch(found["words"].strip()):
            name = found["file"]
            advice = (
                f"{name}: say in words what the picture shows, ![like this]({name})"
            )
            yield found.start(), advice
    for found in LINK.finditer(page.body):
        target, _, part = found[2].partition("#")
        if reason := dead_part(part, page_named(target, page, pages), pages):
            yield found.start(), f"“{found[2]}”: {reason}"
