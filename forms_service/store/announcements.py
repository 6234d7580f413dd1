"""What the people of a form were last told about its event, and who they are."""

from collections.abc import Set
from dataclasses import dataclass

from .connection import Connection
from .submissions import SELECT, Seat, Status, Submission, from_row

REGISTERED = (Status.NEW, Status.CORRECTION_ASKED, Status.ACCEPTED)
# Further than any copy of the data could have counted since it was made.
AFTER_A_RESTORE = 1000
_NEVER = "9999"


@dataclass(frozen=True, slots=True)
class Told:
    """Facts of an event, the revision of its calendar file, the day reminded of."""

    facts: str
    sequence: int
    reminded: str


def registered(one: Submission) -> bool:
    """Say whether somebody takes part: proven, not waiting, not declined or gone."""
    takes_part = one.status in REGISTERED and one.place is not Seat.WAITING
    return takes_part and one.proven


def people(
    db: Connection, form_id: str, proven_before: str = _NEVER
) -> list[Submission]:
    """Return who takes part in a form's event and has a mailbox, in order."""
    states = ", ".join(f"'{status}'" for status in REGISTERED)
    rows = db.execute(
        f"{SELECT} WHERE form_id = ? AND status IN ({states}) AND place <> 'waiting' "
        "AND verified_at < ? AND email IS NOT NULL ORDER BY number",
        [form_id, proven_before],
    )
    return [from_row(row) for row in rows]


def about_to_hear(db: Connection, form_id: str, kinds: Set[str]) -> set[str]:
    """Return who has a mail of some kinds that waits and nobody is sending now."""
    marks = ", ".join("?" * len(kinds))
    rows = db.execute(
        "SELECT submission FROM outbox JOIN submissions ON submissions.id = submission "
        f"WHERE form_id = ? AND kind IN ({marks}) AND sent_at IS NULL "
        "AND failed_at IS NULL AND lease_until IS NULL",
        [form_id, *sorted(kinds)],
    )
    return {row[0] for row in rows}


def told(db: Connection, form_id: str) -> Told | None:
    """Return what people were last told; None before the first look at the event."""
    row = db.execute(
        "SELECT facts, sequence, reminded FROM announcements WHERE form_id = ?",
        [form_id],
    ).fetchone()
    return Told(*row) if row else None


def keep(db: Connection, form_id: str, now_told: Told) -> None:
    """Keep what people are told, inside the transaction that queues the mails."""
    db.execute(
        "INSERT OR REPLACE INTO announcements (form_id, facts, sequence, reminded) "
        "VALUES (?, ?, ?, ?)",
        [form_id, now_told.facts, now_told.sequence, now_told.reminded],
    )


def forget(db: Connection) -> None:
    """Take events as they are found next for told: after a restore nobody knows.

    Calendar files go on with higher revisions than any that has left.
    """
    db.execute(
        "UPDATE announcements SET facts = '', sequence = sequence + ?",
        [AFTER_A_RESTORE],
    )
