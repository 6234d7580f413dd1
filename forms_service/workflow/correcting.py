"""Replacing the answers of a request: the old ones are kept as a revision."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..definition import FormDefinition
from ..mail import kinds
from ..store import events, outbox, submissions
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Proof, Status, Submission
from . import capacity, mail_queue, publishing, settling
from .context import WorkflowContext
from .deciding import TOLD, not_sooner
from .new_rows import derived
from .transitions import CITIZEN, as_read, check


def correct(
    context: WorkflowContext,
    form: FormDefinition,
    submission_id: str,
    answers: Mapping[str, Any],
    actor: str,
    revision: int | None = None,
) -> Submission:
    """Replace the answers, keeping the old ones as a revision and the place.

    A changed address has to be proven again. Raise `RevisionConflict`, `NotAllowed`,
    or `FormClosed` when a citizen asks for more places than are free; staff may go
    over the limit.
    """
    now = context.clock()
    seats = capacity.seats_of(context.form_today(form.id) or form, answers)

    def job(db: Connection) -> Submission:
        submission = settling.visible(context, db, as_read(db, submission_id, revision))
        status = check(EventVerb.CORRECT, submission)
        outbox.take_back(db, submission.id, TOLD, now)
        if actor == CITIZEN:
            capacity.check_growth(context, db, form.id, submission, seats)
        submissions.keep_revision(db, submission, now)
        changes = _corrected(context, form, submission, answers, now)
        publishing.keep_answered(context, db, form, changes["email"])
        changed = submissions.change(
            db, submission.id, **changes, status=status, seats=seats, decided_at=None
        )
        events.record(db, now, actor, EventVerb.CORRECT, submission.id)
        if changed.email != submission.email:
            kind = kinds.verify if actor == CITIZEN else kinds.address_check
            mail_queue.queue(context, db, changed, kind)
            mail_queue.queue_left(context, db, submission, changed)
        if seats < submission.seats:
            capacity.free(context, db, submission.form_id)
        return changed

    return context.store.write(job)


def _corrected(
    context: WorkflowContext,
    form: FormDefinition,
    submission: Submission,
    answers: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """Return what other answers change, whatever the state they lead to."""
    columns = derived(form, answers, submission.reference)
    end = context.retention_end(form, Status.NEW, submission.created_at, None)
    changes: dict[str, Any] = {
        **columns,
        "answers": dict(answers),
        "fingerprint": form.fingerprint,
        "lang": form.lang,
        "text_hash": form.text_hash,
        "purge_after": not_sooner(submission, end),
    }
    if columns["email"] != submission.email:
        changes.update(_unproven(submission, now))
    return changes


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
