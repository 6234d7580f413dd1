"""HTML drawn once, with slots for what differs from one person to the next.

A template is drawn with marks in place of values and cut at the marks; to draw it again
is to join the pieces. What a template asks about a value is not asked again: a caller
keeps segments apart by all that changes the markup, and by nothing of a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import AnyStr, Generic

from markupsafe import Markup

# No template and no text of a catalogue holds one, and escaping leaves it alone.
_MARK = "\0"
# Where a piece begins or ends that is filled by itself.
CUT = "\1"


def slot(name: str, value: object = "") -> str:
    """Return the mark of a slot; of HTML, where the value is HTML."""
    mark = f"{_MARK}{name}{_MARK}"
    return Markup(mark) if isinstance(value, Markup) else mark  # noqa: S704 - no HTML


@dataclass(frozen=True, slots=True)
class Segments(Generic[AnyStr]):
    """Pieces of HTML, as text or as octets; `names` are those of the slots between."""

    pieces: list[AnyStr]
    names: list[str]

    @staticmethod
    def of(drawn: str) -> "Segments[str]":
        """Cut what was drawn at its slots."""
        pieces = drawn.split(_MARK)
        return Segments(pieces, pieces[1::2])

    def encoded(self: "Segments[str]") -> "Segments[bytes]":
        """Return them as they are sent: encoding a page takes longer than this."""
        return Segments([piece.encode() for piece in self.pieces], self.names)

    def fill(self, values: Mapping[str, AnyStr]) -> AnyStr:
        """Return the HTML with these values, which are escaped already."""
        filled = self.pieces.copy()
        filled[1::2] = [values[name] for name in self.names]
        return filled[0][:0].join(filled)
