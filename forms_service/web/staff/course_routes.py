"""The addresses of a course: meetings, the sheet to sign, who was there."""

from collections.abc import Sequence

from flask_wtf.csrf import CSRFError

from ... import urls
from ...shapes.pdf.receipt_press import ReceiptUnavailable
from ...workflow.meetings import AttendanceChanged
from ...workflow.rights import Right
from ..core import Route
from ..core.access import post
from . import meetings
from .guard import words_kept

COURSE = urls.staff("incontri/<form_id>")
MEETING = f"{COURSE}/<int:meeting>"
CHANGED = (AttendanceChanged, CSRFError)


def course_routes() -> Sequence[Route]:
    """Return where the meetings of a course are kept, and who was at them."""
    return (
        Route(COURSE, "meetings", meetings.meetings_page, right=Right.READ),
        post(
            f"{COURSE}/nuovo",
            "add_meeting",
            meetings.add_meeting,
            words_kept(meetings.add_again),
            (CSRFError,),
            ("giorno", "titolo"),
            right=Right.DECIDE,
        ),
        Route(f"{COURSE}/foglio", "sheet", meetings.sheet_page, right=Right.READ),
        Route(
            f"{COURSE}/foglio.pdf",
            "sheet_pdf",
            meetings.sheet_pdf,
            on_error=meetings.sheet_again,
            errors=(ReceiptUnavailable,),
            right=Right.EXPORT,
        ),
        Route(
            MEETING,
            "attendance",
            meetings.attendance_page,
            ("GET", "POST"),
            meetings.attendance_again,
            CHANGED,
            right=Right.DECIDE,
        ),
        post(
            f"{MEETING}/togli",
            "remove_meeting",
            meetings.remove_meeting,
            meetings.removal_refused,
            CHANGED,
            right=Right.DECIDE,
        ),
        post(
            f"{MEETING}/annulla",
            "take_back_attendance",
            meetings.take_back_attendance,
            meetings.take_back_refused,
            CHANGED,
            right=Right.DECIDE,
        ),
    )
