"""Events that people registered for: a reminder the day before, news of changes.

What was last announced is stored in the transaction that queues the mails, so that
a change is told once, whatever is killed or started again.
"""

import logging
from dataclasses import dataclass, replace

from ..clock import utc_text
from ..content import Event
from ..content.loading import EventFiles
from ..definition import EventStatus, FormDefinition
from ..mail import kinds
from ..mail.message import MailKind
from ..store import announcements, events, submissions
from ..store.announcements import Announcement
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Seat, Submission
from . import mail_queue, renewing, settling
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


@dataclass(frozen=True, slots=True)
class Mailing:
    """A kind of mail to people who sent a form."""

    form: FormDefinition
    kind: MailKind
    people: list[Submission]


def announce(context: WorkflowContext) -> int:
    """Queue reminders that are due and tell what has changed; return how many mails.

    Members of registers are asked whether they stay. Events without a form are looked
    at too: their calendar files have revisions. A reader looks for news and for who
    hears of them: the writer only queues the mails.
    """
    told = sum(_announce(context, event_id) for event_id in context.events)
    return told + renewing.ask(context)


def _announce(context: WorkflowContext, event_id: str) -> int:
    event = context.event(event_id)

    def find(db: Connection) -> tuple[Announcement | None, News, list[Mailing]]:
        before = announcements.of_event(db, event_id)
        news, mailings = _news(context, event, before), []
        if news.changed:
            mailings += _who_hears(context, db, event, news.after)
        if news.reminds:
            mailings += _who_is_reminded(context, db, event)
        return before, news, mailings

    def job(db: Connection) -> int:
        db.hold(f"event {event_id}")
        if announcements.of_event(db, event_id) != before:
            # Another process has told it.
            return 0
        announcements.keep(db, news.after)
        return sum(_queue(context, db, mailing) for mailing in mailings)

    before, news, mailings = context.store.read(find)
    return context.store.write(job) if news.after != before else 0


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


def _who_hears(
    context: WorkflowContext, db: Connection, event: Event, after: Announcement
) -> list[Mailing]:
    """Return who wants to know of a change.

    That it does not take place, or does after all, is told to everybody, also to who
    waits for a place or only asked for the reminder that does not come now.
    """
    everybody = {status_in(after.told), status_in(after.was)} != {EventStatus.PLANNED}

    def hears(form: FormDefinition, submission: Submission) -> bool:
        takes_part = submission.place is not Seat.WAITING and fits(
            form.tell_when, submission
        )
        return everybody or takes_part

    mailings = []
    for form in context.forms_about(event.id):
        soon = announcements.about_to_hear(db, form.id, _CHANGE_KINDS)
        people = [
            person
            for person in _people(context, db, form)
            if person.id not in soon and hears(form, person)
        ]
        mailings.append(Mailing(form, kinds.event_changed, people))
    return mailings


def _who_is_reminded(
    context: WorkflowContext, db: Connection, event: Event
) -> list[Mailing]:
    # Who came later has the link in the receipt.
    hour, mailings = utc_text(event.reminder_at(context.zone)), []
    for form in context.forms_about(event.id):
        people = [
            person
            for person in _people(context, db, form, proven_before=hour)
            if person.place is not Seat.WAITING and fits(form.remind_when, person)
        ]
        mailings.append(Mailing(form, kinds.reminder, people))
    return mailings


def _people(
    context: WorkflowContext, db: Connection, form: FormDefinition, **proven: str
) -> list[Submission]:
    """Return who takes part as far as they are told; a refusal may be taken back."""
    since = utc_text(context.clock() - settling.delay_of(context))
    found = announcements.people(db, form.id, declined_after=since, **proven)
    told = [settling.visible(context, db, person) for person in found]
    return [person for person in told if announcements.registered(person, waiting=True)]


def _queue(context: WorkflowContext, db: Connection, mailing: Mailing) -> int:
    mails = [
        mail_queue.queue(context, db, person, mailing.kind)
        for person in mailing.people
        # Erased since it was read.
        if submissions.is_there(db, person.id)
    ]
    number = sum(leaves is not None for leaves in mails)
    about, verb = {"form": mailing.form.id, "mails": number}, mailing.kind.name
    events.record(db, context.clock(), MACHINE, EventVerb(verb), None, about)
    return number
