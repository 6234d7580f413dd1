"""Attachments as rows: scans and photos of paper, bound to one submission.

A row without a submission waits for the desk form it was uploaded for; only the
member of staff who uploaded it may bind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection, Row


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is known of a file without reading it; `kind` is pdf, jpeg or png."""

    id: str
    submission: str | None
    staff: int
    kind: str
    pages: int
    size: int
    added_at: datetime


_COLUMNS = "id, submission, staff, kind, pages, size, added_at"


def add(db: Connection, attachment: Attachment, data: bytes) -> None:
    """Store a file."""
    db.execute(
        f"INSERT INTO attachments ({_COLUMNS}, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            attachment.id,
            attachment.submission,
            attachment.staff,
            attachment.kind,
            attachment.pages,
            attachment.size,
            utc_text(attachment.added_at),
            data,
        ],
    )


def of_submission(db: Connection, submission_id: str) -> list[Attachment]:
    """Return the attachments of a submission in order of arrival."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM attachments WHERE submission = ? ORDER BY rowid",
        [submission_id],
    )
    return [_from_row(row) for row in rows]


def waiting(db: Connection, ids: Sequence[str], staff: int) -> list[Attachment]:
    """Return those that a member of staff uploaded and that nothing is bound to."""
    marks = ", ".join("?" * len(ids)) or "NULL"
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM attachments WHERE id IN ({marks}) AND staff = ? "
        "AND submission IS NULL ORDER BY rowid",
        [*ids, staff],
    )
    return [_from_row(row) for row in rows]


def bind(db: Connection, ids: Sequence[str], staff: int, submission_id: str) -> int:
    """Give waiting attachments to a submission; return how many it got."""
    marks = ", ".join("?" * len(ids)) or "NULL"
    return db.execute(
        f"UPDATE attachments SET submission = ? WHERE id IN ({marks}) AND staff = ? "
        "AND submission IS NULL",
        [submission_id, *ids, staff],
    ).rowcount


def content(db: Connection, attachment_id: str) -> bytes:
    """Return the bytes of an attachment that is there."""
    row = db.execute(
        "SELECT data FROM attachments WHERE id = ?", [attachment_id]
    ).fetchone()
    return bytes(row[0])


def remove(db: Connection, attachment_id: str) -> None:
    """Delete one attachment."""
    db.execute("DELETE FROM attachments WHERE id = ?", [attachment_id])


def drop_waiting(db: Connection, added_before: datetime) -> int:
    """Delete what nobody bound to a submission in time; return how many."""
    return db.execute(
        "DELETE FROM attachments WHERE submission IS NULL AND added_at < ?",
        [utc_text(added_before)],
    ).rowcount


def _from_row(row: Row) -> Attachment:
    return Attachment(
        row["id"],
        row["submission"],
        row["staff"],
        row["kind"],
        row["pages"],
        row["size"],
        from_utc_text(row["added_at"]),
    )


def make(db: Any) -> None:
    """Create the table; the bytes stand last, so that no list reads them."""
    db.execute(
        "CREATE TABLE attachments (id TEXT PRIMARY KEY, "
        "submission TEXT REFERENCES submissions (id) ON DELETE CASCADE, "
        "staff INTEGER NOT NULL REFERENCES staff (id), "
        "kind TEXT NOT NULL CHECK (kind IN ('pdf', 'jpeg', 'png')), "
        "pages INTEGER NOT NULL, size INTEGER NOT NULL, added_at TEXT NOT NULL, "
        "data BLOB NOT NULL)"
    )
    db.execute("CREATE INDEX attachments_submission ON attachments (submission)")
