"""Connections to the one SQLite file, and which of its faults pass.

`synchronous=FULL` because WAL with NORMAL loses acknowledged commits at a power cut;
BEGIN IMMEDIATE because a deferred transaction that reads and then writes fails at
once under contention, whatever the busy timeout says (ARCHITECTURE.md, data).
"""

import sqlite3
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


def quoted(name: str) -> str:
    """Quote an identifier; the loader lets only letters, digits, - and _ through."""
    return '"' + name.replace('"', '""') + '"'
