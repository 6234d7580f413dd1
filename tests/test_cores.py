"""Where threads and children of the service run."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from threading import Thread
from typing import Any

from forms_service.cores import any_core, one_core

ALL = os.sched_getaffinity(0)
ASK = "import os; print(sorted(os.sched_getaffinity(0)))"


def in_a_thread(job: Callable[[], Any]) -> Any:
    """Return what a job says in a thread of its own; this one may run where it may."""
    said: list[Any] = []
    thread = Thread(target=lambda: said.append(job()))
    thread.start()
    thread.join()
    return said[0]


def cores() -> set[int]:
    return os.sched_getaffinity(0)


def test_threads_stay_on_one_core_and_children_run_on_any():
    def job() -> tuple[Any, ...]:
        with one_core("test of threads"):
            own, of_thread = cores(), in_a_thread(cores)
            with any_core():
                child = subprocess.check_output([sys.executable, "-c", ASK], text=True)
            return own, of_thread, child.strip(), cores() == own

    own, of_thread, child, back = in_a_thread(job)

    assert own == of_thread
    assert len(own) == 1
    assert child == str(sorted(ALL))
    assert back


def test_each_process_has_a_core_of_its_own_and_one_too_many_has_any():
    with ExitStack() as held:

        def job() -> set[int]:
            held.enter_context(one_core("test of claims"))
            return cores()

        claimed = [in_a_thread(job) for _ in ALL]

        assert set.union(*claimed) == ALL
        assert in_a_thread(job) == ALL
