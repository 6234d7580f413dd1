"""What staff take out: tables, with format, state and reason, and pages to print."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...shapes import sentences
from ...shapes.processing import common_part, record_of_processing
from ...store import counts as count_rows
from ...store import feedback, queue, submissions
from ...store.filters import Filter
from ...store.submissions import Status
from ...workflow import exporting
from ...workflow.bulk import BulkChoice
from ...workflow.exporting import Reason, export
from ..core import ErrorPage, WebContext
from ..core.responses import download
from . import session
from .choosing import choice_of
from .fixed_forms import ExportForm
from .layout import show, staff_translator, title_of
from .search import Search


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
    # One of the two buttons beside the columns: the page again, all else as it was.
    if "segna" not in request.form and form.validate_on_submit():
        return _take(web, form_id, form)
    return _page(web, form_id, form)


def table_again(web: WebContext, error: Exception, form_id: str) -> Response:
    """Ask again, with what was chosen and why nothing was handed out."""
    if request.method != "POST":
        raise error
    if web.context.form_today(form_id) is None:
        raise NotFound
    return _page(web, form_id, ExportForm(), session.describe_error(web, error))


def chosen_table(
    web: WebContext, choice: list[BulkChoice], error_page: ErrorPage | None = None
) -> Response:
    """Ask what of the chosen requests is wanted; of the form of the first of them."""
    context = web.context
    find = partial(submissions.find, submission_id=choice[0].id)
    first = context.store.read(find)
    if first is None or context.form_today(first.form_id) is None:
        raise NotFound
    form = ExportForm(formdata=None)
    return _page(web, first.form_id, form, error_page, choice)


def _only(web: WebContext, form_id: str) -> list[int] | None:
    """Return the numbers of what was chosen, or of what the list shows; None for all.

    A list shows what its address asks for.
    """
    context = web.context
    wanted = None
    if choice := choice_of(web):
        ids = [one.id for one in choice]
        wanted = Filter(numbers=context.store.read(partial(queue.numbers_of, ids=ids)))
    elif "stato" in request.args:
        search = Search.read(context, request.args)
        wanted = replace(search, form_id=form_id).filter(context)
    if wanted is None:
        return None
    return context.store.read(
        lambda db: queue.numbers(db, replace(wanted, form_id=form_id))
    )


def _page(
    web: WebContext,
    form_id: str,
    form: ExportForm,
    error_page: ErrorPage | None = None,
    choice: Sequence[BulkChoice] = (),
) -> Response:
    counts = web.context.store.read(count_rows.of_status)
    choice = choice or choice_of(web)
    only = _only(web, form_id)
    offered = exporting.offered(web.context, form_id)
    search, marked = Search.read(web.context, request.args), request.form.get("segna")
    every = [] if marked == "nessuna" else [choice for choice, _ in offered]
    return show(
        web,
        "staff/table.html",
        form.http_status,
        error_page=error_page,
        form_id=form_id,
        title=title_of(web.context, form_id),
        form=form,
        only=None if only is None else len(only),
        tokens=" ".join(one.token for one in choice),
        offered=offered,
        shown=every if marked else form.colonna.data or every,
        ticked=marked,
        search=search if "stato" in request.args else None,
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
        only=_only(web, form_id),
        shown=_shown(web, form_id, form),
    )
    return download(table.chunks, table.media_type, table.name)


def _shown(web: WebContext, form_id: str, form: ExportForm) -> list[str]:
    """Return the chosen columns; nothing for all of them."""
    known = [choice for choice, _ in exporting.offered(web.context, form_id)]
    shown = [choice for choice in known if choice in form.colonna.data]
    return [] if shown == known else shown


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
