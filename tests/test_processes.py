"""Processes forked from one: a lock for all of them, and how they end together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from forms_service.processes import SharedLock
from sample_content import ROOT


def until(fact: Callable[[], Any]) -> None:
    ends = time.monotonic() + 60
    while not fact():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_a_lock_is_held_by_one_of_all_threads_and_processes():
    lock = SharedLock()
    with lock.held(60):
        with pytest.raises(TimeoutError), lock.held(0.01):
            pass
        child = os.fork()
        if not child:
            # It gets the lock when this process gives it back.
            with lock.held(60):
                os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    # Who has ended with the lock in hand keeps it.
    with pytest.raises(TimeoutError), lock.held(0.01):
        pass


SCRIPT = """
import os, signal, sys, time
from forms_service.processes import run_together

def run(siblings):
    siblings.follow()
    siblings.begin()
    try:
        say(f"{{siblings.number}} {{os.getpid()}}")
        {does}
    except SystemExit:
        # As a server does that is asked to end.
        say(f"{{siblings.number}} was asked to")

def say(line):
    # In one piece: all of them write there.
    os.write(1, f"{{line}}\\n".encode())

def told():
    return sys.stdin.readline()

signal.signal(signal.SIGTERM, lambda *_: sys.exit())
say("all ended " + ("well" if run_together({count}, run) else "with a fault"))
"""


@pytest.fixture
def started() -> Iterator[Callable[..., Any]]:
    processes: list[subprocess.Popen[str]] = []

    def start(does: str, count: int = 3) -> tuple[subprocess.Popen[str], list[int]]:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(does=does, count=count)],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        processes.append(process)
        told = sorted(process.stdout.readline().split() for _ in range(count))
        assert [number for number, _ in told] == [str(n) for n in range(count)]
        assert int(told[0][1]) == process.pid
        return process, [int(pid) for _, pid in told]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ended(process: Any) -> list[str]:
    """Let the one go on that waits to be told; return what they say at their end."""
    said = process.communicate("now\n", timeout=60)[0].splitlines()
    assert process.returncode == 0
    return [*sorted(said[:-1]), said[-1]]


def test_when_the_first_is_done_the_others_are_asked_to_end(started):
    process, pids = started("told() if siblings.first else time.sleep(600)")
    assert ended(process) == ["1 was asked to", "2 was asked to", "all ended well"]
    assert not any(map(alive, pids))


@pytest.mark.parametrize(
    ("does", "how"), [("told()", "well"), ("int(told())", "with a fault")]
)
def test_when_one_ends_by_itself_all_are_asked_to(started, does, how):
    process, pids = started(f"time.sleep(600) if siblings.number < 2 else ({does})")
    assert ended(process) == ["0 was asked to", "1 was asked to", f"all ended {how}"]
    assert not any(map(alive, pids))


@pytest.mark.parametrize("killed", [0, 1])
def test_one_that_is_killed_leaves_no_other(started, killed):
    process, pids = started("time.sleep(600)")
    os.kill(pids[killed], signal.SIGKILL)
    process.communicate(timeout=60)
    # The first one ends itself, or was killed.
    assert process.returncode == (-signal.SIGKILL if killed == 0 else 0)
    until(lambda: not any(map(alive, pids)))
