"""All data from one database into an empty other one, whichever each of them is.

Rows are copied in the order of their keys, some hundreds in a transaction, so a move
that was cut short goes on where it was. At the end every table is compared by a hash
over all its rows.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from .connection import UNDER_WAY, Connection
from .database import engine_of
from .schema import migrate
from .writer import PATIENCE_SECONDS

Progress = Callable[[int, int], None]

# In an order in which no row refers to one that is not there yet. Counts are kept by
# triggers, and the search comes up to date by itself.
KEYS: dict[str, Sequence[str]] = {
    "definitions": ("form_id", "fingerprint"),
    "definition_texts": ("form_id", "fingerprint", "lang", "text_hash"),
    "submissions": ("number",),
    "revisions": ("id",),
    "staff": ("id",),
    "staff_forms": ("staff", "form_id"),
    "factors": ("staff",),
    "recovery_codes": ("staff", "digest"),
    "sessions": ("digest",),
    "searches": ("session", "number"),
    "notes": ("id",),
    "contacts": ("id",),
    "calls": ("submission", "reason", "act"),
    "outbox": ("id",),
    "events": ("id",),
    "replies": ("id",),
    "feedback": ("key",),
    "attachments": ("rowid",),
    "bulk_acts": ("id",),
    "messages": ("id",),
    "bulk_rows": ("bulk", "submission"),
    "meetings": ("id",),
    "attendance": ("meeting", "submission"),
    "reports": ("id",),
    "announcements": ("event_id",),
    "timeline": ("id",),
}
# What is still so is raised again; failed sign-ins are forgiven.
MADE_ELSEWHERE = frozenset({
    "counts", "search_progress", "alarms", "attempts", "oldest_program",
    "contents",
})  # fmt: skip
_ROWS = 200
# Their rows hold whole files.
_FEW_ROWS = {"attachments": 5}


class NotEmpty(Exception):
    """The target holds data of another life, in this table."""


class NotTheSame(Exception):
    """This table of the target has other rows than it should."""


def move(source: Path | str, target: Path | str, progress: Progress) -> int:
    """Copy all rows and compare them; return how many. Nobody writes meanwhile.

    `progress` is called with rows done and rows in all. Raise `NotEmpty` for a target
    with data that no earlier move has left there, `NotTheSame` at the end, and
    `UnfitDatabase` for a server to which a service is connected: it would go on.
    """
    for where in (source, target):
        if isinstance(where, str):
            from .postgres_backup import in_use

            in_use(where)
    migrate(target)
    with closing(engine_of(source)) as here, closing(engine_of(target)) as there:
        old = here.begin(here.writing(PATIENCE_SECONDS), alone=True)
        new = there.writing(PATIENCE_SECONDS)
        with closing(old), closing(new):
            total = sum(_number(old, table) for table in KEYS)
            _begin_or_go_on(new)
            done = 0
            for table in KEYS:
                done += _number(new, table)
                for rows in _pages(old, table, _last_key(new, table)):
                    new = there.begin(new)
                    _insert(new, table, rows)
                    new.commit()
                    done += len(rows)
                    progress(done, total)
            _compare(old, new)
            new = there.begin(new)
            for table, keys in KEYS.items():
                new.dialect.go_on_after(
                    new, table, keys[0], old.dialect.last_number(old, table, keys[0])
                )
            new.execute(f"DROP TABLE {UNDER_WAY}")
            new.commit()
            return total


def _begin_or_go_on(new: Connection) -> None:
    if new.dialect.has_table(new, UNDER_WAY):
        return
    for table in KEYS:
        if _number(new, table):
            raise NotEmpty(table)
    new.execute(f"CREATE TABLE {UNDER_WAY} (n INTEGER)")


def _number(db: Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _columns(db: Connection, table: str) -> list[str]:
    """Return the columns that both databases have, and the key where it is none."""
    row = db.execute(f"SELECT * FROM (SELECT 1) AS one LEFT JOIN {table} ON true")
    names = list(row.fetchone().keys())[1:]
    return sorted({*names, *KEYS[table]} - {"words"})


def _last_key(db: Connection, table: str) -> list[Any] | None:
    keys = ", ".join(KEYS[table])
    downward = ", ".join(f"{key} DESC" for key in KEYS[table])
    row = db.execute(f"SELECT {keys} FROM {table} ORDER BY {downward} LIMIT 1")
    found = row.fetchone()
    return list(found) if found else None


def _pages(
    db: Connection, table: str, after: list[Any] | None = None
) -> Iterator[list[Any]]:
    """Yield the rows of a table after a key, in the order of the key."""
    keys, columns = KEYS[table], _columns(db, table)
    named, marks = ", ".join(keys), ", ".join("?" * len(keys))
    places = [columns.index(key) for key in keys]
    while True:
        onward = f"WHERE ({named}) > ({marks})" if after else ""
        rows = db.execute(
            f"SELECT {', '.join(columns)} FROM {table} {onward} "
            f"ORDER BY {named} LIMIT {_FEW_ROWS.get(table, _ROWS)}",
            after or [],
        ).fetchall()
        if not rows:
            return
        yield rows
        after = [rows[-1][place] for place in places]


def _insert(db: Connection, table: str, rows: Sequence[Any]) -> None:
    columns = _columns(db, table)
    marks = f"({', '.join('?' * len(columns))})"
    db.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"VALUES {', '.join([marks] * len(rows))}",
        [value for row in rows for value in row],
    )


def _compare(old: Connection, new: Connection) -> None:
    for table in KEYS:
        if _hash(old, table) != _hash(new, table):
            raise NotTheSame(table)


def _hash(db: Connection, table: str) -> str:
    seen = sha256()
    for rows in _pages(db, table):
        for row in rows:
            seen.update(repr(tuple(row)).encode())
    return seen.hexdigest()
