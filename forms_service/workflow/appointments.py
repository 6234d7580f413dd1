"""The event that a person takes part in, as a mail tells it, calendar file too."""

from dataclasses import replace

from ..addresses import site_page
from ..content import Content, Event
from ..definition import FormDefinition
from ..definition.conditions import Condition, holds
from ..mail.message import Appointment
from ..shapes.calendar import calendar_file
from ..store import announcements
from ..store.connection import Connection
from ..store.submissions import Submission
from ..words import Words
from .work import Work


def appointment(
    work: Work, db: Connection, one: Submission, form: FormDefinition, base_url: str
) -> Appointment | None:
    """Return the event that a person takes part in, while it is still to come.

    Without a calendar file for a delicate form: the name of an event tells over a
    shoulder what it is about.
    """
    event, now = work.event_of(form, form.lang), work.clock()
    over = event is None or event.ends_at(work.zone) <= now
    if event is None or over or not announcements.registered(one):
        return None
    file = b"" if form.delicate else _file(work, db, form, event, base_url)
    today = work.form_today(form.id) or form
    early = now < event.reminder_at(work.zone)
    return Appointment(
        event,
        file,
        reminded=early and fits(today.remind_when, one),
        told=fits(today.tell_when, one),
    )


def fits(condition: Condition | None, one: Submission) -> bool:
    """Say whether answers fit `remind_when` or `tell_when`; without it all do."""
    return condition is None or holds(condition, one.answers)


def _file(
    work: Work, db: Connection, form: FormDefinition, event: Event, base_url: str
) -> bytes:
    told = announcements.told(db, form.id)
    revised = replace(event, sequence=max(event.sequence, told.sequence if told else 0))
    project = work.content.projects.get(form.lang, work.content.project)
    page = base_url + _page(work.content, event.id, form.lang)
    return calendar_file(revised, project, Words(form.lang, work.zone), page)


def _page(content: Content, event_id: str, lang: str) -> str:
    """Return the page of an event, in the main language or the first page if none."""
    main = content.main_language
    for there in (lang, main):
        if (content.folder / there / f"{event_id}.md").is_file():
            return site_page(event_id, there, main)
    return "/"
