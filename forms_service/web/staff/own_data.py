"""What people may ask of their own data at the desk: all of it erased, or a copy."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...clock import from_utc_text
from ...i18n import N_, Translator
from ...shapes.notice import backup_sentence
from ...shapes.pdf.receipt import receipt_job
from ...store.submissions import Submission
from ...workflow import deciding, person_copy
from ..core import ErrorPage, WebContext
from ..core.responses import download
from . import session
from .contact_form import MEANS, OUTCOMES
from .history import ACTORS
from .layout import show, staff_translator, title_of
from .repair_forms import CopyForm, EraseForm
from .search import Search
from .submission import channel_of

# What a copy has beside the answers, in this order.
PARTS: Mapping[str, str] = {
    "earlier_answers": N_("Earlier answers"),
    "notes": N_("Notes"),
    "contacts": N_("Contacts"),
    "meetings": N_("Meetings"),
    "emails": N_("Emails"),
    "replies": N_("Replies"),
    "scans": N_("Scans of paper"),
    "history": N_("History"),
}
# What an entry holds as a word of the program, by its key.
_WORDS: Mapping[tuple[str, object], str] = {
    **{("by", actor): name for actor, name in ACTORS.items()},
    ("by", "staff"): N_("the office"),
    **{("how", str(means)): name for means, name in MEANS.items()},
    **{("said", str(outcome)): name for outcome, name in OUTCOMES.items()},
    ("present", True): N_("Present"),
    ("present", False): N_("Absent"),
}


def copy_page(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Ask who gets it and as what, or give a copy of all that is held; it is logged."""
    submission, form = _read(web, submission_id), CopyForm()
    if not form.validate_on_submit():
        return _copy(web, submission, form)
    translator = staff_translator(web)
    data = web.context.store.read(
        lambda db: person_copy.held(web.context, db, submission, translator)
    )
    kind = form.format.data
    if kind == "pdf":
        content = web.receipts.draw(_job(web, submission, data, translator))
    else:
        content = (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()
    person_copy.log_copy(
        web.context,
        submission,
        session.actor(),
        format=kind,
        identity=form.identity.data,
    )
    name = f"{submission.form_id}-{submission.reference}.{kind}"
    return download(content, f"application/{kind}", name)


def copy_again(web: WebContext, error: Exception, submission_id: str) -> Response:
    """Show what was chosen once more."""
    submission = _read(web, submission_id)
    said = session.describe_error(web, error)
    return _copy(web, submission, CopyForm(), said)


def _copy(
    web: WebContext,
    submission: Submission,
    form: CopyForm,
    error_page: ErrorPage | None = None,
) -> Response:
    return show(
        web,
        "staff/copy.html",
        form.http_status,
        submission=submission,
        title=title_of(web.context, submission.form_id),
        form=form,
        error_page=error_page,
        search=Search.read(web.context, request.args),
    )


def _job(
    web: WebContext,
    submission: Submission,
    data: Mapping[str, Any],
    translator: Translator,
) -> dict[str, Any]:
    """Return a copy as a receipt is drawn: it cannot be checked, and says more."""
    context = web.context
    form = context.store.read(
        lambda db: context.form_of(db, submission, translator.lang)
    )
    known = {"reference", "answers", "created_at", "verified_at", "purge_after"}
    job = receipt_job(
        form,
        web.project(translator.lang),
        translator,
        {name: getattr(submission, name) for name in known},
        context.tokens,
        web.config.base_url,
        channel_of(submission),
        prevailing=form,
    )
    job["heading"] = translator.gettext("Copy of the data")
    job["sections"] += [
        [[translator.gettext(title), ""], rows]
        for name, title in PARTS.items()
        if (rows := [_row(entry, translator) for entry in data[name]])
    ]
    return {key: job[key] for key in job if key not in ("check", "proof", "next")}


def _row(entry: Mapping[str, Any], translator: Translator) -> list[Any]:
    """Return an entry as a row: its moment, and what it holds, line by line."""
    day = entry["at"]
    at = translator.format_datetime(from_utc_text(day)) if "T" in day else day
    return [at, [[line, ""] for line in _lines(entry, translator)], ""]


def _lines(entry: Mapping[str, Any], translator: Translator) -> Iterator[str]:
    for name, value in entry.items():
        if name == "answers":
            yield from (f"{line['label']}: {line['text']}" for line in value)
        elif name != "at" and value not in (None, ""):
            yield translator.gettext(_WORDS.get((name, value), str(value)))


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
        form.http_status,
        submission=submission,
        title=title_of(web.context, submission.form_id),
        form=form,
        error_page=error_page,
        backups=backup_sentence(web.context.content.project, translator),
        search=Search.read(web.context, request.args),
    )
