"""Plain text as it is stored: NFC, LF, no characters that nobody can see."""

import re
import unicodedata

# Unicode's ways to end a line, as LF.
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
# Controls, halves of characters, and marks that turn, hide or pad text. The joiners
# U+200C and U+200D stay: Persian, Hindi and others are misspelt without them.
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def multiline(text: str) -> str:
    """Return text with LF line ends, trimmed, spaces inside lines kept."""
    seen = _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    lines = unicodedata.normalize("NFC", seen).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def one_line(text: str) -> str:
    """Return text on one line, runs of white space folded to one space."""
    return " ".join(multiline(text).split())
