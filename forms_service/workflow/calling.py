"""Telling people by phone what no mail tells them: who waits, and who was called.

A call is due where there is a number, and no proven address or the wish to be called.
"""

from datetime import datetime

from ..definition.conditions import holds
from ..store import calls, events, stopped, submissions
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
    since: datetime,
    always: bool = True,
) -> None:
    """Let a person wait for a call about what was just decided, if no mail does.

    And if they asked for one, but for what is not `always` told so.
    """
    unmailed = not (submission.email and submission.proven)
    asked = always and asks_for_call(context, submission)
    gone = submission.status is Status.WITHDRAWN
    if submission.phone and (unmailed or asked) and not gone:
        calls.want(db, submission.id, since)


def follow(
    context: WorkflowContext,
    db: Connection,
    verb: EventVerb,
    submission: Submission,
    since: datetime,
) -> None:
    """Let a person wait for a call about a decision, or no more about one before."""
    if verb in _TOLD:
        want(context, db, submission, since)
    elif verb in _ENDED:
        calls.drop(db, submission.id)


def mark_called(context: WorkflowContext, submission_id: str, actor: str) -> bool:
    """Keep that a person heard by phone what was to be told; False if nothing was."""
    now = context.clock()

    def job(db: Connection) -> bool:
        submission = submissions.get(db, submission_id)
        call = calls.get(db, submission.id)
        failed = stopped.notified_by_phone(db, now, submission.id)
        due = bool(failed) or (call is not None and call.called_at is None)
        if due:
            calls.mark(db, submission.id, now)
            events.record(db, now, actor, EventVerb.TELL, submission.id)
        return due

    return context.store.write(job)


def unmark_called(context: WorkflowContext, submission_id: str, actor: str) -> bool:
    """Take back that a person was called: they wait again; False if nobody was."""

    def job(db: Connection) -> bool:
        submission = submissions.get(db, submission_id)
        call = calls.get(db, submission.id)
        if call is None or call.called_at is None:
            return False
        calls.unmark(db, submission.id)
        stopped.not_notified(db, call.called_at, submission.id)
        now = context.clock()
        events.record(db, now, actor, EventVerb.TELL_BACK, submission.id)
        return True

    return context.store.write(job)
