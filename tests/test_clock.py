"""Time as a value: UTC inside, days of the project's zone where people count them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forms_service.clock import (
    end_of_day,
    from_utc_text,
    start_of_day,
    system_clock,
    utc_text,
)

ROME = ZoneInfo("Europe/Rome")


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert system_clock().tzinfo is UTC


def test_a_moment_is_written_in_utc_and_read_back() -> None:
    moment = datetime(2030, 7, 1, 12, 0, 5, 999, tzinfo=ROME)
    assert utc_text(moment) == "2030-07-01T10:00:05+00:00"
    assert from_utc_text(utc_text(moment)) == moment.replace(microsecond=0)
    assert from_utc_text("2030-07-01T12:00:05+02:00").tzinfo is UTC
    with pytest.raises(ValueError, match="has no UTC offset"):
        from_utc_text("2030-07-01T12:00:05")


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2030, 3, 31), 23), (date(2030, 7, 1), 24), (date(2030, 10, 27), 25)],
)
def test_a_day_is_as_long_as_in_its_zone(day: date, hours: int) -> None:
    assert end_of_day(day, ROME) - start_of_day(day, ROME) == timedelta(hours=hours)
    assert end_of_day(day, ROME) == start_of_day(day + timedelta(days=1), ROME)
    assert start_of_day(day, ROME).tzinfo is UTC
