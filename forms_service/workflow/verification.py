"""Proving a mailbox and opening what belongs to it: links, codes, the lost link."""

from dataclasses import dataclass
from typing import Any

from ..mail import kinds
from ..store import calls, events, outbox, submissions
from ..store.calls import CallReason
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import NotFound, Proof, Seat, Status, Submission
from ..tokens import TokenInvalid
from . import calling, capacity, mail_queue, settling
from .context import WorkflowContext
from .sending import LinkExpired, unproven
from .transitions import CITIZEN, check

CODE_TRIES = 5


class CodeWrong(Exception):
    """The typed code is not the one that was mailed; `left` tries remain."""

    def __init__(self, left: int) -> None:
        super().__init__(f"{left} tries left")
        self.left = left


@dataclass(frozen=True, slots=True)
class MailLink:
    """What a link in a mail leads to."""

    submission: Submission
    personal: bool


def open_link(context: WorkflowContext, token: str) -> MailLink | None:
    """Return where a mail link leads; nothing changes, whoever opens it.

    None for one that was mailed for several requests (`verification_for_many`). Raise
    `TokenInvalid`, `NotFound` (erased, or about to be), or `LinkExpired` (over, or
    replaced by a newer one).
    """
    kind, submission_id, generation = context.tokens.read("r", token)
    if kind == "m":
        return None

    def job(db: Connection) -> MailLink:
        submission = submissions.get(db, submission_id)
        if context.destroying() >= submission.purge_after:
            raise NotFound(submission_id)
        personal = kind == "p"
        current = (
            submission.personal_generation if personal else submission.link_generation
        )
        if generation != current:
            raise LinkExpired(submission_id)
        if (
            not personal
            and not submission.proven
            and context.destroying() > submission.link_expires_at
        ):
            raise LinkExpired(submission_id)
        return MailLink(settling.visible(context, db, submission), personal)

    return context.store.read(job)


def renewable(context: WorkflowContext, token: str) -> str:
    """Return the submission that an expired proof link may ask a new one for."""
    kind, submission_id, _ = context.tokens.read("r", token)
    if kind != "v":
        raise TokenInvalid("r")
    return str(submission_id)


def confirm_link(context: WorkflowContext, token: str) -> Submission | None:
    """Prove the mailbox with the link that was mailed there.

    None and exceptions as in `open_link` and `confirm`. Token and address are compared
    in the transaction that confirms, so that a link never proves an address it did not
    go to.
    """
    kind, submission_id, generation = context.tokens.read("r", token)
    if kind == "m":
        return None
    if kind != "v":
        raise TokenInvalid("r")

    def job(db: Connection) -> Submission:
        submission = submissions.get(db, submission_id)
        if generation != submission.link_generation:
            raise LinkExpired(submission_id)
        unproven(submission)
        if context.destroying() > submission.link_expires_at:
            raise LinkExpired(submission_id)
        return prove(context, db, submission, Proof.MAIL)

    return context.store.write(job)


def confirm(context: WorkflowContext, submission_id: str) -> Submission:
    """Prove the mailbox: the submission becomes new, the receipt is queued.

    The caller knows that the link or code was right; `confirm_link` and
    `confirm_by_code` make sure of it themselves. Raise `AlreadyConfirmed` the second
    time, `NotAllowed` when it was withdrawn. Proving an address that staff typed
    changes no state. A place that lapsed meanwhile is taken again in the line.
    """
    return context.store.write(
        lambda db: prove(
            context, db, unproven(submissions.get(db, submission_id)), Proof.MAIL
        )
    )


def prove(
    context: WorkflowContext, db: Connection, submission: Submission, proof: Proof
) -> Submission:
    """Confirm inside the transaction that has looked whether it may; as `confirm`."""
    now = context.clock()
    # A personal link that went to an earlier address ends here.
    changes: dict[str, Any] = {
        "verified_at": now,
        "personal_generation": submission.personal_generation + 1,
    }
    if submission.proof is Proof.NONE:
        changes["proof"] = proof
    if submission.status is Status.UNVERIFIED:
        changes.update(becomes_new(context, db, submission, EventVerb.CONFIRM))
    changed = submissions.change(db, submission, **changes)
    events.record(
        db, now, CITIZEN, EventVerb.CONFIRM, submission.id, {"proof": proof.value}
    )
    mail_queue.queue(context, db, changed, kinds.receipt)
    settling.tell_untold(context, db, changed)
    if not calling.asks_for_call(context, changed):
        # What is told from now on a mail tells, and the receipt how the event stands.
        calls.drop(db, submission.id, since=now)
        calls.drop_reason(db, submission.id, CallReason.EVENT)
    return changed


