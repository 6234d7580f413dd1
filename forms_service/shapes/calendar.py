"""An event as a calendar file (RFC 5545) and in words, in the project's time zone."""

from datetime import UTC, date, datetime, time
from urllib.parse import urlsplit

from babel.dates import get_timezone_location
from icalendar import Calendar
from icalendar import Event as Entry

from ..content import Event, Project
from ..words import Words


def calendar_file(event: Event, project: Project, words: Words, page: str) -> bytes:
    """Return the .ics of an event; `page` is the whole address of its page.

    An event whose hour is not known is an entry of the whole day. The same event
    gives the same bytes: its stamp is its own day, `sequence` tells revisions apart.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//{project.owner.name}//{project.name}//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    entry = Entry()
    entry.add("uid", f"{event.id}@{urlsplit(page).hostname}")
    entry.add("dtstamp", datetime.combine(event.date, time(), UTC))
    entry.add("sequence", event.sequence)
    entry.add("summary", event.title)
    _add_times(entry, event, project)
    link = event.livestream or page
    place = event.place or (link if event.online else "")
    if place:
        entry.add("location", place)
    entry.add("url", link)
    entry.add("description", _description(event, words, page))
    entry.add("status", "CONFIRMED")
    calendar.add_component(entry)
    year = event.date.year
    calendar.add_missing_timezones(date(year, 1, 1), date(year + 1, 1, 1))
    return bytes(calendar.to_ical())


def _add_times(entry: Entry, event: Event, project: Project) -> None:
    if event.begins is None:
        entry.add("dtstart", event.date)
        return
    entry.add("dtstart", datetime.combine(event.date, event.begins, project.zone))
    if event.ends:
        entry.add("dtend", datetime.combine(event.date, event.ends, project.zone))


def _description(event: Event, words: Words, page: str) -> str:
    audience = "" if event.audience == "unknown" else str(event.audience)
    lines = [str(event.summary), audience]
    if event.livestream:
        lines.append(words.say("Livestream: {link}", link=event.livestream))
    lines.append(page)
    return "\n".join(line for line in lines if line)


def when(event: Event, words: Words) -> str:
    """Say day with weekday, and hours with their zone where they are known."""
    day = words.day(event.date, weekday=True)
    if event.begins is None:
        return day
    begins = words.hour(event.begins)
    city = get_timezone_location(words.zone, locale=words.lang, return_city=True)
    if event.ends is None:
        return words.say(
            "{day}, {begins} ({city} time)", day=day, begins=begins, city=city
        )
    return words.say(
        "{day}, from {begins} to {ends} ({city} time)",
        day=day,
        begins=begins,
        ends=words.hour(event.ends),
        city=city,
    )
