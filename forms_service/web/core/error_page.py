"""A page about an error, as a value."""

from dataclasses import dataclass
from enum import StrEnum


class NextStep(StrEnum):
    """Where a page about an error leads on."""

    HOME = "home"
    FORMS = "forms"
    LOST_LINK = "lost_link"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Status, title and text of a page about an error, and its next step.

    `staff` is what staff read instead, where it differs.
    """

    status: int
    title: str
    text: str
    step: NextStep = NextStep.BACK
    staff: "ErrorPage | None" = None
