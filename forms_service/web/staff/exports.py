"""Taking a form's requests out as a table: format, state and a reason are chosen."""

from flask import request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...shapes import naming
from ...shapes.sheet import FORMATS
from ...store import queue as queue_rows
from ...store.submissions import Status
from ...words import N_, Message
from ...workflow.exporting import REASONS, Reason, export
from ..page import Page
from ..page.rendering import HEADERS
from . import session
from .layout import show
from .queue import title_of

_NO_REASON = Message(N_("Choose why you need the table."))
_NO_FORMAT = Message(N_("Choose a kind of file."))


def tables(page: Page) -> ResponseReturnValue:
    """List the forms whose requests can be taken out."""
    counts = page.work.store.read(queue_rows.counts)
    listed = [
        (
            form_id,
            title_of(page.work, form_id),
            sum(n for (of_form, _), n in counts.items() if of_form == form_id),
        )
        for form_id in page.work.content.forms
    ]
    return show(page, "staff/tables.html", listed=listed)


def table_page(page: Page, form_id: str) -> ResponseReturnValue:
    """Ask what of a form is wanted, and why."""
    return _ask(page, form_id, {})


def _ask(page: Page, form_id: str, wrong: dict[str, Message]) -> ResponseReturnValue:
    if page.work.form_today(form_id) is None:
        raise NotFound
    counts = page.work.store.read(queue_rows.counts)
    return show(
        page,
        "staff/table.html",
        422 if wrong else 200,
        form_id=form_id,
        title=title_of(page.work, form_id),
        formats=FORMATS,
        reasons=REASONS,
        states=naming.STATUS,
        wrong=wrong,
        unconfirmed=counts.get((form_id, Status.UNVERIFIED), 0),
    )


def take(page: Page, form_id: str) -> ResponseReturnValue:
    """Hand a table out, complete, with its trace in the log."""
    typed = request.form
    reason, status = typed.get("reason", ""), typed.get("status", "")
    wrong = {}
    if typed.get("format") not in FORMATS:
        wrong["format"] = _NO_FORMAT
    if reason not in [known.value for known in REASONS]:
        wrong["reason"] = _NO_REASON
    if wrong or page.work.form_today(form_id) is None:
        return _ask(page, form_id, wrong)
    table = export(
        page.work,
        form_id,
        typed["format"],
        Reason(reason),
        session.actor(),
        Status(status) if status in list(Status) else None,
    )
    answer = send_file(
        table.file,
        mimetype=table.media_type,
        as_attachment=True,
        download_name=table.name,
    )
    answer.headers.update(HEADERS)
    return answer
