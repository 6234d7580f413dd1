"""What staff write beside a submission, as rows."""

from dataclasses import dataclass
from datetime import datetime

from ..clock import from_utc_text, utc_text
from .connection import Connection


@dataclass(frozen=True, slots=True)
class Note:
    """What a staff member wrote beside a submission."""

    author: str
    text: str
    created_at: datetime


def add(
    db: Connection, submission_id: str, staff_id: int | None, text: str, now: datetime
) -> int:
    """Write a note beside a submission; return its number."""
    written = db.execute(
        "INSERT INTO notes (submission, staff, text, created_at) VALUES (?, ?, ?, ?) "
        "RETURNING id",
        [submission_id, staff_id, text, utc_text(now)],
    )
    return int(written.fetchone()[0])


def text_of(db: Connection, submission_id: str, note_id: int) -> str:
    """Return what stands in a note of a submission."""
    found = db.execute(
        "SELECT text FROM notes WHERE submission = ? AND id = ?",
        [submission_id, note_id],
    )
    return str(found.fetchone()[0])


def of_submission(db: Connection, submission_id: str) -> list[Note]:
    """Return the notes of a submission, oldest first; a removed author is empty."""
    rows = db.execute(
        "SELECT coalesce(email, ''), text, notes.created_at FROM notes "
        "LEFT JOIN staff ON staff.id = notes.staff AND disabled_at IS NULL "
        "WHERE submission = ? "
        "ORDER BY notes.id",
        [submission_id],
    )
    return [Note(row[0], row[1], from_utc_text(row[2])) for row in rows]
