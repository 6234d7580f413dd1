"""Knowing and reaching a person: recognised how, at which address, by which mails."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from ...i18n import N_
from ...store.events import EventVerb
from ...store.submissions import Proof, Submission
from ...workflow import calling, correcting, deciding, reaching
from ...workflow.sending import AlreadyConfirmed
from ...workflow.transitions import NotAllowed, check
from ..core import ErrorPage, WebContext
from ..core.fixed_forms import read_revision
from . import session
from .layout import show, staff_translator, title_of
from .repair_forms import AddressForm
from .search import Search
from .unread import unread


def reach(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Do what was pressed, say it, and show the request again."""
    act, actor = request.form.get("atto", ""), session.actor()
    if act in (Proof.PHONE, Proof.IN_PERSON, Proof.SIGNATURE):
        revision = read_revision(request.form.get("revision", ""))
        reaching.prove(web.context, submission_id, Proof(act), actor, revision)
        flash(N_("It is kept how you know the person."))
    elif act == "resend":
        flash(_resent(web, submission_id))
    elif act == "retry":
        number = reaching.retry(web.context, submission_id, actor)
        flash(
            staff_translator(web).ngettext(
                "{n} email is sent again.", "{n} emails are sent again.", number
            )
        )
    elif act == "told":
        calling.mark_called(web.context, submission_id, actor)
        if "lista" in request.form:
            called = {**_query(web), "chiamata": submission_id}
            return redirect(url_for("staff.queue", **called), 303)
        flash(N_("It is kept that the person knows."))
    elif act == "untold":
        calling.unmark_called(web.context, submission_id, actor)
        flash(N_("The person is to be called again."))
        if "lista" in request.form:
            return redirect(url_for("staff.queue", **_query(web)), 303)
    else:
        raise BadRequest
    return redirect(_back(web, submission_id), 303)


def _resent(web: WebContext, submission_id: str) -> str:
    try:
        leaves = reaching.resend(web.context, submission_id, session.actor())
    except AlreadyConfirmed:
        return N_("The address is confirmed already.")
    if leaves is None:
        return N_("No email goes to an invented address.")
    translator = staff_translator(web)
    return translator.gettext(
        "The email leaves on {when}.", when=translator.format_datetime(leaves)
    )


def address_page(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Ask for the right address, or store it."""
    submission = _read(web, submission_id)
    form = AddressForm(submission.email or "")
    if request.method == "GET":
        form.revision.data = str(submission.revision)
        form.email.data = submission.email
        return _page(web, submission, form)
    if not form.validate():
        return _page(web, submission, form)
    revision = read_revision(form.revision.data)
    correcting.mend_address(
        web.context, submission_id, form.email.data, session.actor(), revision
    )
    flash(N_("The address is corrected: an email asks there to confirm it."))
    return redirect(_back(web, submission_id), 303)


def address_again(web: WebContext, error: Exception, submission_id: str) -> Response:
    """Show what was typed, and what has changed meanwhile."""
    if request.method != "POST" or isinstance(error, NotAllowed):
        raise error
    submission = _read(web, submission_id)
    form = AddressForm(submission.email or "")
    shown = read_revision(form.revision.data)
    form.revision.data = str(submission.revision)
    said = session.describe_error(web, error)
    return _page(web, submission, form, said, shown)


def _read(web: WebContext, submission_id: str) -> Submission:
    actor = session.actor()
    submission = deciding.read_by_staff(web.context, submission_id, actor)
    check(EventVerb.MEND_ADDRESS, submission)
    return submission


def _query(web: WebContext) -> dict[str, Any]:
    return Search.read(web.context, request.args).query()


def _back(web: WebContext, submission_id: str) -> str:
    return url_for("staff.submission", submission_id=submission_id, **_query(web))


def _page(
    web: WebContext,
    submission: Submission,
    form: AddressForm,
    error_page: ErrorPage | None = None,
    shown: int | None = None,
) -> Response:
    return show(
        web,
        "staff/address.html",
        form.http_status,
        submission=submission,
        title=title_of(web.context, submission.form_id),
        form=form,
        error_page=error_page,
        news=unread(web, submission, shown),
        query=_query(web),
    )
