"""The question at the end: how easy it was, asked of everybody, of nobody by name."""

import secrets

from ..definition.retention import OPINIONS
from ..store import feedback
from ..store.connection import Connection
from ..tokens import TokenInvalid
from .context import WorkflowContext

LONGEST = 200
STARS = range(1, 6)
# From here on people are asked what was best, below it what was hardest.
EASY = 4
_PURPOSE = "feedback"


def new_mark(context: WorkflowContext, form_id: str) -> str:
    """Make the mark that lets one answer be stored once; it names no request."""
    return context.tokens.make(_PURPOSE, [form_id, secrets.token_urlsafe(12)])


def rate(context: WorkflowContext, form_id: str, mark: str, stars: int) -> None:
    """Store a number of stars; raise `TokenInvalid` for a mark of another form."""
    key = _key(context, form_id, mark)
    if stars not in STARS:
        raise ValueError(f"{stars} stars")
    context.store.write(lambda db: feedback.add(db, key, form_id, stars, context.today))


def explain(
    context: WorkflowContext, form_id: str, mark: str, choice: str, text: str
) -> None:
    """Add to the stars what was best or hardest; raise `TokenInvalid`."""
    key = _key(context, form_id, mark)
    context.store.write(lambda db: feedback.complete(db, key, choice, text))


def purge(context: WorkflowContext) -> int:
    """Delete answers that are older than the notice promises; return how many."""
    today = context.destroying().astimezone(context.zone).date()

    def job(db: Connection) -> int:
        over = [day for day in feedback.days(db) if OPINIONS.end(day) < today]
        return sum(feedback.drop(db, day) for day in over)

    return context.store.write(job)


def _key(context: WorkflowContext, form_id: str, mark: str) -> str:
    of_form, key = context.tokens.read(_PURPOSE, mark)
    if of_form != form_id:
        raise TokenInvalid(_PURPOSE)
    return str(key)
