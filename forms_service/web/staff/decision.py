"""A decision: the mail it sends is read before it goes, then the decision is made."""

from collections import defaultdict
from dataclasses import dataclass, replace

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...definition import Field, Section
from ...definition.contact import show_phone
from ...definition.options import DeclineReason
from ...i18n import Translator
from ...shapes.answer_summary import AnswerLine, read_back
from ...store import submissions
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.submissions import Status, Submission
from ...workflow import calling, capacity, deciding, declining
from ...workflow.context import WorkflowContext
from ...workflow.transitions import TRANSITIONS, Button, NotAllowed, Transition
from ..core import ErrorPage, WebContext
from ..core.fixed_forms import read_revision
from . import session
from .fixed_forms import DecisionForm, NoteForm
from .layout import show, staff_translator, title_of
from .letters import Letter, mail_preview
from .onward import neighbour
from .reopening import Reopening, reopening
from .search import Search
from .submission import (
    channel_of,
    correctable,
    offered,
    submission_page,
)
from .unread import unread

Sections = list[tuple[Section, list[AnswerLine]]]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a decision would do: the mail it sends, and what becomes of places."""

    letter: Letter | None
    occupancy: capacity.Occupancy | None
    reopening: Reopening | None


def decision_page(
    web: WebContext, submission_id: str, verb: str
) -> ResponseReturnValue:
    """Show what a decision does and the mail it sends, or make it."""
    row, button = _transition(verb)
    form = _form(web, submission_id, row, button)
    # Who wants to read the mail with the chosen reasons decides nothing yet.
    if "mostra" not in request.form and form.validate_on_submit():
        return _decide(web, submission_id, row.verb, form)
    return _page(web, submission_id, row, form)


def decide_again(
    web: WebContext, error: Exception, submission_id: str, verb: str
) -> Response:
    """Say why nothing was decided, with what has changed and every typed word.

    What can no longer be decided leads to the request, where the reason is a note to
    be kept or not.
    """
    if request.method != "POST":
        raise error
    row, button = _transition(verb)
    form = _form(web, submission_id, row, button)
    error_page = session.describe_error(web, error)
    try:
        return _page(web, submission_id, row, form, error_page)
    except NotAllowed:
        reason = form.motivo.data if form.motivo else ""
        return submission_page(
            web,
            submission_id,
            note=NoteForm(formdata=None, text=reason),
            error_page=error_page,
            shown=read_revision(form.revision.data),
        )


def _form(
    web: WebContext, submission_id: str, row: Transition, button: Button
) -> DecisionForm:
    """Return the form as it was posted, or for the revision that the link names."""
    context = web.context
    fields: list[Field] = []
    reasons: tuple[DeclineReason, ...] = ()
    may_add = False
    if row.verb in (EventVerb.ASK_CORRECTION, EventVerb.DECLINE):
        submission = context.store.read(lambda db: submissions.get(db, submission_id))
        if row.verb is EventVerb.DECLINE:
            reasons = declining.offered(context, submission)
            may_add = declining.may_add(context, submission)
        else:
            fields = correctable(context, submission)
    return DecisionForm(
        button.needed if button.why else None,
        [field.id for field in fields],
        [reason.id for reason in reasons],
        may_add,
    )


def _page(
    web: WebContext,
    submission_id: str,
    row: Transition,
    form: DecisionForm,
    error_page: ErrorPage | None = None,
) -> Response:
    """Show what a decision does; what was not read yet stands above.

    After that the page rests on the request as it is now.
    """
    context, translator = web.context, staff_translator(web)
    submission, ahead = context.store.read(
        lambda db: _ahead(context, db, submission_id, row, form)
    )
    # The answers stand beside the mail: the log tells who has read them.
    deciding.read_by_staff(context, submission_id, session.actor())
    shown = form.revision.data or request.args.get("revision")
    since = None if shown is None else read_revision(shown)
    form.revision.data = str(submission.revision)
    fields = correctable(context, submission) if form.campo else []
    sections = _answers(context, submission, translator)
    return show(
        web,
        "staff/decision.html",
        form.http_status,
        submission=submission,
        verb=row.verb,
        button=row.button,
        ahead=ahead,
        error_page=error_page,
        news=unread(web, submission, since),
        call=calling.asks_for_call(context, submission),
        title=title_of(context, submission.form_id),
        phone=show_phone(submission.phone, translator) if submission.phone else "",
        language=web.translator(submission.lang),
        correctable=fields,
        reasons=declining.offered(context, submission) if form.perche else (),
        main=context.content.main_language,
        sections=sections,
        answered=_by_field(sections),
        search=Search.read(context, request.args),
        form=form,
    )


def _answers(
    context: WorkflowContext, submission: Submission, translator: Translator
) -> Sections:
    """Return what the person has answered, as it was asked."""
    form = context.store.read(
        lambda db: context.form_of(db, submission, translator.lang)
    )
    return read_back(form, submission.answers, translator, channel_of(submission))


def _by_field(sections: Sections) -> dict[str, tuple[str, ...]]:
    lines = {line.field.id: line.lines for _, lines in sections for line in lines}
    return defaultdict(tuple, lines)


def _ahead(
    context: WorkflowContext,
    db: Connection,
    submission_id: str,
    row: Transition,
    form: DecisionForm,
) -> tuple[Submission, Ahead]:
    """Return what a decision would do; raise `NotAllowed` when it does not fit."""
    submission = submissions.get(db, submission_id)
    changes = deciding.outcome(context, db, submission, row.verb, context.clock())
    if row not in offered(context, submission):
        raise NotAllowed(row.verb, submission)
    promotes = row.verb is EventVerb.PROMOTE
    return submission, Ahead(
        mail_preview(
            context,
            db,
            replace(submission, **changes),
            row.mail,
            form.perche.data if form.perche else [],
            form.aggiunta.data if form.aggiunta else "",
        ),
        capacity.occupancy_with(context, db, submission) if promotes else None,
        reopening(context, db, submission, changes["purge_after"])
        if row.verb is EventVerb.REOPEN
        else None,
    )


def _decide(
    web: WebContext,
    submission_id: str,
    verb: EventVerb,
    form: DecisionForm,
) -> ResponseReturnValue:
    """Make a decision on the revision that the page showed."""
    revision = read_revision(form.revision.data)
    if verb is EventVerb.PROMOTE:
        submission = deciding.promote(
            web.context, submission_id, session.actor(), revision
        )
    else:
        submission = deciding.decide(
            web.context,
            submission_id,
            verb,
            session.actor(),
            revision,
            form.motivo.data if form.motivo else "",
            form.campo.data if form.campo else (),
            form.perche.data if form.perche else (),
            form.aggiunta.data if form.aggiunta else "",
        )
    return redirect(_onward(web, submission, verb), 303)


def _onward(web: WebContext, decided: Submission, verb: EventVerb) -> str:
    """Return the address of the next request of the list, or of the list.

    What is to be examined again is decided once more.
    """
    search = Search.read(web.context, request.args)
    following = web.context.store.read(
        lambda db: neighbour(web.context, db, search, decided)
    )
    query = search.query() | {"deciso": decided.id, "esito": verb.value}
    if decided.status is Status.NEW:
        following = decided.id
    if following:
        return url_for("staff.submission", submission_id=following, **query)
    return url_for("staff.queue", **query)


def _transition(verb: str) -> tuple[Transition, Button]:
    for row in TRANSITIONS.values():
        if row.button and row.verb == verb:
            return row, row.button
    raise NotFound
