"""Proving a mailbox and opening what belongs to it: links, codes, the lost link."""

from dataclasses import dataclass
from typing import Any

from ..store import events, submissions
from ..store.connection import Connection
from ..store.submissions import Proof, Seat, Status, Submission
from ..tokens import TokenInvalid
from . import letters, places
from .letters import Kind
from .sending import CITIZEN, AlreadyConfirmed, LinkExpired
from .table import Verb, check
from .work import Work

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


def open_link(work: Work, token: str) -> MailLink:
    """Return where a mail link leads; nothing changes, whoever opens it.

    Raise `TokenInvalid`, `NotFound` (erased), or `LinkExpired` (over, or replaced
    by a newer one).
    """
    kind, submission_id, generation = work.tokens.read("r", token)

    def job(db: Connection) -> MailLink:
        one = submissions.get(db, submission_id)
        personal = kind == "p"
        current = one.personal_generation if personal else one.link_generation
        if generation != current:
            raise LinkExpired(submission_id)
        if not personal and not one.proven and work.clock() > one.link_expires_at:
            raise LinkExpired(submission_id)
        return MailLink(one, personal)

    return work.store.read(job)


def renewable(work: Work, token: str) -> str:
    """Return the submission that an expired proof link may ask a new one for."""
    kind, submission_id, _ = work.tokens.read("r", token)
    if kind != "v":
        raise TokenInvalid("r")
    return str(submission_id)


def confirm(work: Work, submission_id: str, proof: Proof = Proof.MAIL) -> Submission:
    """Prove the mailbox: the submission becomes new, the receipt is queued.

    Raise `AlreadyConfirmed` the second time. Proving an address that staff typed
    changes no state. A place that lapsed meanwhile is taken again in the line.
    """
    now = work.clock()

    def job(db: Connection) -> Submission:
        one = submissions.get(db, submission_id)
        if one.proven:
            raise AlreadyConfirmed(submission_id)
        changes: dict[str, Any] = {"verified_at": now}
        if one.proof is Proof.NONE:
            changes["proof"] = proof
        if one.status is Status.UNVERIFIED:
            changes.update(_becomes_new(work, db, one))
        changed = submissions.change(db, one.id, **changes)
        events.record(db, now, CITIZEN, "confirm", one.id, {"proof": proof.value})
        letters.queue(work, db, changed, Kind.RECEIPT)
        return changed

    return work.store.write(job)


def _becomes_new(work: Work, db: Connection, one: Submission) -> dict[str, Any]:
    status = check(Verb.CONFIRM, one)
    form = work.form_of(db, one)
    changes: dict[str, Any] = {
        "status": status,
        "purge_after": work.retention_end(form, status, one.created_at, None),
    }
    if one.place is Seat.NONE:
        changes.update(places.rejoin(work, db, one))
    return changes


def confirm_by_code(work: Work, submission_id: str, typed: str) -> Submission:
    """Prove the mailbox with the code typed in; five tries, counted in the row.

    Raise `CodeWrong` or `AlreadyConfirmed`.
    """
    one = work.store.read(lambda db: submissions.get(db, submission_id))
    if one.proven:
        raise AlreadyConfirmed(submission_id)
    left = CODE_TRIES - one.link_tries - 1
    if not work.store.write(
        lambda db: submissions.count_try(db, one.id, "link_tries", CODE_TRIES)
    ):
        raise CodeWrong(0)
    if work.clock() > one.link_expires_at or not work.tokens.matches(
        "verify", f"{one.id}:{one.link_generation}", typed
    ):
        raise CodeWrong(max(0, left))
    return confirm(work, submission_id, Proof.CODE)


def request_code(work: Work, submission_id: str) -> None:
    """Mail a fresh code that opens the answers; raise `TooManyCodes`."""

    def job(db: Connection) -> None:
        one = submissions.get(db, submission_id)
        letters.queue_code(work, db, one)
        events.record(db, work.clock(), CITIZEN, "request_code", one.id)

    work.store.write(job)


def check_code(work: Work, submission_id: str, typed: str) -> Submission:
    """Return the submission when the code is right; raise `CodeWrong`.

    Five tries and thirty minutes; a code works until then, so that a person may
    look at the answers and then fetch the receipt.
    """
    one = work.store.read(lambda db: submissions.get(db, submission_id))
    left = CODE_TRIES - one.code_tries - 1
    if not work.store.write(
        lambda db: submissions.count_try(db, one.id, "code_tries", CODE_TRIES)
    ):
        raise CodeWrong(0)
    expires = one.code_expires_at
    if (
        expires is None
        or work.clock() > expires
        or not work.tokens.matches("open", f"{one.id}:{one.code_generation}", typed)
    ):
        raise CodeWrong(max(0, left))

    def job(db: Connection) -> Submission:
        events.record(db, work.clock(), CITIZEN, "read", one.id)
        return submissions.change(db, one.id, code_tries=0)

    return work.store.write(job)


def lost_link(work: Work, email: str) -> None:
    """Mail a new personal link for each submission of an address; tell nobody.

    Whether there was one is not to be known from the answer or its time: the mails
    are only queued. Earlier personal links end.
    """
    now = work.clock()

    def job(db: Connection) -> None:
        for one in submissions.by_email(db, email):
            if one.proven:
                changed = submissions.change(
                    db, one.id, personal_generation=one.personal_generation + 1
                )
                letters.queue(work, db, changed, Kind.LOST_LINK)
                events.record(db, now, CITIZEN, "lost_link", one.id)

    work.store.write(job)
