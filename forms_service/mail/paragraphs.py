"""Paragraphs that several mails share."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from ..definition import EventStatus
from ..shapes.calendar import reason, what_became, when
from ..shapes.notice import answer_promise, backup_sentence
from ..store.submissions import Seat
from .message import Appointment, MailMessage, Paragraph


def appointment(message: MailMessage) -> Iterator[Paragraph]:
    """Say when and where it is and how to watch, or that this is not known yet."""
    gettext, about = message.translator.gettext, message.appointment
    if about is None:
        return
    event = about.event
    if not message.delicate:
        yield Paragraph(gettext("This is about “{title}”.", title=event.title))
    if became := what_became(event, message.translator):
        yield Paragraph(became)
    if event.reason and not message.delicate:
        yield Paragraph(reason(event, message.translator))
    yield from (_takes_place if event.takes_place else _planned)(message, about)


def _planned(message: MailMessage, about: Appointment) -> Iterator[Paragraph]:
    """Say when it was to be, and what the calendar file does."""
    gettext, planned = message.translator.gettext, when(about.event, message.translator)
    yield Paragraph(gettext("It was planned for: {when}", when=planned))
    if about.calendar:
        yield Paragraph(
            gettext("The attached file takes the date out of your calendar.")
        )
    if about.event.status is EventStatus.POSTPONED:
        yield Paragraph(gettext("We write to you when there is a new date."))


def _takes_place(message: MailMessage, about: Appointment) -> Iterator[Paragraph]:
    gettext, event = message.translator.gettext, about.event
    yield Paragraph(gettext("When: {when}", when=when(event, message.translator)))
    if event.begins is None:
        yield Paragraph(gettext("The time is not known yet."))
    if event.venue and not message.delicate:
        yield Paragraph(gettext("Where: {place}", place=event.venue))
    if event.livestream:
        yield Paragraph(gettext("Watch the livestream here:"), link=event.livestream)
    elif event.online:
        yield Paragraph(gettext("The link to the livestream is not known yet."))
    if about.calendar:
        yield Paragraph(gettext("The attached file puts the date into your calendar."))
    if about.reminded:
        yield Paragraph(gettext("We send you a reminder the day before."))
    if about.announces_changes:
        yield Paragraph(gettext("We write to you if date, place or link change."))


def cannot_come(message: MailMessage) -> Iterator[Paragraph]:
    yield reference(message)
    text = message.translator.gettext(
        "You cannot come any more? Tell us on your personal page:"
    )
    yield Paragraph(text, link=link_of(message))
    yield Paragraph(
        message.translator.gettext("The link is only for you. Do not pass it on.")
    )


def reference(message: MailMessage) -> Paragraph:
    """Say the number by which staff find a request."""
    text = message.translator.gettext("Your reference number:")
    return Paragraph(text, code=message.reference)


def personal(message: MailMessage) -> Iterator[Paragraph]:
    """Lead to the personal page."""
    text = message.translator.gettext(
        "On your personal page you see where your request stands:"
    )
    yield Paragraph(text, link=link_of(message))
    yield Paragraph(
        message.translator.gettext("The link is only for you. Do not pass it on.")
    )


def link_of(message: MailMessage) -> str:
    """Return the link of a mail; in a preview, what stands in its place."""
    return message.link or message.translator.gettext(
        "(here stands the person’s own link)"
    )


def day(message: MailMessage, moment: datetime) -> str:
    """Write the day of a moment in the project's zone."""
    return message.translator.format_date(
        moment.astimezone(message.translator.zone).date()
    )


def place(message: MailMessage) -> Iterator[Paragraph]:
    gettext = message.translator.gettext
    if message.place is Seat.HELD:
        yield Paragraph(gettext("You have a place."))
    elif message.place is Seat.WAITING:
        yield Paragraph(gettext("All places are taken: you are on the waiting list."))
        if message.position:
            n = message.translator.format_number(message.position)
            yield Paragraph(gettext("Today you are number {n} in the line.", n=n))
        if message.form:
            yield from own(message.form.texts.waiting.paragraphs)


def promise(message: MailMessage) -> Iterator[Paragraph]:
    """Say until when we answer, if the form promises that."""
    if said := answer_promise(message.due_on, message.translator):
        yield Paragraph(said)


def refusal(message: MailMessage) -> Iterator[Paragraph]:
    """Say that a request is declined, its reasons, and what staff have added."""
    gettext = message.translator.gettext
    if message.form:
        yield from own(message.form.texts.declined.paragraphs)
    if message.reasons:
        yield Paragraph(gettext("This is why:"))
        yield from own(message.reasons)
    if message.addition:
        yield Paragraph(gettext("We add:"))
        yield from own(message.addition.paragraphs)


def standing(message: MailMessage) -> Iterator[Paragraph]:
    yield reference(message)
    yield from personal(message)
    yield from erasure(message)


def erasure(message: MailMessage) -> Iterator[Paragraph]:
    if message.erased_on is None:
        return
    erased = message.translator.gettext(
        "We erase your request on {day}, if nothing changes.",
        day=day(message, message.erased_on),
    )
    yield Paragraph(f"{erased} {backup_sentence(message.project, message.translator)}")


def own(paragraphs: Iterable[str]) -> Iterator[Paragraph]:
    yield from map(Paragraph, paragraphs)


def new_address(message: MailMessage) -> Iterator[Paragraph]:
    """Ask who changed the address of a request that we examine already."""
    gettext = message.translator.gettext
    yield Paragraph(gettext("You gave us this email address for your request."))
    yield Paragraph(gettext("One step is missing: confirm that this address is yours."))
    yield from proof_alone(message)


def proof_alone(message: MailMessage) -> Iterator[Paragraph]:
    gettext = message.translator.gettext
    yield proof_link(message)
    if message.link_until:
        until = message.translator.format_datetime(message.link_until)
        yield Paragraph(gettext("The link works until {moment}.", moment=until))
    yield Paragraph(
        gettext(
            "Is it a mistake? You do not need to do anything. Without your "
            "confirmation we do not write to you about it."
        )
    )


def proof_link(message: MailMessage) -> Paragraph:
    text = message.translator.gettext("Open this page and press the button:")
    return Paragraph(text, link=link_of(message))


def proof_code(message: MailMessage) -> Iterator[Paragraph]:
    """Bring the code that is typed in the page after sending."""
    gettext = message.translator.gettext
    yield Paragraph(
        gettext("Or type this code in the page that you saw after sending:"),
        code=message.code,
    )
    if message.link_until:
        until = message.translator.format_datetime(message.link_until)
        yield Paragraph(gettext("Link and code work until {moment}.", moment=until))
    yield Paragraph(gettext("Was it not you? You do not need to do anything."))


def several(message: MailMessage) -> Iterator[Paragraph]:
    """Say that several requests wait for one address."""
    gettext = message.translator.gettext
    yield Paragraph(
        gettext("Several requests wait for the confirmation of this address.")
    )
    text = gettext(
        "Did you send one of them? Open this page and write the reference number that "
        "you saw after sending:"
    )
    yield Paragraph(text, link=link_of(message))


def unread(message: MailMessage) -> Iterator[Paragraph]:
    """Say what becomes of a request whose address nobody confirms."""
    if message.erased_on:
        text = message.translator.gettext(
            "Without your confirmation nobody reads the request, and we erase it on "
            "{day}.",
            day=day(message, message.erased_on),
        )
        yield Paragraph(text)
