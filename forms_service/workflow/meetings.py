"""Meetings of a course: who takes part, who was there, and the way back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from ..definition.name_order import by_last_word, by_name
from ..store import events, meetings, waiting_list
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.meetings import Meeting
from ..store.submissions import Submission
from .context import WorkflowContext


class AttendanceChanged(Exception):
    """The meeting or its attendance is not as it was read."""


@dataclass(frozen=True, slots=True)
class Places:
    """How many places of a form are taken, how many there are, how many wait."""

    taken: int
    limit: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Course:
    """A form with places: its meetings, who takes part, and who was at which."""

    places: Places
    meetings: list[Meeting]
    participants: list[Submission]
    attendance: Mapping[int, Mapping[str, bool]]

    def count(self, meeting: Meeting, there: bool) -> int:
        """Return how many of who still take part were at a meeting, or were not."""
        marks = self.attendance.get(meeting.id, {})
        return sum(marks.get(person.id) is there for person in self.participants)


def places(context: WorkflowContext, db: Connection, form_id: str) -> Places | None:
    """Return the places of a form; None where they are not counted."""
    form = context.form_today(form_id)
    if form is None or form.capacity is None:
        return None
    taken = waiting_list.seats_taken(db, form_id)
    return Places(taken, form.capacity.limit, waiting_list.length(db, form_id))


def course(
    context: WorkflowContext, form_id: str, last_word: bool = False
) -> Course | None:
    """Return what is known of a course, its people in Italian order of names.

    None for a form that counts no places.
    """
    order = by_last_word if last_word else by_name

    def read(db: Connection) -> Course | None:
        counted = places(context, db, form_id)
        if counted is None:
            return None
        people = meetings.participants(db, form_id)
        return Course(
            counted,
            meetings.of_form(db, form_id),
            sorted(people, key=lambda row: (order(row.name or ""), row.number)),
            meetings.attendance(db, form_id),
        )

    return context.store.read(read)


def add(
    context: WorkflowContext, form_id: str, day: date, title: str, actor: str
) -> int:
    """Add a meeting to a form; the log keeps its number and nothing typed."""

    def job(db: Connection) -> int:
        number = meetings.add(db, form_id, day, title)
        _log(context, db, actor, EventVerb.MEETING, form_id, number)
        return number

    return context.store.write(job)


def remove(context: WorkflowContext, form_id: str, meeting_id: int, actor: str) -> None:
    """Take out a meeting; raise `AttendanceChanged` when attendance is kept for it."""

    def job(db: Connection) -> None:
        if not meetings.remove(db, form_id, meeting_id):
            raise AttendanceChanged(meeting_id)
        _log(context, db, actor, EventVerb.MEETING, form_id, meeting_id, removed=1)

    context.store.write(job)


def record(
    context: WorkflowContext,
    form_id: str,
    meeting: tuple[int, int],
    present: Collection[str],
    actor: str,
) -> None:
    """Write down who was at a meeting; of the rest who take part, that they were not.

    `meeting` is its number and the revision that was read. Raise `AttendanceChanged`.
    """

    def job(db: Connection) -> None:
        if not meetings.advance(db, form_id, *meeting):
            raise AttendanceChanged(meeting)
        marks = {
            row.id: row.id in present for row in meetings.participants(db, form_id)
        }
        meetings.record(db, meeting[0], marks)
        there = sum(marks.values())
        counts = {"present": there, "absent": len(marks) - there}
        _log(context, db, actor, EventVerb.ATTENDANCE, form_id, meeting[0], **counts)

    context.store.write(job)


def take_back(
    context: WorkflowContext, form_id: str, meeting: tuple[int, int], actor: str
) -> None:
    """Bring back the attendance before the last change; raises as `record` does."""

    def job(db: Connection) -> None:
        if not meetings.advance(db, form_id, *meeting):
            raise AttendanceChanged(meeting)
        meetings.take_back(db, meeting[0])
        _log(context, db, actor, EventVerb.ATTENDANCE, form_id, meeting[0], undone=1)

    context.store.write(job)


def purge(context: WorkflowContext) -> int:
    """Delete the meetings of courses that are over, of which nobody is kept."""
    today = context.destroying().astimezone(context.zone).date()
    return context.store.write(lambda db: meetings.over(db, today))


def _log(
    context: WorkflowContext,
    db: Connection,
    actor: str,
    verb: EventVerb,
    form_id: str,
    meeting_id: int,
    **more: int,
) -> None:
    about = {"form": form_id, "meeting": meeting_id, **more}
    events.record(db, context.clock(), actor, verb, None, about)
