"""Sessions of staff, which end by themselves; who opens one is in `signing_in`.

Only the digest of a session's secret is stored; the cookie is the business of `web`.
"""

import hashlib
from contextlib import suppress
from datetime import timedelta

from ..staff_session import STAFF_IDLE, STAFF_LONGEST
from ..store import events, open_sessions, staff
from ..store.connection import Connection, StorageUnavailable
from ..store.events import EventVerb
from ..store.open_sessions import OpenSession
from ..store.staff import Session
from .context import WorkflowContext
from .deciding import staff_actor

# A row per page would be a disk sync per page; a session may end this much early.
SEEN_EVERY = timedelta(minutes=1)


def session_of(context: WorkflowContext, secret: str) -> Session | None:
    """Return the open session with a secret, and remember that it is in use.

    None after 30 minutes without a page, after 8 hours, or for who was disabled.
    """
    now = context.clock()
    found = context.store.read(lambda db: staff.session(db, digest(secret)))
    if found is None or found.staff.disabled_at:
        return None
    if now - found.seen_at >= STAFF_IDLE or now - found.created_at >= STAFF_LONGEST:
        return None
    if now - found.seen_at >= SEEN_EVERY:
        with suppress(StorageUnavailable):  # Staff still read why.
            context.store.write(lambda db: staff.touch_session(db, digest(secret), now))
    return found


def sign_out(context: WorkflowContext, secret: str) -> None:
    """End a session; nothing happens when it is over already."""
    now = context.clock()

    def job(db: Connection) -> None:
        found = staff.session(db, digest(secret))
        if found is not None:
            staff.close_session(db, digest(secret))
            events.record(db, now, staff_actor(found.staff.id), EventVerb.SIGN_OUT)

    context.store.write(job)


def open_sessions_of(context: WorkflowContext, staff_id: int) -> list[OpenSession]:
    """Return the sessions of a member that are not over, the last used one first."""
    idle, begun = context.clock() - STAFF_IDLE, context.clock() - STAFF_LONGEST
    return context.store.read(
        lambda db: open_sessions.of_staff(db, staff_id, idle, begun)
    )


def close_one(context: WorkflowContext, staff_id: int, which: str) -> None:
    """End one session of a member, by its digest; nothing when it is over."""
    now = context.clock()

    def job(db: Connection) -> None:
        if open_sessions.end(db, staff_id, which):
            actor, about = staff_actor(staff_id), {"staff": staff_id}
            events.record(db, now, actor, EventVerb.CLOSE_SESSIONS, None, about)

    context.store.write(job)


def close_all_sessions(context: WorkflowContext, staff_id: int, actor: str) -> None:
    """End every session of a member, wherever it was opened."""
    now = context.clock()

    def job(db: Connection) -> None:
        staff.close_sessions_of(db, staff_id)
        about = {"staff": staff_id}
        events.record(db, now, actor, EventVerb.CLOSE_SESSIONS, None, about)

    context.store.write(job)


def digest(secret: str) -> str:
    """Return what is stored of a session's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
