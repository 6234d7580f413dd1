"""Acts on many rows come in steps, so that nobody who sends waits for them."""

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

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
