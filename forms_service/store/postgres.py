"""Everything that is true of PostgreSQL alone: connections and faults.

`postgres_engine` says who writes when, `postgres_schema` how the tables are made,
`postgres_dialect` which expressions are its own. SQL is text, translated once a
statement: SQLAlchemy Core, tried on outbox and queue, was twice as long to read and 60
to 120 times as slow a statement.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo, TransactionStatus

from .connection import (
    Connection,
    Dialect,
    StorageUnavailable,
    UnfitDatabase,
    Values,
)
from .postgres_dialect import PostgresDialect
from .postgres_statements import statement, without_nul

OLDEST = 140000
# Numbers nobody else on this database would come upon: "forms" in ASCII is held by
# all who write, and "form" beside the last number that was given when they began.
WRITING = int.from_bytes(b"forms")
NUMBERING = int.from_bytes(b"form")
PATIENCE_SECONDS = 2.0
# A server that says nothing for so long is taken for gone: it is frozen, or its commit
# waits for a standby that is not there. These take what they take.
SILENCE_SECONDS = 30.0
_UNHURRIED = ("CREATE INDEX", "VACUUM", "ANALYZE")
MIGRATED = "migrations"
# Where the address says nothing else: whoever is gone is noticed within seconds, and
# of several hosts the one that takes writes is used.
DEFAULTS = {
    "application_name": "forms-service",
    "connect_timeout": "3",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
    "tcp_user_timeout": "5000",
    "target_session_attrs": "read-write",
}
_OUTSIDE = (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)
# Connection, resources (full disk), operator (shutdown), system: by class. Besides
# them: a server that only reads, a lock not got in time, two who waited for each other.
_PASSING = ("08", "53", "57", "58", "25006", "55P03", "40001", "40P01")


class PostgresConnection(psycopg.Connection[Any]):
    """A connection that takes statements as they are written for both databases."""

    dialect: Dialect = PostgresDialect()
    writes = False
    wakes = False
    longest: float | None = None
    """Seconds that a statement may take before the connection is given up."""

    def wait(
        self,
        gen: psycopg.abc.PQGen[Any],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> Any:
        """Wait for the server, but not for ever."""
        try:
            longest = self.longest if timeout is None else timeout
            return super().wait(gen, interval, longest)
        except psycopg.OperationalError:
            if self.info.transaction_status is TransactionStatus.ACTIVE:
                # Whether it has done what it was asked nobody knows.
                self.close()
            raise

    @property
    def in_transaction(self) -> bool:
        """True from BEGIN until it is over; also after an error inside it."""
        return self.info.transaction_status not in _OUTSIDE

    def execute(  # type: ignore[override]
        self, sql: str, values: Values = (), /
    ) -> psycopg.Cursor[Any]:
        """Execute a statement with marks (?) or names (:name)."""
        asked = statement(sql)
        if sql.startswith(_UNHURRIED):
            self.longest = None
        if asked.names:
            values = [cast(Mapping[str, Any], values)[name] for name in asked.names]
        # How many rows have a word the server knows only if it plans for that word.
        prepare = False if "@@" in sql else None
        cursor = self.cursor(row_factory=asked.rows)
        try:
            return cursor.execute(asked.text, values, prepare=prepare)
        except psycopg.DataError:
            # PostgreSQL has no NUL, and what is stored was cleaned of it: whoever asks
            # for such a text finds nothing, as on SQLite.
            if not any(isinstance(value, str) and "\0" in value for value in values):
                raise
            return cursor.execute(asked.text, [without_nul(v) for v in values])

    def at_once(self, script: str) -> None:
        """Execute several statements without values in one message."""
        self.cursor().execute(cast(Any, script), prepare=False)

    def hold(self, name: str) -> None:
        """Take the advisory lock of a name, whose number hashing gives."""
        if self.writes:
            self.execute("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", [name])

    def hold_submissions(self, condition: str, values: Sequence[Any]) -> None:
        """Lock the line of each row that stands in one, then the rows themselves.

        Always in this order: who gives places away has the line when it comes to rows.
        """
        if self.writes:
            self.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('line ' || form_id, 0)) "
                f"FROM (SELECT DISTINCT form_id FROM submissions WHERE {condition} "
                "AND line > 0 ORDER BY form_id) AS lines",
                values,
            )
            self.execute(
                f"SELECT 1 FROM submissions WHERE {condition} ORDER BY number "
                "FOR NO KEY UPDATE",
                values,
            )

    def wake_senders(self) -> None:
        """Remember it: NOTIFY inside would bring all commits into line."""
        self.wakes = True

    def commit(self) -> None:
        """Commit; raise where PostgreSQL would take back without a word."""
        if self.info.transaction_status is TransactionStatus.INERROR:
            self.rollback()
            raise psycopg.errors.InFailedSqlTransaction("nothing was committed")
        super().commit()


class _Flag(psycopg.adapt.Dumper):
    """Write True as 1: SQLite knows no other, and the columns hold numbers."""

    oid = psycopg.postgres.types["int8"].oid

    def dump(self, obj: bool) -> bytes:
        """Return the digit."""
        return b"%d" % obj


ADAPTERS = psycopg.adapt.AdaptersMap(psycopg.adapters)
ADAPTERS.register_dumper(bool, _Flag)
OPTIONS: dict[str, Any] = {
    "context": ADAPTERS,
    "autocommit": True,
    "cursor_factory": psycopg.RawCursor,
}


def connect(url: str, patience: float = PATIENCE_SECONDS) -> PostgresConnection:
    """Open a connection that waits so long for any lock; raise `StorageUnavailable`."""
    with passing_faults():
        db = PostgresConnection.connect(completed(url), **OPTIONS)
        wait_at_most(db, patience)
    return db


def wait_at_most(db: PostgresConnection, patience: float) -> None:
    """Have a connection wait so many seconds for any lock."""
    db.at_once(f"SET lock_timeout = {int(patience * 1000)}")


def completed(url: str) -> str:
    """Return the address with our defaults for what it leaves open."""
    return make_conninfo(url, **(DEFAULTS | conninfo_to_dict(url)))


def environment(url: str) -> dict[str, str]:
    """Return the address for a tool of libpq: anybody can read its command line."""
    return {
        option.envvar.decode(): option.val.decode()
        for option in Conninfo.parse(completed(url).encode())
        if option.envvar and option.val
    }


@contextmanager
def passing_faults() -> Iterator[None]:
    """Turn faults that pass into `StorageUnavailable`, and no others."""
    try:
        yield
    except psycopg.Error as error:
        state = error.sqlstate or ""
        lost = not state and isinstance(error, psycopg.OperationalError)
        if lost or state.startswith(_PASSING):
            raise StorageUnavailable(type(error).__name__) from error
        raise


def refuse_unfit(db: PostgresConnection) -> None:
    """Raise `UnfitDatabase` for a server that would not keep our promises."""
    if db.info.server_version < OLDEST:
        raise UnfitDatabase("PostgreSQL must be version 14 or newer")
    found: Connection = db
    encoding, commit = found.execute(
        "SELECT current_setting('server_encoding'), "
        "current_setting('synchronous_commit')"
    ).fetchone()
    if encoding != "UTF8":
        raise UnfitDatabase(f"the database is in {encoding}: make one in UTF8")
    if commit not in ("on", "remote_apply"):
        raise UnfitDatabase(
            f"synchronous_commit is {commit}: a commit must be on disk before it is "
            "answered, set it to on"
        )
