"""Meetings of a course: who takes part, who was there, one step back, and erasure."""

from datetime import date
from itertools import pairwise

import pytest

from forms_service.store import meetings as rows
from forms_service.store import queue
from forms_service.store.events import EventVerb
from forms_service.store.filters import Filter
from forms_service.workflow import deciding, exporting, meetings, purging
from forms_service.workflow.meetings import AttendanceChanged, Places

pytest_plugins = ["life"]

STAFF = "staff:1"
FORM = "every-type"


def accepted(world, name, email, people=1):
    submission = world.proven(email, people=people, nome=name)
    return deciding.decide(world.context, submission.id, EventVerb.ACCEPT, STAFF)


@pytest.fixture
def class_(world):
    """Three people with a place, one who waits, one who is not decided yet."""
    people = [
        accepted(world, "Zoe D’Angelo", "zoe@example.org", people=3),
        accepted(world, "Àlvaro Zeni", "alvaro@example.org"),
        accepted(world, "Bruno De Luca", "bruno@example.org"),
    ]
    world.proven("later@example.org", people=6)
    world.proven("new@example.org")
    return people


def added(world, day=date(2030, 3, 1), title="Primo"):
    return meetings.add(world.context, FORM, day, title, STAFF)


def course(world, **order):
    return meetings.course(world.context, FORM, **order)


def tick(world, number, people, revision=0):
    ids = [person.id for person in people]
    meetings.record(world.context, FORM, (number, revision), ids, STAFF)


def there(world, number):
    return course(world).attendance.get(number, {})


def test_who_has_a_place_takes_part_in_the_order_of_names(world, class_):
    zoe, alvaro, bruno = class_
    known = course(world)
    assert known.places == Places(5, 10, 2)
    assert known.participants == [alvaro, bruno, zoe]
    assert course(world, last_word=True).participants == [zoe, bruno, alvaro]
    assert meetings.course(world.context, "volontari") is None


def test_attendance_is_written_and_the_last_change_taken_back(world, class_):
    zoe, alvaro, bruno = class_
    number = added(world)
    tick(world, number, [zoe, alvaro])
    assert there(world, number) == {zoe.id: True, alvaro.id: True, bruno.id: False}
    tick(world, number, [bruno], revision=1)
    (meeting,) = course(world).meetings
    assert (course(world).count(meeting, True), meeting.revision) == (1, 2)
    meetings.take_back(world.context, FORM, (number, 2), STAFF)
    assert there(world, number) == {zoe.id: True, alvaro.id: True, bruno.id: False}
    assert not world.store.read(lambda db: rows.can_be_taken_back(db, number))
    told = world.sql("SELECT verb, detail FROM events WHERE submission IS NULL")
    assert [verb for verb, _ in told] == ["meeting", *["attendance"] * 3]
    assert not any(name in detail for _, detail in told for name in ("Primo", "Zoe"))


def test_the_first_attendance_taken_back_leaves_none(world, class_):
    number = added(world)
    tick(world, number, class_)
    assert world.store.read(lambda db: rows.can_be_taken_back(db, number))
    meetings.take_back(world.context, FORM, (number, 1), STAFF)
    assert there(world, number) == {}
    meetings.remove(world.context, FORM, number, STAFF)
    assert course(world).meetings == []


def test_nobody_overwrites_what_a_colleague_has_written_meanwhile(world, class_):
    number = added(world)
    tick(world, number, class_)
    for act in (
        lambda: tick(world, number, []),
        lambda: meetings.take_back(world.context, FORM, (number, 0), STAFF),
        lambda: meetings.remove(world.context, FORM, number, STAFF),
        lambda: meetings.record(world.context, "other", (number, 1), [], STAFF),
    ):
        with pytest.raises(AttendanceChanged):
            act()
    assert all(there(world, number).values())


def test_present_and_absent_are_filters_of_the_list(world, class_):
    zoe, alvaro, bruno = class_
    first, second = added(world), added(world, date(2030, 3, 8), "")
    tick(world, first, [zoe, bruno])

    def listed(number, present):
        wanted = Filter(FORM, attendance=(number, present))
        return [row.id for row in world.store.read(lambda db: found(db, wanted))]

    def found(db, wanted):
        return queue.queue(db, wanted, 9)

    assert listed(first, True) == [bruno.id, zoe.id]
    assert listed(first, False) == [alvaro.id]
    assert listed(second, True) == listed(second, False) == []
    ((meeting, was_there),) = world.store.read(
        lambda db: rows.of_submission(db, alvaro.id)
    )
    assert (meeting.title, was_there) == ("Primo", False)


def test_attendance_goes_with_the_person_and_meetings_with_the_last_of_them(
    world, class_
):
    number = added(world)
    tick(world, number, class_)
    purging.purge(world.context)
    assert len(course(world).meetings) == 1
    for person in class_:
        deciding.erase(world.context, person.id, STAFF)
    assert there(world, number) == {}
    world.force("UPDATE submissions SET place = 'none'")
    assert meetings.purge(world.context) == 0
    world.clock.advance(days=1)
    assert meetings.purge(world.context) == 1
    assert course(world).meetings == []


def test_a_sheet_that_leaves_is_in_the_log(world):
    exporting.log_sheet(world.context, FORM, 3, STAFF)
    ((verb, detail),) = world.sql("SELECT verb, detail FROM events")
    assert verb == "export"
    assert '"format": "attendance"' in detail


def test_meetings_stand_by_day(world):
    for day in (9, 2, 5):
        added(world, date(2030, 3, day))
    days = [meeting.day for meeting in course(world).meetings]
    assert all(first < later for first, later in pairwise(days))
