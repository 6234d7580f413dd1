"""Pages to read and to print: what people think, and the record of processing."""

from flask.typing import ResponseReturnValue

from ...shapes import labels
from ...shapes.processing import common_part, record_of_processing
from ...store import feedback
from ..core import WebContext
from .layout import show, staff_translator, title_of


def feedback_page(web: WebContext) -> ResponseReturnValue:
    """Show stars, choices and texts of every form that has some."""
    found = web.context.store.read(feedback.totals)
    listed = [(title_of(web.context, form_id), found[form_id]) for form_id in found]
    choices = {**labels.HARDEST, **labels.BEST}
    return show(web, "staff/feedback.html", listed=listed, labels=choices)


def record(web: WebContext) -> ResponseReturnValue:
    """Show the record of all forms of today."""
    context, translator = web.context, staff_translator(web)
    project = web.project(web.main_language)
    forms = [context.content.form(form_id) for form_id in context.content.forms]
    rows = [(form, record_of_processing(form, project, translator)) for form in forms]
    return show(
        web,
        "staff/processing.html",
        common=common_part(project, translator),
        rows=rows,
        today=translator.format_date(context.today),
    )
