"""Which letters our fonts can write: a silent substitute is worse than none."""

from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"


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


@lru_cache(maxsize=1)
def known_letters() -> frozenset[str]:
    """Return every character that has a glyph in one of the fonts."""
    points: set[int] = set()
    for file in sorted(FONTS.glob("*-Regular.ttf")):
        with TTFont(file, lazy=True) as font:
            points.update(font.getBestCmap())
    return frozenset(map(chr, points)) | {"\n", "\t"}


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
