"""Replacing the answers of a request: the old ones are kept as a revision.

The person corrects, and staff look at the request again; staff mend what was mistyped,
or what the person told them, and its state stays.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..definition import Answer, FormDefinition, Role
from ..i18n import N_
from ..mail import kinds
from ..mail.message import MailKind
from ..store import events, outbox, revisions, submissions
from ..store.calls import CallReason
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.needs import PATIENCE
from ..store.submissions import Proof, Status, Submission
from . import calling, capacity, mail_queue, publishing, renewing, settling
from .context import WorkflowContext
from .deciding import TOLD, not_sooner
from .new_rows import derived
from .transitions import CITIZEN, as_read, check


class Why(StrEnum):
    """Why staff mend answers."""

    TYPING = "typing"
    PHONE = "phone"
    IN_PERSON = "in_person"


WHY: Mapping[str, str] = {
    Why.TYPING: N_("Typing mistake"),
    Why.PHONE: N_("The person said so by phone"),
    Why.IN_PERSON: N_("The person said so in person"),
}


def correct(
    context: WorkflowContext,
    form: FormDefinition,
    submission_id: str,
    answers: Mapping[str, Answer],
    revision: int | None = None,
) -> Submission:
    """Replace the answers by the person's own, and keep the place.

    The request is to be examined again, and a decision that nobody was told of is
    overtaken; a member of a register stays one. A changed address has to be proven
    again. Raise `RevisionConflict`, `NotAllowed`, or `FormClosed` when more places are
    asked for than are free.
    """
    seats = capacity.seats_of(context.form_today(form.id) or form, answers)

    def job(db: Connection) -> Submission:
        before = settling.visible(context, db, as_read(db, submission_id, revision))
        register = context.register_of(form.id) is not None
        status, now = check(EventVerb.CORRECT, before, register), context.clock()
        stays = status is Status.ACCEPTED
        if not stays:
            outbox.take_back(db, before.id, TOLD, now)
        capacity.check_growth(context, db, form.id, before, seats)
        sent, decided = before.created_at, before.decided_at if stays else None
        end = context.retention_end(form, status, sent, decided, before.renewed_at)
        changes = {
            "status": status,
            "seats": seats,
            "decided_at": decided,
            "promise": "",
            "purge_after": not_sooner(before, end),
        }
        if stays and before.asks:
            # The page said so: who changes something stays.
            changes |= renewing.stays(context, form, before, now)
        changed = _replace(context, db, before, form, answers, changes)
        _record(context, db, before, changed, CITIZEN, EventVerb.CORRECT)
        _tell(context, db, before, changed, kinds.verify, kinds.corrected)
        return changed

    return context.store.write(job)


def repair(
    context: WorkflowContext,
    submission_id: str,
    answers: Mapping[str, Answer],
    actor: str,
    why: Why,
    revision: int | None = None,
) -> Submission:
    """Replace the answers as staff know them to be; state and day of erasure stay.

    They answer the version that was answered: nobody has read the words of a newer
    one. Staff may go over the limit of places. Raise `RevisionConflict`, `NotAllowed`.
    """

    def job(db: Connection) -> Submission:
        before = as_read(db, submission_id, revision)
        check(EventVerb.REPAIR, before)
        form = context.form_of(db, before)
        seats = capacity.seats_of(context.form_today(form.id) or form, answers)
        changed = _replace(context, db, before, form, answers, {"seats": seats})
        _record(context, db, before, changed, actor, EventVerb.REPAIR, why=why.value)
        _tell(context, db, before, changed, kinds.address_check, kinds.repaired)
        return changed

    return context.store.write(job)


def mend_address(
    context: WorkflowContext,
    submission_id: str,
    email: str,
    actor: str,
    revision: int | None = None,
) -> Submission:
    """Replace the address alone, whose owner is asked to confirm it; as `repair`."""

    def job(db: Connection) -> Submission:
        before = as_read(db, submission_id, revision)
        check(EventVerb.MEND_ADDRESS, before)
        form = context.form_of(db, before)
        field = {f.id: email for f in form.fields if f.role is Role.EMAIL}
        answers = {**before.answers, **field}
        changed = _replace(context, db, before, form, answers, {})
        _record(context, db, before, changed, actor, EventVerb.MEND_ADDRESS)
        _tell(context, db, before, changed, kinds.address_check, None)
        return changed

    return context.store.write(job)


def changed_fields(
    before: Mapping[str, Answer], after: Mapping[str, Answer]
) -> list[str]:
    """Return the ids of the fields whose answers differ."""
    return [key for key in {**after, **before} if before.get(key) != after.get(key)]


def _replace(
    context: WorkflowContext,
    db: Connection,
    before: Submission,
    form: FormDefinition,
    answers: Mapping[str, Answer],
    changes: Mapping[str, Any],
) -> Submission:
    now = context.clock()
    revisions.keep(db, before, now)
    columns = derived(form, answers, before.reference)
    publishing.keep_answered(context, db, form, columns["email"])
    if columns["email"] != before.email:
        columns |= _unproven(before, now)
    changed = submissions.change(
        db,
        before,
        **columns,
        answers=dict(answers),
        fingerprint=form.fingerprint,
        lang=form.lang,
        text_hash=form.text_hash,
        **changes,
    )
    if changed.seats < before.seats:
        capacity.free(context, db, before.form_id)
    return changed


def _unproven(submission: Submission, now: datetime) -> dict[str, Any]:
    """Return what a new address changes: links and codes of the old one end."""
    by_mailbox = submission.proof in (Proof.MAIL, Proof.CODE)
    return {
        "verified_at": None,
        "proof": Proof.NONE if by_mailbox else submission.proof,
        "link_generation": submission.link_generation + 1,
        "link_expires_at": now + mail_queue.LINK_LIFE,
        "link_tries": 0,
        "code_expires_at": None,
    }


def _record(
    context: WorkflowContext,
    db: Connection,
    before: Submission,
    after: Submission,
    actor: str,
    verb: EventVerb,
    **about: str,
) -> None:
    """Log which answers have changed, by the ids of their fields alone."""
    fields = changed_fields(before.answers, after.answers)
    events.record(
        db, context.clock(), actor, verb, after.id, {"fields": fields, **about}
    )


def _tell(
    context: WorkflowContext,
    db: Connection,
    before: Submission,
    after: Submission,
    proof: MailKind,
    news: MailKind | None,
) -> None:
    """Ask a new address to confirm itself, and tell the old; else tell the news."""
    if after.email != before.email:
        mail_queue.queue(context, db, after, proof)
        mail_queue.queue_left(context, db, before, after)
        decided = after.status in (Status.ACCEPTED, Status.DECLINED)
        if decided and not calling.has_heard(db, after):
            since = context.clock() + PATIENCE
            calling.want(context, db, after, CallReason.DECISION, since, always=False)
    elif news:
        mail_queue.queue(context, db, after, news)


def last_changed(db: Connection, submission_id: str, until: datetime) -> Iterable[str]:
    """Return the ids of the fields that the last correction until a moment changed."""
    happened = reversed(events.of_submission(db, submission_id))
    fields = (
        event.detail.get("fields", ())
        for event in happened
        if event.verb in events.REPLACING and event.at <= until
    )
    return next(fields, ())
