"""How often, and when last: counted per key in a moving window of time.

The counting is the library `limits`; this module holds its storage in our memory. One
process serves everybody, so memory is enough, a refused request costs no write to disk,
and a restart forgives. Another storage of the library takes its place unchanged.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from threading import Lock

from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

# Keys remembered at most; those not used for longest go, which only forgives.
REMEMBERED = 20_000
ONCE = RateLimitItemPerHour(1, namespace="repeat")


class BoundedMemoryStorage(MemoryStorage):
    """The moments of each key, of the last 20,000 keys, by a clock that is given.

    The library's own keeps every key for ever, asks the system for the time, and lets
    a thread look through all keys after each hit: 28 ms of work with 20,000 of them.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self._moments: OrderedDict[str, list[float]] = OrderedDict()
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = Lock()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count now, unless the window of the key is full."""
        now = self._clock().timestamp()
        with self._lock:
            moments = self._within(key, now, expiry)
            free = len(moments) + amount <= limit
            self._moments[key] = moments + [now] * amount if free else moments
            self._moments.move_to_end(key)
            if len(self._moments) > REMEMBERED:
                self._moments.popitem(last=False)
        return free

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return the oldest moment in the window of a key, and how many there are."""
        now = self._clock().timestamp()
        with self._lock:
            moments = self._within(key, now, expiry)
        return moments[0] if moments else now, len(moments)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to the count of a key; it ends some seconds after its first use."""
        now = self._clock().timestamp()
        with self._lock:
            count, ends = self._counts.get(key, (0, 0.0))
            if not now < ends <= now + expiry:
                count, ends = 0, now + expiry
            self._counts[key] = (count + amount, ends)
            self._counts.move_to_end(key)
            if len(self._counts) > REMEMBERED:
                self._counts.popitem(last=False)
        return count + amount

    def clear(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._moments.pop(key, None)

    def _within(self, key: str, now: float, expiry: int) -> list[float]:
        # What a clock stamped that was ahead is forgiven when it is put right.
        moments = self._moments.get(key, ())
        return [moment for moment in moments if now - expiry < moment <= now]


def in_memory(clock: Callable[[], datetime]) -> MovingWindowRateLimiter:
    """Return a limiter that remembers in the memory of this process."""
    return MovingWindowRateLimiter(BoundedMemoryStorage(clock))


class RepeatGuard:
    """When something was last said, by a digest of every word of it."""

    def __init__(self, limiter: MovingWindowRateLimiter) -> None:
        self._limiter = limiter
        self._secret = secrets.token_bytes(32)

    def remember(self, text: str) -> None:
        """Note that this was said now."""
        digest = self._digest(text)
        self._limiter.clear(ONCE, digest)
        self._limiter.hit(ONCE, digest)

    def when(self, text: str) -> datetime | None:
        """Return when this was said within the hour; None if it was not."""
        window = self._limiter.get_window_stats(ONCE, self._digest(text))
        if window.remaining:
            return None
        ends = datetime.fromtimestamp(window.reset_time, UTC)
        return ends - timedelta(seconds=ONCE.get_expiry())

    def _digest(self, text: str) -> str:
        return blake2b(text.encode(), key=self._secret, digest_size=16).hexdigest()
