"""The line of a form with places: who holds one, who waits, and in which order."""

from datetime import datetime

from ..clock import utc_text
from .connection import Connection
from .submissions import SELECT, Seat, Status, Submission, from_row


def hold(db: Connection, form_id: str) -> None:
    """Let nobody else give or take places of a form until the transaction is over.

    The order in which it is held is the order of arrival.
    """
    db.hold(f"line {form_id}")


def seats_taken(db: Connection, form_id: str) -> int:
    """Return how many places of a form are held."""
    row = db.execute(
        "SELECT coalesce(sum(seats), 0) FROM counts "
        "WHERE form_id = ? AND place = 'held'",
        [form_id],
    ).fetchone()
    return int(row[0])


def length(db: Connection, form_id: str) -> int:
    """Return how many submissions wait for a place."""
    row = db.execute(
        "SELECT coalesce(sum(number), 0) FROM counts "
        "WHERE form_id = ? AND place = 'waiting'",
        [form_id],
    ).fetchone()
    return int(row[0])


def first(db: Connection, form_id: str, most: int) -> Submission | None:
    """Return who waits longest of those who need at most so many places, or None."""
    row = db.execute(
        f"{SELECT} WHERE form_id = ? AND place = 'waiting' AND seats <= ? "
        "ORDER BY line, number LIMIT 1",
        [form_id, most],
    ).fetchone()
    return from_row(row) if row else None


def ahead(db: Connection, submission: Submission) -> int:
    """Return how many wait before a waiting submission."""
    row = db.execute(
        "SELECT count(*) FROM submissions WHERE form_id = ? AND place = ? "
        "AND (line, number) < (?, ?)",
        [submission.form_id, Seat.WAITING.value, submission.line, submission.number],
    ).fetchone()
    return int(row[0])


def last(db: Connection, form_id: str) -> int:
    """Return the highest position ever given in a form's line."""
    row = db.execute(
        "SELECT coalesce(max(line), 0) FROM submissions WHERE form_id = ? AND line > 0",
        [form_id],
    ).fetchone()
    return int(row[0])


def declined(db: Connection, until: datetime) -> list[Submission]:
    """Return who still has a place, or waits, after a refusal until a moment."""
    # Declined are many, and few of them in a line: the index of places is to be asked,
    # not that of states, nor the rows one after the other.
    rows = db.execute(
        f"{SELECT} WHERE place <> 'none' AND status || '' = ? AND decided_at <= ? "
        "ORDER BY number + 0 LIMIT 200",
        [Status.DECLINED, utc_text(until)],
    )
    return [from_row(row) for row in rows]


def lapsed_holds(
    db: Connection, form_id: str, sent_before: datetime
) -> list[Submission]:
    """Return unproven submissions that have held a place for too long."""
    rows = db.execute(
        f"{SELECT} WHERE form_id = ? AND place <> 'none' AND status = 'unverified' "
        "AND created_at <= ? ORDER BY number",
        [form_id, utc_text(sent_before)],
    )
    return [from_row(row) for row in rows]
