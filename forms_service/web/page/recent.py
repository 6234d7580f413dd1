"""What was done from here a short while ago, so that nobody does it twice unawares.

Only who says the very same thing again hears of it, and nothing of it is kept: a
keyed digest in memory, for an hour.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import blake2b
from threading import Lock

from ...clock import Clock

KEPT_FOR = timedelta(hours=1)
# As with limits: the oldest are dropped, which only forgives.
REMEMBERED = 20_000


class Recent:
    """When something was last said, by a digest of every word of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._moments: dict[bytes, datetime] = {}
        self._lock = Lock()

    def remember(self, said: str) -> None:
        """Note that this was said now."""
        digest = self._digest(said)
        with self._lock:
            self._forget_old()
            self._moments.pop(digest, None)
            self._moments[digest] = self._clock()
            if len(self._moments) > REMEMBERED:
                del self._moments[next(iter(self._moments))]

    def when(self, said: str) -> datetime | None:
        """Return when this was said within the hour; None if it was not."""
        with self._lock:
            self._forget_old()
            return self._moments.get(self._digest(said))

    def _forget_old(self) -> None:
        """Drop what is older than the hour; the oldest come first."""
        latest = self._clock() - KEPT_FOR
        while self._moments:
            digest, moment = next(iter(self._moments.items()))
            if moment > latest:
                return
            del self._moments[digest]

    def _digest(self, said: str) -> bytes:
        return blake2b(said.encode(), key=self._secret, digest_size=16).digest()
