"""Who of the staff sees to a request: one person, or nobody."""

from ..store import events, staff, staff_rights, submissions
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.staff import StaffMember
from ..store.submissions import Submission
from .context import Also, WorkflowContext, alone
from .rights import RIGHTS, Right
from .transitions import NotAllowed


class AssignedMeanwhile(NotAllowed):
    """Somebody else has taken it over since the page was made."""


class NoSuchColleague(NotAllowed):
    """Whoever was chosen is no longer on the staff."""


def assign(
    context: WorkflowContext,
    submission_id: str,
    assignee: int | None,
    actor: str,
    seen: int | None,
    also: Also = alone,
) -> Submission:
    """Give a request to one of the staff, or to nobody.

    `seen` is who had it on the page. Raise `AssignedMeanwhile` or `NoSuchColleague`.
    """

    def job(db: Connection) -> Submission:
        submission = submissions.get(db, submission_id)
        if submission.assignee == assignee:
            also(db)
            return submission
        if submission.assignee != seen:
            raise AssignedMeanwhile(EventVerb.ASSIGN, submission)
        if assignee not in (None, *_ids(colleagues(db, submission.form_id))):
            raise NoSuchColleague(EventVerb.ASSIGN, submission)
        changed = submissions.change(db, submission, assignee=assignee)
        about = {"staff": assignee} if assignee else {}
        now = context.clock()
        events.record(db, now, actor, EventVerb.ASSIGN, submission_id, about)
        also(db)
        return changed

    return context.store.write(job)


def colleagues(db: Connection, form_id: str = "") -> list[StaffMember]:
    """Return who can be given a request, to this form or to any, by address."""
    deciding = [
        member
        for member in staff.everyone(db)
        if member.password and Right.DECIDE in RIGHTS[member.role]
    ]
    forms = staff_rights.forms_of(db, _ids(deciding))
    return [member for member in deciding if not form_id or form_id in forms[member.id]]


def _ids(members: list[StaffMember]) -> list[int]:
    return [member.id for member in members]
