"""What is said when answers were corrected: to who sent them, to an address left."""

from collections.abc import Iterator

from .message import MailMessage, Paragraph
from .paragraphs import own, personal, reference


def corrected(message: MailMessage) -> Iterator[Paragraph]:
    """Say that the person's own correction has arrived."""
    yield Paragraph(
        message.translator.gettext("We have received the correction of your request.")
    )
    yield from changed(message)
    yield from personal(message)


def repaired(message: MailMessage) -> Iterator[Paragraph]:
    """Tell what staff mended, so that a mistake of theirs does not go unseen."""
    yield Paragraph(
        message.translator.gettext("We have corrected something in your request.")
    )
    yield from changed(message)
    yield from personal(message)


def changed(message: MailMessage) -> Iterator[Paragraph]:
    """Name the answers that were corrected, and none of them; whom to tell if not."""
    gettext = message.translator.gettext
    if message.fields and not message.delicate:
        yield Paragraph(gettext("These answers are no longer as before:"))
        yield from own(message.fields)
    yield reference(message)
    yield Paragraph(gettext("Is it not right? Tell us, and say the reference number."))


def address_left(message: MailMessage) -> Iterator[Paragraph]:
    """Tell who read us until now; no link, for the mailbox may be another's."""
    gettext = message.translator.gettext
    yield Paragraph(
        gettext(
            "The email address of a request has been changed: from now on we do not "
            "write to this one any more."
        )
    )
    yield reference(message)
    yield Paragraph(gettext("Did you change it? You do not need to do anything."))
    yield Paragraph(
        gettext("Did you not change it? Tell us at once, and say the reference number.")
    )
