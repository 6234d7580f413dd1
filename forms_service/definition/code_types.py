"""Types that hold a code with check digits: a tax code, a bank account.

Sources: DM 23 December 1976 (check character and omocodia of the tax code); Agenzia
delle Entrate, circular 8/2016 (provisional codes of 11 digits, check digit by Luhn);
ISO 13616 and ISO 7064 (IBAN). Kept libraries refuse tax codes that real people hold.
"""

import re

from ..i18n import N_, Translator
from .field_type import (
    Answer,
    Controls,
    DoubtfulAnswer,
    IdentityLabels,
    InputContext,
    InvalidAnswer,
    LineType,
    PreciseError,
)
from .folding import western
from .form import Field

# Of a tax code. A digit may have become the letter beside it, at seven positions.
LENGTH = 16
_DIGIT = "[0-9LMNPQRSTUV]"
_TAX_CODE = re.compile(
    f"[A-Z]{{6}}{_DIGIT}{{2}}[ABCDEHLMPRST]{_DIGIT}{{2}}[A-Z]{_DIGIT}{{3}}[A-Z]"
)
_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AT_ODD_PLACES = (
    "1 0 5 7 9 13 15 17 19 21 "
    "1 0 5 7 9 13 15 17 19 21 2 4 18 20 11 3 6 8 12 14 16 10 22 25 24 23"
)
_ODD = dict(zip(_CHARACTERS, map(int, _AT_ODD_PLACES.split()), strict=True))
# The lengths of single countries are not checked: the list changes, and the check
# digits find a character too few or too many all the same.
_IBAN = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")

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
        if not _IBAN.fullmatch(code):
            raise self.refusal()
        if not has_right_digits(code):
            raise InvalidAnswer(
                N_(
                    "There is a mistake in this IBAN: compare each character with "
                    "what the bank gave you."
                )
            )
        return code

    def raw(self, field: Field, answer: Answer) -> Controls:
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


def doubts(code: str) -> bool:
    """Say whether a tax code, upper case and without spaces, looks mistyped."""
    if len(code) == 11 and code.isascii() and code.isdigit():
        return not _luhn(code)
    return not _TAX_CODE.fullmatch(code) or _check(code[:15]) != code[15]


def _check(body: str) -> str:
    odd = sum(_ODD[character] for character in body[0::2])
    even = sum(
        int(character) if character.isdigit() else ord(character) - ord("A")
        for character in body[1::2]
    )
    return chr(ord("A") + (odd + even) % 26)


def _luhn(digits: str) -> bool:
    total = sum(map(int, digits[0::2]))
    total += sum(sum(divmod(2 * int(digit), 10)) for digit in digits[1::2])
    return total % 10 == 0


def has_right_digits(code: str) -> bool:
    """Say whether a code that has the form of an IBAN has its check digits."""
    number = int("".join(str(int(c, 36)) for c in code[4:] + code[:4]))
    # 00, 01 and 99 leave the same remainder as 97, 98 and 02, and are never given.
    return number % 97 == 1 and 2 <= int(code[2:4]) <= 98


def in_groups(code: str) -> str:
    """Return a code in groups of four, as people read and write it."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
