"""The one door for writing: threads that commit all jobs that wait together.

A commit waits for the disk, and a hundred people wait no longer for one commit than
one does. So each job gets a savepoint of its own in one transaction, and nobody is
answered before its COMMIT.

A job does nothing outside its transaction: one that found another writer in its way
is run again. When the transaction as a whole fails, everybody in it hears that nothing
was stored.
"""

import logging
import threading
import time
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
    """A job and whoever waits for it; `alone` runs it outside the transaction.

    `until` is when the patience of the caller ends.
    """

    job: Job[Any]
    alone: bool
    until: float
    answer: Future[Any] = field(default_factory=Future)

    def begun(self) -> bool:
        """Say whether its caller has not left; from here on it cannot leave."""
        return self.answer.running() or self.answer.set_running_or_notify_cancel()


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
    """The threads that own the writing connections, from now until `close`."""

    def __init__(self, engine: Engine, patience: float = PATIENCE_SECONDS) -> None:
        self._engine, self._patience = engine, patience
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._threads = [
            Batches(engine, engine.writing(patience), self._queue)
            for _ in range(engine.writers)
        ]
        for thread in self._threads:
            thread.start()

    def run(self, job: Job[Result], alone: bool = False) -> Result:
        """Have a job done and return after its COMMIT; raise what it raises.

        Raise `StorageUnavailable` when the disk refuses, when the job was not begun in
        time or nobody writes any more; `WriteInsideJob` from within another job.
        """
        if threading.current_thread() in self._threads:
            raise WriteInsideJob
        if not any(thread.is_alive() for thread in self._threads):
            raise StorageUnavailable("the writer has ended")
        waiting = Waiting(job, alone, time.monotonic() + self._patience)
        self._queue.put(waiting)
        with self._engine.passing_faults():
            return cast(Result, self._result_of(waiting.answer))

    def waiting(self) -> int:
        """Return how many jobs nobody has begun yet."""
        return self._queue.qsize()

    def _result_of(self, answer: Future[Any]) -> Any:
        try:
            return answer.result(self._patience)
        except TimeoutError:
            if answer.cancel():
                raise StorageUnavailable("BUSY: others are writing") from None
        # It was begun and takes what it takes; or it raised this error itself.
        return answer.result()

    def close(self) -> None:
        """Do what waits already, then end the threads and close their connections."""
        self._queue.put(None)
        for thread in self._threads:
            thread.join()


class Batches(threading.Thread):
    """One connection that writes, and the jobs that share its transactions."""

    def __init__(
        self, engine: Engine, db: Connection, queue: "SimpleQueue[Waiting | None]"
    ) -> None:
        super().__init__(name="writer", daemon=True)
        self._engine, self._db, self._queue = engine, db, queue
        # They found somebody in their way; the first of them goes first.
        self._put_off: list[Waiting] = []

    def run(self) -> None:
        """Commit what waits until the end is in the queue, which is for all threads."""
        while waiting := self._waiting():
            self._commit(waiting)
        self._queue.put(None)
        self._db.close()

    def _waiting(self) -> list[Waiting]:
        """Wait for a job; return it and all that wait by then, none at the end."""
        found, self._put_off = self._put_off, []
        first = None if found else self._queue.get()
        return [*found, first] if first else found

    def _commit(self, first: list[Waiting]) -> None:
        inside: list[Waiting] = []
        after: list[Waiting] = []
        try:
            with self._engine.turn():
                # It waits as long as the first: who has not left by then hears of BUSY.
                self._db = self._engine.begin(self._db)
                for waiting in self._staying(first):
                    (after if waiting.alone else inside).append(waiting)
                outcomes = list(self._outcomes(inside))
                self._db.commit()
        except BaseException as error:
            self._give_up([*inside, *after] or first, error)
            return
        for waiting, outcome in zip(inside, outcomes, strict=True):
            if outcome is not None:
                outcome.deliver(waiting.answer)
        self._engine.committed(self._db)
        for waiting in after:
            Outcome.of(waiting.job, self._db).deliver(waiting.answer)

    def _staying(self, first: list[Waiting]) -> Iterator[Waiting]:
        """Yield those who wait and have not left; from here on they cannot leave."""
        here = chain(first, self._others())
        return islice((w for w in here if w.begun()), MOST)

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

    def _outcomes(self, batch: list[Waiting]) -> Iterator[Outcome | None]:
        """Yield what became of each job, None of one that is put off."""
        if shared := len(batch) > 1:
            self._db.execute("SAVEPOINT job")
        for place, waiting in enumerate(batch):
            if place:
                self._engine.next_job(self._db)
            outcome = self._try(waiting.job, shared)
            blocked = outcome.error and self._engine.in_the_way(outcome.error)
            # Who was first had all the time there is.
            if blocked and (place or time.monotonic() < waiting.until):
                self._put_off.append(waiting)
                yield None
            else:
                yield outcome

    def _try(self, job: Job[Any], shared: bool) -> Outcome:
        """Run a job so that, if it raises, only what it did is taken back."""
        outcome = Outcome.of(job, self._db)
        if not self._db.in_transaction:
            raise TransactionLost from outcome.error
        if outcome.error:
            self._db.execute("ROLLBACK TO job" if shared else "ROLLBACK")
        return outcome

    def _give_up(self, batch: list[Waiting], error: BaseException) -> None:
        """Tell everybody that nothing was stored; what they saw may not be true."""
        self._put_off = []
        cause = error.__cause__ or error
        name = getattr(cause, "sqlite_errorname", type(cause).__name__)
        log.error("nothing of %d jobs was stored: %s", len(batch), name)
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except Exception as fault:
            log.error("not rolled back: %s", type(fault).__name__)
        for waiting in batch:
            # Asked again, a future whose caller has left would raise.
            if not waiting.answer.cancelled() and waiting.begun():
                waiting.answer.set_exception(StorageUnavailable(name))
