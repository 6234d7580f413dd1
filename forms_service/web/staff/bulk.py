"""The same act on many requests: chosen in a list, looked at first, then done.

The choice travels in the page, never in an address: ids, the revision that was read and
who saw to each. What became of it has an address of its own.
"""

import secrets
from collections.abc import Iterable
from functools import partial

from flask import Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...definition.options import DeclineReason
from ...i18n import N_, Message
from ...shapes import sentences
from ...store import bulk as bulk_rows
from ...store import messages
from ...store.bulk import BulkOutcome, BulkRow
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.submissions import Submission
from ...workflow import assigning, bulk, declining, messaging
from ...workflow.bulk import MOST, BulkChoice, token
from ...workflow.context import WorkflowContext
from ...workflow.transitions import TRANSITIONS
from ..core import ErrorPage, WebContext
from . import bulk_message, factor, session
from .bulk_forms import BulkForm
from .bulk_letters import Sample, samples, to_call
from .bulk_print import print_page
from .choosing import ACT_ID, ACTS, WHY, choice_of, with_phones
from .exports import chosen_table
from .guard import by_password_alone
from .layout import show, staff_translator
from .queue import show_queue
from .search import Search

# What is done from the page of this module; the rest has pages of its own.
HERE = (*bulk.DECISIONS, EventVerb.ASSIGN)


def choose(web: WebContext) -> Response:
    """Show what an act would do with the chosen requests."""
    return _choose(web)


def choose_again(web: WebContext, error: Exception) -> Response:
    """Show the same once more, and why it was not shown at once."""
    return _choose(web, session.describe_error(web, error))


def _choose(web: WebContext, said: ErrorPage | None = None) -> Response:
    verb, choice = _verb(request.form.get("fare", "")), choice_of(web)
    if not choice:
        search = Search.read(web.context, request.args)
        return show_queue(
            web, search, wrong={"scelte": Message(N_("Choose at least one request."))}
        )
    return _first_page(web, verb, choice, said)


def act(web: WebContext, verb: str) -> ResponseReturnValue:
    """Do it with each, and lead to what became of them."""
    known, choice = _verb(verb, HERE), choice_of(web)
    form = _form(web, known, choice)
    act_id = form.atto.data
    if not form.validate_on_submit() or not choice or not ACT_ID.fullmatch(act_id):
        return _page(web, known, choice, form)
    member = session.member().id
    if known is EventVerb.ASSIGN:
        bulk.assign(web.context, act_id, choice, int(form.chi.data), member)
    else:
        reasons = form.perche.data if form.perche else ()
        reason = form.motivo.data or ""
        bulk.decide(web.context, act_id, choice, known, member, reason, reasons)
    query = Search.read(web.context, request.args).query()
    return redirect(url_for("staff.bulk_result", act_id=act_id, **query), 303)


def act_again(web: WebContext, error: Exception, verb: str) -> Response:
    """Show the page once more with all that was chosen and typed."""
    known, choice = _verb(verb, HERE), choice_of(web)
    said = session.describe_error(web, error)
    return _page(web, known, choice, _form(web, known, choice), said)


def result(web: WebContext, act_id: str) -> ResponseReturnValue:
    """Show what became of each request of an act."""
    return _result(web, act_id)


def undo(web: WebContext, act_id: str) -> ResponseReturnValue:
    """Take back what can still be taken back of an act."""
    found = bulk.outcome(web.context, act_id)
    written = found is not None and found[0].verb == EventVerb.MESSAGE
    take_back = messaging.undo if written else bulk.undo
    take_back(web.context, act_id, session.member().id)
    query = Search.read(web.context, request.args).query()
    return redirect(url_for("staff.bulk_result", act_id=act_id, **query), 303)


def undo_again(web: WebContext, error: Exception, act_id: str) -> Response:
    """Show how things stand, and why nothing was taken back."""
    return _result(web, act_id, session.describe_error(web, error))


def _first_page(
    web: WebContext,
    verb: EventVerb,
    choice: list[BulkChoice],
    said: ErrorPage | None = None,
) -> Response:
    if verb is EventVerb.MESSAGE:
        return bulk_message.message_page(web, choice, said)
    if verb is EventVerb.EXPORT:
        return chosen_table(web, choice, said)
    if verb is EventVerb.READ:
        # So many answers on paper are taken out like a table, by one page.
        if by_password_alone(web):
            return make_response(factor.demand(web))
        return print_page(web, choice)
    first = {"formdata": None, "atto": secrets.token_hex(8)}
    form = _form(web, verb, choice, **first)
    return _page(web, verb, choice, form, said)


def _verb(name: str, known: Iterable[EventVerb] = ACTS) -> EventVerb:
    for verb in known:
        if verb == name:
            return verb
    raise NotFound


