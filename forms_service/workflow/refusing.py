"""Refusals as entries of the log: who asked for what their account does not reach."""

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from ..store import events
from ..store.events import EventVerb
from .context import WorkflowContext
from .deciding import staff_actor

# Nobody can shorten the log: whoever asks again and again is told of once a minute.
OFTEN = RateLimitItemPerMinute(1, 1, "refused")


def note_refusal(
    context: WorkflowContext,
    failures: MovingWindowRateLimiter,
    staff_id: int,
    page: str,
) -> None:
    """Note in the log that a member was refused a page, known by its name."""
    if failures.hit(OFTEN, str(staff_id), page):
        now, actor, about = context.clock(), staff_actor(staff_id), {"page": page}
        context.store.write(
            lambda db: events.record(db, now, actor, EventVerb.REFUSED, None, about)
        )
