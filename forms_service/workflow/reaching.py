"""What staff do so that a person is known and reached, without deciding anything."""

from datetime import datetime
from typing import Any

from ..mail import kinds
from ..store import events, outbox, stopped, submissions
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.outbox import HELD, StoredMail
from ..store.submissions import Proof, Status, Submission
from . import mail_queue
from .context import WorkflowContext
from .sending import unproven
from .transitions import as_read, check
from .verification import becomes_new


def prove(
    context: WorkflowContext,
    submission_id: str,
    proof: Proof,
    actor: str,
    revision: int | None = None,
) -> Submission:
    """Keep how staff know that the person asks; who was unverified becomes new.

    The address stays unproven. Raise `RevisionConflict`, or `NotAllowed` for who is
    known already.
    """

    def job(db: Connection) -> Submission:
        submission = as_read(db, submission_id, revision)
        check(EventVerb.PROVE, submission)
        changes: dict[str, Any] = {"proof": proof}
        if submission.status is Status.UNVERIFIED:
            changes |= becomes_new(context, db, submission, EventVerb.PROVE)
        changed = submissions.change(db, submission, **changes)
        about = {"proof": proof.value}
        now = context.clock()
        events.record(db, now, actor, EventVerb.PROVE, submission.id, about)
        return changed

    return context.store.write(job)


def resend(context: WorkflowContext, submission_id: str, actor: str) -> datetime | None:
    """Mail once more what proves the address, as `sending.resend`, for the person."""
    return context.store.write(
        lambda db: mail_queue.queue_proof(
            context, db, unproven(submissions.get(db, submission_id)), actor
        )
    )


def retry(context: WorkflowContext, submission_id: str, actor: str) -> int:
    """Queue again the mails about a request that did not arrive; return how many."""
    now = context.clock()

    def job(db: Connection) -> int:
        submission = submissions.get(db, submission_id)
        if number := stopped.retry_about(db, now, submission.id):
            events.record(db, now, actor, EventVerb.RETRY, submission.id)
        return number

    return context.store.write(job)


def undelivered(db: Connection, submission: Submission) -> StoredMail | None:
    """Return the last mail to the address, if it was given up and nobody told it."""
    if submission.email is None:
        return None
    mail = outbox.newest(db, submission.id, submission.email, kinds.KINDS)
    if mail is None or mail.failed_at is None:
        return None
    return None if mail.told_at or mail.reason == HELD else mail
