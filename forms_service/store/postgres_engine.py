"""PostgreSQL as the store of one process uses it: some that write, many that read.

All write side by side, each statement on what is committed by then. What a job has
read stays true because it holds it: the submission (a row lock), the line of a form
with places, a mailbox (advisory locks by name). All jobs that wait in a process share
a transaction, as on SQLite. One that would wait for another process while those before
it hold something is put off, so they never wait for each other in a circle.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import (
    AbstractContextManager,
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from typing import cast

import psycopg
from psycopg_pool import ConnectionPool

from .connection import Connection, NotMigrated, UnfitDatabase
from .postgres import (
    MIGRATED,
    NUMBERING,
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
from .postgres_watch import MAILS, PAUSE_SECONDS, PostgresWatch, is_led

WRITERS = 6
READERS = 16
# It waits for those who read at its start.
RENEWING_SECONDS = 600.0
RENEWED_TODAY = (
    "SELECT coalesce(CAST(obj_description(to_regclass('submissions_words'), "
    "'pg_class') AS timestamptz) > now() - interval '20 hours', false), "
    "CAST(now() AS text)"
)
READER_SECONDS = 5.0
# Asked again after a second or two, however long the server was gone.
RECONNECT_SECONDS = 2.0
HURRY_MS = 20
NO_STANDBY = (
    "PostgreSQL has no synchronous standby (synchronous_standby_names is empty): when "
    "its disk is lost, what was called received since the last copy is lost too"
)
# What everybody who writes holds: that nobody is alone, and after which number of a
# submission its own will come.
SHARED = (
    "BEGIN ISOLATION LEVEL READ COMMITTED; "
    f"SELECT pg_advisory_xact_lock_shared({WRITING}), "
    f"pg_advisory_xact_lock_shared({NUMBERING}, "
    "CAST(last_value AS int) - CAST(NOT is_called AS int)) "
    "FROM submissions_number_seq"
)
# A plan is kept: one made while a table was small would read it through while it fills.
# For what has no index there is no other way, which is then no reason to compile.
# And what a server promised at the beginning of a connection is kept to its end.
BY_INDEX = (
    "SET enable_seqscan = off; SET jit = off; SELECT set_config('synchronous_commit', "
    "current_setting('synchronous_commit'), false)"
)
NEXT_JOB = f"RELEASE job; SET LOCAL lock_timeout = {HURRY_MS}; SAVEPOINT job"
ALONE = f"BEGIN; SELECT pg_advisory_xact_lock({WRITING})"


class PostgresEngine:
    """The server, for one process: connections that write, and a pool of readers."""

    shared = True
    writers = WRITERS
    passing_faults = staticmethod(passing_faults)

    def __init__(self, url: str) -> None:
        self._url = url
        self._patience = PATIENCE_SECONDS
        self._told = 0.0
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
        """Open a connection that writes, on a server that keeps what it commits.

        Raise `NotMigrated`, or `UnfitDatabase`.
        """
        self._patience = patience
        db = connect(self._url, patience)
        db.writes = True
        try:
            refuse_unfit(db)
            if not db.dialect.has_table(db, MIGRATED):
                raise NotMigrated
            db.at_once(BY_INDEX)
        except BaseException:
            db.close()
            raise
        return db

    def turn(self) -> AbstractContextManager[None]:
        """Wait for nobody: the server lets all write side by side."""
        return nullcontext()

    def begin(self, db: Connection, alone: bool = False) -> Connection:
        """Begin beside all others, or alone; connect again if the server was gone."""
        writing = cast(PostgresConnection, db)
        try:
            return _begun(writing, alone)
        except psycopg.OperationalError:
            if not writing.closed:
                raise
        # It may be another server now.
        return _begun(self.writing(self._patience), alone)

    def next_job(self, db: Connection) -> None:
        """Have the server give up waiting at once, until the end of the transaction."""
        cast(PostgresConnection, db).at_once(NEXT_JOB)

    def in_the_way(self, error: BaseException) -> bool:
        """Say whether a lock was not got in time, or two waited for each other."""
        return isinstance(
            error, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected
        )

    def committed(self, db: Connection) -> None:
        """Wake those who send, once in a pause, after which they look again."""
        writing = cast(PostgresConnection, db)
        wakes, writing.wakes = writing.wakes, False
        now = time.monotonic()
        if wakes and now - self._told >= PAUSE_SECONDS:
            self._told = now
            with suppress(psycopg.OperationalError):
                writing.at_once(f"NOTIFY {MAILS}")

    def watch(
        self,
        woken: Callable[[], None],
        fit: Callable[[Connection], None],
        refused: Callable[[str], None],
    ) -> PostgresWatch:
        """Open a connection that listens, and leads when nobody else does."""
        return PostgresWatch(self._url, woken, fit, refused)

    is_led = staticmethod(is_led)

    def risk(self) -> str:
        """Say what the loss of a server means that nobody follows step by step."""
        with self.reading() as db:
            [(names,)] = db.execute(
                "SELECT current_setting('synchronous_standby_names')"
            ).fetchall()
        return "" if names else NO_STANDBY

    def unfit(self) -> str:
        """Ask a new connection: what is set for a role or database holds for those."""
        with passing_faults(), closing(connect(self._url)) as db:
            try:
                refuse_unfit(db)
            except UnfitDatabase as error:
                return str(error)
        return ""

    def settled(self) -> int:
        """Return the last number that was given before anybody began who still writes.

        The sequence is asked first: who begins in between gets a higher number.
        """
        with self.reading() as db:
            last = db.dialect.last_number(db, "submissions", "number")
            [(before,)] = db.execute(
                "SELECT min(CAST(objid AS bigint)) FROM pg_locks "
                f"WHERE locktype = 'advisory' AND classid = {NUMBERING} "
                "AND objsubid = 2 AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            ).fetchall()
        return last if before is None else min(last, before)

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

    def renew_search(self) -> None:
        """Make the index of words anew, once a day: it keeps each word it ever had."""
        with passing_faults(), closing(connect(self._url, RENEWING_SECONDS)) as db:
            [(renewed, now)] = db.execute(RENEWED_TODAY).fetchall()
            if not renewed:
                # What is left of a time when this was cut short.
                db.at_once("DROP INDEX CONCURRENTLY IF EXISTS submissions_words_ccnew")
                db.at_once("REINDEX INDEX CONCURRENTLY submissions_words")
                db.at_once(f"COMMENT ON INDEX submissions_words IS '{now}'")

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()


def _begun(db: PostgresConnection, alone: bool) -> PostgresConnection:
    db.longest = SILENCE_SECONDS
    db.at_once(ALONE if alone else SHARED)
    return db


def _hurried(db: PostgresConnection) -> None:
    """Let a reader, too, wait only so long for a lock and for the server."""
    wait_at_most(db, PATIENCE_SECONDS)
    db.longest = SILENCE_SECONDS
