"""Members of a register: who is to be asked whether they stay."""

from datetime import datetime

from ..clock import utc_text
from .connection import Connection
from .submissions import SELECT, Submission, from_row

_MEMBER = "status = 'accepted'"


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
