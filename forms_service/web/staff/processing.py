"""The record of processing, to read and to print: what each form does with data."""

from flask.typing import ResponseReturnValue

from ...shapes.processing import common_part, record_of_processing
from ..page import Page
from .frame import show, words_of


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
