"""The queue: which requests wait, and which of them need a second look."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...i18n import N_, Message, Translator
from ...shapes import sentences
from ...store import counts as count_rows
from ...store import queue as queue_rows
from ...store.connection import Connection
from ...store.needs import Need
from ...store.submissions import Status
from ...workflow import assigning, finding, maintenance, needed
from ...workflow.context import WorkflowContext
from ..core import ErrorPage, WebContext
from . import session
from .choosing import ACTS_OF, choosing
from .fixed_forms import SearchForm
from .layout import show, staff_translator, title_of
from .meetings import course_of_list
from .no_hits import why_empty
from .onward import just_done
from .queue_row import QueueRow, queue_row
from .search import (
    BY_DUE,
    NEWEST,
    OLDEST,
    OPEN,
    UNASSIGNED,
    Search,
    answers_of,
    filterable,
)
from .tabs import STATUS_TABS, tabs

PAGE = 50
ORDERS = {
    OLDEST: (N_("The oldest come first."), N_("Show the oldest first")),
    NEWEST: (N_("The newest come first."), N_("Show the newest first")),
    BY_DUE: (N_("What is due first comes first."), N_("Show what is due first")),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the queue, and from which numbers it goes on in both directions."""

    items: list[QueueRow]
    newer: int
    older: int


def find(web: WebContext) -> ResponseReturnValue:
    """Look for what was typed into the box: one request, or a list of them."""
    form = SearchForm()
    if not form.validate_on_submit():
        return show_queue(web, Search(), form)
    text = " ".join(form.testo.data.split())
    if not text:
        return redirect(url_for("staff.queue"), 303)
    if found := finding.by_reference(web.context, text):
        return redirect(url_for("staff.submission", submission_id=found), 303)
    number = finding.remember(web.context, session.secret(), text)
    # Without its session the next page is the one to sign in.
    return redirect(url_for("staff.queue", cerca=number or None), 303)


def find_again(web: WebContext, error: Exception) -> Response:
    """Show the box with its words, and why nothing was looked for."""
    return show_queue(web, Search(), SearchForm(), session.describe_error(web, error))


def queue_page(web: WebContext) -> ResponseReturnValue:
    """Show the requests that an address asks for."""
    return show_queue(web, Search.read(web.context, request.args))


def show_queue(
    web: WebContext,
    search: Search,
    form: SearchForm | None = None,
    error_page: ErrorPage | None = None,
    wrong: Mapping[str, Message] = MappingProxyType({}),
) -> Response:
    """Show the list; with a `form` that cannot be looked for, why not.

    `wrong` says why nothing could be chosen in it.
    """
    context, translator = web.context, staff_translator(web)
    form = form or SearchForm(formdata=None, testo=search.text)
    if search.text:
        maintenance.update_search(context)
    counts = context.store.read(count_rows.of_status)
    form_ids = sorted({form_id for form_id, _ in counts} | set(context.content.forms))
    about = context.form_today(search.form_id)
    found = Listing([], 0, 0)
    refused = bool(error_page or form.wrong)
    wanting = context.store.read(partial(needed.find, context))
    if not refused:
        found = context.store.read(
            lambda db: listing(context, db, search, translator, wanting)
        )

    def count(most: int) -> int:
        wanted = search.filter(context)
        return context.store.read(lambda db: queue_rows.count(db, wanted, most))

    whole = count if found.newer or found.older else None
    return show(
        web,
        "staff/queue.html",
        422 if wrong else form.http_status,
        form=form,
        wrong=form.wrong or wrong,
        error_page=error_page,
        **just_done(web),
        refused=refused,
        typed=form.testo.data,
        typed_wrong="testo" in form.wrong,
        why_empty=why_empty(search, context, bool(counts), translator),
        search=search,
        listing=found,
        **choosing(len(found.items), whole, ACTS_OF.get(search.status or search.tab)),
        elsewhere=[] if found.items else elsewhere(context, search),
        tabs=tabs(context, search, counts, wanting),
        colleagues=context.store.read(assigning.colleagues),
        unassigned=UNASSIGNED,
        **course_of_list(context, search.form_id),
        languages=[
            (lang, web.translator(lang).own_name) for lang in context.content.projects
        ],
        forms=[(form_id, title_of(context, form_id)) for form_id in form_ids],
        fields=filterable(about) if about else [],
        answers=answers_of(about) if about else [],
        orders=_orders(context, search),
        names=sentences,
    )


def listing(
    context: WorkflowContext,
    db: Connection,
    search: Search,
    translator: Translator,
    wanting: Mapping[int, list[Need]],
) -> Listing:
    """Return one page of the queue in its order; `wanting` is what its rows need."""
    wanted = search.filter(context, search.before, search.after)
    rows = queue_rows.queue(db, wanted, PAGE + 1)
    # Asked alone, one more of a rare word would be looked for among all rows.
    if more := len(rows) > PAGE:
        rows.pop(-1 if wanted.onward else 0)
    newer = older = 0
    if rows:
        ends = [rows[0].number, rows[-1].number]
        newest, oldest = ends[::-1] if search.oldest_first else ends
        paged = bool(wanted.before or wanted.after)
        if wanted.upward:
            newer = newest if more else 0
            behind = paged and neighbour(context, db, search, before=oldest)
            older = oldest if behind else 0
        else:
            older = oldest if more else 0
            behind = paged and neighbour(context, db, search, after=newest)
            newer = newest if behind else 0
    return Listing(
        [
            queue_row(context, db, row, translator, wanting.get(row.number, []))
            for row in rows
        ],
        newer,
        older,
    )


def elsewhere(
    context: WorkflowContext, search: Search
) -> list[tuple[Status, str, int]]:
    """Return the other states in which a search finds something, and how much.

    Nothing without words or an answer: then the numbers of the tabs say it.
    """
    if not search.status or not (search.text or search.answers or search.narrowed):
        return []

    wanted = search.filter(context)
    found = context.store.read(lambda db: queue_rows.by_status(db, wanted))
    return [
        (status, name, found[status])
        for status, name in STATUS_TABS.items()
        if status in found and status != search.status
    ]


def neighbour(
    context: WorkflowContext,
    db: Connection,
    search: Search,
    before: int = 0,
    after: int = 0,
) -> int:
    """Return the number of the next request in one direction, 0 when there is none."""
    found = queue_rows.queue(db, search.filter(context, before, after), 1)
    return found[0].number if found else 0


def _orders(
    context: WorkflowContext, search: Search
) -> tuple[str, list[tuple[str, str]]]:
    """Return how the list stands, and how it could: the order, and the words of a link.

    By the day that presses stands only what is open, where a form promises one.
    """
    now = BY_DUE if search.by_due else OLDEST if search.oldest_first else NEWEST
    forms = map(
        context.form_today,
        [search.form_id] if search.form_id else context.content.forms,
    )
    due = search.status in OPEN and any(form and form.answer_within for form in forms)
    others = [
        (order, link)
        for order, (_, link) in ORDERS.items()
        if order != now and (due or order != BY_DUE)
    ]
    return ORDERS[now][0], others
