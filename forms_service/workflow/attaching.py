"""Scans and photos of paper: kept for a desk form, bound to a request, read, removed.

A scan waits as a row of nobody until the form beside it is stored: then one
transaction binds it. What is not bound within the hour is deleted.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from ..intake.scan import Scan
from ..store import attachments, events, submissions
from ..store.attachments import Attachment
from ..store.connection import Connection
from ..store.events import EventVerb
from .context import WorkflowContext
from .transitions import as_read

MOST = 5
LIFE = timedelta(hours=1)


class TooManyScans(Exception):
    """A request keeps no more than so many files."""


class ScanGone(Exception):
    """The scan is not there: deleted, never was, or uploaded by somebody else."""


def keep(context: WorkflowContext, scans: Sequence[Scan], staff_id: int) -> list[str]:
    """Keep scans for the form that is being typed; return their ids."""
    now = context.clock()

    def job(db: Connection) -> list[str]:
        return [_add(db, scan, None, staff_id, now) for scan in scans]

    return context.store.write(job)


def attach(
    context: WorkflowContext,
    submission_id: str,
    scans: Sequence[Scan],
    staff_id: int,
    actor: str,
) -> None:
    """Add scans to a request, all or none; raise `NotFound` or `TooManyScans`."""
    now = context.clock()

    def job(db: Connection) -> None:
        submission = submissions.get(db, submission_id)
        ids = [_add(db, scan, submission.id, staff_id, now) for scan in scans]
        _record(context, db, submission.id, ids, actor)

    context.store.write(job)


def bind(
    context: WorkflowContext,
    db: Connection,
    ids: Sequence[str],
    submission_id: str,
    staff_id: int,
    actor: str,
) -> None:
    """Give waiting scans to a request inside the transaction that stores it.

    Raise `ScanGone` when one of them is no longer there, or `TooManyScans`.
    """
    if attachments.bind(db, ids, staff_id, submission_id) != len(ids):
        raise ScanGone(submission_id)
    if ids:
        _record(context, db, submission_id, ids, actor)


def _add(
    db: Connection, scan: Scan, submission: str | None, staff_id: int, now: datetime
) -> str:
    key = secrets.token_urlsafe(18)
    attachment = Attachment(
        key, submission, staff_id, scan.kind, scan.pages, len(scan.data), now
    )
    attachments.add(db, attachment, scan.data)
    return key


def _record(
    context: WorkflowContext,
    db: Connection,
    submission_id: str,
    ids: Sequence[str],
    actor: str,
) -> None:
    if len(attachments.of_submission(db, submission_id)) > MOST:
        raise TooManyScans(submission_id)
    about = {"attachments": list(ids)}
    events.record(db, context.clock(), actor, EventVerb.ATTACH, submission_id, about)


def waiting(
    context: WorkflowContext, ids: Sequence[str], staff_id: int
) -> list[Attachment]:
    """Return which of these still wait for the form of this member of staff."""
    return context.store.read(lambda db: attachments.waiting(db, ids, staff_id))


def read_waiting(context: WorkflowContext, attachment_id: str, staff_id: int) -> bytes:
    """Return the bytes of a scan that waits; raise `ScanGone`."""

    def job(db: Connection) -> bytes:
        if not attachments.waiting(db, [attachment_id], staff_id):
            raise ScanGone(attachment_id)
        return attachments.content(db, attachment_id)

    return context.store.read(job)


def read(
    context: WorkflowContext, submission_id: str, attachment_id: str, actor: str
) -> tuple[Attachment, bytes]:
    """Return an attachment to somebody who opens it, and log that it was read.

    Raise `ScanGone` when the request has no such attachment.
    """

    def job(db: Connection) -> tuple[Attachment, bytes]:
        attachment = _of(db, submission_id, attachment_id)
        about = {"attachments": [attachment.id]}
        events.record(
            db, context.clock(), actor, EventVerb.READ_ATTACHMENT, submission_id, about
        )
        return attachment, attachments.content(db, attachment.id)

    return context.store.write(job)


def remove(
    context: WorkflowContext,
    submission_id: str,
    attachment_id: str,
    actor: str,
    revision: int | None = None,
) -> None:
    """Delete an attachment that does not belong to its request.

    Raise `RevisionConflict` or `ScanGone`.
    """

    def job(db: Connection) -> None:
        as_read(db, submission_id, revision)
        attachment = _of(db, submission_id, attachment_id)
        attachments.remove(db, attachment.id)
        about = {"attachments": [attachment.id]}
        events.record(
            db, context.clock(), actor, EventVerb.DETACH, submission_id, about
        )

    context.store.write(job)
    context.store.checkpoint()


def _of(db: Connection, submission_id: str, attachment_id: str) -> Attachment:
    for attachment in attachments.of_submission(db, submission_id):
        if attachment.id == attachment_id:
            return attachment
    raise ScanGone(attachment_id)


def drop_waiting(context: WorkflowContext) -> int:
    """Delete scans that nobody bound to a request within the hour; return how many."""
    late = context.destroying() - LIFE
    return context.store.write(lambda db: attachments.drop_waiting(db, late))
