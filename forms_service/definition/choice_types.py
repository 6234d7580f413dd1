"""Types with texts of the form: options to choose from, and statements to tick."""

from hashlib import sha256
from typing import ClassVar

from ..i18n import N_, Translator
from .field_type import (
    Answer,
    Control,
    Controls,
    FieldType,
    InputContext,
    InvalidAnswer,
    LineType,
    PreciseError,
    Raw,
)
from .form import Field
from .texts import Text

# Between several labels in one cell; the loader refuses it inside a label.
SEPARATOR = " | "
_UNKNOWN = N_("Choose one of the options of “{label}”.")


class SelectType(LineType):
    """One option of a list."""

    name = "select"
    control = Control.LIST
    missing = N_("Choose an answer for “{label}”.")
    unreadable = _UNKNOWN

    def parse(self, field: Field, text: str, context: InputContext) -> Answer:
        if field.choice(text) is None:
            raise self.refusal()
        return text

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return [label(field, answer)]

    def export(
        self, field: Field, answer: Answer, translator: Translator | None
    ) -> str:
        return str(label(field, answer))

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        return {field.id: [field.choices[n % len(field.choices)].id]}


class RadioType(SelectType):
    """One option, all of them in sight."""

    name = "radio"
    control = Control.RADIOS


class CheckboxesType(FieldType):
    """Any number of options, kept in the order of the form."""

    name = "checkboxes"
    control = Control.BOXES
    limited = int
    missing = N_("Choose at least one answer for “{label}”.")

    def clean(self, field: Field, raw: Raw, context: InputContext) -> Answer | None:
        ticked = {value for value in raw.get(field.id, ()) if value}
        chosen = [c.id for c in field.choices if c.id in ticked]
        if len(chosen) < len(ticked):
            raise InvalidAnswer(_UNKNOWN)
        low, high = field.limits.numbers()
        if chosen and low is not None and len(chosen) < low:
            raise PreciseError(N_("Choose at least {low}."), low=low)
        if high is not None and len(chosen) > high:
            raise PreciseError(N_("Choose at most {high}."), high=high)
        return chosen or None

    def raw(self, field: Field, answer: Answer) -> Controls:
        return {field.id: list(answer)}

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return [label(field, part) for part in answer]

    def export(
        self, field: Field, answer: Answer, translator: Translator | None
    ) -> str:
        return SEPARATOR.join(label(field, part) for part in answer)

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        ids = [choice.id for choice in field.choices]
        least, _ = field.limits.numbers()
        return {field.id: [ids[(n + i) % len(ids)] for i in range(least or 1)]}


def label(field: Field, option: str) -> str:
    """Return the label of an option; one that is gone is read by its id."""
    choice = field.choice(option)
    return choice.label if choice else option


class DeclarationType(FieldType):
    """A statement the person makes by ticking it; its text is in the fingerprint."""

    name = "declaration"
    control = Control.TICK
    missing = N_("To go on, read and tick “{label}”.")
    # The value of the control; anything else (a PDF says Off) is not a tick.
    ticked: ClassVar[str] = "true"

    def clean(self, field: Field, raw: Raw, context: InputContext) -> Answer | None:
        return True if self.typed(field, raw) == self.ticked else None

    def raw(self, field: Field, answer: Answer) -> Controls:
        return {field.id: [self.ticked]}

    def from_paper(self, field: Field, text: str) -> Controls | None:
        return {field.id: [text]} if text == self.ticked else None

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return [translator.gettext("Yes")]

    def export(
        self, field: Field, answer: Answer, translator: Translator | None
    ) -> str:
        return "X"

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        return self.raw(field, True)


class AcknowledgementType(DeclarationType):
    """A notice the person has read; version and hash of its exact text are kept."""

    name = "acknowledgement"
    versioned = True

    def clean(self, field: Field, raw: Raw, context: InputContext) -> Answer | None:
        if super().clean(field, raw, context) is None:
            return None
        return {"version": field.version, "hash": text_digest(field.text)}

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return [translator.gettext("Yes, version {version}", version=answer["version"])]

    def export(
        self, field: Field, answer: Answer, translator: Translator | None
    ) -> str:
        if translator:
            return translator.gettext(
                "Read, version {version}", version=answer["version"]
            )
        return f"{answer['version']} {answer['hash'][:12]}"


class StaticType(FieldType):
    """A text that is shown; nothing is asked."""

    name = "static"
    control = Control.TEXT

    def controls(self, field: Field) -> tuple[str, ...]:
        return ()

    def clean(self, field: Field, raw: Raw, context: InputContext) -> Answer | None:
        return None


def text_digest(text: Text) -> str:
    """Return the SHA-256 of a text, as stored with an acknowledgement."""
    return sha256(text.encode()).hexdigest()
