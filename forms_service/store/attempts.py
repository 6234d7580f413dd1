"""How often signing in to an account has failed, and when it may be tried again.

An account is the digest of whatever address was typed; times are seconds of the clock.
"""

from datetime import datetime
from typing import Any

from .connection import Connection

LONGEST_WAIT = 60
FORGOTTEN_AFTER = 24 * 60 * 60
# After the third failure a second, then twice as long each time.
_WAIT = (
    f"CASE WHEN attempts.failures >= 8 THEN {LONGEST_WAIT} "
    "ELSE (2 << CAST(attempts.failures AS INTEGER)) / 8 END"
)


def make(db: Any) -> None:
    """Create the table."""
    db.execute(
        "CREATE TABLE attempts (account TEXT PRIMARY KEY, "
        "failures INTEGER NOT NULL, next_at BIGINT NOT NULL)"
    )


def count(db: Connection, account: str, now: datetime) -> bool:
    """Count a try; say whether its turn has come, and else count nothing.

    A turn further away than any may be was stamped by a clock that was ahead.
    """
    moment = int(now.timestamp())
    row = db.execute(
        "INSERT INTO attempts (account, failures, next_at) VALUES (?, 1, ?) "
        "ON CONFLICT (account) DO UPDATE SET "
        f"failures = attempts.failures + 1, next_at = excluded.next_at + {_WAIT} "
        "WHERE attempts.next_at <= excluded.next_at "
        f"OR attempts.next_at > excluded.next_at + {LONGEST_WAIT} RETURNING failures",
        [account, moment],
    ).fetchone()
    return row is not None


def forget(db: Connection, account: str) -> None:
    """Start again after a success."""
    db.execute("DELETE FROM attempts WHERE account = ?", [account])


def drop_old(db: Connection, now: datetime) -> None:
    """Forget accounts that nobody has tried for a day."""
    db.execute(
        "DELETE FROM attempts WHERE next_at <= ?",
        [int(now.timestamp()) - FORGOTTEN_AFTER],
    )
