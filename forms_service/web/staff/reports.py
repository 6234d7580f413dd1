"""Pages to read and to print: what people think, and the record of processing."""

from flask.typing import ResponseReturnValue

from ...shapes import labels as naming
from ...shapes.processing import common_part, record_of_processing
from ...store import feedback
from ..page import Page
from .layout import show, words_of
from .queue import title_of


def opinions(page: Page) -> ResponseReturnValue:
    """Show stars, choices and texts of every form that has some."""
    found = page.work.store.read(feedback.totals)
    listed = [(title_of(page.work, form_id), found[form_id]) for form_id in found]
    labels = {**naming.HARDEST, **naming.BEST}
    return show(page, "staff/opinions.html", listed=listed, labels=labels)


def record(page: Page) -> ResponseReturnValue:
    """Show the record of all forms of today."""
    work, words = page.work, words_of(page)
    project = page.project(page.main_language)
    forms = [work.content.form(form_id) for form_id in work.content.forms]
    rows = [(form, record_of_processing(form, project, words)) for form in forms]
    return show(
        page,
        "staff/processing.html",
        common=common_part(project, words),
        rows=rows,
        today=words.day(work.today),
    )
