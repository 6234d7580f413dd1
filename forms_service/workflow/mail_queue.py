"""Queueing mails: what is queued when, under which limits.

Only mails that anybody can cause are limited; decisions and receipts never wait.
"""

import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ..clock import NONE
from ..definition.contact import INVENTED, mailbox_key
from ..mail import kinds
from ..mail.message import MailKind, Recipient
from ..store import deliveries, events, outbox, staff, staff_rights, submissions
from ..store import queue as queue_rows
from ..store.connection import Connection, within
from ..store.events import EventVerb
from ..store.outbox import StoredMail
from ..store.submissions import Source, Status, Submission
from .context import WorkflowContext
from .transitions import CITIZEN, NotAllowed

LINK_LIFE = timedelta(days=14)
CODE_LIFE = timedelta(minutes=30)
PROOFS_A_DAY = 3
LINKS_A_DAY = 10
CODES_AN_HOUR = 5
TAGS_LATER = timedelta(minutes=1)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class TooManyCodes(Exception):
    """Five codes in an hour have been mailed for this submission."""


def queue(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    kind: MailKind,
    now: datetime | None = None,
    delay: timedelta = NONE,
    addition: str = "",
) -> datetime | None:
    """Queue a mail about a submission; return when it leaves, None if there is none.

    A submission without a proven address gets no mail but the one that proves it, an
    invented one none. A mail that need not wait leaves after the `delay`, exactly.
    """
    if submission.email is None or submission.email.endswith(INVENTED):
        return None
    if kind.to is not Recipient.UNPROVEN and not submission.proven:
        return None
    now = now or context.clock()
    leaves = allowed(db, submission.email, kind, now) + delay
    if kind.to is Recipient.UNPROVEN and leaves > now:
        return _queue_for_many(db, submission.email, now, leaves)
    outbox.put(
        db,
        secrets.token_hex(16),
        kind.name,
        submission.email,
        now,
        leaves,
        submission.id,
        addition=addition,
    )
    return leaves


def queue_for_staff(
    db: Connection, kind: MailKind, email: str, now: datetime, staff_id: int | None
) -> None:
    """Queue a mail to a member of staff, or to an address that the project names."""
    key = secrets.token_hex(16)
    outbox.put(db, key, kind.name, email, now, now, staff=staff_id)


def queue_left(
    context: WorkflowContext, db: Connection, before: Submission, after: Submission
) -> None:
    """Tell the address that a correction has left, if its owner had proven it."""
    mailbox = (after.email or "").lower()
    if before.email and before.email.lower() != mailbox:
        queue(context, db, before, kinds.address_left)


def allowed(
    db: Connection, email: str, kind: MailKind, now: datetime, mail: int = 0
) -> datetime:
    """Return when a mail of this kind may leave to a mailbox: at `now`, or later.

    What strangers cause is counted apart from what only its owner can ask for; `mail`
    is its number, if it is about to leave.
    """
    if not kind.limited:
        return now
    db.hold(f"mailbox {mailbox_key(email)}")
    proof = kind.to is Recipient.UNPROVEN
    most = PROOFS_A_DAY if proof else LINKS_A_DAY
    alike = kinds.UNPROVEN if proof else frozenset({kind.name})
    earlier = deliveries.recent(db, email, alike, now - DAY, now, mail)
    return now if len(earlier) < most else earlier[-most] + DAY


def _queue_for_many(
    db: Connection, email: str, now: datetime, leaves: datetime
) -> datetime:
    """Let one mail tell of all requests that wait for an address; return when."""
    if waiting := _waiting_for_many(db, email, now):
        return waiting.not_before
    leaves = in_turn(email, leaves)
    key = secrets.token_hex(16)
    outbox.put(db, key, kinds.verify_many.name, email, now, leaves)
    return leaves


def in_turn(email: str, leaves: datetime) -> datetime:
    """Let the spelling of a mailbox that has no tag go before the others."""
    return leaves + (TAGS_LATER if email.lower() != mailbox_key(email) else NONE)


def _waiting_for_many(db: Connection, email: str, now: datetime) -> StoredMail | None:
    mails = outbox.for_many(db, email, kinds.verify_many.name, now - LINK_LIFE)
    return next((m for m in mails if not (m.sent_at or m.failed_at)), None)


def pending(db: Connection, submission: Submission, now: datetime) -> datetime | None:
    """Return when the mail that proves the address leaves; None when it has left."""
    mail = outbox.unsent(db, submission.id, kinds.UNPROVEN)
    if mail is None and submission.email and not submission.proven:
        mail = _waiting_for_many(db, submission.email, now)
    return mail.not_before if mail else None


