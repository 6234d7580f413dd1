"""What needs something of staff now, whatever its state: each kind by its own index.

Another kind is a condition more: a function of the moment, and its line in `KINDS`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from ..clock import utc_text
from .connection import Connection, visible
from .outbox import HELD
from .queue import DUE, OPEN, RECEIVED

# More of a kind are not looked for: who has so many sees no end of them either.
MOST = 500
# So many days before its last one an answer is needed.
SOON = 7
# So long an address may stay unproven before somebody phones.
PATIENCE = timedelta(days=1)


class Need(StrEnum):
    """Why a request needs something."""

    MAIL = "mail"
    CORRECTED = "corrected"
    DUE = "due"
    UNPROVEN = "unproven"
    PLACE = "place"
    RENEWAL = "renewal"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Situation:
    """When it is, and which requests a place is free for, by their numbers."""

    now: datetime
    today: date
    next_in_line: tuple[int, ...] = ()


Condition = tuple[str, list[Any]]


def _mail(at: Situation) -> Condition:
    """The last mail failed, and neither another left nor a note says what was done."""
    return (
        "id IN (SELECT failed.submission FROM outbox AS failed "
        "WHERE failed.failed_at IS NOT NULL AND failed.told_at IS NULL "
        "AND failed.reason IS DISTINCT FROM ? "
        "AND NOT EXISTS (SELECT 1 FROM outbox AS later "
        "WHERE later.submission = failed.submission AND later.id > failed.id "
        "AND later.failed_at IS NULL) "
        "AND NOT EXISTS (SELECT 1 FROM notes "
        "WHERE notes.submission = failed.submission "
        "AND notes.created_at >= failed.failed_at))",
        [HELD],
    )


def _corrected(at: Situation) -> Condition:
    """The answers that somebody was asked to correct have come back."""
    asked = (
        "SELECT submission FROM events AS asked WHERE verb = 'ask_correction' "
        "AND EXISTS (SELECT 1 FROM events AS back WHERE back.verb = 'correct' "
        "AND back.submission = asked.submission AND back.id > asked.id)"
    )
    # As it stands, SQLite takes the index of states: here, and in what follows.
    return f"status || '' = 'new' AND id IN ({asked})", []


def _due(at: Situation) -> Condition:
    last = at.today + timedelta(days=SOON)
    return f"{OPEN} AND {DUE} <= ?", [last.isoformat()]


def _unproven(at: Situation) -> Condition:
    """Nothing shows who asks, and there is a phone to ask by."""
    new = "SELECT number FROM submissions WHERE status = 'new' AND proof = 'none'"
    waiting = (
        "SELECT number FROM submissions "
        f"WHERE status = 'unverified' AND {RECEIVED} <= ?"
    )
    return (
        f"phone IS NOT NULL AND number IN ({new} UNION ALL {waiting})",
        [utc_text(at.now - PATIENCE)],
    )


def _place(at: Situation) -> Condition:
    return f"number IN ({', '.join(map(str, at.next_in_line)) or 'NULL'})", []


def _renewal(at: Situation) -> Condition:
    """A member was asked in vain whether they stay, or cannot be asked by mail."""
    return "asks > 1 AND status || '' = 'accepted'", []


def _changed(at: Situation) -> Condition:
    """A member has corrected something, and nobody of the staff has looked since."""
    unseen = (
        "SELECT submission FROM events AS change WHERE verb = 'correct' "
        "AND NOT EXISTS (SELECT 1 FROM events AS later "
        "WHERE later.submission = change.submission AND later.id > change.id "
        "AND later.actor LIKE 'staff:%')"
    )
    return f"status || '' = 'accepted' AND id IN ({unseen})", []


KINDS: Mapping[Need, Callable[[Situation], Condition]] = {
    Need.MAIL: _mail,
    Need.CORRECTED: _corrected,
    Need.DUE: _due,
    Need.UNPROVEN: _unproven,
    Need.PLACE: _place,
    Need.RENEWAL: _renewal,
    Need.CHANGED: _changed,
}


def find(
    db: Connection, at: Situation, kinds: Iterable[Need] = KINDS
) -> dict[int, list[Need]]:
    """Return the numbers of what needs something, and what; `MOST` of a kind."""
    found: dict[int, list[Need]] = defaultdict(list)
    for kind in kinds:
        condition, values = KINDS[kind](at)
        rows = db.execute(
            f"SELECT number FROM submissions WHERE {condition} "
            f"AND {visible(db).condition()} ORDER BY number LIMIT {MOST}",
            values,
        )
        for row in rows:
            found[row[0]].append(kind)
    return dict(found)
