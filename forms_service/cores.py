"""Where the threads of the service run: all on one core, its children on any.

Python runs in one thread at a time. Threads on several cores wake one another for their
turn a hundred times in a journey, and begin it with cold caches: a quarter of its cost.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from secrets import randbelow

# Where this process may run; empty where the system does not say.
_ALL = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def how_many() -> int:
    """Return how many cores there are for us; 1 where the system does not say."""
    return len(_ALL) or 1


@contextmanager
def one_core(name: str = "forms-service") -> Iterator[None]:
    """Keep this thread, and those it starts, on a core that nobody of the name has.

    Where all are taken, or there is only one, nothing changes.
    """
    # The kernel gives back the address of a socket whose process was killed.
    with closing(socket.socket(socket.AF_UNIX)) as claim:
        core = _claimed(claim, name)
        if core is None:
            yield
            return
        with _threads_on([core]):
            yield


@contextmanager
def any_core() -> Iterator[None]:
    """Start children in here: they run where the thread may that starts them."""
    with _threads_on(_ALL):
        yield


def _claimed(claim: socket.socket, name: str) -> int | None:
    """Return the core that a socket claims from now on; None if there is none to."""
    # Those in containers do not see the claims of one another.
    begin = randbelow(len(_ALL) or 1)
    for core in [*_ALL[begin:], *_ALL[:begin]] if len(_ALL) > 1 else []:
        with suppress(OSError):
            claim.bind(f"\0{name} on core {core}")
            return core
    return None


@contextmanager
def _threads_on(cores: list[int]) -> Iterator[None]:
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    # The machine may not let us, or have fewer cores by now.
    with suppress(OSError):
        os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, before)
