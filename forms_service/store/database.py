"""The database of one process: the one door for writing, a reader for each thread."""

import threading
from pathlib import Path

from .connection import (
    Connection,
    Job,
    NotMigrated,
    Result,
    connect,
    passing_faults,
)
from .writer import PATIENCE_SECONDS, Writer

CHECKPOINT_MS = 100


class Store:
    """One process's way to the database: a single writer, a reader per thread."""

    def __init__(self, path: Path, patience: float = PATIENCE_SECONDS) -> None:
        self.path = path
        self._opening = threading.Lock()
        self._readers: dict[threading.Thread, Connection] = {}
        db = connect(path)
        if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            db.close()
            raise NotMigrated(path)
        self._writer = Writer(db, patience)

    def write(self, job: Job[Result]) -> Result:
        """Run a job in a transaction and return after COMMIT.

        The job sees a connection inside BEGIN IMMEDIATE, and does nothing else than
        use it; if it raises, nothing is stored. Raise `StorageUnavailable` when the
        disk refuses, or when it was not its turn for two seconds.
        """
        return self._writer.run(job)

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
        return self._writer.run(_checkpoint, alone=True)

    def close(self) -> None:
        """Close all connections; what was committed is on disk already."""
        self._writer.close()
        for connection in self._readers.values():
            connection.close()

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


def _checkpoint(db: Connection) -> bool:
    patience = db.execute("PRAGMA busy_timeout").fetchone()[0]
    db.execute(f"PRAGMA busy_timeout = {CHECKPOINT_MS}")
    try:
        return not db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        db.execute(f"PRAGMA busy_timeout = {patience}")
