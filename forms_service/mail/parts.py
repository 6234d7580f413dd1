"""What mails are made of: the parts that several share, and those about events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..shapes.calendar import when
from .draft import Draft


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence, and under it what stands on a line of its own, if anything."""

    text: str
    link: str = ""
    code: str = ""


def appointment(draft: Draft) -> Iterator[Part]:
    """Say when and where it is and how to watch, or that this is not known yet."""
    say, about = draft.words.say, draft.appointment
    if about is None:
        return
    event = about.event
    if not draft.delicate:
        yield Part(say("This is about “{title}”.", title=event.title))
    yield Part(say("When: {when}", when=when(event, draft.words)))
    if event.begins is None:
        yield Part(say("The time is not known yet."))
    if event.place and not draft.delicate:
        yield Part(say("Where: {place}", place=event.place))
    if event.livestream:
        yield Part(say("Watch the livestream here:"), link=event.livestream)
    elif event.online:
        yield Part(say("The link to the livestream is not known yet."))
    if about.calendar:
        yield Part(say("The attached file puts the date into your calendar."))
    if about.reminded:
        yield Part(say("We send you a reminder the day before."))
    if about.told:
        yield Part(say("We write to you if date, place or link change."))


def reminder(draft: Draft) -> Iterator[Part]:
    """Say on the day before what somebody takes part in."""
    say = draft.words.say
    if draft.delicate:
        yield Part(say("We remind you of your appointment."))
    yield from appointment(draft)
    yield from _cannot_come(draft)


def event_changed(draft: Draft) -> Iterator[Part]:
    """Say how things stand with an event now."""
    say = draft.words.say
    yield Part(say("Something has changed. This is how things stand now."))
    yield from appointment(draft)
    yield from _cannot_come(draft)


def _cannot_come(draft: Draft) -> Iterator[Part]:
    yield reference(draft)
    text = draft.words.say("You cannot come any more? Tell us on your personal page:")
    yield Part(text, link=link_of(draft))
    yield Part(draft.words.say("The link is only for you. Do not pass it on."))


def reference(draft: Draft) -> Part:
    """Say the number by which staff find a request."""
    text = draft.words.say("Your reference number:")
    return Part(text, code=draft.reference)


def personal(draft: Draft) -> Iterator[Part]:
    """Lead to the personal page."""
    text = draft.words.say("On your personal page you see where your request stands:")
    yield Part(text, link=link_of(draft))
    yield Part(draft.words.say("The link is only for you. Do not pass it on."))


def link_of(draft: Draft) -> str:
    """Return the link of a mail; in a preview, what stands in its place."""
    return draft.link or draft.words.say("(here stands the person’s own link)")


def day(draft: Draft, moment: datetime) -> str:
    """Write the day of a moment in the project's zone."""
    return draft.words.day(moment.astimezone(draft.words.zone).date())
