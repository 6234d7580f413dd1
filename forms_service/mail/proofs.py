"""Mails that prove a mailbox, or open what belongs to it: links and codes."""

from collections.abc import Iterator

from ..store.submissions import Status
from .message import MailMessage, Paragraph
from .paragraphs import (
    new_address,
    personal,
    proof_alone,
    proof_code,
    proof_link,
    reference,
    several,
    unread,
)


def verify(message: MailMessage) -> Iterator[Paragraph]:
    gettext = message.translator.gettext
    if message.status is not Status.UNVERIFIED:
        yield from new_address(message)
        return
    if message.form and not message.delicate:
        yield Paragraph(
            gettext("You sent the form “{title}”.", title=message.form.title)
        )
    else:
        yield Paragraph(gettext("You sent us a request."))
    yield Paragraph(gettext("One step is missing: confirm that this address is yours."))
    yield proof_link(message)
    yield from proof_code(message)
    yield from unread(message)


def address_check(message: MailMessage) -> Iterator[Paragraph]:
    gettext = message.translator.gettext
    yield Paragraph(gettext("Somebody gave us this email address to be contacted."))
    yield Paragraph(
        gettext("Is it yours? Then confirm it, and we can write to you here.")
    )
    yield from proof_alone(message)


def verify_many(message: MailMessage) -> Iterator[Paragraph]:
    """Tell of requests that wait, and list none: whoever sent one knows its number."""
    yield from several(message)
    yield from proof_code(message)


def lost_link(message: MailMessage) -> Iterator[Paragraph]:
    gettext = message.translator.gettext
    yield Paragraph(gettext("You asked for a new link to the page of your request."))
    yield reference(message)
    yield from personal(message)
    yield Paragraph(gettext("The links we sent you before no longer work."))
    yield Paragraph(
        gettext("Did you not ask for it? Keep this message: only you have received it.")
    )


def code(message: MailMessage) -> Iterator[Paragraph]:
    gettext = message.translator.gettext
    yield Paragraph(
        gettext("Type this code in the page that asks for it:"), code=message.code
    )
    if message.code_until:
        until = message.translator.format_time(message.code_until)
        yield Paragraph(gettext("The code works until {hour}.", hour=until))
    yield Paragraph(
        gettext("Give it to nobody. We never ask for it by phone or by email.")
    )
    yield Paragraph(
        gettext(
            "Did you not ask for it? Do not use it. Somebody may have your personal "
            "link: ask for a new one and the old one ends."
        )
    )
