"""The numbers of a period: what came in, what became of it, how long it took."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..clock import utc_text
from ..store import figures
from ..store.connection import Connection
from ..store.figures import Held
from .context import WorkflowContext
from .meetings import Places, places

# "2030-03-01": a day, and no hour of UTC.
_DAY = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a form, or of all, from one day to another one, both included.

    `arrived`, `decided` and `reasons` are of the log, and of erased requests too;
    `waits` are the days from arrival to decision. All else is of what is held today.
    """

    arrived: Counter[date]
    decided: Counter[str]
    reasons: Counter[str]
    waits: list[int]
    held: Counter[Held]
    in_time: Counter[str]
    stars: Counter[int]
    places: Places | None

    def within(self, share: float) -> int:
        """Return in how many days this share of the decisions was made."""
        return self.waits[max(0, -int(-share * len(self.waits) // 1) - 1)]

    def of(self, part: str) -> Counter[str]:
        """Count the requests that are held by `source`, `lang` or `status`."""
        counted: Counter[str] = Counter()
        for kind, number in self.held.items():
            counted[getattr(kind, part)] += number
        return counted


IN_TIME, LATE, OPEN, OVERDUE = "in_time", "late", "open", "overdue"


def of_period(
    context: WorkflowContext, form_id: str, first: date, last: date
) -> Figures:
    """Return the numbers of a form, or of all forms for an empty id."""
    since, until = moments(first, last + timedelta(days=1), context.zone)
    days = _LocalDays(context.zone)

    def read(db: Connection) -> Figures:
        arrived: Counter[date] = Counter()
        for hour, number in figures.arrivals(db, form_id, since, until):
            arrived[days[hour]] += number
        decided: Counter[str] = Counter()
        waits = []
        reasons: Counter[str] = Counter()
        for decision in figures.decisions(db, form_id, since, until):
            decided[decision.verb] += 1
            reasons.update(decision.reasons)
            waits.append(max(0, (days[decision.made] - days[decision.came]).days))
        promised = figures.promised(db, form_id, since, until)
        return Figures(
            arrived,
            decided,
            reasons,
            sorted(waits),
            figures.held(db, form_id, since, until),
            _in_time(promised, days, context.today),
            figures.stars(db, form_id, str(first), str(last)),
            places(context, db, form_id),
        )

    return context.store.read(read)


def moments(begins: date, ends: date, zone: ZoneInfo) -> tuple[str, str]:
    """Return the beginnings of two days as they are stored."""
    first, last = (
        utc_text(datetime.combine(day, time(), zone)) for day in (begins, ends)
    )
    return first, last


def _in_time(
    promised: Iterable[tuple[str, str | None, int]], days: "_LocalDays", today: date
) -> Counter[str]:
    counted: Counter[str] = Counter()
    for due_on, decided, number in promised:
        due = date.fromisoformat(due_on)
        if decided:
            counted[IN_TIME if days[decided] <= due else LATE] += number
        else:
            counted[OPEN if today <= due else OVERDUE] += number
    return counted


class _LocalDays(dict[str, date]):
    """The day of an hour of UTC in a zone; a day is itself. Each is made once."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, stored: str) -> date:
        at = datetime.fromisoformat(stored)
        moment = at.replace(tzinfo=UTC).astimezone(self._zone)
        self[stored] = at.date() if len(stored) == _DAY else moment.date()
        return self[stored]
