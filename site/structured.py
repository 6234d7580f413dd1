"""Events as schema.org data, for search engines and calendars."""

from datetime import date, datetime, time
from typing import Any

from forms_service.definition import Event, Project


def event_data(event: Event, project: Project, page: str) -> dict[str, Any]:
    """Return an Event; facts that nobody knows are left out. `page` is absolute."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": str(event.title),
        "description": str(event.summary),
        "startDate": _moment(event.date, event.begins, project),
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": f"https://schema.org/{_mode(event)}",
        "location": _location(event, page),
        "organizer": {
            "@type": "Organization",
            "name": str(project.owner.name),
            "url": project.owner.url,
        },
        "url": page,
    }
    if event.ends:
        data["endDate"] = _moment(event.date, event.ends, project)
    if event.recording:
        data["recordedIn"] = {"@type": "CreativeWork", "url": event.recording}
    return data


def _moment(day: date, hour: time | None, project: Project) -> str:
    if hour is None:
        return day.isoformat()
    return datetime.combine(day, hour, project.zone).isoformat()


def _mode(event: Event) -> str:
    if event.place:
        mixed = "MixedEventAttendanceMode"
        return mixed if event.online else "OfflineEventAttendanceMode"
    return "OnlineEventAttendanceMode"


def _location(event: Event, page: str) -> list[dict[str, Any]]:
    places: list[dict[str, Any]] = []
    if event.place:
        place = str(event.place)
        places.append({"@type": "Place", "name": place, "address": place})
    if event.online:
        link = event.livestream or page
        places.append({"@type": "VirtualLocation", "url": link})
    return places
