"""Everything that is true of SQLite alone: connections, faults, JSON and search.

`synchronous=FULL` because WAL with NORMAL loses acknowledged commits at a power cut;
BEGIN IMMEDIATE because a deferred transaction that reads and then writes fails at
once under contention, whatever the busy timeout says.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from .connection import (
    Connection,
    Dialect,
    NotMigrated,
    StorageUnavailable,
    Words,
    WordSearch,
)
from .turns import Turns

BUSY_SECONDS = 5.0
HIGHEST = 2**63 - 1
CHECKPOINT_MS = 100
SEARCH = "submissions_fts"
# Pages of the search that are written again in one step: a few milliseconds.
MERGED_PAGES = 64
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


class SqliteDialect:
    """See `Dialect`: JSON functions with paths, and the tables of FTS5."""

    grant_reading = ""
    free_mail = ""

    def answer(self, field_id: str) -> str:
        """Return the expression that the index of a field is made of."""
        return f"json_extract(answers, '$.{field_id}')"

    def equals(self, field_id: str, typed: str) -> tuple[str, list[Any]]:
        """Compare with a number too: it is stored as one, and typed as a text."""
        if typed.isdecimal() and len(typed) < 19:
            return f"{self.answer(field_id)} IN (?, ?)", [typed, int(typed)]
        return f"{self.answer(field_id)} = ?", [typed]

    def learn_answers(self, db: Any, form_id: str, field_ids: Sequence[str]) -> None:
        """Do nothing: SQLite takes the index that fits."""

    def includes(self, field_id: str, value: str) -> tuple[str, list[Any]]:
        """Look through the list, which is an answer of its own kind."""
        each = f"json_each(answers, '$.{field_id}')"
        return f"EXISTS (SELECT 1 FROM {each} WHERE value = ?)", [value]

    def answered(self, field_id: str) -> str:
        """Ask for the type: an answer of null has one."""
        return f"json_type(answers, '$.{field_id}') IS NOT NULL"

    def without(self, field_id: str) -> str:
        """Take one key out."""
        return f"json_remove(answers, '$.{field_id}')"

    def words(self, wanted: Words) -> WordSearch:
        """Ask the full text search first: it yields rows in their order, one by one."""
        beginnings = [
            [[f'"{spelling}"*' for spelling in spellings] for spellings in words]
            for words in wanted
        ]
        matching = " OR ".join(
            "(" + " AND ".join(f"({' OR '.join(each)})" for each in words) + ")"
            for words in beginnings
        )
        return WordSearch(
            f"{SEARCH} CROSS JOIN submissions ON number = {SEARCH}.rowid",
            f"{SEARCH} MATCH ?",
            matching,
            f"{SEARCH}.rowid",
        )

    def tidy(self, db: sqlite3.Connection, begin: bool) -> bool:
        """Merge some pages: SQLite 3.40 keeps erased words until all are merged.

        A negative number begins with all segments, a positive one goes on; at the end
        nothing changes any more.
        """
        before = db.total_changes
        pages = -MERGED_PAGES if begin else MERGED_PAGES
        merge = f"INSERT INTO {SEARCH} ({SEARCH}, rank) VALUES ('merge', ?)"
        db.execute(merge, [pages])
        return db.total_changes - before > 1

    def has_table(self, db: sqlite3.Connection, name: str) -> bool:
        """Ask the schema."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return db.execute(query, [name]).fetchone() is not None

    def last_number(self, db: sqlite3.Connection, table: str, column: str) -> int:
        """Ask SQLite's own table: rows with the highest numbers may be gone."""
        row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table])
        return int((row.fetchone() or [0])[0])

    def go_on_after(
        self, db: sqlite3.Connection, table: str, column: str, number: int
    ) -> None:
        """Write into SQLite's own table, which has a row once there was one."""
        if number:
            db.execute("DELETE FROM sqlite_sequence WHERE name = ?", [table])
            db.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", [table, number])

    def indexes(self) -> str:
        """Ask the schema."""
        return "SELECT name FROM sqlite_master WHERE type = 'index'"


