"""Requests to be printed: the answers of each that was chosen, on paper of its own."""

from contextlib import suppress
from dataclasses import dataclass

from flask import Response

from ...shapes import sentences
from ...shapes.answer_summary import read_back
from ...store.connection import Connection
from ...store.submissions import NotFound, Submission
from ...workflow import deciding
from ...workflow.bulk import BulkChoice
from ..core import WebContext
from . import session
from .decision import Sections
from .layout import show, staff_translator, title_of
from .submission import channel_of


@dataclass(frozen=True, slots=True)
class PrintedRequest:
    """One request as it stands on paper."""

    submission: Submission
    title: str
    sections: Sections


def print_page(web: WebContext, choice: list[BulkChoice]) -> Response:
    """Show the answers of all that are there; each reading is logged."""
    found = []
    for one in choice:
        with suppress(NotFound):
            actor = session.actor()
            found.append(deciding.read_by_staff(web.context, one.id, actor))

    def job(db: Connection) -> list[PrintedRequest]:
        return [_printed(web, db, submission) for submission in found]

    return show(
        web,
        "staff/bulk_print.html",
        printed=web.context.store.read(job),
        names=sentences,
    )


def _printed(web: WebContext, db: Connection, submission: Submission) -> PrintedRequest:
    translator = staff_translator(web)
    form = web.context.form_of(db, submission, translator.lang)
    channel = channel_of(submission)
    sections = read_back(form, submission.answers, translator, channel)
    title = title_of(web.context, submission.form_id)
    return PrintedRequest(submission, title, sections)
