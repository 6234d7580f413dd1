"""Staff accounts: invitation, set-up link, password, hourly mail, removal.

There is never a default password: an account is made by a set-up link that lasts 30
minutes, or a day in a mail. Signing in is in `signing_in`; who may see which page is
decided in `web`.
"""

from datetime import datetime, timedelta

from ..clock import from_utc_text, utc_text
from ..definition.contact import clean_email
from ..mail import kinds
from ..store import events, outbox, staff, staff_rights
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.staff import StaffMember
from ..store.staff_rights import EVERYTHING, Grant
from .context import WorkflowContext
from .deciding import staff_actor
from .mail_queue import queue_for_staff
from .passwords import check_password, hash_password, verified, words_of
from .sessions import digest
from .signing_in import VISITOR, SignInRefused, note_failure

SETUP_LIFE = timedelta(minutes=30)
MAILED_LIFE = timedelta(hours=24)

COMMAND = "command"


class SetupOver(Exception):
    """The set-up link was used, replaced, or is older than 30 minutes."""


class AccountExists(Exception):
    """Somebody can sign in already: new accounts are made by invitation."""


class LastAdministrator(Exception):
    """Nobody else could give anybody a right any more."""


class NoSuchMember(Exception):
    """Nobody on the staff has this address."""


def first_invitation(context: WorkflowContext) -> str:
    """Make the set-up token of the first account; raise `AccountExists` after it."""
    if context.store.read(staff.any_account):
        raise AccountExists
    return context.tokens.make("setup", ["first", utc_text(context.clock())])


def invite(
    context: WorkflowContext,
    email: str,
    actor: str = COMMAND,
    grant: Grant | None = None,
    by_mail: bool = False,
) -> str:
    """Add a member or renew an invitation; return the token of the set-up link.

    With `by_mail` it is mailed too, and lasts a day. The password of an existing member
    keeps working until the link is used. Without a `grant` who is new may read nothing,
    and who is not goes on as before. Raise `EmailRefused` for what is no address, and
    `LastAdministrator`.
    """
    stored_email = clean_email(email)
    now = context.clock()
    until = now + (MAILED_LIFE if by_mail else SETUP_LIFE)

    def job(db: Connection) -> StaffMember:
        db.hold("staff")
        member = staff.invite(db, stored_email, now, until)
        if grant:
            give(db, member, grant, actor, now)
        if by_mail:
            queue_for_staff(db, kinds.invitation, stored_email, now, member.id)
        events.record(db, now, actor, EventVerb.INVITE, None, {"staff": member.id})
        return member

    return setup_token(context, context.store.write(job))


def give(
    db: Connection, member: StaffMember, given: Grant, actor: str, now: datetime
) -> None:
    """Replace what a member may do, with its event; raise `LastAdministrator`."""
    before = staff.administrators(db)
    staff_rights.grant(db, member.id, given)
    keep_one(db, before)
    about = {
        "staff": member.id,
        "role": given.role.value,
        "forms": sorted(given.forms.ids),
    }
    events.record(db, now, actor, EventVerb.GRANT, None, about)


def keep_one(db: Connection, before: list[StaffMember]) -> None:
    """Raise `LastAdministrator` when there was an administrator and is none now."""
    if before and not staff.administrators(db):
        raise LastAdministrator


def setup_token(context: WorkflowContext, member: StaffMember) -> str:
    """Return the token of the set-up link of a member, as long as it lasts.

    Its own end is in it: a later link, which anybody can ask for, does not revive it.
    """
    until = utc_text(member.setup_expires_at or context.clock())
    payload = ["member", member.id, member.setup_generation, until]
    return context.tokens.make("setup", payload)


def ask_password(context: WorkflowContext, email: str) -> None:
    """Mail a set-up link to whoever has forgotten the password.

    The log hears of every try, so that an address nobody has takes as long.
    """
    now = context.clock()

    def job(db: Connection) -> None:
        member = staff.by_email(db, email.strip())
        about = {"staff": member.id} if member else {}
        events.record(db, now, VISITOR, EventVerb.ASK_PASSWORD, None, about)
        if member and not outbox.waits(db, kinds.new_password.name, member.email):
            staff.let_set_up(db, member.id, now + SETUP_LIFE)
            queue_for_staff(db, kinds.new_password, member.email, now, member.id)

    context.store.write(job)


