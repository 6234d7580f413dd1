"""The threads that answer requests: which one works next, and how they end."""

import time
from collections.abc import Callable, Iterator
from threading import Event, Thread, current_thread

import pytest

from forms_service.request_threads import RequestThreads

COUNT = 4


class Task:
    """Something to be done, and what became of it."""

    def __init__(self, job: Callable[[], object] = lambda: None) -> None:
        self._job = job
        self.thread: Thread | None = None
        self.done, self.cancelled = Event(), False

    def service(self) -> None:
        self.thread = current_thread()
        try:
            self._job()
        finally:
            self.done.set()

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def threads() -> Iterator[RequestThreads]:
    """Threads that all wait for something to do."""
    made = RequestThreads(COUNT)
    until_idle(made)
    yield made
    made.shutdown()


def until_idle(threads: RequestThreads) -> None:
    """Wait until no thread has anything to do."""
    while len(threads._idle) != COUNT:
        time.sleep(0.001)


def begun(threads: RequestThreads, task: Task) -> Task:
    """Add a task, and wait until a thread has it."""
    threads.add_task(task)
    while task.thread is None:
        time.sleep(0.001)
    return task


def test_who_worked_last_works_next(threads):
    used = set()
    for _ in range(3 * COUNT):
        task = Task()
        threads.add_task(task)
        task.done.wait()
        until_idle(threads)
        used.add(task.thread)

    assert len(used) == 1


def test_what_finds_no_thread_waits_for_the_next(threads):
    free = Event()
    held = [begun(threads, Task(free.wait)) for _ in range(COUNT)]

    late = Task()
    threads.add_task(late)

    assert not late.done.is_set()
    free.set()
    late.done.wait()
    assert late.thread in {task.thread for task in held}


def test_a_fault_costs_no_thread(threads, caplog):
    def fail() -> None:
        raise SystemExit("somebody's answers")

    for _ in range(2 * COUNT):
        threads.add_task(Task(fail))
    last = Task()
    threads.add_task(last)
    last.done.wait()
    until_idle(threads)

    assert "SystemExit" in caplog.text
    assert "answers" not in caplog.text


def test_the_end_waits_for_what_was_begun_and_cancels_the_rest(threads):
    free = Event()
    running = [begun(threads, Task(free.wait)) for _ in range(COUNT)]
    pending = Task()
    threads.add_task(pending)
    ending = Thread(target=threads.shutdown)
    ending.start()
    while threads._tasks:
        time.sleep(0.001)
    free.set()
    ending.join()

    assert all(task.done.is_set() and not task.cancelled for task in running)
    assert pending.cancelled
    assert not pending.done.is_set()


def test_who_does_not_end_keeps_the_end_no_longer_than_said():
    threads, free = RequestThreads(1), Event()
    endless = begun(threads, Task(free.wait))

    threads.shutdown(timeout=0.01)

    assert not endless.done.is_set()
    free.set()
