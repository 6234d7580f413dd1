"""The meetings of a course: its places, the sheet to sign, and who was there."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from wtforms import DateField, StringField, ValidationError

from ...i18n import N_, Translator
from ...shapes.pdf.attendance import MOST, attendance_job
from ...store import meetings as meeting_rows
from ...store.meetings import Meeting
from ...store.submissions import Submission
from ...workflow import exporting, meetings
from ...workflow.context import WorkflowContext
from ...workflow.meetings import AttendanceChanged, Course
from ..core import ErrorPage, WebContext
from ..core.fixed_forms import AtMost, FixedForm, as_text, read_revision
from ..core.responses import download
from . import session
from .layout import show, staff_translator, title_of
from .search import ABSENT, PRESENT

# How the names of a sheet are ordered.
LAST_WORD = "cognome"
TITLE_LENGTH = 80


class MeetingForm(FixedForm):
    """A meeting of a course: its day, and what it is about."""

    giorno = DateField(N_("Day"))
    titolo = StringField(
        N_("Title"), [AtMost(TITLE_LENGTH)], filters=[as_text], default=""
    )

    def validate_giorno(self, control: Any) -> None:
        """Refuse what is no day."""
        if control.data is None:
            control.errors.clear()
            raise ValidationError(N_("Write the day of the meeting."))


def meetings_page(web: WebContext, form_id: str) -> Response:
    """List the meetings of a course."""
    return _page(web, form_id, MeetingForm(formdata=None))


def add_meeting(web: WebContext, form_id: str) -> ResponseReturnValue:
    """Add a meeting to a course."""
    form = MeetingForm()
    _course(web, form_id)
    if not form.validate_on_submit():
        return _page(web, form_id, form)
    day, title = form.giorno.data, form.titolo.data
    meetings.add(web.context, form_id, day, title, session.actor())
    flash(N_("Meeting added."))
    return redirect(url_for("staff.meetings", form_id=form_id), 303)


def add_again(web: WebContext, error: Exception, form_id: str) -> Response:
    """Show the list with what was typed, and why it is not kept yet."""
    return _page(web, form_id, MeetingForm(), session.describe_error(web, error))


def remove_meeting(web: WebContext, form_id: str, meeting: int) -> ResponseReturnValue:
    """Take out a meeting for which no attendance is kept."""
    _course(web, form_id)
    meetings.remove(web.context, form_id, meeting, session.actor())
    flash(N_("The meeting is taken out."))
    return redirect(url_for("staff.meetings", form_id=form_id), 303)


def removal_refused(
    web: WebContext, error: Exception, form_id: str, meeting: int
) -> Response:
    """Show the list as it is now, and why the meeting stays."""
    said = _describe(web, error)
    return _page(web, form_id, MeetingForm(formdata=None), said)


def _page(
    web: WebContext,
    form_id: str,
    form: MeetingForm,
    error_page: ErrorPage | None = None,
) -> Response:
    course = _course(web, form_id)
    return show(
        web,
        "staff/meetings.html",
        form.http_status,
        error_page=error_page,
        form=form,
        form_id=form_id,
        title=title_of(web.context, form_id),
        course=course,
    )


def sheet_page(web: WebContext, form_id: str) -> Response:
    """Show the attendance sheet: names, and what is known of each meeting."""
    return _sheet(web, form_id)


def sheet_again(web: WebContext, error: Exception, form_id: str) -> Response:
    """Show the sheet to be printed from the page, where no PDF can be made."""
    _ = staff_translator(web).gettext
    title = _("The PDF cannot be made right now")
    said = ErrorPage(503, title, _("Try again in a minute, or print this page."))
    return _sheet(web, form_id, said)


def _sheet(
    web: WebContext, form_id: str, error_page: ErrorPage | None = None
) -> Response:
    course = _course(web, form_id)
    first = _first(course)
    return show(
        web,
        "staff/attendance_sheet.html",
        error_page=error_page,
        form_id=form_id,
        title=title_of(web.context, form_id),
        course=course,
        shown=course.meetings[first : first + MOST],
        parts=range(0, len(course.meetings), MOST),
        first=first,
        most=MOST,
        last_word=_by_last_word(),
        order=LAST_WORD,
        name_of=lambda submission: _name(submission, staff_translator(web)),
    )


def sheet_pdf(web: WebContext, form_id: str) -> Response:
    """Hand out the sheet as a PDF to be signed; the log says so."""
    course, translator = _course(web, form_id), staff_translator(web)
    first = _first(course)
    job = attendance_job(
        title_of(web.context, form_id),
        [_name(submission, translator) for submission in course.participants],
        [
            (translator.format_date(meeting.day), meeting.title)
            for meeting in course.meetings[first : first + MOST]
        ],
        web.project(web.main_language),
        translator,
    )
    pdf = web.receipts.draw(job)
    count = len(course.participants)
    exporting.log_sheet(web.context, form_id, count, session.actor())
    name = f"{translator.gettext('Attendance sheet')} {form_id}.pdf"
    return download(pdf, "application/pdf", name)


def attendance_page(web: WebContext, form_id: str, meeting: int) -> ResponseReturnValue:
    """Show who takes part, to be ticked who was there; or keep what was ticked."""
    if request.method != "POST":
        return _attendance(web, form_id, meeting)
    read = meeting, read_revision(request.form.get("revision", ""))
    present = request.form.getlist("presente")
    meetings.record(web.context, form_id, read, present, session.actor())
    flash(N_("Attendance saved."))
    here = url_for("staff.attendance", form_id=form_id, meeting=meeting)
    return redirect(here, 303)


def attendance_again(
    web: WebContext, error: Exception, form_id: str, meeting: int
) -> Response:
    """Show the page with the ticks as they were set, beside what is stored."""
    if request.method != "POST":
        raise error
    said = _describe(web, error)
    return _attendance(web, form_id, meeting, request.form.getlist("presente"), said)


def take_back_attendance(
    web: WebContext, form_id: str, meeting: int
) -> ResponseReturnValue:
    """Bring back the attendance before the last change."""
    read = meeting, read_revision(request.form.get("revision", ""))
    meetings.take_back(web.context, form_id, read, session.actor())
    flash(N_("The last change of attendance is taken back."))
    here = url_for("staff.attendance", form_id=form_id, meeting=meeting)
    return redirect(here, 303)


def take_back_refused(
    web: WebContext, error: Exception, form_id: str, meeting: int
) -> Response:
    """Show the attendance as it is now, and why nothing was taken back."""
    said = _describe(web, error)
    return _attendance(web, form_id, meeting, None, said)


def _attendance(
    web: WebContext,
    form_id: str,
    number: int,
    ticked: list[str] | None = None,
    error_page: ErrorPage | None = None,
) -> Response:
    course = _course(web, form_id)
    meeting = next((each for each in course.meetings if each.id == number), None)
    if meeting is None:
        raise NotFound
    stored = course.attendance.get(number, {})
    return show(
        web,
        "staff/attendance.html",
        error_page=error_page,
        form_id=form_id,
        title=title_of(web.context, form_id),
        course=course,
        meeting=meeting,
        stored=stored,
        ticked=[id_ for id_ in stored if stored[id_]] if ticked is None else ticked,
        differs=None if ticked is None else _differing(course, meeting, ticked),
        undoable=web.context.store.read(
            lambda db: meeting_rows.can_be_taken_back(db, number)
        ),
        name_of=lambda submission: _name(submission, staff_translator(web)),
    )


def _describe(web: WebContext, error: Exception) -> ErrorPage:
    if not isinstance(error, AttendanceChanged):
        return session.describe_error(web, error)
    _ = staff_translator(web).gettext
    return ErrorPage(
        409,
        _("A colleague has changed this meeting in the meantime"),
        _("Nothing was saved. Compare with what is stored now, then save again."),
    )


def _differing(course: Course, meeting: Meeting, ticked: list[str]) -> set[str]:
    """Return those for whom something else is stored than what was ticked."""
    stored = course.attendance.get(meeting.id, {})
    return {id_ for id_, there in stored.items() if there != (id_ in ticked)}


def course_of_list(context: WorkflowContext, form_id: str) -> dict[str, Any]:
    """Return what the list of a form shows of its course, and can be filtered by."""
    return {
        "places": context.store.read(lambda db: meetings.places(context, db, form_id)),
        "meetings": context.store.read(lambda db: meeting_rows.of_form(db, form_id)),
        "attendance": {PRESENT: N_("Were there"), ABSENT: N_("Were not there")},
    }


def _course(web: WebContext, form_id: str) -> Course:
    course = meetings.course(web.context, form_id, _by_last_word())
    if course is None:
        raise NotFound
    return course


def _by_last_word() -> bool:
    return request.args.get("ordine") == LAST_WORD


def _first(course: Course) -> int:
    """Return the place of the first meeting that the sheet shows, as asked."""
    asked = read_revision(request.args.get("da", ""))
    return asked // MOST * MOST if asked < len(course.meetings) else 0


def _name(submission: Submission, translator: Translator) -> Any:
    """Return a name, and for how many people it stands if for several."""
    name = submission.name or submission.reference
    if submission.seats == 1:
        return name
    people = translator.ngettext("{n} person", "{n} people", submission.seats)
    return f"{name} ({people})"
