"""What processes of one service tell one another."""

import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest
from limits import RateLimitItemPerMinute

from forms_service.mail.transport import FileTransport
from forms_service.moving_window import RepeatGuard, in_memory
from forms_service.pace import Pace
from forms_service.siblings import ALONE, Siblings, SiblingSilent, new_line
from forms_service.workers import MailRoute, Workers
from service import Clock

TWICE = RateLimitItemPerMinute(2, 10, "twice")


@pytest.fixture
def two() -> Iterator[tuple[Siblings, Siblings]]:
    lines = [new_line() for _ in range(2)]
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

    second.subscribe("number", take)
    first.begin()
    second.follow()
    second.begin()
    for number in range(1000):
        first.broadcast("number", number)

    assert [heard.get(timeout=60) for _ in range(1000)] == [(n,) for n in range(1000)]


def test_one_asks_the_others_and_says_when_one_is_silent(two):
    first, second = two
    first.begin()
    assert first.ask("how many") == [], "the other has not begun"
    second.follow()
    second.begin()
    second.answer("how many", lambda: [7, "seven"])
    until(lambda: first.ask("how many") == [[7, "seven"]])
    first.answer("how many", lambda: 8)
    assert second.ask("how many") == [8]
    # It cannot answer that: nobody has said how.
    with pytest.raises(SiblingSilent, match="what else"):
        first.ask("what else", seconds=0.01)


def test_one_that_is_frozen_holds_nobody_up(two):
    first, second = two
    first.begin()
    for number in range(50_000):
        first.broadcast("number", number)
    until(lambda: not first._said)
    assert second.number == 1, "it has heard nothing yet, and need not"


def test_who_is_alone_tells_nobody():
    ALONE.subscribe("number", print)
    ALONE.answer("number", list)
    ALONE.broadcast("number", 1)
    ALONE.begin()
    assert ALONE.ask("number") == []
    assert not ALONE._said
    assert set(ALONE._takes) == {"answer", "begun"}


def test_the_others_look_at_clock_and_events_and_leave_the_rest_to_the_first(
    world, two, tmp_path
):
    world.sent()
    route = MailRoute(FileTransport(tmp_path / "mail", print), "a@example.org", "")
    workers = [
        Workers(world.context, route, tmp_path, siblings=sibling) for sibling in two
    ]
    assert {*workers[1]._loops._pauses} == {"clock", "events"}
    two[0].begin()
    two[1].follow()
    two[1].begin()
    until(lambda: two[0].ask("still"))
    # Whatever stands still is an alarm of the first, wherever it does.
    (alarm,) = workers[0].alarms()
    assert alarm.detail["part"].endswith("alarms, clock, events")
    workers[1].start()
    until(lambda: two[0].ask("still") == [[]])
    assert workers[1].stop(60)
    assert not (tmp_path / "mail").exists(), "the first sends"
    two[1].end()
    assert "process" in alarms_of_one_without_answer(workers[0])


def alarms_of_one_without_answer(workers):
    (alarm,) = workers.alarms()
    return alarm.detail["part"]


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
