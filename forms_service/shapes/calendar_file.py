"""An event as a calendar file (RFC 5545), in the project's time zone."""

from datetime import date, datetime
from urllib.parse import urlsplit

from icalendar import Calendar, vCalAddress
from icalendar import Event as Entry

from ..content import TODO, Event, Project
from ..i18n import Translator
from .calendar import PUBLISH, CalendarRevision, headline, reason, what_became


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
