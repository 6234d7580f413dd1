"""How single values are written: ids, days, hours, and what has its own grammar."""

import re
from calendar import month_name
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Schema = dict[str, Any]
# A YAML editor reads 2020 or 1.10 as a number; here it is a text.
TEXT: Schema = {"type": ["string", "number"]}
LIST: Schema = {"type": "array"}
TEXTS: Schema = {**LIST, "items": {**TEXT, "minLength": 1}}
WORDS: Schema = {**LIST, "items": {"type": "string"}}
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
DAY: Schema = {"type": "string", "pattern": f"^{_DAY}$"}
_HOUR = "([01][0-9]|2[0-3]):[0-5][0-9]"
HOUR: Schema = {"type": "string", "pattern": f"^{_HOUR}$"}


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How an id is written: a pattern, and the advice for one that does not fit."""

    pattern: str
    advice: str

    @property
    def schema(self) -> Schema:
        """The same as JSON Schema."""
        return {"type": "string", "pattern": f"^{self.pattern}$"}

    def fits(self, text: str) -> bool:
        """Say whether a text is written so."""
        return re.fullmatch(self.pattern, text) is not None


ID = TextFormat(
    "[a-z][a-z0-9_]{0,39}", "an id has small letters a-z, digits and _, up to 40"
)
OPTION_ID = TextFormat(
    "[A-Za-z0-9_-]{1,40}", "an option id has letters, digits, _ and -"
)


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A value with a grammar of its own.

    `read` raises `ValueError` with advice; `schema` says the same as JSON Schema.
    """

    read: Callable[[Any], T]
    schema: Schema


def as_day(value: object) -> date | None:
    """Return the date that a text such as 2020-07-01 means, else None."""
    try:
        return date.fromisoformat(value) if re.fullmatch(_DAY, str(value)) else None  # type: ignore[arg-type]
    except ValueError:
        return None


def day_advice(value: object) -> str:
    """Return what to do about a text that is no date."""
    text = str(value)
    if not re.fullmatch(_DAY, text):
        return "write a date as 2020-07-01"
    year, month, day = map(int, text.split("-"))
    if 1 <= month <= 12 and year:
        return f"{day} {month_name[month]} {year} does not exist: write a day that does"
    return f"there is no month {month} in {year}: write year, month and day, 2020-07-01"


def as_hour(value: object) -> time | None:
    """Return the hour of the day that a text such as 09:30 means, else None."""
    text = str(value)
    return time.fromisoformat(text) if re.fullmatch(_HOUR, text) else None
