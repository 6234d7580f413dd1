"""Whether a form is open: by its dates and its event, places are counted elsewhere.

`closes: D` means before midnight at the end of D in the project's zone: then the form
page closes. Answers are taken for `GRACE` more, whoever sends them: the page where they
were typed is the same for everybody and carries no moment that could be checked.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ..clock import end_of_day, start_of_day
from .form import FormDefinition

GRACE = timedelta(minutes=60)


class EventStatus(StrEnum):
    """Whether an event takes place; `postponed` has no new date yet."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"


class Opening(StrEnum):
    """Where now stands relative to a form's dates, or what became of its event."""

    NOT_YET = "not_yet"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"

    @property
    def ended(self) -> bool:
        """Say whether nothing is to be sent on any way, on paper neither."""
        return self not in (Opening.NOT_YET, Opening.OPEN)


def opening(
    form: FormDefinition,
    event: EventStatus | None,
    now: datetime,
    zone: ZoneInfo,
    grace: timedelta = timedelta(),
) -> Opening:
    """Say whether a form is open; one without a first day is not open yet.

    `event` is the status of what the form is about, if anything: no date opens the form
    of an event that does not take place. `grace` is added to the last day.
    """
    if event and event is not EventStatus.PLANNED:
        return Opening(event.value)
    if form.closes and now >= end_of_day(form.closes, zone) + grace:
        return Opening.CLOSED
    if form.opens is None or now < start_of_day(form.opens, zone):
        return Opening.NOT_YET
    return Opening.OPEN


def opening_changes(form: FormDefinition, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the moments at which a form's opening changes by itself, in UTC."""
    opens = (start_of_day(form.opens, zone),) if form.opens else ()
    closes = (end_of_day(form.closes, zone),) if form.closes else ()
    return opens + closes
