"""The event that a person takes part in, as mails and the site tell it.

Site and mails send the same calendar file: its revision is stored, once for an event.
"""

import json
from dataclasses import replace
from datetime import datetime

from ..content import Content, Event
from ..content.loading import reload_event
from ..definition import EventStatus, FormDefinition
from ..definition.conditions import Condition, holds
from ..i18n import Translator
from ..mail.message import Appointment
from ..shapes.calendar import PUBLISH, CalendarRevision, method_of
from ..store import announcements
from ..store.announcements import Announcement
from ..store.connection import Connection
from ..store.submissions import Seat, Submission
from ..urls import site_page
from .context import WorkflowContext


def appointment(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    form: FormDefinition,
    base_url: str,
    waiting: bool = False,
) -> Appointment | None:
    """Return the event that a person takes part in, while it is still to come.

    Who waits for a place has none, unless `waiting` says so. Without a calendar file
    for a delicate form: the name of an event tells over a shoulder what it is about.
    """
    event, now = context.event_of(form, form.lang), context.clock()
    if event is None or is_over(context, event):
        return None
    if not announcements.registered(submission, waiting):
        return None
    has_place, file = submission.place is not Seat.WAITING, b""
    if has_place and not form.delicate:
        file = calendar(context, db, event.id, form.lang, base_url, method_of(event))
    known = revised(announcements.of_event(db, event.id), event, now)
    today = context.form_today(form.id) or form
    early = now < event.reminder_at(context.zone) and event.takes_place
    return Appointment(
        event,
        file,
        reminded=has_place and early and fits(today.remind_when, submission),
        announces_changes=fits(today.tell_when, submission),
        # People heard last that it did not take place, and it does.
        back=event.takes_place and status_in(known.was) is not EventStatus.PLANNED,
    )


def is_over(context: WorkflowContext, event: Event) -> bool:
    """Say whether an event took place; one that does not is news as long as it is."""
    return event.takes_place and event.ends_at(context.zone) <= context.clock()


def fits(condition: Condition | None, submission: Submission) -> bool:
    """Say whether answers fit `remind_when` or `tell_when`; without it all do."""
    return condition is None or holds(condition, submission.answers)


def facts_of(event: Event) -> str:
    """Return what people plan by: whether it is, when, where, and how to watch."""
    hours = [hour.isoformat() if hour else "" for hour in (event.begins, event.ends)]
    where = [str(event.venue), event.online, event.livestream]
    status = [] if event.takes_place else [event.status.value]
    return json.dumps([event.id, event.date.isoformat(), *hours, *where, *status])


def status_in(facts: str) -> EventStatus:
    """Return the status that facts tell; of facts that nobody knows, planned."""
    last = json.loads(facts)[-1] if facts else ""
    return EventStatus(last) if last in list(EventStatus) else EventStatus.PLANNED


def plans_in(facts: str) -> list[object]:
    """Return what facts tell but for the links to watch by: nobody phones for those."""
    values = json.loads(facts) if facts else []
    return [*values[:6], *values[7:]]


def revised(before: Announcement | None, event: Event, now: datetime) -> Announcement:
    """Return the announcement whose calendar tells the event as it is now.

    Its number rises with every change of what people plan by, and never falls;
    `sequence` in the file of the event may raise it, after all data were lost.
    """
    facts = facts_of(event)
    if before is None:
        # Somebody may have a file of the time when all was as planned.
        changed = not event.takes_place or event.moved_from is not None
        return Announcement(event.id, facts, event.sequence + changed, now)
    number = before.sequence + (before.seen != facts)
    if (number := max(number, event.sequence)) == before.sequence:
        return before
    later = max(now, before.changed_at)
    return replace(before, seen=facts, sequence=number, changed_at=later)


def knows_event(context: WorkflowContext, event_id: str) -> bool:
    """Say whether there is such an event; a file that is new is read now.

    Nobody was told anything of it yet, so it need not settle as a changed one does.
    """
    if event_id in context.events:
        return True
    event = reload_event(context.content, event_id)
    if event is None:
        return False
    context.take_events({event_id: event})
    return True


def calendar(
    context: WorkflowContext,
    db: Connection,
    event_id: str,
    lang: str,
    base_url: str,
    method: str = PUBLISH,
) -> bytes:
    """Return the calendar file of an event as it is now, in a language."""
    # Many services have no event: what writes calendars is loaded for the first.
    from ..shapes.calendar_file import calendar_file

    known = announcements.of_event(db, event_id)
    now = revised(known, context.event(event_id), context.clock())
    project = context.content.projects.get(lang, context.content.project)
    return calendar_file(
        context.event(event_id, lang),
        CalendarRevision(now.sequence, now.changed_at),
        project,
        Translator(lang, context.zone),
        base_url + _page(context.content, event_id, lang),
        method,
    )


def _page(content: Content, event_id: str, lang: str) -> str:
    """Return the page of an event, in the main language or the first page if none."""
    main = content.main_language
    for there in (lang, main):
        if (content.folder / there / f"{event_id}.md").is_file():
            return site_page(event_id, there, main)
    return "/"
