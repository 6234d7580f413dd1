"""The one writer: a thread that commits all jobs that wait together.

A commit waits for the disk, and a hundred people wait no longer for one commit than
one does. So each job gets a savepoint of its own in one transaction, and nobody is
answered before its COMMIT.

A job does nothing outside its transaction. It is run once: when the transaction as a
whole fails, everybody in it hears that nothing was stored.
"""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain, islice
from queue import Empty, SimpleQueue
from typing import Any, Self, cast

from .connection import Connection, Engine, Job, Result, StorageUnavailable

# Jobs in one transaction at most.
MOST = 256
# Whoever has waited so long without a turn is told to come again.
PATIENCE_SECONDS = 2.0

log = logging.getLogger(__name__)


class WriteInsideJob(RuntimeError):
    """A job asked the store to write: it would wait for itself for ever."""


class TransactionLost(Exception):
    """A job ended the transaction that it shared, or the database did meanwhile."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job and whoever waits for it; `alone` runs it outside the transaction."""

    job: Job[Any]
    alone: bool
    answer: Future[Any] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job returned, or what it raised."""

    result: Any = None
    error: BaseException | None = None

    @classmethod
    def of(cls, job: Job[Any], db: Connection) -> Self:
        """Run a job."""
        try:
            return cls(job(db))
        except BaseException as error:
            return cls(error=error)

    def deliver(self, answer: Future[Any]) -> None:
        """Let the caller go on."""
        if self.error is None:
            answer.set_result(self.result)
        else:
            answer.set_exception(self.error)


class Writer:
    """The thread that owns the writing connection, from now until `close`."""

    def __init__(self, engine: Engine, patience: float = PATIENCE_SECONDS) -> None:
        self._engine, self._patience = engine, patience
        self._db = engine.writing(patience)
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def run(self, job: Job[Result], alone: bool = False) -> Result:
        """Have a job done and return after its COMMIT; raise what it raises.

        Raise `StorageUnavailable` when the disk refuses, when the job was not begun in
        time or nobody writes any more; `WriteInsideJob` from within another job.
        """
        if threading.current_thread() is self._thread:
            raise WriteInsideJob
        if not self._thread.is_alive():
            raise StorageUnavailable("the writer has ended")
        waiting = Waiting(job, alone)
        self._queue.put(waiting)
        with self._engine.passing_faults():
            return cast(Result, self._result_of(waiting.answer))

    def _result_of(self, answer: Future[Any]) -> Any:
        try:
            return answer.result(self._patience)
        except TimeoutError:
            if answer.cancel():
                raise StorageUnavailable("BUSY: others are writing") from None
        # It was begun and takes what it takes; or it raised this error itself.
        return answer.result()

    def close(self) -> None:
        """Do what waits already, then end the thread and close its connection."""
        self._queue.put(None)
        self._thread.join()
        self._db.close()

    def _work(self) -> None:
        while self._commit_next():
            pass

    def _commit_next(self) -> bool:
        """Wait for a job and commit it with all that wait by then; False at the end."""
        first = self._queue.get()
        if first is None:
            return False
        inside: list[Waiting] = []
        after: list[Waiting] = []
        try:
            # It waits as long as the first: who has not left by then hears of BUSY.
            self._db = self._engine.begin(self._db)
            for waiting in self._started(first):
                (after if waiting.alone else inside).append(waiting)
            outcomes = [self._try(waiting.job) for waiting in inside]
            self._db.commit()
        except BaseException as error:
            self._give_up([*inside, *after] or [first], error)
            return True
        for waiting, outcome in zip(inside, outcomes, strict=True):
            outcome.deliver(waiting.answer)
        for waiting in after:
            Outcome.of(waiting.job, self._db).deliver(waiting.answer)
        return True

    def _started(self, first: Waiting) -> Iterator[Waiting]:
        """Yield those who wait and have not left; from here on they cannot leave."""
        here = chain([first], self._others())
        staying = (w for w in here if w.answer.set_running_or_notify_cancel())
        return islice(staying, MOST)

    def _others(self) -> Iterator[Waiting]:
        while True:
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                return
            if waiting is None:
                # The end comes after this batch.
                self._queue.put(None)
                return
            yield waiting

    def _try(self, job: Job[Any]) -> Outcome:
        """Run a job so that, if it raises, only what it did is taken back."""
        self._db.execute("SAVEPOINT job")
        outcome = Outcome.of(job, self._db)
        if not self._db.in_transaction:
            raise TransactionLost from outcome.error
        if outcome.error:
            self._db.execute("ROLLBACK TO job")
        self._db.execute("RELEASE job")
        return outcome

    def _give_up(self, batch: list[Waiting], error: BaseException) -> None:
        """Tell everybody that nothing was stored; what they saw may not be true."""
        cause = error.__cause__ or error
        name = getattr(cause, "sqlite_errorname", type(cause).__name__)
        log.error("nothing of %d jobs was stored: %s", len(batch), name)
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except Exception as fault:
            log.error("not rolled back: %s", type(fault).__name__)
        for waiting in batch:
            answer = waiting.answer
            # Asked again, a future whose caller has left would raise.
            if not answer.cancelled() and (
                answer.running() or answer.set_running_or_notify_cancel()
            ):
                answer.set_exception(StorageUnavailable(name))
