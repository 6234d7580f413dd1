"""The hourly mail to staff: at most one an hour, and only with something new."""

import secrets
from datetime import timedelta

from ..store import outbox, staff
from ..store import queue as queue_rows
from ..store.connection import Connection
from ..store.submissions import Status
from .mail_queue import Kind, wants_digest
from .work import Work


def queue_digests(work: Work) -> int:
    """Queue the hourly mail of staff who want it and have something new to read."""
    now = work.clock()

    def job(db: Connection) -> int:
        queued = 0
        fresh = queue_rows.newest(db, Status.NEW)
        for member in staff.everyone(db):
            last = member.digest_at
            if fresh is None or not wants_digest(member):
                continue
            # Times have whole seconds: what came in the second of the last mail may
            # have come after it, and is told.
            if last and (now - last < timedelta(hours=1) or fresh < last):
                continue
            if outbox.digest_waits(db, member.id):
                continue
            key = secrets.token_hex(16)
            outbox.put(db, key, Kind.DIGEST, member.email, now, now, staff=member.id)
            staff.digest_sent(db, member.id, now)
            queued += 1
        return queued

    return work.store.write(job)
