"""What answers where (`Route`), who may pass, and how often (`hit`).

Deny by default, no forms from other sites; whose address it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any

from flask import Blueprint, Flask, Request, Response, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItem, RateLimitItemPerMinute

from ...setting_readers import Network
from ...workflow.rights import Right
from .context import WebContext

# A route is a value, so that every address stands in a table that can be read.

# A view takes the page and the parts of the address; `OnError` also the exception.
View = Callable[..., ResponseReturnValue]
OnError = Callable[..., Response]
# In place of the names of boxes: every answer to a form of the definition.
ANSWERS = ("*",)


@dataclass(frozen=True, slots=True)
class Route:
    """An address, the name of its endpoint and what answers there.

    `on_error` answers the exceptions of `errors` with the same page and all that was
    typed in it; other exceptions become a page about the error, which gives back what
    was written in the boxes called `words` (`ANSWERS`: in all of a form). In the staff
    area each declares the `right` that it needs.
    """

    pattern: str
    endpoint: str
    view: View
    methods: tuple[str, ...] = ("GET",)
    on_error: OnError | None = None
    errors: tuple[type[Exception], ...] = ()
    words: tuple[str, ...] = ()
    right: Right | None = None


def post(
    pattern: str,
    endpoint: str,
    view: View,
    on_error: OnError | None = None,
    errors: tuple[type[Exception], ...] = (),
    words: tuple[str, ...] = (),
    right: Right | None = None,
) -> Route:
    """Return a route that only takes what a form posts."""
    return Route(pattern, endpoint, view, ("POST",), on_error, errors, words, right)


def register(
    blueprint: Blueprint, web: WebContext, routes: Sequence[Route]
) -> dict[str, Route]:
    """Let a blueprint answer at all routes of a table; return them by endpoint."""
    for route in routes:
        view: Callable[..., Any] = partial(route.view, web)
        blueprint.add_url_rule(
            route.pattern, route.endpoint, view, methods=list(route.methods)
        )
    return {f"{blueprint.name}.{route.endpoint}": route for route in routes}


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
        endpoint = request.endpoint
        if endpoint is None or endpoint in free:
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
    if origin is not None and origin.partition("://")[2] != posted.host:
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


# How often a network may do something: a hall of 200 behind one gets through, a flood
# does not. Mails that anybody can cause, and codes that anybody can try.
HALL = 300
MAILING = RateLimitItemPerMinute(HALL, 10, "mail")
TRYING = RateLimitItemPerMinute(HALL, 10, "code")


class TooEarly(Exception):
    """The turn of a summary page has not come; `key` is the page's, with its turn."""

    def __init__(self, key: str, seconds: int) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.key = key
        self.wait = timedelta(seconds=seconds)


class TooOften(Exception):
    """This network has done it too often; `wait` says for how long."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


def hit(web: WebContext, limit: RateLimitItem) -> None:
    """Count what the network that asks does now; raise `TooOften`."""
    network = asking_network(web)
    if not web.limiter.hit(limit, network):
        free_at = web.limiter.get_window_stats(limit, network).reset_time
        raise TooOften(timedelta(seconds=free_at - web.context.clock().timestamp()))


def asking_network(web: WebContext) -> str:
    """Return the network of whoever asks."""
    return network_of(client_address(request, web.config.trusted_proxies))


def network_of(client_ip: str) -> str:
    """Return the network that shares a limit: /24 of IPv4, /64 of IPv6."""
    try:
        known = ip_address(client_ip)
    except ValueError:
        return client_ip
    return str(ip_network(f"{known}/{24 if known.version == 4 else 64}", strict=False))
