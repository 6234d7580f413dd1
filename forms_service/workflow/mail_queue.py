"""Mails as part of the life: what is queued when, under which limits, and the report.

Only mails that anybody can cause are limited; decisions and receipts never wait.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from ..addresses import mail_link
from ..addresses import staff as staff_address
from ..definition.contact import INVENTED
from ..store import announcements, events, outbox, staff, submissions
from ..store import queue as queue_rows
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import NotFound, Seat, Status, Submission
from .transitions import NotAllowed
from .work import Work

LINK_LIFE = timedelta(days=14)
CODE_LIFE = timedelta(minutes=30)
UNPROVEN_A_DAY = 3
PROVEN_A_DAY = 30
PROVEN_FOR = timedelta(days=30)
CODES_AN_HOUR = 5
HORIZON = timedelta(hours=72)
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=15)
DAY = timedelta(days=1)
# Addresses of invented rows end so (RFC 2606): nobody reads mail there.


class Kind(StrEnum):
    """What a mail is about."""

    VERIFY = "verify"
    ADDRESS_CHECK = "address_check"
    ADDRESS_LEFT = "address_left"
    LOST_LINK = "lost_link"
    CODE = "code"
    RECEIPT = "receipt"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CORRECTION_ASKED = "correction_asked"
    WITHDRAWN = "withdrawn"
    PROMOTED = "promoted"
    REMINDER = "reminder"
    EVENT_CHANGED = "event_changed"
    DIGEST = "digest"


# A decision that was taken back before its mail left is not announced.
_WHILE = {
    Kind.ACCEPTED: Status.ACCEPTED,
    Kind.DECLINED: Status.DECLINED,
    Kind.CORRECTION_ASKED: Status.CORRECTION_ASKED,
    Kind.WITHDRAWN: Status.WITHDRAWN,
}
LIMITED = frozenset({Kind.VERIFY, Kind.ADDRESS_CHECK, Kind.LOST_LINK})
# To an address that nobody has proven, only what asks its owner for the proof.
UNPROVEN_KINDS = frozenset({Kind.VERIFY, Kind.ADDRESS_CHECK})
EVENT_KINDS = frozenset({Kind.REMINDER, Kind.EVENT_CHANGED})


class TooManyCodes(Exception):
    """Five codes in an hour have been mailed for this submission."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to be written: all that its text needs."""

    mail_id: int
    key: str
    kind: Kind
    address: str
    attempts: int
    submission: Submission | None
    link: str
    code: str
    waiting: int


def queue(
    work: Work,
    db: Connection,
    one: Submission,
    kind: Kind,
    now: datetime | None = None,
) -> datetime | None:
    """Queue a mail about a submission; return when it leaves, None if there is none.

    A submission without a proven address gets no mail but the one that proves it, an
    invented one none. A mail that need not wait leaves at `now`, exactly.
    """
    if one.email is None or one.email.endswith(INVENTED):
        return None
    if kind not in UNPROVEN_KINDS and not one.proven:
        return None
    now = now or work.clock()
    leaves = _not_before(db, one.email, kind, now)
    outbox.put(db, secrets.token_hex(16), kind, one.email, now, leaves, one.id)
    return leaves


def queue_left(
    work: Work, db: Connection, before: Submission, after: Submission
) -> None:
    """Tell the address that a correction has left, if its owner had proven it."""
    mailbox = (after.email or "").lower()
    if before.email and before.email.lower() != mailbox:
        queue(work, db, before, Kind.ADDRESS_LEFT)


def _not_before(db: Connection, address: str, kind: Kind, now: datetime) -> datetime:
    if kind not in LIMITED:
        return now
    proven = outbox.proven_since(db, address, now - PROVEN_FOR)
    most = PROVEN_A_DAY if proven else UNPROVEN_A_DAY
    earlier = outbox.recent(db, address, frozenset(LIMITED), now - DAY)
    if len(earlier) < most:
        return now
    return earlier[-most] + DAY


def pending(db: Connection, one: Submission) -> datetime | None:
    """Return when the mail that proves the address leaves; None when it has left."""
    mail = outbox.unsent(db, one.id, frozenset(UNPROVEN_KINDS))
    return mail.not_before if mail else None


def queue_code(work: Work, db: Connection, one: Submission) -> None:
    """Queue a code that opens the answers; raise `TooManyCodes` above the limit.

    Raise `NotAllowed` when the address, changed by a correction, is not proven.
    """
    if not one.proven:
        raise NotAllowed(EventVerb.CONFIRM, one)
    now = work.clock()
    hour = now - timedelta(hours=1)
    if outbox.codes_since(db, one.id, Kind.CODE, hour) >= CODES_AN_HOUR:
        raise TooManyCodes(one.id)
    changed = submissions.change(
        db,
        one.id,
        code_generation=one.code_generation + 1,
        code_expires_at=now + CODE_LIFE,
        code_tries=0,
    )
    queue(work, db, changed, Kind.CODE)


