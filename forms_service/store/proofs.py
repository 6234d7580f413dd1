"""Requests that wait for the proof of one mailbox, when a mail tells of several."""

from .connection import Connection
from .submissions import SELECT, Status, Submission, from_row


def newest_waiting(db: Connection, email: str) -> Submission | None:
    """Return the newest request whose address can still be proven, or None."""
    row = db.execute(
        f"{SELECT} WHERE email = ? AND verified_at IS NULL AND status <> ? "
        "ORDER BY number DESC LIMIT 1",
        [email, Status.WITHDRAWN],
    ).fetchone()
    return from_row(row) if row else None


def by_reference(db: Connection, email: str, reference: str) -> Submission | None:
    """Return the request of an address with this reference, or None."""
    row = db.execute(
        f"{SELECT} WHERE reference = ? AND email = ?", [reference, email]
    ).fetchone()
    return from_row(row) if row else None
