"""The line in which the processes stand that write to one file of SQLite."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path


class Turns:
    """Two locks of the kernel, which frees those of whoever is killed.

    SQLite asks again and again for its own, less and less often: who has just committed
    would always be quicker. Here who waits for the second lock keeps the first, so that
    nobody is before them twice.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._files: list[int] = []

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn, however long it takes, and keep it."""
        with ExitStack() as kept:
            # Where there can be no line, the database says why nothing is written.
            with suppress(OSError):
                following, turn = self._opened()
                with _locked(following):
                    kept.enter_context(_locked(turn))
            yield

    def _opened(self) -> list[int]:
        for name in ("next", "turn")[len(self._files) :]:
            file = f"{self._database}-{name}"
            self._files.append(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        return self._files

    def close(self) -> None:
        """Leave the line."""
        while self._files:
            os.close(self._files.pop())


@contextmanager
def _locked(file: int) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