def claim(work: Work) -> Letter | None:
    """Take the next mail to send, with its links made now; None when none is due.

    A mail that has nothing left to say (address proven meanwhile, decision taken
    back, code over) is dropped on the way.
    """
    while mail := work.store.write(partial(outbox.claim, now=work.clock())):
        if letter := work.store.read(partial(_letter, work, mail)):
            return letter
        work.store.write(partial(outbox.drop, mail_id=mail.id))
    return None


def _letter(work: Work, mail: outbox.Mail, db: Connection) -> Letter | None:
    kind = Kind(mail.kind)
    if mail.staff is not None:
        return _digest(db, mail, mail.staff)
    try:
        one = submissions.get(db, mail.submission or "")
    except NotFound:
        return None
    # Only who is told that we no longer write there reads it at another address.
    left = kind is Kind.ADDRESS_LEFT
    if (one.email != mail.address) is not left:
        return None
    if not _still_true(one, kind, work.clock()):
        return None
    if not _still_ahead(work, one, mail):
        return None
    return Letter(
        mail_id=mail.id,
        key=mail.key,
        kind=kind,
        address=mail.address,
        attempts=mail.attempts,
        submission=one,
        link=link_for(work, one, kind),
        code=code_for(work, one, kind),
        waiting=0,
    )


def _still_true(one: Submission, kind: Kind, now: datetime) -> bool:
    """Say whether what a mail tells is still so when it is about to leave."""
    if kind in UNPROVEN_KINDS:
        return not one.proven and one.status is not Status.WITHDRAWN
    if kind is Kind.CODE:
        return one.code_expires_at is not None and now <= one.code_expires_at
    if kind is Kind.PROMOTED:
        return one.place is Seat.HELD
    return _WHILE.get(kind, one.status) is one.status


def _still_ahead(work: Work, one: Submission, mail: outbox.Mail) -> bool:
    """Say whether a mail about an event still helps: put off, its reminder does not."""
    if mail.kind not in EVENT_KINDS:
        return True
    form = work.form_today(one.form_id)
    event = work.event_of(form) if form else None
    if event is None or not announcements.registered(one):
        return False
    early = mail.created_at < event.reminder_at(work.zone)
    over = event.ends_at(work.zone) <= work.clock()
    return not over and not (early and mail.kind == Kind.REMINDER)


def _digest(db: Connection, mail: outbox.Mail, staff_id: int) -> Letter | None:
    member = staff.get(db, staff_id)
    fresh = queue_rows.count(db, queue_rows.Filter(status=Status.NEW))
    if not fresh or member is None or not wants_digest(member):
        return None
    return Letter(
        mail_id=mail.id,
        key=mail.key,
        kind=Kind.DIGEST,
        address=member.email,
        attempts=mail.attempts,
        submission=None,
        link=staff_address(),
        code="",
        waiting=fresh,
    )


def wants_digest(member: staff.StaffMember) -> bool:
    """Say whether a member of staff gets the hourly mail."""
    return member.wants_mail and member.disabled_at is None


def link_for(work: Work, one: Submission, kind: Kind) -> str:
    """Return the path of the link in a mail: the proof, or the personal page.

    Empty for an address that was left: its owner may be somebody else by now.
    """
    if kind is Kind.ADDRESS_LEFT:
        return ""
    if kind in UNPROVEN_KINDS:
        return mail_link(work.tokens.make("r", ["v", one.id, one.link_generation]))
    return mail_link(work.tokens.make("r", ["p", one.id, one.personal_generation]))


def code_for(work: Work, one: Submission, kind: Kind) -> str:
    """Return the code in a mail; empty for kinds without one."""
    if kind in UNPROVEN_KINDS:
        return work.tokens.code("verify", f"{one.id}:{one.link_generation}")
    if kind is Kind.CODE:
        return work.tokens.code("open", f"{one.id}:{one.code_generation}")
    return ""


def report_sent(work: Work, letter: Letter) -> None:
    """Report that the mail server has taken a letter."""
    now = work.clock()

    def job(db: Connection) -> None:
        outbox.sent(db, letter.mail_id, now)
        _record(db, now, letter, EventVerb.SENT)

    work.store.write(job)


def report_failure(
    work: Work, letter: Letter, reason: str, permanent: bool = False
) -> None:
    """Report a refused letter: try again later, or give up after 72 hours or a 5xx.

    The 72 hours count from when it was first to leave. The reason may hold a status
    code and the class of a fault, never an address.
    """
    now = work.clock()
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(letter.attempts - 1, 8))

    def job(db: Connection) -> None:
        if permanent or outbox.too_old(db, letter.mail_id, now - HORIZON):
            outbox.fail(db, letter.mail_id, now, reason)
            _record(db, now, letter, EventVerb.FAILED)
        else:
            outbox.retry(db, letter.mail_id, now + pause, reason)

    work.store.write(job)


def _record(db: Connection, now: datetime, letter: Letter, verb: EventVerb) -> None:
    if one := letter.submission:
        events.record(db, now, "mail", verb, one.id, {"kind": letter.kind.value})
