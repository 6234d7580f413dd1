"""How many submissions each form has by status and place: rows that triggers keep.

Counting a million of them for a page takes longer than drawing it.
"""

from sqlite_utils import Database

from .connection import Connection
from .submissions import Status

_COUNTED = (
    "SELECT form_id, status, place, count(*), sum(seats) FROM submissions "
    "GROUP BY form_id, status, place"
)
_LESS = (
    "UPDATE counts SET number = number - 1, seats = seats - old.seats WHERE "
    "(form_id, status, place) = (old.form_id, old.status, old.place);"
)
_MORE = (
    "INSERT INTO counts VALUES (new.form_id, new.status, new.place, 1, new.seats) "
    "ON CONFLICT (form_id, status, place) "
    "DO UPDATE SET number = counts.number + 1, seats = counts.seats + excluded.seats;"
)
# Name, when on the table of submissions, and what is done then.
TRIGGERS = (
    ("counts_ai", "INSERT", _MORE),
    ("counts_ad", "DELETE", _LESS),
    ("counts_au", "UPDATE OF form_id, status, place, seats", _LESS + _MORE),
)


def of_status(db: Connection) -> dict[tuple[str, Status], int]:
    """Return how many submissions each form has in each status."""
    rows = db.execute(
        "SELECT form_id, status, sum(number) FROM counts WHERE number > 0 "
        "GROUP BY form_id, status ORDER BY form_id, status"
    )
    return {(row[0], Status(row[1])): int(row[2]) for row in rows}


def miscounted(db: Connection) -> list[str]:
    """Return the forms that have other rows than is kept; reads every row."""
    real = {tuple(row) for row in db.execute(_COUNTED)}
    kept = {tuple(row) for row in db.execute("SELECT * FROM counts WHERE number > 0")}
    return sorted({row[0] for row in real ^ kept})


def count_again(db: Connection) -> None:
    """Count all rows as they are now."""
    db.execute("DELETE FROM counts")
    db.execute(f"INSERT INTO counts {_COUNTED}")


def make(db: Database) -> None:
    """Make the table of counts and what keeps it, and count."""
    db.execute(
        "CREATE TABLE counts (form_id TEXT NOT NULL, status TEXT NOT NULL, "
        "place TEXT NOT NULL, number INTEGER NOT NULL, seats INTEGER NOT NULL, "
        "PRIMARY KEY (form_id, status, place)) WITHOUT ROWID"
    )
    db.execute(f"INSERT INTO counts {_COUNTED}")
    for name, when, then in TRIGGERS:
        db.execute(
            f"CREATE TRIGGER {name} AFTER {when} ON submissions BEGIN {then} END"
        )
