"""The only validator: what came in from web, paper or desk, and what it is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from ..words import N_, Message
from .conditions import holds, tests
from .form import Field, FormDefinition, Place, Role
from .types import Answer, Doubt, Here, Precise, Raw, Refused, type_of

# `<field id>-kept` carries a doubtful value that the person has seen and kept.
KEPT = "-kept"
NO_ROOM = N_("There are {places} places in all: write a number not higher than that.")
NO_CONTACT = N_("Write an email address or a phone number: one of the two is enough.")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Answers by field id, and what is to be said about them.

    `slips` are said where the answers are read once more, and stop nobody.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    errors: dict[str, Message] = field(default_factory=dict)
    warnings: dict[str, Message] = field(default_factory=dict)
    slips: dict[str, Message] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True when nothing has to be corrected or looked at again."""
        return not self.errors and not self.warnings


def clean(
    form: FormDefinition, values: Raw, place: Place, today: date | None = None
) -> Cleaned:
    """Validate what was typed at a place.

    Only fields that appear at the place and apply (`when`) count; what was typed in
    any other control is ignored and never stored. Errors and warnings follow the
    order of the form. `today`, in the project's zone, bounds dates limited by it.
    """
    fields = form.at(place)
    here = Here(form.country, today, (form.lang, form.main_language))
    typed = _each(fields, values, here, place)
    typed.errors.update(_no_room(form, typed.answers))
    applying = applicable(fields, typed.answers)
    asked = [form.field(field_id) for field_id in applying]
    answers = {one: typed.answers[one] for one in applying if one in typed.answers}
    errors: dict[str, Message] = {}
    for one in asked:
        if one.id in typed.errors:
            errors[one.id] = typed.errors[one.id]
        elif one.id not in answers and _needed(one, place, answers):
            errors[one.id] = _advice(one, Message(type_of(one).missing), place)
        elif place is Place.WEB and _unreachable(form, one, asked, typed):
            errors[one.id] = Message(NO_CONTACT)
    warnings = {one: typed.warnings[one] for one in applying if one in typed.warnings}
    slips = {one: typed.slips[one] for one in applying if one in typed.slips}
    return Cleaned(answers, errors, warnings, slips)


def _needed(asked: Field, place: Place, answers: Mapping[str, Answer]) -> bool:
    """Say whether an answer must be given, by itself or because of another answer."""
    because = asked.required_when
    return asked.required_at(place) or (because is not None and holds(because, answers))


def applicable(fields: Sequence[Field], answers: Mapping[str, Answer]) -> list[str]:
    """Return the ids of the fields that apply, in order.

    A controlling field that is hidden itself, or absent at this place, counts as
    unanswered. The loader has refused circles, so the search ends.
    """
    by_id = {asked.id: asked for asked in fields}

    @cache
    def applies(field_id: str) -> bool:
        asked = by_id.get(field_id)
        if asked is None or asked.when is None:
            return asked is not None
        controlling = {test.field for test in tests(asked.when)}
        return holds(
            asked.when,
            {
                key: answers[key]
                for key in controlling
                if key in answers and applies(key)
            },
        )

    return [asked.id for asked in fields if applies(asked.id)]


def _each(fields: Sequence[Field], values: Raw, here: Here, place: Place) -> Cleaned:
    """Clean every field by itself, whether it applies or not."""
    cleaned = Cleaned()
    for asked in fields:
        try:
            answer = type_of(asked).clean(asked, values, here)
        except Precise as refused:
            # The form's own sentence does not know how much is too much.
            cleaned.errors[asked.id] = _with_label(asked, refused.message)
            continue
        except Refused as refused:
            cleaned.errors[asked.id] = _advice(asked, refused.message, place)
            continue
        except Doubt as doubt:
            answer = doubt.answer
            if str(answer) not in values.get(asked.id + KEPT, ()):
                cleaned.warnings[asked.id] = _with_label(asked, doubt.message)
        if answer is not None:
            cleaned.answers[asked.id] = answer
            if slip := type_of(asked).slip(answer):
                cleaned.slips[asked.id] = slip
    if place is Place.DESK:
        # No summary follows here.
        _doubt_slips(cleaned, values)
    return cleaned


def _doubt_slips(cleaned: Cleaned, values: Raw) -> None:
    """Turn slips that nobody has kept into doubts."""
    for field_id, slip in cleaned.slips.items():
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


def _advice(asked: Field, message: Message, place: Place) -> Message:
    """Prefer the sentence that the form itself gives; it speaks to the person."""
    if asked.error and place is not Place.DESK:
        return Message("{own}", {"own": asked.error})
    return _with_label(asked, message)


def _with_label(asked: Field, message: Message) -> Message:
    return Message(message.msgid, {"label": asked.label, **message.values})


def _unreachable(
    form: FormDefinition, one: Field, asked: Sequence[Field], typed: Cleaned
) -> bool:
    """Say at the first of the two contacts that neither of them was given."""
    if not form.contact_by_phone:
        return False
    contacts = [field for field in asked if field.role in (Role.EMAIL, Role.PHONE)]
    given = typed.answers.keys() | typed.errors.keys()
    return contacts[:1] == [one] and not any(field.id in given for field in contacts)


def raw_of(form: FormDefinition, answers: Mapping[str, Answer]) -> dict[str, list[str]]:
    """Return answers as they would be typed, for a draft or a correction."""
    typed: dict[str, list[str]] = {}
    for asked in form.fields:
        if asked.id in answers:
            typed.update(type_of(asked).raw(asked, answers[asked.id]))
    return typed
