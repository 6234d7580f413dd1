"""Finding submissions: the queue of staff by state, form, words and answers."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..clock import from_utc_text
from ..definition.contact import phone_end
from . import search
from .connection import Connection, WordSearch, literal, visible
from .events import BY_PERSON
from .submissions import SELECT, Status, Submission, from_row

NOBODY = -1
# How many rows are looked at to say where else a search finds something.
COUNTED = 1000

_MORE = {
    "status": "status = ?",
    "source": "source = ?",
    "lang": "lang = ?",
    "since": "created_at >= ?",
    "until": "created_at < ?",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the queue shows; empty values mean everything.

    `many` says that the field is a checkbox group, whose answer is a list; `since` and
    `until` (not included) are moments of arrival in UTC; `assignee` is a member of the
    staff, or `NOBODY`.
    """

    form_id: str = ""
    status: str = ""
    text: str = ""
    field: str = ""
    value: str = ""
    before: int = 0
    after: int = 0
    many: bool = False
    source: str = ""
    lang: str = ""
    since: str = ""
    until: str = ""
    assignee: int = 0
    oldest_first: bool = False

    @property
    def upward(self) -> bool:
        """True when rows are looked for from older to newer ones."""
        return bool(self.after) or (self.oldest_first and not self.before)


def queue(db: Connection, wanted: Filter, most: int) -> list[Submission]:
    """Return one page of the queue in its order (keyset: `before` or `after`)."""
    order = "ASC" if wanted.upward else "DESC"
    page, values = _page(db, wanted, order)
    rows = db.execute(
        f"{SELECT} WHERE number IN ({page}) ORDER BY number {order}", [*values, most]
    )
    found = [from_row(row) for row in rows]
    return found if wanted.upward == wanted.oldest_first else found[::-1]


def count(db: Connection, wanted: Filter, most: int) -> int:
    """Return how many submissions follow a place in the queue, `most` at most."""
    page, values = _page(db, wanted, "ASC")
    row = db.execute(f"SELECT count(*) FROM ({page}) AS page", [*values, most])
    return int(row.fetchone()[0])


def _page(db: Connection, wanted: Filter, order: str) -> tuple[str, list[Any]]:
    """Return the statement that finds the numbers of a page, without its length."""
    source, number, where, values = _conditions(db, wanted)
    if wanted.before:
        where.append(f"{number} < ?")
        values.append(wanted.before)
    if wanted.after:
        where.append(f"{number} > ?")
        values.append(wanted.after)
    return (
        f"SELECT number FROM {source}{_clause(where)} "
        f"ORDER BY {number} {order} LIMIT ?",
        values,
    )


def by_status(db: Connection, wanted: Filter) -> dict[Status, int]:
    """Return how many submissions a filter matches in each status.

    Among the newest `COUNTED`: a common word is in nearly every row.
    """
    source, number, where, values = _conditions(db, replace(wanted, status=""))
    rows = db.execute(
        f"SELECT status, count(*) FROM (SELECT status FROM {source}{_clause(where)} "
        f"ORDER BY {number} DESC LIMIT {COUNTED}) AS newest GROUP BY status",
        values,
    )
    return {Status(row[0]): row[1] for row in rows}


def _clause(where: list[str]) -> str:
    return f" WHERE {' AND '.join(where)}" if where else ""


def same_person(db: Connection, submission: Submission) -> list[Submission]:
    """Return other submissions to the same form with the same address or phone.

    Extensions are of one phone: it rings at the same place.
    """
    # With OR, or with a bare form_id, SQLite reads every row of the form: 8 ms each
    # time at 20,000 rows, and the queue asks fifty times.
    rows = db.execute(
        f"{SELECT} WHERE number IN ("
        "SELECT number FROM submissions WHERE email = ? "
        "UNION SELECT number FROM submissions WHERE phone_end = ?) "
        "AND form_id || '' = ? AND id <> ? ORDER BY number DESC LIMIT 20",
        [
            submission.email,
            phone_end(submission.phone),
            submission.form_id,
            submission.id,
        ],
    )
    return [from_row(row) for row in rows]


def _conditions(
    db: Connection, wanted: Filter
) -> tuple[str, str, list[str], list[Any]]:
    """Return what to select from, the number there, conditions and their values."""
    words = search.parse_query(wanted.text)
    found = db.dialect.words(words) if words else WordSearch()
    where = [found.condition] if words else []
    values: list[Any] = [found.value] if words else []
    if not visible(db).all:
        where.append(visible(db).condition())
    by_answer = bool(wanted.field and wanted.value)
    if wanted.form_id and by_answer:
        # Written into the statement, so that the index of this form's answers fits.
        where.append(f"form_id = {literal(wanted.form_id)}")
    elif wanted.form_id:
        where.append("form_id = ?")
        values.append(wanted.form_id)
    for name, sign in _MORE.items():
        if value := getattr(wanted, name):
            where.append(sign)
            values.append(value)
    if wanted.assignee == NOBODY:
        where.append("assignee IS NULL")
    elif wanted.assignee:
        where.append("assignee = ?")
        values.append(wanted.assignee)
    if by_answer:
        condition, compared = _answer(db, wanted)
        where.append(condition)
        values += compared
    return found.source, found.number, where, values


def _answer(db: Connection, wanted: Filter) -> tuple[str, list[Any]]:
    field_id = checked(wanted.field)
    if wanted.many:
        return db.dialect.includes(field_id), [wanted.value]
    # The path is written into the statement, so that the field's own index fits.
    return db.dialect.equals(field_id, wanted.value)


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
    """Return how many submissions in a status one of the staff sees to."""
    row = db.execute(
        "SELECT count(*) FROM submissions WHERE assignee = ? AND status = ?",
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
