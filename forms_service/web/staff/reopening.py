"""What opening a decided request again would do: its mail, its place, its end."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ...store import outbox, waiting_list
from ...store.connection import Connection
from ...store.submissions import Seat, Submission
from ...workflow import capacity
from ...workflow.context import WorkflowContext


class DecisionMail(StrEnum):
    """What became of the mail about the decision that is taken back."""

    NOBODY = "nobody"
    GONE = "gone"
    FAILED = "failed"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Reopening:
    """The mail that told the decision, and the place the request will have.

    `kept` says that it never gave its place up; `position` is counted from one.
    `erased_on` is the day of erasure that it will have.
    """

    mail_state: DecisionMail
    mailed_on: datetime | None
    place: Seat
    kept: bool
    position: int
    erased_on: datetime


def reopening(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    erased_on: datetime,
) -> Reopening:
    """Return what opening this request again would do; nothing is changed."""
    mails = outbox.of_submission(db, submission.id)
    # A mail about a decision is of the kind of the state it led to.
    mail = next((m for m in reversed(mails) if m.kind == submission.status.value), None)
    kept = submission.place is not Seat.NONE
    place = (
        Seat.NONE
        if kept
        else capacity.rejoin(context, db, submission).get("place", Seat.NONE)
    )
    return Reopening(
        _mail_state(mail),
        mail.sent_at if mail else None,
        submission.place if kept else place,
        kept,
        waiting_list.length(db, submission.form_id) + 1,
        erased_on,
    )


def _mail_state(mail: outbox.StoredMail | None) -> DecisionMail:
    if mail is None:
        return DecisionMail.NOBODY
    if mail.sent_at:
        return DecisionMail.GONE
    return DecisionMail.FAILED if mail.failed_at else DecisionMail.WAITING
