"""What mails to staff say; they tell of no submission and of no person."""

from collections.abc import Iterator

from .message import MailMessage, Paragraph
from .paragraphs import link_of


def digest(message: MailMessage) -> Iterator[Paragraph]:
    """Say how many submissions wait, how many of them for the reader, and where."""
    ngettext = message.translator.ngettext
    waiting = ngettext(
        "{n} request is waiting to be examined.",
        "{n} requests are waiting to be examined.",
        message.waiting,
    )
    if message.yours:
        yours = ngettext(
            "{n} of them is yours.", "{n} of them are yours.", message.yours
        )
        waiting = f"{waiting} {yours}"
    yield Paragraph(waiting)
    yield Paragraph(
        message.translator.gettext("Sign in to read them:"), link=link_of(message)
    )
    yield Paragraph(
        message.translator.gettext(
            "You get this message at most once an hour. You can turn it off in your "
            "account."
        )
    )
    yield log_head(message)


def alarms(message: MailMessage) -> Iterator[Paragraph]:
    """Say of each alarm what happened, since when and what to do."""
    gettext = message.translator.gettext
    for alarm in message.alarms:
        yield Paragraph(gettext(alarm.kind.happened, **alarm.detail))
        since = message.translator.format_datetime(alarm.since)
        name = f"{alarm.kind}, {alarm.source}" if alarm.source else alarm.kind
        yield Paragraph(gettext("Since {moment} ({name}).", moment=since, name=name))
        yield Paragraph(gettext(alarm.kind.todo))
    yield Paragraph(
        gettext("You get this message at most once a day, while it is not over.")
    )
    yield log_head(message)


def log_head(message: MailMessage) -> Paragraph:
    """Say how the log ends, in a place where nobody can change it afterwards."""
    return Paragraph(
        message.translator.gettext(
            "Do not delete this message for a year: it shows later whether anything "
            "was cut off the log of what was done. The log ends at {head}",
            head=message.log_head,
        )
    )


def invitation(message: MailMessage) -> Iterator[Paragraph]:
    """Say that somebody may work here, and where to begin."""
    gettext = message.translator.gettext
    yield Paragraph(
        gettext("You have been invited to examine the requests of this service.")
    )
    yield Paragraph(gettext("Choose your password here:"), link=link_of(message))
    yield Paragraph(gettext("The link works once, within 24 hours. Keep it to you."))


def new_password(message: MailMessage) -> Iterator[Paragraph]:
    """Say where to choose another password, to whom may have forgotten it."""
    gettext = message.translator.gettext
    yield Paragraph(
        gettext("Somebody, probably you, asked for a new password of your account.")
    )
    yield Paragraph(gettext("Choose it here:"), link=link_of(message))
    yield Paragraph(
        gettext(
            "The link works once, within 30 minutes. If it was not you there is "
            "nothing to do: your password stays as it is."
        )
    )


def factor_reset(message: MailMessage) -> Iterator[Paragraph]:
    """Say that somebody can sign in with the password alone again."""
    gettext = message.translator.gettext
    yield Paragraph(
        gettext(
            "The second factor of an account was reset. Whose, by whom and when says "
            "the page of what was done:"
        ),
        link=link_of(message),
    )


def new_browser(message: MailMessage) -> Iterator[Paragraph]:
    """Say that somebody has signed in with a browser that was not known."""
    gettext = message.translator.gettext
    yield Paragraph(
        gettext(
            "Somebody has signed in to your account with a browser that was not used "
            "for it before. Was it you? Then there is nothing to do."
        )
    )
    yield Paragraph(
        gettext(
            "If it was not you, sign in and change your password: that ends every "
            "other session."
        ),
        link=link_of(message),
    )
