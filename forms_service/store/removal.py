"""Erasing for good: which rows are due; rows and single answers go.

The index keeps words until it is merged: `search.untidy` tells of what is left.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from ..clock import utc_text
from ..definition import FormDefinition
from .connection import Connection
from .events import EventVerb
from .filters import checked
from .submissions import SELECT, Status, Submission, from_row


def due_for_purge(db: Connection, now: datetime, most: int) -> list[Submission]:
    """Return submissions whose promised day of erasure has come, oldest first."""
    rows = db.execute(
        f"{SELECT} WHERE purge_after <= ? ORDER BY purge_after, number LIMIT ?",
        [utc_text(now), most],
    )
    return [from_row(row) for row in rows]


def kept_otherwise(
    db: Connection, form: FormDefinition, status: Status, end: datetime | None
) -> Iterator[Submission]:
    """Yield rows of a version in a status that are not to be erased at a moment.

    All of them without a moment.
    """
    rows = db.execute(
        f"{SELECT} WHERE form_id = ? AND status = ? AND purge_after <> ? "
        "AND coalesce(nullif(promise, ''), fingerprint) = ?",
        [form.id, status, utc_text(end) if end else "", form.fingerprint],
    )
    return map(from_row, rows)


def with_answer(
    db: Connection,
    form: FormDefinition,
    field_id: str,
    latest: datetime,
    decided: bool,
) -> Iterator[Submission]:
    """Yield rows of a version in which a field is answered, now or in a revision.

    They were sent, or decided, at the latest at a moment.
    """
    there = db.dialect.answered(checked(field_id))
    rows = db.execute(
        f"{SELECT} WHERE form_id = ? AND fingerprint = ? "
        f"AND {'decided_at' if decided else 'created_at'} <= ? AND ({there} "
        f"OR id IN (SELECT submission FROM revisions WHERE {there}))",
        [form.id, form.fingerprint, utc_text(latest)],
    )
    return map(from_row, rows)


def scanned_again(db: Connection) -> Iterator[Submission]:
    """Yield rows that have a scan, and of which answers were erased."""
    rows = db.execute(
        f"{SELECT} WHERE id IN (SELECT attachments.submission FROM attachments "
        "JOIN events ON events.submission = attachments.submission WHERE verb = ?)",
        [EventVerb.ERASE_FIELDS],
    )
    return map(from_row, rows)


def count_due(db: Connection, until: datetime, most: int) -> int:
    """Return how many submissions are to be erased until a moment, `most` at most."""
    row = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM submissions WHERE purge_after <= ? "
        "LIMIT ?) AS due",
        [utc_text(until), most],
    ).fetchone()
    return int(row[0])


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
