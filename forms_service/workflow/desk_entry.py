"""Desk entry: what came in on paper, by phone or at the counter becomes a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ..clock import end_of_day
from ..definition import FormDefinition
from ..mail import kinds
from ..store import events
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Proof, Source, Status, Submission
from . import attaching, capacity, mail_queue
from .context import WorkflowContext
from .deciding import staff_id_of
from .new_rows import draft_row, due_on, new_row
from .sending import IdempotencyKey, store_once


@dataclass(frozen=True, slots=True)
class DeskEntry:
    """A request that staff type in: where it came from and how it was proven."""

    source: Source
    received_on: date
    proof: Proof
    on_behalf_of: bool = False


def enter(
    context: WorkflowContext,
    form: FormDefinition,
    answers: Mapping[str, Any],
    entry: DeskEntry,
    actor: str,
    key: IdempotencyKey | None = None,
    scans: Sequence[str] = (),
) -> Submission:
    """Store a paper, phone or counter request; it begins as new.

    `received_on` decides until when an answer is promised, and whether the deadline was
    met: raise `FormClosed` otherwise. The place is given now, in order of entry. With
    the key of a summary page the same entry sent twice is stored once. `scans` are
    bound to it in the same unit: raise `ScanGone` when one is no longer there,
    `TooManyScans`.
    """
    now = context.clock()

    def row(db: Connection) -> dict[str, Any]:
        _check_received(context, form, entry.received_on, now)
        draft = draft_row(context, form, answers, Status.NEW, now)
        columns = new_row(context, db, form, draft)
        columns |= {"form_key": key.nonce if key else None}
        return columns | _entry_columns(form, entry)

    def job(db: Connection) -> Submission:
        submission, is_new = store_once(db, key, row)
        if not is_new:
            return submission
        about = {"form": form.id, "source": entry.source.value}
        events.record(db, now, actor, EventVerb.ENTER, submission.id, about)
        attaching.bind(
            context, db, scans, submission.id, staff_id_of(actor) or 0, actor
        )
        mail_queue.queue(context, db, submission, kinds.address_check)
        return submission

    return context.store.write(job)


def _entry_columns(form: FormDefinition, entry: DeskEntry) -> dict[str, Any]:
    """Return what staff know about a request beside its answers, as columns."""
    return {
        "source": entry.source,
        "proof": entry.proof,
        "received_on": entry.received_on.isoformat(),
        "due_on": due_on(form, entry.received_on),
        "on_behalf_of": entry.on_behalf_of,
    }


def _check_received(
    context: WorkflowContext, form: FormDefinition, received: date, now: datetime
) -> None:
    """Judge by the last moment of the day of receipt, never after now."""
    moment = min(now, end_of_day(received, context.zone) - timedelta(seconds=1))
    availability = capacity.availability_by_date(context, form, moment)
    if availability is not capacity.Availability.OPEN:
        raise capacity.closed(context, form, availability)
