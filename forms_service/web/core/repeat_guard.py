"""What was done from here a short while ago, so that nobody does it twice unawares.

Only who says the very same thing again hears of it, and nothing of it is kept: a
keyed digest, for an hour.
"""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from limits import RateLimitItemPerHour
from limits.strategies import MovingWindowRateLimiter

ONCE = RateLimitItemPerHour(1, namespace="repeat")


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
