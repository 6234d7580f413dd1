"""The only validator: what came in from web, paper or desk, and what it is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..words import N_, Message
from .conditions import holds, tests
from .form import Field, FormDefinition, Place, Role
from .types import Answer, Doubt, Raw, Refused, type_of

# `<field id>-kept` carries a doubtful value that the person has seen and kept.
KEPT = "-kept"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Answers by field id, and what is to be said about them."""

    answers: dict[str, Answer] = field(default_factory=dict)
    errors: dict[str, Message] = field(default_factory=dict)
    warnings: dict[str, Message] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True when nothing has to be corrected or looked at again."""
        return not self.errors and not self.warnings


def clean(form: FormDefinition, values: Raw, place: Place) -> Cleaned:
    """Validate what was typed at a place.

    Only fields that appear at the place and apply (`when`) count; what was typed in
    any other control is ignored and never stored. Errors and warnings follow the
    order of the form.
    """
    fields = form.at(place)
    cleaned = Cleaned()
    for asked in fields:
        _clean_field(asked, values, cleaned)
    applying = applicable(fields, cleaned.answers)
    for asked in fields:
        if asked.id in applying:
            _check_presence(asked, place, cleaned)
    if place is not Place.DESK:
        _check_contact(form, cleaned)
    return Cleaned(
        *(
            {key: found[key] for key in applying if key in found}
            for found in (cleaned.answers, cleaned.errors, cleaned.warnings)
        )
    )


def applicable(fields: tuple[Field, ...], answers: Mapping[str, Answer]) -> list[str]:
    """Return the ids of the fields that apply, in order.

    A controlling field that is hidden itself, or absent at this place, counts as
    unanswered. The loader has refused circles, so the search ends.
    """
    by_id = {asked.id: asked for asked in fields}

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


def _clean_field(asked: Field, values: Raw, into: Cleaned) -> None:
    kind = type_of(asked)
    try:
        answer = kind.clean(asked, values)
    except Refused as refused:
        into.errors[asked.id] = _advice(asked, refused.message)
        return
    except Doubt as doubt:
        answer = doubt.answer
        if str(answer) not in values.get(asked.id + KEPT, ()):
            into.warnings[asked.id] = doubt.message
    if answer is not None:
        into.answers[asked.id] = answer


def _check_presence(asked: Field, place: Place, cleaned: Cleaned) -> None:
    if not asked.required_at(place) or asked.id in cleaned.answers:
        return
    if asked.id not in cleaned.errors:
        missing = Message(type_of(asked).missing)
        cleaned.errors[asked.id] = _advice(asked, missing)


def _advice(asked: Field, message: Message) -> Message:
    """Prefer the sentence that the form itself gives; it may name no value."""
    if asked.error:
        return Message("{own}", {"own": asked.error})
    return Message(message.msgid, {"label": asked.label, **message.values})


def _check_contact(form: FormDefinition, cleaned: Cleaned) -> None:
    """Where a phone is as good as an address, one of the two must be there."""
    email, phone = form.by_role(Role.EMAIL), form.by_role(Role.PHONE)
    if not form.contact_by_phone or email is None or phone is None:
        return
    if {email.id, phone.id} & (cleaned.answers.keys() | cleaned.errors.keys()):
        return
    cleaned.errors[email.id] = Message(
        N_("Write an email address or a phone number: one of the two is enough.")
    )


def raw_of(form: FormDefinition, answers: Mapping[str, Answer]) -> dict[str, list[str]]:
    """Return answers as they would be typed, for a draft or a correction."""
    typed: dict[str, list[str]] = {}
    for asked in form.fields:
        if asked.id in answers:
            typed.update(type_of(asked).raw(asked, answers[asked.id]))
    return typed
