"""One request as the list shows it, and what to notice about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...definition import Field
from ...definition.contact import show_phone
from ...i18n import N_, Translator
from ...shapes.answer_summary import AnswerLine, read_answer
from ...store import staff
from ...store.connection import Connection
from ...store.needs import Need
from ...store.submissions import Proof, Seat, Submission
from ...workflow import capacity, reaching, timekeeping
from ...workflow.context import WorkflowContext
from .call_words import due_about
from .due import Due, due
from .layout import title_of
from .possible_duplicates import find_duplicates, headlines
from .submission import to_check

# What no other mark of a row says.
NEEDED = {
    Need.CORRECTED: N_("Correction has come back"),
    Need.PLACE: N_("A place is free"),
    Need.RENEWAL: N_("To be called: do they stay?"),
    Need.CHANGED: N_("Changed by the person"),
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One request of the list, and what to notice about it."""

    submission: Submission
    form_title: str
    age: str
    received: date | None
    due: Due | None
    position: int | None
    duplicates: list[tuple[str, int]]
    mail_failed: bool
    to_check: list[Field]
    answers: list[AnswerLine]
    needs: list[str]
    assignee: str
    phone: str
    call: bool
    about: list[str]
    in_doubt: bool

    @property
    def unproven(self) -> bool:
        """True when nothing shows that the person is the one who asks."""
        return self.submission.proof is Proof.NONE


def queue_row(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
    needed: Sequence[Need] = (),
) -> QueueRow:
    """Return a request as the list shows it; `needed` is what it needs of staff."""
    received = submission.received_on and date.fromisoformat(submission.received_on)
    return QueueRow(
        submission=submission,
        form_title=title_of(context, submission.form_id),
        age=age_of_paper(context.today - received, translator)
        if received
        else age(context.clock() - submission.created_at, translator),
        received=received or None,
        due=due(submission, context.today, translator),
        position=capacity.position(db, submission)
        if submission.place is Seat.WAITING
        else None,
        duplicates=headlines(find_duplicates(context, db, submission), translator),
        mail_failed=reaching.undelivered(db, submission) is not None,
        to_check=to_check(context, db, submission, translator),
        answers=columns(context, db, submission, translator),
        needs=[translator.gettext(NEEDED[need]) for need in needed if need in NEEDED],
        assignee=assignee(db, submission),
        phone=show_phone(submission.phone, translator) if submission.phone else "",
        call=Need.CALL in needed,
        about=due_about(context, db, submission, translator)
        if Need.CALL in needed
        else [],
        in_doubt=timekeeping.in_doubt(context, submission),
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


def age_of_paper(span: timedelta, translator: Translator) -> str:
    """Say how long ago a day was: of paper no hour is known."""
    if span.days < 1:
        return translator.gettext("today")
    return translator.ngettext("{n} day ago", "{n} days ago", span.days)
