"""Who is on the staff and what each may do: given and taken, never the last of it."""

from dataclasses import dataclass

from ..definition.contact import clean_email
from ..store import factors, staff, staff_rights
from ..store.connection import Connection
from ..store.factors import Factor
from ..store.open_sessions import OpenSession
from ..store.staff import StaffMember
from ..store.staff_rights import Grant
from . import accounts, sessions
from .accounts import NoSuchMember
from .context import WorkflowContext


class AlreadyMember(Exception):
    """Somebody with this address signs in already."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff, and what an administrator has to know of them."""

    member: StaffMember
    grant: Grant
    sessions: list[OpenSession]
    factor: Factor | None


def everyone(context: WorkflowContext) -> list[Person]:
    """Return who is on the staff, by address."""
    members = accounts.everyone(context)
    forms, there = context.store.read(
        lambda db: (
            staff_rights.forms_of(db, [member.id for member in members]),
            {factor.staff: factor for factor in factors.everyone(db)},
        )
    )
    return [
        Person(
            member,
            Grant(member.role, forms[member.id]),
            sessions.open_sessions_of(context, member.id),
            there.get(member.id),
        )
        for member in members
    ]


def one(context: WorkflowContext, staff_id: int) -> Person:
    """Return one of them; raise `NoSuchMember`."""
    for person in everyone(context):
        if person.member.id == staff_id:
            return person
    raise NoSuchMember(staff_id)


def invite(context: WorkflowContext, email: str, given: Grant, actor: str) -> None:
    """Mail an invitation that lasts a day; raise `AlreadyMember` or `EmailRefused`."""
    # As it would be stored: pasted with brackets it is still the same account.
    stored_email = clean_email(email)
    there = context.store.read(lambda db: staff.by_email(db, stored_email))
    if there and there.password:
        raise AlreadyMember(there.id)
    accounts.invite(context, stored_email, actor, given, by_mail=True)


def change_grant(
    context: WorkflowContext, staff_id: int, given: Grant, actor: str
) -> None:
    """Replace what a member may do, from their next page on.

    Raise `NoSuchMember` or `LastAdministrator`.
    """
    now = context.clock()

    def job(db: Connection) -> None:
        db.hold("staff")
        accounts.give(db, _member(db, staff_id), given, actor, now)

    context.store.write(job)


def remove(context: WorkflowContext, staff_id: int, actor: str) -> None:
    """Take a member off the staff at once, as `accounts.remove`.

    Raise `NoSuchMember` or `LastAdministrator`.
    """
    now = context.clock()

    def job(db: Connection) -> None:
        db.hold("staff")
        member, before = _member(db, staff_id), staff.administrators(db)
        accounts.take_off(db, member, actor, now)
        accounts.keep_one(db, before)

    context.store.write(job)
    context.store.checkpoint()


def _member(db: Connection, staff_id: int) -> StaffMember:
    member = staff.get(db, staff_id)
    if member is None or member.disabled_at:
        raise NoSuchMember(staff_id)
    return member
