"""Events that people registered for: a reminder the day before, news of changes.

What was last announced is stored in the transaction that queues the mails, so that
a change is told once, whatever is killed or started again.
"""

import logging
from dataclasses import dataclass, replace
from functools import partial

from ..clock import utc_text
from ..content import Event
from ..content.loading import EventFiles
from ..definition import EventStatus, FormDefinition
from ..mail import kinds
from ..mail.message import MailKind
from ..store import announcements, events
from ..store.announcements import Announcement
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Seat, Submission
from . import mail_queue
from .appointments import facts_of, fits, revised, status_in
from .capacity import MACHINE
from .context import WorkflowContext

# Mails that are written when they leave, and so tell what has changed by themselves.
_CHANGE_KINDS = frozenset(
    kind.name for kind in (kinds.receipt, kinds.promoted, kinds.event_changed)
)

log = logging.getLogger(__name__)


def reread(context: WorkflowContext, files: EventFiles) -> bool:
    """Take over event files that have changed; a broken one stays as it was read."""
    found = files.changed()
    if found is None:
        return False
    for name in files.broken:
        log.error("events/%s cannot be read: its last good version stays", name)
    context.take_events(found)
    return True


@dataclass(frozen=True, slots=True)
class News:
    """What is told of an event from now on, and to whom a mail brings it."""

    after: Announcement
    changed: bool = False
    reminds: bool = False


def announce(context: WorkflowContext) -> int:
    """Queue reminders that are due and tell what has changed; return how many mails.

    Events without a form are looked at too: their calendar files have revisions. A
    reader asks first: in most minutes there is no news.
    """
    return sum(
        context.store.write(partial(_announce, context, event_id))
        for event_id in context.events
        if context.store.read(partial(_has_news, context, event_id))
    )


def _has_news(context: WorkflowContext, event_id: str, db: Connection) -> bool:
    before = announcements.of_event(db, event_id)
    return _news(context, context.event(event_id), before).after != before


def _announce(context: WorkflowContext, event_id: str, db: Connection) -> int:
    event, before = context.event(event_id), announcements.of_event(db, event_id)
    news, queued = _news(context, event, before), 0
    if news.changed:
        queued += _queue_change(context, db, event, news.after)
    if news.reminds:
        queued += _remind(context, db, event)
    announcements.keep(db, news.after)
    return queued


def _news(context: WorkflowContext, event: Event, before: Announcement | None) -> News:
    """Return what is to be told about an event now."""
    # A moment that the clock has leapt over has not come yet.
    now, day = context.destroying(), event.date.isoformat()
    after = revised(before, event, context.clock())
    # Who waits for a new date hears of it also after the day that was planned.
    open_end = EventStatus.POSTPONED in (event.status, status_in(after.told))
    if not open_end and event.ends_at(context.zone) <= now:
        return News(after)
    late = now >= event.reminder_at(context.zone)
    changed = reminds = False
    # Until the first look, and until the reminder is due, the receipt tells all.
    if after.told != (facts := facts_of(event)):
        changed = bool(after.told)
        after = replace(after, told=facts, was=after.told)
        # Who hears of it on the last day needs no reminder beside it.
        after = replace(after, reminded=day if late else after.reminded)
    if late and after.reminded != day and event.takes_place:
        after = replace(after, reminded=day)
        reminds = now < event.reminder_until(context.zone)
    return News(after, changed, reminds)


def _queue_change(
    context: WorkflowContext, db: Connection, event: Event, after: Announcement
) -> int:
    """Tell a change to who wants to know of changes.

    That it does not take place, or does after all, is told to everybody, also to who
    waits for a place or only asked for the reminder that does not come now.
    """
    everybody = {status_in(after.told), status_in(after.was)} != {EventStatus.PLANNED}

    def hears(form: FormDefinition, submission: Submission) -> bool:
        takes_part = submission.place is not Seat.WAITING and fits(
            form.tell_when, submission
        )
        return everybody or takes_part

    number = 0
    for form in context.forms_about(event.id):
        soon = announcements.about_to_hear(db, form.id, _CHANGE_KINDS)
        people = [
            person
            for person in announcements.people(db, form.id)
            if person.id not in soon and hears(form, person)
        ]
        number += _queue(context, db, form, people, kinds.event_changed)
    return number


def _remind(context: WorkflowContext, db: Connection, event: Event) -> int:
    # Who came later has the link in the receipt.
    hour, number = utc_text(event.reminder_at(context.zone)), 0
    for form in context.forms_about(event.id):
        people = [
            person
            for person in announcements.people(db, form.id, proven_before=hour)
            if person.place is not Seat.WAITING and fits(form.remind_when, person)
        ]
        number += _queue(context, db, form, people, kinds.reminder)
    return number


def _queue(
    context: WorkflowContext,
    db: Connection,
    form: FormDefinition,
    people: list[Submission],
    kind: MailKind,
) -> int:
    mails = [mail_queue.queue(context, db, person, kind) for person in people]
    number = sum(leaves is not None for leaves in mails)
    about = {"form": form.id, "mails": number}
    events.record(db, context.clock(), MACHINE, EventVerb(kind.name), None, about)
    return number
