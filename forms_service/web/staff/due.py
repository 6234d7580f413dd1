"""Until when an answer is promised, as staff see it: from amber to red."""

from dataclasses import dataclass
from datetime import date

from ...i18n import Translator
from ...store.submissions import Submission
from .search import OPEN

# So many days before the last one a request stands out.
SOON = 7


@dataclass(frozen=True, slots=True)
class Due:
    """The words of a day, and how much it presses: nothing, `warning` or `danger`."""

    words: str
    level: str


def due(submission: Submission, today: date, translator: Translator) -> Due | None:
    """Return until when a request wants its answer; None when it wants none."""
    day = submission.due_on
    if day is None or submission.status not in OPEN:
        return None
    words, left = translator.format_day(day), (day - today).days
    if left < 0:
        late = translator.ngettext(
            "{n} day late: was due {day}", "{n} days late: was due {day}", -left,
            day=words,
        )  # fmt: skip
        return Due(late, "danger")
    if left > SOON:
        return Due(translator.gettext("due {day}", day=words), "")
    if left == 0:
        return Due(translator.gettext("due today"), "warning")
    soon = translator.ngettext(
        "due {day}, in {n} day", "due {day}, in {n} days", left, day=words
    )
    return Due(soon, "warning")
