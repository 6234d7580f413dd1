"""Connections to the one SQLite file, and the one door through which it is written.

`synchronous=FULL` because WAL with NORMAL loses acknowledged commits at a power cut;
BEGIN IMMEDIATE because a deferred transaction that reads and then writes fails at
once under contention, whatever the busy timeout says (ARCHITECTURE.md, data).
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

Connection = sqlite3.Connection
Row = sqlite3.Row
Result = TypeVar("Result")
Job = Callable[[Connection], Result]

BUSY_SECONDS = 5.0
# trusted_schema stays on: SQLite 3.40 counts json_extract as unsafe in the views and
# indexes of our own schema, and nobody else writes that schema.
PRAGMAS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "cell_size_check = ON",
)
# Anything else that SQLite reports is a mistake of ours, and must be loud.
_PASSING = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
)


class StorageUnavailable(Exception):
    """The disk is full, locked or failing: nothing was stored, try again."""


def connect(path: Path, read_only: bool = False) -> Connection:
    """Open the database with every pragma that the promises rest on.

    Raise `StorageUnavailable` when the file cannot be opened.
    """
    mode = "ro" if read_only else "rwc"
    with passing_faults():
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.row_factory = sqlite3.Row
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def passing_faults() -> Iterator[None]:
    """Turn full, locked and I/O errors into `StorageUnavailable`, and no others."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if (error.sqlite_errorcode & 0xFF) in _PASSING:
            raise StorageUnavailable(error.sqlite_errorname) from error
        raise


class Store:
    """One process's way to the database: a single writer, a reader per thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = connect(path)
        self._writing = threading.Lock()
        self._thread = threading.local()
        self._readers: list[Connection] = []

    def write(self, job: Job[Result]) -> Result:
        """Run a job in one transaction and return after COMMIT.

        The job sees a connection inside BEGIN IMMEDIATE; if it raises, nothing is
        stored. Raise `StorageUnavailable` when the disk refuses.
        """
        with self._writing, passing_faults():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                result = job(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            return result

    def read(self, job: Job[Result]) -> Result:
        """Run a job on this thread's read-only connection, in one snapshot."""
        with passing_faults():
            reader = self._reader()
            reader.execute("BEGIN")
            try:
                return job(reader)
            finally:
                reader.execute("COMMIT")

    def checkpoint(self) -> bool:
        """Fold the log into the file, so that erased text is on no page of either.

        Return False when a reader was in the way; the next run tries again.
        """
        with self._writing, passing_faults():
            busy = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy

    def close(self) -> None:
        """Close all connections; what was committed is on disk already."""
        for connection in (*self._readers, self._writer):
            connection.close()

    def _reader(self) -> Connection:
        reader: Connection | None = getattr(self._thread, "reader", None)
        if reader is None:
            reader = connect(self.path, read_only=True)
            self._thread.reader = reader
            self._readers.append(reader)
        return reader
