"""The log, written by a thread of its own: no request waits for a slow terminal.

It writes many lines at once: a thread that woke at each of them would take the
interpreter from whoever is being answered.
"""

import json
import logging
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from select import PIPE_BUF
from threading import Event, Thread
from typing import TextIO

FORMAT = "%(levelname)s %(name)s %(message)s"
# Lines that may wait to be written; the next ones are dropped and counted.
BUFFER = 10_000
# Seconds that a line waits for others to be written with it.
PAUSE = 0.1
# Letters that are written at once: a pipe keeps so many bytes together (pipe(7)).
PIECE = PIPE_BUF // 4


class JsonLines(logging.Formatter):
    """A line as a JSON object, for programs that gather the logs of many."""

    def format(self, record: logging.LogRecord) -> str:
        """Return moment, level, name and text."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": super().format(record),
        }
        return json.dumps(line, ensure_ascii=False)


class LogQueue(logging.Handler):
    """Take lines while there is room; one that cannot be taken is counted."""

    def __init__(self, stream: TextIO, size: int, as_json: bool) -> None:
        super().__init__()
        self.setFormatter(JsonLines() if as_json else logging.Formatter(FORMAT))
        self._stream, self._size = stream, size
        self._lines: deque[logging.LogRecord] = deque()
        self._come, self._over = Event(), Event()
        self._thread = Thread(target=self._work, name="log", daemon=True)
        self.dropped = self._reported = 0
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line; there is always room for a warning or a fault."""
        if len(self._lines) >= self._size and record.levelno <= logging.INFO:
            self.dropped += 1
            return
        self._lines.append(record)
        if not self._come.is_set():
            self._come.set()

    def close(self) -> None:
        """Write what waits, then end."""
        self._over.set()
        self._come.set()
        self._thread.join()
        # What came while the thread was writing for the last time.
        self._write()
        super().close()

    def _work(self) -> None:
        while not self._over.is_set():
            self._come.wait()
            self._over.wait(PAUSE)
            # Before the lines are taken: one that comes later says so again.
            self._come.clear()
            self._write()

    def _write(self) -> None:
        """Write all that waits, and before it how many lines are missing."""
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        note: list[logging.LogRecord] = []
        if missing := self.dropped - self._reported:
            words = {"msg": f"{missing} lines of the log were dropped", "name": "log"}
            note = [logging.makeLogRecord({**words, "levelname": "WARNING"})]
        try:
            for piece in in_pieces(map(self._text, note + lines)):
                self._stream.write(piece)
                self._stream.flush()
            self._reported += missing
        except (OSError, ValueError):
            # Nobody reads any more: what is served does not depend on it.
            self.dropped += len(lines)

    def _text(self, line: logging.LogRecord) -> str:
        try:
            return f"{self.format(line)}\n"
        except Exception as fault:
            # A line of another library with a fault in it takes no other along.
            return f"ERROR log {line.name}: {type(fault).__name__}\n"


def in_pieces(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines together, as far as a pipe keeps them so beside other processes."""
    piece = ""
    for line in lines:
        if piece and len(piece) + len(line) > PIECE:
            yield piece
            piece = ""
        piece += line
    if piece:
        yield piece


@contextmanager
def log_in_background(
    stream: TextIO | None = None, size: int = BUFFER, as_json: bool = False
) -> Iterator[LogQueue]:
    """Write the log of all modules to a stream, stderr if none is given."""
    lines = LogQueue(stream or sys.stderr, size, as_json)
    root = logging.getLogger()
    before = root.level
    root.addHandler(lines)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(lines)
        root.setLevel(before)
        lines.close()
