"""The sessions of a member of staff, to be looked at and ended one by one."""

from dataclasses import dataclass
from datetime import datetime

from ..clock import from_utc_text, utc_text
from .connection import Connection


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One sign-in; `browser` is as it called itself, in two words."""

    digest: str
    browser: str
    created_at: datetime
    seen_at: datetime


def of_staff(
    db: Connection, staff_id: int, idle: datetime, begun: datetime
) -> list[OpenSession]:
    """Return the sessions of a member that are not over, the last used one first."""
    rows = db.execute(
        "SELECT digest, browser, created_at, seen_at FROM sessions WHERE staff = ? "
        "AND seen_at > ? AND created_at > ? ORDER BY seen_at DESC, digest",
        [staff_id, utc_text(idle), utc_text(begun)],
    )
    return [
        OpenSession(row[0], row[1], from_utc_text(row[2]), from_utc_text(row[3]))
        for row in rows
    ]


def end(db: Connection, staff_id: int, digest: str) -> bool:
    """End one session of a member; False when it is over already."""
    return bool(
        db.execute(
            "DELETE FROM sessions WHERE staff = ? AND digest = ?", [staff_id, digest]
        ).rowcount
    )
