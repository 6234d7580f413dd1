"""Reports as they were fixed: figures with the small ones hidden, for ever the same.

They hold no personal data, and erasing a request changes none of them.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection, Row, visible


@dataclass(frozen=True, slots=True)
class StoredReport:
    """Figures of a form from a day up to another one, which is not included."""

    id: int
    form_id: str
    begins: date
    ends: date
    fixed_at: datetime
    figures: dict[str, Any]


_SELECT = "SELECT id, form_id, begins, ends, fixed_at, figures FROM reports"


def make(db: Any) -> None:
    """Create the table."""
    db.execute(
        "CREATE TABLE reports (id INTEGER PRIMARY KEY, form_id TEXT NOT NULL, "
        "begins TEXT NOT NULL, ends TEXT NOT NULL, fixed_at TEXT NOT NULL, "
        "figures TEXT NOT NULL, UNIQUE (form_id, begins, ends))"
    )


def add(
    db: Connection,
    form_id: str,
    period: tuple[date, date],
    now: datetime,
    figures: dict[str, Any],
) -> StoredReport:
    """Store a report; one of the same form and period must not be there."""
    begins, ends = period
    row = db.execute(
        "INSERT INTO reports (form_id, begins, ends, fixed_at, figures) "
        "VALUES (?, ?, ?, ?, ?) RETURNING id, form_id, begins, ends, fixed_at, figures",
        [
            form_id,
            begins.isoformat(),
            ends.isoformat(),
            utc_text(now),
            json.dumps(figures, ensure_ascii=False),
        ],
    ).fetchone()
    return _from_row(row)


def get(db: Connection, report_id: int) -> StoredReport | None:
    """Return a report of a form that may be seen, or None."""
    return next((report for report in every(db) if report.id == report_id), None)


def every(db: Connection) -> list[StoredReport]:
    """Return the reports of all forms that may be seen, by form and period."""
    rows = db.execute(
        f"{_SELECT} WHERE {visible(db).condition()} ORDER BY form_id, begins, ends"
    )
    return [_from_row(row) for row in rows]


def of_form(db: Connection, form_id: str) -> list[StoredReport]:
    """Return the reports of a form, by period."""
    return [report for report in every(db) if report.form_id == form_id]


def _from_row(row: Row) -> StoredReport:
    return StoredReport(
        row[0],
        row[1],
        date.fromisoformat(row[2]),
        date.fromisoformat(row[3]),
        from_utc_text(row[4]),
        json.loads(row[5]),
    )
