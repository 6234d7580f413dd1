"""One request: the answers as the person saw them, its history, its mails, notes."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...definition import Field, FormDefinition
from ...definition.contact import show_phone
from ...shapes import labels
from ...shapes.answer_summary import read_back
from ...shapes.difference import Change, changes
from ...store import attachments, events, outbox, staff, submissions
from ...store import queue as queue_rows
from ...store.attachments import Attachment
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.staff import Note
from ...store.submissions import Submission
from ...words import N_, Message, Words
from ...workflow import attaching, capacity, deciding
from ...workflow.work import Work
from ..page import Page
from . import session
from .actions import asked_for, offered
from .fixed_forms import NoteForm
from .flags import asks_for_call, place_of, to_check
from .history import READS, Line, MailLine, post, told
from .layout import show, tell, words_of
from .possible_duplicates import Likeness, alike, headlines
from .queue import title_of
from .search import Search


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction: its moment and the answers it changed."""

    at: datetime
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Around:
    """What hangs on a request: read in one snapshot."""

    form: FormDefinition
    position: int | None
    history: list[Line]
    reads: list[Line]
    mails: list[MailLine]
    notes: list[Note]
    alike: list[Likeness]
    corrections: list[Correction]
    asked_for: list[Field]
    to_check: list[Field]
    attachments: list[Attachment]
    newer: str
    older: str


def submission_page(
    page: Page,
    submission_id: str,
    wrong: Message | None = None,
    note: NoteForm | None = None,
) -> Response:
    """Show a request; that it was opened is logged.

    `wrong` says why a file could not be added to it, `note` what of a note is.
    """
    note = note or NoteForm(formdata=None)
    work, words = page.work, words_of(page)
    one = deciding.read_by_staff(work, submission_id, session.actor())
    search = Search.read(work, request.args)
    around = work.store.read(lambda db: _around(work, db, one, search, words))
    barred = {EventVerb.PROMOTE} if around.position and around.position > 1 else set()
    return show(
        page,
        "staff/submission.html",
        422 if wrong else note.http_status,
        one=one,
        wrong={"file": wrong} if wrong else note.wrong,
        note=note,
        most_scans=attaching.MOST,
        erased_early=[f.label for f in around.form.fields if f.erase_after],
        attached_picture=partial(_picture, submission_id),
        around=around,
        call=asks_for_call(work, one),
        alike_in_short=headlines(around.alike, words),
        sections=read_back(around.form, one.answers, words, place_of(one)),
        title=title_of(work, one.form_id),
        names=labels,
        language=page.words(one.lang).own_name,
        phone=show_phone(one.phone, words) if one.phone else "",
        received=date.fromisoformat(one.received_on) if one.received_on else None,
        actions=[row for row in offered(work, one) if row.verb not in barred],
        search=search,
    )


def _picture(submission_id: str, scan: Attachment, number: int) -> str:
    return url_for(
        "staff.attached_picture",
        submission_id=submission_id,
        scan_id=scan.id,
        number=number,
    )


def _around(
    work: Work, db: Connection, one: Submission, search: Search, words: Words
) -> Around:
    members = {member.id: member.email for member in staff.everyone(db)}
    happened = events.of_submission(db, one.id)
    lines = told(happened, members, words)
    verbs = [event.verb for event in reversed(happened)]
    together = list(zip(verbs, lines, strict=True))
    return Around(
        form=work.form_of(db, one, words.lang),
        position=capacity.position(db, one),
        history=[line for verb, line in together if verb not in READS],
        reads=[line for verb, line in together if verb in READS],
        mails=post(outbox.of_submission(db, one.id), work.clock(), words),
        notes=staff.notes(db, one.id),
        alike=alike(work, db, one),
        corrections=corrections(work, db, one, words),
        asked_for=asked_for(work, db, one),
        to_check=to_check(work, db, one, words),
        attachments=attachments.of_submission(db, one.id),
        newer=_neighbour(work, db, search, after=one.number),
        older=_neighbour(work, db, search, before=one.number),
    )


def _neighbour(
    work: Work, db: Connection, search: Search, before: int = 0, after: int = 0
) -> str:
    """Return the id of the next request of the list in one direction."""
    wanted = search.filter(work, before, after)
    found = queue_rows.queue(db, wanted, 1)
    return found[0].id if found else ""


def corrections(
    work: Work, db: Connection, one: Submission, words: Words
) -> list[Correction]:
    """Return what each correction has changed, newest first."""
    newer = (work.form_of(db, one, words.lang), one.answers)
    found = []
    for old in reversed(submissions.revisions(db, one.id)):
        then = replace(
            one, fingerprint=old.fingerprint, lang=old.lang, text_hash=old.text_hash
        )
        older = (work.form_of(db, then, words.lang), old.answers)
        found.append(Correction(old.replaced_at, changes(older, newer, words)))
        newer = older
    return found


def write_note(page: Page, submission_id: str) -> ResponseReturnValue:
    """Keep a note beside a request; an empty one is no note."""
    form = NoteForm()
    if not form.validate_on_submit():
        return submission_page(page, submission_id, note=form)
    deciding.add_note(page.work, submission_id, session.member().id, form.text.data)
    tell(N_("Note saved."))
    query = Search.read(page.work, request.args).query()
    here = url_for("staff.submission", submission_id=submission_id, **query)
    return redirect(here, 303)
