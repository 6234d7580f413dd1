"""Who is on the staff and what each may do: given and taken, never the last of it."""

from ..store import events, staff, staff_rights
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.staff_rights import Grant
from .accounts import NoSuchMember
from .context import WorkflowContext


class LastAdministrator(Exception):
    """Nobody else could give anybody a right any more."""


def change_grant(
    context: WorkflowContext, staff_id: int, given: Grant, actor: str
) -> None:
    """Replace what a member may do, from their next page on.

    Raise `NoSuchMember` or `LastAdministrator`.
    """
    now = context.clock()

    def job(db: Connection) -> None:
        db.hold("staff")
        member = staff.get(db, staff_id)
        if member is None or member.disabled_at:
            raise NoSuchMember(staff_id)
        before = staff.administrators(db)
        staff_rights.grant(db, staff_id, given)
        keep_one(db, before)
        about = {
            "staff": staff_id,
            "role": given.role.value,
            "forms": sorted(given.forms.ids),
        }
        events.record(db, now, actor, EventVerb.GRANT, None, about)

    context.store.write(job)


def keep_one(db: Connection, before: list[staff.StaffMember]) -> None:
    """Raise `LastAdministrator` when there was an administrator and is none now."""
    if before and not staff.administrators(db):
        raise LastAdministrator