def becomes_new(
    context: WorkflowContext, db: Connection, submission: Submission, verb: EventVerb
) -> dict[str, Any]:
    """Return what changes when somebody is known; a lapsed place is taken again."""
    status = check(verb, submission)
    form = context.form_of(db, submission)
    changes: dict[str, Any] = {
        "status": status,
        "purge_after": context.retention_end(form, status, submission.created_at, None),
    }
    if submission.place is Seat.NONE:
        changes.update(capacity.rejoin(context, db, submission))
    return changes


def confirm_by_code(
    context: WorkflowContext, submission_id: str, typed: str
) -> Submission:
    """Prove the mailbox with the code typed in; five tries, counted in the row.

    Raise `CodeWrong`, `AlreadyConfirmed` or `NotAllowed`.
    """

    def job(db: Connection) -> Submission | int:
        submission = unproven(submissions.get(db, submission_id))
        if not submissions.count_try(db, submission.id, "link_tries", CODE_TRIES):
            return 0
        over = context.destroying() > submission.link_expires_at
        mailed = f"{submission.id}:{submission.link_generation}"
        own = not over and context.tokens.matches("verify", mailed, typed)
        if own or _mailed_to_many(context, db, submission, typed):
            return prove(context, db, submission, Proof.CODE)
        return CODE_TRIES - submission.link_tries - 1

    return _unless_wrong(context.store.write(job))


def _mailed_to_many(
    context: WorkflowContext, db: Connection, submission: Submission, typed: str
) -> bool:
    """Say whether a mail to this address brought the code, for all that waited."""
    since = context.destroying() - mail_queue.LINK_LIFE
    return any(
        context.tokens.matches("verify-many", mail.key, typed)
        for mail in outbox.for_many(
            db, submission.email or "", kinds.verify_many.name, since
        )
        if mail.sent_at
    )


def _unless_wrong(result: Submission | int) -> Submission:
    """Raise `CodeWrong` after the commit, so that the wrong try stays counted."""
    if isinstance(result, int):
        raise CodeWrong(result)
    return result


def request_code(context: WorkflowContext, submission_id: str) -> None:
    """Mail a fresh code that opens the answers.

    Raise `TooManyCodes`, or `NotAllowed` while a corrected address is not proven.
    """

    def job(db: Connection) -> None:
        submission = submissions.get(db, submission_id)
        mail_queue.queue_code(context, db, submission)
        events.record(
            db, context.clock(), CITIZEN, EventVerb.REQUEST_CODE, submission.id
        )

    context.store.write(job)


def code_counts(context: WorkflowContext, submission: Submission) -> bool:
    """Say whether the last code that was mailed would still open a submission."""
    expires, tries = submission.code_expires_at, submission.code_tries
    return bool(expires and context.clock() <= expires and tries < CODE_TRIES)


def check_code(context: WorkflowContext, submission_id: str, typed: str) -> Submission:
    """Return the submission when the code is right; raise `CodeWrong`.

    Five tries and thirty minutes; a code works until then, so that a person may
    look at the answers and then fetch the receipt.
    """

    def job(db: Connection) -> Submission | int:
        submission = submissions.get(db, submission_id)
        if not submissions.count_try(db, submission.id, "code_tries", CODE_TRIES):
            return 0
        expires = submission.code_expires_at
        over = expires is None or context.clock() > expires
        if over or not context.tokens.matches(
            "open", f"{submission.id}:{submission.code_generation}", typed
        ):
            return CODE_TRIES - submission.code_tries - 1
        events.record(db, context.clock(), CITIZEN, EventVerb.READ, submission.id)
        return submissions.change(db, submission, code_tries=0)

    return _unless_wrong(context.store.write(job))


def lost_link(context: WorkflowContext, email: str) -> None:
    """Mail a new link for each submission of an address; tell nobody.

    The personal one, or the one that confirms the address where that is still to do.

    Whether there was one is not to be known from the answer or its time: the mails
    are only queued, and an unknown address is logged like a known one, without
    saying which. An earlier link ends when the new one leaves; asking again while
    one waits changes nothing, so that nobody can end the links of somebody else.
    """
    now = context.clock()
    waiting = frozenset({kinds.lost_link.name})

    def job(db: Connection) -> None:
        events.record(db, now, CITIZEN, EventVerb.LOST_LINK)
        for submission in submissions.by_email(db, email):
            if not submission.proven:
                if submission.status is not Status.WITHDRAWN:
                    mail_queue.queue_proof(context, db, submission)
                continue
            if outbox.unsent(db, submission.id, waiting):
                continue
            if mail_queue.queue(context, db, submission, kinds.lost_link, now) == now:
                generation = submission.personal_generation + 1
                submissions.change(db, submission, personal_generation=generation)
            events.record(db, now, CITIZEN, EventVerb.LOST_LINK, submission.id)

    context.store.write(job)
