"""What every field type offers, and what is usual for one line of text.

`clean` turns what was typed into an answer, `raw` turns an answer back into what
would be typed, `show` writes it for people, `export` writes it for one table cell.
Its traits say what the shapes need; how a control looks is their business.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from ..i18n import N_, Message, Translator
from .folding import digits, has_controls, one_line
from .form import Field

Raw = Mapping[str, Sequence[str]]
# What was or would be typed, by HTML control.
Controls = dict[str, list[str]]
Answer = Any


class Control(StrEnum):
    """What a person fills in; each shape has one table from these to its drawings."""

    LINE = "line"
    AREA = "area"
    LIST = "list"
    RADIOS = "radios"
    BOXES = "boxes"
    DATE = "date"
    TICK = "tick"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class IdentityLabels:
    """What staff are told of two requests by the answers that identify a person."""

    same: str
    different: str


@dataclass(frozen=True, slots=True)
class InputContext:
    """Where, on which day and in which languages something is typed.

    None: no day bounds anything.
    """

    country: str
    today: date | None
    languages: tuple[str, ...] = ()


class InvalidAnswer(Exception):
    """What was typed is not an answer; carries the message for the field."""

    def __init__(self, msgid: str, **values: object) -> None:
        super().__init__(msgid)
        self.message = Message(msgid, values)


class PreciseError(InvalidAnswer):
    """A refusal whose message names what no sentence of the form knows.

    A limit, or a character that does not belong there.
    """


class DoubtfulAnswer(Exception):
    """An answer that looks wrong but may be kept by sending it once more."""

    def __init__(self, answer: Answer, msgid: str, **values: object) -> None:
        super().__init__(msgid)
        self.answer = answer
        self.message = Message(msgid, values)


class FieldType(ABC):
    """What a kind of field asks for, and how its answers are read and written."""

    name: ClassVar[str]
    control: ClassVar[Control] = Control.LINE
    missing: ClassVar[str] = N_("Fill in “{label}”.")
    # What `limits` bound, if anything: numbers (also lengths), days or hours.
    limited: ClassVar[type | None] = None
    # Characters that fit; None where nobody counts them.
    longest: ClassVar[int | None] = None
    # How it is written, for a box with room for a few words: dd/mm/yyyy.
    pattern: ClassVar[str] = ""
    # What a person might type.
    example: ClassVar[str] = ""
    # HTML attributes of a line, and its width: short, medium or nothing.
    attributes: ClassVar[Mapping[str, str]] = {}
    width: ClassVar[str] = ""
    # Half a line of paper is enough.
    short: ClassVar[bool] = False
    # Written from the left in every language.
    ltr: ClassVar[bool] = False
    # Whole numbers: a spreadsheet adds them up, staff filter by each of a few.
    numeric: ClassVar[bool] = False
    # Copied from a document, with which staff compare it when it is doubted.
    on_document: ClassVar[bool] = False
    # Its text has a version of its own, kept with the answer.
    versioned: ClassVar[bool] = False
    # Words of somebody's own, by which staff find what was sent.
    searched: ClassVar[bool] = False
    # Nobody else gives the same answer.
    identifies: ClassVar[IdentityLabels | None] = None

    @property
    def asks(self) -> bool:
        """Say whether somebody answers it."""
        return self.control is not Control.TEXT

    @property
    def has_choices(self) -> bool:
        """Say whether the answer is among options of the form."""
        return self.control in (Control.LIST, Control.RADIOS, Control.BOXES)

    @property
    def has_text(self) -> bool:
        """Say whether it carries a text of the project."""
        return self.control in (Control.TICK, Control.TEXT)

    @property
    def verbatim(self) -> bool:
        """Say whether answers are names, numbers or codes, which nobody translates."""
        return self.control is Control.LINE

    @property
    def multiple(self) -> bool:
        """Say whether the answer is a list."""
        return self.control is Control.BOXES

    def is_short(self, field: Field) -> bool:
        """Say whether half a line of paper is enough for this field."""
        return self.short

    def most(self, field: Field) -> int | None:
        """Return how many characters fit; None where nobody counts them."""
        _, most = field.limits.numbers()
        return self.longest if self.longest is None or most is None else most

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        """Return the controls filled in with the n-th invented answer."""
        return {control: [self.example] for control in self.controls(field)}

    def controls(self, field: Field) -> tuple[str, ...]:
        """Name the HTML controls that carry this field."""
        return (field.id,)

    def typed(self, field: Field, raw: Raw) -> str:
        """Return what was typed, as one string; empty when nothing was."""
        return first(raw, field.id)

    @abstractmethod
    def clean(self, field: Field, raw: Raw, context: InputContext) -> Answer | None:
        """Return the answer or None; raise `InvalidAnswer` or `DoubtfulAnswer`."""

    def slip(self, answer: Answer) -> Message | None:
        """Return what may be a slip in an answer that is right as far as we can say."""
        return None

    def raw(self, field: Field, answer: Answer) -> Controls:
        """Return the controls as a person would have typed this answer."""
        return {field.id: [str(answer)]}

    def from_paper(self, field: Field, text: str) -> Controls | None:
        """Return the controls for the text of a PDF's box; None if that is a guess."""
        return {field.id: [text]}

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        """Return the lines that people read."""
        return [str(answer)]

    def export(
        self, field: Field, answer: Answer, translator: Translator | None
    ) -> str:
        """Return the text of one table cell: `words` if it is for people."""
        return str(answer)


class LineType(FieldType):
    """A field whose answer is read from one line of text.

    Whatever reads it, a library or a grammar of ours, nothing is invented and nothing
    dropped: an answer that does not hold what was typed is refused.
    """

    # What is said of a line that is no answer.
    unreadable: ClassVar[str] = FieldType.missing
    # Read as a value, in which no control character belongs; not a text of its own.
    is_value: ClassVar[bool] = True

    def clean(self, field: Field, raw: Raw, context: InputContext) -> Answer | None:
        typed = self.typed(field, raw)
        text = one_line(typed)
        if not text:
            return None
        if self.is_value and has_controls(typed):
            raise self.refusal()
        try:
            answer = self.parse(field, text, context)
        except DoubtfulAnswer as doubt:
            if not self.keeps(text, doubt.answer, context):
                raise self.refusal() from doubt
            raise
        if not self.keeps(text, answer, context):
            raise self.refusal()
        return answer

    @abstractmethod
    def parse(self, field: Field, text: str, context: InputContext) -> Answer:
        """Turn a line into an answer; raise `InvalidAnswer` or `DoubtfulAnswer`."""

    def keeps(self, text: str, answer: Answer, context: InputContext) -> bool:
        """Say whether an answer holds what was typed: the same digits in their order.

        A type whose answers add digits or order them otherwise says it in its own way.
        """
        return text == answer or digits(text) == digits(str(answer))

    def refusal(self) -> InvalidAnswer:
        """Return what to raise for a line that is no answer."""
        example = {"example": self.example} if self.example else {}
        return InvalidAnswer(self.unreadable, **example)


def first(raw: Raw, control: str) -> str:
    """Return the first value of a control without white space around it."""
    values = raw.get(control)
    return values[0].strip() if values else ""
