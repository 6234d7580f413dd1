"""One request: the answers as the person saw them, its history, its mails, notes."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...definition import Channel, Field, FormDefinition, clean, raw_of, type_of
from ...definition.contact import show_phone
from ...i18n import N_, Message, Translator
from ...shapes import sentences
from ...shapes.answer_summary import read_back
from ...store import attachments, events, notes, outbox, staff
from ...store.attachments import Attachment
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.notes import Note
from ...store.staff import StaffMember
from ...store.submissions import Source, Status, Submission
from ...workflow import (
    assigning,
    attaching,
    calling,
    capacity,
    deciding,
    declining,
    messaging,
    reaching,
    settling,
    timekeeping,
)
from ...workflow.capacity import takes_place
from ...workflow.context import WorkflowContext
from ...workflow.deciding import fields_to_correct
from ...workflow.transitions import TRANSITIONS, Transition, allowed
from ..core import ErrorPage, WebContext
from ..core.fixed_forms import read_revision
from . import session
from .call_words import CallState, call_state
from .contacting import Membership, membership_of
from .due import Due, due
from .fixed_forms import NoteForm
from .history import (
    READS,
    Correction,
    HistoryLine,
    MailLine,
    corrections,
    failure_in_words,
    history_lines,
    mail_lines,
)
from .layout import show, staff_translator, title_of
from .onward import just_decided, place
from .possible_duplicates import PossibleDuplicate, find_duplicates, headlines
from .search import Search
from .unread import unread


@dataclass(frozen=True, slots=True)
class SubmissionDetails:
    """What hangs on a request: read in one snapshot."""

    form: FormDefinition
    position: int | None
    history: list[HistoryLine]
    reads: list[HistoryLine]
    mails: list[MailLine]
    failure: str
    notes: list[Note]
    duplicates: list[PossibleDuplicate]
    call: CallState
    corrections: list[Correction]
    asked_for: list[Field]
    to_check: list[Field]
    attachments: list[Attachment]
    due: Due | None
    settles_at: datetime | None
    member: Membership | None
    colleagues: list[StaffMember]
    assignee: str
    previous: str
    next: str
    rank: int
    total: int


def submission_page(
    web: WebContext,
    submission_id: str,
    wrong: Message | None = None,
    note: NoteForm | None = None,
    error_page: ErrorPage | None = None,
    shown: int | None = None,
) -> Response:
    """Show a request; that it was opened is logged.

    `wrong` says why a file could not be added to it, `note` what of a note is,
    `error_page` why something was not done; `shown` is the revision that was read.
    """
    note = note or NoteForm(formdata=None)
    context, translator = web.context, staff_translator(web)
    submission = deciding.read_by_staff(context, submission_id, session.actor())
    search = Search.read(context, request.args)
    details = context.store.read(
        lambda db: _details(context, db, submission, search, translator)
    )
    barred = {EventVerb.PROMOTE} if details.position and details.position > 1 else set()
    if details.settles_at:
        barred |= {EventVerb.REOPEN}
    return show(
        web,
        "staff/submission.html",
        422 if wrong else note.http_status,
        submission=submission,
        before=just_decided(web),
        error_page=error_page,
        news=unread(web, submission, shown),
        wrong={"file": wrong} if wrong else note.wrong,
        note=note,
        most_scans=attaching.MOST,
        erased_early=[f.label for f in details.form.fields if f.erase_after],
        attached_picture=partial(attached_picture, submission_id),
        details=details,
        in_doubt=timekeeping.in_doubt(context, submission),
        asks_for_call=calling.asks_for_call(context, submission),
        invented=messaging.invented(submission),
        duplicate_headlines=headlines(details.duplicates, translator),
        sections=read_back(
            details.form, submission.answers, translator, channel_of(submission)
        ),
        title=title_of(context, submission.form_id),
        names=sentences,
        language=web.translator(submission.lang).own_name,
        phone=show_phone(submission.phone, translator) if submission.phone else "",
        received=date.fromisoformat(submission.received_on)
        if submission.received_on
        else None,
        verbs=set(allowed(submission)),
        actions=[row for row in offered(context, submission) if row.verb not in barred],
        search=search,
    )


def attached_picture(submission_id: str, scan: Attachment, number: int) -> str:
    """Return the address of a page of a scan."""
    return url_for(
        "staff.attached_picture",
        submission_id=submission_id,
        scan_id=scan.id,
        number=number,
    )


def _details(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    search: Search,
    translator: Translator,
) -> SubmissionDetails:
    members = {member.id: member.email for member in staff.everyone(db)}
    happened = events.of_submission(db, submission.id)
    labels = declining.labels(context, submission)
    lines = history_lines(happened, members, translator, labels)
    verbs = [event.verb for event in reversed(happened)]
    together = list(zip(verbs, lines, strict=True))
    return SubmissionDetails(
        form=context.form_of(db, submission, translator.lang),
        position=capacity.position(db, submission),
        history=[line for verb, line in together if verb not in READS],
        reads=[line for verb, line in together if verb in READS],
        mails=mail_lines(
            outbox.of_submission(db, submission.id), context.clock(), translator
        ),
        failure=failure_in_words(reaching.undelivered(db, submission), translator),
        notes=notes.of_submission(db, submission.id),
        duplicates=find_duplicates(context, db, submission),
        call=call_state(context, db, submission, translator),
        corrections=corrections(context, db, submission, translator),
        asked_for=asked_for(context, db, submission),
        to_check=to_check(context, db, submission, translator),
        attachments=attachments.of_submission(db, submission.id),
        due=due(submission, context.today, translator),
        settles_at=settling.settles_at(context, db, submission),
        colleagues=assigning.colleagues(db, submission.form_id),
        assignee=members.get(submission.assignee or 0, ""),
        member=membership_of(context, db, submission, translator),
        **place(context, db, search, submission),
    )


def note_again(web: WebContext, error: Exception, submission_id: str) -> Response:
    """Show the request with the note as it was typed, and why it is not kept yet."""
    said = session.describe_error(web, error)
    return submission_page(web, submission_id, note=NoteForm(), error_page=said)


def write_note(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Keep a note beside a request; an empty one is no note."""
    form = NoteForm()
    if not form.validate_on_submit():
        return submission_page(web, submission_id, note=form)
    deciding.add_note(web.context, submission_id, session.member().id, form.text.data)
    flash(N_("Note saved."))
    query = Search.read(web.context, request.args).query()
    here = url_for("staff.submission", submission_id=submission_id, **query)
    return redirect(here, 303)


