"""Staff sessions: signing in under a limit of failures, idle and longest life.

Only the digest of a session's secret is stored; the cookie is the business of `web`.
"""

import hashlib
import secrets
from datetime import timedelta

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from ..config import STAFF_IDLE, STAFF_LONGEST
from ..store import events, staff
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.staff import Session, StaffMember
from .context import WorkflowContext
from .deciding import staff_actor
from .passwords import hash_password, is_password_of, is_weak_hash

# A row per page would be a disk sync per page; a session may end this much early.
SEEN_EVERY = timedelta(minutes=1)
# Failed sign-ins of an account from a network, and how often the log tells of them.
FAILURES = RateLimitItemPerMinute(5, 15, "failed sign-in")
BLOCKED = RateLimitItemPerMinute(1, 15, "blocked sign-in")
SECRET_BYTES = 32

VISITOR = "visitor"


class SignInRefused(Exception):
    """Address or password is wrong; which of them is not said."""


class TooManyFailures(Exception):
    """Five sign-ins failed for this account from this network in 15 minutes."""


def sign_in(
    context: WorkflowContext,
    failures: MovingWindowRateLimiter,
    email: str,
    password: str,
    network: str,
) -> str:
    """Open a session and return its secret; only its digest is stored.

    A try counts before its password is looked at, so that many at the same moment are
    not more than five; a success takes it back. Raise `SignInRefused`, or
    `TooManyFailures` from the sixth try in 15 minutes on.
    """
    now = context.clock()
    # Remembered for a while: never the address itself.
    account = (digest(email.strip().casefold()), network)
    if not failures.hit(FAILURES, *account):
        raise TooManyFailures
    member = context.store.read(lambda db: staff.by_email(db, email.strip()))
    if not verified(member, password) or not (member and member.password):
        last = not failures.get_window_stats(FAILURES, *account).remaining
        if last and failures.hit(BLOCKED, *account):
            about = {"staff": member.id} if member else {}
            _record(context, VISITOR, EventVerb.SIGN_IN_BLOCKED, about)
        raise SignInRefused
    failures.clear(FAILURES, *account)
    failures.clear(BLOCKED, *account)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    actor = staff_actor(member.id)
    # Slow on purpose: not while others wait for the writer.
    stronger = (
        hash_password(password) if is_weak_hash(member.password, password) else None
    )

    def job(db: Connection) -> None:
        if stronger:
            staff.rehash(db, member.id, stronger)
        staff.open_session(db, digest(secret), member.id, now)
        events.record(db, now, actor, EventVerb.SIGN_IN)

    context.store.write(job)
    return secret


def verified(member: StaffMember | None, password: str) -> bool:
    """Say whether this is a member's password, with equal work when there is none."""
    stored = member.password if member and not member.disabled_at else None
    return is_password_of(stored, password)


def session_of(context: WorkflowContext, secret: str) -> Session | None:
    """Return the open session with a secret, and remember that it is in use.

    None when there is none, after 30 minutes without a page, after 8 hours, or when
    the member was disabled.
    """
    now = context.clock()
    found = context.store.read(lambda db: staff.session(db, digest(secret)))
    if found is None or found.staff.disabled_at:
        return None
    if now - found.seen_at >= STAFF_IDLE or now - found.created_at >= STAFF_LONGEST:
        return None
    if now - found.seen_at >= SEEN_EVERY:
        context.store.write(lambda db: staff.touch_session(db, digest(secret), now))
    return found


def sign_out(context: WorkflowContext, secret: str) -> None:
    """End a session; nothing happens when it is over already."""
    now = context.clock()

    def job(db: Connection) -> None:
        found = staff.session(db, digest(secret))
        if found is not None:
            staff.close_session(db, digest(secret))
            events.record(db, now, staff_actor(found.staff.id), EventVerb.SIGN_OUT)

    context.store.write(job)


def close_all_sessions(context: WorkflowContext, staff_id: int, actor: str) -> None:
    """End every session of a member, wherever it was opened."""
    now = context.clock()

    def job(db: Connection) -> None:
        staff.close_sessions_of(db, staff_id)
        events.record(
            db, now, actor, EventVerb.CLOSE_SESSIONS, None, {"staff": staff_id}
        )

    context.store.write(job)


def digest(secret: str) -> str:
    """Return what is stored of a session's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(
    context: WorkflowContext, actor: str, verb: EventVerb, about: dict[str, int]
) -> None:
    now = context.clock()
    context.store.write(lambda db: events.record(db, now, actor, verb, None, about))
