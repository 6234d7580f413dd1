"""Telling people by phone what no mail tells them: who waits, and who was called.

A call is due where there is a number, and no proven address or the wish to be called.
"""

from datetime import datetime
from functools import partial

from ..definition import EventStatus
from ..definition.conditions import holds
from ..store import calls, events, stopped, submissions
from ..store.calls import CallReason
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Status, Submission
from .context import WorkflowContext

# What is told by phone as well to who asked for it, and what ends all that was told.
_TOLD = (EventVerb.ACCEPT, EventVerb.DECLINE)
_ENDED = (EventVerb.REOPEN, EventVerb.WITHDRAW)


def asks_for_call(context: WorkflowContext, submission: Submission) -> bool:
    """Say whether a person asked to be called; of a form of the past nobody did."""
    form = context.form_today(submission.form_id)
    if form is None or form.call_when is None:
        return False
    return holds(form.call_when, submission.answers)


def want(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    reason: CallReason,
    since: datetime,
    always: bool = True,
    act: str = "",
) -> None:
    """Let a person wait for a call about what was just decided, if no mail does.

    And if they asked for one, but for what is not `always` told so.
    """
    unmailed = not (submission.email and submission.proven)
    asked = always and asks_for_call(context, submission)
    gone = submission.status is Status.WITHDRAWN
    if submission.phone and (unmailed or asked) and not gone:
        calls.want(db, submission.id, reason, since, act)


def follow(
    context: WorkflowContext,
    db: Connection,
    verb: EventVerb,
    submission: Submission,
    since: datetime,
) -> None:
    """Let a person wait for a call about a decision, or no more about one before."""
    if verb in _TOLD:
        want(context, db, submission, CallReason.DECISION, since)
    elif verb in _ENDED:
        calls.drop(db, submission.id)


def has_heard(db: Connection, submission: Submission) -> bool:
    """Say whether a person was called about the last decision."""
    decided = submission.decided_at
    return decided is not None and any(
        call.reason is CallReason.DECISION
        and call.called_at
        and call.called_at >= decided
        for call in calls.of_submission(db, submission.id)
    )


def mark_called(context: WorkflowContext, submission_id: str, actor: str) -> bool:
    """Keep that a person heard by phone what was to be told; False if nothing was."""
    now = context.clock()

    def job(db: Connection) -> bool:
        submission = submissions.get(db, submission_id)
        if stopped.notified_by_phone(db, now, submission.id):
            calls.want(db, submission.id, CallReason.MAIL, now)
        called = calls.mark(db, submission.id, now) > 0
        if called:
            events.record(db, now, actor, EventVerb.TELL, submission.id)
        return called

    return context.store.write(job)


def unmark_called(context: WorkflowContext, submission_id: str, actor: str) -> bool:
    """Take back that a person was called: they wait again; False if nobody was.

    Or if they wait already.
    """
    now = context.clock()

    def job(db: Connection) -> bool:
        submission = submissions.get(db, submission_id)
        known = calls.of_submission(db, submission.id)
        waits = any(call.called_at is None and call.since <= now for call in known)
        made = [call.called_at for call in known if call.called_at]
        if waits or not made:
            return False
        calls.unmark(db, submission.id, max(made))
        stopped.not_notified(db, max(made), submission.id)
        events.record(db, now, actor, EventVerb.TELL_BACK, submission.id)
        return True

    return context.store.write(job)


def forget_past_events(context: WorkflowContext) -> None:
    """Let nobody wait for a call about an event whose day is over."""
    # A day that the clock has leapt over is not.
    now = context.destroying()
    over = [
        form.id
        for form in context.forms
        if (event := context.event_of(form))
        and event.status is not EventStatus.POSTPONED
        and event.ends_at(context.zone) <= now
    ]
    find = partial(calls.wait_about_events, forms=over)

    def job(db: Connection) -> None:
        for submission_id in find(db):
            calls.drop_reason(db, submission_id, CallReason.EVENT)

    if over and context.store.read(find):
        context.store.write(job)
