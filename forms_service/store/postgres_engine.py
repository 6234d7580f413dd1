"""PostgreSQL as the store of one process uses it: one that writes, many that read.

Many processes write, one at a time: each transaction that writes begins by taking one
advisory lock, which ends with it. So whatever a job reads is still true when it writes,
places and numbers are given in order of arrival, the log is one chain, and who reads on
by number passes no transaction that is still open. All jobs that wait in a process
share the lock, and one commit, as on SQLite.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import psycopg
from psycopg_pool import ConnectionPool

from .connection import Connection, NotMigrated
from .postgres import (
    MIGRATED,
    OPTIONS,
    PATIENCE_SECONDS,
    SILENCE_SECONDS,
    WRITING,
    PostgresConnection,
    completed,
    connect,
    passing_faults,
    refuse_unfit,
    wait_at_most,
)

READERS = 16
READER_SECONDS = 5.0
# Asked again after a second or two, however long the server was gone.
RECONNECT_SECONDS = 2.0


class PostgresEngine:
    """The server, for one process: the writer's connection, and a pool of readers."""

    passing_faults = staticmethod(passing_faults)

    def __init__(self, url: str) -> None:
        self._url = url
        self._patience = PATIENCE_SECONDS
        self._pool = ConnectionPool(
            completed(url),
            connection_class=PostgresConnection,
            kwargs=OPTIONS,
            min_size=0,
            max_size=READERS,
            num_workers=1,
            timeout=READER_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            configure=_hurried,
            open=True,
        )

    def writing(self, patience: float) -> PostgresConnection:
        """Open the connection that writes, on a server that keeps what it commits.

        Raise `NotMigrated`, or `UnfitDatabase`.
        """
        self._patience = patience
        db = connect(self._url, patience)
        try:
            refuse_unfit(db)
            if not db.dialect.has_table(db, MIGRATED):
                raise NotMigrated
        except BaseException:
            db.close()
            raise
        return db

    def begin(self, db: Connection) -> Connection:
        """Wait for the turn of this process; connect again if the server was gone."""
        writing = cast(PostgresConnection, db)
        try:
            return self._begun(writing)
        except psycopg.OperationalError:
            if not writing.closed:
                raise
        # It may be another server now.
        return self._begun(self.writing(self._patience))

    def _begun(self, db: PostgresConnection) -> PostgresConnection:
        db.longest = SILENCE_SECONDS
        db.at_once(f"BEGIN; SELECT pg_advisory_xact_lock({WRITING})")
        return db

    @contextmanager
    def reading(self) -> Iterator[PostgresConnection]:
        """Lend a connection of the pool, in one snapshot."""
        with passing_faults():
            db = self._reader()
            try:
                with db:
                    yield db
            finally:
                self._pool.putconn(db)

    def _reader(self) -> PostgresConnection:
        """Return a connection in a snapshot; those that the server has left go."""
        left = READERS
        while True:
            db = self._pool.getconn()
            try:
                db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return db
            except psycopg.OperationalError:
                self._pool.putconn(db)
                left -= 1
                if left < 0:
                    raise

    def prove_writable(self, db: Connection) -> None:
        """Write into the log of the server: it changes no row, and is flushed."""
        db.execute("SELECT pg_logical_emit_message(true, 'forms', '')")

    def forget_erased(self, db: Connection) -> bool:
        """Have erased rows taken out of tables and indexes; never waits."""
        db.execute(
            "VACUUM (SKIP_LOCKED) submissions, revisions, notes, outbox, attachments"
        )
        return True

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()


def _hurried(db: PostgresConnection) -> None:
    """Let a reader, too, wait only so long for a lock and for the server."""
    wait_at_most(db, PATIENCE_SECONDS)
    db.longest = SILENCE_SECONDS
