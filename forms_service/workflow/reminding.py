"""Events that people registered for: a reminder the day before, news of changes.

Who has no mailbox is to be called about a change, in the transaction of the mails.

What is announced is stored in the transaction that queues the first mails, and how far
they are in that of each further step: a change is told once to each, whatever is
killed or started again.
"""

import logging
import time
from collections import Counter
from dataclasses import replace
from operator import attrgetter

from ..clock import utc_text
from ..content import Event
from ..content.loading import EventFiles
from ..definition import EventStatus, FormDefinition
from ..mail import kinds
from ..store import announcements, events, submissions
from ..store.announcements import Announcement
from ..store.calls import CallReason
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Seat, Submission
from . import calling, mail_queue, renewing, settling
from .appointments import facts_of, fits, plans_in, revised, status_in
from .capacity import MACHINE
from .context import PAUSE_SECONDS, ROWS, WorkflowContext, one_step

# Mails that are written when they leave, and so tell what has changed by themselves.
_CHANGE_KINDS = frozenset(
    kind.name for kind in (kinds.receipt, kinds.promoted, kinds.event_changed)
)

# Somebody who was looked at, and whether a mail goes there.
_Looked = tuple[Submission, bool]

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


def announce(context: WorkflowContext) -> int:
    """Queue reminders that are due and tell what has changed; return how many mails.

    Members of registers are asked whether they stay. Events without a form are looked
    at too: their calendar files have revisions.
    """
    told = sum(_announce(context, event_id) for event_id in context.events)
    calling.forget_past_events(context)
    return told + renewing.ask(context)


def _announce(context: WorkflowContext, event_id: str) -> int:
    told, goes_on = 0, True
    while goes_on:
        mails, goes_on = step(context, event_id)
        told += mails
        time.sleep(PAUSE_SECONDS if goes_on else 0)
    return told


def step(context: WorkflowContext, event_id: str) -> tuple[int, bool]:
    """Queue the next mails about an event; return how many, and whether more are left.

    A reader looks for news and for who hears: the writer only queues the mails.
    """
    event = context.event(event_id)

    def find(db: Connection) -> tuple[Announcement | None, Announcement, list[_Looked]]:
        before = announcements.of_event(db, event_id)
        news = _news(context, event, before)
        return before, news, _next(context, db, event, news) if news.telling else []

    def job(db: Connection) -> tuple[int, bool]:
        db.hold(f"event {event_id}")
        if announcements.of_event(db, event_id) != before:
            # Another process tells it.
            return 0, False
        return _tell(context, db, news, people)

    before, news, people = context.store.read(find)
    if news == before and not news.telling:
        return 0, False
    return context.store.write(job)


def _tell(
    context: WorkflowContext, db: Connection, news: Announcement, people: list[_Looked]
) -> tuple[int, bool]:
    mails, done, now = Counter[str](), [], context.clock()
    changes = news.telling == kinds.event_changed.name
    calls = changes and plans_in(news.told) != plans_in(news.was)
    for person, hears in one_step(people):
        done.append(person.number)
        # Unless it was erased since it was read.
        if hears and submissions.is_there(db, person.id):
            kind = kinds.KINDS[news.telling]
            leaves = mail_queue.queue(context, db, person, kind)
            mails[person.form_id] += leaves is not None
            if calls:
                calling.want(context, db, person, CallReason.EVENT, now)
    for form_id, number in mails.items():
        about, verb = {"form": form_id, "mails": number}, EventVerb(news.telling)
        events.record(db, now, MACHINE, verb, None, about)
    goes_on = len(done) == ROWS or len(done) < len(people)
    telling, upto = (news.telling, done[-1]) if goes_on else ("", 0)
    announcements.keep(db, replace(news, telling=telling, upto=upto))
    return mails.total(), goes_on


def _news(
    context: WorkflowContext, event: Event, before: Announcement | None
) -> Announcement:
    """Return what is announced of an event from now on, and which mail tells it."""
    # A moment that the clock has leapt over has not come yet.
    now, day = context.destroying(), event.date.isoformat()
    after = revised(before, event, context.clock())
    changing = after.telling == kinds.event_changed.name
    # Who waits for a new date hears of it also after the day that was planned.
    heard = status_in(after.told), status_in(after.was if changing else "")
    open_end = EventStatus.POSTPONED in (event.status, *heard)
    if not open_end and event.ends_at(context.zone) <= now:
        return replace(after, telling="")
    late = now >= event.reminder_at(context.zone)
    in_time = event.takes_place and now < event.reminder_until(context.zone)
    if after.telling == kinds.reminder.name and after.reminded == day and in_time:
        # What changes meanwhile is told when all are reminded.
        return after
    if after.told != (facts := facts_of(event)):
        # Some may not have heard yet what was told last, but all heard what was before.
        unheard = changing and status_in(after.told) is EventStatus.PLANNED
        after = replace(after, told=facts, was=after.was if unheard else after.told)
        # Until the first look, and until the reminder is due, the receipt tells all.
        telling = kinds.event_changed.name if after.was else ""
        # Who hears of it on the last day needs no reminder beside it.
        reminded = day if late else after.reminded
        return replace(after, reminded=reminded, telling=telling, upto=0)
    if changing:
        return after
    if late and after.reminded != day and event.takes_place:
        telling = kinds.reminder.name if in_time else ""
        return replace(after, reminded=day, telling=telling, upto=0)
    return replace(after, telling="")


def _next(
    context: WorkflowContext, db: Connection, event: Event, news: Announcement
) -> list[_Looked]:
    """Return the next who take part or wait, and whether each of them is told.

    They are seen as far as they are told themselves; a refusal may be taken back.
    """
    forms = {form.id: form for form in context.forms_about(event.id)}
    since = utc_text(context.clock() - settling.delay_of(context))
    people = [
        person
        for form_id in forms
        for person in announcements.people(db, form_id, since, news.upto, ROWS)
    ]
    people.sort(key=attrgetter("number"))
    reminds = news.telling == kinds.reminder.name

    def hears(person: Submission) -> bool:
        form = forms[person.form_id]
        if reminds:
            return _is_reminded(context, event, form, person)
        return _hears(context, db, news, form, person)

    told = [settling.visible(context, db, person) for person in people[:ROWS]]
    return [
        (person, person.status in announcements.REGISTERED and hears(person))
        for person in told
    ]


def _hears(
    context: WorkflowContext,
    db: Connection,
    news: Announcement,
    form: FormDefinition,
    person: Submission,
) -> bool:
    """Say whether somebody wants to know of a change.

    That it does not take place, or does after all, is told to everybody, also to who
    waits for a place or only asked for the reminder that does not come now.
    """
    everybody = {status_in(news.told), status_in(news.was)} != {EventStatus.PLANNED}
    takes_part = person.place is not Seat.WAITING and fits(form.tell_when, person)
    # Who has come since the change has it in the receipt, or from who typed it. A
    # moment that is still to come says nothing: the clock was ahead.
    now = context.clock()
    came = person.verified_at or person.created_at
    came_after = news.changed_at < came <= now
    return (
        (everybody or takes_part)
        and not came_after
        and not announcements.about_to_hear(db, person.id, _CHANGE_KINDS)
    )


def _is_reminded(
    context: WorkflowContext, event: Event, form: FormDefinition, person: Submission
) -> bool:
    # Who came later has the link in the receipt.
    hour = event.reminder_at(context.zone)
    early = person.verified_at is not None and person.verified_at < hour
    has_place = person.place is not Seat.WAITING
    return early and has_place and fits(form.remind_when, person)
