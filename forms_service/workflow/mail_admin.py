"""What whoever runs the service does with mails: try again, let held ones go."""

from collections.abc import Callable
from datetime import datetime

from ..store import events, outbox
from ..store.connection import Connection
from ..store.events import EventVerb
from .work import Work


def retry(work: Work, actor: str) -> int:
    """Queue every failed mail again; return how many."""
    return _again(work, actor, EventVerb.MAIL_RETRY, outbox.retry_failed)


def release(work: Work, actor: str) -> int:
    """Let go the mails that a restore has held; return how many."""
    return _again(work, actor, EventVerb.MAIL_RELEASE, outbox.release)


def _again(
    work: Work,
    actor: str,
    verb: EventVerb,
    change: Callable[[Connection, datetime], int],
) -> int:
    now = work.clock()

    def job(db: Connection) -> int:
        if number := change(db, now):
            events.record(db, now, actor, verb, None, {"mails": number})
        return number

    return work.store.write(job)
