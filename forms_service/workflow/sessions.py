"""Signing in: passwords, a limit of failures, sessions with an idle and a longest life.

Only the digest of a session's secret is stored; the cookie is the business of `web`.
"""

import hashlib
import secrets
import unicodedata
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from ..config import STAFF_IDLE, STAFF_LONGEST
from ..i18n import N_, Message
from ..store import events, staff
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.staff import Session, StaffMember
from .context import WorkflowContext
from .deciding import staff_actor

# A row per page would be a disk sync per page; a session may end this much early.
SEEN_EVERY = timedelta(minutes=1)
# Failed sign-ins of an account from a network, and how often the log tells of them.
FAILURES = RateLimitItemPerMinute(5, 15, "failed sign-in")
BLOCKED = RateLimitItemPerMinute(1, 15, "blocked sign-in")
SECRET_BYTES = 32

VISITOR = "visitor"
LEAST = 12
MOST = 256
DISTINCT = 5
# A mailbox called "info" may not be part of it; one called "a" would forbid words.
SHORTEST_NAME = 4
_ROWS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_WORDS = ("password", "qwerty", "iloveyou", "letmein", "welcome", "admin")

# OWASP's smallest argon2id parameters: 40 ms and 19 MiB a try on a small server.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# The hash of a forgotten random text with the same parameters: the work for an
# account that does not exist, so that its absence cannot be timed.
NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$1Wajbim7GkMYSkf8oAWaaA"
    "$fbIelq9SiAqCGOYs/Nx6OgiNQ/JSCnnxK7Ry63PGHvA"
)


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


class PasswordRefused(ValueError):
    """The password would be guessed; `message` says what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.msgid)
        self.message = message


def check_password(password: str, email: str) -> None:
    """Raise `PasswordRefused` for a password that is short, long or easy."""
    password = _composed(password)
    if len(password) < LEAST:
        raise PasswordRefused(
            Message(N_("Use at least {least} characters."), {"least": LEAST})
        )
    if len(password) > MOST:
        text = N_("Write at most {most} characters: now there are {now}.")
        raise PasswordRefused(Message(text, {"most": MOST, "now": len(password)}))
    plain = password.casefold()
    own = email.partition("@")[0].casefold()
    if len(own) >= SHORTEST_NAME and own in plain:
        raise PasswordRefused(Message(N_("Leave your email address out of it.")))
    if len(set(plain)) < DISTINCT or _is_row(plain) or _is_word(plain):
        raise PasswordRefused(
            Message(N_("Too easy to guess: four words of your own are better."))
        )


def _is_row(plain: str) -> bool:
    return any(
        plain in row * (len(plain) // len(row) + 2)
        for straight in _ROWS
        for row in (straight, straight[::-1])
    )


def _is_word(plain: str) -> bool:
    """Say whether nothing is left after well-known words, digits and signs."""
    for word in _WORDS:
        plain = plain.replace(word, "")
    return not any(character.isalpha() for character in plain)


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    """Return what is stored of a password."""
    return _HASHER.hash(_composed(password))


def is_password_of(stored: str | None, password: str) -> bool:
    """Say whether a password fits a stored hash; None costs the same work.

    Hashes of before were made of the text as one keyboard sent it.
    """
    forms = [_composed(password), unicodedata.normalize("NFD", password), password]
    found = any(_fits(stored or NOBODY, form) for form in dict.fromkeys(forms))
    return found and stored is not None


def _fits(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_weak_hash(stored: str, password: str = "") -> bool:
    """Say whether the hash of a right password is to be made anew."""
    plain = password.isascii()
    composed = plain or _fits(stored, _composed(password))
    return _HASHER.check_needs_rehash(stored) or not composed
