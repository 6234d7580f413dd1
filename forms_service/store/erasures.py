"""Rows that were erased once and are there again: found, and erased once more."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from . import events, removal
from .connection import Connection
from .events import EventVerb

_ROWS = 200
# As in the index, letter by letter, so that it is used.
_ERASING = "verb IN ('erase', 'purge')"
INDEX = f"CREATE INDEX events_erasing ON events (number) WHERE {_ERASING}"


def logged(
    db: Connection, after: int | None = None, since: str = ""
) -> list[tuple[str, str]]:
    """Return the day and the id of each erasure after an entry of the log and a day.

    What is not sealed has no number yet: it is returned where no entry is named.
    """
    query = f"SELECT at, submission FROM events WHERE {_ERASING} AND at >= ?"
    rows = (
        db.execute(query, [since])
        if after is None
        else db.execute(f"{query} AND number > ?", [since, after])
    )
    return [(row[0][:10], row[1]) for row in rows]


def last_events(db: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Return the last event of each request, before the one that erases it."""
    query = (
        "SELECT coalesce(max(id), 0) FROM events WHERE submission = ? "
        f"AND NOT {_ERASING}"
    )
    return {id_: int(db.execute(query, [id_]).fetchone()[0]) for id_ in ids}


def back_again(db: Connection, ids: Mapping[str, int | None]) -> list[str]:
    """Return those of these ids that are rows.

    One that somebody did something with after its last event was never erased: then
    the commit has failed.
    """
    every = sorted(ids)
    found: list[str] = []
    for start in range(0, len(every), _ROWS):
        some = every[start : start + _ROWS]
        marks = ", ".join("?" * len(some))
        rows = db.execute(f"SELECT id FROM submissions WHERE id IN ({marks})", some)
        found += [row[0] for row in rows]
    return [id_ for id_ in found if not _lived_on(db, id_, ids[id_])]


def _lived_on(db: Connection, submission_id: str, last: int | None) -> bool:
    marks = ", ".join("?" * len(events.WITHOUT_CHANGE))
    later = (
        "SELECT 1 FROM events WHERE submission = ? AND id > ? AND actor <> 'service' "
        f"AND verb NOT IN ({marks}) LIMIT 1"
    )
    values = [submission_id, last, *events.WITHOUT_CHANGE]
    return last is not None and db.execute(later, values).fetchone() is not None


def erase_again(db: Connection, ids: Sequence[str], now: datetime) -> None:
    """Erase rows, and say in the log that it is done again."""
    for submission_id in ids:
        removal.erase(db, submission_id)
        again = {"again": True}
        events.record(db, now, "service", EventVerb.ERASE, submission_id, again)
