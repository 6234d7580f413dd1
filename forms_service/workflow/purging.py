"""Keep the promises of erasure: of requests, of single answers, of what was mailed."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from ..definition import Anchor, Field, FormDefinition, Period, Role
from ..mail import kinds
from ..store import (
    attachments,
    events,
    outbox,
    removal,
    replies,
    submissions,
)
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Submission
from . import attaching, erasing, feedback, meetings, messaging
from .capacity import MACHINE
from .context import PAUSE_SECONDS, ROWS, WorkflowContext, forget_erased, one_step
from .deciding import remove
from .incoming_mail import REPLIES_KEPT
from .new_rows import derived
from .perhaps_due import perhaps_moved, perhaps_over

MAILS_KEPT = timedelta(days=30)


def due(context: WorkflowContext) -> list[Submission]:
    """Return every submission whose promised day of erasure has come."""
    refresh_retention(context)
    everything = 10**9
    return context.store.read(
        lambda db: removal.due_for_purge(db, context.destroying(), everything)
    )


def _ignore(number: int) -> None:
    """Show no progress."""


def purge(
    context: WorkflowContext, gone: Callable[[int], None] = _ignore
) -> list[Submission]:
    """Erase every submission whose promised day has come; return them.

    In steps with a pause, so that nobody sending waits long; `gone` is called after
    each with the number of rows.
    """
    refresh_retention(context)
    done: list[Submission] = []
    while batch := context.store.write(partial(_purge_batch, context)):
        done += batch
        gone(len(batch))
        time.sleep(PAUSE_SECONDS)
    erase_fields(context)
    attaching.drop_waiting(context)
    messaging.drop_old(context)
    feedback.purge(context)
    meetings.purge(context)
    long_ago = context.destroying() - MAILS_KEPT
    context.store.write(partial(outbox.drop_old, sent_before=long_ago))
    answered = context.destroying() - REPLIES_KEPT
    context.store.write(partial(replies.drop_old, before=answered))
    context.store.write(partial(outbox.drop_for_many, kind=kinds.verify_many.name))
    forget_erased(context)
    context.store.renew_search()
    return done


def _purge_batch(context: WorkflowContext, db: Connection) -> Sequence[Submission]:
    gone = []
    now = context.destroying()
    for due in one_step(removal.due_for_purge(db, now, ROWS)):
        # Its owner may have done something with it meanwhile.
        submission = submissions.find(db, due.id)
        if submission and submission.purge_after <= now:
            remove(context, db, submission, MACHINE, EventVerb.PURGE)
            gone.append(submission)
    erasing.note(context, db, [submission.id for submission in gone])
    return gone


def erase_fields(context: WorkflowContext) -> int:
    """Erase single answers whose own period is over, and the scans that show them.

    Return how many rows changed.
    """

    def needed(
        context: WorkflowContext, db: Connection, submission: Submission
    ) -> bool:
        return bool(_over(context, db, submission)) or _shown_again(db, submission)

    return _change_rows(context, perhaps_over, needed, _erase_fields)


def _over(
    context: WorkflowContext, db: Connection, submission: Submission
) -> list[Field]:
    """Return the answered fields of a row, now or in a revision, whose time is up."""
    form = context.form_of(db, submission)
    return [
        field
        for field in form.fields
        if field.erase_after
        and _is_over(context, form, field.erase_after, submission)
        and removal.answered(db, submission.id, field.id)
    ]


def _shown_again(db: Connection, submission: Submission) -> bool:
    """Say whether a scan was added after answers that it may show were erased."""
    if not attachments.of_submission(db, submission.id):
        return False
    # The scans of that time went with the answers: these are later ones.
    return any(
        e.verb == EventVerb.ERASE_FIELDS
        for e in events.of_submission(db, submission.id)
    )


def _is_over(
    context: WorkflowContext,
    form: FormDefinition,
    period: Period,
    submission: Submission,
) -> bool:
    if (
        period.after in (Anchor.DECISION, Anchor.RENEWAL)
        and submission.decided_at is None
    ):
        return False
    sent, decided = submission.created_at, submission.decided_at
    end = context.period_end(form, period, sent, decided, submission.renewed_at)
    return end <= context.destroying()


def _erase_fields(
    context: WorkflowContext, db: Connection, submission: Submission
) -> None:
    over = _over(context, db, submission)
    removal.erase_answers(db, submission.id, [field.id for field in over])
    # The picture of a sheet shows these answers too, and cannot be erased in part.
    scans = [scan.id for scan in attachments.of_submission(db, submission.id)]
    for scan_id in scans:
        attachments.remove(db, scan_id)
    left = submissions.get(db, submission.id)
    columns = derived(context.form_of(db, left), left.answers, left.reference)
    submissions.change(db, submission, **columns)
    if any(field.role is Role.EMAIL for field in over):
        outbox.forget_address(db, submission.id)
    about = {"fields": sorted(field.id for field in over)}
    if scans:
        about["attachments"] = scans
    events.record(
        db, context.clock(), MACHINE, EventVerb.ERASE_FIELDS, submission.id, about
    )


def refresh_retention(context: WorkflowContext) -> int:
    """Compute the day of erasure again where it hangs on an event; return changes.

    An event may be moved after people have sent their forms.
    """
    return _change_rows(context, perhaps_moved, _moved, _refresh)


def _moved(
    context: WorkflowContext, db: Connection, submission: Submission
) -> datetime | None:
    """Return the new day of erasure of a row, None if it stays.

    A date that lies so far back that everything would be erased at once is mistyped,
    or comes too late to break the promise with.
    """
    form = context.promise_of(db, submission)
    if form.privacy.retention.of(submission.status).after is not Anchor.EVENT:
        return None
    end = context.retention_end(
        form, submission.status, submission.created_at, submission.decided_at
    )
    stays = (
        end == submission.purge_after
        or end <= context.destroying() < submission.purge_after
    )
    return None if stays else end


def _refresh(context: WorkflowContext, db: Connection, submission: Submission) -> None:
    submissions.change(db, submission, purge_after=_moved(context, db, submission))


def _change_rows(
    context: WorkflowContext,
    perhaps: Callable[[WorkflowContext, Connection], Iterator[Submission]],
    needed: Callable[[WorkflowContext, Connection, Submission], object],
    change: Callable[[WorkflowContext, Connection, Submission], None],
) -> int:
    """Change the rows that need it; return how many.

    They are found by a reader among those that `perhaps` need it, and looked at again
    inside the transaction, because their owners go on working meanwhile; in steps with
    a pause.
    """

    def find(db: Connection) -> list[str]:
        rows = list(perhaps(context, db))
        return list(dict.fromkeys(r.id for r in rows if needed(context, db, r)))

    def step(ids: Sequence[str], db: Connection) -> tuple[int, int]:
        """Return how many were looked at, and how many of them changed."""
        looked, changed = 0, 0
        for submission_id in one_step(ids):
            looked += 1
            submission = submissions.find(db, submission_id)
            if submission and needed(context, db, submission):
                change(context, db, submission)
                changed += 1
        return looked, changed

    left, total = context.store.read(find), 0
    while left:
        looked, changed = context.store.write(partial(step, left))
        left, total = left[looked:], total + changed
        time.sleep(PAUSE_SECONDS)
    return total
