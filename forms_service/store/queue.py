"""Finding submissions: the queue of staff by state, form, words and answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from ..clock import from_utc_text
from . import search
from .connection import Connection, WordSearch, literal, visible
from .events import BY_PERSON
from .meetings import attended
from .queue_indexes import DUE, OPEN, RECEIVED
from .submissions import SELECT, Status, Submission, from_row

NOBODY = -1
# How many rows are looked at to say where else a search finds something.
COUNTED = 1000
_MORE = {
    "status": "status = ?",
    "source": "source = ?",
    "lang": "lang = ?",
    "since": f"{RECEIVED} >= ?",
    "until": f"{RECEIVED} < ?",
}


class Chosen(NamedTuple):
    """One of these answers to a field; `many` says that its answer is a list."""

    field: str
    values: tuple[str, ...]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """What the queue shows; empty values mean everything.

    A row fits that has one of the answers chosen of each field. `since` and `until`
    (not included) are moments of receipt in UTC; `assignee` is a member of the staff,
    or `NOBODY`; `attendance` is a meeting, and whether somebody was there; of
    `numbers`, if they are given, others are left out. `before` and `after` are the
    number of a row: what was received earlier, or later. `by_due` orders what is open
    by the day on which it presses.
    """

    form_id: str = ""
    status: str = ""
    text: str = ""
    answers: tuple[Chosen, ...] = ()
    before: int = 0
    after: int = 0
    source: str = ""
    lang: str = ""
    since: str = ""
    until: str = ""
    assignee: int = 0
    open: bool = False
    numbers: frozenset[int] | None = None
    attendance: tuple[int, bool] | None = None
    oldest_first: bool = False
    by_due: bool = False
    # Where the numbers of phones belong that are looked for.
    country: str = ""

    @property
    def upward(self) -> bool:
        """True when rows are looked for from older to newer ones."""
        return bool(self.after) or (self.oldest_first and not self.before)

    @property
    def onward(self) -> bool:
        """True when rows are looked for in the order in which they are shown."""
        return self.upward == self.oldest_first

    @property
    def key(self) -> str:
        """By what rows stand in order, before their number.

        Words are looked for in the order of numbers: a common one is in most rows.
        """
        if search.parse_query(self.text):
            return ""
        return DUE if self.by_due else RECEIVED

    @property
    def indexed(self) -> bool:
        """True when an index has all that fits side by side, and in its order."""
        further = (self.text, self.answers, self.source, self.lang, self.assignee)
        return self.numbers is None and not any((*further, self.attendance))


def queue(db: Connection, wanted: Filter, most: int) -> list[Submission]:
    """Return one page of the queue in its order (keyset: `before` or `after`)."""
    page, values = _page(db, wanted)
    numbers = [row[0] for row in db.execute(page, [*values, most])]
    if not numbers:
        return []
    marks = ", ".join("?" * len(numbers))
    rows = db.execute(f"{SELECT} WHERE number IN ({marks})", numbers)
    by_number = {row["number"]: from_row(row) for row in rows}
    shown = numbers if wanted.onward else numbers[::-1]
    return [by_number[number] for number in shown]


def count(db: Connection, wanted: Filter, most: int) -> int:
    """Return how many submissions follow a place in the queue, `most` at most."""
    # In order, all rows of a form would be read for the few that are wanted of it;
    # without, PostgreSQL reads all before them, or notes all that are behind a place.
    page, values = _page(db, wanted, ordered=wanted.indexed)
    row = db.execute(f"SELECT count(*) FROM ({page}) AS page", [*values, most])
    return int(row.fetchone()[0])


def numbers_of(db: Connection, ids: Sequence[str]) -> frozenset[int]:
    """Return the numbers of some submissions that are there."""
    marks = ", ".join("?" * len(ids))
    rows = db.execute(f"SELECT number FROM submissions WHERE id IN ({marks})", ids)
    return frozenset(row[0] for row in rows)


def numbers(db: Connection, wanted: Filter) -> list[int]:
    """Return the numbers of all submissions of a filter, in order of arrival."""
    source, number, where, values = _conditions(db, wanted)
    found = f"SELECT number FROM {source}{_clause(where)} ORDER BY {number}"
    return [row[0] for row in db.execute(found, values)]


def _page(
    db: Connection, wanted: Filter, ordered: bool = True
) -> tuple[str, list[Any]]:
    """Return what finds the numbers of a page, or any; its length is to be added."""
    source, number, where, values = _conditions(db, wanted)
    for place, sign in ((wanted.before, "<"), (wanted.after, ">")):
        if place:
            condition, compared = _beyond(db, wanted.key, number, place, sign)
            where.append(condition)
            values += compared
    way = "ASC" if wanted.upward else "DESC"
    key = f"{wanted.key} {way}, " if wanted.key else ""
    order = f"ORDER BY {key}{number} {way} " if ordered else ""
    return f"SELECT number FROM {source}{_clause(where)} {order}LIMIT ?", values


def _beyond(
    db: Connection, key: str, number: str, place: int, sign: str
) -> tuple[str, list[Any]]:
    """Return the condition of standing on one side of a row, which may be erased."""
    if not key:
        return f"{number} {sign} ?", [place]
    at = db.execute(
        f"SELECT {key} FROM submissions WHERE number <= ? ORDER BY number DESC LIMIT 1",
        [place],
    ).fetchone()
    # Where all before it are erased, what is left is after it.
    value = at[0] if at else ""
    # SQLite takes an index for one comparison of an expression, and for no pair;
    # PostgreSQL begins at the pair, behind all that came in the same moment.
    return (
        f"{key} {sign}= ? AND ({key}, {number}) {sign} (?, ?)",
        [value, value, place],
    )


def by_status(db: Connection, wanted: Filter) -> dict[Status, int]:
    """Return how many submissions a filter matches in each status.

    Among `COUNTED` at most: of words, which may be in nearly every row, the newest.
    """
    source, number, where, values = _conditions(db, replace(wanted, status=""))
    order = f"ORDER BY {number} DESC " if wanted.text else ""
    rows = db.execute(
        f"SELECT status, count(*) FROM (SELECT status FROM {source}{_clause(where)} "
        f"{order}LIMIT {COUNTED}) AS found GROUP BY status",
        values,
    )
    return {Status(row[0]): row[1] for row in rows}


def _clause(where: list[str]) -> str:
    return f" WHERE {' AND '.join(where)}" if where else ""


def _conditions(
    db: Connection, wanted: Filter
) -> tuple[str, str, list[str], list[Any]]:
    """Return what to select from, the number there, conditions and their values."""
    words = search.parse_query(wanted.text, wanted.country)
    found = db.dialect.words(words) if words else WordSearch()
    where = [found.condition] if words else []
    values: list[Any] = [found.value] if words else []
    if not visible(db).all:
        where.append(visible(db).condition())
    if wanted.form_id and wanted.answers:
        # Written into the statement, so that the index of this form's answers fits.
        where.append(f"form_id = {literal(wanted.form_id)}")
    elif wanted.form_id:
        where.append("form_id = ?")
        values.append(wanted.form_id)
    for name, sign in _MORE.items():
        if value := getattr(wanted, name):
            where.append(sign)
            values.append(value)
    where += _of_rows(wanted, found.number)
    for chosen in wanted.answers:
        condition, compared = has_answer(db, chosen)
        where.append(condition)
        values += compared
    return found.source, found.number, where, values


def _of_rows(wanted: Filter, number: str) -> Iterator[str]:
    if wanted.open or wanted.by_due:
        yield OPEN
    if wanted.assignee == NOBODY:
        yield "assignee IS NULL"
    elif wanted.assignee:
        yield f"assignee = {wanted.assignee:d}"
    if wanted.attendance:
        yield attended(*wanted.attendance)
    if wanted.numbers is not None:
        listed = ", ".join(map(str, sorted(wanted.numbers)))
        yield f"{number} IN ({listed or 'NULL'})"


def has_answer(db: Connection, chosen: Chosen) -> tuple[str, list[Any]]:
    """Return the condition that one of these answers was given, and its values."""
    field_id, conditions = checked(chosen.field), []
    values: list[Any] = []
    for value in chosen.values:
        if chosen.many:
            conditions.append(db.dialect.includes(field_id))
            values.append(value)
        else:
            # The path is written into the statement: the field's own index fits.
            condition, compared = db.dialect.equals(field_id, value)
            conditions.append(condition)
            values += compared
    return f"({' OR '.join(conditions)})", values


def checked(field_id: str) -> str:
    """Return a field id that may stand in a path; raise `ValueError` otherwise."""
    if not field_id.isidentifier() or not field_id.isascii():
        raise ValueError(f"{field_id!r} is no field id")
    return field_id


def newest(db: Connection, status: Status) -> datetime | None:
    """Return when anything last happened by a person to a submission in a status.

    What only looks (a read, a note) or comes from the service does not count.
    """
    marks = ", ".join("?" * len(BY_PERSON))
    row = db.execute(
        "SELECT max(at) FROM submissions JOIN events "
        f"ON events.submission = submissions.id WHERE {visible(db).condition()} "
        "AND status = ? "
        f"AND verb IN ({marks})",
        [status.value, *BY_PERSON],
    ).fetchone()
    return from_utc_text(row[0]) if row[0] else None


def count_assigned(db: Connection, staff_id: int, status: Status) -> int:
    """Return how many submissions in a status one of the staff sees to, and may see."""
    row = db.execute(
        "SELECT count(*) FROM submissions WHERE assignee = ? AND status = ? "
        f"AND {visible(db).condition()}",
        [staff_id, status],
    ).fetchone()
    return int(row[0])


def newest_waiting(db: Connection, email: str) -> Submission | None:
    """Return the newest request whose address can still be proven, or None."""
    row = db.execute(
        f"{SELECT} WHERE email = ? AND verified_at IS NULL AND status <> ? "
        "ORDER BY number DESC LIMIT 1",
        [email, Status.WITHDRAWN],
    ).fetchone()
    return from_row(row) if row else None


def by_reference(db: Connection, email: str, reference: str) -> Submission | None:
    """Return the request of an address with this reference, or None."""
    row = db.execute(
        f"{SELECT} WHERE reference = ? AND email = ?", [reference, email]
    ).fetchone()
    return from_row(row) if row else None


def id_of(db: Connection, reference: str) -> str:
    """Return the id of the request with a reference, nothing when there is none."""
    row = db.execute(
        f"SELECT id FROM submissions WHERE reference = ? AND {visible(db).condition()}",
        [reference],
    ).fetchone()
    return str(row[0]) if row else ""
