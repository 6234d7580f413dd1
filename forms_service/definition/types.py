"""The field types by name, and the two ways to read an answer that may be absent."""

from collections.abc import Mapping

from ..words import Words
from .choice_types import SEPARATOR, CheckboxesType, RadioType, SelectType
from .field_type import Answer, Doubt, FieldType, Here, OutOfBounds, Raw, Refused
from .form import Field
from .statement_types import (
    AcknowledgementType,
    DeclarationType,
    StaticType,
    text_digest,
)
from .text_types import (
    CodiceFiscaleType,
    EmailType,
    PhoneType,
    TextareaType,
    TextType,
)
from .value_types import DateParts, DateType, NumberType

__all__ = [
    "SEPARATOR",
    "TYPES",
    "Answer",
    "DateParts",
    "DateType",
    "Doubt",
    "FieldType",
    "Here",
    "OutOfBounds",
    "Raw",
    "Refused",
    "exported",
    "shown",
    "text_digest",
    "type_of",
]

TYPES: Mapping[str, FieldType] = {
    kind.name: kind
    for kind in (
        TextType(),
        TextareaType(),
        EmailType(),
        PhoneType(),
        NumberType(),
        DateType(),
        SelectType(),
        RadioType(),
        CheckboxesType(),
        DeclarationType(),
        AcknowledgementType(),
        CodiceFiscaleType(),
        StaticType(),
    )
}


def type_of(field: Field) -> FieldType:
    """Return the behaviour of a field."""
    return TYPES[field.type]


def shown(field: Field, answer: Answer | None, words: Words) -> list[str]:
    """Return what people read for an answer; an absent one is said, not blank."""
    if answer is None:
        return [words.say("No answer")]
    return type_of(field).show(field, answer, words)


def exported(field: Field, answer: Answer | None) -> str:
    """Return the table cell of an answer; an absent one is an empty cell."""
    return "" if answer is None else type_of(field).export(field, answer)
