"""A route as a value, so that every address stands in a table that can be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from .context import WebContext

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
    was written in the boxes called `words` (`ANSWERS`: in all of a form).
    """

    pattern: str
    endpoint: str
    view: View
    methods: tuple[str, ...] = ("GET",)
    on_error: OnError | None = None
    errors: tuple[type[Exception], ...] = ()
    words: tuple[str, ...] = ()


def post(
    pattern: str,
    endpoint: str,
    view: View,
    on_error: OnError | None = None,
    errors: tuple[type[Exception], ...] = (),
    words: tuple[str, ...] = (),
) -> Route:
    """Return a route that only takes what a form posts."""
    return Route(pattern, endpoint, view, ("POST",), on_error, errors, words)


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
