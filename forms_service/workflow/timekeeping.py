"""Keeping the two times: what the clock does is looked at, told, kept and set right."""

import logging
from datetime import datetime, timedelta
from functools import partial

from ..clock import AT_ONCE, Timeline
from ..store import events, submissions
from ..store import timeline as rows
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Submission
from .capacity import MACHINE
from .context import WorkflowContext
from .mail_queue import LINK_LIFE
from .new_rows import due_on
from .timekeeper import Timekeeper

KEPT_EVERY = timedelta(hours=1)
TIMELINE = "timeline"
# What a clock that was right has promised lies in the future too, and stays: when a
# mail leaves, until when an invitation or a code opens, from when somebody is called.
# A clock that was ahead by more than may be followed at once wrote moments beyond that.
_PROMISED = "code_expires_at due_at lease_until not_before setup_expires_at since"
LIVES = {**dict.fromkeys(_PROMISED.split(), AT_ONCE), "link_expires_at": LINK_LIFE}

log = logging.getLogger(__name__)


def tick(context: WorkflowContext, leads: bool = True) -> None:
    """Look at the clock; outside production do nothing.

    Of all processes the one that leads keeps what has changed.
    """
    if keeper := context.timekeeper:
        kept, last = context.store.read(lambda db: (rows.load(db), rows.last_row(db)))
        before = keeper.line
        line = keeper.look(kept)
        _tell(before, line)
        if not line.apart:
            _set_right(context, keeper, before, line, last, leads)
        if leads:
            _keep(context, keeper, line)


def accept(context: WorkflowContext, actor: str) -> timedelta | None:
    """Believe the system clock from now on; return by how much the times were apart.

    None outside production, where nothing needs to be believed.
    """
    keeper = context.timekeeper
    if keeper is None:
        return None
    kept, last = context.store.read(lambda db: (rows.load(db), rows.last_row(db)))
    before = keeper.look(kept)
    line = keeper.look(None, accepted=True)
    _set_right(context, keeper, before, line, last)

    def job(db: Connection) -> None:
        db.hold(TIMELINE)
        rows.keep(db, line)
        about = {"seconds": int(before.apart.total_seconds())}
        events.record(db, line.system, actor, EventVerb.CLOCK_ACCEPT, None, about)

    context.store.write(job)
    return before.apart


def in_doubt(context: WorkflowContext, submission: Submission) -> bool:
    """Say whether a request was received or decided by a clock that is not believed.

    When it is, its stamps are right or have been moved: then nothing is in doubt. A
    clock that is behind stamps from the last row on, which is no moment of its own:
    of those rows only the ones are known that lie beyond where the doubt began.
    """
    line = context.timekeeper.line if context.timekeeper else None
    if line is None or line.doubtful_from is None or not line.apart:
        return False
    stamps = (submission.created_at, submission.decided_at or submission.created_at)
    return max(stamps) >= line.doubtful_from


def _set_right(
    context: WorkflowContext,
    keeper: Timekeeper,
    before: Timeline,
    line: Timeline,
    last: datetime | None,
    leads: bool = True,
) -> None:
    """Move back what was stamped by a clock that was ahead, and the days it counts.

    Only what was written while the times were apart, and lies in the future now.
    """
    if last is None or last - line.system <= AT_ONCE:
        floor = max(last or line.system, line.system)
        back = before.apart or line.system < before.system
        # Where nothing leapt, the written time is catching up by itself.
        if back or keeper.written() - floor > AT_ONCE:
            keeper.go_on_from(floor)
        return
    if not leads:
        # Who does moves the stamps; then the written time goes on from them.
        return
    start = max(before.doubtful_from or line.system, line.system)
    ahead = keeper.written()
    by = line.system - ahead
    keeper.go_on_from(line.system)
    try:
        context.store.write(partial(_move_rows, context, line, start, by))
    except BaseException:
        # The next look moves them by as much.
        keeper.go_on_from(ahead)
        raise


def _move_rows(
    context: WorkflowContext,
    line: Timeline,
    start: datetime,
    by: timedelta,
    db: Connection,
) -> None:
    """Move what was stamped from `start` on, and what is promised from those days."""
    moved = rows.written_since(db, start)
    rows.move_stamps(db, start, by, LIVES)
    for submission_id in moved:
        row = submissions.get(db, submission_id)
        form = context.promise_of(db, row)
        end = context.retention_end(
            form, row.status, row.created_at, row.decided_at, row.renewed_at
        )
        # Counted from sending; of paper it counts from the day that was typed.
        counted = not row.received_on and row.created_at - by >= start
        received = row.created_at.astimezone(context.zone).date()
        due = row.due_on and counted and due_on(form, received)
        submissions.change(db, row, purge_after=end, due_on=due or row.due_on)
    rows.keep(db, line)
    about = {"submissions": len(moved), "seconds": int(by.total_seconds())}
    events.record(db, line.system, MACHINE, EventVerb.CLOCK_BACK, None, about)


def _keep(context: WorkflowContext, keeper: Timekeeper, line: Timeline) -> None:
    """Keep the time once an hour, and at once where the clock is in doubt."""
    kept = keeper.kept
    late = kept is None or line.destroying - kept.destroying >= KEPT_EVERY
    if late or line.apart or kept and kept.doubtful_from != line.doubtful_from:

        def job(db: Connection) -> Timeline | None:
            db.hold(TIMELINE)
            # Not over what `accept` or another process has kept since we looked: the
            # next look takes that.
            if rows.load(db) != kept:
                return kept
            rows.keep(db, line)
            return rows.load(db)

        keeper.kept = context.store.write(job)


def _tell(before: Timeline, line: Timeline) -> None:
    if line.apart and not before.apart:
        log.warning("%s", line)
    elif before.apart and not line.apart:
        log.warning("the clock is believed again")
