"""Who of the staff sees to a request: taken over, passed on or given back."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...i18n import N_
from ...workflow import assigning
from ..core import WebContext
from ..core.fixed_forms import read_revision
from . import session
from .search import Search
from .submission import submission_page


def assign(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Give a request to whom the page names, if it is still with whom it showed."""
    to, seen = _member("chi"), _member("prima")
    assigning.assign(web.context, submission_id, to, session.actor(), seen)
    if to == session.member().id:
        flash(N_("The request is yours now."))
    else:
        flash(N_("Passed on.") if to else N_("The request is nobody’s now."))
    query = Search.read(web.context, request.args).query()
    here = url_for("staff.submission", submission_id=submission_id, **query)
    return redirect(here, 303)


def assign_again(web: WebContext, error: Exception, submission_id: str) -> Response:
    """Show the request as it is now, and why it was not given."""
    said = session.describe_error(web, error)
    return submission_page(web, submission_id, error_page=said)


def _member(name: str) -> int | None:
    """Return the number that a control holds; nobody for none."""
    return read_revision(request.form.get(name, "")) or None
