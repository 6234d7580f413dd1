"""Events and services as schema.org data, for search engines and calendars."""

import re
from datetime import date, datetime, time
from typing import Any

from forms_service.content import TODO, Event, Project
from forms_service.definition import EventStatus, FormDefinition

# Street, town, and the postal code where it is written.
_ADDRESS = re.compile(r"(.+), (?:([0-9]{4,6}),? )?([^,]+)")


def event_data(event: Event, project: Project, page: str) -> dict[str, Any]:
    """Return an Event; facts that nobody knows are left out. `page` is absolute."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": str(event.title),
        "description": str(event.summary),
        "startDate": _moment(event.date, event.begins, project),
        "eventStatus": f"https://schema.org/{_status(event)}",
        "eventAttendanceMode": f"https://schema.org/{_mode(event)}",
        "location": _location(event, page),
        "organizer": {
            "@type": "Organization",
            "name": str(project.owner.name),
            "url": project.owner.url,
        },
        "url": page,
    }
    if event.moved_from:
        data["previousStartDate"] = event.moved_from.isoformat()
    if event.ends:
        data["endDate"] = _moment(event.date, event.ends, project)
    if event.recording:
        data["recordedIn"] = {"@type": "CreativeWork", "url": event.recording}
    return data


def _status(event: Event) -> str:
    match event.status:
        case EventStatus.CANCELLED:
            return "EventCancelled"
        case EventStatus.POSTPONED:
            return "EventPostponed"
        case EventStatus.PLANNED:
            return "EventRescheduled" if event.moved_from else "EventScheduled"


def _moment(day: date, hour: time | None, project: Project) -> str:
    if hour is None:
        return day.isoformat()
    return datetime.combine(day, hour, project.zone).isoformat()


def _mode(event: Event) -> str:
    if event.venue:
        mixed = "MixedEventAttendanceMode"
        return mixed if event.online else "OfflineEventAttendanceMode"
    return "OnlineEventAttendanceMode"


def _location(event: Event, page: str) -> list[dict[str, Any]]:
    places: list[dict[str, Any]] = []
    if event.venue:
        place = str(event.venue)
        places.append({"@type": "Place", "name": place, "address": place})
    if event.online:
        link = event.livestream or page
        places.append({"@type": "VirtualLocation", "url": link})
    return places


def service_data(
    form: FormDefinition, project: Project, page: str, online: str
) -> dict[str, Any]:
    """Return a GovernmentService with the keys that the national validator reads.

    `page` and `online` are whole addresses. The parts of a postal address that nobody
    gave are left out.
    """
    owner = project.owner
    body = str(owner.full_name or owner.name)
    return {
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "name": str(form.title),
        "description": str(form.summary),
        "url": page,
        "inLanguage": form.lang,
        "serviceType": str(project.full_name or project.name),
        "serviceOperator": {"@type": "GovernmentOrganization", "name": body},
        # A body serves the area that its full name says.
        "areaServed": {"@type": "AdministrativeArea", "name": body},
        "audience": {
            "@type": "Audience",
            "audienceType": " ".join(str(form.page.who).split()),
        },
        "availableChannel": {
            "@type": "ServiceChannel",
            "serviceUrl": online,
            "serviceLocation": {
                "@type": "Place",
                "name": str(owner.name),
                "address": _postal(owner.address),
            },
        },
    }


def _postal(text: str) -> dict[str, str]:
    postal = {"@type": "PostalAddress"}
    found = _ADDRESS.fullmatch(text)
    if found:
        parts = ("streetAddress", "postalCode", "addressLocality")
        given = zip(parts, found.groups(), strict=True)
        postal |= {name: part for name, part in given if part}
    elif text not in ("", TODO):
        postal["streetAddress"] = text
    return postal
