"""The database of one process: the one door for writing, a way in for reading."""

from pathlib import Path

from .connection import Engine, Job, Result
from .sqlite import SqliteEngine
from .writer import PATIENCE_SECONDS, Writer


class Store:
    """One process's way to the database, whichever it is."""

    def __init__(self, path: Path, patience: float = PATIENCE_SECONDS) -> None:
        self.path = path
        self._engine: Engine = SqliteEngine(path)
        self._writer = Writer(self._engine, patience)

    def write(self, job: Job[Result]) -> Result:
        """Run a job in a transaction and return after COMMIT.

        The job sees a connection inside a transaction in which nobody else writes, and
        does nothing else than use it; if it raises, nothing is stored. Raise
        `StorageUnavailable` when the disk refuses, or when it was not its turn for two
        seconds.
        """
        return self._writer.run(job)

    def read(self, job: Job[Result]) -> Result:
        """Run a job on a connection that cannot write, in one snapshot."""
        with self._engine.reading() as db:
            return job(db)

    def prove_writable(self) -> None:
        """Commit a write that changes no row; raise `StorageUnavailable`."""
        self.write(self._engine.prove_writable)

    def checkpoint(self) -> bool:
        """Have erased text forgotten beside the rows too.

        Return False when a reader was in the way; the next run tries again. Nobody
        who sends waits for that reader.
        """
        return self._writer.run(self._engine.forget_erased, alone=True)

    def close(self) -> None:
        """Close all connections; what was committed is on disk already."""
        self._writer.close()
        self._engine.close()
