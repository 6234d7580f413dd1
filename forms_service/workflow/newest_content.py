"""Which of several processes has the newest content, while it is being changed.

Machines get new forms and events one after the other. What came last to the database
is the newest; it is told and published, and older content that is still served beside
it neither tells nor publishes nor refuses anything. Going back to an older one is a
change too: it is the newest again when no newer was served for ten minutes.
"""

import json
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from ..store import contents
from ..store.connection import Connection
from ..store.contents import Served
from .appointments import facts_of
from .context import WorkflowContext

# Noted each minute by each process.
NOTED_EVERY = timedelta(minutes=1)
OLDER_FOR = timedelta(minutes=10)


def digest_of(context: WorkflowContext) -> str:
    """Return what is the same wherever the same forms and events are read."""
    forms = [
        (form.id, lang, form.version, form.fingerprint, form.text_hash)
        for by_lang in context.content.forms.values()
        for lang, form in by_lang.items()
    ]
    events = [facts_of(context.event(event_id)) for event_id in context.events]
    return sha256(json.dumps([sorted(forms), sorted(events)]).encode()).hexdigest()


def is_newest(context: WorkflowContext, changed: bool = False) -> bool:
    """Say whether nobody serves newer content, and note that this one is served.

    What was `changed` under a process that serves it is the newest.
    """
    if not context.store.shared:
        return True
    digest, now = digest_of(context), context.clock()
    known = context.store.read(partial(contents.find, digest=digest))
    beside = _beside_newer(known, now)
    noted = known and known.at and now - known.at < NOTED_EVERY
    if known and noted and not changed and (known.newest or beside):
        return not beside

    def job(db: Connection) -> bool:
        db.hold("contents")
        still = contents.find(db, digest)
        older = _beside_newer(still, now) and not changed
        if still is None or not (still.newest or older):
            contents.come_last(db, digest)
        contents.see(db, digest, now)
        return not older

    return context.store.write(job)


def is_beside_newer(context: WorkflowContext) -> bool:
    """Say whether this content was served before, and a newer one is served now."""
    if not context.store.shared:
        return False
    find = partial(contents.find, digest=digest_of(context))
    return _beside_newer(context.store.read(find), context.clock())


def _beside_newer(known: Served | None, now: datetime) -> bool:
    newer = known and known.newer_at
    return newer is not None and now - newer < OLDER_FOR
