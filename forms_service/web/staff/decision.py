"""A decision: the mail it sends is read before it goes, then the decision is made."""

from collections import defaultdict
from dataclasses import dataclass, replace

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...definition.contact import show_phone
from ...i18n import N_, Translator
from ...mail.compose import Preview, preview
from ...mail.message import MailKind, about
from ...shapes.answer_summary import read_back
from ...store import submissions
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.submissions import Status, Submission
from ...workflow import capacity, deciding
from ...workflow.context import WorkflowContext
from ...workflow.transitions import TRANSITIONS, Button, NotAllowed, Transition
from ..core import WebContext
from . import session
from .actions import correctable, offered
from .fixed_forms import DecisionForm
from .flags import asks_for_call, channel_of
from .layout import show, staff_translator
from .queue import title_of
from .reopening import Reopening, reopening
from .search import Search

CALL_AFTER = (EventVerb.ACCEPT, EventVerb.PROMOTE, EventVerb.DECLINE)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a decision would do: the mail it sends, and what becomes of places."""

    letter: Preview | None
    occupancy: capacity.Occupancy | None
    reopening: Reopening | None


def decision_page(
    web: WebContext, submission_id: str, verb: str
) -> ResponseReturnValue:
    """Show what a decision does and the mail it sends, or make it."""
    row, button = _transition(verb)
    context = web.context
    submission = context.store.read(lambda db: submissions.get(db, submission_id))
    fields = (
        correctable(context, submission) if row.verb is EventVerb.ASK_CORRECTION else []
    )
    form = DecisionForm(
        button.needed if button.why else None, [field.id for field in fields]
    )
    if form.validate_on_submit():
        return _decide(web, submission, row.verb, form, button.done)
    submission, ahead = context.store.read(
        lambda db: _ahead(context, db, submission_id, row)
    )
    form.expected.data = submission.status.value
    return show(
        web,
        "staff/decision.html",
        form.http_status,
        submission=submission,
        verb=row.verb,
        button=button,
        ahead=ahead,
        call=asks_for_call(context, submission),
        title=title_of(context, submission.form_id),
        phone=show_phone(submission.phone, staff_translator(web))
        if submission.phone
        else "",
        language=web.translator(submission.lang),
        correctable=fields,
        answered=_answered(context, submission, staff_translator(web))
        if fields
        else {},
        search=Search.read(context, request.args),
        form=form,
    )


def _answered(
    context: WorkflowContext, submission: Submission, translator: Translator
) -> dict[str, tuple[str, ...]]:
    """Return what the person has answered, by the ids of the fields."""
    form = context.store.read(
        lambda db: context.form_of(db, submission, translator.lang)
    )
    sections = read_back(form, submission.answers, translator, channel_of(submission))
    lines = {line.field.id: line.lines for _, lines in sections for line in lines}
    return defaultdict(tuple, lines)


def _ahead(
    context: WorkflowContext, db: Connection, submission_id: str, row: Transition
) -> tuple[Submission, Ahead]:
    """Return what a decision would do; raise `NotAllowed` when it does not fit."""
    submission = submissions.get(db, submission_id)
    changes = deciding.outcome(context, db, submission, row.verb, context.clock())
    if row not in offered(context, submission):
        raise NotAllowed(row.verb, submission)
    promotes = row.verb is EventVerb.PROMOTE
    return submission, Ahead(
        mail_preview(context, db, replace(submission, **changes), row.mail),
        capacity.occupancy_with(context, db, submission) if promotes else None,
        reopening(context, db, submission) if row.verb is EventVerb.REOPEN else None,
    )


def mail_preview(
    context: WorkflowContext, db: Connection, decided: Submission, kind: MailKind | None
) -> Preview | None:
    """Return the mail that a decision would send, None when it would send none."""
    if kind is None or not decided.email or not decided.proven:
        return None
    form = context.form_of(db, decided)
    project = context.content.projects.get(decided.lang, context.content.project)
    return preview(about(kind, decided, form, project))


def _decide(
    web: WebContext,
    submission: Submission,
    verb: EventVerb,
    form: DecisionForm,
    done: str,
) -> ResponseReturnValue:
    """Make a decision, unless the request is no longer as the page showed it."""
    if verb is EventVerb.PROMOTE:
        submission = deciding.promote(web.context, submission.id, session.actor())
    else:
        if form.expected.data not in list(Status):
            raise deciding.Changed(submission.id)
        submission = deciding.decide(
            web.context,
            submission.id,
            verb,
            session.actor(),
            Status(form.expected.data),
            form.motivo.data if form.motivo else "",
            form.campo.data if form.campo else (),
        )
    flash(done)
    if verb in CALL_AFTER and asks_for_call(web.context, submission):
        flash(N_("The person asked to be called: now the call is due."))
    query = Search.read(web.context, request.args).query()
    return redirect(
        url_for("staff.submission", submission_id=submission.id, **query), 303
    )


def _transition(verb: str) -> tuple[Transition, Button]:
    for row in TRANSITIONS.values():
        if row.button and row.verb == verb:
            return row, row.button
    raise NotFound
