"""An event: when, where, how to watch, and the state it has at a moment."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from ..clock import end_of_day, start_of_day
from ..definition.form_dates import EventStatus
from ..definition.problems import suggestion
from ..definition.retention import POSTPONED_AT_MOST
from ..definition.texts import Key, Needed, Review, Text
from .formats import names_film, whole_link
from .node import Node, read_review
from .reading import read_record

UNKNOWN = "unknown"
# Events have a field of this name.
Day = date
REMINDER_HOUR = time(9)
_HOUR = re.compile("([01]?[0-9]|2[0-3]):([0-5][0-9])")


class Moment(StrEnum):
    """Where now stands relative to an event."""

    BEFORE = "before"
    LIVE = "live"
    AFTER = "after"


def _known(node: Node, key: str) -> Text:
    text = node.text(key)
    return Text("", text.lang) if text == UNKNOWN else text


def _hour(node: Node, key: str) -> time | None:
    text = node.word(key)
    if text in ("", UNKNOWN):
        return None
    found = _HOUR.fullmatch(text)
    if found is None:
        node.problem(key, f'write the hour as "10:00", or {UNKNOWN}')
        return None
    return time(int(found[1]), int(found[2]))


def _hour_text(node: Node, key: str) -> str:
    hour = _hour(node, key)
    return f"{hour:%H:%M}" if hour else ""


@dataclass(frozen=True, slots=True)
class ProgrammeItem:
    """One line of the programme."""

    time: Annotated[str, Key(read=_hour_text)]
    title: Needed
    who: Text


@dataclass(frozen=True, slots=True)
class Event:
    """One event in one language; unknown hours are None, unknown texts are empty."""

    id: str
    lang: str
    languages: tuple[str, ...]
    title: Needed
    summary: Needed
    status: Annotated[
        EventStatus,
        Key(
            "whether it takes place; postponed while the new date is not known",
            default=EventStatus.PLANNED,
        ),
    ]
    reason: Annotated[Text, Key("why it is cancelled, postponed or moved")]
    date: date
    moved_from: Annotated[Day | None, Key("the day it was planned for before")]
    begins: Annotated[time | None, Key(read=_hour)]
    ends: Annotated[time | None, Key(read=_hour)]
    venue: Annotated[Text, Key(name="place", read=_known)]
    online: bool
    audience: Annotated[Text, Key(read=_known)]
    livestream: str
    recording: str
    no_recording: Text
    transcript: Text
    """Name of the text file beside the event's own that says what was said."""
    programme: tuple[ProgrammeItem, ...]
    source: str
    sequence: int
    review: Review

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Return the beginning in UTC; without an hour, the beginning of the day."""
        if self.begins is None:
            return start_of_day(self.date, zone)
        return datetime.combine(self.date, self.begins, zone).astimezone(UTC)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """Return the end in UTC; without an hour, the end of the day."""
        if self.ends is None:
            return end_of_day(self.date, zone)
        return datetime.combine(self.date, self.ends, zone).astimezone(UTC)

    def reminder_at(self, zone: ZoneInfo) -> datetime:
        """Return nine in the morning of the day before, in UTC."""
        day = self.date - timedelta(days=1)
        return datetime.combine(day, REMINDER_HOUR, zone).astimezone(UTC)

    def reminder_until(self, zone: ZoneInfo) -> datetime:
        """Return when a reminder helps nobody: it has begun, or its day is over."""
        return self.starts_at(zone) if self.begins else self.ends_at(zone)

    @property
    def takes_place(self) -> bool:
        """Say whether it is neither cancelled nor waiting for a new date."""
        return self.status is EventStatus.PLANNED

    @property
    def retention_day(self) -> Day:
        """Return the day that `after: event` counts from.

        Cancelled, it is the planned day; postponed, the last on which we wait for
        a new date.
        """
        if self.status is EventStatus.POSTPONED:
            return POSTPONED_AT_MOST.end(self.date)
        return self.date

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
    event = read_record(
        Event,
        node,
        id=event_id,
        lang=lang,
        languages=languages,
        livestream=_link(node, "livestream", hosts),
        recording=_link(node, "recording", hosts),
        review=read_review(node.translation),
    )
    if not event.venue and not event.online and not node.has("place"):
        node.problem("place", f"say where, or write {UNKNOWN}, or online: true")
    if event.begins and event.ends and event.ends <= event.begins:
        node.problem("ends", "is not after begins")
    _check_status(event, node)
    return event


def _check_status(event: Event, node: Node) -> None:
    if event.moved_from == event.date:
        node.problem("moved_from", "write the day before it was moved, date is the new")
    if event.reason and event.takes_place and not event.moved_from:
        advice = "write status: cancelled or postponed, or moved_from, or no reason"
        node.problem("reason", advice)


def _link(node: Node, key: str, hosts: Sequence[str]) -> str:
    """Accept a link only over https and only to a listed host (project.yml)."""
    text = node.word(key)
    if text in ("", UNKNOWN):
        return ""
    parts = whole_link(text)
    if parts is None or parts.scheme != "https":
        node.problem(key, "write the whole link, beginning with https://")
    elif parts.netloc not in hosts:
        near = suggestion(parts.netloc, hosts)
        node.problem(key, f"“{parts.netloc}” is not in livestream_hosts{near}")
    elif not names_film(parts):
        node.problem(key, "write the whole link of the film, as the browser shows it")
    else:
        return text
    return ""
