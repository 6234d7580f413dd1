"""The Italian tax code: form and check character, with every kind of omocodia.

Sources: DM 23 December 1976 (check character, omocodia); Agenzia delle Entrate
circular 8/2016 (11-digit provisional codes, check digit by Luhn). Kept libraries
refuse codes that real people hold, so this is ours.
"""

import re

LENGTH = 16
# A digit may have become the letter beside it, at any of its seven positions.
_DIGIT = "[0-9LMNPQRSTUV]"
_FORM = re.compile(
    f"[A-Z]{{6}}{_DIGIT}{{2}}[ABCDEHLMPRST]{_DIGIT}{{2}}[A-Z]{_DIGIT}{{3}}[A-Z]"
)
_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AT_ODD_PLACES = (
    "1 0 5 7 9 13 15 17 19 21 "
    "1 0 5 7 9 13 15 17 19 21 2 4 18 20 11 3 6 8 12 14 16 10 22 25 24 23"
)
_ODD = dict(zip(_CHARACTERS, map(int, _AT_ODD_PLACES.split()), strict=True))


def doubts(code: str) -> bool:
    """Say whether a code, upper case and without spaces, looks mistyped."""
    if len(code) == 11 and code.isascii() and code.isdigit():
        return not _luhn(code)
    return not _FORM.fullmatch(code) or _check(code[:15]) != code[15]


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