def _form(
    web: WebContext, verb: EventVerb, choice: list[BulkChoice], **first: object
) -> BulkForm:
    reasons = [reason.id for reason in _reasons(web, verb, choice)]
    return BulkForm(verb, _colleagues(web), reasons, **first)


def _reasons(
    web: WebContext, verb: EventVerb, choice: list[BulkChoice]
) -> tuple[DeclineReason, ...]:
    """Return the reasons to choose from: those of the form, if all are of one."""
    context = web.context
    if verb is not EventVerb.DECLINE:
        return ()
    found = context.store.read(lambda db: bulk.sort_out(context, db, choice, verb))
    fitting = [one for one, outcome in found if outcome is BulkOutcome.PENDING]
    alike = len({one.form_id for one in fitting}) == 1
    return declining.offered(context, fitting[0]) if alike else ()


def _colleagues(web: WebContext) -> list[tuple[str, str]]:
    found = web.context.store.read(assigning.colleagues)
    return [(str(member.id), member.email) for member in found]


def _page(
    web: WebContext,
    verb: EventVerb,
    choice: list[BulkChoice],
    form: BulkForm,
    error_page: ErrorPage | None = None,
) -> Response:
    """Show how many fit, which do not and why, and the mails that would go."""
    context = web.context
    reasons = list(form.perche.data) if form.perche else []
    sorted_out, letters = context.store.read(
        lambda db: _ahead(context, db, choice, verb, reasons)
    )
    fitting = [one for one, outcome in sorted_out if outcome is BulkOutcome.PENDING]
    ids = {submission.id for submission in fitting}
    mailed = sum(sample.number for sample in letters)
    return show(
        web,
        "staff/bulk.html",
        form.http_status,
        error_page=error_page,
        form=form,
        verb=verb,
        button=TRANSITIONS[verb].button if verb in TRANSITIONS else None,
        tokens=" ".join(one.token for one in choice if one.id in ids),
        number=len(fitting),
        name=ACTS[verb],
        reasons=_reasons(web, verb, choice) if form.perche else (),
        names=sentences,
        unfit=[(one, WHY[why]) for one, why in sorted_out if why in WHY],
        gone=len(choice) - len(sorted_out),
        mailed=mailed,
        unmailed=0 if verb is EventVerb.ASSIGN else len(fitting) - mailed,
        samples=letters,
        call=to_call(web, fitting, verb),
        search=Search.read(context, request.args),
        language=web.translator,
        most=MOST if len(choice) == MOST else 0,
    )


def _ahead(
    context: WorkflowContext,
    db: Connection,
    choice: list[BulkChoice],
    verb: EventVerb,
    reasons: list[str],
) -> tuple[list[tuple[Submission, BulkOutcome]], list[Sample]]:
    sorted_out = bulk.sort_out(context, db, choice, verb)
    if verb is EventVerb.ASSIGN:
        return sorted_out, []
    fitting = [one for one, outcome in sorted_out if outcome is BulkOutcome.PENDING]
    return sorted_out, samples(context, db, fitting, verb, reasons)


def _result(
    web: WebContext, act_id: str, error_page: ErrorPage | None = None
) -> Response:
    context, translator = web.context, staff_translator(web)
    found = bulk.outcome(context, act_id)
    if found is None:
        raise NotFound
    done, rows = found
    of = partial(_of, rows)
    told = done.verb not in bulk.DECISIONS
    untold = [
        row.submission
        for row in rows
        if row.outcome is BulkOutcome.UNREACHED
        or (
            row.outcome is BulkOutcome.DONE
            and not (told or (row.submission.email and row.submission.proven))
        )
    ]
    written, gone = context.store.read(
        lambda db: (messages.get(db, act_id), bulk_rows.erased(db, done))
    )
    return show(
        web,
        "staff/bulk_result.html",
        error_page=error_page,
        act=done,
        written=written,
        names=sentences,
        done=of(BulkOutcome.DONE),
        undone=of(BulkOutcome.UNDONE),
        pending=of(BulkOutcome.PENDING),
        skipped=[(row, WHY[row.outcome]) for row in rows if row.outcome in WHY],
        gone=gone,
        until=bulk.undoable_until(context, done, rows),
        untold=with_phones(untold, translator),
        call=to_call(web, [row.submission for row in of(BulkOutcome.DONE)], done.verb),
        # BulkChoice once more, what was not done comes as it is now.
        tokens=" ".join(token(row.submission) for row in of(BulkOutcome.PENDING)),
        search=Search.read(context, request.args),
    )


def _of(rows: Iterable[BulkRow], outcome: BulkOutcome) -> list[BulkRow]:
    return [row for row in rows if row.outcome is outcome]
