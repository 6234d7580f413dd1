"""The verbs that move a submission on, by staff or by the citizen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..clock import NONE
from ..mail import kinds
from ..store import events, notes, outbox, removal, submissions, waiting_list
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Seat, Status, Submission
from . import calling, capacity, erasing, mail_queue, settling
from .capacity import rejoin
from .context import Also, WorkflowContext, alone, forget_erased
from .renewing import NEVER_ASKED
from .transitions import TRANSITIONS, NoEvent, NotFirst, as_read, check

# So long somebody who erases a request waits for the search to be written again.
ERASING_SECONDS = 2.0
# What is taken back before it leaves: mails that tell a state.
TOLD = frozenset(
    row.mail.name for row in TRANSITIONS.values() if row.mail and row.target
)


def staff_actor(staff_id: int) -> str:
    """Return the actor of a staff member in the log."""
    return f"staff:{staff_id}"


def decide(
    context: WorkflowContext,
    submission_id: str,
    verb: EventVerb,
    actor: str,
    revision: int | None = None,
    reason: str = "",
    fields: Sequence[str] = (),
    reasons: Sequence[str] = (),
    addition: str = "",
    also: Also = alone,
) -> Submission:
    """Do what staff decide, but give a place: row, mail and event, as the table says.

    A reason is kept as a note; reopening needs one. `fields` are those that the
    person is asked to correct: only their ids are kept, and the number of the note
    that says why. `reasons` are ids of the form's own, which the mail says in words
    and the log counts; what staff write besides, the `addition`, stands in the mail
    alone. `revision` is the one that was read. Raise `RevisionConflict`, `NotAllowed`
    or `StillWaiting`.
    """
    row = TRANSITIONS[verb]
    reopens, withdraws = verb is EventVerb.REOPEN, verb is EventVerb.WITHDRAW
    # What was said before is no longer so.
    overtakes = row.target in (Status.NEW, Status.WITHDRAWN)
    if row.button is None or verb is EventVerb.PROMOTE:
        raise ValueError(f"{verb} is no decision")
    if reopens and not reason.strip():
        raise ValueError(f"{verb} has no reason")
    now = context.clock()
    delay = settling.delay_of(context) if row.settles else NONE

    def job(db: Connection) -> Submission:
        submission = as_read(db, submission_id, revision)
        known = settling.visible(context, db, submission) if withdraws else submission
        changes = outcome(context, db, known, verb, now)
        chosen = {"fields": list(fields), "reasons": list(reasons)}
        about: dict[str, Any] = {key: ids for key, ids in chosen.items() if ids}
        if delay:
            about |= settling.keep(submission, changes)
        changed = submissions.change(db, submission, **changes)
        if reason.strip():
            note = notes.add(db, submission.id, staff_id_of(actor), reason.strip(), now)
            about |= {"note": note} if fields else {}
        events.record(db, now, actor, verb, submission.id, about or None)
        if overtakes:
            outbox.take_back(db, submission.id, TOLD, now)
        if row.mail:
            mail_queue.queue(
                context, db, changed, row.mail, delay=delay, addition=addition
            )
        calling.follow(context, db, verb, changed, now + delay)
        if submission.place is not Seat.NONE and changed.place is Seat.NONE:
            capacity.free(context, db, submission.form_id)
        also(db)
        return changed

    return context.store.write(job)


def fields_to_correct(db: Connection, submission: Submission) -> list[str]:
    """Return the ids of the fields that staff last asked to be corrected."""
    return list(_last_asked_correction(db, submission).get("fields", []))


def why_to_correct(db: Connection, submission: Submission) -> str:
    """Return why staff last asked for a correction, if they wrote it for the person."""
    number = _last_asked_correction(db, submission).get("note")
    return notes.text_of(db, submission.id, number) if number else ""


def _last_asked_correction(db: Connection, submission: Submission) -> Mapping[str, Any]:
    happened = reversed(events.of_submission(db, submission.id))
    corrections = (e.detail for e in happened if e.verb == EventVerb.ASK_CORRECTION)
    return next(corrections, {})


def outcome(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    verb: EventVerb,
    now: datetime,
) -> dict[str, Any]:
    """Return what a decision changes: state, day of erasure, place.

    Raise `NotAllowed` or `StillWaiting`.
    """
    status, row = check(verb, submission), TRANSITIONS[verb]
    if verb is EventVerb.PROMOTE:
        return {"place": Seat.HELD}
    if row.target is None:
        return {}
    decided = now if row.ends else None
    form = context.promise_of(db, submission)
    end = context.retention_end(form, status, submission.created_at, decided)
    changes: dict[str, Any] = {"status": status, "decided_at": decided}
    if verb is EventVerb.ACCEPT:
        changes |= NEVER_ASKED
    changes["purge_after"] = (
        not_sooner(submission, end) if status is Status.NEW else end
    )
    if row.frees:
        changes["place"] = Seat.NONE
    if verb is EventVerb.REOPEN and submission.place is Seat.NONE:
        changes.update(rejoin(context, db, submission))
    return changes


def not_sooner(submission: Submission, end: datetime) -> datetime:
    """Keep the promised day when a submission goes back to be examined again.

    Periods of open submissions count from sending: one accepted long ago would be
    erased in the hour in which its owner corrects a telephone number.
    """
    return max(submission.purge_after, end)


def staff_id_of(actor: str) -> int | None:
    """Return which member of staff an actor is; None for anybody else."""
    kind, _, number = actor.partition(":")
    return int(number) if kind == "staff" else None


def promote(
    context: WorkflowContext,
    submission_id: str,
    actor: str,
    revision: int | None = None,
) -> Submission:
    """Give a place to the first in line; staff may go over the limit.

    Raise `RevisionConflict`, `NotAllowed` when it does not wait, `NotFirst` when
    others wait longer, `NoEvent` while the event does not take place.
    """

    def job(db: Connection) -> Submission:
        submission = as_read(db, submission_id, revision)
        check(EventVerb.PROMOTE, submission)
        if waiting_list.ahead(db, submission):
            raise NotFirst(EventVerb.PROMOTE, submission)
        if not capacity.takes_place(context, submission.form_id):
            raise NoEvent(EventVerb.PROMOTE, submission)
        return capacity.give(context, db, submission, actor)

    return context.store.write(job)


def erase(
    context: WorkflowContext, submission_id: str, actor: str, **about: str
) -> None:
    """Erase a submission with all that hangs on it; the log keeps its id only.

    And what it is to keep `about` the act, which names nobody.
    """

    def job(db: Connection) -> None:
        submission = submissions.get(db, submission_id)
        remove(context, db, submission, actor, EventVerb.ERASE, **about)
        erasing.note(context, db, [submission.id])

    context.store.write(job)
    forget_erased(context, ERASING_SECONDS)


def remove(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    actor: str,
    verb: EventVerb,
    **about: str,
) -> None:
    """Delete a row inside a transaction, with its event and its freed place."""
    removal.erase(db, submission.id)
    outbox.drop_for_many(db, kinds.verify_many.name)
    about["form"] = submission.form_id
    events.record(db, context.clock(), actor, verb, submission.id, about)
    if submission.place is not Seat.NONE:
        capacity.free(context, db, submission.form_id)


def read_by_staff(
    context: WorkflowContext, submission_id: str, actor: str
) -> Submission:
    """Return a submission to somebody who opens it, and log that it was read."""

    def job(db: Connection) -> Submission:
        submission = submissions.get(db, submission_id)
        events.record(db, context.clock(), actor, EventVerb.READ, submission.id)
        return submission

    return context.store.write(job)


def add_note(
    context: WorkflowContext, submission_id: str, staff_id: int, text: str
) -> None:
    """Write a note beside a submission; the log says that there is one, not what."""
    now = context.clock()

    def job(db: Connection) -> None:
        submission = submissions.get(db, submission_id)
        notes.add(db, submission.id, staff_id, text, now)
        events.record(db, now, staff_actor(staff_id), EventVerb.NOTE, submission.id)

    context.store.write(job)
