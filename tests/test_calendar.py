"""The calendar file of an event, read back by the library that calendars use."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from forms_service.content import load_content
from forms_service.definition import EventStatus, Text
from forms_service.i18n import Translator
from forms_service.shapes.calendar import CalendarRevision, method_of
from forms_service.shapes.calendar_file import calendar_file
from sample_content import SAMPLE

ROME = ZoneInfo("Europe/Rome")
PAGE = "https://we.example/assemblea/"
TOLD = CalendarRevision(0, datetime(2020, 6, 18, 9, tzinfo=UTC))


@pytest.fixture(scope="module")
def content():
    return load_content(SAMPLE)


def written(content, revision=TOLD, **changes):
    event = replace(content.event("assemblea"), **changes)
    return calendar_file(event, revision, content.project, Translator("it", ROME), PAGE)


def entry(content, revision=TOLD, **changes):
    octets = written(content, revision, **changes)
    (found,) = Calendar.from_ical(octets).walk("VEVENT")
    return found


def test_an_event_without_hours_is_an_entry_of_the_whole_day(content):
    assert entry(content)["DTSTART"].dt == date(2020, 7, 1)


def test_hours_are_in_the_zone_of_the_project_and_the_file_explains_the_zone(content):
    hours = {"begins": time(10), "ends": time(12, 30)}
    found = entry(content, **hours)
    assert found["DTSTART"].params["TZID"] == "Europe/Rome"
    assert found["DTSTART"].dt == datetime(2020, 7, 1, 10, tzinfo=ROME)
    assert found["DTSTART"].dt.utcoffset() == timedelta(hours=2)
    assert found["DTEND"].dt == datetime(2020, 7, 1, 12, 30, tzinfo=ROME)
    calendar = Calendar.from_ical(written(content, **hours))
    assert [zone.tz_name for zone in calendar.walk("VTIMEZONE")] == ["Europe/Rome"]


def test_an_event_whose_end_is_not_known_has_none(content):
    assert "DTEND" not in entry(content, begins=time(10))


def test_the_link_is_the_livestream_or_else_the_page(content):
    assert entry(content)["URL"] == PAGE
    live = "https://youtu.be/AbC123"
    found = entry(content, livestream=live)
    assert found["URL"] == live
    assert found["LOCATION"] == live
    assert f"Diretta: {live}" in found["DESCRIPTION"]


def test_a_place_is_where_it_is(content):
    event = content.event("festa")
    octets = calendar_file(event, TOLD, content.project, Translator("it", ROME), PAGE)
    (found,) = Calendar.from_ical(octets).walk("VEVENT")
    assert found["LOCATION"] == event.venue
    assert found["DTSTART"].dt == datetime(2022, 11, 17, 9, tzinfo=ROME)


def test_an_event_nowhere_yet_has_no_location(content):
    assert "LOCATION" not in entry(content, online=False)


def test_a_revision_gives_the_same_bytes_and_carries_number_and_moment(content):
    assert written(content) == written(content)
    later = CalendarRevision(3, TOLD.changed_at + timedelta(days=1))
    found = entry(content, later, date=date(2020, 5, 1))
    assert found["SEQUENCE"] == 3
    assert found["DTSTAMP"].dt == later.changed_at, "also of an event moved back"
    assert entry(content)["UID"] == found["UID"]


@pytest.mark.parametrize(
    ("status", "said"), [("cancelled", "Annullato"), ("postponed", "Rinviato")]
)
def test_what_does_not_take_place_leaves_the_calendar(content, status, said):
    off = {"status": EventStatus(status), "reason": Text("La sala è allagata.", "it")}
    found = entry(content, **off, livestream="https://youtu.be/AbC123")
    assert found["STATUS"] == "CANCELLED"
    assert found["SUMMARY"] == f"{said}: Assemblea dell’orto"
    assert "Motivo: La sala è allagata." in found["DESCRIPTION"]
    assert "Diretta" not in found["DESCRIPTION"]
    assert found["DTSTART"].dt == date(2020, 7, 1)
    assert entry(content)["STATUS"] == "CONFIRMED"
    assert method_of(content.event("assemblea")) == "PUBLISH"
    assert method_of(replace(content.event("assemblea"), **off)) == "CANCEL"


def test_who_holds_it_is_named_as_the_standard_asks_for_cancelling(content):
    organizer = entry(content)["ORGANIZER"]
    assert organizer.params["CN"] == content.project.owner.name
    assert str(organizer).startswith(("mailto:", "https://"))
