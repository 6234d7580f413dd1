"""Values of a PDF field as the controls of the web form that would carry them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..definition import Choice, Control, Field, type_of
from ..definition.text_cleanup import multiline, one_line


@dataclass(frozen=True, slots=True)
class Taken:
    """Controls with their values, and the values that no control can carry."""

    controls: dict[str, list[str]] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)


def take(asked: Field, values: Sequence[str], labelled: Sequence[Choice]) -> Taken:
    """Put the values of a field into its controls; never guess.

    `labelled` are its options in every language: a list of the PDF may come back as
    what was shown instead of what it stands for.
    """
    kind = type_of(asked)
    typed = [text for value in values if (text := multiline(value))]
    if kind.has_choices:
        return _chosen(asked, typed, labelled)
    if not typed or not kind.asks:
        return Taken()
    controls = kind.from_paper(asked, typed[0]) if len(typed) == 1 else None
    return Taken({}, typed) if controls is None else Taken(controls)


def _chosen(asked: Field, typed: list[str], labelled: Sequence[Choice]) -> Taken:
    known, strange = [], []
    for text in typed:
        option = text if asked.choice(text) else _shown(asked, text, labelled)
        (known.append(option) if option else strange.append(text))
    if len(known) > 1 and not type_of(asked).multiple:
        return Taken({}, typed)
    return Taken({asked.id: known} if known else {}, strange)


def _shown(asked: Field, text: str, labelled: Sequence[Choice]) -> str | None:
    """Return the one option of a list whose label this is."""
    if type_of(asked).control is not Control.LIST:
        return None
    meant = {c.id for c in labelled if one_line(c.label) == one_line(text)}
    return meant.pop() if len(meant) == 1 else None
