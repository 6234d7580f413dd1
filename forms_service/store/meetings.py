"""Meetings of a course, and who was at them.

A meeting belongs to a form with places and names nobody; who was there hangs on the
request, and is erased with it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .connection import Connection, Row
from .submissions import SELECT, Seat, Status, Submission, from_row


@dataclass(frozen=True, slots=True)
class Meeting:
    """A day of a course. `revision` counts how often attendance was written down."""

    id: int
    form_id: str
    day: date
    title: str
    revision: int


_COLUMNS = "id, form_id, day, title, revision"


def make(db: Any) -> None:
    """Create the tables; `before` is what the last change of attendance replaced."""
    db.execute(
        "CREATE TABLE meetings (id INTEGER PRIMARY KEY, form_id TEXT NOT NULL, "
        "day TEXT NOT NULL, title TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 0)"
    )
    db.execute("CREATE INDEX meetings_form ON meetings (form_id, day)")
    db.execute(
        "CREATE TABLE attendance (meeting INTEGER NOT NULL "
        "REFERENCES meetings (id) ON DELETE CASCADE, submission TEXT NOT NULL "
        "REFERENCES submissions (id) ON DELETE CASCADE, present INTEGER, "
        "before INTEGER, PRIMARY KEY (meeting, submission)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX attendance_submission ON attendance (submission)")


def add(db: Connection, form_id: str, day: date, title: str) -> int:
    """Store a meeting; return its number."""
    row = db.execute(
        "INSERT INTO meetings (form_id, day, title) VALUES (?, ?, ?) RETURNING id",
        [form_id, day.isoformat(), title],
    ).fetchone()
    return int(row[0])


def of_form(db: Connection, form_id: str) -> list[Meeting]:
    """Return the meetings of a form by day."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM meetings WHERE form_id = ? ORDER BY day, id",
        [form_id],
    )
    return [_from_row(row) for row in rows]


def remove(db: Connection, form_id: str, meeting_id: int) -> bool:
    """Delete a meeting of which no attendance is kept; say whether it was there."""
    gone = db.execute(
        "DELETE FROM meetings WHERE form_id = ? AND id = ? AND NOT EXISTS "
        "(SELECT 1 FROM attendance WHERE meeting = meetings.id)",
        [form_id, meeting_id],
    )
    return bool(gone.rowcount)


def over(db: Connection, today: date) -> int:
    """Delete meetings of the past once nobody has a place any more; return how many."""
    gone = db.execute(
        "DELETE FROM meetings WHERE day < ? AND NOT EXISTS (SELECT 1 FROM submissions "
        "WHERE form_id = meetings.form_id AND place = 'held')",
        [today.isoformat()],
    )
    return gone.rowcount


def participants(db: Connection, form_id: str) -> list[Submission]:
    """Return who is accepted and has a place. Who writes holds them from now on."""
    condition = "form_id = ? AND place = ? AND status = ?"
    values = [form_id, Seat.HELD, Status.ACCEPTED]
    db.hold_submissions(condition, values)
    rows = db.execute(f"{SELECT} WHERE {condition}", values)
    return [from_row(row) for row in rows]


def attendance(db: Connection, form_id: str) -> Mapping[int, dict[str, bool]]:
    """Return who was at each meeting of a form, and who was not; the rest is open."""
    found: defaultdict[int, dict[str, bool]] = defaultdict(dict)
    rows = db.execute(
        "SELECT meeting, submission, present FROM attendance JOIN meetings "
        "ON meetings.id = meeting WHERE form_id = ? AND present IS NOT NULL",
        [form_id],
    )
    for meeting, submission, present in rows:
        found[meeting][submission] = bool(present)
    return found


def of_submission(db: Connection, submission_id: str) -> list[tuple[Meeting, bool]]:
    """Return the meetings at which somebody was or was not, by day."""
    rows = db.execute(
        f"SELECT {_COLUMNS}, present FROM meetings JOIN attendance ON meeting = id "
        "WHERE submission = ? AND present IS NOT NULL ORDER BY day, id",
        [submission_id],
    )
    return [(_from_row(row), bool(row["present"])) for row in rows]


def attended(meeting_id: int, present: bool) -> str:
    """Return the condition that somebody was at a meeting, or was not."""
    return (
        "submissions.id IN (SELECT submission FROM attendance "
        f"WHERE meeting = {meeting_id:d} AND present = {present:d})"
    )


def advance(db: Connection, form_id: str, meeting_id: int, revision: int) -> bool:
    """Count one more change of attendance; False when it is not as it was read."""
    done = db.execute(
        "UPDATE meetings SET revision = revision + 1 "
        "WHERE form_id = ? AND id = ? AND revision = ?",
        [form_id, meeting_id, revision],
    )
    return bool(done.rowcount)


def record(db: Connection, meeting_id: int, present: Mapping[str, bool]) -> None:
    """Write down who was there; what was written before can be taken back once."""
    db.execute("UPDATE attendance SET before = present WHERE meeting = ?", [meeting_id])
    for submission_id, there in present.items():
        db.execute(
            "INSERT INTO attendance (meeting, submission, present) VALUES (?, ?, ?) "
            "ON CONFLICT (meeting, submission) DO UPDATE SET "
            "present = excluded.present",
            [meeting_id, submission_id, int(there)],
        )


def take_back(db: Connection, meeting_id: int) -> None:
    """Bring back what the last change has replaced."""
    db.execute("UPDATE attendance SET present = before WHERE meeting = ?", [meeting_id])
    db.execute(
        "DELETE FROM attendance WHERE meeting = ? AND present IS NULL", [meeting_id]
    )


def can_be_taken_back(db: Connection, meeting_id: int) -> bool:
    """Say whether the last change of attendance still stands."""
    row = db.execute(
        "SELECT 1 FROM attendance WHERE meeting = ? "
        "AND before IS DISTINCT FROM present LIMIT 1",
        [meeting_id],
    ).fetchone()
    return row is not None


def _from_row(row: Row) -> Meeting:
    return Meeting(row[0], row[1], date.fromisoformat(row[2]), row[3], row[4])
