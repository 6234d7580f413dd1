"""What the queue of staff shows: a filter, and the SQL that asks whether a row fits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from . import search
from .connection import Connection, WordSearch, literal, visible
from .meetings import attended
from .queue_indexes import DUE, OPEN, RECEIVED

NOBODY = -1
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

    @property
    def indexed(self) -> bool:
        """True when it is one value in the index of the field; a number may be two."""
        alone = not self.many and len(self.values) == 1
        return alone and not self.values[0].isdecimal()


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
        further = (self.text, self.source, self.lang, self.assignee, self.attendance)
        one = len(self.answers) < 2 and all(chosen.indexed for chosen in self.answers)
        return self.numbers is None and one and not any(further)


def conditions(db: Connection, wanted: Filter) -> tuple[str, str, list[str], list[Any]]:
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
    # The path is written into the statement: the field's own index fits.
    given = db.dialect.includes if chosen.many else db.dialect.equals
    asked = [given(checked(chosen.field), value) for value in chosen.values]
    either = " OR ".join(f"({condition})" for condition, _ in asked)
    return f"({either})", [value for _, values in asked for value in values]


def checked(field_id: str) -> str:
    """Return a field id that may stand in a path; raise `ValueError` otherwise."""
    if not field_id.isidentifier() or not field_id.isascii():
        raise ValueError(f"{field_id!r} is no field id")
    return field_id
