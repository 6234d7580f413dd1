"""The minutes in which a decision can be taken back, as if it had not been made.

Until it settles its mail waits, the personal page tells the state before, and a place
is not passed on. Nothing remembers it but the row, the event and the mail: a restart
changes nothing, and any process may settle what is due.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ..clock import from_utc_text, utc_text
from ..definition import FormDefinition
from ..store import events, outbox, submissions, waiting_list
from ..store.connection import Connection
from ..store.events import WITHOUT_CHANGE, AuditEvent, EventVerb
from ..store.submissions import Seat, Status, Submission
from . import capacity
from .capacity import MACHINE
from .context import WorkflowContext
from .transitions import TRANSITIONS, Settled, as_read

_BESIDE = {*WITHOUT_CHANGE, EventVerb.NOTE}


def delay_of(context: WorkflowContext) -> timedelta:
    """Return how long a decision can be taken back."""
    return timedelta(minutes=context.content.project.decision_delay)


def keep(submission: Submission, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what the event of a decision keeps, so that it can be taken back.

    A place that is held is not freed by it: that comes when the decision settles.
    """
    if submission.place is Seat.HELD:
        changes.pop("place", None)
    before = {
        "status": submission.status.value,
        "place": submission.place.value,
        "purge_after": utc_text(submission.purge_after),
    }
    return {"before": before}


def settles_at(
    context: WorkflowContext, db: Connection, submission: Submission
) -> datetime | None:
    """Return until when the last decision can be taken back; None when it cannot."""
    decision = _decision(context, db, submission)
    return decision.at + delay_of(context) if decision else None


def told(
    context: WorkflowContext, db: Connection, submission: Submission
) -> Submission:
    """Return a submission as its sender is told of it, until a decision settles."""
    decision = _decision(context, db, submission)
    return replace(submission, **_restored(decision)) if decision else submission


def undo(
    context: WorkflowContext, submission_id: str, actor: str, revision: int | None
) -> Submission:
    """Take the last decision back: state, place, day of erasure; its mail never leaves.

    Raise `RevisionConflict`, or `Settled` when it is too late or something happened.
    """

    def job(db: Connection) -> Submission:
        submission = as_read(db, submission_id, revision)
        decision = _decision(context, db, submission)
        if decision is None:
            raise Settled(EventVerb.UNDO, submission)
        changed = submissions.change(db, submission.id, **_restored(decision))
        now, mail = context.clock(), TRANSITIONS[EventVerb(decision.verb)].mail
        outbox.take_back(db, submission.id, frozenset({mail.name} if mail else ()), now)
        events.record(db, now, actor, EventVerb.UNDO, submission.id)
        return changed

    return context.store.write(job)


def settle(context: WorkflowContext) -> int:
    """Pass on the places of requests whose decision has settled; return how many."""
    return sum(
        context.store.write(partial(_pass_on, context, form))
        for form in context.forms
        if context.store.read(partial(_to_pass_on, context, form))
    )


def _to_pass_on(
    context: WorkflowContext, form: FormDefinition, db: Connection
) -> list[Submission]:
    if form.capacity is None:
        return []
    until = context.clock() - delay_of(context)
    return waiting_list.declined_holds(db, form.id, until)


def _pass_on(context: WorkflowContext, form: FormDefinition, db: Connection) -> int:
    waiting_list.hold(db, form.id)
    settled = _to_pass_on(context, form, db)
    for submission in settled:
        submissions.change(db, submission.id, place=Seat.NONE)
        events.record(db, context.clock(), MACHINE, EventVerb.SETTLE, submission.id)
    capacity.free(context, db, form.id)
    return len(settled)


def _decision(
    context: WorkflowContext, db: Connection, submission: Submission
) -> AuditEvent | None:
    """Return the decision that can be taken back now."""
    if submission.decided_at is None:
        return None
    if context.clock() >= submission.decided_at + delay_of(context):
        return None
    happened = reversed(events.of_submission(db, submission.id))
    last = next((event for event in happened if event.verb not in _BESIDE), None)
    return last if last and "before" in last.detail else None


def _restored(decision: AuditEvent) -> dict[str, Any]:
    kept = decision.detail["before"]
    return {
        "status": Status(kept["status"]),
        "place": Seat(kept["place"]),
        "purge_after": from_utc_text(kept["purge_after"]),
        "decided_at": None,
    }
