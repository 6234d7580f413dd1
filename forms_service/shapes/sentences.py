"""Sentences that several shapes say in the same words.

When a field applies, what a control is called aloud, that nobody has checked a
translation, and texts of the form that name a contact of the project.
"""

import re

from ..content import TODO, Project
from ..definition import Field, FormDefinition, Place, Text, type_of
from ..definition.conditions import AllOf, AnyOf, Condition, Includes, Is, Not
from ..definition.review import Review
from ..words import Words

_CONTACT = re.compile(r"\{contacts\.(email|phone|pec|post|desk)\}")


def unreviewed_sentence(review: Review, words: Words, prevails: str) -> str:
    """Say that nobody has checked a translation, or nothing where somebody has.

    `prevails` is the language of the original.
    """
    if not review.pending:
        return ""
    return words.say(
        "Nobody who speaks this language has checked this translation yet. The text in "
        "{language} prevails.",
        language=words.name_of(prevails),
    )


def condition_sentence(
    form: FormDefinition, condition: Condition, words: Words, to_read: bool = False
) -> str:
    """Say when a field applies: “Fill in only if …”, or when a text does."""
    clause = _clause(form, condition, words, False)
    if to_read:
        return words.say("This is for you only if {condition}.", condition=clause)
    return words.say("Fill in only if {condition}.", condition=clause)


def needed_sentence(form: FormDefinition, asked: Field, words: Words) -> str:
    """Say when a field must be filled in; nothing when it is always or never so."""
    if asked.required_when is None:
        return ""
    clause = _clause(form, asked.required_when, words, False)
    return words.say("You must fill it in if {condition}.", condition=clause)


def _clause(
    form: FormDefinition, condition: Condition, words: Words, negated: bool
) -> str:
    match condition:
        case Is() | Includes():
            return _comparison(form, condition, words, negated)
        case Not(part):
            return _clause(form, part, words, not negated)
        case AllOf(parts) | AnyOf(parts):
            # "not (a and b)" is said as "not a or not b": nobody reads brackets well.
            together = isinstance(condition, AllOf) is not negated
            return _joined(form, parts, words, negated, together)


def _joined(
    form: FormDefinition,
    parts: tuple[Condition, ...],
    words: Words,
    negated: bool,
    together: bool,
) -> str:
    clauses = [
        f"({clause})" if isinstance(part, AllOf | AnyOf) else clause
        for part in parts
        for clause in [_clause(form, part, words, negated)]
    ]
    link = words.say("and") if together else words.say("or")
    return f" {link} ".join(clauses)


def _comparison(
    form: FormDefinition, test: Is | Includes, words: Words, negated: bool
) -> str:
    asked = form.field(test.field)
    if type_of(asked).has_text:
        if negated:
            return words.say("you did not tick “{label}”", label=asked.label)
        return words.say("you ticked “{label}”", label=asked.label)
    choice = asked.choice(test.value)
    answer = choice.label if choice else test.value
    if negated:
        return words.say(
            "your answer to “{label}” is not “{answer}”",
            label=asked.label,
            answer=answer,
        )
    return words.say(
        "your answer to “{label}” is “{answer}”", label=asked.label, answer=answer
    )


def tooltip(asked: Field, words: Words, place: Place) -> str:
    """Return what a screen reader says at a control: label, format, if required."""
    parts = [str(asked.label or asked.text)]
    if pattern := type_of(asked).pattern:
        parts.append(f"({words.say(pattern)})")
    if asked.required_at(place):
        parts.append(f"({words.say('required')})")
    return " ".join(parts)


def with_contacts(text: Text, project: Project, words: Words) -> Text:
    """Put contacts of the project into `{contacts.post}` and its kin.

    A contact that nobody has given yet is said to be missing, never left out.
    """

    def contact(found: re.Match[str]) -> str:
        return words.isolated(known(getattr(project.contacts, found[1]), words))

    return Text(_CONTACT.sub(contact, text), text.lang)


def known(value: str, words: Words) -> str:
    """Return a value of the project, or the words for one that is not there yet."""
    return words.say("to be confirmed") if value in ("", TODO) else str(value)
