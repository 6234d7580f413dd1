"""Places held by who never proved the mailbox go to the next in line."""

import time
from datetime import timedelta
from functools import partial

from ..definition import FormDefinition
from ..store import events, submissions, waiting_list
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Seat, Submission
from . import capacity
from .capacity import MACHINE
from .context import WorkflowContext
from .steps import PAUSE_SECONDS, one_step


def release_lapsed(context: WorkflowContext) -> int:
    """Free the places of unproven submissions whose hold is over; return how many.

    A reader asks first: the writer is not kept for what is almost always nothing.
    """
    released = 0
    for form in context.forms:
        while context.store.read(partial(_to_release, context, form)):
            released += context.store.write(partial(_release, context, form))
            time.sleep(PAUSE_SECONDS)
    return released


def _to_release(context: WorkflowContext, form: FormDefinition, db: Connection) -> bool:
    # Also when nothing lapsed: somebody may have raised the limit.
    return bool(_lapsed(context, form, db)) or any(
        capacity.next_in_line(context, db, form.id)
    )


def _lapsed(
    context: WorkflowContext, form: FormDefinition, db: Connection
) -> list[Submission]:
    if form.capacity is None:
        return []
    hold = timedelta(hours=form.capacity.place_hold)
    return waiting_list.lapsed_holds(db, form.id, context.clock() - hold)


def _release(context: WorkflowContext, form: FormDefinition, db: Connection) -> int:
    released = 0
    for submission in one_step(_lapsed(context, form, db)):
        submissions.change(db, submission.id, place=Seat.NONE)
        events.record(db, context.clock(), MACHINE, EventVerb.RELEASE, submission.id)
        released += 1
    capacity.free(context, db, form.id)
    return released
