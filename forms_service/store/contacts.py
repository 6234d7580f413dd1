"""Who of a register was contacted when and how, for what, and what they said."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection


class Means(StrEnum):
    """How somebody was contacted."""

    PHONE = "phone"
    MAIL = "mail"
    IN_PERSON = "in_person"


class ContactOutcome(StrEnum):
    """What they said."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class ContactNote:
    """One contact, as a member of staff has noted it."""

    at: datetime
    staff: int | None
    means: Means
    outcome: ContactOutcome
    purpose: str


# Columns of a row that only a member of a register needs.
_COLUMNS = (
    "renewed_at TEXT",
    "promise TEXT NOT NULL DEFAULT ''",
    "asks INTEGER NOT NULL DEFAULT 0",
    "asked_at TEXT",
    "contacted_at TEXT NOT NULL DEFAULT ''",
    "paused_until TEXT NOT NULL DEFAULT ''",
)


def make(db: Any) -> None:
    """Create the table and what a row of a register has beside its answers."""
    for column in _COLUMNS:
        db.execute(f"ALTER TABLE submissions ADD COLUMN {column}")
    db.execute(
        "CREATE TABLE contacts (id INTEGER PRIMARY KEY, "
        "submission TEXT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE, "
        "staff INTEGER REFERENCES staff (id), means TEXT NOT NULL, "
        "outcome TEXT NOT NULL, purpose TEXT NOT NULL, at TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX contacts_submission ON contacts (submission)")
    # Members in the order in which they are called, and in which they are asked.
    db.execute(
        "CREATE INDEX submissions_members ON submissions "
        "(form_id, contacted_at, number) WHERE status = 'accepted'"
    )
    db.execute(
        "CREATE INDEX submissions_renewal ON submissions "
        "(form_id, asks, (coalesce(renewed_at, decided_at))) "
        "WHERE status = 'accepted'"
    )
    db.execute(
        "CREATE INDEX submissions_to_call ON submissions (number) WHERE asks > 1"
    )
    db.execute(
        "CREATE INDEX events_corrected ON events (submission) WHERE verb = 'correct'"
    )


def add(
    db: Connection,
    submission_id: str,
    contact: ContactNote,
) -> None:
    """Keep a contact."""
    db.execute(
        "INSERT INTO contacts (submission, staff, means, outcome, purpose, at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            submission_id,
            contact.staff,
            contact.means,
            contact.outcome,
            contact.purpose,
            utc_text(contact.at),
        ],
    )


def of_submission(db: Connection, submission_id: str) -> list[ContactNote]:
    """Return the contacts with a person, newest first."""
    rows = db.execute(
        "SELECT at, staff, means, outcome, purpose FROM contacts "
        "WHERE submission = ? ORDER BY id DESC",
        [submission_id],
    )
    return [
        ContactNote(from_utc_text(r[0]), r[1], Means(r[2]), ContactOutcome(r[3]), r[4])
        for r in rows
    ]
