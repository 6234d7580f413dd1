"""How many submissions each form has by status and place: rows that triggers keep.

Counting a million of them for a page takes longer than drawing it. Their sum counts:
on PostgreSQL triggers append what changes, so that no two who write want the same row,
and `fold` puts it together.
"""

from collections.abc import Iterator

from sqlite_utils import Database

from .connection import Connection, visible
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
_APPEND = (
    "INSERT INTO counts VALUES ({0}form_id, {0}status, {0}place, {1}1, {1}{0}seats);"
)
APPEND_LESS, APPEND_MORE = _APPEND.format("old.", "-"), _APPEND.format("new.", "")
_KINDS = "form_id, status, place"
_KEPT = f"SELECT {_KINDS}, sum(number), sum(seats) FROM counts GROUP BY {_KINDS}"


def triggers(less: str = _LESS, more: str = _MORE) -> Iterator[tuple[str, str, str]]:
    """Yield names, when on the table of submissions, and what is done then."""
    yield "counts_ai", "INSERT", more
    yield "counts_ad", "DELETE", less
    yield "counts_au", "UPDATE OF form_id, status, place, seats", less + more


def of_status(db: Connection) -> dict[tuple[str, Status], int]:
    """Return how many submissions each form that may be seen has in each status."""
    rows = db.execute(
        "SELECT form_id, status, sum(number) FROM counts "
        f"WHERE {visible(db).condition()} GROUP BY form_id, status "
        "HAVING sum(number) > 0 ORDER BY form_id, status"
    )
    return {(row[0], Status(row[1])): int(row[2]) for row in rows}


def miscounted(db: Connection) -> list[str]:
    """Return the forms that have other rows than is kept; reads every row."""
    real = {tuple(row) for row in db.execute(_COUNTED)}
    kept = {tuple(row) for row in db.execute(f"{_KEPT} HAVING sum(number) > 0")}
    return sorted({row[0] for row in real ^ kept})


def count_again(db: Connection) -> None:
    """Count all rows as they are now."""
    db.execute("DELETE FROM counts")
    db.execute(f"INSERT INTO counts {_COUNTED}")


def unfolded(db: Connection) -> int:
    """Return how many rows there are beyond one of each kind."""
    kinds = f"SELECT count(*) FROM (SELECT DISTINCT {_KINDS} FROM counts) AS kinds"
    row = db.execute(f"SELECT count(*) - ({kinds}) FROM counts").fetchone()
    return int(row[0])


def fold(db: Connection) -> None:
    """Put together the rows of each kind; who appends meanwhile waits for nobody."""
    gone = db.execute(f"DELETE FROM counts RETURNING {_KINDS}, number, seats")
    sums: dict[tuple[str, str, str], list[int]] = {}
    for *kind, number, seats in gone.fetchall():
        of_kind = sums.setdefault((kind[0], kind[1], kind[2]), [0, 0])
        of_kind[0], of_kind[1] = of_kind[0] + number, of_kind[1] + seats
    for kept, (number, seats) in sums.items():
        db.execute("INSERT INTO counts VALUES (?, ?, ?, ?, ?)", [*kept, number, seats])


def make(db: Database) -> None:
    """Make the table of counts and what keeps it, and count."""
    db.execute(
        "CREATE TABLE counts (form_id TEXT NOT NULL, status TEXT NOT NULL, "
        "place TEXT NOT NULL, number INTEGER NOT NULL, seats INTEGER NOT NULL, "
        "PRIMARY KEY (form_id, status, place)) WITHOUT ROWID"
    )
    db.execute(f"INSERT INTO counts {_COUNTED}")
    for name, when, then in triggers():
        db.execute(
            f"CREATE TRIGGER {name} AFTER {when} ON submissions BEGIN {then} END"
        )
