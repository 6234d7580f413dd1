"""Is it HTML? Parse errors as the HTML standard defines them, one sentence each."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import html5lib
from flask import Flask, Response, request_finished
from html5lib.constants import E
from lxml import html


def html_faults(page: str) -> list[str]:
    """Return what a strict reader complains of; a good page gives an empty list."""
    parser = html5lib.HTMLParser()
    parser.parse(page)
    found = [
        f"line {line}: {E[code] % data}" for (line, _), code, data in parser.errors
    ]
    root = html.document_fromstring(page)
    return found + misplaced(root)


def misplaced(root: Any) -> list[str]:
    """Return what the grammar lets pass and the standard does not."""
    ids = root.xpath("//@id")
    found = [
        f"id {element_id} is there twice"
        for element_id in {*ids}
        if ids.count(element_id) > 1
    ]
    for path in (
        "//img[not(@alt)]",
        "//p//*[self::div or self::p or self::ul or self::h2]",
        "//a//*[self::a or self::button or self::input]",
        "//button//*[self::a or self::button or self::input or self::div]",
        "//label//label",
        "//ul/*[not(self::li)]|//ol/*[not(self::li)]",
        "//dl/*[not(self::dt or self::dd or self::div)]",
        "//*[@style or @align or @bgcolor or @border]",
        "/html[not(@lang)]",
        "//title[not(text())]",
        "//iframe[not(@title)]",
        "//form//form",
    ):
        found += [f"{path}: {html.tostring(item)[:120]!r}" for item in root.xpath(path)]
    return found


@contextmanager
def every_page_of(app: Flask) -> Iterator[dict[str, str]]:
    """Collect the pages that a service sends meanwhile, one of each kind and status."""
    pages: dict[str, str] = {}

    def remember(sender: object, response: Response, **_: object) -> None:
        if response.mimetype == "text/html" and not response.is_streamed:
            body = response.get_data()
            if response.content_encoding == "gzip":
                body = gzip.decompress(body)
            text = body.decode()
            title = html.document_fromstring(text).findtext(".//title") if text else ""
            pages[f"{response.status_code} {title}"] = text

    with request_finished.connected_to(remember, app):
        yield pages


def all_faults(pages: dict[str, str]) -> dict[str, list[str]]:
    """Return the faults of each page that has any."""
    found = {kind: html_faults(text) for kind, text in pages.items() if text}
    return {kind: faults for kind, faults in found.items() if faults}
