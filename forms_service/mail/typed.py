"""What staff write to many at once: their text, and which request it is about."""

from collections.abc import Iterator

from .message import MailMessage, Paragraph
from .paragraphs import own, personal, reference


def message(message: MailMessage) -> Iterator[Paragraph]:
    """Say what staff have written, and which request it is about."""
    yield from message_test(message)
    yield reference(message)
    yield from personal(message)


def message_test(message: MailMessage) -> Iterator[Paragraph]:
    """Say the same to who wrote it, before anybody else reads it."""
    if message.typed:
        yield from own(message.typed.paragraphs)
