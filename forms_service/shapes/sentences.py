"""Sentences that several shapes say in the same words.

When a field applies, what a control is called aloud, that nobody has checked a
translation, and texts of the form that name a contact of the project.
"""

import re

from ..content import TODO, Project
from ..definition import Channel, Control, Field, FormDefinition, Text, type_of
from ..definition.conditions import AllOf, AnyOf, Condition, Includes, Is, Not
from ..definition.texts import Review
from ..i18n import Translator

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
