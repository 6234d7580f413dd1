"""Which programs may run on a database: two versions serve it during a rolling change.

A program is known by the number of its newest migration. Each migration names the
oldest that may still run on what it leaves: it adds first, and drops a release later.
"""

from collections.abc import Iterable
from typing import Any

from .connection import Connection, UnfitDatabase

TABLE = "oldest_program"
# Programs before this one ask nothing. A migration that names none lets no older run.
NAMED: dict[int, int] = {
    22: 21,
    23: 21,
    24: 21,
    25: 21,
    26: 21,
    27: 21,
    28: 21,
    29: 21,
    30: 21,
    31: 21,
    32: 21,
    34: 21,
    35: 21,
    36: 21,
    37: 21,
    39: 21,
    # Who writes calls names their reason from here on.
    40: 40,
    43: 40,
}


def make(db: Any) -> None:
    """Create the table of one row."""
    db.execute(f"CREATE TABLE {TABLE} (number INTEGER NOT NULL)")
    db.execute(f"INSERT INTO {TABLE} VALUES (0)")


def number_of(step: str) -> int:
    """Return the number of a migration by its name: `m021_oldest_program`."""
    return int(step[1:4])


def keep(db: Connection, steps: Iterable[str]) -> None:
    """Keep the oldest program that all these migrations allow, unless that is older."""
    if db.dialect.has_table(db, TABLE):
        numbers = [number_of(step) for step in steps]
        oldest = max((NAMED.get(number, number) for number in numbers), default=0)
        db.execute(f"UPDATE {TABLE} SET number = ? WHERE number < ?", [oldest] * 2)


def require(db: Connection, number: int) -> None:
    """Let no program run from now on that does not know a migration."""
    db.execute(f"UPDATE {TABLE} SET number = ? WHERE number < ?", [number] * 2)


def refuse_older(db: Connection, newest: str) -> None:
    """Raise `UnfitDatabase` if a program with this newest migration may not run."""
    if not db.dialect.has_table(db, TABLE):
        return
    row = db.execute(f"SELECT number FROM {TABLE}").fetchone()
    if row and row[0] > number_of(newest):
        raise UnfitDatabase(
            f"a newer program has changed the database: this one knows it up to step "
            f"{number_of(newest)} and must know step {row[0]}; install the newer again"
        )
