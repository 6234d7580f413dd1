"""Boxes in a list, and what can be done with the requests that are chosen in it."""

from collections.abc import Callable
from typing import Any

from ...i18n import N_
from ...store.events import EventVerb
from ...workflow import bulk

ACTS = {
    EventVerb.ACCEPT: N_("Accept"),
    EventVerb.DECLINE: N_("Decline"),
    EventVerb.ASSIGN: N_("Pass on"),
}


def choosing(shown: int, count: Callable[[int], int] | None) -> dict[str, Any]:
    """Return what `staff/choosing.html` needs for a page of a list.

    `count` says how many the whole list has, up to a number, if it has more pages.
    """
    return {
        "token": bulk.token,
        "acts": ACTS,
        "most": bulk.MOST,
        "whole": count(bulk.MOST + 1) if count else shown,
    }
