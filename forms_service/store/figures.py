"""Counts for the page of numbers and for reports: of the log, and of rows held today.

What the log tells outlives the row that was erased. All of it is read at once from
tables in the order in which they lie: an index would cost every sender more.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from .connection import Connection, visible
from .events import EventVerb

# "2030-03-01T09": what is more exact is not counted.
_HOUR = 13
_ARRIVED = f"('{EventVerb.SEND}', '{EventVerb.ENTER}')"
_DECIDED = f"('{EventVerb.ACCEPT}', '{EventVerb.DECLINE}')"
_STANDS = (
    "NOT EXISTS (SELECT 1 FROM events AS undone WHERE "
    "undone.submission = made.submission AND undone.id > made.id AND undone.verb = "
    f"'{EventVerb.UNDO}' AND NOT EXISTS (SELECT 1 FROM events AS later WHERE "
    "later.submission = made.submission AND later.id > made.id "
    f"AND later.id < undone.id AND later.verb IN {_DECIDED}))"
)


class Held(NamedTuple):
    """What rows have in common that are counted together."""

    source: str
    lang: str
    status: str


class Decision(NamedTuple):
    """A verb, the hours of arrival and decision, and the reasons of a refusal.

    The arrival of paper is the day on which it came in, as long as its row is held.
    """

    verb: str
    came: str
    made: str
    reasons: list[str]


def arrivals(
    db: Connection, form_id: str, since: str, until: str
) -> Iterator[tuple[str, int]]:
    """Yield hours between two moments, and how many requests came in each."""
    rows = db.execute(
        f"SELECT detail, substr(at, 1, {_HOUR}), count(*) FROM events "
        f"WHERE verb IN {_ARRIVED} AND at >= ? AND at < ? GROUP BY 1, 2",
        [since, until],
    )
    about = _Forms(db, form_id)
    return ((hour, number) for detail, hour, number in rows if about[detail])


def decisions(
    db: Connection, form_id: str, since: str, until: str
) -> Iterator[Decision]:
    """Yield the decisions of a time that were not taken back."""
    rows = db.execute(
        f"SELECT arrived.detail, made.verb, "
        f"coalesce(received_on, substr(arrived.at, 1, {_HOUR})), "
        f"substr(made.at, 1, {_HOUR}), made.detail FROM events AS made "
        "JOIN events AS arrived ON arrived.submission = made.submission "
        f"AND arrived.verb IN {_ARRIVED} "
        "LEFT JOIN submissions ON submissions.id = made.submission "
        f"WHERE made.verb IN {_DECIDED} AND made.at >= ? AND made.at < ? AND {_STANDS}",
        [since, until],
    )
    about = _Forms(db, form_id)
    for detail, verb, came, made, decided in rows:
        if about[detail]:
            why = '"reasons"' in decided
            reasons = json.loads(decided)["reasons"] if why else []
            yield Decision(verb, came, made, reasons)


class _Forms(dict[str, bool]):
    """Whether an entry of the log is about a form that is looked at and may be seen."""

    def __init__(self, db: Connection, form_id: str) -> None:
        super().__init__()
        self._seen, self._form_id = visible(db), form_id

    def __missing__(self, detail: str) -> bool:
        form = json.loads(detail).get("form", "")
        self[detail] = form in self._seen and self._form_id in ("", form)
        return self[detail]


def held(db: Connection, form_id: str, since: str, until: str) -> Counter[Held]:
    """Count the rows of today that arrived between two moments."""
    where, values = _rows(db, form_id, since, until)
    rows = db.execute(
        f"SELECT source, lang, status, count(*) FROM submissions WHERE {where} "
        "GROUP BY 1, 2, 3",
        values,
    )
    return Counter({Held(*row[:3]): row[3] for row in rows})


def promised(
    db: Connection, form_id: str, since: str, until: str
) -> list[tuple[str, str | None, int]]:
    """Return last days of an answer, hours of the decision or None, and how many."""
    where, values = _rows(db, form_id, since, until)
    rows = db.execute(
        f"SELECT due_on, substr(decided_at, 1, {_HOUR}), count(*) FROM submissions "
        f"WHERE {where} AND due_on IS NOT NULL AND status <> 'unverified' "
        "AND status <> 'withdrawn' GROUP BY 1, 2",
        values,
    )
    return [(row[0], row[1], row[2]) for row in rows]


def answered(
    db: Connection, form_id: str, field_id: str, since: str, until: str
) -> Counter[str]:
    """Count the answers to a field in confirmed rows; "" is for none."""
    where, values = _rows(db, form_id, since, until)
    rows = db.execute(
        f"SELECT coalesce({db.dialect.answer(field_id)}, ''), count(*) "
        f"FROM submissions WHERE {where} AND status <> 'unverified' GROUP BY 1",
        values,
    )
    return Counter({str(row[0]): row[1] for row in rows})


def stars(db: Connection, form_id: str, first: str, last: str) -> Counter[int]:
    """Count the stars that people gave between two days, both included."""
    rows = db.execute(
        "SELECT stars, count(*) FROM feedback WHERE day >= ? AND day <= ? "
        f"AND {visible(db).condition()} {'AND form_id = ?' if form_id else ''} "
        "GROUP BY stars",
        [first, last, *([form_id] if form_id else [])],
    )
    return Counter({row[0]: row[1] for row in rows})


def _rows(
    db: Connection, form_id: str, since: str, until: str
) -> tuple[str, list[str]]:
    where = f"created_at >= ? AND created_at < ? AND {visible(db).condition()}"
    if not form_id:
        return where, [since, until]
    return f"{where} AND form_id = ?", [since, until, form_id]
