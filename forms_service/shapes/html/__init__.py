"""HTML drawn once, with slots for what differs from one person to the next.

A template is drawn with marks in place of values and cut at the marks; to draw it again
is to join the pieces. What a template asks about a value is not asked again: a caller
keeps segments apart by all that changes the markup, and by nothing of a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
class Segments:
    """Pieces of HTML; every second one is the name of a slot."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, drawn: str) -> "Segments":
        """Cut what was drawn at its slots."""
        return cls(tuple(drawn.split(_MARK)))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the HTML with these values, which are escaped already."""
        filled = list(self.pieces)
        filled[1::2] = [values[name] for name in filled[1::2]]
        return "".join(filled)
