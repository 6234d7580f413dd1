"""Requests whose address nobody has proven, by the hour in which they came."""

from dataclasses import dataclass

from .connection import Connection, visible
from .submissions import SELECT, Submission, from_row

# The first letters of a stored moment: day and hour, in UTC.
_HOUR = "substr(created_at, 1, 13)"


@dataclass(frozen=True, slots=True)
class Hour:
    """What came to a form in an hour and is unproven; `last` is the newest of it."""

    form_id: str
    begins: str
    number: int
    last: int


def hours(db: Connection) -> list[Hour]:
    """Return the hours in which anything came, newest first."""
    rows = db.execute(
        f"SELECT form_id, {_HOUR}, count(*), max(number) FROM submissions "
        f"WHERE status = 'unverified' AND {visible(db).condition()} "
        f"GROUP BY form_id, {_HOUR} "
        f"ORDER BY {_HOUR} DESC, form_id LIMIT 200"
    ).fetchall()
    return [Hour(*row) for row in map(tuple, rows)]


def of_hour(db: Connection, hour: Hour, most: int) -> list[Submission]:
    """Return what is still unproven of an hour, up to its last, newest first."""
    seen = visible(db).condition()
    which = (
        f"{seen} AND status = 'unverified' AND form_id = ? AND {_HOUR} = ? "
        "AND number <= ?"
    )
    newest = f"SELECT id FROM submissions WHERE {which} ORDER BY number DESC LIMIT ?"
    found = db.execute(newest, [hour.form_id, hour.begins, hour.last, most])
    ids = [row[0] for row in found]
    # Nobody confirms one that is about to be erased, nor waits for another.
    some = f"status = 'unverified' AND id IN ({', '.join('?' * len(ids)) or 'NULL'})"
    db.hold_submissions(some, ids)
    rows = db.execute(f"{SELECT} WHERE {some} ORDER BY number DESC", ids).fetchall()
    return [from_row(row) for row in rows]
