"""Steps that are repeated, each in a thread of its own, whatever happens in one."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from .mail.transport import whereabouts
from .store.connection import StorageUnavailable

AFTER_A_FAULT = 15.0

log = logging.getLogger(__name__)
# It returns the seconds until it is to be done again.
Step = Callable[[], float]


class Loops:
    """Steps by the names of their threads; some begin later, after so many seconds."""

    def __init__(
        self, steps: Mapping[str, Step], later: Mapping[str, float] | None = None
    ) -> None:
        self._later = later or {}
        self._stop = threading.Event()
        self._pauses = {name: threading.Event() for name in steps}
        # When each of them is to begin its next round.
        self._due = dict.fromkeys(steps, time.monotonic())
        self._threads = [
            threading.Thread(target=self._run, args=[step], name=name, daemon=True)
            for name, step in steps.items()
        ]

    def start(self) -> None:
        """Start all threads."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float) -> bool:
        """Ask all to end and wait; False when one is still busy."""
        self._stop.set()
        self.wake(self._pauses)
        for thread in self._threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads)

    def wake(self, names: Iterable[str]) -> None:
        """Let some begin their next round now."""
        for name in names:
            self._pauses[name].set()

    def still(self, seconds: float) -> list[str]:
        """Return the names of those that ended, or whose round is so late by now."""
        late = time.monotonic() - seconds
        return [
            thread.name
            for thread in self._threads
            if not thread.is_alive() or self._due[thread.name] < late
        ]

    def _run(self, step: Step) -> None:
        name = threading.current_thread().name
        self._stop.wait(self._later.get(name, 0.0))
        while not self._stop.is_set():
            pause = one_round(name, step)
            self._due[name] = time.monotonic() + pause
            if self._pauses[name].wait(pause) and not self._stop.is_set():
                self._pauses[name].clear()


def one_round(name: str, step: Step) -> float:
    """Do one step whatever happens in it; return the seconds until the next."""
    try:
        return step()
    except StorageUnavailable as error:
        log.warning("%s: storage unavailable (%s)", name, error)
    except Exception as error:
        # A loop that dies silently would break promises weeks later.
        log.error("%s: %s", name, whereabouts(error))
    return AFTER_A_FAULT


def repeated(step: Callable[[], None], seconds: float) -> Step:
    """Return a step that is done again after so many seconds."""

    def once() -> float:
        step()
        return seconds

    return once
