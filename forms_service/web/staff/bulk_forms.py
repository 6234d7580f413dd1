"""The fixed forms of an act on many, as they are in `fixed_forms`."""

from collections.abc import Sequence
from typing import Any

from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)

from ...i18n import N_
from ...store.events import EventVerb
from ..core.fixed_forms import AtMost, FixedForm, as_text
from .fixed_forms import NOTE_LENGTH


class BulkForm(FixedForm):
    """An act on many: the number under which it is done once, and what it needs.

    `colleagues` are numbers and addresses of those to whom requests can be given,
    `reasons` ids of the reasons for which the form declines.
    """

    atto = HiddenField(name="bulk-atto", default="")
    motivo = TextAreaField(validators=[AtMost(NOTE_LENGTH)], filters=[as_text])
    perche = SelectMultipleField(validate_choice=False, default=())
    chi = SelectField(
        N_("Pass on to"), invalid_choice_message=N_("Choose a colleague.")
    )

    def __init__(
        self,
        verb: EventVerb | None = None,
        colleagues: Sequence[tuple[str, str]] = (),
        reasons: Sequence[str] = (),
        **first: Any,
    ) -> None:
        super().__init__(**first)
        self.reasons = reasons
        # Where reasons are chosen, a note for colleagues may say more or nothing.
        self.needs_reason = verb is EventVerb.DECLINE and not reasons
        if not reasons:
            del self.perche
        self.chi.choices = colleagues
        if verb is not EventVerb.ASSIGN:
            del self.chi

    def validate_perche(self, control: Any) -> None:
        """Ask for one reason at least, of those that the form has."""
        control.data = [id_ for id_ in self.reasons if id_ in control.data]
        if not control.data:
            raise ValidationError(N_("Choose at least one reason."))

    def validate_motivo(self, control: Any) -> None:
        """Ask for a reason where colleagues must know it."""
        if self.needs_reason and not control.data:
            raise ValidationError(
                N_("Write the reason: a colleague who is asked why must know it.")
            )


class MessageForm(FixedForm):
    """A message to many; its boxes, one a language, are added where they are known."""

    atto = HiddenField(name="bulk-atto", default="")
    scopo = RadioField(
        N_("What it is about"),
        invalid_choice_message=N_("Choose what it is about."),
    )

    def __init__(self, purposes: Sequence[tuple[str, str]], **first: Any) -> None:
        super().__init__(**first)
        self.scopo.choices = purposes
