"""The members of a register at the desk: who can help, and that they were contacted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..clock import utc_text
from ..store import contacts, events, register, submissions
from ..store.connection import Connection
from ..store.contacts import ContactNote
from ..store.events import EventVerb
from ..store.filters import Chosen
from ..store.submissions import Status, Submission
from .context import WorkflowContext
from .deciding import staff_actor
from .transitions import NotAllowed

# So many are shown at most; who has more narrows the search.
MOST, FEW = 500, 20


@dataclass(frozen=True, slots=True)
class Matches:
    """Who fits, who lacks one thing and which, and who fits but has no time today.

    There are `more` than are listed.
    """

    hits: Sequence[Submission]
    more: bool
    near: Sequence[tuple[Submission, Chosen]]
    paused: Sequence[Submission]


def search(
    context: WorkflowContext, form_id: str, wanted: Sequence[Chosen], actor: str
) -> Matches:
    """Find members; the log keeps who asked for which fields, and no answer."""
    today = context.today

    def find(db: Connection) -> Matches:
        hits = register.members(db, form_id, wanted, today, MOST + 1)
        near = register.near(db, form_id, wanted, today, FEW)
        paused = register.members(db, form_id, wanted, today, FEW, paused=True)
        return Matches(hits[:MOST], len(hits) > MOST, near, paused)

    found = context.store.read(find)
    fields = [each.field for each in wanted]
    about = {"form": form_id, "fields": fields, "hits": len(found.hits)}
    verb = EventVerb.SEARCH_REGISTER
    context.store.write(
        lambda db: events.record(db, context.clock(), actor, verb, None, about)
    )
    return found


def member(context: WorkflowContext, db: Connection, submission_id: str) -> Submission:
    """Return a member of a register; raise `NotFound` or `NotAllowed`."""
    found = submissions.get(db, submission_id)
    register_kept = context.register_of(found.form_id) is not None
    if found.status is not Status.ACCEPTED or not register_kept:
        raise NotAllowed(EventVerb.CONTACT, found)
    return found


def contacted(
    context: WorkflowContext,
    submission_id: str,
    staff_id: int,
    contact: ContactNote,
    until: date | None,
) -> None:
    """Keep that a member was contacted, and `until` when they have no time.

    What is not known of the contact yet, when and by whom, is added. Raise `NotFound`
    or `NotAllowed`.
    """
    now = context.clock()
    whole = replace(contact, at=now, staff=staff_id)

    def job(db: Connection) -> None:
        found = member(context, db, submission_id)
        contacts.add(db, found.id, whole)
        pause = until.isoformat() if until else ""
        submissions.change(db, found, contacted_at=utc_text(now), paused_until=pause)
        events.record(db, now, staff_actor(staff_id), EventVerb.CONTACT, found.id)

    context.store.write(job)
