"""The minutes in which a decision can be taken back, as if it had not been made.

Until it settles its mail waits, the personal page tells the state before, and a place
is not passed on. Nothing remembers it but the row, the event and the mail: a restart
changes nothing, and any process may settle what is due.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ..clock import NONE, from_utc_text, utc_text
from ..store import calls, events, outbox, submissions, waiting_list
from ..store.calls import CallReason
from ..store.connection import Connection
from ..store.events import WITHOUT_CHANGE, AuditEvent, EventVerb
from ..store.submissions import Seat, Status, Submission
from . import calling, capacity, mail_queue
from .capacity import MACHINE
from .context import Also, WorkflowContext, alone
from .transitions import TRANSITIONS, Settled, as_read

# What does not stand in the way of taking back.
_BESIDE = {*WITHOUT_CHANGE, EventVerb.NOTE}
# What tells each state that somebody has decided.
_TOLD = {row.target: row.mail for row in TRANSITIONS.values() if row.mail}
_DECISIONS = {row.verb for row in TRANSITIONS.values() if row.settles}


def delay_of(context: WorkflowContext) -> timedelta:
    """Return how long a decision can be taken back."""
    return timedelta(minutes=context.content.project.decision_delay)


def keep(submission: Submission, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what the event of a decision keeps, so that it can be taken back.

    A place, or one in the line, is not given up by it: that comes when it settles.
    """
    changes.pop("place", None)
    return {
        "before": {
            "status": submission.status.value,
            "purge_after": utc_text(submission.purge_after),
        }
    }


def settles_at(
    context: WorkflowContext, db: Connection, submission: Submission
) -> datetime | None:
    """Return until when the last decision can be taken back; None when it cannot."""
    decision = _undoable(context, db, submission)
    return decision.at + delay_of(context) if decision else None


def visible(
    context: WorkflowContext, db: Connection, submission: Submission
) -> Submission:
    """Return a submission as its sender may see it, until a decision settles."""
    decision = _unsettled(context, db, submission)
    return replace(submission, **_restored(decision)) if decision else submission


def undo(
    context: WorkflowContext,
    submission_id: str,
    actor: str,
    revision: int | None,
    also: Also = alone,
) -> Submission:
    """Take the last decision back: its state, its day of erasure, its mail.

    Raise `RevisionConflict`, or `Settled` when it is too late, something happened or
    its mail is on the way.
    """

    def job(db: Connection) -> Submission:
        submission = as_read(db, submission_id, revision)
        decision = _undoable(context, db, submission)
        if decision is None or not _mail_taken_back(context, db, submission, decision):
            raise Settled(EventVerb.UNDO, submission)
        changed = submissions.change(db, submission, **_restored(decision))
        calls.drop_reason(db, submission.id, CallReason.DECISION)
        events.record(db, context.clock(), actor, EventVerb.UNDO, submission.id)
        also(db)
        return changed

    return context.store.write(job)


def _mail_taken_back(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    decision: AuditEvent,
) -> bool:
    """Remove the mail about a decision; say whether none of it has left."""
    mail = TRANSITIONS[EventVerb(decision.verb)].mail
    kinds = frozenset({mail.name} if mail else ())
    outbox.take_back(db, submission.id, kinds, context.clock())
    left = outbox.of_submission(db, submission.id)
    return not any(m.kind in kinds and m.created_at >= decision.at for m in left)


def tell_untold(
    context: WorkflowContext, db: Connection, submission: Submission
) -> None:
    """Mail a decision to an address that is proven now, if no mail has told it so far.

    It was decided before, or its mail went to an address that had to be corrected.
    """
    kind, decided = _TOLD.get(submission.status), submission.decided_at
    if kind is None:
        return
    mails = [
        mail
        for mail in outbox.of_submission(db, submission.id)
        if mail.kind == kind.name and (decided is None or mail.created_at >= decided)
    ]
    # One that waits for this very address leaves yet.
    waiting = (m for m in mails if m.email == submission.email and not m.failed_at)
    if any(mail.sent_at for mail in mails) or any(waiting):
        return
    now = context.clock()
    wait = max(NONE, decided + delay_of(context) - now) if decided else NONE
    addition = mails[-1].addition if mails else ""
    mail_queue.queue(context, db, submission, kind, delay=wait, addition=addition)


def settle(context: WorkflowContext) -> int:
    """Give up the places of requests whose decision has settled; return how many.

    Of a form that gives none any more, too.
    """
    due = partial(waiting_list.declined, until=context.clock() - delay_of(context))
    forms = {submission.form_id for submission in context.store.read(due)}
    return sum(
        context.store.write(partial(_give_up, context, form_id, due))
        for form_id in sorted(forms)
    )


def _give_up(
    context: WorkflowContext,
    form_id: str,
    due: Callable[[Connection], list[Submission]],
    db: Connection,
) -> int:
    waiting_list.hold(db, form_id)
    settled = [submission for submission in due(db) if submission.form_id == form_id]
    for submission in settled:
        submissions.change(db, submission, place=Seat.NONE)
        events.record(db, context.clock(), MACHINE, EventVerb.SETTLE, submission.id)
    capacity.free(context, db, form_id)
    return len(settled)


def _unsettled(
    context: WorkflowContext, db: Connection, submission: Submission
) -> AuditEvent | None:
    """Return the decision that nobody is told of yet."""
    decided = submission.decided_at
    if decided is None or context.clock() >= decided + delay_of(context):
        return None
    happened = reversed(events.of_submission(db, submission.id))
    last = next((event for event in happened if event.verb in _DECISIONS), None)
    known = last is not None and last.at == decided and "before" in last.detail
    return last if known else None


def _undoable(
    context: WorkflowContext, db: Connection, submission: Submission
) -> AuditEvent | None:
    """Return the decision that can be taken back: nothing has happened since.

    And nobody has told it by phone.
    """
    decision = _unsettled(context, db, submission)
    if decision is None or calling.has_heard(db, submission):
        return None
    happened = reversed(events.of_submission(db, submission.id))
    last = next((event for event in happened if event.verb not in _BESIDE), None)
    return decision if last == decision else None


def _restored(decision: AuditEvent) -> dict[str, Any]:
    kept = decision.detail["before"]
    return {
        "status": Status(kept["status"]),
        "purge_after": from_utc_text(kept["purge_after"]),
        "decided_at": None,
    }
