"""What a form is filled with: by somebody, or with the slots that somebody fills."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from markupsafe import Markup, escape

from ...definition import KEPT, Cleaned, Field, Raw, type_of
from ...definition.field_type import Control
from ...i18n import Message
from . import slot

# Lines of an empty box, and characters that fit on one line of a phone.
ROWS, A_LINE = 5, 30


@dataclass(frozen=True, slots=True)
class Filling:
    """Everything typed, and what it is worth."""

    raw: Raw = dataclass_field(default_factory=dict)
    cleaned: Cleaned = dataclass_field(default_factory=Cleaned)

    def message(self, field_id: str) -> Message | None:
        """Return what is to be said at a field."""
        wrong = self.cleaned.errors.get(field_id)
        return wrong or self.cleaned.warnings.get(field_id)

    def values(self, control: str) -> Sequence[str]:
        """Return what was typed in a control."""
        return self.raw.get(control, ())

    def first(self, control: str) -> str:
        """Return the one thing typed in a control, or nothing."""
        return next(iter(self.values(control)), "")

    def rows(self, control: str) -> str:
        """Return how many lines a box shows, where the browser cannot measure it.

        On paper nobody scrolls: a box that is filled in shows all of it.
        """
        lines = self.first(control).split("\n")
        return str(max(ROWS, sum(len(line) // A_LINE + 1 for line in lines)))

    def checked(self, control: str, option: str) -> str:
        """Return the attribute of an option, if it was ticked."""
        return " checked" if option in self.values(control) else ""

    def selected(self, control: str, option: str) -> str:
        """Return the attribute of an option of a list, if it was chosen."""
        return " selected" if option == self.first(control) else ""

    def strange(self, field: Field) -> list[str]:
        """Return what was chosen although it is no option of the field."""
        if not type_of(field).has_choices or field.id not in self.raw:
            return []
        known = {choice.id for choice in field.choices}
        return [value for value in self.values(field.id) if value not in ("", *known)]

    def kept(self, field: Field) -> str:
        """Return a doubtful value that has now been seen; empty when there is none."""
        if field.id in self.cleaned.warnings:
            return str(self.cleaned.answers.get(field.id, ""))
        return next(iter(self.raw.get(field.id + KEPT, ())), "")

    def variant(self, field: Field) -> "Variant":
        """Return what decides the markup of a field."""
        errors, warnings = self.cleaned.errors, self.cleaned.warnings
        doubt = field.id in warnings and field.id not in errors
        return Variant(field.id in errors, doubt, bool(self.kept(field)))

    def slots(self, fields: Sequence[Field]) -> Iterator[tuple[str, str]]:
        """Yield what fills the slots of `SlotFilling`, without the messages.

        Only controls of the form have slots: what else was posted is not looked at.
        """
        for field in fields:
            kind = type_of(field)
            if kept := self.kept(field):
                yield field.id + KEPT, escape(kept)
            for control in kind.controls(field):
                typed = self.values(control)
                if typed:
                    yield control, escape(typed[0])
                    yield f"{control} selected {typed[0]}", " selected"
                for value in typed if kind.control in _TICKED else ():
                    yield f"{control} checked {value}", " checked"
            if kind.control is Control.AREA:
                yield f"{field.id} rows", self.rows(field.id)


_TICKED = (Control.RADIOS, Control.BOXES, Control.TICK)


@dataclass(frozen=True, slots=True)
class Variant:
    """How a field is drawn: with a mistake, a doubt, a value that was seen."""

    wrong: bool
    doubtful: bool
    kept: bool


class SlotFilling(Filling):
    """A slot in place of everything typed and said; all fields are of one variant."""

    def __init__(self, fields: Sequence[Field], variant: Variant) -> None:
        said: Mapping[str, Message] = {
            field.id: Message(slot(f"{field.id} message")) for field in fields
        }
        kept = {field.id: slot(field.id + KEPT) for field in fields if variant.kept}
        errors = dict(said) if variant.wrong else {}
        warnings = dict(said) if variant.doubtful else {}
        super().__init__({}, Cleaned(kept, errors, warnings))

    def values(self, control: str) -> Sequence[str]:
        """Return the slot of a control."""
        return [slot(control)]

    def rows(self, control: str) -> str:
        """Return the slot of a number of lines."""
        return slot(f"{control} rows")

    def checked(self, control: str, option: str) -> str:
        """Return the slot of an attribute."""
        return Markup(slot(f"{control} checked {option}"))  # noqa: S704 - a slot

    def selected(self, control: str, option: str) -> str:
        """Return the slot of an attribute."""
        return Markup(slot(f"{control} selected {option}"))  # noqa: S704 - a slot

    def kept(self, field: Field) -> str:
        """Return the slot of a value that was seen, where there is one."""
        return str(self.cleaned.answers.get(field.id, ""))
