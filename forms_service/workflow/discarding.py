"""Discarding what a flood left: unproven requests of a form and an hour, together."""

import time

from ..store import flood
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.flood import Hour
from . import erasing
from .context import PAUSE_SECONDS, ROWS, WorkflowContext, forget_erased, one_step
from .deciding import remove


def discard(context: WorkflowContext, hour: Hour, actor: str) -> int:
    """Erase what is still unproven of an hour; return how many requests.

    What came later than the last that was shown stays. In steps, so that nobody who
    sends waits long; each request leaves its event.
    """

    def job(db: Connection) -> int:
        gone = []
        for submission in one_step(flood.of_hour(db, hour, ROWS)):
            remove(context, db, submission, actor, EventVerb.ERASE)
            gone.append(submission.id)
        erasing.note(context, db, gone)
        return len(gone)

    total = 0
    while number := context.store.write(job):
        total += number
        time.sleep(PAUSE_SECONDS)
    forget_erased(context, 1)
    return total
