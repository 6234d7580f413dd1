"""The same act on many requests: chosen in a list, looked at first, then done.

The choice travels in the page, never in an address: ids, the revision that was read and
who saw to each. What became of it has an address of its own.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...definition.contact import show_phone
from ...i18n import N_, Message
from ...mail.compose import Preview
from ...shapes import sentences
from ...store import queue as queue_rows
from ...store.bulk import BulkOutcome, BulkRow
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.submissions import Submission
from ...workflow import assigning, bulk, deciding
from ...workflow.bulk import MOST, BulkChoice, chosen, token
from ...workflow.context import WorkflowContext
from ...workflow.transitions import TRANSITIONS
from ..core import ErrorPage, WebContext
from ..core.fixed_forms import read_revision
from . import session
from .choosing import ACTS
from .fixed_forms import BulkForm
from .layout import show, staff_translator, title_of
from .letters import mail_preview
from .queue import show_queue
from .search import Search

# Why nothing was done with a request.
WHY = {
    BulkOutcome.CHANGED: N_("It has changed in the meantime"),
    BulkOutcome.UNFIT: N_("Its state does not allow it"),
    BulkOutcome.WAITING: N_("It is on the waiting list and has no place yet"),
    BulkOutcome.TAKEN: N_("Somebody else sees to it now"),
    BulkOutcome.KEPT: N_("It could no longer be taken back"),
}
_ACT_ID = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the mails that an act sends, and how many are alike."""

    letter: Preview
    title: str
    lang: str
    number: int


def choose(web: WebContext) -> ResponseReturnValue:
    """Show what an act would do with the chosen requests."""
    verb, choice = _verb(request.form.get("fare", "")), _choice(web)
    if not choice:
        search = Search.read(web.context, request.args)
        return show_queue(
            web, search, wrong={"scelte": Message(N_("Choose at least one request."))}
        )
    return _page(web, verb, choice, _new(web, verb))


def choose_again(web: WebContext, error: Exception) -> Response:
    """Show the same once more, and why it was not shown at once."""
    said, verb = session.describe_error(web, error), _verb(request.form.get("fare", ""))
    form = _new(web, verb)
    return _page(web, verb, _choice(web), form, said)


def act(web: WebContext, verb: str) -> ResponseReturnValue:
    """Do it with each, and lead to what became of them."""
    known, choice = _verb(verb), _choice(web)
    form = BulkForm(known, _colleagues(web))
    act_id = form.atto.data
    if not form.validate_on_submit() or not choice or not _ACT_ID.fullmatch(act_id):
        return _page(web, known, choice, form)
    member = session.member().id
    if known is EventVerb.ASSIGN:
        bulk.assign(web.context, act_id, choice, int(form.chi.data), member)
    else:
        reason = form.motivo.data or ""
        bulk.decide(web.context, act_id, choice, known, member, reason)
    query = Search.read(web.context, request.args).query()
    return redirect(url_for("staff.bulk_result", act_id=act_id, **query), 303)


def act_again(web: WebContext, error: Exception, verb: str) -> Response:
    """Show the page once more with all that was chosen and typed."""
    known = _verb(verb)
    form = BulkForm(known, _colleagues(web))
    said = session.describe_error(web, error)
    return _page(web, known, _choice(web), form, said)


def result(web: WebContext, act_id: str) -> ResponseReturnValue:
    """Show what became of each request of an act."""
    return _result(web, act_id)


def undo(web: WebContext, act_id: str) -> ResponseReturnValue:
    """Take back what can still be taken back of an act."""
    bulk.undo(web.context, act_id, session.member().id)
    query = Search.read(web.context, request.args).query()
    return redirect(url_for("staff.bulk_result", act_id=act_id, **query), 303)


def undo_again(web: WebContext, error: Exception, act_id: str) -> Response:
    """Show how things stand, and why nothing was taken back."""
    return _result(web, act_id, session.describe_error(web, error))


def _verb(name: str) -> EventVerb:
    for verb in ACTS:
        if verb == name:
            return verb
    raise NotFound


def _new(web: WebContext, verb: EventVerb) -> BulkForm:
    return BulkForm(verb, _colleagues(web), formdata=None, atto=secrets.token_hex(8))


def _colleagues(web: WebContext) -> list[tuple[str, str]]:
    found = web.context.store.read(assigning.colleagues)
    return [(str(member.id), member.email) for member in found]


