"""One spelling for what people write, so that it is found and recognised again.

The search index, what staff type into the search, and the comparison of names all go
through `fold`. Nothing that is stored as an answer or shown is folded: it is cleaned by
`multiline` and `one_line`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

# Letters that no table of Unicode takes apart, and those of Arabic that keyboards mix.
_ALIKE = {
    **dict(zip("æœþðıŋəĸ", ("ae", "oe", "th", "d", "i", "n", "e", "k"), strict=True)),
    **dict.fromkeys("ٱ", "ا"),
    **dict.fromkeys("ىیے", "ي"),
    **dict.fromkeys("ةہھۃ", "ه"),
    "ک": "ك",
    # Hamza without a carrier, and tatweel, which only draws a word longer.
    **dict.fromkeys("ءـ", ""),
    # The iota below a Greek letter is a letter once it is folded.
    "\u0345": "ι",
    # The saltillo of Mexico is a letter, and an apostrophe to everybody else.
    **dict.fromkeys("ꞌꞋ", " "),
}
# In kana they make another letter, not the same one with an accent.
_VOICED = "\u3099\u309a"
# Chinese is written without spaces: each sign can be searched.
_HAN = "\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_HAN}]|[^ {_HAN}]+")
# "de la Cruz" is the longest that is often written as one word.
_JOINED = 3
# Of a longer name only the words are compared: the ways to join them double with each.
_MOST_WORDS = 8


class _Letters(dict[int, str]):
    """What each character is folded to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


def _folded(character: str) -> str:
    known = _ALIKE.get(character)
    if known is not None:
        return known
    if unicodedata.combining(character) and character not in _VOICED:
        return ""
    if character.isdecimal():
        return str(int(character))
    parts = unicodedata.normalize("NFKD", character.casefold())
    if parts == character:
        parts = _without_stroke(character)
    return parts.translate(_LETTERS) if parts != character else _kept(character)


def _kept(character: str) -> str:
    """Return a character that is part of a word, or what stands for another."""
    kind = unicodedata.category(character)
    # Joiners and marks of direction stand inside of words.
    if kind == "Cf":
        return ""
    # Modifier letters are the many apostrophes that count as letters: ʼ ʻ ʿ.
    sign = kind[0] not in "LNM" or "\u02b9" <= character <= "\u02ff"
    return " " if sign else character


def _without_stroke(letter: str) -> str:
    """Return the letter that one with a stroke, a hook or a tail was made from."""
    name, made, _ = unicodedata.name(letter, "").partition(" WITH ")
    try:
        return unicodedata.lookup(name) if made else letter
    except KeyError:
        return letter


_LETTERS = _Letters()


def fold(text: str) -> str:
    """Return the words of a text in one spelling, with one space between them.

    Without case, accents, tashkil, hamza and tatweel, in western digits; apostrophes,
    hyphens and all other signs part words. Folding again changes nothing.
    """
    plain = unicodedata.normalize("NFC", text.translate(_LETTERS))
    return " ".join(plain.split())


def index_words(names: Iterable[str], texts: Iterable[str]) -> str:
    """Return the words by which a row is found, each once.

    Names are found as one word and as several: Lo Cascio, Locascio. Texts are not,
    besides what an apostrophe or a hyphen joins.
    """
    parts = [*names, *(part for text in texts for part in text.split())]
    return " ".join(dict.fromkeys(word for part in parts for word in _each(part)))


def _each(text: str) -> Iterator[str]:
    for spellings in query_words(text):
        yield from spellings


def query_words(text: str) -> list[list[str]]:
    """Return each word of a query, and how it is spelt as the end of a joined one.

    A row is found when each of them, in one of its spellings, begins a word of it.
    """
    if text.isascii() and text.isalnum():
        # Nearly every word: it has nothing but its case to be folded.
        return [[text.lower()]]
    words = _WORD.findall(fold(text))
    return [
        ["".join(words[first : last + 1]) for first in _begins(last)]
        for last in range(len(words))
    ]


def _begins(last: int) -> range:
    return range(last, max(last - _JOINED, -1), -1)


def same_name(first: str, other: str) -> bool:
    """Say whether two names have the same words, in any order, joined or not."""
    mine, theirs = fold(first).split(), fold(other).split()
    # Cheap, and nearly always the answer.
    if not mine or sorted("".join(mine)) != sorted("".join(theirs)):
        return False
    return not _readings(mine).isdisjoint(_readings(theirs))


def _readings(words: Sequence[str]) -> set[tuple[str, ...]]:
    """Return every way to join words that stand side by side, their order aside."""
    if len(words) > _MOST_WORDS:
        return {tuple(sorted(words))}
    return {
        tuple(
            sorted("".join(map("".join, zip(words, [*gaps, ""], strict=True))).split())
        )
        for gaps in product((" ", ""), repeat=len(words) - 1)
    }


# Plain text as it is stored: NFC, LF, no characters that nobody can see.
#
# A value is read in the signs of ASCII: digits of any script are the same digits.

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
    if text.isascii() and text.isprintable():
        # Nearly every line is: there is nothing to end, to hide or to compose.
        return text.strip()
    seen = _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    lines = unicodedata.normalize("NFC", seen).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def one_line(text: str) -> str:
    """Return text on one line, runs of white space folded to one space."""
    return " ".join(multiline(text).split())


def has_controls(text: str) -> bool:
    """Say whether there are control characters besides white space."""
    return not text.isprintable() and _CONTROLS.search(text) is not None


def western(text: str) -> str:
    """Return text with digits of any script, wide letters and dashes as in ASCII."""
    return text if text.isascii() else "".join(map(_western, text))


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
