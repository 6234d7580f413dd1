"""Sentences that several shapes say in the same words.

When a field applies, what a control is called aloud, that nobody has checked a
translation, and texts of the form that name a contact of the project; last, the names
of stored codes.
"""

import re
from collections.abc import Mapping

from ..content import TODO, Project
from ..definition import Channel, Control, Field, FormDefinition, Text, type_of
from ..definition.conditions import AllOf, AnyOf, Condition, Includes, Is, Not
from ..definition.texts import Review
from ..i18n import N_, Translator

CONTACT = re.compile(r"\{contacts\.(email|phone|pec|post|desk)\}")


def unreviewed_sentence(review: Review, translator: Translator, prevails: str) -> str:
    """Say that nobody has checked a translation, or nothing where somebody has.

    `prevails` is the language of the original.
    """
    if not review.pending:
        return ""
    return translator.gettext(
        "Nobody who speaks this language has checked this translation yet. The text in "
        "{language} prevails.",
        language=translator.language_name(prevails),
    )


def condition_sentence(
    form: FormDefinition,
    condition: Condition,
    translator: Translator,
    to_read: bool = False,
) -> str:
    """Say when a field applies: “Fill in only if …”, or when a text does."""
    clause = _clause(form, condition, translator, False)
    if to_read:
        return translator.gettext(
            "This is for you only if {condition}.", condition=clause
        )
    return translator.gettext("Fill in only if {condition}.", condition=clause)


def needed_sentence(form: FormDefinition, field: Field, translator: Translator) -> str:
    """Say when a field must be filled in; nothing when it is always or never so."""
    if field.required_when is None:
        return ""
    clause = _clause(form, field.required_when, translator, False)
    return translator.gettext("You must fill it in if {condition}.", condition=clause)


def limit_sentence(field: Field, translator: Translator) -> str:
    """Say how much may be written in a box of several lines; nothing elsewhere.

    A maxlength, or MaxLen in a PDF, would cut pasted text without a word, and counts
    otherwise than people do: a text that is longer is told by both numbers.
    """
    kind = type_of(field)
    if kind.control is not Control.AREA or (n := kind.most(field)) is None:
        return ""
    return translator.ngettext("At most {n} character.", "At most {n} characters.", n)


def _clause(
    form: FormDefinition, condition: Condition, translator: Translator, negated: bool
) -> str:
    match condition:
        case Is() | Includes():
            return _comparison(form, condition, translator, negated)
        case Not(part):
            return _clause(form, part, translator, not negated)
        case AllOf(parts) | AnyOf(parts):
            # "not (a and b)" is said as "not a or not b": nobody reads brackets well.
            together = isinstance(condition, AllOf) is not negated
            return _joined(form, parts, translator, negated, together)


def _joined(
    form: FormDefinition,
    parts: tuple[Condition, ...],
    translator: Translator,
    negated: bool,
    together: bool,
) -> str:
    clauses = [
        f"({clause})" if isinstance(part, AllOf | AnyOf) else clause
        for part in parts
        for clause in [_clause(form, part, translator, negated)]
    ]
    link = translator.gettext("and") if together else translator.gettext("or")
    return f" {link} ".join(clauses)


def _comparison(
    form: FormDefinition, test: Is | Includes, translator: Translator, negated: bool
) -> str:
    field = form.field(test.field)
    if type_of(field).has_text:
        if negated:
            return translator.gettext("you did not tick “{label}”", label=field.label)
        return translator.gettext("you ticked “{label}”", label=field.label)
    choice = field.choice(test.value)
    answer = choice.label if choice else test.value
    if negated:
        return translator.gettext(
            "your answer to “{label}” is not “{answer}”",
            label=field.label,
            answer=answer,
        )
    return translator.gettext(
        "your answer to “{label}” is “{answer}”", label=field.label, answer=answer
    )


def tooltip(field: Field, translator: Translator, channel: Channel) -> str:
    """Return what a screen reader says at a control: label, format, if required."""
    parts = [str(field.label or field.text)]
    if pattern := type_of(field).pattern:
        parts.append(f"({translator.gettext(pattern)})")
    if field.required_at(channel):
        parts.append(f"({translator.gettext('required')})")
    return " ".join(parts)


def with_contacts(text: Text, project: Project, translator: Translator) -> Text:
    """Put contacts of the project into `{contacts.post}` and its kin.

    A contact that nobody has given yet is said to be missing, never left out.
    """

    def contact(found: re.Match[str]) -> str:
        return translator.isolated(
            known(getattr(project.contacts, found[1]), translator)
        )

    return Text(CONTACT.sub(contact, text), text.lang)


def known(value: str, translator: Translator) -> str:
    """Return a value of the project, or the words for one that is not there yet."""
    return translator.gettext("to be confirmed") if value in ("", TODO) else str(value)


# How stored codes are called on screen: states, places, sources, proofs.
#
# Keyed by the value that is stored, because the store is above the shapes; a test
# compares the tables with the store's own lists.

STATUS: Mapping[str, str] = {
    "unverified": N_("Address not confirmed"),
    "new": N_("To be examined"),
    "correction_asked": N_("Correction asked"),
    "accepted": N_("Accepted"),
    "declined": N_("Declined"),
    "withdrawn": N_("Withdrawn"),
}
PLACE: Mapping[str, str] = {
    "none": N_("No place"),
    "held": N_("Has a place"),
    "waiting": N_("On the waiting list"),
}
SOURCE: Mapping[str, str] = {
    "web": N_("Online"),
    "pdf": N_("PDF uploaded"),
    "paper": N_("On paper"),
    "phone": N_("By phone"),
    "desk": N_("At the desk"),
}
PROOF: Mapping[str, str] = {
    "none": N_("Not proven"),
    "mail": N_("Link in an email"),
    "code": N_("Code in an email"),
    "phone": N_("Phone call"),
    "signature": N_("Signature"),
    "in_person": N_("In person"),
}

# Words of the national model of services (C.SE.1.7), below and from four stars on.
HARDEST: Mapping[str, str] = {
    "unclear": N_("At times the instructions were not clear"),
    "incomplete": N_("At times the instructions were not complete"),
    "unsure": N_("At times I did not understand whether I was doing it right"),
    "technical": N_("I had technical problems"),
    "other": N_("Something else"),
}
BEST: Mapping[str, str] = {
    "clear": N_("The instructions were clear"),
    "complete": N_("The instructions were complete"),
    "sure": N_("I always understood that I was doing it right"),
    "working": N_("I had no technical problems"),
    "other": N_("Something else"),
}


def name_of(table: Mapping[str, str], code: str, translator: Translator) -> str:
    """Return what a stored code is called; one that is unknown reads as it is."""
    return translator.gettext(table.get(code, code))
