"""Types that carry a text of the project: stated, read, or only shown."""

from hashlib import sha256
from typing import ClassVar

from ..words import N_, Words
from .field_type import Answer, FieldType, Here, Raw
from .form import Field, Text


class DeclarationType(FieldType):
    """A statement the person makes by ticking it; its text is in the fingerprint."""

    name = "declaration"
    has_text = True
    missing = N_("To go on, read and tick “{label}”.")
    # The value of the control; anything else (a PDF says Off) is not a tick.
    ticked: ClassVar[str] = "true"

    def clean(self, field: Field, raw: Raw, here: Here) -> Answer | None:
        return True if self.typed(field, raw) == self.ticked else None

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        return {field.id: [self.ticked]}

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [words.say("Yes")]

    def export(self, field: Field, answer: Answer) -> str:
        return "X"


class AcknowledgementType(DeclarationType):
    """A notice the person has read; version and hash of its exact text are kept."""

    name = "acknowledgement"

    def clean(self, field: Field, raw: Raw, here: Here) -> Answer | None:
        if super().clean(field, raw, here) is None:
            return None
        return {"version": field.version, "hash": text_digest(field.text)}

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [words.say("Yes, version {version}", version=answer["version"])]

    def export(self, field: Field, answer: Answer) -> str:
        return f"{answer['version']} {answer['hash'][:12]}"


class StaticType(FieldType):
    """A text that is shown; nothing is asked."""

    name = "static"
    has_text = True

    def controls(self, field: Field) -> tuple[str, ...]:
        return ()

    def clean(self, field: Field, raw: Raw, here: Here) -> Answer | None:
        return None


def text_digest(text: Text) -> str:
    """Return the SHA-256 of a text, as stored with an acknowledgement."""
    return sha256(text.encode()).hexdigest()
