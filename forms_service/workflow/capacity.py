"""Places of forms with capacity: given at sending, in order, nobody overtakes.

All of it runs inside the write transaction of the verb, which holds the line of the
form: the last place goes to one person however many send in the same moment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

from ..clock import NONE
from ..definition import Capacity, FormDefinition, Promotion
from ..definition.form_dates import GRACE, Opening, opening
from ..i18n import Translator
from ..mail import kinds
from ..shapes.calendar import reason, what_became
from ..store import events, submissions, waiting_list
from ..store.calls import CallReason
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.needs import PATIENCE
from ..store.submissions import Seat, Status, Submission
from . import calling, mail_queue
from .context import ROWS, WorkflowContext

MACHINE = "service"


class Availability(StrEnum):
    """Whether a form takes submissions, and what the form page says."""

    NOT_OPEN = "not_open"
    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"


_AVAILABLE = {
    Opening.NOT_YET: Availability.NOT_OPEN,
    Opening.OPEN: Availability.OPEN,
    Opening.CLOSED: Availability.CLOSED,
    Opening.CANCELLED: Availability.CANCELLED,
    Opening.POSTPONED: Availability.POSTPONED,
}


class FormClosed(Exception):
    """The form takes no submissions now; `availability` says why.

    `why` says that its event does not take place, in the language of the form.
    """

    def __init__(self, availability: Availability, why: str = "") -> None:
        super().__init__(availability.value)
        self.availability = availability
        self.why = why


@dataclass(frozen=True, slots=True)
class FormState:
    """A form's availability, and its places where it has a capacity."""

    availability: Availability
    left: int | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Occupancy:
    """The places of a form, those taken, and those taken with one request more."""

    limit: int
    taken: int
    then: int

    @property
    def full(self) -> bool:
        """Say whether no place is left already."""
        return self.taken >= self.limit

    @property
    def over(self) -> bool:
        """Say whether one request more takes places that there are not."""
        return self.then > self.limit


def availability_by_date(
    context: WorkflowContext,
    form: FormDefinition,
    now: datetime,
    grace: timedelta = timedelta(),
) -> Availability:
    """Return it by dates and event alone; `closes` is a last whole day."""
    event = context.event_of(form)
    status = event.status if event else None
    return _AVAILABLE[opening(form, status, now, context.zone, grace)]


def closed(
    context: WorkflowContext, form: FormDefinition, availability: Availability
) -> FormClosed:
    """Return what to raise where a form takes nothing now."""
    event, translator = (
        context.event_of(form, form.lang),
        Translator(form.lang, context.zone),
    )
    if event is None or event.takes_place:
        return FormClosed(availability)
    lines = (what_became(event, translator), reason(event, translator))
    return FormClosed(availability, " ".join(line for line in lines if line))


def form_state(
    context: WorkflowContext, form: FormDefinition, grace: timedelta = timedelta()
) -> FormState:
    """Return what the public may know about a form now."""
    capacity, availability = (
        form.capacity,
        availability_by_date(context, form, context.clock(), grace),
    )
    if capacity is None:
        return FormState(availability, None, 0)
    return context.store.read(lambda db: _state(db, form.id, capacity, availability))


def state_for_answers(context: WorkflowContext, form: FormDefinition) -> FormState:
    """Return what holds for answers that somebody has typed: they have `GRACE`."""
    return form_state(context, form, GRACE)


def check_dates(context: WorkflowContext, form: FormDefinition, now: datetime) -> None:
    """Raise `FormClosed` when answers are sent outside the dates and their grace."""
    availability = availability_by_date(context, form, now, GRACE)
    if availability is not Availability.OPEN:
        raise closed(context, form, availability)


def _state(
    db: Connection, form_id: str, capacity: Capacity, availability: Availability
) -> FormState:
    waiting = waiting_list.length(db, form_id)
    left = max(0, capacity.limit - waiting_list.seats_taken(db, form_id))
    if availability is Availability.OPEN and (left == 0 or waiting):
        availability = Availability.FULL
    return FormState(availability, 0 if waiting else left, waiting)


def seats_of(form: FormDefinition, answers: Mapping[str, Any]) -> int:
    """Return how many places a submission needs."""
    if form.capacity is None or not form.capacity.count_people:
        return 1
    people = next((f.id for f in form.fields if f.role == "people"), "")
    number = answers.get(people, 1)
    return number if isinstance(number, int) else 1


