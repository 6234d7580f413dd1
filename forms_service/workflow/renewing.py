"""Members of a register: asked after some time whether they stay, and their answer.

How often they were asked stands in the row and changes in the transaction that queues
the mail: each question is asked once, whatever is killed or started again.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from ..definition import FormDefinition
from ..definition.options import Register
from ..mail import kinds
from ..store import events, register, submissions
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Status, Submission
from . import mail_queue, publishing, settling
from .capacity import MACHINE
from .context import PAUSE_SECONDS, ROWS, WorkflowContext, one_step
from .transitions import check

_NOT_ASKED = {"asks": 0, "asked_at": None}
NEVER_ASKED: Mapping[str, Any] = {"renewed_at": None, "promise": "", **_NOT_ASKED}
# By mail; then somebody calls. Who has no proven address is called at once.
MAILS = (kinds.renewal, kinds.renewal_reminder)


class RuleChanged(Exception):
    """The rule that a member read is no longer the one of today."""


def renew(
    context: WorkflowContext, submission_id: str, actor: str, accepted: str
) -> Submission:
    """Let a member stay, kept from now on by the version that they accepted.

    `accepted` is the fingerprint of the version whose rule was read. Raise
    `RuleChanged` when it is not the one of today, or `NotAllowed`.
    """
    now = context.clock()

    def job(db: Connection) -> Submission:
        found = submissions.get(db, submission_id)
        submission = settling.visible(context, db, found)
        form = context.form_today(submission.form_id)
        check(EventVerb.RENEW, submission, bool(form and form.register))
        if form is None or form.fingerprint != accepted:
            raise RuleChanged(submission.id)
        publishing.keep_answered(context, db, form, submission.email)
        changes = stays(context, form, submission, now)
        changed = submissions.change(db, found, **changes)
        events.record(db, now, actor, EventVerb.RENEW, submission.id)
        return changed

    return context.store.write(job)


def stays(
    context: WorkflowContext,
    form: FormDefinition,
    submission: Submission,
    now: datetime,
) -> dict[str, Any]:
    """Return what changes when a member stays, by this version of the form."""
    sent, decided = submission.created_at, submission.decided_at
    return {
        "renewed_at": now,
        "promise": form.fingerprint,
        "purge_after": context.retention_end(form, Status.ACCEPTED, sent, decided, now),
        **_NOT_ASKED,
    }


def ask(context: WorkflowContext) -> int:
    """Ask whoever is due whether they stay; return how many were asked or are to call.

    In steps with a pause.
    """
    total = 0
    for form in context.forms:
        if (about := form.register) is None:
            continue
        for asks in range(len(about.asks_after)):
            due = partial(_due, context, form.id, about, asks)
            while found := context.store.read(due):
                total += context.store.write(partial(_ask, context, about, found))
                time.sleep(PAUSE_SECONDS)
    return total


def _due(
    context: WorkflowContext, form_id: str, about: Register, asks: int, db: Connection
) -> Sequence[Submission]:
    """Return members who were asked so often and are to be asked once more."""
    latest = about.asks_after[asks].latest_begin(context.destroying())
    found = register.to_ask(db, form_id, asks, latest, ROWS)
    return [member for member in found if is_due(context, about, member)]


def is_due(context: WorkflowContext, about: Register, member: Submission) -> bool:
    """Say whether a member is to be asked now, for the first or the second time."""
    since = member.asked_at or member.renewed_at or member.decided_at
    left = about.asks_after[member.asks :]
    if member.status is not Status.ACCEPTED or not since or not left:
        return False
    day = left[0].end(since.astimezone(context.zone).date())
    return day <= context.destroying().astimezone(context.zone).date()


def _ask(
    context: WorkflowContext,
    about: Register,
    found: Sequence[Submission],
    db: Connection,
) -> int:
    asked, now = 0, context.clock()
    for earlier in one_step(found):
        # They may have answered since they were found.
        member = submissions.find(db, earlier.id)
        if member is None or not is_due(context, about, member):
            continue
        mailed = mail_queue.queue(context, db, member, MAILS[member.asks])
        asks = member.asks + 1 if mailed else len(MAILS)
        submissions.change(db, member, asks=asks, asked_at=now)
        events.record(
            db, now, MACHINE, EventVerb.ASK_RENEWAL, member.id, {"asks": asks}
        )
        asked += 1
    return asked
