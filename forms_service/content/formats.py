"""How single values are written: ids, days, hours, links, and what has its own grammar.

A link is whole and plain, without tricks.
"""

import re
from calendar import month_name
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Generic, TypeVar
from urllib.parse import SplitResult, parse_qs, urlsplit

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
# White space, controls, and what browsers read as a slash or as the end of an address.
_ODD = re.compile(r"[\s\\<>\"\x00-\x1f]")
_PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
_FILM = re.compile(r"[A-Za-z0-9_-]{11}")


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


def whole_link(text: str) -> SplitResult | None:
    """Return the parts of an http or https link with a host; None for anything else.

    A user name before the host is refused: it makes one site look like another.
    """
    try:
        parts = urlsplit(text)
        usable = parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return None
    if not usable or parts.scheme not in ("http", "https") or _ODD.search(text):
        return None
    return parts


def names_film(parts: SplitResult) -> bool:
    """Say whether a link leads to one film, and not to a host or a cut-off example.

    YouTube's addresses carry a name of eleven characters; of other hosts only a path
    can be asked.
    """
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if "…" in parts.geturl() or "..." in parts.geturl():
        return False
    match host, parts.path.strip("/").split("/"):
        case "youtube.com", ["watch"]:
            (name, *_) = parse_qs(parts.query).get("v", [""])
        case ("youtube.com", ["live" | "embed", name]) | ("youtu.be", [name]):
            pass
        case (("youtube.com" | "youtu.be"), _):
            return False
        case _:
            return bool(parts.path.strip("/"))
    return _FILM.fullmatch(name) is not None


def shown_as_picture(name: str) -> bool:
    """Say whether a file of the content folder can stand as a picture on a page."""
    return name.startswith("assets/") and name.lower().endswith(_PICTURES)
