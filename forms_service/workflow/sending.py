"""Sending a form: the one-time key, the row with its mail, the page after it."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ..definition import FormDefinition, Role
from ..mail import kinds
from ..store import events, submissions
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Source, Status, Submission
from . import capacity, mail_queue
from .context import WorkflowContext
from .new_rows import derived, draft_row, made_ahead, new_row
from .transitions import CITIZEN, NotAllowed

SENT_PAGE_LIFE = timedelta(hours=72)
RECEIPT_LIFE = timedelta(minutes=60)
ADDRESS_CHANGES = 3


class LinkExpired(Exception):
    """The link was good once; `token` asks for a new one."""


class AlreadyConfirmed(Exception):
    """The address has been proven before; nothing is left to do."""


class TooManyChanges(Exception):
    """The address of an unproven submission may be changed three times."""


class FormChanged(Exception):
    """A new version was published between reading the summary and sending."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The one-time key of a summary page: form, version, which one, its turn or 0."""

    form_id: str
    fingerprint: str
    nonce: str
    turn: float = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """What the page after sending needs."""

    submission: Submission
    mail_leaves: datetime | None
    position: int | None
    refused: bool = False


def new_form_key(
    context: WorkflowContext, form: FormDefinition, turn: float = 0
) -> str:
    """Make the key that lets one summary page be stored once."""
    key = IdempotencyKey(form.id, form.fingerprint, secrets.token_urlsafe(12), turn)
    return sign(context, key)


def sign(context: WorkflowContext, key: IdempotencyKey) -> str:
    """Return a key as it stands in a page."""
    parts = [key.form_id, key.fingerprint, key.turn, key.nonce]
    return context.tokens.make("form-key", parts)


def read_form_key(context: WorkflowContext, text: str) -> IdempotencyKey:
    """Read a key; raise `TokenInvalid` when it is not ours."""
    form_id, fingerprint, *turn, nonce = context.tokens.read("form-key", text)
    # Versions before gave no turn, or the moment they made it, as text.
    moment = next((part for part in turn if not isinstance(part, str)), 0)
    return IdempotencyKey(form_id, fingerprint, nonce, moment)


def send(
    context: WorkflowContext,
    form: FormDefinition,
    answers: Mapping[str, Any],
    key: IdempotencyKey,
    source: Source = Source.WEB,
) -> Sent:
    """Store a submission with its mail and its event, in one transaction.

    The same key gives the same submission again. Raise `FormClosed` outside the
    dates and their grace or when full without a waiting list, `FormChanged` when the
    key belongs to another version.
    """
    now = context.clock()
    first = _first_status(form, answers)
    draft = made_ahead(partial(draft_row, context, form, answers, first, now))

    def row(db: Connection) -> dict[str, Any]:
        if (key.form_id, key.fingerprint) != (form.id, form.fingerprint):
            raise FormChanged(form.id)
        capacity.check_dates(context, form, now)
        columns = new_row(context, db, form, draft())
        return columns | {"form_key": key.nonce, "source": source}

    def job(db: Connection) -> Sent:
        submission, is_new = store_once(db, key, row)
        if is_new:
            about = {"form": form.id}
            events.record(db, now, CITIZEN, EventVerb.SEND, submission.id, about)
            leaves = mail_queue.queue(context, db, submission, kinds.verify)
        else:
            leaves = mail_queue.pending(db, submission, now)
        return Sent(submission, leaves, capacity.position(db, submission))

    return context.store.write(job)


def store_once(
    db: Connection,
    key: IdempotencyKey | None,
    row: Callable[[Connection], Mapping[str, Any]],
) -> tuple[Submission, bool]:
    """Store a row, or find what was stored with the key; say whether it is new.

    What forbids a new row does not touch who has sent it already.
    """
    try:
        stored = submissions.insert(db, row(db))
        refused = None
    except (FormChanged, capacity.FormClosed) as error:
        stored, refused = None, error
    if stored:
        return stored, True
    if key and (known := submissions.by_form_key(db, key.nonce)):
        return known, False
    if refused:
        raise refused
    # Somebody has the reference: another one is drawn.
    return store_once(db, key, row)


def _first_status(form: FormDefinition, answers: Mapping[str, Any]) -> Status:
    """What has an address begins unverified; nothing else can be proven by mail."""
    field = form.by_role(Role.EMAIL)
    proof = field is not None and answers.get(field.id)
    return Status.UNVERIFIED if proof else Status.NEW


def sent_token(context: WorkflowContext, submission: Submission) -> str:
    """Make the token of the page after sending."""
    return context.tokens.make("sent", submission.id)


def open_sent(context: WorkflowContext, token: str) -> Sent:
    """Return what the page after sending shows.

    Raise `TokenInvalid`, `NotFound`, or `LinkExpired` after 72 hours, or one hour
    for a submission that has no mailbox to prove.
    """
    submission_id = context.tokens.read("sent", token)

    def job(db: Connection) -> Sent:
        submission = submissions.get(db, submission_id)
        life = SENT_PAGE_LIFE if submission.email else RECEIPT_LIFE
        if context.destroying() - submission.created_at > life:
            raise LinkExpired(token)
        leaves = mail_queue.pending(db, submission, context.clock())
        refused = mail_queue.refused(db, submission)
        return Sent(submission, leaves, capacity.position(db, submission), refused)

    return context.store.read(job)


def resend(context: WorkflowContext, submission_id: str) -> datetime | None:
    """Queue the proof of the mailbox once more; return when it leaves.

    While one is still waiting no other is queued, however often it is asked for:
    a limit a day must not become a queue of many days. After wrong tries the mail
    carries a new code and link: new tries at an old code would never end.
    """
    return context.store.write(
        lambda db: mail_queue.queue_proof(
            context, db, unproven(submissions.get(db, submission_id))
        )
    )


def unproven(submission: Submission) -> Submission:
    """Return a submission whose address can still be proven.

    Raise `AlreadyConfirmed`, or `NotAllowed`: it was withdrawn, or has no address.
    """
    if submission.proven:
        raise AlreadyConfirmed(submission.id)
    if submission.status is Status.WITHDRAWN or submission.email is None:
        raise NotAllowed(EventVerb.CONFIRM, submission)
    return submission


def change_address(
    context: WorkflowContext, submission_id: str, email: str
) -> datetime | None:
    """Correct the address of an unproven submission; earlier links end.

    Raise `TooManyChanges` after three, `AlreadyConfirmed` when it is proven.
    """
    now = context.clock()

    def job(db: Connection) -> datetime | None:
        submission = unproven(submissions.get(db, submission_id))
        if submission.address_changes >= ADDRESS_CHANGES:
            raise TooManyChanges(submission_id)
        form = context.form_of(db, submission)
        field = form.by_role(Role.EMAIL)
        answers = (
            {**submission.answers, field.id: email} if field else submission.answers
        )
        changed = submissions.change(
            db,
            submission,
            **derived(form, answers, submission.reference) | {"email": email},
            answers=answers,
            address_changes=submission.address_changes + 1,
            link_generation=submission.link_generation + 1,
            link_expires_at=now + mail_queue.LINK_LIFE,
            link_tries=0,
        )
        events.record(db, now, CITIZEN, EventVerb.CHANGE_ADDRESS, submission.id)
        return mail_queue.queue(context, db, changed, kinds.verify)

    return context.store.write(job)
