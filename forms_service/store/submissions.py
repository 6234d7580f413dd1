"""Submissions as rows: insert, find, change, list. No rule of the life here."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection, Row, visible
from .events import WITHOUT_CHANGE


class Status(StrEnum):
    """Where a submission stands."""

    UNVERIFIED = "unverified"
    NEW = "new"
    CORRECTION_ASKED = "correction_asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Seat(StrEnum):
    """Whether a submission has one of the places of a form with capacity."""

    NONE = "none"
    HELD = "held"
    WAITING = "waiting"


class Source(StrEnum):
    """The way a submission came in."""

    WEB = "web"
    PDF = "pdf"
    PAPER = "paper"
    PHONE = "phone"
    DESK = "desk"


class Proof(StrEnum):
    """How it was made sure that the person is the one who asked."""

    NONE = "none"
    MAIL = "mail"
    CODE = "code"
    PHONE = "phone"
    SIGNATURE = "signature"
    IN_PERSON = "in_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One sent form, as stored. Times are aware UTC, answers language-neutral.

    A new row has the defaults. `revision` rises with every change that somebody who
    decides should have read: it counts the entries of the log that tell of one.
    """

    number: int
    id: str
    form_key: str | None = None
    reference: str
    form_id: str
    fingerprint: str
    lang: str
    text_hash: str
    source: Source
    status: Status
    place: Seat
    line: int = 0
    seats: int = 1
    proof: Proof
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    organisation: str | None = None
    people: int | None = None
    answers: dict[str, Any]
    on_behalf_of: bool = False
    received_on: str | None = None
    # The last day of `answer_within`, in the version that was answered first.
    due_on: date | None = None
    created_at: datetime
    verified_at: datetime | None = None
    decided_at: datetime | None = None
    purge_after: datetime
    # Of a member of a register: by which version they last said that they stay (empty:
    # the one answered), how often they were asked since, and what staff noted.
    renewed_at: datetime | None = None
    promise: str = ""
    asks: int = 0
    asked_at: datetime | None = None
    contacted_at: str = ""
    paused_until: str = ""
    link_generation: int = 0
    link_expires_at: datetime
    link_tries: int = 0
    address_changes: int = 0
    personal_generation: int = 0
    code_generation: int = 0
    code_expires_at: datetime | None = None
    code_tries: int = 0
    assignee: int | None = None
    # What a verb returns was read before its own entry in the log was written.
    revision: int = field(default=0, compare=False)

    @property
    def proven(self) -> bool:
        """True when the owner of the mailbox has proven it."""
        return self.verified_at is not None


COLUMNS = tuple(column.name for column in fields(Submission))
# They repeat answers for the search; nobody reads them.
_SEARCHED = ("search", "phone_end")
_WRITTEN = (
    *(name for name in COLUMNS if name not in ("number", "revision")),
    *_SEARCHED,
)
# How a column is written that is not stored as what it means, and how it is read.
_WRITE: Mapping[type, Callable[[Any], Any]] = {
    datetime: utc_text,
    date: date.isoformat,
    dict: json.JSONEncoder(ensure_ascii=False).encode,
}
_READ: Mapping[str, Callable[[Any], Any]] = {
    "source": Source,
    "status": Status,
    "place": Seat,
    "proof": Proof,
    "answers": json.loads,
    "on_behalf_of": bool,
    "due_on": date.fromisoformat,
    "created_at": from_utc_text,
    "verified_at": from_utc_text,
    "decided_at": from_utc_text,
    "purge_after": from_utc_text,
    "renewed_at": from_utc_text,
    "asked_at": from_utc_text,
    "link_expires_at": from_utc_text,
    "code_expires_at": from_utc_text,
}
# Counted in the log, in which every change leaves an entry: none can be forgotten.
_SILENT = ", ".join(f"'{verb}'" for verb in WITHOUT_CHANGE)
_REVISION = (
    "(SELECT count(*) FROM events WHERE events.submission = submissions.id "
    f"AND verb NOT IN ({_SILENT})) AS revision"
)
# By place: to find a column by its name sqlite3 looks through all those before it.
_ALL = ", ".join([*COLUMNS[:-1], _REVISION])
SELECT = f"SELECT {_ALL} FROM submissions"


