"""Answers, and the headers that protect them: pages, downloads, the way to a page."""

import re
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

from flask import Response
from markupsafe import escape
from werkzeug.datastructures import Headers
from werkzeug.urls import iri_to_uri

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        # The page after sending looks whether its mail was refused.
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    # Not no-referrer: that would make the Origin of our own forms `null`.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
# Every answer, whatever it is: nothing of ours needs a device, or another window.
ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Content-Type-Options": "nosniff",
}
OF_PAGES = {**HEADERS, **ALWAYS, "Content-Type": "text/html; charset=utf-8"}
# What a POST is answered with cannot be asked for again: without a copy of its own the
# browser answers "back" with its error page. The copy serves its history alone; of a
# form for people whose device may be watched (`safety`) not even that remains.
OWN_COPY = "private, max-age=0"
# An address as a header may hold it; what a program that does not go there by itself
# finds in the answer (RFC 9110, 15.4.4).
_PLAIN = re.compile(r"[\w/.?=-]*", re.ASCII)
_WAY = (
    '<!DOCTYPE html>\n<html lang="en">\n<title>See other</title>\n'
    '<h1><a href="%s">See other</a></h1>\n'
)


class PageHeaders(Headers):
    """The headers of a page: written here, so that none is looked at again."""

    def __init__(self) -> None:
        super().__init__()
        self._list += OF_PAGES.items()


class PageResponse(Response):
    """A page with all its headers, of which none depends on who asks for it."""

    def __init__(self, html: str | bytes, status: int) -> None:
        super().__init__(html, status, PageHeaders())

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Headers:
        """Return the headers as they are; the base class copies and checks each."""
        return self.headers


def protect(response: Response) -> Response:
    """Give an answer the headers that no answer goes without."""
    if not isinstance(response, PageResponse):
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
    return response


def see_other(url: str) -> Response:
    """Lead on to a page with GET; nobody may keep the way there."""
    if not _PLAIN.fullmatch(url):
        # What was asked for may hold what no header can.
        url = iri_to_uri("".join(filter(str.isprintable, url)))
    response = PageResponse(_WAY % escape(url), 303)
    response.headers["Location"] = url
    return response


def download(content: bytes | str | Iterator[bytes], kind: str, name: str) -> Response:
    """Return a file to be saved under a name in any script.

    A header takes only ASCII: other letters go as `filename*=UTF-8''…` (RFC 6266),
    beside what is left of the name for programs that do not know it.
    """
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode()
    names = {"filename": plain}
    if plain != name:
        names["filename*"] = f"UTF-8''{quote(name, safe='')}"
    response = Response(content, headers=HEADERS)
    response.headers["Content-Type"] = kind
    response.headers.set("Content-Disposition", "attachment", **names)
    return response
