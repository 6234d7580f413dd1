"""Types whose answer is one or several options of the form, kept by their ids."""

from ..words import N_, Words
from .field_type import Answer, FieldType, Here, LineType, OutOfBounds, Raw, Refused
from .form import Field

# Between several labels in one cell; the loader refuses it inside a label.
SEPARATOR = " | "
_UNKNOWN = N_("Choose one of the options of “{label}”.")


class SelectType(LineType):
    """One option of a list."""

    name = "select"
    has_choices = True
    missing = N_("Choose an answer for “{label}”.")

    def parse(self, field: Field, text: str, here: Here) -> Answer:
        if field.choice(text) is None:
            raise Refused(_UNKNOWN)
        return text

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [label(field, answer)]

    def export(self, field: Field, answer: Answer) -> str:
        return str(label(field, answer))


class RadioType(SelectType):
    """One option, all of them in sight."""

    name = "radio"


class CheckboxesType(FieldType):
    """Any number of options, kept in the order of the form."""

    name = "checkboxes"
    has_choices = True
    multiple = True
    limited = int
    missing = N_("Choose at least one answer for “{label}”.")

    def clean(self, field: Field, raw: Raw, here: Here) -> Answer | None:
        ticked = {value for value in raw.get(field.id, ()) if value}
        if ticked - {choice.id for choice in field.choices}:
            raise Refused(_UNKNOWN)
        low, high = field.limits.numbers()
        if ticked and low is not None and len(ticked) < low:
            raise OutOfBounds(N_("Choose at least {low}."), low=low)
        if high is not None and len(ticked) > high:
            raise OutOfBounds(N_("Choose at most {high}."), high=high)
        return [c.id for c in field.choices if c.id in ticked] or None

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        return {field.id: list(answer)}

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [label(field, one) for one in answer]

    def export(self, field: Field, answer: Answer) -> str:
        return SEPARATOR.join(label(field, one) for one in answer)


def label(field: Field, option: str) -> str:
    """Return the label of an option; one that is gone is read by its id."""
    choice = field.choice(option)
    return choice.label if choice else option
