"""Who is told by phone, because no mail does: since when, and when they were called."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection


@dataclass(frozen=True, slots=True)
class Call:
    """A call that somebody waits for since a moment, until it is made."""

    since: datetime
    called_at: datetime | None


def make(db: Any) -> None:
    """Create the table, one row a submission, and find the calls that are still due."""
    db.execute(
        "CREATE TABLE calls (submission TEXT PRIMARY KEY "
        "REFERENCES submissions (id) ON DELETE CASCADE, "
        "since TEXT NOT NULL, called_at TEXT) WITHOUT ROWID"
    )
    db.execute(
        "CREATE INDEX calls_due ON calls (since, submission) WHERE called_at IS NULL"
    )


def want(db: Connection, submission_id: str, since: datetime) -> None:
    """Let somebody wait for a call; who waits for one already waits no longer."""
    db.execute(
        "INSERT INTO calls (submission, since) VALUES (?, ?) "
        "ON CONFLICT (submission) DO UPDATE SET called_at = NULL, since = CASE "
        "WHEN calls.called_at IS NULL THEN calls.since ELSE excluded.since END",
        [submission_id, utc_text(since)],
    )


def get(db: Connection, submission_id: str) -> Call | None:
    """Return the last call to the person of a submission, due or made, or None."""
    row = db.execute(
        "SELECT since, called_at FROM calls WHERE submission = ?", [submission_id]
    ).fetchone()
    if row is None:
        return None
    return Call(from_utc_text(row[0]), from_utc_text(row[1]) if row[1] else None)


def mark(db: Connection, submission_id: str, now: datetime) -> None:
    """Keep that a person was called, whether or not they waited for it."""
    db.execute(
        "INSERT INTO calls (submission, since, called_at) VALUES (?, ?, ?) "
        "ON CONFLICT (submission) DO UPDATE SET called_at = excluded.called_at",
        [submission_id, utc_text(now), utc_text(now)],
    )


def unmark(db: Connection, submission_id: str) -> None:
    """Take back that a person was called."""
    db.execute(
        "UPDATE calls SET called_at = NULL WHERE submission = ?", [submission_id]
    )


def drop(db: Connection, submission_id: str, since: datetime | None = None) -> None:
    """Let nobody wait for a call any more, or for one due at a moment or later."""
    db.execute(
        "DELETE FROM calls WHERE submission = ? AND called_at IS NULL AND since >= ?",
        [submission_id, utc_text(since) if since else ""],
    )
