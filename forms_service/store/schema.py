"""Which tables there are, and how a database comes to this program's schema."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from ..caches import remembered
from . import oldest_program
from .connection import UnfitDatabase
from .migrations import MIGRATIONS
from .sqlite import connect, passing_faults

TABLES = frozenset({
    "submissions", "revisions", "definitions", "definition_texts", "outbox", "events",
    "notes", "staff", "sessions", "feedback", "attachments", "announcements",
    "counts", "search_progress", "timeline", "alarms", "searches", "replies",
    "oldest_program", "attempts", "contents", "staff_forms", "factors",
    "recovery_codes", "contacts", "bulk_acts", "bulk_rows",
    "meetings", "attendance", "reports", "messages", "calls",
})  # fmt: skip


def _every() -> list[str]:
    """Name all migrations of this program."""
    return [step.name for step in MIGRATIONS.pending(Database(memory=True))]


@remembered("newest migration")
def newest() -> str:
    """Name the newest migration of this program."""
    return max(_every())


def migrate(where: Path | str) -> list[str]:
    """Bring the database to this version's schema; return the steps applied.

    The caller holds the lock on `serve.lock` and has made a copy of a file. WAL is set
    here, once: asking for it while another process holds a lock fails at once.
    """
    if isinstance(where, str):
        from . import postgres_schema

        return postgres_schema.migrate(where, MIGRATIONS, TABLES)
    where.parent.mkdir(parents=True, exist_ok=True)
    with passing_faults(), closing(connect(where)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        db = Database(connection)
        pending = [step.name for step in MIGRATIONS.pending(db)]
        MIGRATIONS.apply(db)
        # Of all: who was killed after some steps has not kept what they ask for.
        oldest_program.keep(connection, _every())
    return pending


def pending(where: Path | str) -> list[str]:
    """Name the migrations a database still needs; all of them when there is none.

    Raise `UnfitDatabase` for a file that is none of ours.
    """
    if isinstance(where, str):
        from . import postgres_schema

        return postgres_schema.pending(where, MIGRATIONS)
    if not where.exists():
        return _every()
    _refuse_foreign(where)
    with passing_faults(), closing(connect(where, read_only=True)) as connection:
        return [step.name for step in MIGRATIONS.pending(Database(connection))]


def begun(path: Path) -> bool:
    """Say whether any step was applied to a file; a first start may be cut short."""
    with passing_faults(), closing(connect(path, read_only=True)) as connection:
        return bool(MIGRATIONS.applied(Database(connection)))


def ready(where: Path | str) -> bool:
    """Say whether a database can be opened as it is; a copy of a file has no WAL yet.

    Raise as `pending` does.
    """
    steps = pending(where)
    if steps or isinstance(where, str):
        return not steps
    with passing_faults(), closing(connect(where, read_only=True)) as connection:
        return bool(connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal")


def _refuse_foreign(path: Path) -> None:
    """Raise `UnfitDatabase` for a file that is none of ours."""
    try:
        with passing_faults(), closing(connect(path, read_only=True)) as db:
            names = "SELECT name FROM sqlite_master WHERE type = 'table'"
            tables = {row[0] for row in db.execute(names)}
    except sqlite3.DatabaseError as error:
        raise UnfitDatabase(f"the file of the data: {error}") from error
    if tables and not tables & {"submissions", "_sqlite_migrations"}:
        raise UnfitDatabase("the file of the data is a database of something else")
