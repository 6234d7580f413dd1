"""Values of a PDF field as the controls of the web form that would carry them."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from ..definition import Choice, Control, Field, type_of
from ..definition.text_cleanup import multiline, one_line


@dataclass(frozen=True, slots=True)
class Taken:
    """Controls with their values, and the values that no control can carry."""

    controls: dict[str, list[str]] = dataclass_field(default_factory=dict)
    strange: list[str] = dataclass_field(default_factory=list)


def take(field: Field, values: Sequence[str], labelled: Sequence[Choice]) -> Taken:
    """Put the values of a field into its controls; never guess.

    `labelled` are its options in every language: a list of the PDF may come back as
    what was shown instead of what it stands for.
    """
    kind = type_of(field)
    typed = [text for value in values if (text := multiline(value))]
    if kind.has_choices:
        return _chosen(field, typed, labelled)
    if not typed or not kind.asks:
        return Taken()
    controls = kind.from_paper(field, typed[0]) if len(typed) == 1 else None
    return Taken({}, typed) if controls is None else Taken(controls)


def _chosen(field: Field, typed: list[str], labelled: Sequence[Choice]) -> Taken:
    known, strange = [], []
    for text in typed:
        option = text if field.choice(text) else _shown(field, text, labelled)
        (known.append(option) if option else strange.append(text))
    if len(known) > 1 and not type_of(field).multiple:
        return Taken({}, typed)
    return Taken({field.id: known} if known else {}, strange)


def _shown(field: Field, text: str, labelled: Sequence[Choice]) -> str | None:
    """Return the one option of a list whose label this is."""
    if type_of(field).control is not Control.LIST:
        return None
    meant = {c.id for c in labelled if one_line(c.label) == one_line(text)}
    return meant.pop() if len(meant) == 1 else None
