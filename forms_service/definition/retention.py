"""How long a submission is kept: one rule for notice, paper, receipt and purge.

Storage limitation is GDPR art. 5(1)(e); the sentence that people read and the date
on which rows are erased come from the same `Period`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from ..clock import start_of_day
from .texts import Key


class Anchor(StrEnum):
    """The moment from which a period counts."""

    SENDING = "sending"
    DECISION = "decision"
    EVENT = "event"
    RENEWAL = "renewal"


class Unit(StrEnum):
    """What a period is counted in."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Period:
    """So many days, months or years after a moment."""

    length: int
    unit: Unit
    after: Anchor

    def end(self, day: date) -> date:
        """Return the last day kept; the 31st becomes the last day of a short month."""
        if self.unit is Unit.DAYS:
            return day + timedelta(days=self.length)
        months = self.length * (12 if self.unit is Unit.YEARS else 1)
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
        return min(
            date(year, month + 1, 1) + timedelta(days=day.day - 1),
            following - timedelta(days=1),
        )

    def latest_begin(self, moment: datetime) -> datetime:
        """Return a moment that no row was sent after whose period is over by another.

        It is days later than needed: what is due on February 28 may be of a 31st, until
        midnight, and so four days after the 28th of its month.
        """
        began = Period(-self.length, self.unit, self.after).end(moment.date())
        return datetime.combine(began, time(), UTC) + timedelta(days=4)


# How long an address may stay unproven, where a form does not say.
UNVERIFIED = Period(30, Unit.DAYS, Anchor.SENDING)
Kept = Annotated[Period, Key(required=True)]

# A postponed event that has no new date after so long counts as held.
POSTPONED_AT_MOST = Period(12, Unit.MONTHS, Anchor.EVENT)

# What people think of the service belongs to no form and has one period for all.
OPINIONS = Period(24, Unit.MONTHS, Anchor.SENDING)


@dataclass(frozen=True, slots=True)
class Retention:
    """One period for each state a submission can rest in."""

    unverified: Annotated[Period, Key(default=UNVERIFIED)]
    open: Kept
    declined: Kept
    withdrawn: Kept
    accepted: Kept

    def of(self, status: str) -> Period:
        """Return the period of a status; new and correction_asked share `open`."""
        match status:
            case "unverified":
                return self.unverified
            case "new" | "correction_asked":
                return self.open
            case "declined":
                return self.declined
            case "withdrawn":
                return self.withdrawn
            case "accepted":
                return self.accepted
        raise ValueError(f"no retention for status {status!r}")


def purge_after(
    period: Period, moments: Mapping[Anchor, datetime | date | None], zone: ZoneInfo
) -> datetime:
    """Return the first moment at which a row may be erased, in UTC.

    An anchor that has not happened (no decision yet, an event without a date)
    counts from sending, so that nothing is ever kept without an end.
    """
    anchor = moments.get(period.after) or moments[Anchor.SENDING]
    if anchor is None:
        raise ValueError("a submission always has a moment of sending")
    day = anchor.astimezone(zone).date() if isinstance(anchor, datetime) else anchor
    return start_of_day(period.end(day) + timedelta(days=1), zone)
