"""Boxes in a list, and what can be done with the requests that are chosen in it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from flask import request

from ...definition.contact import show_phone
from ...i18n import N_, Translator
from ...store import queue as queue_rows
from ...store.bulk import BulkOutcome
from ...store.events import EventVerb
from ...store.submissions import Status, Submission
from ...workflow import bulk
from ...workflow.bulk import MOST, BulkChoice, chosen
from ..core import WebContext
from ..core.fixed_forms import read_revision
from .search import CALLS, Search

ACTS = {
    EventVerb.ACCEPT: N_("Accept"),
    EventVerb.DECLINE: N_("Decline"),
    EventVerb.ASSIGN: N_("Pass on"),
    EventVerb.MESSAGE: N_("Write a message"),
    EventVerb.EXPORT: N_("Export"),
    EventVerb.READ: N_("Print"),
}
# What is done with people of a register.
OF_MEMBERS = (EventVerb.MESSAGE, EventVerb.ASSIGN, EventVerb.EXPORT, EventVerb.READ)
# Why nothing was done with a request.
WHY = {
    BulkOutcome.CHANGED: N_("It has changed in the meantime"),
    BulkOutcome.UNFIT: N_("Its state does not allow it"),
    BulkOutcome.WAITING: N_("It is on the waiting list and has no place yet"),
    BulkOutcome.TAKEN: N_("Somebody else sees to it now"),
    BulkOutcome.UNABLE: N_("Whoever you chose cannot see to it"),
    BulkOutcome.OTHER: N_("It is about another form"),
    BulkOutcome.UNREASONED: N_(
        "It is decided alone, or choose one form only: to decline it needs a reason"
    ),
    BulkOutcome.KEPT: N_("It could no longer be taken back"),
}
# What comes first is what the menu stands on.
ACTS_OF: Mapping[str, Sequence[EventVerb]] = {
    Status.CORRECTION_ASKED: (*OF_MEMBERS, EventVerb.DECLINE),
    Status.ACCEPTED: OF_MEMBERS,
    Status.DECLINED: OF_MEMBERS,
    Status.WITHDRAWN: OF_MEMBERS,
    # Decided as well; a message reaches few of them.
    CALLS: (EventVerb.READ, EventVerb.ASSIGN, EventVerb.EXPORT, EventVerb.MESSAGE),
    # Nobody has proven an address to write to.
    Status.UNVERIFIED: (EventVerb.EXPORT, EventVerb.ASSIGN, EventVerb.READ),
}
ACT_ID = re.compile("[0-9a-f]{16}")


def choosing(
    shown: int,
    count: Callable[[int], int] | None,
    acts: Iterable[EventVerb] | None = None,
) -> dict[str, Any]:
    """Return what `staff/choosing.html` needs for a page of a list.

    `count` says how many the whole list has, up to a number, if it has more pages;
    `acts` are those that are offered, if not all.
    """
    return {
        "box_value": bulk.token,
        "acts": ACTS if acts is None else {verb: ACTS[verb] for verb in acts},
        "most": bulk.MOST,
        "whole": count(bulk.MOST + 1) if count else shown,
    }


def choice_of(web: WebContext) -> list[BulkChoice]:
    """Return what was chosen, each once: boxes, or all that the filter finds."""
    if request.form.get("tutte"):
        wanted = Search.read(web.context, request.args).filter(web.context)
        find = partial(queue_rows.queue, wanted=wanted, most=MOST)
        return [chosen(submission) for submission in web.context.store.read(find)]
    tokens = " ".join(request.form.getlist("bulk-scelta")).split()
    found = [_read(token) for token in dict.fromkeys(tokens)]
    return list({one.id: one for one in found}.values())[:MOST]


def _read(token: str) -> BulkChoice:
    submission_id, _, rest = token.partition(":")
    revision, _, assignee = rest.partition(":")
    return BulkChoice(
        submission_id, read_revision(revision), read_revision(assignee) or None
    )


def with_phones(
    people: Iterable[Submission], translator: Translator
) -> list[tuple[Submission, str]]:
    """Return those whom no email reaches, each with the phone as it is read."""
    return [
        (one, show_phone(one.phone, translator) if one.phone else "") for one in people
    ]
