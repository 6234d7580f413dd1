"""Plain text as it is stored: NFC, LF, no characters that nobody can see."""

import re
import unicodedata

# Controls, and the marks that turn or hide text; joiners stay, scripts need them.
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e"
    "\u2060\u2066-\u2069\ufeff]"
)


def multiline(text: str) -> str:
    """Return text with LF line ends, trimmed, spaces inside lines kept."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    lines = _HIDDEN.sub("", unicodedata.normalize("NFC", text)).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def one_line(text: str) -> str:
    """Return text on one line, runs of white space folded to one space."""
    return " ".join(multiline(text).split())
