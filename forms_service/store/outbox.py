"""Mails to send, as rows: put, held, counted, found; `deliveries` lets them leave.

A row says kind and address; text and links are made when it is sent. A crash between
sending and reporting sends twice, with the same key: every kind is harmless twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from ..clock import from_utc_text, utc_text
from ..definition.contact import mailbox_key
from .connection import Connection, Row

HELD = "held"  # by a restore, until somebody releases them


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One row of the outbox."""

    id: int
    key: str
    submission: str | None
    staff: int | None
    kind: str
    email: str
    created_at: datetime
    due_at: datetime
    not_before: datetime
    attempts: int
    sent_at: datetime | None
    failed_at: datetime | None
    reason: str | None
    told_at: datetime | None
    addition: str

    @property
    def refused(self) -> bool:
        """True when it was refused for good, at once or later, and is not just late."""
        reason = self.reason or ""
        return self.failed_at is not None and reason.startswith(("5", "SMTPUTF8"))


_MOMENTS = ("created_at", "due_at", "not_before", "sent_at", "failed_at", "told_at")
_NAMES = tuple(column.name for column in fields(StoredMail))
COLUMNS = ", ".join("address AS email" if name == "email" else name for name in _NAMES)


def mail_of(row: Row) -> StoredMail:
    """Return the mail that a row of `COLUMNS` holds."""
    values = dict(zip(_NAMES, row, strict=True))
    for name in _MOMENTS:
        values[name] = from_utc_text(values[name]) if values[name] else None
    return StoredMail(**values)


def put(
    db: Connection,
    key: str,
    kind: str,
    email: str,
    now: datetime,
    not_before: datetime,
    submission: str | None = None,
    staff: int | None = None,
    addition: str = "",
) -> None:
    """Queue a mail inside the transaction of what it tells; staff may add to it."""
    due, mailbox = utc_text(not_before), mailbox_key(email)
    db.execute(
        "INSERT INTO outbox (key, submission, staff, kind, address, domain, mailbox, "
        "created_at, due_at, not_before, addition) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [key, submission, staff, kind, email, mailbox.rpartition("@")[2], mailbox,
         utc_text(now), due, due, addition],
    )  # fmt: skip
    db.wake_senders()


def take_back(
    db: Connection, submission_id: str, kinds: frozenset[str], now: datetime
) -> None:
    """Remove mails of some kinds that have not left; one being sent now is let go."""
    marks = ", ".join("?" * len(kinds))
    db.execute(
        "DELETE FROM outbox WHERE submission = ? AND sent_at IS NULL "
        "AND failed_at IS NULL AND (lease_until IS NULL OR lease_until <= ?) "
        f"AND kind IN ({marks})",
        [submission_id, utc_text(now), *sorted(kinds)],
    )


def of_submission(db: Connection, submission_id: str) -> list[StoredMail]:
    """Return the mails about a submission, oldest first."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE submission = ? ORDER BY id",
        [submission_id],
    )
    return [mail_of(row) for row in rows]


def for_many(
    db: Connection, email: str, kind: str, since: datetime
) -> list[StoredMail]:
    """Return mails to an address that tell of several requests, newest first.

    Those that were due after a moment, or will be: they may wait for days.
    """
    rows = db.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE mailbox = ? AND address = ? "
        "AND kind = ? AND due_at > ? ORDER BY id DESC",
        [mailbox_key(email), email, kind, utc_text(since)],
    )
    return [mail_of(row) for row in rows]


def by_key(db: Connection, key: str) -> StoredMail | None:
    """Return the mail with this key, or None."""
    row = db.execute(f"SELECT {COLUMNS} FROM outbox WHERE key = ?", [key]).fetchone()
    return mail_of(row) if row else None


def by_id(db: Connection, mail_id: int) -> StoredMail | None:
    """Return a mail, or None."""
    row = db.execute(f"SELECT {COLUMNS} FROM outbox WHERE id = ?", [mail_id]).fetchone()
    return mail_of(row) if row else None


def count_try(db: Connection, mail_id: int, most: int) -> int | None:
    """Count something typed behind a mail's link; return the tries left, or None."""
    row = db.execute(
        "UPDATE outbox SET tries = tries + 1 WHERE id=? AND tries < ? RETURNING tries",
        [mail_id, most],
    ).fetchone()
    return most - row[0] if row else None


