"""Mending the answers of a request at the desk: what was mistyped, or was said since.

The form is the version that was answered. Whoever mends one answer is asked nothing
about the others: what is as it was stays, even if it would not be taken today.
"""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...definition import (
    Cleaned,
    Field,
    FormDefinition,
    Raw,
    applicable,
    clean,
    raw_of,
    type_of,
)
from ...definition.folding import multiline
from ...i18n import N_
from ...shapes.html.fields import Complaint, complaints, draw_fields
from ...shapes.html.filling import Filling
from ...store import attachments
from ...store.events import EventVerb
from ...store.submissions import Submission
from ...workflow import correcting, deciding
from ...workflow.correcting import Why
from ...workflow.transitions import NotAllowed, check
from ..core import ErrorPage, WebContext
from ..core.fixed_forms import read_revision
from . import session
from .layout import show, staff_translator, title_of
from .repair_forms import RepairForm
from .search import Search
from .submission import attached_picture, channel_of
from .unread import unread

_TOLD = N_("The answers are corrected. An email tells the person which ones.")
_ASKED = N_("The answers are corrected. The new address is asked to confirm itself.")
_UNTOLD = N_("The answers are corrected. No email goes: nobody has confirmed one.")


def repair_page(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Show the form as it was answered, or replace what has been changed in it."""
    submission = _read(web, submission_id)
    form = _version(web, submission)
    entry = RepairForm()
    if request.method == "GET":
        entry.revision.data = str(submission.revision)
        return _page(web, submission, form, entry, _stored(form, submission))
    filling = _typed(web, form, submission)
    if not entry.validate() or not filling.cleaned.ok:
        return _page(web, submission, form, entry, filling)
    here = url_for("staff.submission", submission_id=submission.id, **_query(web))
    if filling.cleaned.answers == submission.answers:
        flash(N_("No answer is different: nothing was stored."))
        return redirect(here, 303)
    mended = correcting.repair(
        web.context,
        submission.id,
        filling.cleaned.answers,
        session.actor(),
        Why(entry.why.data),
        read_revision(entry.revision.data),
    )
    moved = mended.email and mended.email != submission.email
    flash(_ASKED if moved else _TOLD if mended.proven else _UNTOLD)
    return redirect(here, 303)


def repair_again(web: WebContext, error: Exception, submission_id: str) -> Response:
    """Show all that was typed, what has changed meanwhile, and store nothing yet.

    What can no longer be mended is told in a page that gives every answer back.
    """
    if request.method != "POST" or isinstance(error, NotAllowed):
        raise error
    submission = _read(web, submission_id)
    form, entry = _version(web, submission), RepairForm()
    shown = read_revision(entry.revision.data)
    entry.revision.data = str(submission.revision)
    filling = Filling(request.form.to_dict(flat=False))
    said = session.describe_error(web, error)
    return _page(web, submission, form, entry, filling, said, shown)


def _read(web: WebContext, submission_id: str) -> Submission:
    """Return the request, and log that it was read; raise `NotAllowed`."""
    actor = session.actor()
    submission = deciding.read_by_staff(web.context, submission_id, actor)
    check(EventVerb.REPAIR, submission)
    return submission


def _version(web: WebContext, submission: Submission) -> FormDefinition:
    main = web.main_language
    return web.context.store.read(lambda db: web.context.form_of(db, submission, main))


def _query(web: WebContext) -> dict[str, Any]:
    return Search.read(web.context, request.args).query()


def _stored(form: FormDefinition, submission: Submission) -> Filling:
    return Filling(raw_of(form, submission.answers))


def _typed(web: WebContext, form: FormDefinition, submission: Submission) -> Filling:
    raw = request.form.to_dict(flat=False)
    cleaned = clean(form, raw, channel_of(submission), web.context.today)
    return Filling(raw, as_it_was(form, submission, raw, cleaned))


def as_it_was(
    form: FormDefinition, submission: Submission, raw: Raw, cleaned: Cleaned
) -> Cleaned:
    """Return what was typed with what is untouched as it is stored.

    Nothing is asked about it: a day may be over by now, and an answer that this way
    never asked for is missed by nobody. What only another way asks stays too.
    """
    fields, old = form.at(channel_of(submission)), submission.answers
    stored, asked = raw_of(form, old), set(applicable(fields, old))
    same = {f.id for f in fields if f.id in asked and _untouched(f, raw, stored)}
    kept = {field.id for field in form.fields} - {field.id for field in fields}
    kept |= same & cleaned.errors.keys()
    return replace(
        cleaned,
        answers={**cleaned.answers, **{key: old[key] for key in kept if key in old}},
        errors={key: m for key, m in cleaned.errors.items() if key not in same},
        warnings={key: m for key, m in cleaned.warnings.items() if key not in same},
    )


def _untouched(field: Field, raw: Raw, stored: Raw) -> bool:
    """Say whether the controls of a field hold what is stored."""

    def held(values: Raw, control: str) -> list[str]:
        return [text for v in values.get(control, ()) if (text := multiline(v))]

    controls = type_of(field).controls(field)
    return all(held(raw, name) == held(stored, name) for name in controls)


def _page(
    web: WebContext,
    submission: Submission,
    form: FormDefinition,
    entry: RepairForm,
    filling: Filling,
    error_page: ErrorPage | None = None,
    shown: int | None = None,
) -> Response:
    translator, channel = staff_translator(web), channel_of(submission)
    context = web.context

    wrong = [
        Complaint(control, translator.translate(message))
        for control, message in entry.wrong.items()
    ]
    wrong += complaints(form, channel, filling.cleaned, translator)
    return show(
        web,
        "staff/repair.html",
        422 if wrong else 200,
        submission=submission,
        title=title_of(context, submission.form_id),
        form=form,
        fields=draw_fields(form, translator, channel, filling),
        entry=entry,
        wrong=wrong,
        error_page=error_page,
        query=_query(web),
        attached_picture=partial(attached_picture, submission.id),
        news=unread(web, submission, shown),
        scans=context.store.read(
            lambda db: attachments.of_submission(db, submission.id)
        ),
    )
