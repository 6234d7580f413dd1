"""What needs something of staff now, whatever its state: each kind by its own index.

Another kind is a condition more: a function of the moment, and its line in `KINDS`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from ..clock import utc_text
from .connection import Connection, visible
from .outbox import HELD
from .queue_indexes import DUE, OPEN, RECEIVED, UNPROVEN

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
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Situation:
    """When it is, and which requests a place is free for, by their numbers."""

    now: datetime
    today: date
    next_in_line: tuple[int, ...] = ()


class Condition(NamedTuple):
    """What a row fulfils that needs something, the values in it, and what comes first.

    The order is one that only the index of the kind has, or none has: by its number,
    PostgreSQL reads the whole table where it expects to come upon enough rows soon.
    """

    sql: str
    values: list[Any]
    order: str = "number + 0"


Kind = Callable[[Situation], Iterator[Condition]]
# The last mail failed, and neither another left nor a note says what was done.
_FAILED = (
    "id IN (SELECT failed.submission FROM outbox AS failed "
    "WHERE failed.failed_at IS NOT NULL AND failed.told_at IS NULL "
    "AND failed.reason IS DISTINCT FROM ? "
    "AND NOT EXISTS (SELECT 1 FROM outbox AS later "
    "WHERE later.submission = failed.submission AND later.id > failed.id "
    "AND later.failed_at IS NULL) "
    "AND NOT EXISTS (SELECT 1 FROM notes "
    "WHERE notes.submission = failed.submission "
    "AND notes.created_at >= failed.failed_at))"
)


def _mail(at: Situation) -> Iterator[Condition]:
    yield Condition(_FAILED, [HELD])


def _call(at: Situation) -> Iterator[Condition]:
    """A call is due, or a mail failed and there is a number to say it by."""
    due = "id IN (SELECT submission FROM calls WHERE called_at IS NULL AND since <= ?)"
    yield Condition(f"phone IS NOT NULL AND {due}", [utc_text(at.now)])
    yield Condition(f"phone IS NOT NULL AND {_FAILED}", [HELD])


def _corrected(at: Situation) -> Iterator[Condition]:
    """The answers that somebody was asked to correct have come back."""
    asked = (
        "SELECT submission FROM events AS asked WHERE verb = 'ask_correction' "
        "AND EXISTS (SELECT 1 FROM events AS back WHERE back.verb = 'correct' "
        "AND back.submission = asked.submission AND back.id > asked.id)"
    )
    # As it stands, SQLite takes the index of states: here, and in what follows.
    yield Condition(f"status || '' = 'new' AND id IN ({asked})", [])


def _due(at: Situation) -> Iterator[Condition]:
    last = (at.today + timedelta(days=SOON)).isoformat()
    for status in ("new", "correction_asked"):
        condition = f"status = '{status}' AND {OPEN} AND {DUE} <= ?"
        yield Condition(condition, [last], f"{DUE}, number")


def _unproven(at: Situation) -> Iterator[Condition]:
    """Nothing shows who asks, and there is a phone to ask by."""
    new = "status = 'new' AND proof = 'none' AND phone IS NOT NULL"
    yield Condition(new, [], f"{UNPROVEN}, number")
    yield Condition(
        f"status = 'unverified' AND {RECEIVED} <= ? AND phone IS NOT NULL",
        [utc_text(at.now - PATIENCE)],
        f"{RECEIVED}, number",
    )


def _place(at: Situation) -> Iterator[Condition]:
    listed = ", ".join(map(str, at.next_in_line))
    yield Condition(f"number IN ({listed or 'NULL'})", [])


def _renewal(at: Situation) -> Iterator[Condition]:
    """A member was asked in vain whether they stay, or cannot be asked by mail."""
    yield Condition("asks > 1 AND status || '' = 'accepted'", [])


def _changed(at: Situation) -> Iterator[Condition]:
    """A member has corrected something, and nobody of the staff has looked since."""
    unseen = (
        "SELECT submission FROM events AS change WHERE verb = 'correct' "
        "AND NOT EXISTS (SELECT 1 FROM events AS later "
        "WHERE later.submission = change.submission AND later.id > change.id "
        "AND later.actor LIKE 'staff:%')"
    )
    yield Condition(f"status || '' = 'accepted' AND id IN ({unseen})", [])


KINDS: Mapping[Need, Kind] = {
    Need.MAIL: _mail,
    Need.CORRECTED: _corrected,
    Need.DUE: _due,
    Need.UNPROVEN: _unproven,
    Need.PLACE: _place,
    Need.RENEWAL: _renewal,
    Need.CHANGED: _changed,
    Need.CALL: _call,
}


def find(
    db: Connection, at: Situation, kinds: Iterable[Need] = KINDS
) -> dict[int, list[Need]]:
    """Return the numbers of what needs something, and what; `MOST` of a condition.

    All are asked for at once: each question is a way to the server and back.
    """
    looked_for = [(kind, each) for kind in kinds for each in KINDS[kind](at)]
    rows = db.execute(
        " UNION ALL ".join(
            f"SELECT {place} AS place, number FROM (SELECT number FROM submissions "
            f"WHERE {each.sql} AND {visible(db).condition()} "
            f"ORDER BY {each.order} LIMIT {MOST}) AS found{place}"
            for place, (_, each) in enumerate(looked_for)
        ),
        [value for _, each in looked_for for value in each.values],
    )
    found: dict[int, list[Need]] = defaultdict(list)
    for place, number in sorted(map(tuple, rows)):
        if (kind := looked_for[place][0]) not in found[number]:
            found[number].append(kind)
    return dict(found)
