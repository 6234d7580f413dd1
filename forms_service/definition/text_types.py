"""Types that hold what somebody writes: lines, texts, addresses, phone numbers."""

from collections.abc import Mapping
from typing import ClassVar

from ..i18n import N_, Message, Translator
from .contact import (
    INVENTED,
    EmailRefused,
    PhoneRefused,
    SeveralPhones,
    StrangeInPhone,
    clean_email,
    raw_phone,
    read_phone,
    show_phone,
    spaced,
)
from .email_typos import email_slip
from .field_type import (
    Answer,
    Control,
    Controls,
    DoubtfulAnswer,
    FieldType,
    InputContext,
    InvalidAnswer,
    LineType,
    PreciseError,
    Raw,
)
from .folding import multiline
from .form import Field, Role

# A name in any script may hold anything else: names are never split, never
# upper-cased, never "corrected".
NAME_REFUSED = frozenset("<>{}[]\\|@=#$%^*")
# A text of so many characters is short on paper.
SHORT_TEXT = 120


class TextType(LineType):
    """One line; in the role of a name it takes any script and refuses only junk."""

    name = "text"
    limited = int
    longest = 200
    attributes: ClassVar[Mapping[str, str]] = {"dir": "auto"}
    is_value = False
    searched = True

    def is_short(self, field: Field) -> bool:
        _, most = field.limits.numbers()
        return most is not None and most <= SHORT_TEXT

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        return {field.id: [_invented(field, n, translator)]}

    def parse(self, field: Field, text: str, context: InputContext) -> Answer:
        if field.role is Role.NAME and (
            NAME_REFUSED & set(text)
            or "://" in text
            or not any(character.isalpha() for character in text)
        ):
            raise InvalidAnswer(N_("Write the name only, as it is on the document."))
        return within(field, text, self.longest)


class TextareaType(FieldType):
    """Several lines, line ends as LF."""

    name = "textarea"
    control = Control.AREA
    limited = int
    longest = 1000
    searched = True

    def clean(self, field: Field, raw: Raw, context: InputContext) -> Answer | None:
        text = multiline(self.typed(field, raw))
        return within(field, text, self.longest) if text else None

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return str(answer).split("\n")

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        return {field.id: [_invented(field, n, translator)]}


class EmailType(LineType):
    """An address by the rules of RFC 5321 and 5322; the mailbox is proven later."""

    name = "email"
    missing = N_("Write your email address.")
    unreadable = N_("Check the email address: it must look like name@example.org.")
    attributes: ClassVar[Mapping[str, str]] = {"type": "email", "inputmode": "email"}
    ltr = True

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        return {field.id: [f"{n}{INVENTED}"]}

    def parse(self, field: Field, text: str, context: InputContext) -> Answer:
        try:
            return clean_email(text)
        except EmailRefused as error:
            raise self.refusal() from error

    def keeps(self, text: str, answer: Answer, context: InputContext) -> bool:
        # The library's address was compared with what was typed, letter by letter.
        return True

    def slip(self, answer: Answer) -> Message | None:
        return email_slip(str(answer))


class PhoneType(LineType):
    """A number of any country as E.164; without prefix it is of this country.

    A number that its country has not given out raises only a doubt: lists are old.
    """

    name = "phone"
    missing = N_("Write a phone number.")
    unreadable = N_("Check the phone number: write all digits, for example {example}.")
    example = "+39 0564 123456"
    attributes: ClassVar[Mapping[str, str]] = {"type": "tel", "inputmode": "tel"}
    width = "medium"
    short = True
    ltr = True

    def sample(self, field: Field, n: int, translator: Translator) -> Controls:
        # Nobody has such a number: it is doubted, and can be kept.
        return {field.id: [f"+39000{n:07d}"]}

    def parse(self, field: Field, text: str, context: InputContext) -> Answer:
        try:
            phone = read_phone(text, context.country)
        except StrangeInPhone as error:
            raise PreciseError(
                N_(
                    "“{found}” does not belong to a phone number: write digits only, "
                    "for example {example}."
                ),
                found=str(error),
                example=self.example,
            ) from error
        except SeveralPhones as error:
            raise PreciseError(N_("Write one phone number here, not two.")) from error
        except PhoneRefused as error:
            raise self.refusal() from error
        if not phone.is_typed(context.country):
            raise self.refusal()
        if not phone.known:
            raise DoubtfulAnswer(
                phone.stored,
                N_("Check the phone number: {shown}. If it is right, you can go on."),
                shown=spaced(phone.number),
            )
        return phone.stored

    def keeps(self, text: str, answer: Answer, context: InputContext) -> bool:
        # The number was compared with what was typed, digit by digit.
        return True

    def raw(self, field: Field, answer: Answer) -> Controls:
        return {field.id: [raw_phone(str(answer))]}

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return [show_phone(str(answer), translator)]


def _invented(field: Field, n: int, translator: Translator) -> str:
    text = translator.gettext("Example {n}", n=n)
    low, high = field.limits.numbers()
    if field.role is not Role.NAME and low:
        text = text.ljust(low, ".")
    return text[:high]


def within(field: Field, text: str, longest: int) -> str:
    """Check the number of characters; raise `PreciseError` with both numbers."""
    least, most = field.limits.numbers()
    if least is not None and len(text) < least:
        raise PreciseError(N_("Write at least {least} characters."), least=least)
    most = longest if most is None else most
    if len(text) > most:
        raise PreciseError(
            N_("Write at most {most} characters: now there are {now}."),
            most=most,
            now=len(text),
        )
    return text
