"""Acts on many rows come in steps, so that nobody who sends waits for them."""

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from math import inf
from typing import TypeVar

from ..store import search
from .context import WorkflowContext

Item = TypeVar("Item")

# What one transaction may do at most, and what it leaves to the others after it.
ROWS = 200
SECONDS = 0.05
PAUSE_SECONDS = 0.05


def one_step(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items that fit into one transaction: at least one, if there is any."""
    ends = time.monotonic() + SECONDS
    for item in islice(items, ROWS):
        yield item
        if time.monotonic() >= ends:
            return


def forget_erased(context: WorkflowContext, seconds: float = inf) -> None:
    """Leave no erased word in the search and beside the rows, in steps.

    What does not fit into the seconds is left to the next purge; so is what a reader
    was in the way of.
    """
    ends = time.monotonic() + seconds
    while context.store.read(search.untidy) and time.monotonic() < ends:
        context.store.write(search.tidy)
        time.sleep(PAUSE_SECONDS if context.store.read(search.untidy) else 0)
    context.store.checkpoint()
