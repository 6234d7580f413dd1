"""The built public site on the same origin: files of one folder, read only."""

import mimetypes
import re
from pathlib import Path

from flask import Response, redirect, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from ..page import Page

# Names that change with their content, as MkDocs and Pagefind make them.
_HASHED = re.compile(r"[._-][0-9a-f]{8,}[._]")
_PACKED = (("br", ".br"), ("gzip", ".gz"))
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".woff2": "font/woff2",
    ".js": "text/javascript; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}


def site_page(page: Page, path: str = "") -> Response:
    """Answer with a file of the site, `/folder/` with its index.html.

    Raise `NotFound`, which becomes the site's own page about it.
    """
    file = _find(page.config.site_dir, path)
    if file is None:
        raise NotFound
    if file.is_dir():
        if path and not path.endswith("/"):
            return _moved(f"/{path}/")
        file = file / "index.html"
        if not file.is_file():
            raise NotFound
    return send(file)


def _moved(address: str) -> Response:
    # "//host" would be another machine.
    response = redirect("/" + address.lstrip("/"), 301)
    assert isinstance(response, Response)  # noqa: S101 - Flask's own class
    return response


def _find(folder: Path, path: str) -> Path | None:
    """Return what a path means inside the folder; None for anything outside."""
    joined = safe_join(str(folder.resolve()), path) if path else str(folder.resolve())
    if joined is None or "\0" in joined:
        return None
    file = Path(joined)
    if any(part.startswith(".") for part in Path(path).parts) or not file.exists():
        return None
    return file if file.resolve().is_relative_to(folder.resolve()) else None


def send(file: Path, status: int = 200) -> Response:
    """Return a file with its type, packed if the browser takes it."""
    suffix = file.suffix.lower()
    kind = TYPES.get(suffix) or mimetypes.guess_type(file.name)[0]
    packed, coding = _packed(file)
    response = send_file(
        packed.resolve(), kind or "application/octet-stream", conditional=status == 200
    )
    if response.status_code == 200:
        response.status_code = status
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = _life(file)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if suffix == ".html":
        response.headers["X-Frame-Options"] = "DENY"
    return response


def _packed(file: Path) -> tuple[Path, str]:
    for coding, suffix in _PACKED:
        beside = file.with_name(file.name + suffix)
        if request.accept_encodings[coding] and beside.is_file():
            return beside, coding
    return file, ""


def _life(file: Path) -> str:
    if _HASHED.search(file.name):
        return "public, max-age=31536000, immutable"
    if file.suffix == ".html":
        return "public, max-age=60"
    return "public, max-age=3600"


def not_found_page(page: Page) -> Response | None:
    """Return the site's page for addresses that do not exist, if it was built."""
    file = page.config.site_dir / "404.html"
    return send(file, 404) if file.is_file() else None