def undo(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Take the last decision back, while it has not settled."""
    revision = read_revision(request.form.get("revision", ""))
    settling.undo(web.context, submission_id, session.actor(), revision)
    flash(N_("The decision is taken back: no email about it leaves."))
    query = Search.read(web.context, request.args).query()
    here = url_for("staff.submission", submission_id=submission_id, **query)
    return redirect(here, 303)


def shown_again(web: WebContext, error: Exception, submission_id: str) -> Response:
    """Show the request as it is now, and why nothing was done."""
    said = session.describe_error(web, error)
    shown = read_revision(request.form.get("revision", ""))
    return submission_page(web, submission_id, error_page=said, shown=shown)


def channel_of(submission: Submission) -> Channel:
    """Return where the person met the form: staff also fill in what paper asks."""
    online = submission.source in (Source.WEB, Source.PDF)
    return Channel.WEB if online else Channel.DESK


def to_check(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> list[Field]:
    """Return doubtful answers from a document, such as days of expiry that are over."""
    form = context.form_of(db, submission, translator.lang)
    fields = [f for f in form.fields if f.expires or type_of(f).on_document]
    if not any(field.id in submission.answers for field in fields):
        return []
    # What was kept in spite of a doubt is doubted again: nobody says so this time.
    doubted = clean(
        form, raw_of(form, submission.answers), channel_of(submission), context.today
    ).warnings
    return [field for field in fields if field.id in doubted]


def offered(context: WorkflowContext, submission: Submission) -> list[Transition]:
    """Return the decisions that fit a request and lead somewhere."""
    verbs = set(allowed(submission))
    if not correctable(context, submission):
        verbs.discard(EventVerb.ASK_CORRECTION)
    if not takes_place(context, submission.form_id):
        verbs.discard(EventVerb.PROMOTE)
    return [row for row in TRANSITIONS.values() if row.button and row.verb in verbs]


def correctable(context: WorkflowContext, submission: Submission) -> list[Field]:
    """Return what the person could correct online; nothing where no way leads there.

    A delicate form has no correction online, and without a proven address nobody
    would hear of it.
    """
    form = context.form_today(submission.form_id)
    if form is None or form.delicate or not submission.proven:
        return []
    return [field for field in form.at(Channel.WEB) if not type_of(field).has_text]


def asked_for(
    context: WorkflowContext, db: Connection, submission: Submission
) -> list[Field]:
    """Return the fields that the person has been asked to correct, while it waits."""
    if submission.status is not Status.CORRECTION_ASKED:
        return []
    fields = fields_to_correct(db, submission)
    return [field for field in correctable(context, submission) if field.id in fields]
