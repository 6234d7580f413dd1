"""What is written into one box: lines that fit, and the operators that draw them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, groupby

from ...definition.folding import multiline
from .draft_font import ARABIC_NAME, Glyphs
from .draft_script import in_sight, is_right_to_left, joined
from .fields import FONT, SIZE

# Points. A text that does not fit is written smaller; what is still left over is told
# by a sign at the end, for who reads it printed: in a program the box can be scrolled.
SMALLEST = 6
MARGIN = 3.0
LEADING = 1.3
# Parts of the font's size: the height of a capital, and where a line begins.
CAPITAL, ASCENT = 0.714, 1.0


# More is not drawn: no box of a form holds it. The value of the field has it all.
LONGEST, LONGEST_LINE = 6_000, 400
GOES_ON = "…"
# A line, and whether it is read from right to left.
Line = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Box:
    """A box to write in; sizes in points."""

    width: float
    height: float
    several_lines: bool
    right_to_left: bool


@dataclass(frozen=True, slots=True)
class Pen:
    """The fonts of a draft; a letter that neither has is drawn as an empty box."""

    paper: Glyphs
    arabic: Glyphs
    measured: dict[str, float] = field(default_factory=dict)

    def needs_arabic(self, text: str) -> bool:
        """Say whether a text has letters that only the Arabic font draws."""
        return any(self._font(letter) == ARABIC_NAME for letter in text)

    def write(self, text: str, box: Box) -> bytes:
        """Return the content of an appearance that shows a text in a box."""
        paragraphs = multiline(text[:LONGEST]).split("\n")
        if not box.several_lines:
            paragraphs = [" ".join(paragraphs)[:LONGEST_LINE]]
        size, lines = self._fitting(paragraphs, box)
        first = box.height / 2 - size * CAPITAL / 2
        if box.several_lines:
            first = box.height - MARGIN - size * ASCENT
        drawn = [
            self._line(line, turned, size, first - number * size * LEADING, box)
            for number, (line, turned) in enumerate(lines)
        ]
        clip = f"1 1 {box.width - 2:.2f} {box.height - 2:.2f} re W n"
        return f"/Tx BMC q {clip} 0 g 0 G 0.5 w {' '.join(drawn)} Q EMC".encode()

    def _fitting(self, paragraphs: list[str], box: Box) -> tuple[int, list[Line]]:
        """Return the largest size at which all lines fit, and the lines."""
        turned = [box.right_to_left or is_right_to_left(p) for p in paragraphs]
        for size in range(SIZE, SMALLEST - 1, -1):
            room = (box.width - 2 * MARGIN) * 1000 / size
            if box.several_lines:
                lines = [
                    (line, turns)
                    for paragraph, turns in zip(paragraphs, turned, strict=True)
                    for line in self._wrapped(paragraph, room)
                ]
                fits = len(lines) * size * LEADING + 2 * MARGIN <= box.height
            else:
                lines = list(zip(paragraphs, turned, strict=True))
                fits = self._width(paragraphs[0]) <= room
            if fits:
                return size, lines
        if box.several_lines:
            fit = int((box.height - 2 * MARGIN) / (size * LEADING))
            del lines[max(1, fit) :]
        last, turns = lines[-1]
        while last and self._width(last + GOES_ON) > room:
            last = last[:-1]
        return size, [*lines[:-1], (last + GOES_ON, turns)]

    def _wrapped(self, paragraph: str, room: float) -> Iterator[str]:
        """Break a paragraph at spaces, and a word that is too long anywhere."""
        space = self._width(" ")
        line: list[str] = []
        left = room
        for word in self._short_enough(paragraph.split(" "), room):
            width = self._width(word)
            if line and width > left:
                yield " ".join(line)
                line, left = [], room
            line.append(word)
            left -= width + space
        yield " ".join(line)

    def _short_enough(self, words: list[str], room: float) -> Iterator[str]:
        for word in words:
            start, width = 0, 0.0
            for end, letter in enumerate(word):
                width += (wide := self._width(letter))
                if width > room and end > start:
                    yield word[start:end]
                    start, width = end, wide
            yield word[start:]

    def _line(self, line: str, turned: bool, size: int, y: float, box: Box) -> str:
        """Return the operators for one line, and the empty boxes on it."""
        seen = in_sight(line, turned)
        unit = size / 1000
        widths = [self._glyphs(self._font(letter)).width(letter) for letter in seen]
        x = box.width - MARGIN - sum(widths) * unit if turned else MARGIN
        shown = [
            f"{font} {size} Tf <{self._glyphs(font).hexadecimal(''.join(run))}> Tj"
            for font, run in groupby(seen, key=self._font)
        ]
        starts = accumulate(widths, initial=0.0)
        boxes = [
            f"{x + start * unit + 0.5:.2f} {y:.2f}"
            f" {width * unit - 1:.2f} {size * CAPITAL:.2f} re S"
            for letter, width, start in zip(seen, widths, starts, strict=False)
            if letter not in self.paper.of and letter not in self.arabic.of
        ]
        return " ".join([f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm", *shown, "ET", *boxes])

    def _width(self, text: str) -> float:
        if text not in self.measured:
            self.measured[text] = sum(
                self._glyphs(self._font(letter)).width(letter)
                for letter in joined(text)
            )
        return self.measured[text]

    def _font(self, letter: str) -> str:
        only = letter not in self.paper.of and letter in self.arabic.of
        return ARABIC_NAME if only else FONT

    def _glyphs(self, font: str) -> Glyphs:
        return self.arabic if font == ARABIC_NAME else self.paper
