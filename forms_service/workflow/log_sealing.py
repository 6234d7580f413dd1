"""Sealing the log while the service runs, and keeping how it ends outside of it."""

import logging
import time
from functools import partial

from ..store import log_check, sealing
from ..store.sealing import KeptHead, NotOurKey
from .context import PAUSE_SECONDS, WorkflowContext

log = logging.getLogger(__name__)


def seal_log(context: WorkflowContext) -> None:
    """Seal what was written until now, in steps, and keep the head in its file.

    A key that is new seals at once. Where the log does not go on from the head that
    was kept, that head stays until somebody has looked. Raise `NotOurKey`.
    """
    store, keys = context.store, context.folder.log_keys
    last, (number, _) = store.read(lambda db: (sealing.head(db), sealing.waiting(db)))
    other_key = last.key != keys.newest
    if not number and not (last.number and other_key):
        return
    kept = context.folder.head.read()
    fit = store.read(lambda db: all(sealing.fits(db, head) for head in kept))
    whole = None
    if other_key and (not last.key or last.key in keys):
        whole = store.read(partial(log_check.check, keys=keys)).whole
    step = partial(sealing.seal, keys=keys, now=context.clock(), whole=whole)
    while store.write(step) >= sealing.STEP:
        # Who sends, and a command beside the service, get their turn.
        time.sleep(PAUSE_SECONDS)
    if fit:
        context.folder.head.write(context.clock(), store.read(sealing.head))
    elif kept != context.folder.head.doubted:
        context.folder.head.doubted = kept
        log.error(
            "the log does not go on from %s: audit verify says more, and with "
            "audit restart it goes on from where it is",
            kept[0].day,
        )


def keep_sealed(context: WorkflowContext) -> None:
    """Seal the log while it is served; a key that is missing is told once."""
    try:
        seal_log(context)
    except NotOurKey as error:
        missing = str(error)
        if missing != context.folder.head.missing_key:
            log.error(
                "the log is sealed with the key %s, which is not given: add it to "
                "FORMS_LOG_KEYS; if it is lost: forms-service audit restart",
                missing,
            )
    else:
        missing = ""
    context.folder.head.missing_key = missing


def restart(context: WorkflowContext, actor: str) -> tuple[str, KeptHead | None]:
    """Go on where the key of the log is lost, or its head does not fit: see `sealing`.

    Whoever tampered with the log hopes for this: it says so itself from then on.
    """
    keys, head = context.folder.log_keys, context.folder.head
    begin = partial(
        sealing.restart, keys=keys, now=context.clock(), actor=actor, kept=head.read()
    )
    done = context.store.write(begin)
    if any(done):
        head.write(context.clock(), context.store.read(sealing.head))
    return done
