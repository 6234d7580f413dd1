"""What people may ask of their own data at the desk: all of it erased, or a copy."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...i18n import N_
from ...shapes.notice import backup_sentence
from ...store.submissions import Submission
from ...workflow import deciding
from ..core import ErrorPage, WebContext
from . import session
from .fixed_forms import EraseForm
from .layout import show, staff_translator, title_of
from .search import Search


def erase_page(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Say what erasing means, or erase everything at once: nobody can undo it."""
    submission = _read(web, submission_id)
    form = EraseForm(submission.reference)
    if not form.validate_on_submit():
        return _erase(web, submission, form)
    deciding.erase(
        web.context, submission_id, session.actor(), identity=form.identity.data
    )
    flash(N_("Everything about this request is erased."))
    query = Search.read(web.context, request.args).query()
    return redirect(url_for("staff.queue", **query), 303)


def erase_again(web: WebContext, error: Exception, submission_id: str) -> Response:
    """Show what was chosen once more, and erase nothing."""
    submission = _read(web, submission_id)
    said = session.describe_error(web, error)
    return _erase(web, submission, EraseForm(submission.reference), said)


def _read(web: WebContext, submission_id: str) -> Submission:
    return deciding.read_by_staff(web.context, submission_id, session.actor())


def _erase(
    web: WebContext,
    submission: Submission,
    form: EraseForm,
    error_page: ErrorPage | None = None,
) -> Response:
    translator = staff_translator(web)
    return show(
        web,
        "staff/erase.html",
        error_page.status if error_page else form.http_status,
        submission=submission,
        title=title_of(web.context, submission.form_id),
        form=form,
        error_page=error_page,
        backups=backup_sentence(web.context.content.project, translator),
        search=Search.read(web.context, request.args),
    )
