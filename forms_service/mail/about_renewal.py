"""The mail that asks a member of a register whether they stay."""

from collections.abc import Iterator
from datetime import datetime

from ..i18n import N_
from ..store.submissions import Status, Submission
from .message import MailMessage, Paragraph
from .paragraphs import day, link_of, reference

SUBJECT, LABEL = N_("Do you want to stay?"), N_("Asked whether they stay")


def unanswered(submission: Submission, now: datetime) -> bool:
    """Say whether a member still has to answer."""
    return submission.status is Status.ACCEPTED and submission.asks > 0


def renewal(message: MailMessage) -> Iterator[Paragraph]:
    gettext, form = message.translator.gettext, message.form
    if form and form.register and not message.delicate:
        yield Paragraph(form.register.question)
    else:
        yield Paragraph(gettext("Do you want to stay with us?"))
    yield Paragraph(
        gettext("Open this page and say whether you stay, change something or leave:"),
        link=link_of(message),
    )
    yield Paragraph(gettext("The link is only for you. Do not pass it on."))
    yield reference(message)
    if message.erased_on:
        text = gettext(
            "If you do not answer, we erase your data on {day}. Before that we may "
            "phone you.",
            day=day(message, message.erased_on),
        )
        yield Paragraph(text)


def renewal_reminder(message: MailMessage) -> Iterator[Paragraph]:
    gettext = message.translator.gettext
    yield Paragraph(gettext("We have asked you once and have no answer yet."))
    yield from renewal(message)
