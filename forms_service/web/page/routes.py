"""A route as a value, so that every address stands in a table that can be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from .errors import ERRORS
from .rendering import Page
from .trouble import trouble_page, with_retry

# A view takes the page and the parts of the address; `GiveBack` also the trouble.
View = Callable[..., ResponseReturnValue]
GiveBack = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """An address, the name of its endpoint and what answers there.

    `back` answers the exceptions of `handles` with the same page and all that was
    typed in it; other exceptions become a page about trouble.
    """

    pattern: str
    endpoint: str
    view: View
    methods: tuple[str, ...] = ("GET",)
    back: GiveBack | None = None
    handles: tuple[type[Exception], ...] = ()


def register(blueprint: Blueprint, page: Page, routes: Sequence[Route]) -> None:
    """Let a blueprint answer at all routes of a table, in trouble too."""
    by_endpoint = {f"{blueprint.name}.{route.endpoint}": route for route in routes}
    for route in routes:
        view: Callable[..., Any] = partial(route.view, page)
        blueprint.add_url_rule(
            route.pattern, route.endpoint, view, methods=list(route.methods)
        )

    def answer(error: Exception) -> Response:
        route = by_endpoint.get(request.endpoint or "")
        if route and route.back and isinstance(error, route.handles):
            given = route.back(page, error, **(request.view_args or {}))
            return with_retry(given, error)
        return trouble_page(page, error)

    for kind in ERRORS:
        blueprint.register_error_handler(kind, answer)
