"""Pages to read and to print: what people think, and the record of processing."""

from flask.typing import ResponseReturnValue

from ...shapes import labels as naming
from ...shapes.processing import common_part, record_of_processing
from ...store import feedback
from ..core import WebContext
from .layout import show, words_of
from .queue import title_of


def opinions(web: WebContext) -> ResponseReturnValue:
    """Show stars, choices and texts of every form that has some."""
    found = web.context.store.read(feedback.totals)
    listed = [(title_of(web.context, form_id), found[form_id]) for form_id in found]
    labels = {**naming.HARDEST, **naming.BEST}
    return show(web, "staff/opinions.html", listed=listed, labels=labels)


def record(web: WebContext) -> ResponseReturnValue:
    """Show the record of all forms of today."""
    context, words = web.context, words_of(web)
    project = web.project(web.main_language)
    forms = [context.content.form(form_id) for form_id in context.content.forms]
    rows = [(form, record_of_processing(form, project, words)) for form in forms]
    return show(
        web,
        "staff/processing.html",
        common=common_part(project, words),
        rows=rows,
        today=words.format_date(context.today),
    )
