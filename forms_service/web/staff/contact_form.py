"""The fixed form about a contact with a member of a register."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import DateField, RadioField, TextAreaField, ValidationError

from ...i18n import N_
from ...store.contacts import ContactOutcome, Means
from ..core.fixed_forms import AtMost, FixedForm, as_text

PURPOSE_LENGTH = 200
MEANS: Mapping[str, str] = {
    Means.PHONE: N_("By phone"),
    Means.MAIL: N_("By email"),
    Means.IN_PERSON: N_("In person"),
}
OUTCOMES: Mapping[str, str] = {
    ContactOutcome.YES: N_("Yes"),
    ContactOutcome.NO: N_("No"),
    ContactOutcome.LATER: N_("Later"),
    ContactOutcome.NO_ANSWER: N_("No answer"),
}


class ContactForm(FixedForm):
    """How somebody was contacted, for what, and what they said."""

    come = RadioField(
        N_("How"),
        choices=dict(MEANS),
        invalid_choice_message=N_("Choose how you contacted the person."),
        default=Means.PHONE.value,
    )
    esito = RadioField(
        N_("What they said"),
        choices=dict(OUTCOMES),
        invalid_choice_message=N_("Choose what the person said."),
    )
    motivo = TextAreaField(
        N_("For what"), [AtMost(PURPOSE_LENGTH)], filters=[as_text], default=""
    )
    fino = DateField(N_("Not available until"))

    def __init__(self, today: date, pause: bool, **first: Any) -> None:
        super().__init__(**first)
        self.today = today
        if not pause:
            del self.fino

    def validate_fino(self, control: Any) -> None:
        """Take nothing, or a day from today on."""
        control.errors.clear()
        written = any(control.raw_data or ())
        if written and (control.data is None or control.data < self.today):
            raise ValidationError(N_("Write a day to come, or nothing."))
