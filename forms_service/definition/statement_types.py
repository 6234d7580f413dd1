"""Types that carry a text of the project: stated, read, or only shown."""

from hashlib import sha256
from typing import ClassVar

from ..i18n import N_, Translator
from .field_type import Answer, Control, FieldType, InputContext, Raw
from .form import Field
from .texts import Text


class DeclarationType(FieldType):
    """A statement the person makes by ticking it; its text is in the fingerprint."""

    name = "declaration"
    control = Control.TICK
    missing = N_("To go on, read and tick “{label}”.")
    # The value of the control; anything else (a PDF says Off) is not a tick.
    ticked: ClassVar[str] = "true"

    def clean(self, field: Field, raw: Raw, context: InputContext) -> Answer | None:
        return True if self.typed(field, raw) == self.ticked else None

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        return {field.id: [self.ticked]}

    def from_paper(self, field: Field, text: str) -> dict[str, list[str]] | None:
        return {field.id: [text]} if text == self.ticked else None

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return [translator.gettext("Yes")]

    def export(
        self, field: Field, answer: Answer, translator: Translator | None
    ) -> str:
        return "X"

    def sample(
        self, field: Field, n: int, translator: Translator
    ) -> dict[str, list[str]]:
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
