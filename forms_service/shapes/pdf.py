"""The blank form as a PDF that people fill in on a screen or with a pen.

Made at build time. The same definition, project and address give the same bytes.
"""

from pathlib import Path

from ..definition import FormDefinition, Project
from ..words import Words
from .finishing import finished
from .identity import Identity
from .letters import check_letters
from .paper import Edition, paper_html
from .press import print_html


def blank_pdf(
    form: FormDefinition,
    project: Project,
    words: Words,
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
    html = paper_html(
        Edition(form, project, words),
        base_url,
        closed=closed,
        prevailing=prevailing,
        folder=folder,
    )
    check_letters(html, f"{form.id} ({form.lang})")
    return finished(print_html(html), form, words, Identity.of(form), base_url)
