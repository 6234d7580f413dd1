"""The blank form as a PDF that people fill in on a screen or with a pen.

Made at build time. The same definition, project and address give the same bytes.
"""

from collections.abc import Callable
from pathlib import Path

from ...content import Project
from ...definition import FormDefinition
from ...i18n import Translator
from .finish import finished
from .font_coverage import check_letters
from .identity import Identity
from .paper import Edition, paper_html
from .render import Sheets, lay_out

# Parts of the usual room between things: what `paper_html` takes.
ROOMY, TIGHTER = 1.0, (0.75, 0.65)
# Part of the last sheet that is worth its paper.
ENOUGH = 0.65


def blank_pdf(
    form: FormDefinition,
    project: Project,
    translator: Translator,
    base_url: str,
    closed: bool = False,
    *,
    prevailing: Edition | None = None,
    folder: Path | None = None,
) -> bytes:
    """Return the fillable PDF of a form in its language.

    `prevailing` is the form in the main language, whose declarations stand beside a
    translation; `folder` is the content folder, for the pictures. Without `base_url`
    addresses are paths. Raises `LettersMissing` for texts our fonts cannot write.
    """

    def page(room: float) -> str:
        return paper_html(
            Edition(form, project, translator),
            base_url,
            closed=closed,
            prevailing=prevailing,
            folder=folder,
            room=room,
        )

    roomy = page(ROOMY)
    check_letters(roomy, f"{form.id} ({form.lang})")
    printed = _sheets(roomy, page).pdf()
    return finished(printed, form, translator, Identity.of(form), base_url)


def _sheets(roomy: str, page: Callable[[float], str]) -> Sheets:
    """Lay out a page, with less room where that saves a sheet that is half empty."""
    usual = lay_out(roomy)
    if usual.count == 1 or usual.last_used >= ENOUGH:
        return usual
    tighter = (lay_out(page(room)) for room in TIGHTER)
    return next((sheets for sheets in tighter if sheets.count < usual.count), usual)
