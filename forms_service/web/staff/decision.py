"""A decision: the mail it sends is read before it goes, then the decision is made."""

from collections import defaultdict
from dataclasses import dataclass, replace

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...definition.contact import show_phone
from ...mail.compose import Preview, preview
from ...mail.message import MailKind, about
from ...shapes.answer_summary import read_back
from ...store import submissions
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.submissions import Status, Submission
from ...words import N_, Words
from ...workflow import capacity, deciding
from ...workflow.transitions import TRANSITIONS, Button, NotAllowed, Transition
from ...workflow.work import Work
from ..page import Page
from . import session
from .actions import correctable, offered
from .fixed_forms import DecisionForm
from .flags import asks_for_call, place_of
from .layout import show, tell, words_of
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


def decision_page(page: Page, submission_id: str, verb: str) -> ResponseReturnValue:
    """Show what a decision does and the mail it sends, or make it."""
    row, button = _transition(verb)
    work = page.work
    one = work.store.read(lambda db: submissions.get(db, submission_id))
    fields = correctable(work, one) if row.verb is EventVerb.ASK_CORRECTION else []
    form = DecisionForm(
        button.needed if button.why else None, [field.id for field in fields]
    )
    if form.validate_on_submit():
        return _decide(page, one, row.verb, form, button.done)
    one, ahead = work.store.read(lambda db: _ahead(work, db, submission_id, row))
    form.expected.data = one.status.value
    return show(
        page,
        "staff/decision.html",
        form.http_status,
        one=one,
        verb=row.verb,
        button=button,
        ahead=ahead,
        call=asks_for_call(work, one),
        title=title_of(work, one.form_id),
        phone=show_phone(one.phone, words_of(page)) if one.phone else "",
        language=page.words(one.lang),
        correctable=fields,
        answered=_answered(work, one, words_of(page)) if fields else {},
        search=Search.read(work, request.args),
        form=form,
    )


def _answered(work: Work, one: Submission, words: Words) -> dict[str, tuple[str, ...]]:
    """Return what the person has answered, by the ids of the fields."""
    form = work.store.read(lambda db: work.form_of(db, one, words.lang))
    sections = read_back(form, one.answers, words, place_of(one))
    told = {line.field.id: line.lines for _, lines in sections for line in lines}
    return defaultdict(tuple, told)


def _ahead(
    work: Work, db: Connection, submission_id: str, row: Transition
) -> tuple[Submission, Ahead]:
    """Return what a decision would do; raise `NotAllowed` when it does not fit."""
    one = submissions.get(db, submission_id)
    changes = deciding.outcome(work, db, one, row.verb, work.clock())
    if row not in offered(work, one):
        raise NotAllowed(row.verb, one)
    promotes = row.verb is EventVerb.PROMOTE
    return one, Ahead(
        letter_of(work, db, replace(one, **changes), row.mail),
        capacity.occupancy_with(work, db, one) if promotes else None,
        reopening(work, db, one) if row.verb is EventVerb.REOPEN else None,
    )


def letter_of(
    work: Work, db: Connection, decided: Submission, kind: MailKind | None
) -> Preview | None:
    """Return the mail that a decision would send, None when it would send none."""
    if kind is None or not decided.email or not decided.proven:
        return None
    form = work.form_of(db, decided)
    project = work.content.projects.get(decided.lang, work.content.project)
    return preview(about(kind, decided, form, project))


def _decide(
    page: Page, one: Submission, verb: EventVerb, form: DecisionForm, done: str
) -> ResponseReturnValue:
    """Make a decision, unless the request is no longer as the page showed it."""
    if verb is EventVerb.PROMOTE:
        one = deciding.promote(page.work, one.id, session.actor())
    else:
        if form.expected.data not in list(Status):
            raise deciding.Changed(one.id)
        one = deciding.decide(
            page.work,
            one.id,
            verb,
            session.actor(),
            Status(form.expected.data),
            form.motivo.data if form.motivo else "",
            form.campo.data if form.campo else (),
        )
    tell(done)
    if verb in CALL_AFTER and asks_for_call(page.work, one):
        tell(N_("The person asked to be called: now the call is due."))
    query = Search.read(page.work, request.args).query()
    return redirect(url_for("staff.submission", submission_id=one.id, **query), 303)


def _transition(verb: str) -> tuple[Transition, Button]:
    for row in TRANSITIONS.values():
        if row.button and row.verb == verb:
            return row, row.button
    raise NotFound
