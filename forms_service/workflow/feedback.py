"""The question at the end: how easy it was, asked of everybody, of nobody by name."""

import secrets

from ..definition.retention import OPINIONS
from ..store import feedback
from ..store.connection import Connection
from ..tokens import TokenInvalid
from .work import Work

LONGEST = 200
STARS = range(1, 6)
# From here on people are asked what was best, below it what was hardest.
EASY = 4
_PURPOSE = "feedback"


def new_mark(work: Work, form_id: str) -> str:
    """Make the mark that lets one answer be stored once; it names no request."""
    return work.tokens.make(_PURPOSE, [form_id, secrets.token_urlsafe(12)])


def rate(work: Work, form_id: str, mark: str, stars: int) -> None:
    """Store a number of stars; raise `TokenInvalid` for a mark of another form."""
    key = _key(work, form_id, mark)
    if stars not in STARS:
        raise ValueError(f"{stars} stars")
    work.store.write(lambda db: feedback.add(db, key, form_id, stars, work.today))


def explain(work: Work, form_id: str, mark: str, choice: str, text: str) -> None:
    """Add to the stars what was best or hardest; raise `TokenInvalid`."""
    key = _key(work, form_id, mark)
    work.store.write(lambda db: feedback.complete(db, key, choice, text))


def purge(work: Work) -> int:
    """Delete answers that are older than the notice promises; return how many."""
    today = work.today

    def job(db: Connection) -> int:
        over = [day for day in feedback.days(db) if OPINIONS.end(day) < today]
        return sum(feedback.drop(db, day) for day in over)

    return work.store.write(job)


def _key(work: Work, form_id: str, mark: str) -> str:
    of_form, key = work.tokens.read(_PURPOSE, mark)
    if of_form != form_id:
        raise TokenInvalid(_PURPOSE)
    return str(key)
