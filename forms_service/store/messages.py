"""What staff have written to many at once: the text, by whom, to how many, who chosen.

Each mail names its message, so that the text stands here once; no person does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection, visible
from .outbox import COLUMNS, StoredMail, mail_of

_COLUMNS = "id, staff, form_id, purpose, texts, chosen_by, number, created_at"


@dataclass(frozen=True, slots=True)
class StaffMessage:
    """A message: its text by language, its purpose, and how its readers were chosen.

    `number` counts its mails; one that was only tried out has none.
    """

    id: str
    staff: int
    form_id: str
    purpose: str
    texts: Mapping[str, str]
    chosen_by: str
    number: int
    created_at: datetime


def make(db: Any) -> None:
    """Create the table, and let a mail name its message."""
    db.execute(
        "CREATE TABLE messages (id TEXT PRIMARY KEY, staff INTEGER NOT NULL, "
        "form_id TEXT NOT NULL, purpose TEXT NOT NULL, texts TEXT NOT NULL, "
        "chosen_by TEXT NOT NULL, number INTEGER NOT NULL, created_at TEXT NOT NULL) "
        "WITHOUT ROWID"
    )
    db.execute("ALTER TABLE outbox ADD COLUMN message TEXT")
    db.execute(
        "CREATE INDEX outbox_messages ON outbox (not_before) WHERE message IS NOT NULL"
    )


def add(db: Connection, written: StaffMessage) -> None:
    """Keep a message before its first mail is queued."""
    db.execute(
        f"INSERT INTO messages ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            written.id,
            written.staff,
            written.form_id,
            written.purpose,
            json.dumps(dict(written.texts), ensure_ascii=False),
            written.chosen_by,
            written.number,
            utc_text(written.created_at),
        ],
    )


def get(db: Connection, message_id: str) -> StaffMessage | None:
    """Return a message, or None; also when its form may not be seen."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM messages WHERE id = ?", [message_id]
    ).fetchone()
    if row is None or row[2] not in visible(db):
        return None
    texts, created = json.loads(row[4]), from_utc_text(row[7])
    return StaffMessage(row[0], row[1], row[2], row[3], texts, row[5], row[6], created)


def of_mail(db: Connection, mail_id: int) -> StaffMessage | None:
    """Return the message that a mail brings, or None."""
    row = db.execute("SELECT message FROM outbox WHERE id = ?", [mail_id]).fetchone()
    return get(db, row[0]) if row and row[0] else None


def name_in_mail(db: Connection, mail_key: str, message_id: str) -> None:
    """Let the mail with this key bring a message."""
    db.execute("UPDATE outbox SET message = ? WHERE key = ?", [message_id, mail_key])


def last_leaves(db: Connection) -> datetime | None:
    """Return when the last mail of any message leaves or left; None without any."""
    row = db.execute(
        "SELECT max(not_before) FROM outbox WHERE message IS NOT NULL"
    ).fetchone()
    return from_utc_text(row[0]) if row[0] else None


def leaving(db: Connection, since: datetime, now: datetime, but: int) -> list[datetime]:
    """Return when messages but one have left since a moment, oldest first.

    One that is on the way has left.
    """
    rows = db.execute(
        "SELECT not_before FROM outbox WHERE message IS NOT NULL AND not_before > ? "
        "AND (sent_at IS NOT NULL OR lease_until > ?) AND id <> ? ORDER BY not_before",
        [utc_text(since), utc_text(now), but],
    )
    return [from_utc_text(row[0]) for row in rows]


def leaves(db: Connection, mail_id: int, now: datetime) -> None:
    """Keep when a message leaves, for those that are to leave after it."""
    db.execute(
        "UPDATE outbox SET not_before = ? WHERE id = ?", [utc_text(now), mail_id]
    )


def waiting(db: Connection, now: datetime) -> list[StoredMail]:
    """Return the mails of messages that wait, first those that are to leave first."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE message IS NOT NULL "
        "AND sent_at IS NULL AND failed_at IS NULL "
        "AND (lease_until IS NULL OR lease_until <= ?) ORDER BY not_before, id",
        [utc_text(now)],
    )
    return [mail_of(row) for row in rows]


def wait(db: Connection, mail_id: int, not_before: datetime) -> None:
    """Let a mail that nobody is sending wait, as `deliveries.postpone`."""
    db.execute(
        "UPDATE outbox SET due_at = CASE WHEN attempts > 0 THEN due_at ELSE ? END, "
        "not_before = ? WHERE id = ? AND not_before < ?",
        [utc_text(not_before), utc_text(not_before), mail_id, utc_text(not_before)],
    )


def take_back(
    db: Connection, message_id: str, submission_id: str, now: datetime
) -> bool:
    """Remove the mail of a message to one person; False if it may have left."""
    removed = db.execute(
        "DELETE FROM outbox WHERE message = ? AND submission = ? AND sent_at IS NULL "
        "AND failed_at IS NULL AND (lease_until IS NULL OR lease_until <= ?)",
        [message_id, submission_id, utc_text(now)],
    )
    return bool(removed.rowcount)


def count(db: Connection, message_id: str, more: int) -> None:
    """Count mails of a message that were queued or taken back."""
    db.execute(
        "UPDATE messages SET number = number + ? WHERE id = ?", [more, message_id]
    )


def drop_old(db: Connection, written: datetime, tried: datetime) -> None:
    """Forget messages written before a moment, and those only tried out before one.

    One to a single person, which may speak of them, goes after they are erased.
    """
    db.execute(
        "DELETE FROM messages WHERE created_at <= ? OR (created_at <= ? AND ("
        "number = 0 OR number = 1 AND NOT EXISTS "
        "(SELECT 1 FROM outbox WHERE outbox.message = messages.id)))",
        [utc_text(written), utc_text(tried)],
    )