class SqliteConnection(sqlite3.Connection):
    """A connection that knows how its database is spoken to."""

    dialect: Dialect = SqliteDialect()

    def hold(self, name: str) -> None:
        """Do nothing: who writes has the whole file."""

    def hold_submissions(self, condition: str, values: Sequence[Any]) -> None:
        """Do nothing, as `hold`."""

    def wake_senders(self) -> None:
        """Do nothing: who sends looks each second."""


def connect(path: Path, read_only: bool = False) -> SqliteConnection:
    """Open the database with every pragma that the promises rest on.

    Raise `StorageUnavailable` when the file cannot be opened.
    """
    with passing_faults():
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            factory=SqliteConnection,
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


class Alone:
    """See `Attendance`: of the processes that serve a file, the first leads."""

    leading = may_lead = True

    def close(self) -> None:
        """Do nothing."""


class SqliteEngine:
    """The file, for one process: a reader for each thread, besides the writer."""

    shared = False
    writers = 1

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opening = threading.Lock()
        self._readers: dict[threading.Thread, SqliteConnection] = {}
        self._turns = Turns(path)

    passing_faults = staticmethod(passing_faults)

    def writing(self, patience: float) -> SqliteConnection:
        """Open the one connection that writes, and waits as long as its callers."""
        db = connect(self._path)
        if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            db.close()
            raise NotMigrated(self._path)
        db.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        # A savepoint keeps what its pages were: above 64 KiB in a file, with people's
        # answers outside our folder, which costs a quarter more for each request.
        db.execute("PRAGMA temp_store = MEMORY")
        return db

    def turn(self) -> AbstractContextManager[None]:
        """Stand in line with the writers of other processes."""
        return self._turns.take()

    def begin(self, db: Connection, alone: bool = False) -> Connection:
        """Take the lock of the file."""
        db.execute("BEGIN IMMEDIATE")
        return db

    def next_job(self, db: Connection) -> None:
        """Set the savepoint anew: nobody else writes."""
        db.execute("RELEASE job")
        db.execute("SAVEPOINT job")

    def in_the_way(self, error: BaseException) -> bool:
        """Say no: nobody else writes."""
        return False

    def committed(self, db: Connection) -> None:
        """Do nothing, as `wake_senders`."""

    def watch(self, *others: Callable[..., None]) -> Alone:
        """Lead, and hear nothing."""
        return Alone()

    def is_led(self, db: Connection) -> bool:
        """Say yes: by the first of the processes that serve it."""
        return True

    def risk(self) -> str:
        """Say nothing: what is acknowledged is on the disk."""
        return ""

    unfit = risk

    def settled(self) -> int:
        """Return the highest number: rows come in the order of their numbers."""
        return HIGHEST

    @contextmanager
    def reading(self) -> Iterator[SqliteConnection]:
        """Lend this thread's connection, in one snapshot."""
        with passing_faults():
            reader = self._reader()
            reader.execute("BEGIN")
            try:
                yield reader
            finally:
                # A failing disk ends the transaction by itself.
                if reader.in_transaction:
                    reader.execute("COMMIT")

    def _reader(self) -> SqliteConnection:
        thread = threading.current_thread()
        if thread not in self._readers:
            with self._opening:
                for ended in [t for t in self._readers if not t.is_alive()]:
                    self._readers.pop(ended).close()
                self._readers[thread] = connect(self._path, read_only=True)
        return self._readers[thread]

    def prove_writable(self, db: Connection) -> None:
        """Write the header: a transaction rolled back succeeds on a full disk."""
        db.execute("PRAGMA user_version = 0")

    def forget_erased(self, db: Connection) -> bool:
        """Fold the log into the file, so that erased text is on no page of either."""
        patience = db.execute("PRAGMA busy_timeout").fetchone()[0]
        db.execute(f"PRAGMA busy_timeout = {CHECKPOINT_MS}")
        try:
            return not db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            db.execute(f"PRAGMA busy_timeout = {patience}")

    def renew_search(self) -> None:
        """Do nothing: `tidy` leaves no erased word."""

    def close(self) -> None:
        """Close all readers, and leave the line."""
        for connection in self._readers.values():
            connection.close()
        self._turns.close()