def open_setup(context: WorkflowContext, token: str) -> StaffMember | None:
    """Return who a set-up link is for, None for the first account.

    Raise `TokenInvalid` or `SetupOver`.
    """
    payload = context.tokens.read("setup", token)
    return context.store.read(lambda db: _invited(context, db, payload))


def _invited(
    context: WorkflowContext, db: Connection, payload: list[str | int]
) -> StaffMember | None:
    now = context.clock()
    if payload[0] == "first":
        old = now - from_utc_text(str(payload[1])) >= SETUP_LIFE
        if old or staff.any_account(db):
            raise SetupOver
        return None
    member = staff.get(db, int(payload[1]))
    if member is None or member.setup_generation != payload[2]:
        raise SetupOver
    if member.setup_expires_at is None or now >= member.setup_expires_at:
        raise SetupOver
    # Links from before do not name their end.
    if any(now >= from_utc_text(str(until)) for until in payload[3:]):
        raise SetupOver
    return member


def set_up(
    context: WorkflowContext, token: str, password: str, email: str = ""
) -> StaffMember:
    """Give an invited member a password; the first account also names its address.

    Raise `TokenInvalid`, `SetupOver`, `PasswordRefused`, `EmailRefused`.
    """
    payload = context.tokens.read("setup", token)
    invited = context.store.read(lambda db: _invited(context, db, payload))
    stored_email = invited.email if invited else clean_email(email)
    check_password(password, stored_email, words_of(context.content))
    hashed = hash_password(password)
    now = context.clock()

    def job(db: Connection) -> StaffMember:
        db.hold("staff")
        member = _invited(context, db, payload)
        if member is None:
            member = staff.invite(db, stored_email, now, now + SETUP_LIFE)
            staff_rights.grant(db, member.id, EVERYTHING)
        return _store_password(db, member, hashed, now, EventVerb.SET_UP)

    return context.store.write(job)


def change_password(
    context: WorkflowContext, member: StaffMember, old: str, new: str, keep: str
) -> None:
    """Replace a password and end every session but the one with the secret `keep`.

    Raise `SignInRefused` when the old one is wrong, `PasswordRefused` for a new one
    that is too easy.
    """
    if not verified(member, old):
        note_failure(context, member)
        raise SignInRefused
    check_password(new, member.email, words_of(context.content))
    hashed = hash_password(new)
    now = context.clock()

    def job(db: Connection) -> None:
        verb = EventVerb.CHANGE_PASSWORD
        _store_password(db, member, hashed, now, verb, digest(keep))

    context.store.write(job)


def _store_password(
    db: Connection,
    member: StaffMember,
    hashed: str,
    now: datetime,
    verb: EventVerb,
    keep: str = "",
) -> StaffMember:
    if not staff.set_password(db, member.id, member.setup_generation, hashed):
        raise SetupOver
    staff.close_sessions_of(db, member.id, keep)
    events.record(db, now, staff_actor(member.id), verb)
    return member


def want_mail(context: WorkflowContext, staff_id: int, wants: bool) -> None:
    """Turn the hourly mail of a member on or off."""
    context.store.write(lambda db: staff.set_wants_mail(db, staff_id, wants))


def want_keys(context: WorkflowContext, staff_id: int, wants: bool) -> None:
    """Turn the keys of the desk on or off for a member."""
    context.store.write(lambda db: staff.set_wants_keys(db, staff_id, wants))


def everyone(context: WorkflowContext) -> list[StaffMember]:
    """Return who is on the staff, invited or at work, by address."""
    return context.store.read(staff.everyone)


def remove(context: WorkflowContext, email: str, actor: str = COMMAND) -> None:
    """Take a member off the staff: no sign-in, link or mail of theirs works any more.

    Address and password are erased; log, notes and scans keep the number, which
    nobody gets again. Raise `NoSuchMember`.
    """
    now = context.clock()

    def job(db: Connection) -> None:
        member = staff.by_email(db, email.strip())
        if member is None:
            raise NoSuchMember(email)
        take_off(db, member, actor, now)

    context.store.write(job)
    context.store.checkpoint()


def take_off(db: Connection, member: StaffMember, actor: str, now: datetime) -> None:
    """Remove a member inside a transaction, with its event."""
    staff.remove(db, member.id, now)
    events.record(db, now, actor, EventVerb.REMOVE_STAFF, None, {"staff": member.id})
