"""Mails that do not leave any more: given up, or held by a restore."""

from datetime import datetime

from ..clock import utc_text
from .connection import Connection
from .outbox import COLUMNS, HELD, StoredMail, mail_of

FAILURES_SHOWN = 50


def failures(db: Connection) -> list[StoredMail]:
    """Return mails that failed or are being tried again, newest first."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE sent_at IS NULL "
        "AND reason IS NOT NULL ORDER BY id DESC LIMIT ?",
        [FAILURES_SHOWN],
    )
    return [mail_of(row) for row in rows]


def retry_failed(db: Connection, now: datetime) -> int:
    """Queue every failed mail again from the first attempt; return how many."""
    return _queue_again(db, now, "reason IS DISTINCT FROM ?")


def retry_about(db: Connection, now: datetime, submission_id: str) -> int:
    """Queue the failed mails about one submission again; return how many."""
    return _queue_again(
        db, now, "reason IS DISTINCT FROM ? AND submission = ?", submission_id
    )


def notified_by_phone(db: Connection, now: datetime, submission_id: str) -> int:
    """Keep that the person heard by phone what failed mails say; return how many."""
    return db.execute(
        "UPDATE outbox SET told_at = ? WHERE submission = ? "
        "AND failed_at IS NOT NULL AND told_at IS NULL",
        [utc_text(now), submission_id],
    ).rowcount


def not_notified(db: Connection, at: datetime, submission_id: str) -> None:
    """Take back what was kept at a moment of the mails about a submission."""
    db.execute(
        "UPDATE outbox SET told_at = NULL WHERE submission = ? AND told_at = ?",
        [submission_id, utc_text(at)],
    )


def hold(db: Connection, now: datetime) -> int:
    """Stop all mails that have not left until somebody releases them; return how many.

    After a restore nobody knows which of them have left since the copy was made.
    """
    return db.execute(
        "UPDATE outbox SET failed_at = ?, lease_until = NULL, reason = ? "
        "WHERE sent_at IS NULL AND failed_at IS NULL",
        [utc_text(now), HELD],
    ).rowcount


def release(db: Connection, now: datetime) -> int:
    """Queue all held mails again; return how many."""
    return _queue_again(db, now, "reason = ?")


def _queue_again(db: Connection, now: datetime, which: str, *values: str) -> int:
    return db.execute(
        "UPDATE outbox SET failed_at = NULL, reason = NULL, told_at = NULL, "
        "attempts = 0, due_at = ?, not_before = ? "
        f"WHERE failed_at IS NOT NULL AND {which}",
        [utc_text(now), utc_text(now), HELD, *values],
    ).rowcount
