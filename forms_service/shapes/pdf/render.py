"""HTML becomes a tagged PDF (PDF/UA-1) in the vendored fonts.

The only module that imports WeasyPrint. It needs Pango on the machine and costs
80 MiB, so nothing that the serving process imports may import this.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydyf
from weasyprint import HTML
from weasyprint.document import Document
from weasyprint.pdf import fonts as pdf_fonts
from weasyprint.pdf import tags
from weasyprint.text.ffi import ffi
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

FONTS = Path(__file__).parent / "fonts"

# Two families, so that a letter of one script never falls into the other by chance.
FACES = "\n".join(
    f"@font-face {{ font-family: '{family}'; font-weight: {weight};"
    f" src: url('{(FONTS / file).as_uri()}'); }}"
    for family, weight, file in (
        ("Paper", 400, "NotoSans-Regular.ttf"),
        ("Paper", 700, "NotoSans-Bold.ttf"),
        ("Paper Arabic", 400, "NotoSansArabic-Regular.ttf"),
        ("Paper Arabic", 700, "NotoSansArabic-Bold.ttf"),
    )
)


OPTIONS = {"pdf_variant": "pdf/ua-1", "pdf_tags": True, "pdf_forms": True}


class _Arrays:
    """cffi for the fonts of a PDF, where one type is for arrays of every length.

    WeasyPrint 70 names the length in the type, and for each that is new cffi parses all
    its C again: a tenth of what a receipt costs.
    """

    def new(self, kind: str, values: Sequence[int] | None = None) -> Any:
        """Return what WeasyPrint asks for; an array of values is as long as they."""
        if values is not None:
            kind = re.sub(r"\[\d+\]", "[]", kind)
        return ffi.new(kind, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(ffi, name)


pdf_fonts.ffi = _Arrays()


@dataclass(frozen=True, slots=True)
class Sheets:
    """A page laid out on sheets of paper, not yet written."""

    document: Document

    @property
    def count(self) -> int:
        """Return how many sheets there are."""
        return len(self.document.pages)

    @property
    def last_used(self) -> float:
        """Return the part of the last sheet, between its margins, that holds text."""
        sheet: Any = self.document.pages[-1]._page_box
        body = sheet.children[0].children[0]
        used = body.position_y + body.height - sheet.content_box_y()
        return float(used / sheet.height)

    def pdf(self) -> bytes:
        """Return the tagged PDF."""
        with _languages_of_parts():
            printed = self.document.write_pdf(**OPTIONS)
        if not isinstance(printed, bytes):
            raise TypeError("WeasyPrint returned no PDF")
        return printed


def lay_out(html: str, fonts: FontConfiguration | None = None) -> Sheets:
    """Put a page on sheets; only its own fonts and data: addresses are read.

    `fonts` that were used before need not be loaded again.
    """
    fetcher = URLFetcher(allowed_protocols={"data", "file"})
    page = HTML(string=html.replace("/*faces*/", FACES, 1), url_fetcher=fetcher)
    return Sheets(page.render(font_config=fonts or FontConfiguration(), **OPTIONS))


def print_html(html: str, fonts: FontConfiguration | None = None) -> bytes:
    """Return the PDF of a page; see `lay_out`."""
    return lay_out(html, fonts).pdf()


@contextmanager
def _languages_of_parts() -> Iterator[None]:
    """Make WeasyPrint 70 write the `lang` of inner elements (WCAG 2 SC 3.1.2).

    It writes the language of the document only, and has no hook that knows both box
    and tag: docs/weasyprint-tags.md. A test fails on another version of WeasyPrint.
    """
    original = tags._build_box_tree

    def with_language(box: Any, *arguments: Any) -> Iterator[Any]:
        element = getattr(getattr(box, "_box", box), "element", None)
        lang = None
        if element is not None and element.tag not in ("html", "body"):
            lang = element.get("lang")
        for part in original(box, *arguments):
            if lang:
                part["Lang"] = pydyf.String(lang)
            yield part

    tags._build_box_tree = with_language
    try:
        yield
    finally:
        tags._build_box_tree = original
