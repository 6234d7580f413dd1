"""An event as a page tells it now: before, live or after; true without a script."""

import re
from datetime import datetime
from typing import NamedTuple

from babel.dates import format_date

from forms_service import urls
from forms_service.content import Event, Moment
from forms_service.content.event import ProgrammeItem
from forms_service.content.pages import Destination, Page, UnknownLink
from forms_service.definition import EventStatus, Text
from forms_service.i18n import Translator
from forms_service.shapes.calendar import headline, reason, what_became, when
from forms_service.shapes.chrome import marked
from plan import PLAYERS, Plan

_FILM = re.compile(
    r"https://(?:(?:www\.)?youtube\.com/(?:watch\?v=|live/|embed/)|youtu\.be/)"
    r"([A-Za-z0-9_-]+)(?:[?&].*)?"
)


class Watch(NamedTuple):
    """A plain link to the livestream or the recording, and whose rules apply there."""

    url: str
    text: str
    note: str
    player: str
    """Address of the film inside our page, or empty where that is not possible."""


class EventNews(NamedTuple):
    """That an event is cancelled, postponed or moved, as one of the news."""

    page: Page
    lang: str
    url: str
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
    programme: tuple[ProgrammeItem, ...]
    transcript: tuple[Text, ...]


def event_view(event: Event, plan: Plan, translator: Translator) -> EventView:
    """Return an event as it stands at the plan's moment."""
    moment = event.moment(plan.now, plan.content.project.zone)
    over = _is_over(event, moment)
    return EventView(
        title=event.title,
        summary=event.summary,
        moment=moment.value if event.takes_place else event.status.value,
        state=_state(event, moment, translator),
        became=_became(event, moment, translator),
        reason=event.reason,
        iso=event.date.isoformat(),
        when=_when(event, translator),
        day=translator.format_number(event.date.day),
        month=format_date(event.date, "MMM", locale=translator.lang).strip("."),
        year=str(event.date.year),
        where=_where(event, translator),
        note=_note(event, moment, translator),
        watch=_watch(event, moment, translator),
        calendar="" if over else urls.calendar(event.id, translator.lang),
        page=_page(event, plan, translator.lang),
        programme=event.programme,
        transcript=_transcript(event, moment, plan),
    )


def _is_over(event: Event, moment: Moment) -> bool:
    """Say whether its day has passed; one that waits for a new date has none."""
    return moment is Moment.AFTER and event.status is not EventStatus.POSTPONED


def _when(event: Event, translator: Translator) -> str:
    if event.takes_place:
        return when(event, translator)
    return translator.gettext(
        "It was planned for: {when}", when=when(event, translator)
    )


def _became(event: Event, moment: Moment, translator: Translator) -> str:
    """Say what became of it; that it was moved matters no more when it is over."""
    took_place = event.takes_place and moment is Moment.AFTER
    return "" if took_place else what_became(event, translator)


def event_news(plan: Plan, lang: str) -> list[EventNews]:
    """Return what is new about events that are to come and not as they were planned."""
    translator, found = plan.translator(lang), []
    for event_id in plan.content.events:
        event = plan.content.event(event_id, lang)
        view = event_view(event, plan, translator)
        over = _is_over(event, event.moment(plan.now, plan.content.project.zone))
        if over or not view.became or view.page is None:
            continue
        page = plan.pages.page(event_id, view.page.lang or lang)
        lines = (view.became, reason(event, translator), f"{view.when}.")
        sentence = " ".join(line for line in lines if line)
        found.append(
            EventNews(
                page,
                page.lang,
                view.page.url,
                headline(event, translator),
                sentence,
                f"#{view.moment}-{view.iso}",
            )
        )
    return found


def _state(event: Event, moment: Moment, translator: Translator) -> str:
    match event.status:
        case EventStatus.CANCELLED:
            return translator.gettext("Cancelled")
        case EventStatus.POSTPONED:
            return translator.gettext("Postponed")
    match moment:
        case Moment.BEFORE:
            return translator.gettext("Coming up")
        case Moment.LIVE if event.begins and event.ends:
            return translator.gettext("Happening now")
        case Moment.LIVE:
            return translator.gettext("Today")
        case Moment.AFTER:
            return translator.gettext("Took place")


def _where(event: Event, translator: Translator) -> list[str]:
    where: list[str] = []
    if event.venue:
        where.append(marked(event.venue, translator.lang))
    if event.online:
        where.append(translator.gettext("Online"))
    if event.audience and event.audience != "unknown":
        where.append(marked(event.audience, translator.lang))
    return where


def _note(event: Event, moment: Moment, translator: Translator) -> str:
    if not event.takes_place:
        return ""
    if moment is Moment.AFTER:
        return "" if event.recording else event.no_recording
    if event.online and not event.livestream:
        return translator.gettext("The link to watch will be here.")
    if event.begins is None:
        return translator.gettext("The time is not known yet.")
    return ""


def _watch(event: Event, moment: Moment, translator: Translator) -> Watch | None:
    url = event.recording if moment is Moment.AFTER else event.livestream
    if not url or not event.takes_place:
        return None
    text = {
        Moment.BEFORE: translator.gettext("Link to the livestream"),
        Moment.LIVE: translator.gettext("Watch the livestream"),
        Moment.AFTER: translator.gettext("Watch the recording"),
    }[moment]
    note = translator.gettext(
        "The link opens another site, where other rules on your data apply."
    )
    return Watch(url, text, note, player(url))


def player(url: str) -> str:
    """Return where YouTube shows a film without its cookies; empty for other hosts."""
    found = _FILM.fullmatch(url)
    return f"{PLAYERS}/embed/{found[1]}?autoplay=1" if found else ""


def _transcript(event: Event, moment: Moment, plan: Plan) -> tuple[Text, ...]:
    """Return what was said, paragraph by paragraph, once the event is over."""
    if not event.transcript or moment is not Moment.AFTER:
        return ()
    file = plan.content.folder / "events" / event.transcript
    text = Text(file.read_text(encoding="utf-8"), event.transcript.lang)
    return tuple(text.paragraphs)


def _page(event: Event, plan: Plan, lang: str) -> Destination | None:
    try:
        return plan.pages.destination(f"event:{event.id}", lang)
    except UnknownLink:
        return None


def next_changes(event: Event, plan: Plan) -> tuple[datetime, datetime]:
    """Return the moments at which what is said about an event changes by itself."""
    zone = plan.content.project.zone
    return event.starts_at(zone), event.ends_at(zone)
