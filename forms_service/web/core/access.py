"""Who may pass: deny by default, no forms from other sites, whose address it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Request, request
from flask.typing import ResponseReturnValue

from ...config import Network
from .routing import Route

Check = Callable[[], ResponseReturnValue | None]
# How much a request may be: typed text, or files where an address takes them. The
# server lets no more through.
TYPED_LIMIT = 1024 * 1024
FILES_LIMIT = 25 * 1024 * 1024


class CrossSite(Exception):
    """A form was posted here by a page of another site."""


@dataclass(frozen=True, slots=True)
class Area:
    """One area of the web: its blueprint, which endpoints are open, who checks.

    `open` names endpoints with the blueprint before a dot; every other endpoint of
    the app passes through `check`, which lets through by returning None. `routes` are
    those of the area, by endpoint.
    """

    blueprint: Blueprint
    open: frozenset[str]
    check: Check | None = None
    routes: Mapping[str, Route] = field(default_factory=dict)


def require_access(app: Flask, areas: Sequence[Area]) -> None:
    """Check before every view of the app who may see it."""
    free = frozenset[str]().union(*(area.open for area in areas))
    checks = [area.check for area in areas if area.check]

    @app.before_request
    def check_access() -> ResponseReturnValue | None:
        if request.method == "POST":
            refuse_cross_site(request)
        if request.endpoint is None or request.endpoint in free:
            return None
        for check in checks:
            if (answer := check()) is not None:
                return answer
        return None if checks else ("", 403)


def refuse_cross_site(posted: Request) -> None:
    """Raise `CrossSite` when the browser says that another site posts.

    Without Sec-Fetch-Site the Origin must name our own host; a client that sends
    neither header is no browser that could be misled.
    """
    site = posted.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site in ("cross-site", "same-site"):
            raise CrossSite
        return
    origin = posted.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != posted.host:
        raise CrossSite


def client_address(http_request: Request, proxies: Sequence[Network]) -> str:
    """Return the address that asks: the last one that is not a trusted proxy."""
    forwarded = http_request.headers.get("X-Forwarded-For", "")
    client_ip = http_request.remote_addr or ""
    for hop in reversed([part.strip() for part in forwarded.split(",") if part]):
        if not _trusted(client_ip, proxies):
            break
        client_ip = hop
    return client_ip


def _trusted(client_ip: str, proxies: Sequence[Network]) -> bool:
    try:
        known = ip_address(client_ip)
    except ValueError:
        return False
    return any(known in network for network in proxies)


class PageTooOld(Exception):
    """The key of a summary page is none of ours, or of keys that have been changed."""


class TrapFilled(Exception):
    """A box that no person sees was filled in."""


class DraftUnavailable(Exception):
    """There is no built PDF of this version that could hold what was typed."""


class FileMissing(Exception):
    """No file was chosen, or an empty one."""
