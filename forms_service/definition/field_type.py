"""What every field type offers, and what is usual for one line of text.

`clean` turns what was typed into an answer, `raw` turns an answer back into what
would be typed, `show` writes it for people, `export` writes it for one table cell.
How a type looks in HTML or PDF is the business of the shapes.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from ..words import N_, Message, Words
from .form import Field
from .plain import one_line

Raw = Mapping[str, Sequence[str]]
Answer = Any


@dataclass(frozen=True, slots=True)
class Here:
    """Where and on which day something is typed; None: no day bounds anything."""

    country: str
    today: date | None


class Refused(Exception):
    """What was typed is not an answer; carries the message for the field."""

    def __init__(self, msgid: str, **values: object) -> None:
        super().__init__(msgid)
        self.message = Message(msgid, values)


class OutOfBounds(Refused):
    """An answer of the right kind beyond a limit; only the message names the limit."""


class Doubt(Exception):
    """An answer that looks wrong but may be kept by sending it once more."""

    def __init__(self, answer: Answer, msgid: str, **values: object) -> None:
        super().__init__(msgid)
        self.answer = answer
        self.message = Message(msgid, values)


class FieldType(ABC):
    """What a kind of field asks for, and how its answers are read and written."""

    name: ClassVar[str]
    has_choices: ClassVar[bool] = False
    has_text: ClassVar[bool] = False
    multiple: ClassVar[bool] = False
    # What `limits` bound, if anything: numbers (also lengths) or days.
    limited: ClassVar[type | None] = None
    missing: ClassVar[str] = N_("Fill in “{label}”.")

    def controls(self, field: Field) -> tuple[str, ...]:
        """Name the HTML controls that carry this field."""
        return (field.id,)

    def typed(self, field: Field, raw: Raw) -> str:
        """Return what was typed, as one string; empty when nothing was."""
        return first(raw, field.id)

    @abstractmethod
    def clean(self, field: Field, raw: Raw, here: Here) -> Answer | None:
        """Return the answer, None for no answer; raise `Refused` or `Doubt`."""

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        """Return the controls as a person would have typed this answer."""
        return {field.id: [str(answer)]}

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        """Return the lines that people read."""
        return [str(answer)]

    def export(self, field: Field, answer: Answer) -> str:
        """Return the text of one table cell, in the main language."""
        return str(answer)


class LineType(FieldType):
    """A field whose answer is read from one line of text."""

    def clean(self, field: Field, raw: Raw, here: Here) -> Answer | None:
        text = one_line(self.typed(field, raw))
        return self.parse(field, text, here) if text else None

    @abstractmethod
    def parse(self, field: Field, text: str, here: Here) -> Answer:
        """Turn a non-empty line into an answer; raise `Refused` or `Doubt`."""


def first(raw: Raw, control: str) -> str:
    """Return the first value of a control without white space around it."""
    return (list(raw.get(control, ())) or [""])[0].strip()
