"""An event in words, in the project's time zone, and how a calendar is told of it."""

from datetime import datetime
from typing import NamedTuple

from babel.dates import get_timezone_location

from ..content import Event
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
