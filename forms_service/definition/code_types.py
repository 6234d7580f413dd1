"""Types that hold a code with check digits: a tax code, a bank account."""

import re

from ..i18n import N_, Translator
from .codice_fiscale import LENGTH, doubts
from .field_type import (
    Answer,
    DoubtfulAnswer,
    IdentityLabels,
    InputContext,
    InvalidAnswer,
    LineType,
    PreciseError,
)
from .form import Field
from .iban import FORM, has_right_digits, in_groups
from .text_cleanup import western

CAPITALS = {"autocapitalize": "characters", "spellcheck": "false"}
_BETWEEN = re.compile(r"[\s./:-]+")
_STRANGE = re.compile("[^A-Z0-9]+")
# What people write before a tax code.
_LABEL = re.compile(r"^(?:c\.\s*f\.|cf[:\s]|cod(?:ice|\.)?\s*fisc(?:ale|\.)?)", re.I)


class CodiceFiscaleType(LineType):
    """The Italian tax code (DM 23 December 1976, with omocodia) or 11 digits.

    Whatever can be a code raises only a doubt, never a refusal: real documents carry
    codes that no checker knows, and the person has the document.
    """

    name = "codice_fiscale"
    missing = N_("Write the tax code.")
    unreadable = N_("A tax code has 16 characters, or 11 digits.")
    longest = LENGTH
    example = "RSSMRA85T10A562S"
    attributes = CAPITALS
    width = "medium"
    short = True
    on_document = True
    identifies = IdentityLabels(N_("same tax code"), N_("different tax code"))

    def parse(self, field: Field, text: str, context: InputContext) -> Answer:
        code = read_code(_LABEL.sub("", western(text)))
        if len(code) > LENGTH:
            raise self.refusal()
        if doubts(code):
            raise DoubtfulAnswer(
                code,
                N_(
                    "Check the tax code. If it is the one on your document, "
                    "you can go on."
                ),
            )
        return code


class IbanType(LineType):
    """A bank account by ISO 13616, kept without spaces.

    A mistake is refused: money that goes astray cannot be asked back. Several people
    may share an account, so it identifies nobody.
    """

    name = "iban"
    missing = N_("Write the IBAN.")
    unreadable = N_(
        "Write the IBAN as the bank writes it: two letters, two digits, then the "
        "account, for example {example}."
    )
    # In groups of four, as the longest of 34 characters is typed.
    longest = 42
    example = "IT60 X054 2811 1010 0000 0123 456"
    attributes = CAPITALS
    width = "medium"
    ltr = True

    def parse(self, field: Field, text: str, context: InputContext) -> Answer:
        code = read_code(western(text)).removeprefix("IBAN")
        if not FORM.fullmatch(code):
            raise self.refusal()
        if not has_right_digits(code):
            raise InvalidAnswer(
                N_(
                    "There is a mistake in this IBAN: compare each character with "
                    "what the bank gave you."
                )
            )
        return code

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        return {field.id: [in_groups(str(answer))]}

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return [in_groups(str(answer))]


def read_code(text: str) -> str:
    """Return a code in capitals, without what stands between its groups.

    Raise `PreciseError`, which names it, for a character that no code has: a letter
    that only looks like one of ours is never turned into it.
    """
    code = "".join(c.upper() if c.isascii() else c for c in _BETWEEN.sub("", text))
    if strange := _STRANGE.search(code):
        raise PreciseError(
            N_(
                "“{found}” does not belong to a code: write letters from A to Z and "
                "digits only."
            ),
            found=strange[0],
        )
    return code
