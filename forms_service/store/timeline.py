"""The one row that says how far the destroying time has come; the stamps it moves."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from ..clock import NONE, Timeline, from_utc_text, utc_text
from .connection import Connection

# Columns that say when something was written, or that count from then.
STAMPS = {
    "submissions": (
        "created_at", "verified_at", "decided_at", "link_expires_at", "code_expires_at",
        "renewed_at", "asked_at", "contacted_at",
    ),
    "contacts": ("at",),
    "calls": ("since", "called_at"),
    "revisions": ("replaced_at",),
    "notes": ("created_at",),
    "attachments": ("added_at",),
    "outbox": (
        "created_at", "due_at", "not_before", "lease_until", "sent_at", "failed_at",
        "told_at",
    ),
    "staff": (
        "created_at", "digest_at", "disabled_at", "setup_expires_at", "signed_in_at",
    ),
    "factors": ("since", "used_at"),
    "sessions": ("created_at", "seen_at"),
    "announcements": ("changed_at",),
    "feedback": ("day",),
    "contents": ("seen_at",),
    "bulk_acts": ("began_at",),
    "messages": ("created_at",),
    "replies": ("received_at",),
    "reports": ("fixed_at",),
    "alarms": ("raised_at", "seen_at", "cleared_at", "mailed_at"),
}  # fmt: skip


def make(db: Any) -> None:
    """Create the table; a database that is not new begins where its log ends."""
    db.execute(
        "CREATE TABLE timeline (id INTEGER PRIMARY KEY CHECK (id = 1), "
        "destroying TEXT NOT NULL, system TEXT NOT NULL, steady_since TEXT NOT NULL, "
        "doubtful_from TEXT, followed INTEGER NOT NULL DEFAULT 0)"
    )
    db.execute(
        "INSERT INTO timeline (id, destroying, system, steady_since) "
        "SELECT 1, at, at, at FROM events ORDER BY events.id DESC LIMIT 1"
    )


def load(db: Connection) -> Timeline | None:
    """Return what was last kept; None in a database that was never served."""
    row = db.execute(
        "SELECT destroying, system, steady_since, doubtful_from, followed FROM timeline"
    ).fetchone()
    if row is None:
        return None
    return Timeline(
        from_utc_text(row[0]),
        from_utc_text(row[1]),
        from_utc_text(row[2]),
        from_utc_text(row[3]) if row[3] else None,
        timedelta(seconds=row[4]),
    )


def keep(db: Connection, line: Timeline) -> None:
    """Keep how far the time has come."""
    doubtful = utc_text(line.doubtful_from) if line.doubtful_from else None
    db.execute(
        "INSERT INTO timeline (id, destroying, system, steady_since, doubtful_from, "
        "followed) VALUES (1, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "destroying = excluded.destroying, system = excluded.system, "
        "steady_since = excluded.steady_since, "
        "doubtful_from = excluded.doubtful_from, followed = excluded.followed",
        [
            utc_text(line.destroying),
            utc_text(line.system),
            utc_text(line.steady_since),
            doubtful,
            int(line.followed.total_seconds()),
        ],
    )


def last_row(db: Connection) -> datetime | None:
    """Return when the last thing was written.

    Each leaves an entry in the log, but for alarms and what staff are mailed of them.
    """
    row = db.execute(
        "SELECT max(at) FROM (SELECT * FROM (SELECT at FROM events ORDER BY id DESC "
        "LIMIT 1) AS event UNION ALL SELECT * FROM (SELECT created_at FROM outbox "
        "ORDER BY id DESC LIMIT 1) AS mail UNION ALL SELECT max(seen_at) FROM alarms) "
        "AS written"
    ).fetchone()
    return from_utc_text(row[0]) if row[0] else None


def written_since(db: Connection, start: datetime) -> list[str]:
    """Return the submissions whose days count from a stamp of then or later."""
    rows = db.execute(
        "SELECT id FROM submissions WHERE created_at >= ? OR decided_at >= ? "
        "OR renewed_at >= ?",
        [utc_text(start)] * 3,
    )
    return [row[0] for row in rows]


def move_stamps(
    db: Connection, start: datetime, by: timedelta, life: Mapping[str, timedelta]
) -> int:
    """Move every stamp of `start` or later; return how many moments were moved.

    A column with a `life` holds moments that were so far ahead when they were written.
    """
    moved = 0
    for table, columns in STAMPS.items():
        for column in columns:
            since = start + life.get(column, NONE)
            first = str(since.date()) if column == "day" else utc_text(since)
            found = db.execute(
                f"SELECT DISTINCT {column} FROM {table} WHERE {column} >= ?", [first]
            ).fetchall()
            for (text,) in sorted(found, key=lambda row: row[0], reverse=by > NONE):
                db.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {column} = ?",
                    [_moved(text, by), text],
                )
            moved += len(found)
    return moved


def _moved(text: str, by: timedelta) -> str:
    if len(text) == len("2030-03-01"):
        return str(date.fromisoformat(text) + by)
    return utc_text(from_utc_text(text) + by)
