"""Signing in: a limit of failures, and browsers that are known."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from ..mail import kinds
from ..store import attempts, events, factors, staff, staff_rights
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.staff import StaffMember
from ..tokens import TokenInvalid
from .context import WorkflowContext
from .deciding import staff_actor
from .mail_queue import queue_for_staff
from .passwords import hash_password, is_weak_hash, verified
from .sessions import digest

# Failed sign-ins of a known browser; tries of all that are not; and how often the log,
# which nobody can shorten, tells that the same network was refused.
FAILURES = RateLimitItemPerMinute(5, 15, "failed sign-in")
ALTOGETHER = RateLimitItemPerMinute(300, 15, "sign-in of unknown browsers")
BLOCKED = RateLimitItemPerMinute(1, 1, "blocked sign-in")
SECRET_BYTES = 32
# Between the password and the code.
CODE_SECONDS = 600
KNOWN_FOR = timedelta(days=180)
# Members who share a browser at a desk.
SHARED_BY = 10

VISITOR = "visitor"


class SignInRefused(Exception):
    """Address or password is wrong; which of them is not said."""


class CodeNeeded(Exception):
    """The password is right, and a second factor is set up; `pending` says whose."""

    def __init__(self, pending: str) -> None:
        super().__init__()
        self.pending = pending


class CodeTooLate(Exception):
    """The password was typed too long ago, or has been changed since."""


class TooManyFailures(Exception):
    """Too many wrong passwords for this account, or altogether, a short while ago."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a browser keeps: the secret of the session, and the proof that it is known.

    The proof may name several members who share a browser.
    """

    secret: str
    browser: str
    # Whether the account is from before there were roles, and nobody has said so.
    untold: bool


def sign_in(
    context: WorkflowContext,
    failures: MovingWindowRateLimiter,
    email: str,
    password: str,
    network: str,
    browser: str = "",
    named: str = "",
) -> SignedIn:
    """Open a session; only the digest of its secret is stored.

    A try counts before its password is looked at. Wrong ones count for the account,
    whatever the network, and each makes the next try wait longer, up to a minute; a
    browser that the account has signed in with does not wait. `named` is what the
    browser is called. Raise `SignInRefused`, `TooManyFailures`, or `CodeNeeded` where
    there is a second factor.
    """
    member = context.store.read(lambda db: staff.by_email(db, email.strip()))
    take_turn(context, failures, account_of(email), member, network, browser)
    if not verified(member, password) or not (member and member.password):
        note_failure(context, member)
        raise SignInRefused
    if context.store.read(lambda db: factors.get(db, member.id)):
        raise CodeNeeded(_pending(context, member))
    return open_for(context, failures, member, browser, named, password)


def take_turn(
    context: WorkflowContext,
    failures: MovingWindowRateLimiter,
    account: str,
    member: StaffMember | None,
    network: str,
    browser: str,
) -> None:
    """Count a try to sign in to an account; raise `TooManyFailures`."""
    known = member is not None and _identity(member) in _known(context, browser)
    counted = known and failures.hit(FAILURES, account, digest(browser))
    if not counted and not _may_try(context, failures, account):
        note_refusal(context, failures, network, _about(member))
        raise TooManyFailures


def note_failure(context: WorkflowContext, member: StaffMember | None) -> None:
    """Note in the log that a try was wrong."""
    _record(context, VISITOR, EventVerb.SIGN_IN_FAILED, _about(member))


def _about(member: StaffMember | None) -> Mapping[str, int]:
    return {"staff": member.id} if member else {}


def account_of(email: str) -> str:
    """Return what is remembered of an account for a while: never the address itself."""
    return digest(email.strip().casefold())


def _pending(context: WorkflowContext, member: StaffMember) -> str:
    moment = int(context.clock().timestamp())
    return context.tokens.make("second step", [*_identity(member), moment])


def member_pending(context: WorkflowContext, pending: str) -> StaffMember:
    """Return whose password was right a moment ago; raise `CodeTooLate`."""
    try:
        staff_id, generation, moment = context.tokens.read("second step", pending)
    except TokenInvalid:
        raise CodeTooLate from None
    member = context.store.read(lambda db: staff.get(db, staff_id))
    age = int(context.clock().timestamp()) - moment
    if member is None or member.setup_generation != generation or age >= CODE_SECONDS:
        raise CodeTooLate
    return member


def note_refusal(
    context: WorkflowContext,
    failures: MovingWindowRateLimiter,
    network: str,
    about: Mapping[str, int],
) -> None:
    """Note in the log that a try was refused unread; of a network once a minute."""
    if failures.hit(BLOCKED, network, *map(str, about.values())):
        _record(context, VISITOR, EventVerb.SIGN_IN_BLOCKED, about)


def _may_try(
    context: WorkflowContext, failures: MovingWindowRateLimiter, account: str
) -> bool:
    """Count a try of a browser that nobody knows; say whether its turn has come."""
    if not failures.hit(ALTOGETHER):
        return False
    now = context.clock()
    return context.store.write(lambda db: attempts.count(db, account, now))


def open_for(
    context: WorkflowContext,
    failures: MovingWindowRateLimiter,
    member: StaffMember,
    browser: str,
    named: str,
    password: str = "",
) -> SignedIn:
    """Open a session where what was shown is enough now; raise as both steps do."""
    account = account_of(member.email)
    failures.clear(FAILURES, account, digest(browser))
    now, secret = context.clock(), secrets.token_urlsafe(SECRET_BYTES)
    known, stored = _known(context, browser), member.password or ""
    # Replaced where it is weak: slow on purpose, not while others wait for the writer.
    weak = bool(password) and is_weak_hash(stored, password)
    stronger = hash_password(password) if weak else None

    def job(db: Connection) -> bool:
        factors.hold(db, member.id)
        if (first := staff.note_sign_in(db, member, now)) is None:
            raise SignInRefused if password else CodeTooLate
        if password and factors.get(db, member.id):
            raise CodeNeeded(_pending(context, member))
        if stronger:
            staff.rehash(db, member.id, stronger)
        attempts.forget(db, account)
        staff.open_session(db, digest(secret), member.id, now, named)
        # The first one is that of whoever has just chosen the password.
        if not first and _identity(member) not in known:
            queue_for_staff(db, kinds.new_browser, member.email, now, member.id)
        events.record(db, now, staff_actor(member.id), EventVerb.SIGN_IN)
        return staff_rights.note_told(db, member.id)

    untold = context.store.write(job)
    ours = [_identity(member), *(one for one in known if one[0] != member.id)]
    day = now.toordinal()
    browser = context.tokens.make("browser", [day, ours[:SHARED_BY]])
    return SignedIn(secret, browser, untold)


def _identity(member: StaffMember) -> list[int]:
    """Return what is known of a member: another password is another one."""
    return [member.id, member.setup_generation]


def _known(context: WorkflowContext, browser: str) -> list[list[int]]:
    """Return who has signed in with a browser within half a year."""
    try:
        day, known = context.tokens.read("browser", browser)
    except TokenInvalid:
        return []
    return known if context.clock().toordinal() - day <= KNOWN_FOR.days else []


def _record(
    context: WorkflowContext, actor: str, verb: EventVerb, about: Mapping[str, int]
) -> None:
    now = context.clock()
    context.store.write(lambda db: events.record(db, now, actor, verb, None, about))
