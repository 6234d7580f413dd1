"""Plain text as it is stored: NFC, LF, no characters that nobody can see.

A value is read in the signs of ASCII: digits of any script are the same digits.
"""

import re
import unicodedata

# Unicode's ways to end a line, as LF.
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
# Controls, areas of characters, and marks that turn, hide or pad text. The joiners
# U+200C and U+200D stay: Persian, Hindi and others are misspelt without them.
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)

# What no keyboard writes: beside a value it may hide another one.
_CONTROLS = re.compile("[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]")
_MINUS = "\u2212"


def multiline(text: str) -> str:
    """Return text with LF line ends, trimmed, spaces inside lines kept."""
    seen = _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    lines = unicodedata.normalize("NFC", seen).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def one_line(text: str) -> str:
    """Return text on one line, runs of white space folded to one space."""
    return " ".join(multiline(text).split())


def has_controls(text: str) -> bool:
    """Say whether there are control characters besides white space."""
    return _CONTROLS.search(text) is not None


def western(text: str) -> str:
    """Return text with digits of any script, wide letters and dashes as in ASCII."""
    return "".join(map(_western, text))


def _western(character: str) -> str:
    if character.isdecimal():
        return str(int(character))
    if "\uff01" <= character <= "\uff5e":
        return chr(ord(character) - 0xFEE0)
    dash = character == _MINUS or unicodedata.category(character) == "Pd"
    return "-" if dash else character


def digits(text: str) -> str:
    """Return the digits of a text, of any script, as 0 to 9."""
    found = "".join(filter(str.isdecimal, text))
    return found if found.isascii() else "".join(str(int(c)) for c in found)
