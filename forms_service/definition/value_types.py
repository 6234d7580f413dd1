"""Types whose answer is a value: a whole number, a day, an hour of the day."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import ClassVar

from ..i18n import N_, Translator, month_of
from .field_type import (
    Answer,
    Control,
    Controls,
    DoubtfulAnswer,
    InputContext,
    LineType,
    PreciseError,
    Raw,
    first,
)
from .folding import digits, western
from .form import TODAY, Field

# What stands between day, month and year, once every dash is one.
_BETWEEN = re.compile(r"[\s/.,،-]+")
# Words that may stand between them: 27 di marzo, 27 березня 1985 р.
_SMALL = frozenset({"di", "del", "de", "of", "the", "р", "року"})
# 1°, 1er, 2nd: a number in a row, in front of the name of a month.
_DAY = re.compile(r"(\d+)(?:[°º]|st|nd|rd|th|er)?", re.IGNORECASE)
# 9, 9.30, 9:30, 9h30 and 0930, with the word for “hour” before it or without.
_HOUR = re.compile(
    r"(?:h|or[ae])?[\s.]*(\d{1,2}?)(?:\s*[.:h,]?\s*(\d{2}))?\s*h?", re.IGNORECASE
)
# 15 digits are more than any answer has; spaces only between groups of three.
_WHOLE = re.compile(r"[+-]? ?(?:\d{1,15}|\d{1,3}(?: \d{3}){1,4})")
_NO_DIGIT = re.compile(r"[^\W\d_]+|[^\d\s]")


class NumberType(LineType):
    """A whole number, in the digits of any script."""

    name = "number"
    limited = int
    attributes: ClassVar[Mapping[str, str]] = {"inputmode": "numeric"}
    width = "short"
    short = True
    numeric = True
    missing = N_("Write a number in “{label}”.")
    unreadable = N_("Write a whole number, in digits.")
    # Beyond this a spreadsheet rounds.
    highest: ClassVar[int] = 999_999_999_999

    def parse(self, field: Field, text: str, context: InputContext) -> Answer:
        number = self._whole(western(text))
        low, high = field.limits.numbers()
        low = -self.highest if low is None else low
        high = self.highest if high is None else high
        if number < low:
            raise PreciseError(N_("Write a number not lower than {low}."), low=low)
        if number > high:
            raise PreciseError(N_("Write a number not higher than {high}."), high=high)
        return number

    def keeps(self, text: str, answer: Answer, context: InputContext) -> bool:
        return digits(text).lstrip("0") == digits(str(answer)).lstrip("0")

    def _whole(self, text: str) -> int:
        if _WHOLE.fullmatch(text):
            return int(text.replace(" ", ""))
        if strange := _NO_DIGIT.search(text.lstrip("+-")):
            raise PreciseError(
                N_("Write a whole number in digits only, without “{found}”."),
                found=strange[0],
            )
        raise self.refusal()

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        low, high = field.limits.numbers()
        number = 1 + n % 3 if low is None else low
        return {field.id: [str(number if high is None else min(number, high))]}


def _parts(text: str) -> list[str]:
    """Return what a day is written with: its numbers, and the name of a month."""
    parts = _BETWEEN.split(text)
    parts = [part for part in parts if part and part.casefold() not in _SMALL]
    if len(parts) == 4:  # كانون الثاني
        parts[1:3] = [" ".join(parts[1:3])]
    return parts


class DateType(LineType):
    """A day, typed as three numbers on the web or as day/month/year on paper."""

    name = "date"
    control = Control.DATE
    limited = date
    missing = N_("Write day, month and year.")
    pattern = N_("dd/mm/yyyy")
    short = True
    unreadable = N_("Write day, month and year in digits, for example {example}.")
    example = "27 3 1985"

    def controls(self, field: Field) -> tuple[str, ...]:
        return (f"{field.id}-day", f"{field.id}-month", f"{field.id}-year")

    def typed(self, field: Field, raw: Raw) -> str:
        boxes = "/".join(first(raw, control) for control in self.controls(field))
        return boxes.strip("/") or super().typed(field, raw)

    def parse(self, field: Field, text: str, context: InputContext) -> Answer:
        day = self._day(western(text), context.languages)
        low, high = field.limits.days(context.today)
        if high is not None and day > high:
            if field.limits.max == TODAY:
                raise PreciseError(N_("Write a date that is not in the future."))
            raise PreciseError(N_("Write a date not later than {high}."), high=high)
        if low is not None and day < low:
            raise PreciseError(N_("Write a date not earlier than {low}."), low=low)
        if field.expires and context.today is not None and day < context.today:
            raise DoubtfulAnswer(
                day.isoformat(),
                N_("This date has passed. If it is the one you read, you can go on."),
            )
        return day.isoformat()

    def raw(self, field: Field, answer: Answer) -> Controls:
        day = date.fromisoformat(answer)
        numbers = (day.day, day.month, day.year)
        return {
            control: [str(number)]
            for control, number in zip(self.controls(field), numbers, strict=True)
        }

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        first, last = field.limits.days(None)
        return self.raw(field, str(last or first or "1990-01-31"))

    def from_paper(self, field: Field, text: str) -> Controls | None:
        # A draft keeps the place of boxes that were empty.
        boxes = text.split("/")
        if len(boxes) != 3:
            boxes = _parts(western(text))
        if len(boxes) != 3:
            return None
        if len(boxes[0].strip()) == 4:
            boxes.reverse()
        return {
            control: [box.strip()]
            for control, box in zip(self.controls(field), boxes, strict=True)
            if box.strip()
        }

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return [translator.format_date(date.fromisoformat(answer))]

    def keeps(self, text: str, answer: Answer, context: InputContext) -> bool:
        # The name of a month is no number, and a year may stand first.
        return Counter(_numbers(text)) <= Counter(_numbers(str(answer)))

    def _day(self, text: str, languages: Sequence[str]) -> date:
        parts = _parts(text)
        if len(parts) != 3:
            raise self.refusal()
        if len(parts[0]) == 4 and parts[0].isdecimal():
            parts.reverse()
        elif month_of(parts[0], languages) and parts[1].isdecimal():
            parts[:2] = parts[1::-1]
        first, month, year = parts
        read = _DAY.fullmatch(first)
        number = int(month) if month.isdecimal() else month_of(month, languages)
        if not read or not number or not year.isdecimal() or len(year) > 4:
            raise self.refusal()
        if int(year) < 1000:
            raise PreciseError(N_("Check the year: write it with four digits."))
        try:
            return date(int(year), number, int(read[1]))
        except (ValueError, OverflowError) as error:
            raise PreciseError(
                N_("This day does not exist: check day and month.")
            ) from error


class TimeType(LineType):
    """An hour of the day, kept as HH:MM of 24 hours."""

    name = "time"
    limited = time
    missing = N_("Write hours and minutes.")
    unreadable = N_(
        "Write hours and minutes in digits, from 00:00 to 23:59, for example {example}."
    )
    pattern = N_("hh:mm")
    example = "14:30"
    width = "short"
    short = True
    ltr = True

    def parse(self, field: Field, text: str, context: InputContext) -> Answer:
        found = _HOUR.fullmatch(western(text))
        hour, minute = (int(part or 0) for part in found.groups()) if found else (24, 0)
        if hour > 23 or minute > 59:
            raise self.refusal()
        answer = _written(time(hour, minute))
        low, high = map(_written, field.limits.hours())
        if low and answer < low:
            raise PreciseError(N_("Write a time not earlier than {low}."), low=low)
        if high and answer > high:
            raise PreciseError(N_("Write a time not later than {high}."), high=high)
        return answer

    def keeps(self, text: str, answer: Answer, context: InputContext) -> bool:
        # 930 is 09:30, and 9 is 09:00.
        typed = digits(text)
        return digits(str(answer)).startswith(typed.zfill(2 if len(typed) < 3 else 4))

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return [translator.format_time(time.fromisoformat(answer))]

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        low, high = field.limits.hours()
        return {field.id: [_written(low or high) or self.example]}


def _written(hour: time | None) -> str:
    return hour.isoformat("minutes") if hour else ""


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", western(text))]
