"""The bounded storage of counted moments: window, bound, threads and their number."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from forms_service.moving_window import REMEMBERED, in_memory
from service import Clock

TWICE = RateLimitItemPerMinute(2, 10, "twice")


@pytest.fixture
def clock():
    return Clock()


def test_a_window_moves_with_the_clock_that_is_given(clock):
    limiter = in_memory(clock)
    begun = clock().timestamp()
    assert limiter.get_window_stats(TWICE, "a") == (begun + 600, 2)

    assert limiter.hit(TWICE, "a")
    clock.advance(minutes=9)
    assert limiter.hit(TWICE, "a")
    assert not limiter.hit(TWICE, "a")
    assert not limiter.test(TWICE, "a")
    assert limiter.get_window_stats(TWICE, "a") == (begun + 600, 0)

    clock.advance(seconds=59)
    assert not limiter.hit(TWICE, "a")
    clock.advance(seconds=1)
    assert limiter.hit(TWICE, "a")
    assert not limiter.hit(TWICE, "a")


def test_keys_and_limits_are_counted_apart_and_can_be_forgotten(clock):
    limiter = in_memory(clock)
    other = RateLimitItemPerMinute(2, 10, "other")
    assert limiter.hit(TWICE, "a", cost=2)
    assert limiter.hit(TWICE, "b")
    assert limiter.hit(other, "a")
    assert not limiter.hit(TWICE, "a")
    limiter.clear(TWICE, "a")
    assert limiter.hit(TWICE, "a")


def test_the_keys_not_used_for_longest_go_beyond_the_bound(clock):
    limiter = in_memory(clock)
    once = RateLimitItemPerMinute(1, 10, "once")
    for number in range(REMEMBERED):
        assert limiter.hit(once, str(number))
    # A refused try is a use as well: who goes on trying is not forgiven.
    assert not limiter.hit(once, "0")
    assert limiter.hit(once, "one more")
    assert not limiter.hit(once, "0")
    assert limiter.hit(once, "1")
    assert not limiter.hit(once, str(REMEMBERED - 1))


def test_many_at_the_same_moment_get_no_more_than_there_is(clock):
    limiter, start, taken = in_memory(clock), threading.Barrier(20), []

    def attempt() -> None:
        start.wait()
        taken.append(limiter.hit(TWICE, "a"))

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(True) == 2


def test_counting_needs_no_thread(clock):
    limiter = in_memory(clock)
    limiter.storage.timer.join()
    before = threading.active_count()
    for number in range(100):
        limiter.hit(TWICE, str(number))
    assert threading.active_count() == before


@pytest.mark.parametrize("make", [in_memory, None], ids=["ours", "the library's"])
def test_another_storage_counts_the_same(make):
    """Ours stands for any storage of the library that an address may name."""
    limiter = (
        make(lambda: datetime.now(UTC))
        if make
        else MovingWindowRateLimiter(storage_from_string("memory://"))
    )
    assert type(storage_from_string("memory://")) is MemoryStorage
    assert [limiter.hit(TWICE, "a") for _ in range(3)] == [True, True, False]
    window = limiter.get_window_stats(TWICE, "a")
    ends = datetime.fromtimestamp(window.reset_time, UTC) - datetime.now(UTC)
    assert timedelta(minutes=9, seconds=50) < ends <= timedelta(minutes=10)
    assert window.remaining == 0
