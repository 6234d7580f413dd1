"""Who is told by phone what, because no mail does: since when, and who was called.

Each reason to call is a row of its own: what takes one back leaves the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection

# What was decided longer before the calls were kept was told long ago.
TOLD_LONG_AGO = timedelta(days=30)


class CallReason(StrEnum):
    """What a call is about; a mail that failed is known from the outbox."""

    DECISION = "decision"
    PLACE = "place"
    MESSAGE = "message"
    EVENT = "event"
    MAIL = "mail"
    # Kept before each reason stood for itself.
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that somebody waits for since a moment, until it is made."""

    reason: CallReason
    since: datetime
    called_at: datetime | None


def make(db: Any) -> None:
    """Create the table, one row a submission."""
    db.execute(
        "CREATE TABLE calls (submission TEXT PRIMARY KEY "
        "REFERENCES submissions (id) ON DELETE CASCADE, "
        "since TEXT NOT NULL, called_at TEXT) WITHOUT ROWID"
    )
    db.execute(
        "CREATE INDEX calls_due ON calls (since, submission) WHERE called_at IS NULL"
    )


def part_reasons(db: Any) -> None:
    """Make the table anew with a row for each reason, and add the calls due before it.

    `act` is the act on many that wrote a message. Whether anybody was called before
    calls were kept is not known: what was decided in the last month is listed once,
    unless a note has been written since.
    """
    known = db.execute(
        "SELECT submission, CASE WHEN status IN ('accepted', 'declined') "
        "THEN 'decision' ELSE '' END, '', since, called_at "
        "FROM calls JOIN submissions ON submissions.id = calls.submission"
    ).fetchall()
    db.execute("DROP TABLE calls")
    db.execute(
        "CREATE TABLE calls (submission TEXT NOT NULL "
        "REFERENCES submissions (id) ON DELETE CASCADE, "
        "reason TEXT NOT NULL, act TEXT NOT NULL, since TEXT NOT NULL, called_at TEXT, "
        "PRIMARY KEY (submission, reason, act)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE INDEX calls_due ON calls (since, submission) WHERE called_at IS NULL"
    )
    for row in known:
        db.execute("INSERT INTO calls VALUES (?, ?, ?, ?, ?)", tuple(row))
    last = db.execute("SELECT at FROM events ORDER BY id DESC LIMIT 1").fetchone()
    if last:
        since = utc_text(from_utc_text(last[0]) - TOLD_LONG_AGO)
        db.execute(_BEFORE, [since])


_BEFORE = (
    "INSERT INTO calls SELECT id, 'decision', '', decided_at, NULL FROM submissions "
    "WHERE status IN ('accepted', 'declined') AND decided_at >= ? "
    "AND phone IS NOT NULL AND (email IS NULL OR verified_at IS NULL) "
    "AND id NOT IN (SELECT submission FROM calls) AND NOT EXISTS (SELECT 1 FROM notes "
    "WHERE notes.submission = submissions.id AND notes.created_at > decided_at)"
)


def want(
    db: Connection,
    submission_id: str,
    reason: CallReason,
    since: datetime,
    act: str = "",
) -> None:
    """Let somebody wait for a call; who waits for it already waits no longer."""
    db.execute(
        "INSERT INTO calls (submission, reason, act, since) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (submission, reason, act) DO UPDATE SET called_at = NULL, "
        "since = CASE WHEN calls.called_at IS NULL THEN calls.since "
        "ELSE excluded.since END",
        [submission_id, reason, act, utc_text(since)],
    )


def of_submission(db: Connection, submission_id: str) -> list[Call]:
    """Return the calls to the person of a submission, due and made, oldest first."""
    rows = db.execute(
        "SELECT reason, since, called_at FROM calls WHERE submission = ? "
        "ORDER BY since, reason, act",
        [submission_id],
    )
    return [
        Call(
            CallReason(row[0]), from_utc_text(row[1]), row[2] and from_utc_text(row[2])
        )
        for row in rows
    ]


def mark(db: Connection, submission_id: str, now: datetime) -> int:
    """Keep that a person was called about all that is due; return how many.

    About what is due only later, if nothing else is.
    """
    called = "UPDATE calls SET called_at = ? WHERE submission = ? AND called_at IS NULL"
    values = [utc_text(now), submission_id]
    due = db.execute(f"{called} AND since <= ?", [*values, values[0]]).rowcount
    return due or db.execute(called, values).rowcount


def unmark(db: Connection, submission_id: str, at: datetime) -> None:
    """Take back a call to a person: they wait again for all that it was about."""
    call = "WHERE submission = ? AND called_at = ?"
    values = [submission_id, utc_text(at)]
    # That mails have failed the outbox tells again.
    db.execute(f"DELETE FROM calls {call} AND reason = ?", [*values, CallReason.MAIL])
    db.execute(f"UPDATE calls SET called_at = NULL {call}", values)


def drop(db: Connection, submission_id: str, since: datetime | None = None) -> None:
    """Let nobody wait for a call any more, or for one due at a moment or later."""
    db.execute(
        "DELETE FROM calls WHERE submission = ? AND called_at IS NULL AND since >= ?",
        [submission_id, utc_text(since) if since else ""],
    )


def drop_reason(
    db: Connection, submission_id: str, reason: CallReason, act: str = ""
) -> None:
    """Let nobody wait any more for a call of one reason."""
    db.execute(
        "DELETE FROM calls WHERE submission = ? AND reason = ? AND act = ? "
        "AND called_at IS NULL",
        [submission_id, reason, act],
    )


def wait_about_events(db: Connection, forms: Sequence[str]) -> list[str]:
    """Return who waits for a call about the event of one of these forms."""
    marks = ", ".join("?" * len(forms))
    rows = db.execute(
        "SELECT submission FROM calls JOIN submissions ON id = submission "
        f"WHERE reason = ? AND called_at IS NULL AND form_id IN ({marks})",
        [CallReason.EVENT, *forms],
    )
    return [row[0] for row in rows]
