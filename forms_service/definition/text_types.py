"""Types that hold what somebody writes: lines, addresses, numbers, codes."""

from typing import ClassVar

from ..words import N_, Words
from .codice_fiscale import LENGTH, doubts
from .contact import (
    EmailRefused,
    PhoneRefused,
    clean_email,
    clean_phone,
    is_known_phone,
    show_phone,
)
from .field_type import (
    Answer,
    Doubt,
    FieldType,
    Here,
    LineType,
    OutOfBounds,
    Raw,
    Refused,
)
from .form import Field, Role
from .plain import multiline

# A name in any script may hold anything else: names are never split, never
# upper-cased, never "corrected".
NAME_REFUSED = frozenset("<>{}[]\\|@=#$%^*")


class TextType(LineType):
    """One line; in the role of a name it takes any script and refuses only junk."""

    name = "text"
    limited = int
    longest: ClassVar[int] = 200

    def parse(self, field: Field, text: str, here: Here) -> Answer:
        if field.role is Role.NAME and (
            NAME_REFUSED & set(text)
            or "://" in text
            or not any(character.isalpha() for character in text)
        ):
            raise Refused(N_("Write the name only, as it is on the document."))
        return within(field, text, self.longest)


class TextareaType(FieldType):
    """Several lines, line ends as LF."""

    name = "textarea"
    limited = int
    longest: ClassVar[int] = 1000

    def clean(self, field: Field, raw: Raw, here: Here) -> Answer | None:
        text = multiline(self.typed(field, raw))
        return within(field, text, self.longest) if text else None

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return str(answer).split("\n")


class EmailType(LineType):
    """An address by the rules of RFC 5321 and 5322; the mailbox is proven later."""

    name = "email"
    missing = N_("Write your email address.")

    def parse(self, field: Field, text: str, here: Here) -> Answer:
        try:
            return clean_email(text)
        except EmailRefused as error:
            raise Refused(
                N_("Check the email address: it must look like name@example.org.")
            ) from error


class PhoneType(LineType):
    """A number of any country as E.164; without prefix it is of this country.

    A number that its country has not given out raises only a doubt: lists are old.
    """

    name = "phone"
    missing = N_("Write a phone number.")

    def parse(self, field: Field, text: str, here: Here) -> Answer:
        try:
            number = clean_phone(text, here.country)
        except PhoneRefused as error:
            raise Refused(
                N_("Check the phone number: write all digits, for example {example}."),
                example="+39 0564 123456",
            ) from error
        if not is_known_phone(number):
            raise Doubt(
                number,
                N_("Check the phone number: {shown}. If it is right, you can go on."),
                shown=show_phone(number),
            )
        return number

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [show_phone(str(answer))]


class CodiceFiscaleType(LineType):
    """The Italian tax code (DM 23 December 1976, with omocodia) or 11 digits.

    Whatever can be a code raises only a doubt, never a refusal: real documents carry
    codes that no checker knows, and the person has the document.
    """

    name = "codice_fiscale"
    missing = N_("Write the tax code.")

    def parse(self, field: Field, text: str, here: Here) -> Answer:
        code = "".join(text.split()).upper()
        if len(code) > LENGTH:
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


def within(field: Field, text: str, longest: int) -> str:
    """Check the number of characters; raise `OutOfBounds` with both numbers."""
    least, most = field.limits.numbers()
    if least is not None and len(text) < least:
        raise OutOfBounds(N_("Write at least {least} characters."), least=least)
    most = longest if most is None else most
    if len(text) > most:
        raise OutOfBounds(
            N_("Write at most {most} characters: now there are {now}."),
            most=most,
            now=len(text),
        )
    return text