def _choice(web: WebContext) -> list[BulkChoice]:
    """Return what was chosen, each once: boxes, or all that the filter finds."""
    if request.form.get("tutte"):
        wanted = Search.read(web.context, request.args).filter(web.context)
        find = partial(queue_rows.queue, wanted=wanted, most=MOST)
        return [chosen(submission) for submission in web.context.store.read(find)]
    tokens = " ".join(request.form.getlist("scelta")).split()
    found = [_read(token) for token in dict.fromkeys(tokens)]
    return list({one.id: one for one in found}.values())[:MOST]


def _read(token: str) -> BulkChoice:
    submission_id, _, rest = token.partition(":")
    revision, _, assignee = rest.partition(":")
    return BulkChoice(
        submission_id, read_revision(revision), read_revision(assignee) or None
    )


def _page(
    web: WebContext,
    verb: EventVerb,
    choice: list[BulkChoice],
    form: BulkForm,
    error_page: ErrorPage | None = None,
) -> Response:
    """Show how many fit, which do not and why, and the mails that would go."""
    context = web.context
    sorted_out, samples = context.store.read(
        lambda db: _ahead(context, db, choice, verb)
    )
    fitting = [one for one, outcome in sorted_out if outcome is BulkOutcome.PENDING]
    ids = {submission.id for submission in fitting}
    mailed = sum(sample.number for sample in samples)
    return show(
        web,
        "staff/bulk.html",
        error_page.status if error_page else form.http_status,
        error_page=error_page,
        form=form,
        verb=verb,
        button=TRANSITIONS[verb].button if verb in TRANSITIONS else None,
        tokens=" ".join(one.token for one in choice if one.id in ids),
        number=len(fitting),
        name=ACTS[verb],
        names=sentences,
        unfit=[(one, WHY[why]) for one, why in sorted_out if why in WHY],
        gone=len(choice) - len(sorted_out),
        mailed=mailed,
        unmailed=0 if verb is EventVerb.ASSIGN else len(fitting) - mailed,
        samples=samples,
        search=Search.read(context, request.args),
        language=web.translator,
        most=MOST if len(choice) == MOST else 0,
    )


def _ahead(
    context: WorkflowContext, db: Connection, choice: list[BulkChoice], verb: EventVerb
) -> tuple[list[tuple[Submission, BulkOutcome]], list[Sample]]:
    sorted_out = bulk.sort_out(context, db, choice, verb)
    if verb is EventVerb.ASSIGN:
        return sorted_out, []
    fitting = [one for one, outcome in sorted_out if outcome is BulkOutcome.PENDING]
    return sorted_out, _samples(context, db, fitting, verb)


def _samples(
    context: WorkflowContext,
    db: Connection,
    fitting: Iterable[Submission],
    verb: EventVerb,
) -> list[Sample]:
    """Return one mail of each form and language, as the first of them will get it."""
    alike: dict[tuple[str, str], list[Submission]] = {}
    for submission in fitting:
        if submission.email and submission.proven:
            alike.setdefault((submission.form_id, submission.lang), []).append(
                submission
            )
    found = []
    for (form_id, lang), those in alike.items():
        first, now = those[0], context.clock()
        changes = deciding.outcome(context, db, first, verb, now)
        mail = TRANSITIONS[verb].mail
        if letter := mail_preview(context, db, replace(first, **changes), mail):
            title = title_of(context, form_id)
            found.append(Sample(letter.own, title, lang, len(those)))
    return found


def _result(
    web: WebContext, act_id: str, error_page: ErrorPage | None = None
) -> Response:
    context, translator = web.context, staff_translator(web)
    found = bulk.outcome(context, act_id)
    if found is None:
        raise NotFound
    done, rows = found
    of = partial(_of, rows)
    untold = [
        (row.submission, show_phone(row.submission.phone or "", translator))
        for row in of(BulkOutcome.DONE)
        if done.verb in bulk.DECISIONS
        and not (row.submission.email and row.submission.proven)
    ]
    return show(
        web,
        "staff/bulk_result.html",
        error_page.status if error_page else 200,
        error_page=error_page,
        act=done,
        names=sentences,
        done=of(BulkOutcome.DONE),
        undone=of(BulkOutcome.UNDONE),
        pending=of(BulkOutcome.PENDING),
        skipped=[(row, WHY[row.outcome]) for row in rows if row.outcome in WHY],
        gone=done.number - len(rows),
        until=bulk.undoable_until(context, done, rows),
        untold=untold,
        # BulkChoice once more, what was not done comes as it is now.
        tokens=" ".join(token(row.submission) for row in of(BulkOutcome.PENDING)),
        search=Search.read(context, request.args),
    )


def _of(rows: Iterable[BulkRow], outcome: BulkOutcome) -> list[BulkRow]:
    return [row for row in rows if row.outcome is outcome]
