"""How long a row is kept: calendar arithmetic, anchors, both changes of the clock."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forms_service.definition import Anchor, Period, purge_after
from forms_service.definition.retention import Unit
from sample_content import every_type

ROME = ZoneInfo("Europe/Rome")
DAYS = st.dates(date(1990, 1, 1), date(2200, 1, 1))


@pytest.mark.parametrize(
    ("start", "length", "unit", "end"),
    [
        (date(2020, 1, 31), 1, Unit.MONTHS, date(2020, 2, 29)),
        (date(2021, 1, 31), 1, Unit.MONTHS, date(2021, 2, 28)),
        (date(2020, 2, 29), 1, Unit.YEARS, date(2021, 2, 28)),
        (date(2020, 2, 29), 4, Unit.YEARS, date(2024, 2, 29)),
        (date(2020, 11, 30), 1, Unit.MONTHS, date(2020, 12, 30)),
        (date(2020, 12, 31), 2, Unit.MONTHS, date(2021, 2, 28)),
        (date(2020, 10, 31), 14, Unit.MONTHS, date(2021, 12, 31)),
        (date(2020, 12, 31), 30, Unit.DAYS, date(2021, 1, 30)),
    ],
)
def test_a_period_ends_on_a_day_of_the_calendar(
    start: date, length: int, unit: Unit, end: date
) -> None:
    assert Period(length, unit, Anchor.SENDING).end(start) == end


@given(DAYS, st.integers(1, 240))
def test_months_keep_the_day_or_take_the_last_of_a_short_month(
    day: date, months: int
) -> None:
    end = Period(months, Unit.MONTHS, Anchor.SENDING).end(day)
    passed = (end.year - day.year) * 12 + end.month - day.month
    assert passed == months
    assert end.day == min(day.day, monthrange(end.year, end.month)[1])


@given(DAYS, st.integers(1, 20))
def test_a_year_is_twelve_months(day: date, years: int) -> None:
    in_years = Period(years, Unit.YEARS, Anchor.SENDING).end(day)
    assert in_years == Period(12 * years, Unit.MONTHS, Anchor.SENDING).end(day)


def test_a_row_may_go_at_midnight_after_the_last_day_kept() -> None:
    sent = datetime(2020, 6, 30, 21, 30, tzinfo=UTC)
    period = Period(1, Unit.DAYS, Anchor.SENDING)
    first_moment = purge_after(period, {Anchor.SENDING: sent}, ROME)
    assert first_moment == datetime(2020, 7, 1, 22, 0, tzinfo=UTC)
    later = sent + timedelta(hours=1)
    assert later.astimezone(ROME).day == 1, "in Rome it is already July"
    assert purge_after(period, {Anchor.SENDING: later}, ROME) == (
        first_moment + timedelta(days=1)
    )


@pytest.mark.parametrize(
    ("day", "midnight"),
    [
        (date(2030, 3, 30), datetime(2030, 3, 30, 23, tzinfo=UTC)),
        (date(2030, 3, 31), datetime(2030, 3, 31, 22, tzinfo=UTC)),
        (date(2030, 10, 26), datetime(2030, 10, 26, 22, tzinfo=UTC)),
        (date(2030, 10, 27), datetime(2030, 10, 27, 23, tzinfo=UTC)),
    ],
)
def test_midnight_is_that_of_the_zone_also_when_the_clock_changes(
    day: date, midnight: datetime
) -> None:
    period = Period(1, Unit.DAYS, Anchor.EVENT)
    moments = {
        Anchor.SENDING: datetime(2020, 1, 1, tzinfo=UTC),
        Anchor.EVENT: day - timedelta(days=1),
    }
    assert purge_after(period, moments, ROME) == midnight


def test_an_anchor_that_has_not_happened_counts_from_sending() -> None:
    sent = datetime(2020, 1, 1, 12, tzinfo=UTC)
    period = Period(30, Unit.DAYS, Anchor.DECISION)
    undecided = purge_after(period, {Anchor.SENDING: sent}, ROME)
    assert undecided == datetime(2020, 1, 31, 23, tzinfo=UTC)
    none = {Anchor.SENDING: sent, Anchor.DECISION: None}
    assert purge_after(period, none, ROME) == undecided
    decided = {Anchor.SENDING: sent, Anchor.DECISION: sent + timedelta(days=10)}
    assert purge_after(period, decided, ROME) == undecided + timedelta(days=10)


def test_a_row_that_was_never_sent_has_no_end() -> None:
    period = Period(30, Unit.DAYS, Anchor.DECISION)
    with pytest.raises(ValueError, match="moment of sending"):
        purge_after(period, {Anchor.SENDING: None}, ROME)


def test_every_state_has_its_period() -> None:
    kept = every_type().form("every-type").privacy.retention
    assert kept.of("unverified") == Period(30, Unit.DAYS, Anchor.SENDING)
    assert kept.of("new") == Period(12, Unit.MONTHS, Anchor.SENDING)
    assert kept.of("correction_asked") == kept.of("new")
    assert kept.of("declined") == Period(6, Unit.MONTHS, Anchor.DECISION)
    assert kept.of("withdrawn") == Period(30, Unit.DAYS, Anchor.DECISION)
    assert kept.of("accepted") == Period(30, Unit.DAYS, Anchor.EVENT)
    with pytest.raises(ValueError, match="no retention for status 'lost'"):
        kept.of("lost")


@given(DAYS, st.integers(1, 40), st.sampled_from(Unit))
@example(date(2000, 3, 31), 35, Unit.MONTHS)
def test_nothing_that_is_over_began_after_the_latest_moment_to_look_at(
    day: date, length: int, unit: Unit
) -> None:
    period = Period(length, unit, Anchor.SENDING)
    sent = datetime(day.year, day.month, day.day, 23, 59, tzinfo=ROME)
    over = purge_after(period, {Anchor.SENDING: sent}, ROME)
    assert period.latest_begin(over) >= sent
    assert period.latest_begin(over) <= sent + timedelta(days=6)
