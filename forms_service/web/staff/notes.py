"""Notes beside a request: what staff type, and how much of it is kept."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...words import N_
from ...workflow import deciding
from ..page import Page
from . import session
from .frame import tell
from .search import Search

LONGEST = 2000


def typed(control: str) -> str:
    """Return what was typed for a note; empty when nothing was."""
    text = request.form.get(control, "").replace("\r\n", "\n")
    return text.strip()[:LONGEST]


def write_note(page: Page, submission_id: str) -> ResponseReturnValue:
    """Keep a note beside a request; an empty one is no note."""
    if text := typed("text"):
        deciding.add_note(page.work, submission_id, session.member().id, text)
        tell(N_("Note saved."))
    else:
        tell(N_("Nothing was written in the note."))
    query = Search.read(page.work, request.args).query()
    here = url_for("staff.submission", submission_id=submission_id, **query)
    return redirect(here, 303)
