"""Which rows the hourly jobs look at: found by version, status and moment in SQL.

Each of them is looked at again by the rules themselves: a few too many do no harm.
"""

from collections.abc import Iterator

from ..definition import Anchor, FormDefinition
from ..store import definitions, removal
from ..store.connection import Connection
from ..store.submissions import Status, Submission
from .context import WorkflowContext


def perhaps_over(context: WorkflowContext, db: Connection) -> Iterator[Submission]:
    """Yield rows with an answer whose period is over, and some for which it is near."""
    now = context.destroying()
    for form in _versions(context, db):
        event = context.event_of(form)
        for field in form.fields:
            if (period := field.erase_after) is None:
                continue
            latest = period.latest_begin(now)
            if event and period.after is Anchor.EVENT:
                # It is over for all of them at once.
                if context.period_end(form, period, now, None) > now:
                    continue
                latest = now
            decided = period.after in (Anchor.DECISION, Anchor.RENEWAL)
            yield from removal.with_answer(db, form, field.id, latest, decided)
    yield from removal.scanned_again(db)


def perhaps_moved(context: WorkflowContext, db: Connection) -> Iterator[Submission]:
    """Yield rows that hang on an event and are to be erased on another day than it."""
    for form in _versions(context, db):
        event = context.event_of(form)
        for status in Status:
            if form.privacy.retention.of(status).after is Anchor.EVENT:
                now = context.clock()
                end = context.retention_end(form, status, now, None) if event else None
                yield from removal.kept_otherwise(db, form, status, end)


def _versions(context: WorkflowContext, db: Connection) -> list[FormDefinition]:
    """Return every version that any row may have answered."""
    return [
        context.version_of(db, kept.form_id, kept.fingerprint)
        for kept in definitions.kept(db)
    ]
