"""What staff did, out of the log: counted, and one by one."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection

_BY_STAFF = "substr(actor, 1, 6) = 'staff:'"
# Of a log that is mostly of citizens and mails only this part is read.
INDEX = f"CREATE INDEX events_staff ON events (at, actor, verb) WHERE {_BY_STAFF}"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done; reference and form of its request while it is there."""

    id: int
    at: datetime
    verb: str
    submission: str
    reference: str
    form_id: str
    detail: dict[str, Any]


def totals(
    db: Connection, since: datetime, until: datetime
) -> list[tuple[str, str, int]]:
    """Return who did what how often, from a moment on and before another."""
    rows = db.execute(
        "SELECT actor, verb, count(*) FROM events "
        f"WHERE {_BY_STAFF} AND at >= ? AND at < ? GROUP BY actor, verb",
        [utc_text(since), utc_text(until)],
    )
    return [(row[0], row[1], row[2]) for row in rows]


def acts(
    db: Connection,
    actor: str,
    between: tuple[datetime, datetime],
    before: int,
    most: int,
) -> list[Act]:
    """Return what one of them did between two moments, newest first.

    `before` is the entry where the page before ended, 0 for the first page.
    """
    since, until = map(utc_text, between)
    rows = db.execute(
        "SELECT events.id, at, verb, submission, coalesce(reference, ''), "
        "coalesce(form_id, ''), detail FROM events "
        "LEFT JOIN submissions ON submissions.id = events.submission "
        f"WHERE {_BY_STAFF} AND at >= ? AND at < ? AND actor = ? "
        "AND (? = 0 OR events.id < ?) ORDER BY events.id DESC LIMIT ?",
        [since, until, actor, before, before, most],
    )
    return [
        Act(
            row[0],
            from_utc_text(row[1]),
            row[2],
            row[3] or "",
            row[4],
            row[5],
            json.loads(row[6]),
        )
        for row in rows
    ]
