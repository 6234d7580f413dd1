"""What is done by the clock once, however many processes serve the same data."""

from collections.abc import Callable
from dataclasses import dataclass

from ..store.database import Store

# Who does not lead asks so often whether it does by now.
HEIR_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Round:
    """A step that who leads repeats; the others ask again soon whether they do."""

    store: Store
    step: Callable[[], None]
    seconds: float
    everywhere: bool = False

    def __call__(self) -> float:
        leading = self.store.leading
        if leading or self.everywhere:
            self.step()
        return self.seconds if leading else HEIR_EVERY
