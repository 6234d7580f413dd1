"""The verbs that move a submission on, by staff or by the citizen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..definition import FormDefinition
from ..mail import kinds
from ..store import erasure, events, outbox, submissions, waiting_list
from ..store import staff as staff_rows
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Proof, Seat, Status, Submission
from . import capacity, mail_queue
from .capacity import rejoin
from .sending import CITIZEN, derived
from .transitions import TRANSITIONS, NoEvent, NotFirst, check
from .work import Work

# What opening again takes back before it leaves: mails that tell a state.
_TOLD = frozenset(
    row.mail.name for row in TRANSITIONS.values() if row.mail and row.target
)


class Changed(Exception):
    """Somebody else changed the submission since the page was loaded."""


def staff_actor(staff_id: int) -> str:
    """Return the actor of a staff member in the log."""
    return f"staff:{staff_id}"


def decide(
    work: Work,
    submission_id: str,
    verb: EventVerb,
    actor: str,
    expected: Status | None = None,
    reason: str = "",
    fields: Sequence[str] = (),
) -> Submission:
    """Do what staff decide, but give a place: row, mail and event, as the table says.

    A reason is kept as a note; reopening needs one. `fields` are those that the
    person is asked to correct: only their ids are kept. Raise `NotAllowed`,
    `StillWaiting`, or `Changed` when the state is not the `expected` one that the
    actor saw.
    """
    row, reopens = TRANSITIONS[verb], verb is EventVerb.REOPEN
    if row.button is None or verb is EventVerb.PROMOTE:
        raise ValueError(f"{verb} is no decision")
    if reopens and not reason.strip():
        raise ValueError(f"{verb} has no reason")
    now = work.clock()

    def job(db: Connection) -> Submission:
        one = submissions.get(db, submission_id)
        if expected is not None and one.status is not expected:
            raise Changed(submission_id)
        changed = submissions.change(db, one.id, **outcome(work, db, one, verb, now))
        about = {"fields": list(fields)} if fields else None
        events.record(db, now, actor, verb, one.id, about)
        if reason.strip():
            staff_rows.add_note(db, one.id, staff_id_of(actor), reason.strip(), now)
        if reopens:
            outbox.take_back(db, one.id, _TOLD, now)
        if row.mail:
            mail_queue.queue(work, db, changed, row.mail)
        if row.frees and one.place is not Seat.NONE:
            capacity.free(work, db, one.form_id)
        return changed

    return work.store.write(job)


def fields_to_correct(db: Connection, one: Submission) -> list[str]:
    """Return the ids of the fields that staff last asked to be corrected."""
    asked = [
        event.detail.get("fields", [])
        for event in events.of_submission(db, one.id)
        if event.verb == EventVerb.ASK_CORRECTION
    ]
    return list(asked[-1]) if asked else []


def outcome(
    work: Work, db: Connection, one: Submission, verb: EventVerb, now: datetime
) -> dict[str, Any]:
    """Return what a decision changes: state, day of erasure, place.

    Raise `NotAllowed` or `StillWaiting`.
    """
    status, row = check(verb, one), TRANSITIONS[verb]
    if verb is EventVerb.PROMOTE:
        return {"place": Seat.HELD}
    if row.target is None:
        return {}
    decided = now if row.ends else None
    form = work.form_of(db, one)
    end = work.retention_end(form, status, one.created_at, decided)
    changes: dict[str, Any] = {"status": status, "decided_at": decided}
    changes["purge_after"] = _not_sooner(one, end) if verb is EventVerb.REOPEN else end
    if row.frees:
        changes["place"] = Seat.NONE
    if verb is EventVerb.REOPEN and one.place is Seat.NONE:
        changes.update(rejoin(work, db, one))
    return changes


def _not_sooner(one: Submission, end: datetime) -> datetime:
    """Keep the promised day when a submission goes back to be examined again.

    Periods of open submissions count from sending: one accepted long ago would be
    erased in the hour in which its owner corrects a telephone number.
    """
    return max(one.purge_after, end)


def staff_id_of(actor: str) -> int | None:
    """Return which member of staff an actor is; None for anybody else."""
    kind, _, number = actor.partition(":")
    return int(number) if kind == "staff" else None


def promote(work: Work, submission_id: str, actor: str) -> Submission:
    """Give a place to the first in line; staff may go over the limit.

    Raise `NotAllowed` when it does not wait, `NotFirst` when others wait longer,
    `NoEvent` while the event does not take place.
    """

    def job(db: Connection) -> Submission:
        one = submissions.get(db, submission_id)
        check(EventVerb.PROMOTE, one)
        if waiting_list.ahead(db, one):
            raise NotFirst(EventVerb.PROMOTE, one)
        if not capacity.takes_place(work, one.form_id):
            raise NoEvent(EventVerb.PROMOTE, one)
        return capacity.give(work, db, one, actor)

    return work.store.write(job)


def correct(
    work: Work,
    form: FormDefinition,
    submission_id: str,
    answers: Mapping[str, Any],
    actor: str,
) -> Submission:
    """Replace the answers, keeping the old ones as a revision and the place.

    A changed address has to be proven again. Raise `FormClosed` when a citizen asks
    for more places than are free; staff may go over the limit.
    """
    now = work.clock()
    seats = capacity.seats_of(work.form_today(form.id) or form, answers)

    def job(db: Connection) -> Submission:
        one = submissions.get(db, submission_id)
        status = check(EventVerb.CORRECT, one)
        if actor == CITIZEN:
            capacity.check_growth(work, db, form.id, one, seats)
        submissions.keep_revision(db, one, now)
        changes = _corrected(work, form, one, answers, now)
        changed = submissions.change(
            db, one.id, **changes, status=status, seats=seats, decided_at=None
        )
        events.record(db, now, actor, EventVerb.CORRECT, one.id)
        if changed.email != one.email:
            kind = kinds.verify if actor == CITIZEN else kinds.address_check
            mail_queue.queue(work, db, changed, kind)
            mail_queue.queue_left(work, db, one, changed)
        if seats < one.seats:
            capacity.free(work, db, one.form_id)
        return changed

    return work.store.write(job)


def _corrected(
    work: Work,
    form: FormDefinition,
    one: Submission,
    answers: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """Return what other answers change, whatever the state they lead to."""
    columns = derived(form, answers)
    end = work.retention_end(form, Status.NEW, one.created_at, None)
    changes: dict[str, Any] = {
        **columns,
        "answers": dict(answers),
        "fingerprint": form.fingerprint,
        "lang": form.lang,
        "text_hash": form.text_hash,
        "purge_after": _not_sooner(one, end),
    }
    if columns["email"] != one.email:
        changes.update(_unproven(one, now))
    return changes


def _unproven(one: Submission, now: datetime) -> dict[str, Any]:
    """Return what a new address changes: links and codes of the old one end."""
    by_mailbox = one.proof in (Proof.MAIL, Proof.CODE)
    return {
        "verified_at": None,
        "proof": Proof.NONE if by_mailbox else one.proof,
        "link_generation": one.link_generation + 1,
        "link_expires_at": now + mail_queue.LINK_LIFE,
        "link_tries": 0,
        "code_expires_at": None,
    }


def erase(work: Work, submission_id: str, actor: str) -> None:
    """Erase a submission with all that hangs on it; the log keeps its id only."""

    def job(db: Connection) -> None:
        one = submissions.get(db, submission_id)
        remove(work, db, one, actor, EventVerb.ERASE)
        erasure.tidy_search(db)

    work.store.write(job)
    work.store.checkpoint()


def remove(
    work: Work, db: Connection, one: Submission, actor: str, verb: EventVerb
) -> None:
    """Delete a row inside a transaction, with its event and its freed place."""
    erasure.erase(db, one.id)
    events.record(db, work.clock(), actor, verb, one.id, {"form": one.form_id})
    if one.place is not Seat.NONE:
        capacity.free(work, db, one.form_id)


def read_by_staff(work: Work, submission_id: str, actor: str) -> Submission:
    """Return a submission to somebody who opens it, and log that it was read."""

    def job(db: Connection) -> Submission:
        one = submissions.get(db, submission_id)
        events.record(db, work.clock(), actor, EventVerb.READ, one.id)
        return one

    return work.store.write(job)


def add_note(work: Work, submission_id: str, staff_id: int, text: str) -> None:
    """Write a note beside a submission; the log says that there is one, not what."""
    now = work.clock()

    def job(db: Connection) -> None:
        one = submissions.get(db, submission_id)
        staff_rows.add_note(db, one.id, staff_id, text, now)
        events.record(db, now, staff_actor(staff_id), EventVerb.NOTE, one.id)

    work.store.write(job)
