"""Time as a value: UTC inside, the project's zone only where people read it.

Everything below the command line receives a `Clock` as an argument, so that a
test decides what time it is; nothing else may ask the system.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the current moment, aware and in UTC."""
    return datetime.now(UTC)


def utc_text(moment: datetime) -> str:
    """Write an aware moment as ISO 8601 UTC with offset, seconds precise."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def from_utc_text(text: str) -> datetime:
    """Read what `utc_text` wrote; raise `ValueError` for anything without offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no UTC offset")
    return moment.astimezone(UTC)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return midnight at the beginning of `day` in `zone`, as UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment that no longer belongs to `day` in `zone`, as UTC."""
    return start_of_day(day + timedelta(days=1), zone)
