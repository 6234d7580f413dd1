"""Field types: one small class each, with the four things every shape asks of it.

`clean` turns what was typed into an answer, `raw` turns an answer back into what
would be typed, `show` writes it for people, `export` writes it for one table cell.
How a type looks in HTML or PDF is the business of the shapes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, ClassVar

from ..words import N_, Message, Words
from .codice_fiscale import doubts
from .contact import EmailRefused, PhoneRefused, clean_email, clean_phone, show_phone
from .form import Field, Text
from .plain import multiline, one_line

Raw = Mapping[str, Sequence[str]]
Answer = Any
# Between several labels in one cell; the loader refuses it inside a label.
SEPARATOR = " | "
# A name in any script may hold anything else: names are never split, never
# upper-cased, never "corrected" (ARCHITECTURE.md, words).
NAME_REFUSED = frozenset("<>{}[]\\|@=#$%^*")


class Refused(Exception):
    """What was typed is not an answer; carries the message for the field."""

    def __init__(self, msgid: str, **values: object) -> None:
        super().__init__(msgid)
        self.message = Message(msgid, values)


class Doubt(Exception):
    """An answer that looks wrong but may be kept by sending it once more."""

    def __init__(self, answer: Answer, msgid: str, **values: object) -> None:
        super().__init__(msgid)
        self.answer = answer
        self.message = Message(msgid, values)


class FieldType:
    """One line of text: the behaviour most types share."""

    name: ClassVar[str] = "text"
    has_choices: ClassVar[bool] = False
    has_text: ClassVar[bool] = False
    multiple: ClassVar[bool] = False
    longest: ClassVar[int] = 200
    missing: ClassVar[str] = N_("Fill in “{label}”.")

    def controls(self, field: Field) -> tuple[str, ...]:
        """Name the HTML controls that carry this field."""
        return (field.id,)

    def typed(self, field: Field, raw: Raw) -> str:
        """Return what was typed, as one string; empty when nothing was."""
        return (list(raw.get(field.id, ())) or [""])[0].strip()

    def clean(self, field: Field, raw: Raw) -> Answer | None:
        """Return the answer, None for no answer; raise `Refused` or `Doubt`."""
        text = one_line(self.typed(field, raw))
        return self.parse(field, text) if text else None

    def parse(self, field: Field, text: str) -> Answer:
        """Turn a non-empty line into an answer."""
        return within(field, text, self.longest)

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        """Return the controls as a person would have typed this answer."""
        return {field.id: [str(answer)]}

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        """Return the lines that people read."""
        return [str(answer)]

    def export(self, field: Field, answer: Answer) -> str:
        """Return the text of one table cell, in the main language."""
        return str(answer)


def within(field: Field, text: str, longest: int) -> str:
    """Check the number of characters; raise `Refused` with both numbers."""
    least = field.limits.min if isinstance(field.limits.min, int) else 1
    most = field.limits.max if isinstance(field.limits.max, int) else longest
    if len(text) < least:
        raise Refused(N_("Write at least {least} characters."), least=least)
    if len(text) > most:
        raise Refused(
            N_("Write at most {most} characters: now there are {now}."),
            most=most,
            now=len(text),
        )
    return text


class TextType(FieldType):
    """One line; in the role of a name it takes any script and refuses only junk."""

    def parse(self, field: Field, text: str) -> Answer:
        if field.role == "name" and (
            NAME_REFUSED & set(text)
            or "://" in text
            or not any(character.isalpha() for character in text)
        ):
            raise Refused(N_("Write the name only, as it is on the document."))
        return super().parse(field, text)


class TextareaType(FieldType):
    """Several lines, line ends as LF."""

    name = "textarea"
    longest = 1000

    def clean(self, field: Field, raw: Raw) -> Answer | None:
        text = multiline(self.typed(field, raw))
        return within(field, text, self.longest) if text else None

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return str(answer).split("\n")


class EmailType(FieldType):
    """An address by the rules of RFC 5321 and 5322; the mailbox is proven later."""

    name = "email"
    missing = N_("Write your email address.")

    def parse(self, field: Field, text: str) -> Answer:
        try:
            return clean_email(text)
        except EmailRefused as error:
            raise Refused(
                N_("Check the email address: it must look like name@example.org.")
            ) from error


class PhoneType(FieldType):
    """A number of any country as E.164; without prefix it is of the main country."""

    name = "phone"
    missing = N_("Write a phone number.")

    def parse(self, field: Field, text: str) -> Answer:
        try:
            return clean_phone(text)
        except PhoneRefused as error:
            raise Refused(
                N_("Check the phone number: write all digits, for example {example}."),
                example="+39 0564 123456",
            ) from error

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [show_phone(str(answer))]


class NumberType(FieldType):
    """A whole number."""

    name = "number"
    missing = N_("Write a number in “{label}”.")

    def parse(self, field: Field, text: str) -> Answer:
        try:
            number = int(text.replace("\u00a0", "").replace(" ", ""))
        except ValueError as error:
            raise Refused(N_("Write a whole number, in digits.")) from error
        low, high = field.limits.min, field.limits.max
        if isinstance(low, int) and number < low:
            raise Refused(N_("Write a number not lower than {low}."), low=low)
        if isinstance(high, int) and number > high:
            raise Refused(N_("Write a number not higher than {high}."), high=high)
        return number


@dataclass(frozen=True, slots=True)
class DateParts:
    """The three controls of a date."""

    day: str
    month: str
    year: str


class DateType(FieldType):
    """A day, typed as three numbers on the web or as day/month/year on paper."""

    name = "date"
    missing = N_("Write day, month and year.")
    example: ClassVar[str] = "27 3 1985"

    def parts(self, field: Field) -> DateParts:
        """Name the three boxes."""
        return DateParts(f"{field.id}-day", f"{field.id}-month", f"{field.id}-year")

    def controls(self, field: Field) -> tuple[str, ...]:
        parts = self.parts(field)
        return (parts.day, parts.month, parts.year)

    def typed(self, field: Field, raw: Raw) -> str:
        boxes = [(list(raw.get(c, ())) or [""])[0] for c in self.controls(field)]
        joined = "/".join(box.strip() for box in boxes).strip("/")
        return joined or super().typed(field, raw)

    def parse(self, field: Field, text: str) -> Answer:
        for mark in ".- ":
            text = text.replace(mark, "/")
        numbers = [part for part in text.split("/") if part]
        try:
            first, middle, last = map(int, numbers)
            if len(numbers[0]) == 4:
                first, last = last, first
            day = date(last, middle, first)
        except ValueError as error:
            raise Refused(
                N_("Write day, month and year in digits, for example {example}."),
                example=self.example,
            ) from error
        low, high = field.limits.min, field.limits.max
        if day.year < 1000 or (isinstance(low, date) and day < low):
            raise Refused(N_("Check the year: write it with four digits."))
        if isinstance(high, date) and day > high:
            raise Refused(N_("Write a date not later than {high}."), high=f"{high}")
        return day.isoformat()

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        day = date.fromisoformat(answer)
        parts = self.parts(field)
        return {
            parts.day: [str(day.day)],
            parts.month: [str(day.month)],
            parts.year: [str(day.year)],
        }

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [words.day(date.fromisoformat(answer))]


class SelectType(FieldType):
    """One option of a list."""

    name = "select"
    has_choices = True
    missing = N_("Choose an answer for “{label}”.")

    def parse(self, field: Field, text: str) -> Answer:
        if field.choice(text) is None:
            raise Refused(N_("Choose one of the options of “{label}”."))
        return text

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        choice = field.choice(answer)
        return [choice.label if choice else str(answer)]

    def export(self, field: Field, answer: Answer) -> str:
        choice = field.choice(answer)
        return str(choice.label if choice else answer)


class RadioType(SelectType):
    """One option, all of them in sight."""

    name = "radio"


class CheckboxesType(SelectType):
    """Any number of options, kept in the order of the form."""

    name = "checkboxes"
    multiple = True
    missing = N_("Choose at least one answer for “{label}”.")

    def typed(self, field: Field, raw: Raw) -> str:
        return " ".join(value for value in raw.get(field.id, ()) if value)

    def clean(self, field: Field, raw: Raw) -> Answer | None:
        ticked = {value for value in raw.get(field.id, ()) if value}
        if ticked - {choice.id for choice in field.choices}:
            raise Refused(N_("Choose one of the options of “{label}”."))
        low, high = field.limits.min, field.limits.max
        if ticked and isinstance(low, int) and len(ticked) < low:
            raise Refused(N_("Choose at least {low}."), low=low)
        if isinstance(high, int) and len(ticked) > high:
            raise Refused(N_("Choose at most {high}."), high=high)
        return [c.id for c in field.choices if c.id in ticked] or None

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        return {field.id: list(answer)}

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [SelectType.show(self, field, one, words)[0] for one in answer]

    def export(self, field: Field, answer: Answer) -> str:
        return SEPARATOR.join(SelectType.export(self, field, one) for one in answer)


class DeclarationType(FieldType):
    """A statement the person makes by ticking it; its text is in the fingerprint."""

    name = "declaration"
    has_text = True
    missing = N_("To go on, read and tick “{label}”.")
    ticked: ClassVar[str] = "true"

    def clean(self, field: Field, raw: Raw) -> Answer | None:
        return True if self.typed(field, raw) else None

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        return {field.id: [self.ticked] if answer else []}

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [words.say("Yes")]

    def export(self, field: Field, answer: Answer) -> str:
        return "X"


class AcknowledgementType(DeclarationType):
    """A notice the person has read; version and hash of its exact text are kept."""

    name = "acknowledgement"

    def clean(self, field: Field, raw: Raw) -> Answer | None:
        if not self.typed(field, raw):
            return None
        return {"version": field.version, "hash": text_digest(field.text)}

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [words.say("Yes, version {version}", version=answer["version"])]

    def export(self, field: Field, answer: Answer) -> str:
        return f"{answer['version']} {answer['hash'][:12]}"


class CodiceFiscaleType(FieldType):
    """The Italian tax code (DM 23 December 1976, with omocodia) or 11 digits.

    Only a doubt is raised, never a refusal: real documents carry codes that no
    checker knows, and the person at the desk has the document.
    """

    name = "codice_fiscale"
    missing = N_("Write the tax code.")

    def parse(self, field: Field, text: str) -> Answer:
        code = "".join(text.split()).upper()
        if len(code) > 16:
            raise Refused(N_("A tax code has 16 characters, or 11 digits."))
        if doubts(code):
            raise Doubt(
                code,
                N_(
                    "Check the tax code. If it is the one on your document, "
                    "you can go on."
                ),
            )
        return code


class StaticType(FieldType):
    """A text that is shown; nothing is asked."""

    name = "static"
    has_text = True

    def controls(self, field: Field) -> tuple[str, ...]:
        return ()

    def clean(self, field: Field, raw: Raw) -> Answer | None:
        return None


TYPES: Mapping[str, FieldType] = {
    kind.name: kind
    for kind in (
        TextType(),
        TextareaType(),
        EmailType(),
        PhoneType(),
        NumberType(),
        DateType(),
        SelectType(),
        RadioType(),
        CheckboxesType(),
        DeclarationType(),
        AcknowledgementType(),
        CodiceFiscaleType(),
        StaticType(),
    )
}


def type_of(field: Field) -> FieldType:
    """Return the behaviour of a field."""
    return TYPES[field.type]


def shown(field: Field, answer: Answer | None, words: Words) -> list[str]:
    """Return what people read for an answer; an absent one is said, not blank."""
    if answer is None:
        return [words.say("No answer")]
    return type_of(field).show(field, answer, words)


def exported(field: Field, answer: Answer | None) -> str:
    """Return the table cell of an answer; an absent one is an empty cell."""
    return "" if answer is None else type_of(field).export(field, answer)


def text_digest(text: Text) -> str:
    """Return the SHA-256 of a text, as stored with an acknowledgement."""
    return sha256(str(text).encode()).hexdigest()
