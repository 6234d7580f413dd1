"""What the fixed forms of both areas have in common: how they speak, what is too long.

Errors are message ids, which a page says in its language.
"""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import ValidationError

from ...definition.contact import EmailRefused, clean_email
from ...definition.folding import multiline
from ...i18n import N_, Message


class FixedForm(FlaskForm):  # type: ignore[misc]
    """A form whose controls stand in its class, not in a definition."""

    @property
    def wrong(self) -> dict[str, Message]:
        """What is wrong, by control: the first message of each."""
        return {
            control.id: error if isinstance(error, Message) else Message(error)
            for control in self
            for error in control.errors[:1]
        }

    def described(self, name: str, hint: object = "") -> dict[str, str]:
        """Return the attributes that tie a control to its hint and its mistake."""
        control = self[name]
        about = [f"{control.id}-hint"] if hint else []
        if not control.errors:
            return {"aria-describedby": about[0]} if about else {}
        described = " ".join([*about, f"{control.id}-error"])
        return {"aria-invalid": "true", "aria-describedby": described}

    @property
    def http_status(self) -> int:
        """The status of a page with this form."""
        return 422 if self.errors else 200


class AtMost:
    """Refuse a text of more characters; nothing is cut, all of it comes back."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, form: FixedForm, control: Any) -> None:
        """Raise `ValidationError` for what is too long."""
        if len(control.data) > self.most:
            raise ValidationError(too_long(self.most, control.data))


def too_long(most: int, text: str) -> Message:
    """Say how many characters are allowed, and how many were typed."""
    sentence = N_("Write at most {most} characters: now there are {now}.")
    return Message(sentence, {"most": most, "now": len(text)})


def read_revision(text: str) -> int:
    """Return the revision that a page carried; 0, which no request has, for none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def mail_address(form: FixedForm, control: Any) -> None:
    """Refuse what is no address of a mailbox."""
    try:
        clean_email(control.data)
    except EmailRefused as error:
        raise ValidationError(N_("It must look like name@example.org.")) from error


def as_text(typed: str | None) -> str:
    """Return text with line ends and letters as they are stored; a filter."""
    return multiline(typed or "")
