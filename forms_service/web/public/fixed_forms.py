"""The fixed forms of the citizens' half: their controls, what is checked, what is said.

There is no session here, so no token either: posts of other sites are refused at the
gate. Forms of the definition are read by `definition.clean`.
"""

from wtforms import EmailField, StringField
from wtforms.validators import DataRequired

from ...definition.contact import clean_email
from ...words import N_
from ..page.fixed_forms import FixedForm, mail_address


class PublicForm(FixedForm):
    """A fixed form that anybody may post."""

    class Meta:
        csrf = False


class CodeForm(PublicForm):
    """A code that was mailed; whether it is the right one is told by the row.

    Behind a page with controls of a definition it has the prefix `link`.
    """

    code = StringField(
        N_("Code of 6 characters"),
        [DataRequired(N_("Check the code in the last email, or ask for a new one."))],
        default="",
    )


class AddressForm(PublicForm):
    """The address of a mailbox."""

    email = EmailField(N_("Email address"), [mail_address], default="")

    @property
    def address(self) -> str:
        """The address as it is stored, of a form that is valid."""
        return clean_email(self.email.data.strip())
