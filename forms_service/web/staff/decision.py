"""A decision: the mail it sends is read before it goes, then the decision is made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...definition.contact import show_phone
from ...mail import draft
from ...mail.compose import Preview, preview
from ...store import submissions
from ...store.connection import Connection
from ...store.submissions import Seat, Status, Submission
from ...words import N_
from ...workflow import deciding, places
from ...workflow.letters import Kind
from ...workflow.table import Verb, check
from ...workflow.work import Work
from ..page import Page
from . import session
from .frame import show, tell
from .queue import title_of
from .search import Search


@dataclass(frozen=True, slots=True)
class Button:
    """A decision that staff may make: its words, its mail, how it looks."""

    verb: Verb
    name: str
    question: str
    done: str
    kind: Kind
    look: str


BUTTONS = (
    Button(
        Verb.ACCEPT,
        N_("Accept"),
        N_("Accept this request?"),
        N_("The request is accepted."),
        Kind.ACCEPTED,
        "",
    ),
    Button(
        Verb.PROMOTE,
        N_("Give a place"),
        N_("Give this request a place?"),
        N_("The request has a place now."),
        Kind.PROMOTED,
        "",
    ),
    Button(
        Verb.DECLINE,
        N_("Decline"),
        N_("Decline this request?"),
        N_("The request is declined."),
        Kind.DECLINED,
        "button--outline",
    ),
    Button(
        Verb.WITHDRAW,
        N_("Withdraw"),
        N_("Withdraw this request, as the person asked?"),
        N_("The request is withdrawn."),
        Kind.WITHDRAWN,
        "button--outline",
    ),
)
_BY_VERB: Mapping[str, Button] = {button.verb.value: button for button in BUTTONS}


def decision_page(page: Page, submission_id: str, verb: str) -> ResponseReturnValue:
    """Show what a decision does and the mail it sends; nothing is changed."""
    button = _button(verb)
    work = page.work
    one = work.store.read(lambda db: submissions.get(db, submission_id))
    letter = work.store.read(lambda db: letter_of(work, db, one, button))
    return show(
        page,
        "staff/decision.html",
        one=one,
        button=button,
        letter=letter,
        crowd=work.store.read(lambda db: _crowd(work, db, one, button)),
        title=title_of(work, one.form_id),
        phone=show_phone(one.phone) if one.phone else "",
        language=page.words(one.lang),
        search=Search.read(work, request.args),
    )


def letter_of(
    work: Work, db: Connection, one: Submission, button: Button
) -> Preview | None:
    """Return the mail that a decision would send, None when it would send none.

    Raise `NotAllowed` when the decision does not fit the state.
    """
    status = check(button.verb, one)
    if not one.email or not one.proven:
        return None
    form = work.form_of(db, one)
    decided = None if button.verb is Verb.PROMOTE else work.clock()
    then = replace(
        one,
        status=status,
        place=Seat.HELD if button.verb is Verb.PROMOTE else one.place,
        purge_after=work.retention_end(form, status, one.created_at, decided),
    )
    project = work.content.projects.get(one.lang, work.content.project)
    return preview(draft.about(button.kind.value, then, form, project))


def _crowd(
    work: Work, db: Connection, one: Submission, button: Button
) -> places.Crowd | None:
    if button.verb is not Verb.PROMOTE:
        return None
    return places.crowd_with(work, db, one)


def decide(page: Page, submission_id: str, verb: str) -> ResponseReturnValue:
    """Make a decision, unless the request is no longer as the page showed it."""
    button = _button(verb)
    if button.verb is Verb.PROMOTE:
        deciding.promote(page.work, submission_id, session.actor())
    else:
        expected = request.form.get("expected", "")
        if expected not in list(Status):
            raise deciding.Changed(submission_id)
        deciding.decide(
            page.work, submission_id, button.verb, session.actor(), Status(expected)
        )
    tell(button.done)
    query = Search.read(page.work, request.args).query()
    here = url_for("staff.submission", submission_id=submission_id, **query)
    return redirect(here, 303)


def _button(verb: str) -> Button:
    if verb not in _BY_VERB:
        raise NotFound
    return _BY_VERB[verb]
