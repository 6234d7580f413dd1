"""Acts on many submissions at once: which were chosen, and what became of each.

A row is marked in the transaction of what is done with it, so that after a crash the
page still tells what was done. Erased with the submission, and after a while anyway.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection, visible
from .submissions import SELECT, Submission, from_row


class BulkOutcome(StrEnum):
    """What became of a submission in an act on many."""

    PENDING = ""
    DONE = "done"
    UNDONE = "undone"
    KEPT = "kept"  # could not be taken back
    CHANGED = "changed"  # is not as it was read
    UNFIT = "unfit"  # its state does not allow it
    WAITING = "waiting"  # it has no place yet
    TAKEN = "taken"  # somebody else sees to it now
    UNABLE = "unable"  # whoever it was to be given to cannot see to it
    UNREACHED = "unreached"  # there is no address to write to
    OTHER = "other"  # it is of another form than the message
    UNREASONED = "unreasoned"  # its form has reasons of its own, and none was chosen


@dataclass(frozen=True, slots=True)
class BulkAct:
    """An act on many: who did what, when, and to how many."""

    id: str
    staff: int
    verb: str
    began_at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One submission of an act: the revision that was chosen, and what became of it."""

    submission: Submission
    chosen: int
    outcome: BulkOutcome


def make(db: Any) -> None:
    """Create the two tables."""
    db.execute(
        "CREATE TABLE bulk_acts (id TEXT PRIMARY KEY, staff INTEGER NOT NULL, "
        "verb TEXT NOT NULL, began_at TEXT NOT NULL, number INTEGER NOT NULL) "
        "WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE bulk_rows ("
        "bulk TEXT NOT NULL REFERENCES bulk_acts (id) ON DELETE CASCADE, "
        "submission TEXT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE, "
        "chosen INTEGER NOT NULL, outcome TEXT NOT NULL DEFAULT '', "
        "PRIMARY KEY (bulk, submission)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX bulk_rows_submission ON bulk_rows (submission)")


def begin(db: Connection, act: BulkAct, chosen: Iterable[tuple[str, int]]) -> bool:
    """Keep an act and the ids and revisions it is for; False if it has begun before.

    What is erased meanwhile is only counted.
    """
    begun = db.execute(
        "INSERT INTO bulk_acts (id, staff, verb, began_at, number) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [act.id, act.staff, act.verb, utc_text(act.began_at), act.number],
    )
    if not begun.rowcount:
        return False
    may_be_seen = visible(db).condition()
    for submission_id, revision in chosen:
        db.execute(
            "INSERT INTO bulk_rows (bulk, submission, chosen) "
            f"SELECT ?, id, ? FROM submissions WHERE id = ? AND {may_be_seen} "
            "ON CONFLICT DO NOTHING",
            [act.id, revision, submission_id],
        )
    return True


def mark(
    db: Connection,
    act_id: str,
    submission_id: str,
    outcome: BulkOutcome,
    before: BulkOutcome = BulkOutcome.PENDING,
) -> None:
    """Say what became of a submission, if nothing else has since."""
    db.execute(
        "UPDATE bulk_rows SET outcome = ? "
        "WHERE bulk = ? AND submission = ? AND outcome = ?",
        [outcome, act_id, submission_id, before],
    )


def get(db: Connection, act_id: str) -> BulkAct | None:
    """Return an act, or None."""
    row = db.execute(
        "SELECT id, staff, verb, began_at, number FROM bulk_acts WHERE id = ?", [act_id]
    ).fetchone()
    if row is None:
        return None
    return BulkAct(row[0], row[1], row[2], from_utc_text(row[3]), row[4])


def rows(db: Connection, act_id: str) -> list[BulkRow]:
    """Return the submissions of an act that may be seen, oldest first."""
    kept = {
        row[0]: (row[1], BulkOutcome(row[2]))
        for row in db.execute(
            "SELECT submission, chosen, outcome FROM bulk_rows WHERE bulk = ?", [act_id]
        )
    }
    found = db.execute(
        f"{SELECT} WHERE id IN (SELECT submission FROM bulk_rows WHERE bulk = ?) "
        f"AND {visible(db).condition()} ORDER BY number",
        [act_id],
    )
    return [BulkRow(each, *kept[each.id]) for each in map(from_row, found)]


def erased(db: Connection, act: BulkAct) -> int:
    """Return how many submissions of an act are erased, whoever may see the others."""
    row = db.execute(
        "SELECT count(*) FROM bulk_rows WHERE bulk = ?", [act.id]
    ).fetchone()
    return act.number - int(row[0])


def drop_old(db: Connection, before: datetime) -> None:
    """Forget acts that were begun long ago."""
    db.execute("DELETE FROM bulk_acts WHERE began_at <= ?", [utc_text(before)])
