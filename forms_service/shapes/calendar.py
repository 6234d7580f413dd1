"""An event as a calendar file (RFC 5545) and in words, in the project's time zone."""

from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from babel.dates import get_timezone_location
from icalendar import Calendar, vCalAddress
from icalendar import Event as Entry

from ..content import TODO, Event, Project
from ..definition import EventStatus
from ..i18n import N_, Translator

CANCELLED = N_("The event has been cancelled.")
POSTPONED = N_("The event has been postponed. The new date is not known yet.")
PUBLISH, CANCEL = "PUBLISH", "CANCEL"


class CalendarRevision(NamedTuple):
    """Which version of an event a calendar file tells, and since when it holds."""

    sequence: int
    changed_at: datetime


def method_of(event: Event) -> str:
    """Return how a mail hands over an event (RFC 5546, 4.1.3); the site publishes."""
    return PUBLISH if event.takes_place else CANCEL


def calendar_file(
    event: Event,
    revision: CalendarRevision,
    project: Project,
    translator: Translator,
    page: str,
    method: str = PUBLISH,
) -> bytes:
    """Return the .ics of an event; `page` is the whole address of its page.

    An event whose hour is not known is an entry of the whole day. The same revision
    gives the same bytes. What does not take place on its day is cancelled; a new date
    brings it back.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//{project.owner.name}//{project.name}//")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    entry = Entry()
    entry.add("uid", f"{event.id}@{urlsplit(page).hostname}")
    entry.add("dtstamp", revision.changed_at)
    entry.add("sequence", revision.sequence)
    entry.add("organizer", _organizer(project, page))
    # Many calendars show nothing else of a cancelled event.
    entry.add(
        "summary", event.title if event.takes_place else headline(event, translator)
    )
    _add_times(entry, event, project)
    link = event.livestream or page
    place = event.venue or (link if event.online else "")
    if place:
        entry.add("location", place)
    entry.add("url", link)
    entry.add("description", _description(event, translator, page))
    entry.add("status", "CONFIRMED" if event.takes_place else "CANCELLED")
    calendar.add_component(entry)
    year = event.date.year
    calendar.add_missing_timezones(date(year, 1, 1), date(year + 1, 1, 1))
    return bytes(calendar.to_ical())


def _organizer(project: Project, page: str) -> vCalAddress:
    """Name who holds it: a mailbox where there is one, else an address of the web."""
    mailbox, url = project.contacts.email, project.owner.url
    web = page if url in ("", TODO) else url
    organizer = vCalAddress(web if mailbox in ("", TODO) else f"mailto:{mailbox}")
    organizer.params["CN"] = project.owner.name
    return organizer


def _add_times(entry: Entry, event: Event, project: Project) -> None:
    if event.begins is None:
        entry.add("dtstart", event.date)
        return
    entry.add("dtstart", datetime.combine(event.date, event.begins, project.zone))
    if event.ends:
        entry.add("dtend", datetime.combine(event.date, event.ends, project.zone))


def _description(event: Event, translator: Translator, page: str) -> str:
    audience = "" if event.audience == "unknown" else str(event.audience)
    lines = [what_became(event, translator), reason(event, translator)]
    lines += [str(event.summary), audience]
    if event.livestream and event.takes_place:
        lines.append(translator.gettext("Livestream: {link}", link=event.livestream))
    lines.append(page)
    return "\n".join(line for line in lines if line)


def headline(event: Event, translator: Translator) -> str:
    """Return the title of an event, after the word that says what became of it."""
    match event.status:
        case EventStatus.CANCELLED:
            return translator.gettext("Cancelled: {title}", title=event.title)
        case EventStatus.POSTPONED:
            return translator.gettext("Postponed: {title}", title=event.title)
        case EventStatus.PLANNED if event.moved_from:
            return translator.gettext("Moved: {title}", title=event.title)
        case EventStatus.PLANNED:
            return event.title


def what_became(event: Event, translator: Translator) -> str:
    """Say that an event is cancelled, postponed or moved; nothing if nothing did."""
    match event.status:
        case EventStatus.CANCELLED:
            return translator.gettext(CANCELLED)
        case EventStatus.POSTPONED:
            return translator.gettext(POSTPONED)
        case EventStatus.PLANNED if event.moved_from:
            day = translator.format_date(event.moved_from, weekday=True)
            return translator.gettext(
                "The event has been moved. It was planned for {day}.", day=day
            )
        case EventStatus.PLANNED:
            return ""


def reason(event: Event, translator: Translator) -> str:
    """Say why an event is not as it was planned, where its file says so."""
    return (
        translator.gettext("Reason: {reason}", reason=event.reason)
        if event.reason
        else ""
    )


def when(event: Event, translator: Translator) -> str:
    """Say day with weekday, and hours with their zone where they are known."""
    day = translator.format_date(event.date, weekday=True)
    if event.begins is None:
        return day
    begins = translator.format_time(event.begins)
    city = get_timezone_location(
        translator.zone, locale=translator.lang, return_city=True
    )
    if event.ends is None:
        return translator.gettext(
            "{day}, {begins} ({city} time)", day=day, begins=begins, city=city
        )
    return translator.gettext(
        "{day}, from {begins} to {ends} ({city} time)",
        day=day,
        begins=begins,
        ends=translator.format_time(event.ends),
        city=city,
    )
