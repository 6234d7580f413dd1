"""Time as a value: UTC inside, the project's zone only where people read it.

Everything below the command line receives a `Clock` as an argument, so that a
test decides what time it is; nothing else may ask the system.

A service has two times. The written one stamps, opens and sends. The destroying one
erases: the system clock may lie, because a machine was off, a copy was restored or
somebody set the year. It goes on by running time, and follows the system clock only by
two days at once, or after a day without another leap in which the kernel calls it
synchronised, or when a person accepts it.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from time import CLOCK_BOOTTIME, clock_gettime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
AT_ONCE = timedelta(days=2)
STEADY = timedelta(days=1)
# A step of the clock that is smaller is none: a restart takes as long.
LEAP = timedelta(minutes=5)
NONE = timedelta()
# `struct timex` has 208 bytes; the first says that nothing is to be changed.
_TIMEX_BYTES = 208
_TIME_ERROR = 5


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


def seconds_running() -> float:
    """Return the seconds since the machine was started, its sleep included."""
    return clock_gettime(CLOCK_BOOTTIME)


def kernel_synchronised() -> bool:
    """Say whether the kernel calls the system clock synchronised."""
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    state: int = ctypes.CDLL(None).adjtimex(timex)
    return 0 <= state < _TIME_ERROR


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine knows of the time."""

    system: Clock = system_clock
    running: Callable[[], float] = seconds_running
    synchronised: Callable[[], bool] = kernel_synchronised


@dataclass(frozen=True, slots=True)
class Timeline:
    """How far the destroying time has come, and what is known of the system clock.

    `system` is what it said when last looked at; `steady_since`, on the destroying
    time, when it leapt last or was not called synchronised; `followed`, how much of
    the two days is used up. Whatever is stamped from `doubtful_from` on may be wrong.
    """

    destroying: datetime
    system: datetime
    steady_since: datetime
    doubtful_from: datetime | None = None
    followed: timedelta = NONE

    @property
    def apart(self) -> timedelta:
        """By how much the system clock is ahead of the destroying time."""
        return self.system - self.destroying

    def __str__(self) -> str:
        """Say for a person what is wrong, and what to do; "ok" if nothing is."""
        if not self.apart:
            return "ok"
        says, runs = (f"{t:%Y-%m-%d %H:%M}Z" for t in (self.system, self.destroying))
        return (
            f"the clock says {says}, by running time it is {runs}: nothing is erased "
            "early. It is believed after a day without a leap, synchronised, or by "
            "forms-service clock accept, if it is right"
        )


def begin(system: datetime) -> Timeline:
    """Return the timeline of a first start: its clock has still to be confirmed."""
    return Timeline(system, system, system, doubtful_from=system)


def advance(
    line: Timeline,
    elapsed: timedelta,
    system: datetime,
    synchronised: bool,
    accepted: bool = False,
) -> Timeline:
    """Go on by what the machine has run, and follow its clock as far as it may be."""
    destroying = line.destroying + elapsed
    apart, followed = system - destroying, max(NONE, line.followed - 2 * elapsed)
    leapt = abs(system - line.system - elapsed) > LEAP
    steady_since = line.steady_since
    if leapt or not synchronised:
        steady_since = destroying
    line = replace(line, destroying=destroying, system=system, followed=followed)
    if accepted or destroying - steady_since >= STEADY:
        line = replace(line, destroying=system, doubtful_from=None, followed=NONE)
    elif -AT_ONCE <= apart <= AT_ONCE - followed:
        line = replace(line, destroying=system, followed=followed + max(NONE, apart))
    else:
        line = replace(line, doubtful_from=line.doubtful_from or destroying)
    if not line.apart:
        # The same moment on the time that was followed.
        steady_since += apart
    return replace(line, steady_since=steady_since)