class NotFound(Exception):
    """There is no such submission: never was, or erased by now."""


def from_row(row: Row) -> Submission:
    """Turn a row of `SELECT` into a submission."""
    values = dict(zip(COLUMNS, row, strict=True))
    read = {n: of(values[n]) for n, of in _READ.items() if values[n] is not None}
    return Submission(**values | read)


def written(value: Any) -> Any:
    """Return what a column holds for a value."""
    write = _WRITE.get(type(value))
    return write(value) if write else value


def _as_read(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are read again: a stored moment has whole seconds."""
    return {
        name: value.astimezone(UTC).replace(microsecond=0)
        if isinstance(value, datetime)
        else value
        for name, value in values.items()
    }


def _without_searched(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in values if name not in _SEARCHED}


def insert(db: Connection, values: Mapping[str, Any]) -> Submission | None:
    """Insert a submission and return it; None when its key or reference is taken.

    What is not given has its default, which table and class have in common.
    """
    columns = _as_read(values)
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    row = db.execute(
        f"INSERT INTO submissions ({names}) VALUES ({marks}) "
        "ON CONFLICT DO NOTHING RETURNING number",
        [*map(written, columns.values())],
    ).fetchone()
    if row is None:
        return None
    return Submission(number=row[0], **_without_searched(columns))


def get(db: Connection, submission_id: str) -> Submission:
    """Return a submission; raise `NotFound`, also when its form may not be seen.

    Who writes holds it from now on.
    """
    submission = find(db, submission_id)
    if submission is None:
        raise NotFound(submission_id)
    return submission


def find(db: Connection, submission_id: str) -> Submission | None:
    """Return a submission, or None when it is erased; as `get`."""
    db.hold_submissions("id = ?", [submission_id])
    row = db.execute(f"{SELECT} WHERE id = ?", [submission_id]).fetchone()
    return from_row(row) if row and row["form_id"] in visible(db) else None


def is_there(db: Connection, submission_id: str) -> bool:
    """Say whether a submission is not erased, without reading it."""
    row = db.execute("SELECT 1 FROM submissions WHERE id = ?", [submission_id])
    return row.fetchone() is not None


def by_form_key(db: Connection, form_key: str) -> Submission | None:
    """Return what was stored under a form key, so that sending twice stores once."""
    row = db.execute(f"{SELECT} WHERE form_key = ?", [form_key]).fetchone()
    return from_row(row) if row else None


def by_email(db: Connection, email: str) -> list[Submission]:
    """Return all submissions with an address, newest first; as `get`."""
    db.hold_submissions("email = ?", [email])
    rows = db.execute(f"{SELECT} WHERE email = ? ORDER BY number DESC", [email])
    return [from_row(row) for row in rows]


def change(db: Connection, submission: Submission, **values: Any) -> Submission:
    """Set columns of a submission and return it with them; raise `NotFound`.

    Who writes has just read it: of nothing else in the row has anybody changed a thing.
    """
    if unknown := values.keys() - set(_WRITTEN):
        raise ValueError(f"no column {sorted(unknown)}")
    if not values:
        return submission
    # Not read back: SQLite would look through the whole log for the revision.
    sets = ", ".join(f"{name} = ?" for name in values)
    changed = db.execute(
        f"UPDATE submissions SET {sets} WHERE id = ?",
        [*map(written, values.values()), submission.id],
    )
    if not changed.rowcount:
        raise NotFound(submission.id)
    return replace(submission, **_without_searched(_as_read(values)))


def count_try(db: Connection, submission_id: str, column: str, most: int) -> bool:
    """Use one of `most` tries of a code; return False when all are used."""
    if column not in ("link_tries", "code_tries"):
        raise ValueError(f"no column of tries {column!r}")
    done = db.execute(
        f"UPDATE submissions SET {column} = {column} + 1 "
        f"WHERE id = ? AND {column} < ? RETURNING id",
        [submission_id, most],
    ).fetchone()
    return done is not None
