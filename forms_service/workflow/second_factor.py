"""The second factor of staff: codes of a telephone (RFC 6238), and ten for a bad day.

No code counts twice. Secrets are sealed with the service's keys, of recovery codes
only digests are stored.
"""

import hashlib
import secrets
from datetime import UTC, datetime
from functools import partial

from limits.strategies import MovingWindowRateLimiter

from ..mail import kinds
from ..store import events, factors, staff
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.factors import Factor
from ..store.staff import StaffMember
from ..store.staff_rights import Grant, StaffRole
from ..tokens import ALPHABET, TokenInvalid, read_code
from . import signing_in
from .accounts import NoSuchMember
from .context import WorkflowContext
from .deciding import staff_actor
from .mail_queue import queue_for_staff
from .sessions import digest
from .signing_in import SignedIn

SECONDS = 30
DIGITS = 6
# Steps before and after the present one whose code is taken: clocks differ.
WINDOW = 1
CODES = 10
# Of thirty letters: 117 bits, so that a plain digest is enough (OWASP ASVS, 6.5.2).
CODE_LENGTH = 24


class CodeRefused(Exception):
    """The code is wrong, too old, or was used before; which of them is not said."""


def purpose(staff_id: int) -> str:
    """Return what a secret is sealed for: in the row of another it opens nothing."""
    return f"second factor {staff_id}"


def is_duty(context: WorkflowContext, grant: Grant) -> bool:
    """Say whether what somebody may do must not rest on a password alone."""
    if grant.role is StaffRole.ADMINISTRATOR:
        return True
    return any(form.delicate and form.id in grant.forms for form in context.forms)


def new_secret() -> str:
    """Return the secret of a factor that is about to be set up."""
    import pyotp

    return pyotp.random_base32()


def uri_of(context: WorkflowContext, member: StaffMember, secret: str) -> str:
    """Return what the telephone reads from the QR code (Key Uri Format)."""
    import pyotp

    issuer = str(context.content.project.name)
    return pyotp.TOTP(secret).provisioning_uri(name=member.email, issuer_name=issuer)


def step_of(secret: str, typed: str, now: datetime) -> datetime | None:
    """Return the step whose code was typed, None when it is of none near now."""
    import pyotp

    try:
        counter = pyotp.TOTP(secret).verify_and_get_timecode(
            read_code(typed, DIGITS), for_time=now, valid_window=WINDOW
        )
    except pyotp.OTPVerificationError:
        return None
    return datetime.fromtimestamp(counter * SECONDS, UTC)


def _step_now(context: WorkflowContext, secret: str, typed: str) -> datetime | None:
    """Return the step of a code, also by running time: then the clock may be wrong.

    Else nobody could sign in to read that it is.
    """
    for now in (context.clock(), context.destroying()):
        if step := step_of(secret, typed, now):
            return step
    return None


def set_up(
    context: WorkflowContext, member: StaffMember, secret: str, typed: str, keep: str
) -> list[str]:
    """Give a member a factor, proven by its first code; return recovery codes.

    They are told this once. Every session but the one with the secret `keep` ends: it
    was opened by the password alone. Raise `CodeRefused`.
    """
    now = context.clock()
    step = _step_now(context, secret, typed)
    if step is None:
        raise CodeRefused
    sealed = context.tokens.seal(purpose(member.id), secret)
    codes = [_new_code() for _ in range(CODES)]

    def job(db: Connection) -> None:
        factors.hold(db, member.id)
        factors.put(db, Factor(member.id, sealed, now, step), map(_digest, codes))
        staff.close_sessions_of(db, member.id, digest(keep))
        events.record(db, now, staff_actor(member.id), EventVerb.SET_UP_FACTOR)

    context.store.write(job)
    return [_grouped(code) for code in codes]


def check_code(context: WorkflowContext, member: StaffMember, typed: str) -> None:
    """Take a code of the telephone, or a recovery code; raise `CodeRefused`."""
    factor = context.store.read(lambda db: factors.get(db, member.id))
    step = None
    if factor is not None:
        try:
            secret = context.tokens.unseal(purpose(member.id), factor.secret)
            step = _step_now(context, secret, typed)
        except TokenInvalid:
            # Sealed with a key that is no longer there: recovery codes still open.
            step = None
    spare = _digest(read_code(typed, CODE_LENGTH))

    def job(db: Connection) -> bool:
        if step is not None and factors.use_step(db, member.id, step):
            return True
        return factors.use_code(db, member.id, spare)

    if not context.store.write(job):
        raise CodeRefused


def sign_in(
    context: WorkflowContext,
    failures: MovingWindowRateLimiter,
    pending: str,
    typed: str,
    network: str,
    browser: str = "",
    named: str = "",
) -> SignedIn:
    """Open a session for whose password was right; tries count as those of passwords.

    Raise `CodeTooLate`, `CodeRefused` or `TooManyFailures`.
    """
    member = signing_in.member_pending(context, pending)
    account = signing_in.account_of(member.email)
    signing_in.take_turn(context, failures, account, member, network, browser)
    try:
        check_code(context, member, typed)
    except CodeRefused:
        signing_in.note_failure(context, member)
        raise
    return signing_in.open_for(context, failures, member, browser, named)


def reset(context: WorkflowContext, staff_id: int, actor: str) -> None:
    """Let a member sign in by the password alone, who has lost telephone and codes.

    Every session of theirs ends, and all administrators are told. Raise `NoSuchMember`.
    """
    now = context.clock()

    def job(db: Connection) -> None:
        member = staff.get(db, staff_id)
        if member is None or not factors.drop(db, staff_id):
            raise NoSuchMember(staff_id)
        staff.close_sessions_of(db, staff_id)
        about = {"staff": staff_id}
        events.record(db, now, actor, EventVerb.RESET_FACTOR, None, about)
        for chief in staff.administrators(db):
            queue_for_staff(db, kinds.factor_reset, chief.email, now, chief.id)

    context.store.write(job)


def seal_again(context: WorkflowContext) -> None:
    """Seal with the newest key what an older one has sealed, so that it may go."""
    for factor in context.store.read(factors.everyone):
        try:
            sealed = context.tokens.sealed_by_newest(
                purpose(factor.staff), factor.secret
            )
        except TokenInvalid:
            continue
        if sealed != factor.secret:
            context.store.write(
                partial(factors.seal_again, factor=factor, sealed=sealed)
            )


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def _grouped(code: str) -> str:
    return "-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
