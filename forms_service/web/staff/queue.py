"""The queue: which requests wait, and which of them need a second look."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...definition import Field
from ...i18n import N_, Translator
from ...shapes import sentences
from ...shapes.answer_summary import AnswerLine, read_answer
from ...store import counts as count_rows
from ...store import outbox, staff
from ...store import queue as queue_rows
from ...store.connection import Connection
from ...store.submissions import Proof, Seat, Status, Submission
from ...workflow import assigning, capacity, finding, maintenance
from ...workflow.context import WorkflowContext
from ..core import ErrorPage, WebContext
from . import session
from .due import Due, due
from .fixed_forms import SearchForm
from .layout import show, staff_translator, title_of
from .onward import just_decided
from .possible_duplicates import find_duplicates, headlines
from .search import (
    EVERYTHING,
    NEWEST,
    OLDEST,
    UNASSIGNED,
    Search,
    answers_of,
    filterable,
)
from .submission import to_check

PAGE = 50
# The order in which they are worked on; addresses nobody has proven stand apart.
TABS = {
    Status.NEW: sentences.STATUS[Status.NEW],
    Status.CORRECTION_ASKED: sentences.STATUS[Status.CORRECTION_ASKED],
    Status.ACCEPTED: N_("Accepted requests"),
    Status.DECLINED: N_("Declined requests"),
    Status.WITHDRAWN: N_("Withdrawn requests"),
    Status.UNVERIFIED: sentences.STATUS[Status.UNVERIFIED],
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One request of the list, and what to notice about it."""

    submission: Submission
    form_title: str
    age: str
    due: Due | None
    position: int | None
    duplicates: list[tuple[str, int]]
    mail_failed: bool
    to_check: list[Field]
    answers: list[AnswerLine]
    assignee: str

    @property
    def unproven(self) -> bool:
        """True when nothing shows that the person is the one who asks."""
        return self.submission.proof is Proof.NONE


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
) -> Response:
    """Show the list; with a `form` that cannot be looked for, why not."""
    context, translator = web.context, staff_translator(web)
    form = form or SearchForm(formdata=None, testo=search.text)
    if search.text:
        maintenance.update_search(context)
    counts = context.store.read(count_rows.of_status)
    form_ids = sorted({form_id for form_id, _ in counts} | set(context.content.forms))
    about = context.form_today(search.form_id)
    found = Listing([], 0, 0)
    refused = bool(error_page or form.wrong)
    if not refused:
        found = context.store.read(lambda db: listing(context, db, search, translator))
    return show(
        web,
        "staff/queue.html",
        error_page.status if error_page else form.http_status,
        form=form,
        error_page=error_page,
        before=just_decided(web),
        refused=refused,
        typed=form.testo.data,
        typed_wrong="testo" in form.wrong,
        misread=not found.items and finding.is_misread(search.text),
        search=search,
        listing=found,
        elsewhere=[] if found.items else elsewhere(context, search),
        tabs=[
            (status, name, _sum(counts, search.form_id, status))
            for status, name in TABS.items()
        ],
        everything=EVERYTHING,
        total=sum(_sum(counts, search.form_id, status) for status in Status),
        colleagues=context.store.read(assigning.colleagues),
        unassigned=UNASSIGNED,
        languages=[
            (lang, web.translator(lang).own_name) for lang in context.content.projects
        ],
        forms=[(form_id, title_of(context, form_id)) for form_id in form_ids],
        fields=filterable(about) if about else [],
        answers=answers_of(about) if about else [],
        other_order=NEWEST if search.oldest_first else OLDEST,
        names=sentences,
    )


def listing(
    context: WorkflowContext, db: Connection, search: Search, translator: Translator
) -> Listing:
    """Return one page of the queue in its order."""
    wanted = search.filter(context, search.before, search.after)
    rows = queue_rows.queue(db, wanted, PAGE + 1)
    newer = older = 0
    # Asked alone, one more of a rare word would be looked for among all rows.
    if more := len(rows) > PAGE:
        rows.remove((max if wanted.upward else min)(rows, key=lambda row: row.number))
    if rows:
        newest, oldest = sorted((rows[0].number, rows[-1].number), reverse=True)
        paged = bool(wanted.before or wanted.after)
        if wanted.upward:
            newer = newest if more else 0
            behind = paged and neighbour(context, db, search, before=oldest)
            older = oldest if behind else 0
        else:
            older = oldest if more else 0
            behind = paged and neighbour(context, db, search, after=newest)
            newer = newest if behind else 0
    return Listing([item(context, db, row, translator) for row in rows], newer, older)


def elsewhere(
    context: WorkflowContext, search: Search
) -> list[tuple[Status, str, int]]:
    """Return the other states in which a search finds something, and how much.

    Nothing without words or an answer: then the numbers of the tabs say it.
    """
    if not search.status or not (search.text or search.answer or search.narrowed):
        return []

    wanted = search.filter(context)
    found = context.store.read(lambda db: queue_rows.by_status(db, wanted))
    return [
        (status, name, found[status])
        for status, name in TABS.items()
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


def item(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> QueueRow:
    """Return a request as the list shows it."""
    mails = outbox.of_submission(db, submission.id)
    return QueueRow(
        submission=submission,
        form_title=title_of(context, submission.form_id),
        age=age(context.clock() - submission.created_at, translator),
        due=due(submission, context.today, translator),
        position=capacity.position(db, submission)
        if submission.place is Seat.WAITING
        else None,
        duplicates=headlines(find_duplicates(context, db, submission), translator),
        mail_failed=any(mail.failed_at for mail in mails),
        to_check=to_check(context, db, submission, translator),
        answers=columns(context, db, submission, translator),
        assignee=assignee(db, submission),
    )


def assignee(db: Connection, submission: Submission) -> str:
    """Return the address of who sees to a request; nothing for nobody."""
    found = submission.assignee and staff.get(db, submission.assignee)
    return found.email if found else ""


def columns(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> list[AnswerLine]:
    """Return the answers that the form of today shows in the list.

    As they were asked: in the version that was answered, if they were.
    """
    today = context.form_today(submission.form_id)
    if today is None or not today.desk.columns:
        return []
    form = context.form_of(db, submission, translator.lang)
    asked = {field.id: field for field in form.fields}
    return [
        read_answer(asked[field_id], submission.answers, translator)
        for field_id in today.desk.columns
        if field_id in asked and field_id in submission.answers
    ]


def age(span: timedelta, translator: Translator) -> str:
    """Say how long ago something was, as roughly as people ask."""
    hours = int(span.total_seconds() // 3600)
    if hours < 1:
        return translator.gettext("less than an hour ago")
    if hours < 24:
        return translator.ngettext("{n} hour ago", "{n} hours ago", hours)
    return translator.ngettext("{n} day ago", "{n} days ago", hours // 24)


def _sum(counts: dict[tuple[str, Status], int], form_id: str, status: Status) -> int:
    return sum(
        number
        for (of_form, in_status), number in counts.items()
        if in_status is status and form_id in ("", of_form)
    )
