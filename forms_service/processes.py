"""The processes of one service on one machine: forked from the first, ended with it.

Python runs in one thread at a time, so each core that is to serve has a process.
"""

import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from select import POLLIN, poll
from threading import Thread
from typing import NoReturn

from .siblings import Siblings, new_line

# Who is asked to end has running requests to answer first.
END_SECONDS = 15.0
PR_SET_PDEATHSIG = 1

log = logging.getLogger(__name__)


class SharedLock:
    """A lock for the threads of this process and of those that it forks from now on.

    A byte in a pipe: who reads it has the lock.
    """

    def __init__(self) -> None:
        self._free, self._given = os.pipe()
        os.set_blocking(self._free, False)
        self._give()

    @contextmanager
    def held(self, timeout: float) -> Iterator[None]:
        """Hold it; raise `TimeoutError` after so many seconds without it."""
        if not self._taken(time.monotonic() + timeout):
            raise TimeoutError
        try:
            yield
        finally:
            self._give()

    def _taken(self, ends: float) -> bool:
        waiting = poll()
        waiting.register(self._free, POLLIN)
        while waiting.poll(max(0.0, ends - time.monotonic()) * 1000):
            # Another one may have been quicker.
            with suppress(BlockingIOError):
                return bool(os.read(self._free, 1))
        return False

    def _give(self) -> None:
        os.write(self._given, b"1")


def run_together(processes: int, run: Callable[[Siblings], None]) -> bool:
    """Run a function in so many processes; return in the first whether all ended well.

    Nothing may run beside this thread yet. If one ends by itself the others are asked
    to; the kernel kills them with the first, whatever kills that.
    """
    lines = [new_line() for _ in range(processes)] if processes > 1 else []
    first = os.getpid()
    children: list[int] = []
    for number in range(1, processes):
        child = os.fork()
        if not child:
            _be_child(first, run, Siblings(number, lines))
        children.append(child)
    together = _Children(children)
    try:
        run(Siblings(0, lines))
    finally:
        well = together.end()
    return well


def _be_child(
    first: int, run: Callable[[Siblings], None], siblings: Siblings
) -> NoReturn:
    code = os.EX_SOFTWARE
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # It may have ended before that was said.
        if os.getppid() == first:
            run(siblings)
            code = os.EX_OK
    except BaseException as error:
        log.error("process %d: %s", siblings.number, type(error).__name__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # What the first one has opened is the first one's to close.
        os._exit(code)


class _Children:
    """The other processes, watched by the first: it ends when one of them does."""

    def __init__(self, children: Sequence[int]) -> None:
        self._left = set(children)
        self._ending = self._failed = False
        self._threads = [
            Thread(target=self._watch, args=[child], name="sibling", daemon=True)
            for child in children
        ]
        for thread in self._threads:
            thread.start()

    def _watch(self, child: int) -> None:
        _, status = os.waitpid(child, 0)
        self._left.discard(child)
        if not self._ending:
            # Without a fault it was asked to, as this one is.
            self._failed = self._failed or status != 0
            log.warning("a process of the service has ended: %d", status)
            os.kill(os.getpid(), signal.SIGTERM)

    def end(self) -> bool:
        """Ask all to end, and wait; return whether none ended by itself."""
        self._ending = True
        for how in (signal.SIGTERM, signal.SIGKILL):
            for child in list(self._left):
                with suppress(ProcessLookupError):
                    os.kill(child, how)
            ends = time.monotonic() + END_SECONDS
            for thread in self._threads:
                thread.join(max(0.0, ends - time.monotonic()))
        return not self._failed
