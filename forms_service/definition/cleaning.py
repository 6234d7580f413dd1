"""The only validator: what came in from web, paper or desk, and what it is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date

from ..i18n import N_, Message
from .conditions import holds
from .field_type import (
    Answer,
    Controls,
    DoubtfulAnswer,
    InputContext,
    InvalidAnswer,
    PreciseError,
    Raw,
)
from .form import Channel, Field, FormDefinition, Role
from .types import type_of

# `<field id>-kept` carries a doubtful value that the person has seen and kept.
KEPT = "-kept"
NO_ROOM = N_("There are {places} places in all: write a number not higher than that.")
NO_CONTACT = N_("Write an email address or a phone number: one of the two is enough.")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Answers by field id, and what is to be said about them."""

    answers: dict[str, Answer] = dataclass_field(default_factory=dict)
    errors: dict[str, Message] = dataclass_field(default_factory=dict)
    warnings: dict[str, Message] = dataclass_field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True when nothing has to be corrected or looked at again."""
        return not self.errors and not self.warnings


def clean(
    form: FormDefinition, values: Raw, channel: Channel, today: date | None = None
) -> Cleaned:
    """Validate what was typed in a channel.

    Only fields that appear in the channel and apply (`when`) count; what was typed in
    any other control is ignored and never stored. Errors and warnings follow the
    order of the form. `today`, in the project's zone, bounds dates limited by it.
    """
    fields = form.at(channel)
    context = InputContext(form.country, today, (form.lang, form.main_language))
    typed = _each(fields, values, context, channel)
    if channel is Channel.DESK:
        # No summary follows here.
        _doubt_slips(form, typed, values)
    typed.errors.update(_no_room(form, typed.answers))
    applying = applicable(fields, typed.answers)
    asked_fields = [form.field(field_id) for field_id in applying]
    answers = {
        field: typed.answers[field] for field in applying if field in typed.answers
    }
    errors: dict[str, Message] = {}
    for field in asked_fields:
        if field.id in typed.errors:
            errors[field.id] = typed.errors[field.id]
        elif field.id in answers:
            continue
        elif _needed(field, channel, answers):
            errors[field.id] = _advice(field, Message(type_of(field).missing), channel)
        elif channel is Channel.WEB and _unreachable(form, field, asked_fields, typed):
            errors[field.id] = Message(NO_CONTACT)
    warnings = {
        field: typed.warnings[field] for field in applying if field in typed.warnings
    }
    return Cleaned(answers, errors, warnings)


def find_slips(
    form: FormDefinition, answers: Mapping[str, Answer]
) -> dict[str, Message]:
    """Return what may be slips, by field: said where answers are read once more."""
    found = {
        field.id: type_of(field).slip(answers[field.id])
        for field in form.fields
        if field.id in answers
    }
    return {field_id: slip for field_id, slip in found.items() if slip}


def _needed(field: Field, channel: Channel, answers: Mapping[str, Answer]) -> bool:
    """Say whether an answer must be given, by itself or because of another answer."""
    because = field.required_when
    return field.required_at(channel) or (
        because is not None and holds(because, answers)
    )


def applicable(fields: Sequence[Field], answers: Mapping[str, Answer]) -> list[str]:
    """Return the ids of the fields that apply, in order.

    A controlling field that is hidden itself, or absent in this channel, counts as
    unanswered. The loader has refused circles, so what is hidden settles.
    """
    ids = [field.id for field in fields]
    conditions = {field.id: field.when for field in fields if field.when}
    hidden: set[str] = set()
    before = None
    while hidden != before:
        given = {i: answers[i] for i in ids if i in answers and i not in hidden}
        before = hidden
        hidden = {i for i, when in conditions.items() if not holds(when, given)}
    return [i for i in ids if i not in hidden]


def _each(
    fields: Sequence[Field], values: Raw, context: InputContext, channel: Channel
) -> Cleaned:
    """Clean every field by itself, whether it applies or not."""
    cleaned = Cleaned()
    for field in fields:
        try:
            answer = type_of(field).clean(field, values, context)
        except PreciseError as refused:
            # The form's own sentence does not know how much is too much.
            cleaned.errors[field.id] = _with_label(field, refused.message)
            continue
        except InvalidAnswer as refused:
            cleaned.errors[field.id] = _advice(field, refused.message, channel)
            continue
        except DoubtfulAnswer as doubt:
            answer = doubt.answer
            if str(answer) not in values.get(field.id + KEPT, ()):
                cleaned.warnings[field.id] = _with_label(field, doubt.message)
        if answer is not None:
            cleaned.answers[field.id] = answer
    return cleaned


def _doubt_slips(form: FormDefinition, cleaned: Cleaned, values: Raw) -> None:
    """Turn slips that nobody has kept into doubts."""
    for field_id, slip in find_slips(form, cleaned.answers).items():
        if str(cleaned.answers[field_id]) not in values.get(field_id + KEPT, ()):
            cleaned.warnings.setdefault(field_id, slip)


def _no_room(form: FormDefinition, answers: Mapping[str, Answer]) -> dict[str, Message]:
    """Refuse a party that would wait for ever: all places together are too few."""
    people = form.by_role(Role.PEOPLE)
    if people is None or form.capacity is None or not form.capacity.count_people:
        return {}
    number = answers.get(people.id)
    if not isinstance(number, int) or number <= form.capacity.limit:
        return {}
    return {people.id: Message(NO_ROOM, {"places": form.capacity.limit})}


def _advice(field: Field, message: Message, channel: Channel) -> Message:
    """Prefer the sentence that the form itself gives; it speaks to the person."""
    if field.error and channel is not Channel.DESK:
        return Message("{own}", {"own": field.error})
    return _with_label(field, message)


def _with_label(field: Field, message: Message) -> Message:
    return Message(message.msgid, {"label": field.label, **message.values})


def _unreachable(
    form: FormDefinition, asked_field: Field, fields: Sequence[Field], typed: Cleaned
) -> bool:
    """Say at the first of the two contacts that neither of them was given."""
    if not form.contact_by_phone:
        return False
    contacts = [field for field in fields if field.role in (Role.EMAIL, Role.PHONE)]
    given = typed.answers.keys() | typed.errors.keys()
    return contacts[:1] == [asked_field] and not any(
        field.id in given for field in contacts
    )


def raw_of(form: FormDefinition, answers: Mapping[str, Answer]) -> Controls:
    """Return answers as they would be typed, for a draft or a correction."""
    typed: Controls = {}
    for field in form.fields:
        if field.id in answers:
            typed.update(type_of(field).raw(field, answers[field.id]))
    return typed
