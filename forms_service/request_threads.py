"""The threads that answer requests: who had a turn last has the next one.

waitress gives turns in a circle, so that a few people who ask keep all threads in use:
each has a reader of the database, whose pages nothing remembers when its turn comes.
"""

import logging
from collections import deque
from threading import Lock, Thread
from time import monotonic
from typing import Protocol

log = logging.getLogger(__name__)


class Task(Protocol):
    """What waitress wants done: a connection with a request to be answered."""

    def service(self) -> None: ...
    def cancel(self) -> None: ...


class RequestThreads:
    """What waitress calls a dispatcher."""

    def __init__(self, count: int) -> None:
        self._lock = Lock()
        self._tasks: deque[Task] = deque()
        # One lock for each thread that waits: to release it is to wake the thread.
        self._idle: list[Lock] = []
        self._ending = False
        self._threads = [
            Thread(target=self._work, name=f"request-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def add_task(self, task: Task) -> None:
        """Have a task done by who became idle last, or else by who does so next."""
        with self._lock:
            self._tasks.append(task)
            waiting = self._idle.pop() if self._idle else None
        if waiting:
            waiting.release()

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> None:
        """Let running tasks end, for so many seconds; cancel those not begun."""
        with self._lock:
            self._ending = True
            waiting, self._idle = self._idle, []
            pending, self._tasks = self._tasks, deque()
        for turn in waiting:
            turn.release()
        ends = monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, ends - monotonic()))
        for task in pending:
            task.cancel()

    def _work(self) -> None:
        turn = Lock()
        turn.acquire()
        while task := self._next(turn):
            try:
                task.service()
            except BaseException as error:
                # waitress answers what the application raises: this is a fault of ours.
                log.error("a request ended with %s", type(error).__name__)

    def _next(self, turn: Lock) -> Task | None:
        """Wait for a task; return None at the end."""
        while True:
            with self._lock:
                if self._ending:
                    return None
                if self._tasks:
                    return self._tasks.popleft()
                self._idle.append(turn)
            turn.acquire()
