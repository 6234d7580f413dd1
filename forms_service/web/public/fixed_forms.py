"""The fixed forms of the public area: their controls, what is checked, what is said.

There is no session here, so no token either: posts of other sites are refused
before them. Forms of the definition are read by `definition.clean`.
"""

from wtforms import EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired

from ...definition.contact import clean_email
from ...i18n import N_
from ...shapes import sentences
from ...workflow import feedback
from ..core.fixed_forms import AtMost, FixedForm, as_text, mail_address


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


class ReferenceForm(PublicForm):
    """The reference of a request, behind a link that was mailed for several."""

    reference = StringField(N_("Reference number"), default="")


class EmailForm(PublicForm):
    """The address of a mailbox."""

    email = EmailField(N_("Email address"), [mail_address], default="")

    @property
    def stored_email(self) -> str:
        """The address as it is stored, of a form that is valid."""
        return clean_email(self.email.data.strip())


class StarsForm(PublicForm):
    """How easy it was, from 1 to 5 stars; `mark` names no request."""

    mark = HiddenField(default="")
    stars = RadioField(
        N_("How easy was it to use this service?"),
        choices=list(map(str, feedback.STARS)),
        invalid_choice_message=N_("Choose from 1 to 5 stars."),
    )


class WhyForm(StarsForm):
    """What was best, or hardest: the second step, of who has given the stars."""

    step = HiddenField(default="")
    choice = RadioField(validate_choice=False, default="")
    text = TextAreaField(
        N_("Do you want to add something?"),
        [AtMost(feedback.LONGEST)],
        filters=[as_text],
    )

    def __init__(self) -> None:
        super().__init__()
        self.easy = int(self.stars.data) >= feedback.EASY
        self.choice.choices = dict(sentences.BEST if self.easy else sentences.HARDEST)
        # One of the other list is none.
        if self.choice.data not in self.choice.choices:
            self.choice.data = ""
