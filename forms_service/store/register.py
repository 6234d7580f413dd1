"""Members of a register: who can help with what, and who is to be asked to stay."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ..clock import utc_text
from .connection import Connection, literal
from .filters import Chosen, has_answer
from .submissions import SELECT, Submission, from_row

_MEMBER = "status = 'accepted'"
# PostgreSQL takes a list of choices to be rare, and would sort all rows instead of
# reading them in order until a page is full; of a CASE it expects every second row.
_GUESSED = "CASE WHEN {} THEN true ELSE false END"
_BY_ANSWER = "status || '' = 'accepted'"


def to_ask(
    db: Connection, form_id: str, asks: int, latest: datetime, most: int
) -> list[Submission]:
    """Return members who were asked so often, and last at the latest at a moment.

    Never asked, they joined or said that they stay by then; who waits longest first.
    """
    since = "asked_at" if asks else "coalesce(renewed_at, decided_at)"
    rows = db.execute(
        f"{SELECT} WHERE form_id = ? AND {_MEMBER} AND asks = ? AND {since} <= ? "
        f"ORDER BY {since}, number LIMIT ?",
        [form_id, asks, utc_text(latest), most],
    )
    return [from_row(row) for row in rows]


def members(
    db: Connection,
    form_id: str,
    wanted: Sequence[Chosen],
    today: date,
    most: int,
    *,
    lacks: Chosen | None = None,
    paused: bool = False,
) -> list[Submission]:
    """Return members who fit, who were not contacted for the longest time first.

    `lacks` is what they do not offer; `paused` are those who have no time today, and
    nobody else.
    """
    pause = "paused_until >= ?" if paused else "paused_until < ?"
    # One answer of few finds its rows by its own index, and all others in their order.
    few = any(not each.many for each in wanted)
    key, member = (
        ("contacted_at || ''", _BY_ANSWER) if few else ("contacted_at", _MEMBER)
    )
    # Both written into the statement, so that the indexes of this form fit.
    where = [f"form_id = {literal(form_id)}", member, pause]
    values: list[Any] = [today.isoformat()]
    for each in wanted:
        condition, compared = has_answer(db, each)
        where.append(_GUESSED.format(condition) if each.many else condition)
        values += compared
    if lacks:
        condition, compared = has_answer(db, lacks)
        # Not true, be it that nothing was answered.
        where.append(f"NOT {_GUESSED.format(condition)}")
        values += compared
    rows = db.execute(
        f"{SELECT} WHERE {' AND '.join(where)} ORDER BY {key}, number LIMIT ?",
        [*values, most],
    )
    return [from_row(row) for row in rows]


def near(
    db: Connection, form_id: str, wanted: Sequence[Chosen], today: date, most: int
) -> list[tuple[Submission, Chosen]]:
    """Return members who lack just one of what is wanted, and which; as `members`."""
    found = [
        (member, each)
        for each in (wanted if len(wanted) > 1 else ())
        for member in members(
            db,
            form_id,
            [other for other in wanted if other is not each],
            today,
            most,
            lacks=each,
        )
    ]
    found.sort(key=lambda hit: (hit[0].contacted_at, hit[0].number))
    return found[:most]
