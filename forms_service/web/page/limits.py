"""How often a network may do something: counted in memory, forgotten at a restart.

One process serves everybody, so memory is enough, and a refused request costs no
write to disk. A classroom behind one address must still get through.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from threading import Lock

from ...clock import Clock

# Networks remembered at most; the oldest are dropped, which only forgives.
REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many times in a period."""

    name: str
    most: int
    period: timedelta


class TooOften(Exception):
    """This network has done it too often; `wait` says for how long."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


class Limits:
    """Counts by limit and network."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str], deque[datetime]] = {}
        self._lock = Lock()

    def spend(self, limit: Limit, address: str) -> None:
        """Count once; raise `TooOften` when the limit is reached."""
        now = self._clock()
        with self._lock:
            moments = self._moments(limit, address, now)
            if len(moments) >= limit.most:
                raise TooOften(moments[0] + limit.period - now)
            moments.append(now)

    def check(self, limit: Limit, address: str) -> None:
        """Raise `TooOften` when the limit is reached; count nothing."""
        now = self._clock()
        with self._lock:
            moments = self._moments(limit, address, now)
            if len(moments) >= limit.most:
                raise TooOften(moments[0] + limit.period - now)

    def _moments(self, limit: Limit, address: str, now: datetime) -> deque[datetime]:
        key = (limit.name, network_of(address))
        moments = self._seen.pop(key, None) or deque()
        self._seen[key] = moments
        while moments and now - moments[0] >= limit.period:
            moments.popleft()
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return moments


def network_of(address: str) -> str:
    """Return the network that shares a limit: /24 of IPv4, /64 of IPv6."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{known}/{24 if known.version == 4 else 64}", strict=False))
