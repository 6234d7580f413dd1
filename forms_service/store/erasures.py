"""Rows that were erased once and are there again: found, and erased once more."""

from collections.abc import Collection, Sequence
from datetime import datetime

from . import events, removal
from .connection import Connection
from .events import EventVerb

_ROWS = 200
# As in the index, letter by letter, so that it is used.
_ERASING = "verb IN ('erase', 'purge')"
INDEX = f"CREATE INDEX events_erasing ON events (number) WHERE {_ERASING}"


def logged(db: Connection, after: int = 0, since: str = "") -> list[tuple[str, str]]:
    """Return the day and the id of each erasure after an entry of the log and a day."""
    rows = db.execute(
        f"SELECT at, submission FROM events WHERE {_ERASING} AND number > ? "
        "AND at >= ?",
        [after, since],
    )
    return [(row[0][:10], row[1]) for row in rows]


def back_again(db: Connection, ids: Collection[str]) -> list[str]:
    """Return those of these ids that are rows."""
    every = sorted(ids)
    found: list[str] = []
    for start in range(0, len(every), _ROWS):
        some = every[start : start + _ROWS]
        marks = ", ".join("?" * len(some))
        rows = db.execute(f"SELECT id FROM submissions WHERE id IN ({marks})", some)
        found += [row[0] for row in rows]
    return found


def erase_again(db: Connection, ids: Sequence[str], now: datetime) -> None:
    """Erase rows, and say in the log that it is done again."""
    for submission_id in ids:
        removal.erase(db, submission_id)
        again = {"again": True}
        events.record(db, now, "service", EventVerb.ERASE, submission_id, again)