def place_for(db: Connection, form: FormDefinition, seats: int) -> tuple[Seat, int]:
    """Return the place and position of who comes now.

    Held only if all people fit AND nobody waits; raise `FormClosed` when the form is
    full and keeps no waiting list.
    """
    if form.capacity is None:
        return Seat.NONE, 0
    waiting_list.hold(db, form.id)
    number = waiting_list.last(db, form.id) + 1
    if _fits(db, form.id, form.capacity, seats) and not waiting_list.length(
        db, form.id
    ):
        return Seat.HELD, number
    if not form.capacity.waiting_list:
        raise FormClosed(Availability.FULL)
    return Seat.WAITING, number


def rejoin(
    context: WorkflowContext, db: Connection, submission: Submission
) -> dict[str, Any]:
    """Return place and position of a submission that joins the line again."""
    today = context.form_today(submission.form_id)
    if today is None or today.capacity is None:
        return {}
    try:
        place, number = place_for(db, today, submission.seats)
    except FormClosed:
        place, number = Seat.WAITING, waiting_list.last(db, submission.form_id) + 1
    return {"place": place, "line": number}


def check_growth(
    context: WorkflowContext,
    db: Connection,
    form_id: str,
    submission: Submission,
    seats: int,
) -> None:
    """Raise `FormClosed` when a correction asks for places that are not there.

    More people than before come after those who wait; the place itself is kept.
    """
    today, more = context.form_today(form_id), seats - submission.seats
    if today is None or today.capacity is None:
        return
    if submission.place is Seat.HELD and more > 0:
        waiting_list.hold(db, form_id)
        if waiting_list.length(db, form_id) or not _fits(
            db, form_id, today.capacity, more
        ):
            raise FormClosed(Availability.FULL)


def position(db: Connection, submission: Submission) -> int | None:
    """Return the n of "n-th in line", counted from one; None when not waiting."""
    return (
        waiting_list.ahead(db, submission) + 1
        if submission.place is Seat.WAITING
        else None
    )


def occupancy_with(
    context: WorkflowContext, db: Connection, submission: Submission
) -> Occupancy | None:
    """Return what giving a place would make of the form; None without a capacity."""
    form = context.form_today(submission.form_id)
    if form is None or form.capacity is None:
        return None
    taken = waiting_list.seats_taken(db, form.id)
    return Occupancy(form.capacity.limit, taken, taken + submission.seats)


def free(context: WorkflowContext, db: Connection, form_id: str) -> None:
    """Give free places to the first in line, where the form says by itself.

    Who has not proven the mailbox yet holds it as after sending, for `place_hold`;
    to pass over them would be overtaking. Only a party larger than the whole form
    (its limit was lowered) is passed over: nothing can ever be free for it. After the
    event there is nothing to give, nor where it does not take place.
    """
    waiting_list.hold(db, form_id)
    # The rest of very many is given within the minute.
    for submission in islice(next_in_line(context, db, form_id), ROWS):
        give(context, db, submission, MACHINE)


def next_in_line(
    context: WorkflowContext, db: Connection, form_id: str
) -> Iterator[Submission]:
    """Yield who gets a place now; each must be given one before the next is asked."""
    form = context.form_today(form_id)
    if form is None or form.capacity is None:
        return
    if form.capacity.promotion is not Promotion.AUTOMATIC or over(context, form):
        return
    while first := waiting_list.first(db, form_id, form.capacity.limit):
        # A refusal that has not settled may be taken back: nobody overtakes it.
        unsettled = first.status is Status.DECLINED
        if unsettled or not _fits(db, form_id, form.capacity, first.seats):
            return
        yield first


def takes_place(context: WorkflowContext, form_id: str) -> bool:
    """Say whether a form has no event, or one that is neither cancelled nor put off."""
    form = context.form_today(form_id)
    event = context.event_of(form) if form else None
    return event is None or event.takes_place


def over(context: WorkflowContext, form: FormDefinition) -> bool:
    """Say whether there is nothing left to give: no event, or one of the past."""
    event = context.event_of(form)
    if event is None:
        return False
    return not event.takes_place or event.ends_at(context.zone) <= context.clock()


def give(
    context: WorkflowContext, db: Connection, submission: Submission, actor: str
) -> Submission:
    """Give a place to a waiting submission, and tell the person."""
    changed = submissions.change(db, submission, place=Seat.HELD)
    events.record(db, context.clock(), actor, EventVerb.PROMOTE, submission.id)
    mail_queue.queue(context, db, changed, kinds.promoted)
    # Who has just sent proves the address first, and reads it then.
    early = submission.status is Status.UNVERIFIED
    since = context.clock() + (PATIENCE if early else NONE)
    calling.want(context, db, changed, CallReason.PLACE, since)
    return changed


def _fits(db: Connection, form_id: str, capacity: Capacity, seats: int) -> bool:
    return waiting_list.seats_taken(db, form_id) + seats <= capacity.limit
