"""What staff take out: tables, with format, state and reason, and pages to print."""

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...shapes import sentences
from ...shapes.processing import common_part, record_of_processing
from ...store import counts as count_rows
from ...store import feedback
from ...store.submissions import Status
from ...workflow.exporting import Reason, export
from ..core import ErrorPage, WebContext
from ..core.context import download
from . import session
from .fixed_forms import ExportForm
from .layout import show, staff_translator, title_of


def tables(web: WebContext) -> ResponseReturnValue:
    """List the forms whose requests can be taken out."""
    counts = web.context.store.read(count_rows.of_status)
    listed = [
        (
            form_id,
            title_of(web.context, form_id),
            sum(n for (of_form, _), n in counts.items() if of_form == form_id),
        )
        for form_id in web.context.content.forms
    ]
    return show(web, "staff/tables.html", listed=listed)


def table_page(web: WebContext, form_id: str) -> ResponseReturnValue:
    """Ask what of a form is wanted, and why; hand it out, with its trace in the log."""
    if web.context.form_today(form_id) is None:
        raise NotFound
    form = ExportForm()
    if form.validate_on_submit():
        return _take(web, form_id, form)
    return _page(web, form_id, form)


def table_again(web: WebContext, error: Exception, form_id: str) -> Response:
    """Ask again, with what was chosen and why nothing was handed out."""
    if request.method != "POST":
        raise error
    if web.context.form_today(form_id) is None:
        raise NotFound
    return _page(web, form_id, ExportForm(), session.describe_error(web, error))


def _page(
    web: WebContext,
    form_id: str,
    form: ExportForm,
    error_page: ErrorPage | None = None,
) -> Response:
    counts = web.context.store.read(count_rows.of_status)
    return show(
        web,
        "staff/table.html",
        error_page.status if error_page else form.http_status,
        error_page=error_page,
        form_id=form_id,
        title=title_of(web.context, form_id),
        form=form,
        unconfirmed=counts.get((form_id, Status.UNVERIFIED), 0),
    )


def _take(web: WebContext, form_id: str, form: ExportForm) -> ResponseReturnValue:
    status = form.status.data
    table = export(
        web.context,
        form_id,
        form.format.data,
        Reason(form.reason.data),
        session.actor(),
        Status(status) if status in list(Status) else None,
    )
    return download(table.chunks, table.media_type, table.name)


def feedback_page(web: WebContext) -> ResponseReturnValue:
    """Show stars, choices and texts of every form that has some."""
    found = web.context.store.read(feedback.totals)
    listed = [(title_of(web.context, form_id), found[form_id]) for form_id in found]
    choices = {**sentences.HARDEST, **sentences.BEST}
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
