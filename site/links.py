"""Check every link of the built site against its files and the service's addresses."""

import re
from collections.abc import Collection
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from lxml import html

from forms_service import urls

_SERVED = tuple(
    re.compile(re.sub(r"<[^>]+>", "[^/]+", pattern))
    for pattern in (
        urls.FORM_PATTERN,
        urls.CHECK_RECEIPT_PATTERN,
        urls.LOST_LINK_PATTERN,
    )
)


def broken_links(
    folder: Path, forms: frozenset[tuple[str, str]], calendars: Collection[str] = ()
) -> list[str]:
    """Return one sentence per broken link; `forms` are the (form, language) served.

    `calendars` are the addresses of calendar files, which the service sends too.
    Links to other sites are not followed: a build must not need a network.
    """
    parser = html.HTMLParser(encoding="utf-8")
    pages = {
        file: html.parse(str(file), parser) for file in sorted(folder.rglob("*.html"))
    }
    ids = {file: frozenset(page.xpath("//@id")) for file, page in pages.items()}
    problems = []
    for file, page in pages.items():
        here = "/" + str(file.relative_to(folder)).removesuffix("index.html")
        for link in page.xpath("//@href | //@src"):
            if link in calendars:
                continue
            if reason := _problem(link, here, folder, forms, ids):
                problems.append(f"{here}: link to {link}: {reason}")
    return problems


def _problem(
    link: str,
    here: str,
    folder: Path,
    forms: frozenset[tuple[str, str]],
    ids: dict[Path, frozenset[str]],
) -> str:
    parts = urlsplit(link)
    if parts.scheme in ("https", "http", "mailto", "tel", "data"):
        return ""
    if parts.scheme or parts.netloc:
        return "unknown kind of link"
    path, fragment = urldefrag(link)
    path = unquote(path.partition("?")[0]) or here
    if not path.startswith("/"):
        return "not an address from the first page on"
    if path.startswith(tuple(f"{prefix}/" for prefix in urls.SERVICE_PREFIXES)):
        return _served(path, forms)
    file = folder / path.lstrip("/")
    if path.endswith("/"):
        file /= "index.html"
    if not file.is_file():
        return "there is no such page or file"
    if fragment and file in ids and fragment not in ids[file]:
        return f"the page has no part called {fragment}"
    return ""


def _served(path: str, forms: frozenset[tuple[str, str]]) -> str:
    if not any(pattern.fullmatch(path) for pattern in _SERVED):
        return "the service has no such address"
    lang, name = path.removeprefix(f"{urls.SERVICE}/").split("/")
    if name in urls.RESERVED_FORM_IDS or (name, lang) in forms:
        return ""
    return "the service has no such form in this language"
