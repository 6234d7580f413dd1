"""The attendance sheet of a course: names and places to sign, drawn like a receipt."""

from collections.abc import Sequence
from typing import Any

from ...content import Project
from ...i18n import Translator
from .receipt import UNDRAWN, marked

TEMPLATE = "attendance.html"
# As many columns as leave room for a signature on a sheet of A4.
MOST = 6
# For who comes without having sent the form.
EMPTY = 5


def attendance_job(
    title: str,
    names: Sequence[str],
    meetings: Sequence[tuple[str, str]],
    project: Project,
    translator: Translator,
) -> dict[str, Any]:
    """Prepare every text of a sheet; a meeting is a day and a title, both as read.

    Nothing but names of people stands on it.
    """
    _ = translator.gettext
    return {
        "template": TEMPLATE,
        "lang": translator.lang,
        "dir": translator.direction,
        "colours": dict(project.colours),
        "heading": _("Attendance sheet"),
        "title": marked(title),
        "owner": marked(project.owner.full_name or project.owner.name),
        "project": marked(project.name),
        "demonstration": marked(
            project.demonstration if project.is_demonstration else ""
        ),
        "number": _("No."),
        "name": _("Name"),
        "signature": _("Signature"),
        "meetings": [list(meeting) for meeting in meetings[:MOST]],
        "names": list(names),
        "empty": [""] * EMPTY,
        "page": _("Page"),
        "undrawn": _(
            "{sign} stands for letters that we cannot draw here: write them by hand.",
            sign=UNDRAWN,
        ),
    }
