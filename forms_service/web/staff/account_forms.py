"""The forms about accounts: signing in, passwords, what somebody may do."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import EqualTo

from ...i18n import N_
from ...store.staff_rights import Grant, StaffRole
from ...store.visibility import ALL_FORMS, VisibleForms
from ...workflow.passwords import PasswordRefused, check_password
from ..core.fixed_forms import FixedForm, as_text, mail_address

ROLES = {
    StaffRole.READER: N_("Reads"),
    StaffRole.REVIEWER: N_("Reads, decides, enters and exports"),
    StaffRole.ADMINISTRATOR: N_("Administrator: all that, and people and service"),
}


class SignInForm(FixedForm):
    """Signing in; which of the two is wrong is said to nobody."""

    email = EmailField(N_("Email address"), default="")
    password = PasswordField(N_("Password"), default="")
    next = HiddenField(default="")


class MailboxForm(FixedForm):
    """An address; before the others here, so what is wrong with it is said first."""

    email = EmailField(
        N_("Email address"), [mail_address], filters=[as_text], default=""
    )


class NewPasswordForm(FixedForm):
    """A new password, typed twice; not made of the address `account` and `words`."""

    password = PasswordField(N_("New password"), default="")
    again = PasswordField(
        N_("The same password once more"),
        [EqualTo("password", N_("Write the same password twice."))],
        default="",
    )

    def __init__(self, account: str, words: Sequence[str]) -> None:
        super().__init__()
        self.account, self.words = account, words

    def validate_password(self, control: Any) -> None:
        """Refuse what would be guessed."""
        try:
            check_password(control.data, self.account, self.words)
        except PasswordRefused as refused:
            raise ValidationError(refused.message) from refused


class SetUpForm(MailboxForm, NewPasswordForm):
    """The password of an invited member; the first account names its address too."""

    def __init__(self, invited: str, words: Sequence[str]) -> None:
        super().__init__(invited, words)
        if invited:
            del self.email
        else:
            self.account = self.email.data


class ChangePasswordForm(NewPasswordForm):
    """A new password for who knows the present one."""

    old = PasswordField(N_("Present password"), default="")


class ForgottenForm(MailboxForm):
    """Who has forgotten the password; whether anybody has the address is not said."""


class GrantForm(FixedForm):
    """What a member may do: a role, and with which forms."""

    role = RadioField(
        N_("What they may do"),
        choices=dict(ROLES),
        invalid_choice_message=N_("Choose what they may do."),
    )
    every = BooleanField(N_("All forms, also those to come"))
    forms = SelectMultipleField(N_("Which forms they see"), default=())

    def __init__(self, titles: Mapping[str, str], given: Grant | None = None) -> None:
        first: dict[str, Any] = {}
        if given:
            first = {"role": given.role.value, "every": given.forms.all}
            first["forms"] = sorted(given.forms.ids & titles.keys())
        super().__init__(**first)
        self.forms.choices = list(titles.items())

    def granted(self) -> Grant:
        """Return what was chosen."""
        chosen = frozenset(self.forms.data)
        forms = ALL_FORMS if self.every.data else VisibleForms(chosen)
        return Grant(StaffRole(self.role.data), forms)


class InviteForm(MailboxForm, GrantForm):
    """The same for somebody who is not there yet, and would see nothing."""

    def validate_forms(self, control: Any) -> None:
        """Refuse an invitation to no form."""
        if not (control.data or self.every.data):
            raise ValidationError(N_("Choose which forms they see."))


class StepForm(FixedForm):
    """The code of a second factor; what is typed wrong is not shown again."""

    code = StringField(N_("Code"), filters=[as_text], default="")
    next = HiddenField(default="")


class FactorForm(FixedForm):
    """A new second factor: its sealed secret, first code, and the password again."""

    sealed = HiddenField(default="")
    password = PasswordField(N_("Password"), default="")
    code = StringField(
        N_("Code that the telephone shows"), filters=[as_text], default=""
    )


class HourlyMailForm(FixedForm):
    """Whether a member wants the hourly mail."""

    wants_mail = BooleanField()


class KeysForm(FixedForm):
    """Whether a member wants single letters to act."""

    wants_keys = BooleanField()
