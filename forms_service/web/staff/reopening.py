"""What opening a decided request again does, and what it cannot take back.

The mail about the first decision may have gone: no page can call it back.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ...store import outbox, waiting_list
from ...store.connection import Connection
from ...store.submissions import Seat, Submission
from ...workflow import capacity
from ...workflow.work import Work


class Told(StrEnum):
    """What became of the mail about the decision that is taken back."""

    NOBODY = "nobody"
    GONE = "gone"
    FAILED = "failed"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Reopening:
    """The mail that told the decision, and the place the request will have.

    `kept` says that it never gave its place up; `position` is counted from one.
    """

    told: Told
    told_on: datetime | None
    place: Seat
    kept: bool
    position: int


def reopening(work: Work, db: Connection, one: Submission) -> Reopening:
    """Return what opening this request again would do; nothing is changed."""
    mails = outbox.of_submission(db, one.id)
    # A mail about a decision is of the kind of the state it led to.
    mail = next((m for m in reversed(mails) if m.kind == one.status.value), None)
    kept = one.place is not Seat.NONE
    place = (
        Seat.NONE if kept else capacity.rejoin(work, db, one).get("place", Seat.NONE)
    )
    return Reopening(
        _told(mail),
        mail.sent_at if mail else None,
        one.place if kept else place,
        kept,
        waiting_list.length(db, one.form_id) + 1,
    )


def _told(mail: outbox.StoredMail | None) -> Told:
    if mail is None:
        return Told.NOBODY
    if mail.sent_at:
        return Told.GONE
    return Told.FAILED if mail.failed_at else Told.WAITING
