"""The log, written by a thread of its own: no request waits for a slow terminal."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import QueueHandler, QueueListener
from queue import Full, Queue
from typing import TextIO

FORMAT = "%(levelname)s %(name)s %(message)s"
# Lines that may wait to be written; the next ones are dropped and counted.
BUFFER = 10_000


class LogQueue(QueueHandler):
    """Take lines while there is room; one that cannot be taken is counted."""

    def __init__(self, size: int) -> None:
        self._lines: Queue[logging.LogRecord] = Queue(size)
        super().__init__(self._lines)
        self.dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Leave the record as it is: the thread that writes it puts it into words."""
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Take a line; a warning or a fault waits for room, a request does not."""
        if record.levelno > logging.INFO:
            self._lines.put(record)
            return
        try:
            self._lines.put_nowait(record)
        except Full:
            self.dropped += 1


class LogWriter(QueueListener):
    """Write the lines, and before the next one how many are missing."""

    def __init__(self, lines: LogQueue, target: logging.Handler) -> None:
        super().__init__(lines.queue, target)
        self._from, self._told = lines, 0

    def enqueue_sentinel(self) -> None:
        """End after the last line, also of a queue that is full."""
        self.queue.put(self._sentinel)  # type: ignore[attr-defined]

    def handle(self, record: logging.LogRecord) -> None:
        """Write one line."""
        if missing := self._from.dropped - self._told:
            self._told += missing
            words = {"msg": f"{missing} lines of the log were dropped", "name": "log"}
            words |= {"levelname": "WARNING"}
            super().handle(logging.makeLogRecord({**words, "levelno": logging.WARNING}))
        super().handle(record)


@contextmanager
def log_in_background(
    stream: TextIO | None = None, size: int = BUFFER
) -> Iterator[LogQueue]:
    """Write the log of all modules to a stream, stderr if none is given."""
    target = logging.StreamHandler(stream)
    target.setFormatter(logging.Formatter(FORMAT))
    lines = LogQueue(size)
    writer = LogWriter(lines, target)
    root = logging.getLogger()
    before = root.level
    root.addHandler(lines)
    root.setLevel(logging.INFO)
    writer.start()
    try:
        yield lines
    finally:
        root.removeHandler(lines)
        root.setLevel(before)
        writer.stop()
