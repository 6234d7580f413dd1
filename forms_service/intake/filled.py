"""What a PDF of ours says, in the terms of today's web form.

Answers of an older version are taken by field id. Whatever is not certain is left
out and named: nothing is guessed, and no statement counts that was made on other words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from ..content import Content
from ..definition import Channel, Choice, Control, Field, FormDefinition, Text, type_of
from ..definition.folding import multiline, one_line
from ..i18n import N_
from ..shapes.pdf.identity import Identity
from .refusals import (
    Damaged,
    Flattened,
    IsReceipt,
    NotAPdf,
    NotOurs,
    PasswordProtected,
    Refusal,
    SeveralForms,
    TooLarge,
    TooManyPages,
)
from .sandbox import Wanted, read_in_child

# Evince saves whole fonts for Arabic and Chinese: 22 MB were measured.
LARGEST = 25 << 20
_REFUSALS: Mapping[str, type[Refusal]] = {
    "locked": PasswordProtected,
    "xfa": NotOurs,
    "pages": TooManyPages,
    "receipt": IsReceipt,
    "several": SeveralForms,
}
# A receipt has 60 to 200 kB.
LARGEST_RECEIPT = 5 << 20


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A field whose content could not be taken; `found` is its text, for people."""

    field_id: str
    label: Text
    found: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The answers of a PDF as raw values of the web form, and what to say of them.

    `form` is today's form in the language of the PDF. Of an older version (`outdated`)
    `new_fields` were not asked yet, `again` are statements to be read and ticked once
    more, `gone` are the labels of answers that nobody asks for any longer.
    """

    identity: Identity
    form: FormDefinition
    raw: dict[str, list[str]]
    unreadable: tuple[LeftOut, ...]
    new_fields: tuple[Field, ...]
    again: tuple[Field, ...]
    gone: tuple[str, ...]

    @property
    def outdated(self) -> bool:
        """Say whether the questions have changed since this PDF was made."""
        return self.identity.digits != Identity.of(self.form).digits


def read_filled(data: bytes, content: Content) -> Filled:
    """Read a PDF; raise a `Refusal` when it is not a form of ours with its fields."""
    if len(data) > LARGEST:
        raise TooLarge
    if not data.startswith(b"%PDF-"):
        raise NotAPdf
    found = read_in_child(data, wanted(content))
    if refusal := found.get("refusal"):
        raise _REFUSALS.get(refusal, Damaged)
    if not found["fields"]:
        raise Flattened
    try:
        identity = Identity.read(found["identity"])
    except ValueError as error:
        raise NotOurs from error
    if identity.form_id not in content.forms:
        raise NotOurs
    return _taken(identity, content.forms[identity.form_id], found)


def wanted(content: Content) -> Wanted:
    """Name for each form the fields of the web and the ids it had in the past."""
    return {
        form_id: {
            "web": [field.id for field in content.form(form_id).at(Channel.WEB)],
            "past": list(content.form(form_id).retired),
        }
        for form_id in content.forms
    }


def _taken(
    identity: Identity, editions: Mapping[str, FormDefinition], found: Mapping[str, Any]
) -> Filled:
    form = editions.get(identity.lang) or next(iter(editions.values()))
    outdated = identity.digits != Identity.of(form).digits
    raw: dict[str, list[str]] = {}
    left, new, again = [], [], []
    for field in form.at(Channel.WEB):
        values = found["values"].get(field.id)
        if values is None:
            if outdated and type_of(field).asks and _on_paper(field):
                new.append(field)
        elif values and outdated and type_of(field).has_text:
            again.append(field)
        else:
            taken = take(field, values, _labelled(field, editions))
            raw |= taken.controls
            if taken.strange or field.id in found["unread"]:
                text = one_line(" ".join(taken.strange))
                left.append(LeftOut(field.id, field.label, text))
    gone = tuple(one_line(label) for label in found["past"])
    return Filled(identity, form, raw, tuple(left), tuple(new), tuple(again), gone)


def _on_paper(field: Field) -> bool:
    return Channel.PDF in field.channels


def _labelled(field: Field, editions: Mapping[str, FormDefinition]) -> list[Choice]:
    """Return the options of a field with their labels in every language."""
    return [c for form in editions.values() for c in form.field(field.id).choices]


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


class NoReceipt(Refusal):
    """The file is no PDF, is too large, locked or damaged."""

    sentence = N_(
        "We cannot read this file: choose the PDF of the receipt as you downloaded it."
    )


def read_receipt(data: bytes) -> tuple[str | None, str | None]:
    """Return data and signature as the file carries them, None for what is missing.

    Raises `NoReceipt`, `Damaged` or `Busy`.
    """
    if len(data) > LARGEST_RECEIPT or not data.startswith(b"%PDF-"):
        raise NoReceipt
    found = read_in_child(data, None)
    if found.get("refusal"):
        raise NoReceipt
    return found["data"], found["signature"]
