"""When a page's turn comes: the next free one of its network, and of all together.

Nobody is refused for being many: turns are counted per minute in a storage of the
library `limits`, so several processes may share them, and spaced within the minute.
A thousand pages opened at once come one after the other.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

from limits.storage import Storage

MINUTE = 60
HOUR = 60 * MINUTE
# Turns are given this many minutes ahead; one that has come is kept as long.
AHEAD = 10
# Turns a minute of whoever shares an address (a /64 of IPv6), and of the network
# around it: a hall of 200 behind one address is through within ten minutes.
OF_ADDRESS = 30
OF_NETWORK = 120
# So many of a minute's turns need not wait for their place in it.
AT_ONCE = 3
ALL = "all"
# In any hour turns of so many minutes can be used, those kept among them.
USED_IN_AN_HOUR = 60 + AHEAD + 2
# How an address of IPv4 looks to a socket that takes both.
IPV4_WITHIN = bytes(10) + b"\xff\xff"
# What a request takes on the disk with its mail and index, and how long the free disk
# must last under a flood that fills every hour.
ROW = 16 * 1024
HOURS = 24
# Less room than this and SQLite will soon refuse somebody's form.
LEAST_FREE = 64 * 1024 * 1024


class NoTurn(Exception):
    """All turns of the next ten minutes are given; `together`: those of everybody."""

    def __init__(self, together: bool, again: datetime) -> None:
        super().__init__("everybody" if together else "this network")
        self.together = together
        self.again = again
        self.wait = timedelta(minutes=AHEAD)


class Pace:
    """The turns of networks, and of all together as far as the hourly limit allows."""

    def __init__(
        self,
        storage: Storage,
        clock: Callable[[], datetime],
        hourly_limit: Callable[[], int],
        least: float,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._hourly_limit = hourly_limit
        self._least = least
        self._together = (-1, 0)

    def take(self, client_ip: str, shown: bool = False) -> float:
        """Return the moment of the next free turn, never before one can have read.

        A page that was `shown` long ago may use one at once. Raise `NoTurn`.
        """
        now = self._clock().timestamp()
        narrow, wide = networks_of(client_ip)
        turns = (
            self._next(f"around {wide}", OF_NETWORK, now),
            self._next(f"at {narrow}", OF_ADDRESS, now),
            self._next(ALL, self.together(now), now),
        )
        self._given(now, 1)
        return max(*turns, now if shown else now + self._least)

    def count(self) -> None:
        """Use one turn of all together for a row that keeps no network waiting.

        Raise `NoTurn`.
        """
        now = self._clock().timestamp()
        self._next(ALL, self.together(now), now)
        self._given(now, 1)

    def kept(self, turn: float, client_ip: str) -> float:
        """Return a turn, or another in place of one that came long ago; see `take`."""
        if turn + AHEAD * MINUTE > self._clock().timestamp():
            return turn
        return self.take(client_ip, shown=True)

    def left(self, turn: float) -> int:
        """Return the seconds until a turn, rounded up; 0 when it has come."""
        return ceil(max(0, turn - self._clock().timestamp()))

    def percent(self) -> int:
        """Return how much of what all may send in an hour was given in this one."""
        now = self._clock().timestamp()
        limit = self.together(now) * USED_IN_AN_HOUR
        # Where there is no room at all it is no flood: that is told by another alarm.
        return 100 * self._given(now, 0) // limit if limit else 0

    def _given(self, now: float, more: int) -> int:
        hour = int(now // HOUR)
        return self._storage.incr(f"turn/hour/{hour}", 2 * HOUR, more)

    def together(self, now: float) -> int:
        """Return how many turns a minute all have together; looked up once a minute."""
        minute = int(now // MINUTE)
        if self._together[0] != minute:
            self._together = (minute, self._hourly_limit() // USED_IN_AN_HOUR)
        return self._together[1]

    def _next(self, key: str, a_minute: int, now: float) -> float:
        first = int(now // MINUTE)
        for minute in range(first, first + AHEAD):
            number = self._storage.incr(f"turn/{key}/{minute}", (AHEAD + 1) * MINUTE)
            if number <= a_minute:
                at_once = a_minute // AT_ONCE if minute == first else 0
                wait = (number - 1 - at_once) * MINUTE / a_minute
                return max(now, minute * MINUTE + wait)
        again = datetime.fromtimestamp(now + AHEAD * MINUTE, UTC)
        raise NoTurn(key == ALL, again)


def networks_of(client_ip: str) -> tuple[str, str]:
    """Return the address that people share (IPv6: the /64), and the network around it.

    That is the /24 of IPv4 and the /48 of IPv6.
    """
    # Text that is no address: with NUL or half a character, ValueError.
    with suppress(OSError, ValueError):
        return client_ip, inet_pton(AF_INET, client_ip)[:3].hex()
    with suppress(OSError, ValueError):
        packed = inet_pton(AF_INET6, client_ip)
        if packed.startswith(IPV4_WITHIN):
            return networks_of(inet_ntop(AF_INET, packed[12:]))
        return packed[:8].hex(), packed[:6].hex()
    return client_ip, client_ip


def allowed_by_disk(folder: Path) -> int:
    """Return how many requests an hour let the free disk of a folder last a day."""
    free = shutil.disk_usage(folder).free - LEAST_FREE
    return max(0, free // ROW // HOURS)
