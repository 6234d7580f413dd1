"""The built public site on the same origin: files of one folder, read only."""

import json
import mimetypes
import re
from collections.abc import Mapping
from os.path import exists
from pathlib import Path

from flask import Response, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from ...caches import remembered
from ...shapes.chrome import POLICIES
from ...urls import SERVICE
from ..core import WebContext
from ..core.responses import POLICY

# Folders and names that change with their content, as the site build makes them.
_HASHED = re.compile(r"(^|[/._-])[0-9a-f]{8,}[/._]")
_PACKED = (("br", ".br"), ("gzip", ".gz"))
TYPES = {
    ".html": "text/html",
    ".ics": "text/calendar",
    ".woff2": "font/woff2",
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
}


def site_page(web: WebContext, path: str = "") -> Response:
    """Answer with a file of the site, `/folder/` with its index.html.

    Raise `NotFound`, which becomes the site's own page about it.
    """
    folder = web.config.site_dir.resolve()
    file = _find(folder, path)
    if file is None:
        raise NotFound
    if file.is_dir():
        if path and not path.endswith("/"):
            return _moved(f"/{path}/")
        file = file / "index.html"
        if not file.is_file():
            raise NotFound
    return send(file, folder)


def is_there(web: WebContext, path: str) -> bool:
    """Say whether the site has a page of this address."""
    return _find(web.config.site_dir.resolve(), f"{path}/index.html") is not None


def _moved(path: str) -> Response:
    # "//host" would be another machine.
    response = redirect("/" + path.lstrip("/"), 301)
    assert isinstance(response, Response)  # noqa: S101 - Flask's own class
    return response


def _find(folder: Path, path: str) -> Path | None:
    """Return what a path means inside the folder; None for anything outside."""
    joined = safe_join(str(folder), path) if path else str(folder)
    if joined is None or "\0" in joined:
        return None
    file = Path(joined)
    # A path's own `exists` raises for a name that is too long for a file.
    if any(part.startswith(".") for part in Path(path).parts) or not exists(file):
        return None
    return file if file.resolve().is_relative_to(folder) else None


def send(file: Path, folder: Path, status: int = 200) -> Response:
    """Return a file of the built site with its type, packed if the browser takes it."""
    name = file.relative_to(folder).as_posix()
    packed, coding = _packed(file)
    content, facts = packed.read_bytes(), packed.stat()
    response = Response(content, status, content_type=_type(file))
    response.set_etag(f"{facts.st_mtime_ns:x}-{facts.st_size:x}")
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = _life(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Frame-Options"] = "DENY"
    if file.suffix == ".html":
        response.headers["Content-Security-Policy"] = policy(folder, name)
    if status == 200:
        response.make_conditional(request, True, len(content))
    return response


def _type(file: Path) -> str:
    usual = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    kind = TYPES.get(file.suffix.lower(), usual)
    text = kind.startswith("text/") or kind.endswith("xml")
    return f"{kind}; charset=utf-8" if text else kind


def _packed(file: Path) -> tuple[Path, str]:
    for coding, suffix in _PACKED:
        beside = file.with_name(file.name + suffix)
        if request.accept_encodings[coding] and beside.is_file():
            return beside, coding
    return file, ""


def policy(folder: Path, name: str) -> str:
    """Return what the build lets a page load; a page it did not make, no script."""
    try:
        return _policies(folder)[name]
    except (OSError, ValueError, LookupError, TypeError):
        return POLICY.replace("script-src 'self'", "script-src 'none'")


@remembered("site policies")
def _policies(folder: Path) -> Mapping[str, str]:
    """Read the record of one build; every build has a folder of its own."""
    found: dict[str, str] = json.loads((folder / POLICIES).read_text(encoding="utf-8"))
    return found


def _life(name: str) -> str:
    if _HASHED.search(name):
        return "public, max-age=31536000, immutable"
    if name.endswith(".html"):
        return "public, max-age=60"
    return "public, max-age=3600"


def not_found_page(web: WebContext) -> Response | None:
    """Return the site's page for addresses that do not exist, if it was built.

    It is in the language that the address names, or in the main one; of a page that
    was removed on purpose it says so (410).
    """
    folder = web.config.site_dir.resolve()
    path = request.path.rstrip("/")
    retired = {path.rstrip("/") for path in web.context.content.project.gone}
    status = 410 if path in retired else 404
    lang = path.removeprefix(SERVICE).lstrip("/").partition("/")[0]
    own = folder / lang if lang in web.pages.by_language else folder
    for file in (own / f"{status}.html", folder / f"{status}.html"):
        if file.is_file():
            return send(file, folder, status)
    return None
