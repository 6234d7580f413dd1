"""What the service does by itself beside erasing: free lapsed places, keep counts."""

import time
from datetime import datetime, timedelta
from functools import partial

from ..definition import FormDefinition
from ..store import (
    attempts,
    calls,
    counts,
    events,
    search,
    submissions,
    waiting_list,
)
from ..store import staff as staff_rows
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Seat, Submission
from . import capacity, settling
from .capacity import MACHINE
from .context import PAUSE_SECONDS, WorkflowContext, one_step

# Summing so many takes less than a millisecond.
FOLDED_FROM = 200


def update_search(context: WorkflowContext) -> None:
    """Let what was sent until now be found, in steps."""
    if context.store.read(search.behind):
        while context.store.write(search.add_new) == search.BATCH:
            continue


def fold_counts(context: WorkflowContext) -> None:
    """Put together the counts where they are appended, when there are many."""
    if context.store.read(counts.unfolded) >= FOLDED_FROM:
        context.store.write(counts.fold)


def drop_sessions(context: WorkflowContext, idle: datetime, begun: datetime) -> int:
    """End staff sessions that nobody uses any more, and forget old failures."""
    context.store.write(partial(attempts.drop_old, now=context.clock()))
    return context.store.write(lambda db: staff_rows.drop_old_sessions(db, idle, begun))


def release_lapsed(context: WorkflowContext) -> int:
    """Free places whose hold is over, or whose decision settled; return how many.

    A reader asks first: the writer is not kept for what is almost always nothing.
    """
    released = settling.settle(context)
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
    return waiting_list.lapsed_holds(db, form.id, context.destroying() - hold)


def _release(context: WorkflowContext, form: FormDefinition, db: Connection) -> int:
    waiting_list.hold(db, form.id)
    released = 0
    for submission in one_step(_lapsed(context, form, db)):
        submissions.change(db, submission, place=Seat.NONE)
        # There is no place to tell of any more.
        calls.drop_reason(db, submission.id, calls.CallReason.PLACE)
        events.record(db, context.clock(), MACHINE, EventVerb.RELEASE, submission.id)
        released += 1
    capacity.free(context, db, form.id)
    return released
