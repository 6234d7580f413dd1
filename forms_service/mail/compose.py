"""A message becomes a mail: plain text first, the same words as simple HTML.

No picture, no style from elsewhere, no hidden address: a mail asks nothing of the
reader's machine. The same outbox key always gives the same Message-ID, so that a
mail repeated after a crash is recognised as one (RFC 5322, 3.6.4).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from jinja2 import Environment

from ..caches import remembered
from ..content import TODO
from ..shapes.calendar import method_of
from ..shapes.chrome import marked, verbatim
from ..shapes.sentences import unreviewed_sentence
from ..shapes.templating import template_environment
from .message import Appointment, MailMessage, Paragraph, wire_email

FOLDER = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a mail will say, for staff who read it before it goes."""

    subject: str
    text: str


def preview(message: MailMessage) -> Preview:
    """Return subject and plain text of a mail that is not sent."""
    return Preview(_subject(message), _draw("letter.txt", message, paragraphs(message)))


def compose(message: MailMessage, sender: str, date: datetime) -> EmailMessage:
    """Return the mail, ready to be handed over; `sender` is the bare From address."""
    content = paragraphs(message)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(_sender_name(message), addr_spec=sender)
    mail["To"] = _recipient(message.email)
    if reply_to := _reply_to(message):
        mail["Reply-To"] = _recipient(reply_to)
    mail["Subject"] = _subject(message)
    mail["Date"] = date
    mail["Message-ID"] = f"<{message.key}@{sender.rpartition('@')[2]}>"
    # No holiday notice answers this (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    # Quoted-printable passes every relay unchanged, long links and all scripts.
    mail.set_content(_draw("letter.txt", message, content), cte="quoted-printable")
    html = _draw("letter.html", message, content)
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    if message.appointment and message.appointment.calendar:
        _attach(mail, message.appointment)
    mail["Content-Language"] = message.translator.lang
    return mail


def _attach(mail: EmailMessage, appointment: Appointment) -> None:
    """Add the calendar file; the parameters are those of RFC 6047, 2.4."""
    mail.add_attachment(
        appointment.calendar.decode(),
        subtype="calendar",
        cte="base64",
        filename=f"{appointment.event.id}.ics",
        params={"method": method_of(appointment.event)},
    )


def _sender_name(message: MailMessage) -> str:
    if message.delicate:
        return ""
    return f"{message.project.name} – {message.project.owner.name}"


def _reply_to(message: MailMessage) -> str:
    contact = message.project.contacts.email
    known = message.form is not None and contact not in ("", TODO)
    return contact if known and not message.delicate else ""


def _recipient(email: str) -> Address:
    local, _, domain = wire_email(email).rpartition("@")
    return Address(username=local, domain=domain)


@remembered("mail templates")
def _templates() -> Environment:
    made = template_environment(FOLDER, keep_trailing_newline=True)
    made.filters["verbatim"] = verbatim
    return made


def _draw(template: str, message: MailMessage, content: list[Paragraph]) -> str:
    translator = message.translator
    return (
        _templates()
        .get_template(template)
        .render(
            title=_subject(message),
            paragraphs=content,
            lang=translator.lang,
            direction=translator.direction,
            marked=lambda text: marked(text, translator.lang),
        )
    )


def _subject(message: MailMessage) -> str:
    return message.subject or message.translator.gettext(message.kind.subject)


def paragraphs(message: MailMessage) -> list[Paragraph]:
    """Return all that a mail says, in order."""
    return [*_opening(message), *message.kind.body(message), *_closing(message)]


def _opening(message: MailMessage) -> Iterator[Paragraph]:
    if message.project.is_demonstration:
        gettext = message.translator.gettext
        yield Paragraph(
            gettext("Test message")
            if message.delicate
            else message.project.demonstration
        )
    yield Paragraph(message.translator.gettext("Good morning,"))


def _closing(message: MailMessage) -> Iterator[Paragraph]:
    gettext, project = message.translator.gettext, message.project
    review = message.form.review if message.form else project.review
    if note := unreviewed_sentence(review, message.translator, project.main_language):
        yield Paragraph(note)
    contact = project.contacts.email
    if message.delicate or message.form is None or contact in ("", TODO):
        yield Paragraph(
            gettext("This is an automatic message: nobody reads the replies.")
        )
    else:
        yield Paragraph(
            gettext(
                "This is an automatic message. If you need help, write to {address}.",
                address=contact,
            )
        )
    if not message.delicate:
        yield Paragraph(" – ".join([project.name, project.owner.name]))
        if project.funding.sentence:
            yield Paragraph(project.funding.sentence)
