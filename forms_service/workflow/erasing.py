"""Keeping what was erased erased, whichever database is put in the place of ours."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from ..store import erasures, sealing
from ..store.connection import Connection
from ..store.sealing import Head
from .context import WorkflowContext, forget_erased, one_step

log = logging.getLogger(__name__)


def note(context: WorkflowContext, db: Connection, ids: Sequence[str]) -> None:
    """Write into the ledger what the transaction around this erases, at its end.

    If it is not committed after all, the next start erases what was to be erased, but
    not what somebody has gone on with. Raise `StorageUnavailable`: then nothing is
    erased.
    """
    last = erasures.last_events(db, ids)
    context.folder.ledger.intend(context.destroying().date(), last)


def erase_again(context: WorkflowContext) -> int:
    """Erase what the ledger knows and is there again; return how many rows.

    Each start does this before anything is served: the database may be a copy.
    """
    ids = context.folder.ledger.ids()
    left = context.store.read(partial(erasures.back_again, ids=ids))
    number = len(left)

    def step(some: Sequence[str], db: Connection) -> int:
        done = list(one_step(some))
        erasures.erase_again(db, done, context.clock())
        return len(done)

    while left:
        left = left[context.store.write(partial(step, left)) :]
    if number:
        log.warning("erased again what was erased before: %d requests", number)
        forget_erased(context)
    return number


def learn(context: WorkflowContext) -> None:
    """Take into the ledger what has been erased since, by whichever process."""
    ledger = context.folder.ledger
    since = str((context.destroying() - copies_kept(context)).date())
    look = partial(erasures.logged, after=ledger.seen.number, since=since)
    last, found = context.store.read(lambda db: (sealing.head(db), look(db)))
    ledger.seen = last
    ledger.learn(found)


def keep_erased(context: WorkflowContext) -> None:
    """Learn what others erase; where the log does not go on from its head, erase again.

    Then another server has taken over, which lacks what came last, however much has
    come since.
    """
    ledger = context.folder.ledger
    if ledger.seen.number and not context.store.read(
        lambda db: sealing.goes_on(db, ledger.seen)
    ):
        erase_again(context)
        ledger.seen = Head()
    learn(context)


def prune_ledger(context: WorkflowContext) -> None:
    """Forget in the ledger what no copy can bring back."""
    oldest = context.destroying() - copies_kept(context)
    context.folder.ledger.prune(oldest.date() - timedelta(days=1))


def copies_kept(context: WorkflowContext) -> timedelta:
    """Return how long copies are kept."""
    return timedelta(days=context.content.project.privacy.backups_days)
