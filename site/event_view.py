"""An event as a page tells it now: before, live or after; true without a script."""

import re
from datetime import datetime
from typing import NamedTuple

from babel.dates import format_date

from forms_service import addresses
from forms_service.content import Event, Moment
from forms_service.content.event import Item
from forms_service.content.pages import Destination, Page, UnknownLink
from forms_service.definition import EventStatus, Text
from forms_service.shapes.calendar import headline, reason, what_became, when
from forms_service.shapes.chrome import marked
from forms_service.words import Words
from plan import PLAYERS, Plan

_FILM = re.compile(
    r"https://(?:(?:www\.)?youtube\.com/(?:watch\?v=|live/|embed/)|youtu\.be/)"
    r"([A-Za-z0-9_-]+)(?:[?&].*)?"
)


class Watch(NamedTuple):
    """A plain link to the livestream or the recording, and whose rules apply there."""

    address: str
    text: str
    note: str
    player: str
    """Address of the film inside our page, or empty where that is not possible."""


class EventNews(NamedTuple):
    """That an event is cancelled, postponed or moved, as one of the news."""

    page: Page
    lang: str
    address: str
    title: str
    description: str
    mark: str
    """Tells what became of an event from what becomes of it later."""


class EventView(NamedTuple):
    """What is to be said about an event at one moment.

    `moment` is before, live or after; of what does not take place, its status.
    """

    title: Text
    summary: Text
    moment: str
    state: str
    became: str
    """That it is cancelled, postponed or moved, in a sentence; empty if as planned."""
    reason: Text
    iso: str
    when: str
    day: str
    month: str
    year: str
    where: list[str]
    note: str
    watch: Watch | None
    calendar: str
    page: Destination | None
    programme: tuple[Item, ...]
    transcript: tuple[Text, ...]


def event_view(event: Event, plan: Plan, words: Words) -> EventView:
    """Return an event as it stands at the plan's moment."""
    moment = event.moment(plan.now, plan.content.project.zone)
    over = _is_over(event, moment)
    return EventView(
        title=event.title,
        summary=event.summary,
        moment=moment.value if event.takes_place else event.status.value,
        state=_state(event, moment, words),
        became=_became(event, moment, words),
        reason=event.reason,
        iso=event.date.isoformat(),
        when=_when(event, words),
        day=words.number(event.date.day),
        month=format_date(event.date, "MMM", locale=words.lang).strip("."),
        year=str(event.date.year),
        where=_where(event, words),
        note=_note(event, moment, words),
        watch=_watch(event, moment, words),
        calendar="" if over else addresses.calendar(event.id, words.lang),
        page=_page(event, plan, words.lang),
        programme=event.programme,
        transcript=_transcript(event, moment, plan),
    )


def _is_over(event: Event, moment: Moment) -> bool:
    """Say whether its day has passed; one that waits for a new date has none."""
    return moment is Moment.AFTER and event.status is not EventStatus.POSTPONED


def _when(event: Event, words: Words) -> str:
    if event.takes_place:
        return when(event, words)
    return words.say("It was planned for: {when}", when=when(event, words))


def _became(event: Event, moment: Moment, words: Words) -> str:
    """Say what became of it; that it was moved matters no more when it is over."""
    took_place = event.takes_place and moment is Moment.AFTER
    return "" if took_place else what_became(event, words)


def event_news(plan: Plan, lang: str) -> list[EventNews]:
    """Return what is new about events that are to come and not as they were planned."""
    words, found = plan.words(lang), []
    for event_id in plan.content.events:
        event = plan.content.event(event_id, lang)
        view = event_view(event, plan, words)
        over = _is_over(event, event.moment(plan.now, plan.content.project.zone))
        if over or not view.became or view.page is None:
            continue
        page = plan.pages.page(event_id, view.page.lang or lang)
        lines = (view.became, reason(event, words), f"{view.when}.")
        told = " ".join(line for line in lines if line)
        found.append(
            EventNews(
                page,
                page.lang,
                view.page.address,
                headline(event, words),
                told,
                f"#{view.moment}-{view.iso}",
            )
        )
    return found


def _state(event: Event, moment: Moment, words: Words) -> str:
    match event.status:
        case EventStatus.CANCELLED:
            return words.say("Cancelled")
        case EventStatus.POSTPONED:
            return words.say("Postponed")
    match moment:
        case Moment.BEFORE:
            return words.say("Coming up")
        case Moment.LIVE if event.begins and event.ends:
            return words.say("Happening now")
        case Moment.LIVE:
            return words.say("Today")
        case Moment.AFTER:
            return words.say("Took place")


def _where(event: Event, words: Words) -> list[str]:
    where: list[str] = []
    if event.place:
        where.append(marked(event.place, words.lang))
    if event.online:
        where.append(words.say("Online"))
    if event.audience and event.audience != "unknown":
        where.append(marked(event.audience, words.lang))
    return where


def _note(event: Event, moment: Moment, words: Words) -> str:
    if not event.takes_place:
        return ""
    if moment is Moment.AFTER:
        return "" if event.recording else event.no_recording
    if event.online and not event.livestream:
        return words.say("The link to watch will be here.")
    if event.begins is None:
        return words.say("The time is not known yet.")
    return ""


def _watch(event: Event, moment: Moment, words: Words) -> Watch | None:
    address = event.recording if moment is Moment.AFTER else event.livestream
    if not address or not event.takes_place:
        return None
    text = {
        Moment.BEFORE: words.say("Link to the livestream"),
        Moment.LIVE: words.say("Watch the livestream"),
        Moment.AFTER: words.say("Watch the recording"),
    }[moment]
    note = words.say(
        "The link opens another site, where other rules on your data apply."
    )
    return Watch(address, text, note, player(address))


def player(address: str) -> str:
    """Return where YouTube shows a film without its cookies; empty for other hosts."""
    found = _FILM.fullmatch(address)
    return f"{PLAYERS}/embed/{found[1]}?autoplay=1" if found else ""


def _transcript(event: Event, moment: Moment, plan: Plan) -> tuple[Text, ...]:
    """Return what was said, paragraph by paragraph, once the event is over."""
    if not event.transcript or moment is not Moment.AFTER:
        return ()
    file = plan.content.folder / "events" / event.transcript
    said = Text(file.read_text(encoding="utf-8"), event.transcript.lang)
    return tuple(said.paragraphs)


def _page(event: Event, plan: Plan, lang: str) -> Destination | None:
    try:
        return plan.pages.destination(f"event:{event.id}", lang)
    except UnknownLink:
        return None


def next_changes(event: Event, plan: Plan) -> tuple[datetime, datetime]:
    """Return the moments at which what is said about an event changes by itself."""
    zone = plan.content.project.zone
    return event.starts_at(zone), event.ends_at(zone)
