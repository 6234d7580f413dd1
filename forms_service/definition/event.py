"""An event: when, where, how to watch, and the state it has at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ..clock import end_of_day, start_of_day
from .form import Text
from .problems import suggestion
from .reading import Node

UNKNOWN = "unknown"


class Moment(StrEnum):
    """Where now stands relative to an event."""

    BEFORE = "before"
    LIVE = "live"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the programme."""

    time: str
    title: Text
    who: Text


@dataclass(frozen=True, slots=True)
class Event:
    """One event in one language; unknown hours are None, an unknown link is empty."""

    id: str
    lang: str
    languages: tuple[str, ...]
    title: Text
    summary: Text
    date: date
    begins: time | None
    ends: time | None
    place: Text
    online: bool
    audience: Text
    livestream: str
    recording: str
    no_recording: Text
    programme: tuple[Item, ...]
    source: str
    sequence: int

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Return the beginning in UTC; without an hour, the beginning of the day."""
        if self.begins is None:
            return start_of_day(self.date, zone)
        return datetime.combine(self.date, self.begins, zone)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """Return the end in UTC; without an hour, the end of the day."""
        if self.ends is None:
            return end_of_day(self.date, zone)
        return datetime.combine(self.date, self.ends, zone)

    def moment(self, now: datetime, zone: ZoneInfo) -> Moment:
        """Say whether the event is still to come, going on, or over."""
        if now < self.starts_at(zone):
            return Moment.BEFORE
        return Moment.LIVE if now < self.ends_at(zone) else Moment.AFTER


def read_event(
    event_id: str,
    node: Node,
    lang: str,
    languages: tuple[str, ...],
    hosts: Sequence[str],
) -> Event:
    """Build an event from its file; mistakes are added to the node's problems."""
    event = Event(
        id=event_id,
        lang=lang,
        languages=languages,
        title=node.text("title", required=True),
        summary=node.text("summary", required=True),
        date=node.day("date", required=True) or date.min,
        begins=_hour(node, "begins"),
        ends=_hour(node, "ends"),
        place=node.text("place"),
        online=node.flag("online"),
        audience=node.text("audience"),
        livestream=_link(node, "livestream", hosts),
        recording=_link(node, "recording", hosts),
        no_recording=node.text("no_recording"),
        programme=tuple(_item(item) for item in node.nodes("programme")),
        source=node.word("source"),
        sequence=node.whole("sequence"),
    )
    node.done()
    if not event.place and not event.online:
        node.problem("place", "say where, or write online: true")
    return event


def _item(node: Node) -> Item:
    item = Item(node.word("time"), node.text("title", required=True), node.text("who"))
    node.done()
    return item


def _hour(node: Node, key: str) -> time | None:
    text = node.word(key)
    if text in ("", UNKNOWN):
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        node.problem(key, 'write the hour in quotes, as "10:00", or unknown')
        return None


def _link(node: Node, key: str, hosts: Sequence[str]) -> str:
    """Accept a link only over https and only to a listed host (project.yml)."""
    text = node.word(key)
    if text in ("", UNKNOWN):
        return ""
    parts = urlsplit(text)
    if parts.scheme != "https":
        node.problem(key, "write the whole link, beginning with https://")
    elif parts.hostname not in hosts or parts.username or parts.port:
        host = parts.hostname or ""
        node.problem(
            key, f"“{host}” is not in livestream_hosts{suggestion(host, hosts)}"
        )
    else:
        return text
    return ""