def give_back_try(db: Connection, mail_id: int) -> None:
    """Take back the counting of what turned out right."""
    db.execute("UPDATE outbox SET tries = tries - 1 WHERE id = ?", [mail_id])


def codes_since(db: Connection, submission_id: str, kind: str, since: datetime) -> int:
    """Return how many mails of a kind were queued for a submission."""
    row = db.execute(
        "SELECT count(*) FROM outbox WHERE submission = ? AND kind = ? "
        "AND created_at > ?",
        [submission_id, kind, utc_text(since)],
    ).fetchone()
    return int(row[0])


def totals(db: Connection) -> dict[str, int]:
    """Return how many mails wait, were sent, failed and are held."""
    # Each is counted in an index: the rows of all that ever left are not read.
    count = "(SELECT count(*) FROM outbox"
    number, waiting, stopped, held = db.execute(
        f"SELECT {count}), {count} WHERE sent_at IS NULL AND failed_at IS NULL), "
        f"{count} WHERE failed_at IS NOT NULL), "
        f"{count} WHERE failed_at IS NOT NULL AND reason = ?)",
        [HELD],
    ).fetchone()
    numbers = waiting, number - waiting - stopped, stopped - held, held
    return dict(zip(("waiting", "sent", "failed", "held"), numbers, strict=True))


def waits_since(db: Connection) -> datetime | None:
    """Return since when the oldest mail may leave that has not; None if none waits."""
    row = db.execute(
        "SELECT min(due_at) FROM outbox WHERE sent_at IS NULL AND failed_at IS NULL"
    ).fetchone()
    return from_utc_text(row[0]) if row[0] else None


def unsent(
    db: Connection, submission_id: str, kinds: frozenset[str]
) -> StoredMail | None:
    """Return the newest mail of some kinds that has not left yet, or None."""
    marks = ", ".join("?" * len(kinds))
    row = db.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE submission = ? AND sent_at IS NULL "
        f"AND failed_at IS NULL AND kind IN ({marks}) ORDER BY id DESC LIMIT 1",
        [submission_id, *sorted(kinds)],
    ).fetchone()
    return mail_of(row) if row else None


def newest(
    db: Connection, submission_id: str | None, email: str, kinds: Iterable[str]
) -> StoredMail | None:
    """Return the newest mail of some kinds about a submission, or about none."""
    wanted = sorted(kinds)
    marks = ", ".join("?" * len(wanted))
    about = "submission IS NULL" if submission_id is None else "submission = ?"
    row = db.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE mailbox = ? AND address = ? AND "
        f"kind IN ({marks}) AND {about} ORDER BY id DESC LIMIT 1",
        [mailbox_key(email), email, *wanted, *filter(None, [submission_id])],
    ).fetchone()
    return mail_of(row) if row else None


def waits(db: Connection, kind: str, email: str) -> bool:
    """Say whether a mail of a kind to an address has not left yet."""
    row = db.execute(
        "SELECT 1 FROM outbox WHERE mailbox = ? AND address = ? AND kind = ? "
        "AND sent_at IS NULL AND failed_at IS NULL LIMIT 1",
        [mailbox_key(email), email, kind],
    ).fetchone()
    return row is not None


def drop_old(db: Connection, sent_before: datetime) -> None:
    """Delete mails about no submission that left, or failed, long ago."""
    db.execute(
        "DELETE FROM outbox WHERE submission IS NULL "
        "AND coalesce(sent_at, failed_at) <= ?",
        [utc_text(sent_before)],
    )


def drop_for_many(db: Connection, kind: str) -> None:
    """Delete mails that tell of several requests of an address that has none left."""
    db.execute(
        # About no submission: found by the index, not among all mails that ever left.
        "DELETE FROM outbox WHERE submission IS NULL AND kind = ? "
        "AND NOT EXISTS (SELECT 1 FROM submissions WHERE email = outbox.address)",
        [kind],
    )


def forget_address(db: Connection, submission_id: str) -> None:
    """Delete all mails about a submission, when its address has to go."""
    db.execute("DELETE FROM outbox WHERE submission = ?", [submission_id])
