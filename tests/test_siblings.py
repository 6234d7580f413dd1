"""Processes of one service: what they tell one another, and how they end together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest
from limits import RateLimitItemPerMinute

from forms_service import siblings as family
from forms_service.moving_window import RepeatGuard, in_memory
from forms_service.pace import Pace
from forms_service.siblings import ALONE, SharedLock, Siblings, SiblingSilent
from sample_content import ROOT
from service import Clock

TWICE = RateLimitItemPerMinute(2, 10, "twice")


@pytest.fixture
def two() -> Iterator[tuple[Siblings, Siblings]]:
    lines = [family._line() for _ in range(2)]
    both = Siblings(0, lines), Siblings(1, lines)
    yield both
    for sibling in both:
        sibling.end()
    for line in lines:
        for end in line:
            end.close()


def until(fact: Callable[[], Any]) -> None:
    ends = time.monotonic() + 60
    while not fact():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_what_one_tells_the_other_hears_in_order_whatever_fails(two):
    first, second = two
    heard: SimpleQueue[tuple[Any, ...]] = SimpleQueue()

    def take(*values: Any) -> None:
        heard.put(values)
        if values == (3,):
            raise ValueError

    second.hear("number", take)
    first.begin()
    second.follow()
    second.begin()
    for number in range(1000):
        first.tell("number", number)

    assert [heard.get(timeout=60) for _ in range(1000)] == [(n,) for n in range(1000)]


def test_one_asks_the_others_and_says_when_one_is_silent(two):
    first, second = two
    first.begin()
    second.follow()
    second.begin()
    second.answer("how many", lambda: [7, "seven"])
    assert first.ask("how many") == [[7, "seven"]]
    # It cannot answer that: nobody has said how.
    with pytest.raises(SiblingSilent, match="what else"):
        first.ask("what else", seconds=0.01)


def test_one_that_is_frozen_holds_nobody_up(two):
    first, second = two
    first.begin()
    for number in range(50_000):
        first.tell("number", number)
    until(lambda: not first._said)
    assert second.number == 1, "it has heard nothing yet, and need not"


def test_who_is_alone_tells_nobody():
    ALONE.hear("number", print)
    ALONE.answer("number", list)
    ALONE.tell("number", 1)
    ALONE.begin()
    assert ALONE.ask("number") == []
    assert not ALONE._said
    assert set(ALONE._takes) == {"answer"}


def test_limits_repeats_and_turns_are_counted_together(two):
    clock, (first, second) = Clock(), two
    limits = [in_memory(clock, each, "tried") for each in two]
    guards = [RepeatGuard(in_memory(clock, each, "said"), "a secret") for each in two]
    paces = [
        Pace(in_memory(clock, each, "turns").storage, clock, lambda: 7200, 2)
        for each in two
    ]
    first.begin()
    second.follow()
    second.begin()

    assert limits[0].hit(TWICE, "a")
    until(lambda: limits[1].get_window_stats(TWICE, "a").remaining == 1)
    assert limits[1].hit(TWICE, "a")
    until(lambda: not limits[0].test(TWICE, "a"))
    assert not limits[1].hit(TWICE, "a")
    limits[1].clear(TWICE, "a")
    until(lambda: limits[0].test(TWICE, "a"))

    guards[0].remember("the same words")
    until(lambda: guards[1].when("the same words"))
    assert guards[1].when("other words") is None

    # Ten of an address need not wait for their place in the minute; the next one does.
    now = clock().timestamp()
    turns = [paces[0].take("192.0.2.7") for _ in range(10)]
    until(lambda: paces[1]._given(now, 0) == 10)
    turns += [paces[1].take("192.0.2.7") for _ in range(3)]
    alone = Pace(in_memory(clock).storage, clock, lambda: 7200, 2)
    assert turns == [alone.take("192.0.2.7") for _ in range(13)]
    assert turns[0] < turns[-1]


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
from forms_service.siblings import run_together

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
