"""Finding submissions: the queue of staff by state, form, words and answers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..clock import from_utc_text
from .connection import Connection, visible
from .events import BY_PERSON
from .filters import Filter, conditions
from .submissions import SELECT, Status, Submission, from_row

# How many rows are looked at to say where else a search finds something.
COUNTED = 1000


def queue(db: Connection, wanted: Filter, most: int) -> list[Submission]:
    """Return one page of the queue in its order (keyset: `before` or `after`)."""
    page, values = _page(db, wanted)
    numbers = [row[0] for row in db.execute(f"{page} LIMIT ?", [*values, most])]
    if not numbers:
        return []
    marks = ", ".join("?" * len(numbers))
    rows = db.execute(f"{SELECT} WHERE number IN ({marks})", numbers)
    by_number = {row["number"]: from_row(row) for row in rows}
    shown = numbers if wanted.onward else numbers[::-1]
    return [by_number[number] for number in shown]


def count(db: Connection, wanted: Filter, most: int) -> int:
    """Return how many submissions follow a place in the queue, `most` at most."""
    # In order, all rows of a form would be read for the few that are wanted of it;
    # without, PostgreSQL reads all before them, or notes all behind a place or answer.
    page, values = _page(db, wanted, ordered=wanted.indexed)
    row = db.execute(f"SELECT count(*) FROM ({page} LIMIT ?) AS page", [*values, most])
    return int(row.fetchone()[0])


def numbers_of(db: Connection, ids: Sequence[str]) -> frozenset[int]:
    """Return the numbers of some submissions that are there."""
    marks = ", ".join("?" * len(ids))
    rows = db.execute(f"SELECT number FROM submissions WHERE id IN ({marks})", ids)
    return frozenset(row[0] for row in rows)


def numbers(db: Connection, wanted: Filter) -> list[int]:
    """Return the numbers of all submissions of a filter, in order of arrival."""
    source, number, where, values = conditions(db, wanted)
    found = f"SELECT number FROM {source}{_clause(where)} ORDER BY {number}"
    return [row[0] for row in db.execute(found, values)]


def _page(
    db: Connection, wanted: Filter, column: str = "number", ordered: bool = True
) -> tuple[str, list[Any]]:
    """Return what finds a column of a page, or of any; its LIMIT is to be added."""
    source, number, where, values = conditions(db, wanted)
    for place, sign in ((wanted.before, "<"), (wanted.after, ">")):
        if place:
            condition, compared = _beyond(db, wanted.key, number, place, sign)
            where.append(condition)
            values += compared
    way = "ASC" if wanted.upward else "DESC"
    key = f"{wanted.key} {way}, " if wanted.key else ""
    order = f" ORDER BY {key}{number} {way}" if ordered else ""
    return f"SELECT {column} FROM {source}{_clause(where)}{order}", values


def _beyond(
    db: Connection, key: str, number: str, place: int, sign: str
) -> tuple[str, list[Any]]:
    """Return the condition of standing on one side of a row, which may be erased."""
    if not key:
        return f"{number} {sign} ?", [place]
    at = db.execute(
        f"SELECT {key} FROM submissions WHERE number <= ? ORDER BY number DESC LIMIT 1",
        [place],
    ).fetchone()
    # Where all before it are erased, what is left is after it.
    value = at[0] if at else ""
    # SQLite takes an index for one comparison of an expression, and for no pair;
    # PostgreSQL begins at the pair, behind all that came in the same moment.
    return (
        f"{key} {sign}= ? AND ({key}, {number}) {sign} (?, ?)",
        [value, value, place],
    )


def by_status(db: Connection, wanted: Filter) -> dict[Status, int]:
    """Return how many submissions a filter matches in each status.

    Among `COUNTED` at most: of words, which may be in nearly every row, the newest.
    """
    every = replace(wanted, status="", oldest_first=False, by_due=False)
    found, values = _page(db, every, "status", every.indexed or bool(every.text))
    rows = db.execute(
        f"SELECT status, count(*) FROM ({found} LIMIT {COUNTED}) AS found "
        "GROUP BY status",
        values,
    )
    return {Status(row[0]): row[1] for row in rows}


def _clause(where: list[str]) -> str:
    return f" WHERE {' AND '.join(where)}" if where else ""


def newest(db: Connection, status: Status) -> datetime | None:
    """Return when anything last happened by a person to a submission in a status.

    What only looks (a read, a note) or comes from the service does not count.
    """
    marks = ", ".join("?" * len(BY_PERSON))
    row = db.execute(
        "SELECT max(at) FROM submissions JOIN events "
        f"ON events.submission = submissions.id WHERE {visible(db).condition()} "
        "AND status = ? "
        f"AND verb IN ({marks})",
        [status.value, *BY_PERSON],
    ).fetchone()
    return from_utc_text(row[0]) if row[0] else None


def count_assigned(db: Connection, staff_id: int, status: Status) -> int:
    """Return how many submissions in a status one of the staff sees to, and may see."""
    row = db.execute(
        "SELECT count(*) FROM submissions WHERE assignee = ? AND status = ? "
        f"AND {visible(db).condition()}",
        [staff_id, status],
    ).fetchone()
    return int(row[0])


def newest_waiting(db: Connection, email: str) -> Submission | None:
    """Return the newest request whose address can still be proven, or None."""
    row = db.execute(
        f"{SELECT} WHERE email = ? AND verified_at IS NULL AND status <> ? "
        "ORDER BY number DESC LIMIT 1",
        [email, Status.WITHDRAWN],
    ).fetchone()
    return from_row(row) if row else None


def by_reference(db: Connection, email: str, reference: str) -> Submission | None:
    """Return the request of an address with this reference, or None."""
    row = db.execute(
        f"{SELECT} WHERE reference = ? AND email = ?", [reference, email]
    ).fetchone()
    return from_row(row) if row else None


def id_of(db: Connection, reference: str) -> str:
    """Return the id of the request with a reference, nothing when there is none."""
    row = db.execute(
        f"SELECT id FROM submissions WHERE reference = ? AND {visible(db).condition()}",
        [reference],
    ).fetchone()
    return str(row[0]) if row else ""
