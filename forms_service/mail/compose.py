"""A draft becomes a mail: plain text first, the same words as simple HTML.

No picture, no style from elsewhere, no hidden address: a mail asks nothing of the
reader's machine. The same outbox key always gives the same Message-ID, so that a
mail repeated after a crash is recognised as one (RFC 5322, 3.6.4).
"""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ..definition import TODO
from ..shapes.chrome import marked
from .draft import Appointment, Draft, wire_address
from .parts import Part
from .texts import parts, subject

FOLDER = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a mail will say, for staff who read it before it goes."""

    subject: str
    text: str


def preview(draft: Draft) -> Preview:
    """Return subject and plain text of a mail that is not sent."""
    return Preview(subject(draft), _draw("letter.txt", draft, parts(draft)))


def compose(draft: Draft, sender: str, date: datetime) -> EmailMessage:
    """Return the mail, ready to be handed over; `sender` is the bare From address."""
    said = parts(draft)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(_sender_name(draft), addr_spec=sender)
    message["To"] = _recipient(draft.address)
    if reply_to := _reply_to(draft):
        message["Reply-To"] = _recipient(reply_to)
    message["Subject"] = subject(draft)
    message["Date"] = date
    message["Message-ID"] = f"<{draft.key}@{sender.rpartition('@')[2]}>"
    # No holiday notice answers this (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    # Quoted-printable passes every relay unchanged, long links and all scripts.
    message.set_content(_draw("letter.txt", draft, said), cte="quoted-printable")
    html = _draw("letter.html", draft, said)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    if draft.appointment and draft.appointment.calendar:
        _attach(message, draft.appointment)
    message["Content-Language"] = draft.words.lang
    return message


def _attach(message: EmailMessage, appointment: Appointment) -> None:
    """Add the calendar file; the parameters are those of RFC 6047, 2.4."""
    message.add_attachment(
        appointment.calendar.decode(),
        subtype="calendar",
        cte="base64",
        filename=f"{appointment.event.id}.ics",
        params={"method": "PUBLISH"},
    )


def _sender_name(draft: Draft) -> str:
    if draft.delicate:
        return ""
    return f"{draft.project.name} – {draft.project.owner.name}"


def _reply_to(draft: Draft) -> str:
    contact = draft.project.contacts.email
    known = draft.form is not None and contact not in ("", TODO)
    return contact if known and not draft.delicate else ""


def _recipient(address: str) -> Address:
    local, _, domain = wire_address(address).rpartition("@")
    return Address(username=local, domain=domain)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _draw(template: str, draft: Draft, said: list[Part]) -> str:
    words = draft.words
    return (
        _templates()
        .get_template(template)
        .render(
            title=subject(draft),
            parts=said,
            lang=words.lang,
            direction=words.direction,
            marked=lambda text: marked(text, words.lang),
        )
    )
