"""The field types by name, and the two ways to read an answer that may be absent."""

from ..i18n import Translator
from .choice_types import (
    AcknowledgementType,
    CheckboxesType,
    DeclarationType,
    RadioType,
    SelectType,
    StaticType,
)
from .code_types import CodiceFiscaleType, IbanType
from .field_type import Answer, FieldType
from .form import Field
from .text_types import EmailType, PhoneType, TextareaType, TextType
from .value_types import DateType, NumberType, TimeType

TYPES: dict[str, FieldType] = {}


def register(*kinds: FieldType) -> None:
    """Make types known by their names; raise `ValueError` for a name that is taken."""
    for kind in kinds:
        if kind.name in TYPES:
            raise ValueError(f"there is a field type {kind.name} already")
        TYPES[kind.name] = kind


register(
    TextType(),
    TextareaType(),
    EmailType(),
    PhoneType(),
    NumberType(),
    DateType(),
    TimeType(),
    SelectType(),
    RadioType(),
    CheckboxesType(),
    DeclarationType(),
    AcknowledgementType(),
    CodiceFiscaleType(),
    IbanType(),
    StaticType(),
)


def type_of(field: Field) -> FieldType:
    """Return the behaviour of a field."""
    return TYPES[field.type]


def shown(field: Field, answer: Answer | None, translator: Translator) -> list[str]:
    """Return what people read for an answer; an absent one is said, not blank."""
    if answer is None:
        return [translator.gettext("No answer")]
    return type_of(field).show(field, answer, translator)


def exported(
    field: Field, answer: Answer | None, translator: Translator | None = None
) -> str:
    """Return the table cell of an answer, empty without one; for people in words."""
    return "" if answer is None else type_of(field).export(field, answer, translator)
