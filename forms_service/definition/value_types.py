"""Types whose answer is a value: a whole number, a day, an hour of the day."""

import re
from collections.abc import Mapping
from datetime import MAXYEAR, date, time
from typing import ClassVar

from ..words import N_, Words
from .field_type import (
    Answer,
    Control,
    Doubt,
    Here,
    LineType,
    OutOfBounds,
    Raw,
    Refused,
    first,
)
from .form import TODAY, Field

_BETWEEN_NUMBERS = re.compile(r"[/.\-\s]+")
# 9, 9.30, 9:30, 9h30 and 0930, with the word for “hour” before it or without.
_HOUR = re.compile(
    r"(?:h|or[ae])?[\s.]*(\d{1,2}?)(?:\s*[.:h,]?\s*(\d{2}))?\s*h?", re.IGNORECASE
)
_WHOLE = re.compile(r"[+-]?\d{1,15}")


class NumberType(LineType):
    """A whole number, in the digits of any script."""

    name = "number"
    limited = int
    attributes: ClassVar[Mapping[str, str]] = {"inputmode": "numeric"}
    width = "short"
    short = True
    numeric = True
    missing = N_("Write a number in “{label}”.")
    # Beyond this a spreadsheet rounds.
    highest: ClassVar[int] = 999_999_999_999

    def parse(self, field: Field, text: str, here: Here) -> Answer:
        number = _whole("".join(text.split()), N_("Write a whole number, in digits."))
        low, high = field.limits.numbers()
        low = -self.highest if low is None else low
        high = self.highest if high is None else high
        if number < low:
            raise OutOfBounds(N_("Write a number not lower than {low}."), low=low)
        if number > high:
            raise OutOfBounds(N_("Write a number not higher than {high}."), high=high)
        return number

    def sample(self, field: Field, n: int, words: Words) -> dict[str, list[str]]:
        low, high = field.limits.numbers()
        number = 1 + n % 3 if low is None else low
        return {field.id: [str(number if high is None else min(number, high))]}


class DateType(LineType):
    """A day, typed as three numbers on the web or as day/month/year on paper."""

    name = "date"
    control = Control.DATE
    limited = date
    missing = N_("Write day, month and year.")
    pattern = N_("dd/mm/yyyy")
    short = True
    unreadable: ClassVar[str] = N_(
        "Write day, month and year in digits, for example {example}."
    )
    example = "27 3 1985"

    def controls(self, field: Field) -> tuple[str, ...]:
        return (f"{field.id}-day", f"{field.id}-month", f"{field.id}-year")

    def typed(self, field: Field, raw: Raw) -> str:
        boxes = "/".join(first(raw, control) for control in self.controls(field))
        return boxes.strip("/") or super().typed(field, raw)

    def parse(self, field: Field, text: str, here: Here) -> Answer:
        day = self._day(text)
        low, high = field.limits.days(here.today)
        if high is not None and day > high:
            if field.limits.max == TODAY:
                raise OutOfBounds(N_("Write a date that is not in the future."))
            raise OutOfBounds(N_("Write a date not later than {high}."), high=high)
        if low is not None and day < low:
            raise OutOfBounds(N_("Write a date not earlier than {low}."), low=low)
        if field.expires and here.today is not None and day < here.today:
            raise Doubt(
                day.isoformat(),
                N_("This date has passed. If it is the one you read, you can go on."),
            )
        return day.isoformat()

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        day = date.fromisoformat(answer)
        numbers = (day.day, day.month, day.year)
        return {
            control: [str(number)]
            for control, number in zip(self.controls(field), numbers, strict=True)
        }

    def sample(self, field: Field, n: int, words: Words) -> dict[str, list[str]]:
        first, last = field.limits.days(None)
        return self.raw(field, str(last or first or "1990-01-31"))

    def from_paper(self, field: Field, text: str) -> dict[str, list[str]] | None:
        # A draft keeps the place of boxes that were empty.
        boxes = text.split("/")
        if len(boxes) != 3:
            boxes = [part for part in _BETWEEN_NUMBERS.split(text) if part]
            if len(boxes) != 3:
                return None
        if len(boxes[0].strip()) == 4:
            boxes.reverse()
        return {
            control: [box.strip()]
            for control, box in zip(self.controls(field), boxes, strict=True)
            if box.strip()
        }

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [words.day(date.fromisoformat(answer))]

    def _day(self, text: str) -> date:
        for mark in ".- ":
            text = text.replace(mark, "/")
        parts = [part for part in text.split("/") if part]
        numbers = [_whole(part, self.unreadable, self.example) for part in parts]
        if len(parts) == 3 and len(parts[0]) == 4:
            numbers.reverse()
        if len(numbers) != 3 or max(numbers) > MAXYEAR:
            raise Refused(self.unreadable, example=self.example)
        day, month, year = numbers
        if year < 1000:
            raise Refused(N_("Check the year: write it with four digits."))
        try:
            return date(year, month, day)
        except ValueError as error:
            raise Refused(
                N_("This day does not exist: check day and month.")
            ) from error


class TimeType(LineType):
    """An hour of the day, kept as HH:MM of 24 hours."""

    name = "time"
    limited = time
    missing = N_("Write hours and minutes.")
    pattern = N_("hh:mm")
    example = "14:30"
    width = "short"
    short = True
    ltr = True

    def parse(self, field: Field, text: str, here: Here) -> Answer:
        found = _HOUR.fullmatch(text)
        hour, minute = (int(part or 0) for part in found.groups()) if found else (24, 0)
        if hour > 23 or minute > 59:
            raise Refused(
                N_(
                    "Write hours and minutes in digits, from 00:00 to 23:59, "
                    "for example {example}."
                ),
                example=self.example,
            )
        answer = _written(time(hour, minute))
        low, high = map(_written, field.limits.hours())
        if low and answer < low:
            raise OutOfBounds(N_("Write a time not earlier than {low}."), low=low)
        if high and answer > high:
            raise OutOfBounds(N_("Write a time not later than {high}."), high=high)
        return answer

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [words.hour(time.fromisoformat(answer))]

    def sample(self, field: Field, n: int, words: Words) -> dict[str, list[str]]:
        low, high = field.limits.hours()
        return {field.id: [_written(low or high) or self.example]}


def _written(hour: time | None) -> str:
    return hour.isoformat("minutes") if hour else ""


def _whole(text: str, msgid: str, example: str = "") -> int:
    # int() alone would also read "1_000"; 15 digits are more than any answer has.
    if not _WHOLE.fullmatch(text):
        raise Refused(msgid, **({"example": example} if example else {}))
    return int(text)
