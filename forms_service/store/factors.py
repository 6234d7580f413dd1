"""Second factors of staff as rows: sealed secrets, and digests of recovery codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..clock import from_utc_text, utc_text
from . import oldest_program
from .connection import Connection
from .staff_rights import MIGRATION


@dataclass(frozen=True, slots=True)
class Factor:
    """What a member's codes are made of; `used_at` is the step of the last one taken.

    That is kept as a moment: a clock that was ahead takes it back with it.
    """

    staff: int
    secret: str
    since: datetime
    used_at: datetime


def get(db: Connection, staff_id: int) -> Factor | None:
    """Return the factor of a member, or None."""
    return next(iter(_all(db, "WHERE staff = ?", [staff_id])), None)


def everyone(db: Connection) -> list[Factor]:
    """Return every factor."""
    return _all(db, "ORDER BY staff", [])


def _all(db: Connection, which: str, values: list[int]) -> list[Factor]:
    rows = db.execute(
        f"SELECT staff, secret, since, used_at FROM factors {which}", values
    )
    return [
        Factor(row[0], row[1], from_utc_text(row[2]), from_utc_text(row[3]))
        for row in rows
    ]


def hold(db: Connection, staff_id: int) -> None:
    """Let no factor of a member be set up while a session opens, nor the reverse."""
    db.hold(f"factor {staff_id}")


def put(db: Connection, factor: Factor, code_digests: Iterable[str]) -> None:
    """Give a member a factor and recovery codes in place of those before.

    A program that knows no factors would ask for the password alone: it runs no more.
    """
    oldest_program.require(db, MIGRATION)
    drop(db, factor.staff)
    db.execute(
        "INSERT INTO factors (staff, secret, since, used_at) VALUES (?, ?, ?, ?)",
        [factor.staff, factor.secret, utc_text(factor.since), utc_text(factor.used_at)],
    )
    for digest in code_digests:
        db.execute("INSERT INTO recovery_codes VALUES (?, ?)", [factor.staff, digest])


def use_step(db: Connection, staff_id: int, step: datetime) -> bool:
    """Take the code of a step; False when it, or a later one, was taken before."""
    taken = db.execute(
        "UPDATE factors SET used_at = ? WHERE staff = ? AND used_at < ?",
        [utc_text(step), staff_id, utc_text(step)],
    )
    return bool(taken.rowcount)


def use_code(db: Connection, staff_id: int, digest: str) -> bool:
    """Take a recovery code, which is gone with that; False when there is none."""
    taken = db.execute(
        "DELETE FROM recovery_codes WHERE staff = ? AND digest = ?", [staff_id, digest]
    )
    return bool(taken.rowcount)


def codes_left(db: Connection, staff_id: int) -> int:
    """Return how many recovery codes a member has left."""
    row = db.execute(
        "SELECT count(*) FROM recovery_codes WHERE staff = ?", [staff_id]
    ).fetchone()
    return int(row[0])


def seal_again(db: Connection, factor: Factor, sealed: str) -> None:
    """Replace the text of a secret that has not been changed meanwhile."""
    db.execute(
        "UPDATE factors SET secret = ? WHERE staff = ? AND secret = ?",
        [sealed, factor.staff, factor.secret],
    )


def drop(db: Connection, staff_id: int) -> bool:
    """Take a factor away, with its recovery codes; False when there was none."""
    db.execute("DELETE FROM recovery_codes WHERE staff = ?", [staff_id])
    gone = db.execute("DELETE FROM factors WHERE staff = ?", [staff_id])
    return bool(gone.rowcount)
