"""The fixed forms of the staff area: their controls, what is checked, what is said.

Requests themselves are typed into forms of the definition, which `desk` reads.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SearchField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired

from ...i18n import N_
from ...shapes import sentences
from ...shapes.table.spreadsheet import FORMATS
from ...store.submissions import Proof, Source
from ...workflow.declining import ADDITION_LENGTH, LINK
from ...workflow.exporting import REASONS
from ..core.fixed_forms import AtMost, FixedForm, as_text

NOTE_LENGTH = 2000
# Each word of a search is one more condition of the index.
SEARCH_LENGTH = 100
SOURCES = (Source.PAPER, Source.DESK, Source.PHONE)
PROOFS = (Proof.SIGNATURE, Proof.IN_PERSON, Proof.PHONE, Proof.NONE)


class NoteForm(FixedForm):
    """A note beside a request."""

    text = TextAreaField(
        N_("New note"),
        [DataRequired(N_("Nothing was written in the note.")), AtMost(NOTE_LENGTH)],
        filters=[as_text],
    )


class SearchForm(FixedForm):
    """The one box in which staff look for a request."""

    testo = SearchField(
        validators=[AtMost(SEARCH_LENGTH)], filters=[as_text], default=""
    )


class DecisionForm(FixedForm):
    """A decision: the revision it rests on, its reason, the answers to be corrected.

    `needs_reason` None: no reason is asked for. `correctable` are ids of fields;
    `reasons` those of the form, for who is declined, with an addition if one `may_add`.
    """

    revision = HiddenField(default="")
    motivo = TextAreaField(validators=[AtMost(NOTE_LENGTH)], filters=[as_text])
    campo = SelectMultipleField(validate_choice=False, default=())
    perche = SelectMultipleField(validate_choice=False, default=())
    aggiunta = TextAreaField(
        N_("Addition for the person"),
        validators=[AtMost(ADDITION_LENGTH)],
        filters=[as_text],
        default="",
    )

    def __init__(
        self,
        needs_reason: bool | None,
        correctable: Sequence[str],
        reasons: Sequence[str] = (),
        may_add: bool = False,
    ) -> None:
        super().__init__()
        # Where reasons are chosen, a note for colleagues may say more or nothing.
        self.needs_reason = needs_reason and not reasons
        self.correctable, self.reasons = correctable, reasons
        if not reasons:
            del self.perche
        if not (reasons and may_add):
            del self.aggiunta
        if needs_reason is None:
            del self.motivo
        if not correctable:
            del self.campo

    def validate_motivo(self, control: Any) -> None:
        """Ask for a reason where colleagues must know it."""
        if self.needs_reason and not control.data:
            raise ValidationError(
                N_("Write the reason: a colleague who is asked why must know it.")
            )

    def validate_campo(self, control: Any) -> None:
        """Ask for one answer at least; what the form does not ask is left out."""
        control.data = [id_ for id_ in self.correctable if id_ in control.data]
        if not control.data:
            raise ValidationError(N_("Choose at least one answer to be corrected."))

    def validate_perche(self, control: Any) -> None:
        """Ask for one reason at least, of those that the form has."""
        control.data = [id_ for id_ in self.reasons if id_ in control.data]
        if not control.data:
            raise ValidationError(N_("Choose at least one reason."))

    def validate_aggiunta(self, control: Any) -> None:
        """Let no link go out that is not ours."""
        if LINK.search(control.data):
            raise ValidationError(
                N_("Take the link out: say in words where something is.")
            )


class ExportForm(FixedForm):
    """Which requests are taken out as which kind of file, and why."""

    status = SelectField(
        N_("Which requests"),
        choices={"": N_("All"), **sentences.STATUS},
        validate_choice=False,
        default="",
    )
    format = RadioField(
        N_("Kind of file"),
        choices={id_: kind.name for id_, kind in FORMATS.items()},
        invalid_choice_message=N_("Choose a kind of file."),
        default="xlsx",
    )
    colonna = SelectMultipleField(validate_choice=False, default=())
    reason = RadioField(
        N_("Why you need it"),
        choices=dict(REASONS),
        invalid_choice_message=N_("Choose why you need the table."),
    )


class EntryForm(FixedForm):
    """What is to be said of a request on paper, by phone or at the desk.

    `key` makes that sending it twice stores it once.
    """

    key = HiddenField(default="")
    source = RadioField(
        N_("How it came in"),
        choices={id_: sentences.SOURCE[id_] for id_ in SOURCES},
        invalid_choice_message=N_("Choose how it came in."),
    )
    received = DateField(N_("Day on which it came in"))
    proof = RadioField(
        N_("How you know that the person is the one who asks"),
        choices={id_: sentences.PROOF[id_] for id_ in PROOFS},
        invalid_choice_message=N_(
            "Choose how you know that the person is the one who asks."
        ),
    )
    lang = SelectField(
        N_("Language of the person"),
        invalid_choice_message=N_("Choose a language of the form."),
    )
    helped = BooleanField(
        N_("The email address belongs to a helper, not to the person")
    )

    def __init__(
        self, today: date, languages: Sequence[SelectChoice], **first: Any
    ) -> None:
        super().__init__(prefix="entry", **first)
        self.today = today
        self.lang.choices = languages

    def validate_received(self, control: Any) -> None:
        """Refuse what is no day, or a day to come."""
        if control.data is None or control.data > self.today:
            control.errors.clear()
            raise ValidationError(
                N_("Write the day on which it came in, today or earlier.")
            )
