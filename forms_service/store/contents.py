"""Which content came last, of those that several processes serve, and who serves it."""

from datetime import datetime
from typing import Any, NamedTuple

from ..clock import from_utc_text, utc_text
from .connection import Connection


class Served(NamedTuple):
    """When a content was last served, and when a newer one; None if never."""

    at: datetime | None
    newer_at: datetime | None
    newest: bool


def find(db: Connection, digest: str) -> Served | None:
    """Return what is known of a content; None of one that comes for the first time."""
    row = db.execute(
        "SELECT seen_at, number = (SELECT max(number) FROM contents), "
        "(SELECT max(seen_at) FROM contents AS newer "
        "WHERE newer.number > contents.number) FROM contents WHERE digest = ?",
        [digest],
    ).fetchone()
    if row is None:
        return None
    return Served(_moment(row[0]), _moment(row[2]), bool(row[1]))


def _moment(text: str | None) -> datetime | None:
    return from_utc_text(text) if text else None


def come_last(db: Connection, digest: str) -> None:
    """Let a content be the newest."""
    db.execute(
        "INSERT INTO contents (digest, number) SELECT CAST(? AS text), "
        "coalesce(max(number), 0) + 1 FROM contents WHERE true ON CONFLICT (digest) "
        "DO UPDATE SET number = excluded.number",
        [digest],
    )


def see(db: Connection, digest: str, now: datetime) -> None:
    """Note that a content is served now."""
    db.execute(
        "UPDATE contents SET seen_at = ? WHERE digest = ?", [utc_text(now), digest]
    )


def make(db: Any) -> None:
    """Create the table; it names no form, event or person."""
    db.execute(
        "CREATE TABLE contents (digest TEXT PRIMARY KEY, number INTEGER NOT NULL, "
        "seen_at TEXT NOT NULL DEFAULT '')"
    )
