"""The place of a request in its list, what follows it, and what was just decided."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request

from ...definition.contact import show_phone
from ...store import calls, submissions
from ...store import queue as queue_rows
from ...store.connection import Connection
from ...store.submissions import Submission
from ...workflow import settling
from ...workflow.context import WorkflowContext
from ...workflow.transitions import TRANSITIONS
from ..core import WebContext
from .layout import staff_translator
from .search import Search

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
    phone: str
    settles_at: datetime | None


def just_decided(web: WebContext) -> JustDecided | None:
    """Return what has just been decided, as an address tells it."""
    row = TRANSITIONS.get(request.args.get("esito", ""))  # type: ignore[call-overload]
    if row is None or row.button is None:
        return None
    with suppress(submissions.NotFound):
        decided = request.args.get("deciso", "")
        found, until, waits = web.context.store.read(
            lambda db: _settling(web.context, db, decided)
        )
        due = found.phone if waits else ""
        phone = show_phone(due, staff_translator(web)) if due else ""
        return JustDecided(found, row.button.done, phone, until)
    return None


def just_done(web: WebContext) -> dict[str, Any]:
    """Return what has just been done with a request, for the list that comes next."""
    return {"before": just_decided(web), "called": _just_called(web)}


def _just_called(web: WebContext) -> Submission | None:
    """Return the request whose person has just been called, as an address tells it."""

    def job(db: Connection) -> Submission | None:
        found = submissions.find(db, request.args.get("chiamata", ""))
        known = calls.of_submission(db, found.id) if found else []
        return found if any(call.called_at for call in known) else None

    return web.context.store.read(job)


def _settling(
    context: WorkflowContext, db: Connection, submission_id: str
) -> tuple[Submission, datetime | None, bool]:
    """Return a request, until when its decision can be undone, and if a call waits."""
    found = submissions.get(db, submission_id)
    until = settling.settles_at(context, db, found)
    known = calls.of_submission(db, found.id)
    return found, until, any(call.called_at is None for call in known)
