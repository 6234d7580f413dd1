"""Connections to the one SQLite file, and the one door through which it is written.

`synchronous=FULL` because WAL with NORMAL loses acknowledged commits at a power cut;
BEGIN IMMEDIATE because a deferred transaction that reads and then writes fails at
once under contention, whatever the busy timeout says (ARCHITECTURE.md, data).
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

Connection = sqlite3.Connection
Row = sqlite3.Row
Result = TypeVar("Result")
Job = Callable[[Connection], Result]

BUSY_SECONDS = 5.0
CHECKPOINT_MS = 100
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
    sqlite3.SQLITE_PROTOCOL,
)


class StorageUnavailable(Exception):
    """The disk is full, locked or failing: nothing was stored, try again."""


class NotMigrated(Exception):
    """The file at this path is no database of ours, or was never migrated."""


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
        # Errors that Python itself raises carry no code of SQLite.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if (code & 0xFF) in _PASSING:
            raise StorageUnavailable(error.sqlite_errorname) from error
        raise


class Store:
    """One process's way to the database: a single writer, a reader per thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = connect(path)
        self._writing = threading.Lock()
        self._opening = threading.Lock()
        self._readers: dict[threading.Thread, Connection] = {}
        mode = self._writer.execute("PRAGMA journal_mode").fetchone()[0]
        if mode != "wal":
            self._writer.close()
            raise NotMigrated(path)

    def write(self, job: Job[Result]) -> Result:
        """Run a job in one transaction and return after COMMIT.

        The job sees a connection inside BEGIN IMMEDIATE; if it raises, nothing is
        stored. Raise `StorageUnavailable` when the disk refuses, or when others have
        kept the turn for five seconds.
        """
        with passing_faults(), self._turn() as writer:
            try:
                writer.execute("BEGIN IMMEDIATE")
                result = job(writer)
                writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
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
                # A failing disk ends the transaction by itself.
                if reader.in_transaction:
                    reader.execute("COMMIT")

    def prove_writable(self) -> None:
        """Commit a write that changes no row; raise `StorageUnavailable`.

        A transaction that is rolled back succeeds on a full disk.
        """
        self.write(lambda db: db.execute("PRAGMA user_version = 0"))

    def checkpoint(self) -> bool:
        """Fold the log into the file, so that erased text is on no page of either.

        Return False when a reader was in the way; the next run tries again. Nobody
        who sends waits for that reader.
        """
        with passing_faults(), self._turn() as writer:
            writer.execute(f"PRAGMA busy_timeout = {CHECKPOINT_MS}")
            busy = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy

    def close(self) -> None:
        """Close all connections; what was committed is on disk already."""
        for connection in (*self._readers.values(), self._writer):
            connection.close()

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        """Lend the writer to one thread: all waiting together ends in five seconds."""
        latest = time.monotonic() + BUSY_SECONDS
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise StorageUnavailable("another thread is writing")
        try:
            left = max(1, int((latest - time.monotonic()) * 1000))
            self._writer.execute(f"PRAGMA busy_timeout = {left}")
            yield self._writer
        finally:
            self._writing.release()

    def _reader(self) -> Connection:
        thread = threading.current_thread()
        if thread not in self._readers:
            with self._opening:
                self._close_left_readers()
                self._readers[thread] = connect(self.path, read_only=True)
        return self._readers[thread]

    def _close_left_readers(self) -> None:
        for thread in [t for t in self._readers if not t.is_alive()]:
            self._readers.pop(thread).close()
