"""The place of a request in its list, what follows it, and what was just decided."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request

from ...definition.conditions import holds
from ...store import queue as queue_rows
from ...store import submissions
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.submissions import Submission
from ...workflow import settling
from ...workflow.context import WorkflowContext
from ...workflow.transitions import TRANSITIONS
from ..core import WebContext
from .search import Search

CALL_AFTER = (EventVerb.ACCEPT, EventVerb.PROMOTE, EventVerb.DECLINE)
# So many requests of a list are counted when one of them is opened.
FEW = 999


def place(
    context: WorkflowContext, db: Connection, search: Search, submission: Submission
) -> dict[str, Any]:
    """Return where a request stands in its list, as far as that is quickly counted."""
    number = submission.number
    older = search.filter(context, before=number)
    newer = search.filter(context, after=number)
    before, after = (older, newer) if search.oldest_first else (newer, older)
    ahead = queue_rows.count(db, before, FEW + 1)
    behind = queue_rows.count(db, after, FEW + 1) if ahead <= FEW else FEW + 1
    counted = behind <= FEW and search.status in ("", submission.status)
    return {
        "previous": neighbour(context, db, search, submission, forward=False),
        "next": neighbour(context, db, search, submission),
        "rank": ahead + 1 if counted else 0,
        "total": ahead + behind + 1 if counted else 0,
    }


def neighbour(
    context: WorkflowContext,
    db: Connection,
    search: Search,
    submission: Submission,
    forward: bool = True,
) -> str:
    """Return the id of the request that follows in the list, or goes before."""
    upward = search.oldest_first is forward
    place = {"after" if upward else "before": submission.number}
    found = queue_rows.queue(db, search.filter(context, **place), 1)
    return found[0].id if found else ""


@dataclass(frozen=True, slots=True)
class JustDecided:
    """The request that the page before this one was about, and what was done."""

    submission: Submission
    done: str
    call: bool
    settles_at: datetime | None


def just_decided(web: WebContext) -> JustDecided | None:
    """Return what has just been decided, as an address tells it."""
    row = TRANSITIONS.get(request.args.get("esito", ""))  # type: ignore[call-overload]
    if row is None or row.button is None:
        return None
    with suppress(submissions.NotFound):
        decided = request.args.get("deciso", "")
        found, until = web.context.store.read(
            lambda db: _settling(web.context, db, decided)
        )
        call = row.verb in CALL_AFTER and asks_for_call(web.context, found)
        return JustDecided(found, row.button.done, call, until)
    return None


def _settling(
    context: WorkflowContext, db: Connection, submission_id: str
) -> tuple[Submission, datetime | None]:
    found = submissions.get(db, submission_id)
    return found, settling.settles_at(context, db, found)


def asks_for_call(context: WorkflowContext, submission: Submission) -> bool:
    """Say whether a person asked to be called; of a form of the past nobody did."""
    form = context.form_today(submission.form_id)
    if form is None or form.call_when is None:
        return False
    return holds(form.call_when, submission.answers)
