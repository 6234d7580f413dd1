"""What people answered to a mail: text for staff, for a while."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection, visible

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `reference` is that of its request, if it belongs to one."""

    submission: str | None
    reference: str
    sender: str
    subject: str
    text: str
    received_at: datetime


def make(db: Any) -> None:
    """Create the table."""
    db.execute(
        "CREATE TABLE replies (id TEXT PRIMARY KEY, "
        "submission TEXT REFERENCES submissions (id) ON DELETE CASCADE, "
        "sender TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, "
        "received_at TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX replies_submission ON replies (submission)")
    db.execute("CREATE INDEX replies_received ON replies (received_at)")


def add(db: Connection, digest: str, reply: Reply) -> None:
    """Keep an answer; the same one twice is one."""
    db.execute(
        "INSERT INTO replies (id, submission, sender, subject, text, received_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        [
            digest,
            reply.submission,
            reply.sender,
            reply.subject,
            reply.text,
            utc_text(reply.received_at),
        ],
    )


def number(db: Connection, submission: str | None) -> int:
    """Return how many answers are kept about a request, or about none."""
    row = db.execute(
        "SELECT count(*) FROM replies WHERE submission IS NOT DISTINCT FROM ?",
        [submission],
    ).fetchone()
    return int(row[0])


def newest(db: Connection) -> list[Reply]:
    """Return the answers, newest first; one about no request only to who sees all."""
    rows = db.execute(
        "SELECT submission, coalesce(reference, ''), sender, subject, text, "
        "received_at FROM replies "
        "LEFT JOIN submissions ON submissions.id = replies.submission "
        f"WHERE {visible(db).condition()} "
        "ORDER BY received_at DESC, replies.id LIMIT ?",
        [SHOWN],
    )
    return [
        Reply(row[0], row[1], row[2], row[3], row[4], from_utc_text(row[5]))
        for row in rows
    ]


def of_submission(db: Connection, submission_id: str) -> list[Reply]:
    """Return the answers about a request, oldest first."""
    rows = db.execute(
        "SELECT submission, sender, subject, text, received_at FROM replies "
        "WHERE submission = ? ORDER BY received_at, id",
        [submission_id],
    )
    return [
        Reply(row[0], "", row[1], row[2], row[3], from_utc_text(row[4])) for row in rows
    ]


def drop_old(db: Connection, before: datetime) -> None:
    """Erase answers that came before a moment."""
    db.execute("DELETE FROM replies WHERE received_at <= ?", [utc_text(before)])
