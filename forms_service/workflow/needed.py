"""Which requests need something of staff: `store.needs`, with the lines of today."""

from ..definition import Promotion
from ..store import needs, waiting_list
from ..store.connection import Connection
from ..store.needs import Need, Situation
from . import capacity
from .context import WorkflowContext


def find(context: WorkflowContext, db: Connection) -> dict[int, list[Need]]:
    """Return the numbers of requests that need something, and what."""
    line = tuple(_next_in_line(context, db))
    return needs.find(db, Situation(context.clock(), context.today, line))


def _next_in_line(context: WorkflowContext, db: Connection) -> list[int]:
    """Return whom staff can give a place: the first of each line that fits."""
    found = []
    for form_id in context.content.forms:
        form = context.form_today(form_id)
        if form is None or form.capacity is None or capacity.over(context, form):
            continue
        first = waiting_list.first(db, form.id, form.capacity.limit)
        if first and form.capacity.promotion is Promotion.STAFF:
            then = capacity.occupancy_with(context, db, first)
            if then and not then.over:
                found.append(first.number)
    return found
