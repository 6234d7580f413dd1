"""How often, and when last: counted per key in a moving window of time.

The counting is the library `limits`; this module holds its storage in our memory. On
one machine memory is enough: its processes tell one another what they count, a refused
request costs no write to disk, and a restart forgives. Several share a Valkey or Redis.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from math import ceil
from threading import Lock
from typing import Any, TypeVar, cast

from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from .siblings import ALONE, Siblings

# Keys remembered at most; those not used for longest go, which only forgives.
REMEMBERED = 20_000
# A server of limits that says nothing for so long is gone; it is asked again then.
ANSWER_SECONDS = 0.5
ALONE_SECONDS = 5.0
HOUR = 3600
Result = TypeVar("Result")

log = logging.getLogger(__name__)


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


class ReplicatedStorage(BoundedMemoryStorage):
    """What one process counts, its siblings count too, a moment later.

    Two that count at the same moment may both have room for the last one.
    """

    def __init__(
        self, clock: Callable[[], datetime], siblings: Siblings, name: str
    ) -> None:
        super().__init__(clock)
        self._broadcast = partial(siblings.broadcast, f"limits {name}")
        siblings.subscribe(f"limits {name}", self._replay)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count now, unless the window of the key is full."""
        free = super().acquire_entry(key, limit, expiry, amount)
        if free:
            self._broadcast("acquire_entry", key, limit, expiry, amount)
        return free

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to the count of a key; it ends some seconds after its first use."""
        if amount:
            self._broadcast("incr", key, expiry, amount)
        return super().incr(key, expiry, amount)

    def clear(self, key: str) -> None:
        """Forget a key."""
        self._broadcast("clear", key)
        super().clear(key)

    def _replay(self, what: str, *values: Any) -> None:
        getattr(super(), what)(*values)


class SharedStorage(BoundedMemoryStorage):
    """What several processes count on one Valkey or Redis.

    While it is gone each counts in its own memory: nobody is refused for that.
    """

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        # Who counts alone need not wait for what speaks to a server.
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._server = RedisStorage(
            url.replace("valkey", "redis", 1),
            key_prefix="forms",
            wrap_exceptions=True,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=cast(Any, Retry(NoBackoff(), 0)),
        )
        self._gone_until = 0.0

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count now, unless the window of the key is full."""
        there, here = self._server.acquire_entry, super().acquire_entry
        return self._either(there, here, key, limit, expiry, amount)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return the oldest moment in the window of a key, and how many there are."""
        there, here = self._server.get_moving_window, super().get_moving_window
        return self._either(there, here, key, limit, expiry)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count under a key that is forgotten later; return how many there are."""
        return self._either(self._server.incr, super().incr, key, ceil(expiry), amount)

    def clear(self, key: str) -> None:
        """Forget a key."""
        self._either(self._server.clear, super().clear, key)

    def _either(
        self, there: Callable[..., Result], here: Callable[..., Result], *values: Any
    ) -> Result:
        if time.monotonic() >= self._gone_until:
            try:
                return there(*values)
            except StorageError as error:
                self._gone_until = time.monotonic() + ALONE_SECONDS
                cause = type(error.storage_error).__name__
                log.warning("limits server gone (%s): counting alone", cause)
        return here(*values)


def in_memory(
    clock: Callable[[], datetime], siblings: Siblings = ALONE, name: str = ""
) -> MovingWindowRateLimiter:
    """Return a limiter that remembers in memory; siblings know it by its name."""
    return MovingWindowRateLimiter(ReplicatedStorage(clock, siblings, name))


def counting(
    url: str,
    clock: Callable[[], datetime],
    siblings: Siblings = ALONE,
    name: str = "",
) -> MovingWindowRateLimiter:
    """Return a limiter that shares what it counts: with a server, if one is given."""
    if not url:
        return in_memory(clock, siblings, name)
    return MovingWindowRateLimiter(SharedStorage(url, clock))


class RepeatGuard:
    """When something was last said, by a digest of every word of it."""

    def __init__(self, limiter: MovingWindowRateLimiter, secret: str) -> None:
        self._storage: Any = limiter.storage
        self._secret = blake2b(f"repeats {secret}".encode()).digest()

    def remember(self, text: str) -> None:
        """Note that this was said now."""
        key = self._key(text)
        self._storage.clear(key)
        self._storage.acquire_entry(key, 1, HOUR)

    def when(self, text: str) -> datetime | None:
        """Return when this was said within the hour; None if it was not."""
        said, times = self._storage.get_moving_window(self._key(text), 1, HOUR)
        return datetime.fromtimestamp(said, UTC) if times else None

    def _key(self, text: str) -> str:
        digest = blake2b(text.encode(), key=self._secret, digest_size=16)
        return f"repeat/{digest.hexdigest()}"
