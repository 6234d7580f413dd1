"""The number of a bank account: form and check digits by ISO 13616 and ISO 7064.

The lengths of single countries are not checked: the list changes, and the check digits
find a character too few or too many all the same.
"""

import re

FORM = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def has_right_digits(code: str) -> bool:
    """Say whether a code that has the form of an IBAN has its check digits."""
    number = int("".join(str(int(c, 36)) for c in code[4:] + code[:4]))
    # 00, 01 and 99 leave the same remainder as 97, 98 and 02, and are never given.
    return number % 97 == 1 and 2 <= int(code[2:4]) <= 98


def in_groups(code: str) -> str:
    """Return a code in groups of four, as people read and write it."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
