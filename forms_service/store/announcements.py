"""What people were last told about an event, its calendar's revision, and to whom."""

from collections.abc import Set
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection
from .submissions import SELECT, Seat, Status, Submission, from_row

REGISTERED = (Status.NEW, Status.CORRECTION_ASKED, Status.ACCEPTED)
# Further than any copy of the data could have counted since it was made.
AFTER_A_RESTORE = 1000


@dataclass(frozen=True, slots=True)
class Announcement:
    """The state of an event that its calendar file tells, and what people were told.

    `seen` are the facts of this revision, `sequence` its number, `changed_at` since
    when it holds; `told` are the facts that people were told last, `was` those before;
    `reminded` is the day that people were reminded of. While the mails of a kind are
    being queued, `telling` names it, and `upto` the submission that was looked at last.
    """

    event_id: str
    seen: str
    sequence: int
    changed_at: datetime
    told: str = ""
    was: str = ""
    reminded: str = ""
    telling: str = ""
    upto: int = 0


COLUMNS = [column.name for column in fields(Announcement)]


def registered(submission: Submission, waiting: bool = False) -> bool:
    """Say whether somebody takes part: proven, not declined or gone.

    Who waits for a place does not take part, but may be counted in.
    """
    takes_part = submission.status in REGISTERED and submission.proven
    return takes_part and (waiting or submission.place is not Seat.WAITING)


def people(
    db: Connection, form_id: str, declined_after: str, after: int, most: int
) -> list[Submission]:
    """Return who takes part in a form's event or waits, and can be told, in order.

    By mail or by phone. And who was refused after a moment: that may be taken back.
    """
    states = ", ".join(f"'{status}'" for status in REGISTERED)
    rows = db.execute(
        f"{SELECT} WHERE form_id = ? AND number > ? AND (status IN ({states}) "
        "OR status = 'declined' AND decided_at > ?) "
        "AND (verified_at IS NOT NULL AND email IS NOT NULL OR phone IS NOT NULL) "
        "ORDER BY number LIMIT ?",
        [form_id, after, declined_after, most],
    )
    return [from_row(row) for row in rows]


def about_to_hear(db: Connection, submission_id: str, kinds: Set[str]) -> bool:
    """Say whether a mail of some kinds waits for somebody and nobody is sending it."""
    marks = ", ".join("?" * len(kinds))
    row = db.execute(
        f"SELECT 1 FROM outbox WHERE submission = ? AND kind IN ({marks}) "
        "AND sent_at IS NULL AND failed_at IS NULL AND lease_until IS NULL LIMIT 1",
        [submission_id, *sorted(kinds)],
    ).fetchone()
    return row is not None


def of_event(db: Connection, event_id: str) -> Announcement | None:
    """Return what is stored of an event; None before the first look at it."""
    row = db.execute(
        f"SELECT {', '.join(COLUMNS)} FROM announcements WHERE event_id = ?", [event_id]
    ).fetchone()
    if row is None:
        return None
    values = {name: row[name] for name in COLUMNS}
    return Announcement(**values | {"changed_at": from_utc_text(row["changed_at"])})


def keep(db: Connection, now: Announcement) -> None:
    """Keep what people are told, inside the transaction that queues mails of it."""
    values = {name: getattr(now, name) for name in COLUMNS}
    values["changed_at"] = utc_text(now.changed_at)
    db.execute(
        f"INSERT INTO announcements ({', '.join(COLUMNS)}) "
        f"VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT (event_id) DO UPDATE "
        f"SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS)}",
        list(values.values()),
    )


def forget(db: Connection) -> None:
    """Take events as announced as they are found next: a restore forgets what was said.

    Calendar files go on with higher revisions than any that has left.
    """
    db.execute(
        "UPDATE announcements SET seen = '', told = '', was = '', telling = '', "
        "sequence = sequence + ?",
        [AFTER_A_RESTORE],
    )


def key_by_event(db: Any) -> None:
    """Make the table anew with a row for each event, instead of one for each form."""
    db.execute(
        "CREATE TABLE told (event_id TEXT PRIMARY KEY, seen TEXT NOT NULL, "
        "sequence INTEGER NOT NULL, changed_at TEXT NOT NULL, told TEXT NOT NULL, "
        "was TEXT NOT NULL, reminded TEXT NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "INSERT INTO told SELECT json_extract(facts, '$[0]'), max(facts), "
        "max(sequence), strftime('%Y-%m-%dT%H:%M:%S+00:00'), max(facts), '', "
        "max(reminded) FROM announcements WHERE facts <> '' GROUP BY 1"
    )
    db.execute("DROP TABLE announcements")
    db.execute("ALTER TABLE told RENAME TO announcements")


def tell_in_steps(db: Any) -> None:
    """Keep which mails are being queued, and how far they are."""
    db.execute("ALTER TABLE announcements ADD COLUMN telling TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE announcements ADD COLUMN upto INTEGER NOT NULL DEFAULT 0")
