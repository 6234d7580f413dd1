"""Rows as a table takes them out: a hundred at a time, column by column."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from .connection import Connection

# Few enough that a reader who takes them holds nobody up, the writer least of all, and
# that a row's answers are still in the processor's cache when its last cell is written:
# with 500 a table takes a quarter longer.
STEP = 100
_FIELDS = (
    "reference",
    "status",
    "place",
    "source",
    "proof",
    "created_at",
    "received_on",
    "verified_at",
    "decided_at",
    "lang",
    "on_behalf_of",
    "purge_after",
)
_SELECT = f"SELECT number, fingerprint, answers, {', '.join(_FIELDS)} FROM submissions"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that answered the same version and came one after the other.

    `columns` holds what is stored beside the answers; `last` is the number of the
    last row.
    """

    fingerprint: str
    last: int
    answers: Sequence[Mapping[str, Any]]
    columns: Mapping[str, Sequence[Any]]


def newest_number(db: Connection, form_id: str) -> int:
    """Return the number of the newest row of a form, 0 without rows."""
    row = db.execute(
        "SELECT max(number) FROM submissions WHERE form_id = ?", [form_id]
    ).fetchone()
    return row[0] or 0


def batches(
    db: Connection,
    form_id: str,
    status: str,
    between: tuple[int, int],
    most: int = STEP,
) -> list[Batch]:
    """Return the next rows of a form in order of arrival, in `status` if it is given.

    Their numbers are higher than the first of `between` and at most the second.
    """
    return _batches(
        db,
        f"{_SELECT} WHERE form_id = ? AND number > ? AND number <= ? "
        f"{'AND status = ?' if status else ''} ORDER BY number LIMIT ?",
        [form_id, *between, *([status] if status else []), most],
    )


def batches_of(db: Connection, form_id: str, numbers: Sequence[int]) -> list[Batch]:
    """Return those of some rows that are there, in order of arrival."""
    marks = ", ".join("?" * len(numbers))
    return _batches(
        db,
        f"{_SELECT} WHERE form_id = ? AND number IN ({marks}) ORDER BY number",
        [form_id, *numbers],
    )


def _batches(db: Connection, found: str, values: list[Any]) -> list[Batch]:
    rows = db.execute(found, values).fetchall()
    return [
        _batch(fingerprint, list(zip(*same, strict=True)))
        for fingerprint, same in groupby(rows, key=itemgetter(1))
    ]


def _batch(fingerprint: str, columns: Sequence[Sequence[Any]]) -> Batch:
    numbers, _, answers, *others = columns
    # Read as one list, each key is made once and not once a row.
    read = json.loads(f"[{','.join(answers)}]")
    named = dict(zip(_FIELDS, others, strict=True))
    return Batch(fingerprint, numbers[-1], read, named)