def refused(db: Connection, submission: Submission) -> bool:
    """Say whether the mail that proves the address was refused, or came back.

    Its own mail, or the one that tells of all requests where it got none.
    """
    if (email := submission.email) is None:
        return False
    mail = outbox.newest(db, submission.id, email, kinds.UNPROVEN)
    mail = mail or outbox.newest(db, None, email, [kinds.verify_many.name])
    return mail is not None and mail.refused


def undeliverable(db: Connection, submission: Submission) -> str:
    """Return why the last mail to the address did not arrive; empty if it did."""
    if submission.email is None:
        return ""
    mail = outbox.newest(db, submission.id, submission.email, kinds.KINDS)
    return mail.reason or "" if mail and mail.refused else ""


def queue_proof(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    actor: str = CITIZEN,
) -> datetime | None:
    """Queue the proof of an unproven mailbox, as `sending.resend` says."""
    now = context.clock()
    changes: dict[str, Any] = {"link_expires_at": now + LINK_LIFE}
    waiting = pending(db, submission, now)
    if waiting is None and submission.link_tries:
        changes.update(link_generation=submission.link_generation + 1, link_tries=0)
    renewed = submissions.change(db, submission, **changes)
    if waiting:
        return waiting
    events.record(db, now, actor, EventVerb.RESEND, submission.id)
    return queue(context, db, renewed, _proof_kind(db, renewed))


def _proof_kind(db: Connection, submission: Submission) -> MailKind:
    """Ask as the mail before did: staff or the person gave us this address."""
    earlier = [mail.kind for mail in outbox.of_submission(db, submission.id)]
    if field := [kind for kind in earlier if kind in kinds.UNPROVEN]:
        return kinds.KINDS[field[-1]]
    by_citizen = submission.source in (Source.WEB, Source.PDF)
    return kinds.verify if by_citizen else kinds.address_check


def queue_code(
    context: WorkflowContext, db: Connection, submission: Submission
) -> None:
    """Queue a code that opens the answers; raise `TooManyCodes` above the limit.

    Raise `NotAllowed` when the address, changed by a correction, is not proven.
    """
    if not submission.proven:
        raise NotAllowed(EventVerb.CONFIRM, submission)
    now = context.clock()
    if (
        outbox.codes_since(db, submission.id, kinds.code.name, now - HOUR)
        >= CODES_AN_HOUR
    ):
        raise TooManyCodes(submission.id)
    changed = submissions.change(
        db,
        submission,
        code_generation=submission.code_generation + 1,
        code_expires_at=now + CODE_LIFE,
        code_tries=0,
    )
    queue(context, db, changed, kinds.code)


def queue_digests(context: WorkflowContext) -> int:
    """Queue the hourly mail of staff who want it and have something new to read.

    A reader asks whether anybody wants it before it looks for what is new, and only
    then is anything written.
    """
    # An hour that the clock has leapt over has not passed yet.
    now, hour = context.clock(), context.destroying()

    def find(db: Connection) -> list[int]:
        due = [m for m in staff.everyone(db) if _digest_due(db, m, hour)]
        forms = staff_rights.forms_of(db, [m.id for m in due])
        # Most see the same.
        fresh = {
            seen: queue_rows.newest(within(db, seen), Status.NEW)
            for seen in set(forms.values())
        }
        # Times have whole seconds: what came in the second of the last mail may have
        # come after it, and is told.
        return [
            m.id
            for m in due
            if (at := fresh[forms[m.id]]) and at >= (m.digest_at or at)
        ]

    def job(db: Connection) -> int:
        db.hold("digests")
        members = [m for m in map(partial(staff.get, db), found) if m]
        still = [m for m in members if _digest_due(db, m, hour)]
        for member in still:
            queue_for_staff(db, kinds.digest, member.email, now, member.id)
            staff.digest_sent(db, member.id, now)
        return len(still)

    found = context.store.read(find)
    return context.store.write(job) if found else 0


def _digest_due(db: Connection, member: staff.StaffMember, now: datetime) -> bool:
    last = member.digest_at
    late = last is None or now - last >= HOUR
    waits = outbox.waits(db, kinds.digest.name, member.email)
    return wants_digest(member) and late and not waits


def wants_digest(member: staff.StaffMember) -> bool:
    """Say whether a member of staff gets the hourly mail."""
    return member.wants_mail and member.disabled_at is None
