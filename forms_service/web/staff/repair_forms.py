"""The fixed forms with which staff mend a request, and serve who sent it."""

from typing import Any

from wtforms import EmailField, HiddenField, RadioField, StringField, ValidationError

from ...i18n import N_
from ...tokens import read_code
from ...workflow.correcting import WHY
from ..core.fixed_forms import FixedForm, as_text, mail_address

# How staff made sure who wants everything erased, or a copy of it.
IDENTITY = {
    "document": N_("In person, with a document"),
    "called_back": N_("By phone: we called the number in the request"),
    "mailbox": N_("By email, from the confirmed address"),
    "signature": N_("A signed letter or form"),
}


class AddressForm(FixedForm):
    """The right address of a person, and the revision that was read."""

    revision = HiddenField(default="")
    email = EmailField(
        N_("Email address"), [mail_address], filters=[as_text], default=""
    )

    def __init__(self, known: str) -> None:
        super().__init__()
        self.known = known

    def validate_email(self, control: Any) -> None:
        """Refuse the address that is stored."""
        if control.data == self.known:
            raise ValidationError(N_("This is the address that is stored already."))


class CopyForm(FixedForm):
    """A copy of what is held, because the person asks: who they are, and as what."""

    identity = RadioField(
        N_("How you know that the person is the one who asks"),
        choices=dict(IDENTITY),
        invalid_choice_message=N_(
            "Choose how you know that the person is the one who asks."
        ),
    )
    format = RadioField(
        N_("Kind of file"),
        choices={"pdf": N_("PDF, to be read"), "json": N_("JSON, for a program")},
        invalid_choice_message=N_("Choose a kind of file."),
        default="pdf",
    )


class EraseForm(FixedForm):
    """Erasing what somebody has sent, because they ask: who they are, and which."""

    identity = RadioField(
        N_("How you know that the person is the one who asks"),
        choices=dict(IDENTITY),
        invalid_choice_message=N_(
            "Choose how you know that the person is the one who asks."
        ),
    )
    reference = StringField(
        N_("Reference number, typed again"), filters=[as_text], default=""
    )

    def __init__(self, known: str) -> None:
        super().__init__()
        self.known = known

    def validate_reference(self, control: Any) -> None:
        """Ask for the reference of this request: another page may be open too."""
        if read_code(control.data, len(self.known)) != self.known:
            raise ValidationError(
                N_("This is not the reference number of this request.")
            )


class RepairForm(FixedForm):
    """Why answers are mended, and the revision that was read."""

    revision = HiddenField(default="")
    why = RadioField(
        N_("Why they are corrected"),
        choices=dict(WHY),
        invalid_choice_message=N_("Choose why the answers are corrected."),
    )

    def __init__(self) -> None:
        super().__init__(prefix="entry")
