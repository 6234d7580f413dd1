"""Silence towards a mail server that lets nobody in, or refuses every mail."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FIRST_SILENCE = 2.0
LONGEST_SILENCE = 900.0

log = logging.getLogger(__name__)


class Breaker:
    """Silence that all senders keep while no connection succeeds; one of them tries."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._trying = threading.Lock()
        self._failures = 0
        self._until = 0.0
        self._since = 0.0
        self.refuses = ""

    @property
    def failing_for(self) -> float:
        """For how many seconds no connection has succeeded; 0 if one has."""
        return self._seconds() - self._since if self._failures else 0.0

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Say whether the caller may connect: everybody, or one after each silence."""
        if not self._failures:
            yield True
        elif self._seconds() < self._until or not self._trying.acquire(blocking=False):
            yield False
        else:
            try:
                yield True
            finally:
                self._trying.release()

    def failed(self, reason: str, refuses: bool = False) -> None:
        """Count a failed connection; those that fail in the silence are of the same.

        Or one on which the server `refuses` every mail.
        """
        now, self.refuses = self._seconds(), reason if refuses else ""
        if now >= self._until:
            self._since = self._since if self._failures else now
            silence = min(FIRST_SILENCE * 2.0**self._failures, LONGEST_SILENCE)
            self._until, self._failures = now + silence, self._failures + 1
            said = "mail server refuses all" if refuses else "no mail server"
            log.warning("%s (%s): again in %d s", said, reason, silence)

    def succeeded(self) -> None:
        """End the silence."""
        self._failures = 0
