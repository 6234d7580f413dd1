"""Erasing for good: rows and single answers; `search.untidy` tells of what is left.

The index keeps words until it is merged.
"""

from collections.abc import Iterable
from datetime import datetime

from ..clock import utc_text
from .connection import Connection
from .queue import checked
from .submissions import SELECT, Submission, from_row


def due_for_purge(db: Connection, now: datetime, most: int) -> list[Submission]:
    """Return submissions whose promised day of erasure has come, oldest first."""
    rows = db.execute(
        f"{SELECT} WHERE purge_after <= ? ORDER BY purge_after, number LIMIT ?",
        [utc_text(now), most],
    )
    return [from_row(row) for row in rows]


def erase(db: Connection, submission_id: str) -> None:
    """Delete a submission; all that hangs on it goes too (cascade)."""
    db.execute("DELETE FROM submissions WHERE id = ?", [submission_id])


def erase_answers(db: Connection, submission_id: str, fields: Iterable[str]) -> int:
    """Delete single answers now and in all revisions; return how many rows changed."""
    changed = 0
    for field_id in map(checked, fields):
        rest, there = db.dialect.without(field_id), db.dialect.answered(field_id)
        for table, key in (("submissions", "id"), ("revisions", "submission")):
            changed += db.execute(
                f"UPDATE {table} SET answers = {rest} WHERE {key} = ? AND {there}",
                [submission_id],
            ).rowcount
    return changed


def answered(db: Connection, submission_id: str, field_id: str) -> bool:
    """Say whether a field is answered now or was in a revision."""
    there = db.dialect.answered(checked(field_id))
    row = db.execute(
        f"SELECT 1 FROM submissions WHERE id = ? AND {there} "
        f"UNION ALL SELECT 1 FROM revisions WHERE submission = ? AND {there} LIMIT 1",
        [submission_id, submission_id],
    ).fetchone()
    return row is not None
