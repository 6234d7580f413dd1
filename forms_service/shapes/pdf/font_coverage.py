"""Which letters our fonts can write: a silent substitute is worse than none.

The blank forms are refused with a letter that cannot be drawn; a receipt says where
one was.
"""

import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from ...caches import remembered

FONTS = Path(__file__).parent / "fonts"
# Space, and the marks with which `Words.isolated` keeps a number in its order.
NOT_DRAWN = frozenset("\n\t\N{LEFT-TO-RIGHT ISOLATE}\N{POP DIRECTIONAL ISOLATE}")


class LettersMissing(ValueError):
    """A text has letters that no vendored font has."""


class _Texts(HTMLParser):
    """Collects what is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: set[str] = set()
        self._drawn = True

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._drawn = tag not in ("style", "title")

    def handle_data(self, data: str) -> None:
        if self._drawn:
            self.letters.update(data)


@remembered("known letters")
def known_letters() -> frozenset[str]:
    """Return every character that has a glyph in one of the fonts."""
    points: set[int] = set()
    for file in sorted(FONTS.glob("*-Regular.ttf")):
        with TTFont(file, lazy=True) as font:
            points.update(font.getBestCmap())
    return frozenset(map(chr, points)) | NOT_DRAWN


def check_letters(html: str, where: str) -> None:
    """Raise `LettersMissing`, naming form and letters, unless all can be drawn."""
    texts = _Texts()
    texts.feed(html)
    if missing := texts.letters - known_letters():
        letters = " ".join(sorted(missing))
        raise LettersMissing(
            f"The PDF of {where} cannot be drawn: the fonts in shapes/fonts have no "
            f"{letters}. Write it in other letters, or add them to subset.sh."
        )


def in_our_letters(texts: Any, sign: str) -> Any:
    """Return texts in lists and dictionaries with a sign for what cannot be drawn."""
    if isinstance(texts, str):
        return _drawable(texts, sign)
    if isinstance(texts, list):
        return [in_our_letters(part, sign) for part in texts]
    return {key: in_our_letters(part, sign) for key, part in texts.items()}


def _drawable(text: str, sign: str) -> str:
    """Put one sign in the place of each run; marks that draw nothing go unseen."""
    unknown = "".join(set(text) - known_letters())
    if not unknown:
        return text
    # An emoji may be several, joined by a sign that Arabic has too.
    runs = re.compile(f"(?:[{re.escape(unknown)}]\u200d?)+")
    return runs.sub(lambda run: sign if any(map(_seen, run[0])) else "", text)


def _seen(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cf", "Mn")
