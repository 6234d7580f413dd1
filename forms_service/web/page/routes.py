"""A route as a value, so that every address stands in a table that can be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from .rendering import Page

# A view takes the page and the parts of the address.
View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Route:
    """An address, the name of its endpoint and what answers there."""

    pattern: str
    endpoint: str
    view: View
    methods: tuple[str, ...] = ("GET",)


def register(blueprint: Blueprint, page: Page, routes: Sequence[Route]) -> None:
    """Let a blueprint answer at all routes of a table."""
    for route in routes:
        view: Callable[..., Any] = partial(route.view, page)
        blueprint.add_url_rule(
            route.pattern, route.endpoint, view, methods=list(route.methods)
        )
