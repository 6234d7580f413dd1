"""Who checked a translation, and which state of its original it says."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Review:
    """What a translation says about itself; an original needs nobody's review."""

    translated: bool = False
    of: str = ""
    """The short hash of the original at the time of translating, see `translations`."""
    by: str = ""
    on: date | None = None

    @property
    def pending(self) -> bool:
        """True for a translation that no person has checked."""
        return self.translated and not self.by


ORIGINAL = Review()
