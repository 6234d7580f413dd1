"""What people read when something cannot be done: one table, fact by fact.

Every entry says what happened, what to do about it, and offers the next step; what
staff read instead stands in the same row.
"""

from collections.abc import Mapping

from flask_wtf.csrf import CSRFError

from ...i18n import N_
from ...intake.refusals import Busy, Damaged, Refusal
from ...pace import NoTurn
from ...shapes.pdf.receipt_press import ReceiptUnavailable
from ...store.connection import StorageUnavailable
from ...store.submissions import NotFound
from ...tokens import TokenInvalid
from ...workflow import assigning, renewing, sending, transitions
from ...workflow.accounts import SetupOver
from ...workflow.attaching import ScanGone
from ...workflow.capacity import FormClosed
from ...workflow.mail_queue import TooManyCodes
from ...workflow.signing_in import TooManyFailures
from ...workflow.verification import CodeWrong
from ...workflow.verification_for_many import ReferenceWrong
from . import access
from .error_page import ErrorPage, NextStep
from .staff_errors import STAFF_ERRORS

# What waiting for half a minute may mend.
PASSING = (StorageUnavailable, ReceiptUnavailable, access.DraftUnavailable, Busy)
UNEXPECTED = ErrorPage(
    500,
    N_("Something went wrong on our side"),
    N_("The fault has been recorded. Go back and try again in a few minutes."),
)
ERRORS: Mapping[type[Exception], ErrorPage] = {
    **STAFF_ERRORS,
    TokenInvalid: ErrorPage(
        404,
        N_("This link is not complete"),
        N_(
            "Copy the whole link from the email, from the first to the last "
            "character. If it still does not work, ask for a new one."
        ),
        NextStep.LOST_LINK,
    ),
    NotFound: ErrorPage(
        410,
        N_("This request is no longer here"),
        N_("We have erased it, as the privacy notice says, or it was withdrawn."),
        NextStep.FORMS,
        # An erased request leaves nothing by which it differs from a mistyped address.
        staff=ErrorPage(
            404,
            N_("Request not found"),
            N_(
                "There is no request at this address: perhaps it was erased, or the "
                "address is wrong."
            ),
        ),
    ),
    sending.LinkExpired: ErrorPage(
        410,
        N_("This link is no longer valid"),
        N_("It has expired, or you have asked for a newer one. Ask for a new link."),
        NextStep.LOST_LINK,
    ),
    sending.AlreadyConfirmed: ErrorPage(
        200,
        N_("Your address is already confirmed"),
        N_("You do not have to do anything else."),
        NextStep.LOST_LINK,
    ),
    sending.TooManyChanges: ErrorPage(
        409,
        N_("You have already changed the address three times"),
        N_("Fill in the form again with the right address."),
        NextStep.FORMS,
    ),
    TooManyCodes: ErrorPage(
        429,
        N_("We have already mailed you five codes"),
        N_("Use the last one, or wait an hour and ask for another."),
    ),
    CodeWrong: ErrorPage(
        422,
        N_("This code is not right"),
        N_("Check the code in the last email, or ask for a new one."),
    ),
    ReferenceWrong: ErrorPage(
        422,
        N_("This reference number is not right"),
        N_("Compare it with the page that you saw after sending."),
    ),
    FormClosed: ErrorPage(
        409,
        N_("This form is not open now"),
        N_("We could not take your request. Nothing has been stored."),
        NextStep.FORMS,
    ),
    sending.FormChanged: ErrorPage(
        409,
        N_("This form has changed while you were filling it in"),
        N_("Read your answers once more, then send them."),
    ),
    access.PageTooOld: ErrorPage(
        409,
        N_("This page was open for too long"),
        N_("Your answers are all here. Read them once more, then send them."),
    ),
    access.TrapFilled: ErrorPage(
        422,
        N_("Please send once more"),
        N_(
            "Something was written in a box that must stay empty and that people do "
            "not see. A program of your browser may have done it. Your answers are "
            "all here: read them and send them."
        ),
    ),
    StorageUnavailable: ErrorPage(
        503,
        N_("We cannot store your request right now"),
        N_("Nothing has been lost. Wait a minute, then try again."),
        staff=ErrorPage(
            503,
            N_("The service cannot store anything right now"),
            N_(
                "Nothing was done. Perhaps its disk is full, or its database does not "
                "answer: “forms-service doctor” says which. Then try again."
            ),
        ),
    ),
    ReceiptUnavailable: ErrorPage(
        503,
        N_("The receipt cannot be made right now"),
        N_("Your request is safe. Try again in a minute."),
    ),
    access.DraftUnavailable: ErrorPage(
        503,
        N_("The PDF cannot be made right now"),
        N_("Your answers are all here: finish and send the form online."),
    ),
    access.FileMissing: ErrorPage(
        422,
        N_("No file was chosen"),
        N_("Choose the PDF form that you have filled in, then open it."),
    ),
    # The refusal itself says what to do.
    Refusal: ErrorPage(422, N_("We cannot use this file"), Damaged.sentence),
    Busy: ErrorPage(503, N_("Many people are here now"), Busy.sentence),
    transitions.StillWaiting: ErrorPage(
        409,
        N_("This request is on the waiting list"),
        N_("Give it a place first, then accept it."),
    ),
    transitions.Settled: ErrorPage(
        409,
        N_("This decision can no longer be taken back"),
        N_("Its time is over, or something has happened since. “Open again” remains."),
    ),
    assigning.AssignedMeanwhile: ErrorPage(
        409,
        N_("Somebody else has this request now"),
        N_("Nothing was changed. Below stands who sees to it."),
    ),
    assigning.NoSuchColleague: ErrorPage(
        409,
        N_("This person is no longer on the staff"),
        N_("Nothing was changed. Choose somebody else."),
    ),
    transitions.NotAllowed: ErrorPage(
        409,
        N_("This cannot be done now"),
        N_("The request has moved on. Load the page again to see where it stands."),
    ),
    renewing.RuleChanged: ErrorPage(
        409,
        N_("The rule has changed in the meantime"),
        N_("Nothing was done. Read it once more, then answer."),
    ),
    transitions.RevisionConflict: ErrorPage(
        409,
        N_("Somebody has changed this request in the meantime"),
        N_(
            "Nothing was done. Read what has changed, then decide again: what you "
            "typed is still here."
        ),
    ),
    transitions.NotFirst: ErrorPage(
        409,
        N_("Somebody else waits longer"),
        N_("Places are given in the order of the waiting list."),
    ),
    transitions.NoEvent: ErrorPage(
        409,
        N_("The event of this form does not take place"),
        N_("While it is cancelled or postponed nobody gets a place."),
    ),
    ScanGone: ErrorPage(
        404,
        N_("Scan not found"),
        N_("It was deleted, or it waited for more than an hour: choose it once more."),
    ),
    SetupOver: ErrorPage(
        410,
        N_("This link is no longer valid"),
        N_(
            "It works once, for 30 minutes. Ask the person who looks after the "
            "service for a new one."
        ),
    ),
    TooManyFailures: ErrorPage(
        429,
        N_("Too many attempts"),
        N_("Wait a minute, then try again."),
    ),
    access.TooOften: ErrorPage(
        429,
        N_("Too many attempts"),
        N_("Wait a few minutes, then try again."),
    ),
    access.TooEarly: ErrorPage(
        409,
        N_("Wait a moment"),
        N_("Your answers are all here."),
    ),
    NoTurn: ErrorPage(
        409,
        N_("Many people are sending at this moment"),
        N_("Your answers are all here. Press the button again at {hour}."),
    ),
    access.CrossSite: ErrorPage(
        403,
        N_("This page was sent by another site"),
        N_("Open the form on this site and fill it in here."),
        NextStep.FORMS,
    ),
    CSRFError: ErrorPage(
        400,
        N_("This page was open for too long"),
        N_("Go back, load the page again and repeat the last step."),
    ),
}
BY_STATUS = {
    404: ErrorPage(
        404,
        N_("This page does not exist"),
        N_("Check the address, or start from the first page."),
        NextStep.HOME,
    ),
    405: ErrorPage(
        405,
        N_("This page cannot be opened like this"),
        N_("Start again from the first page."),
        NextStep.HOME,
    ),
    413: ErrorPage(
        413,
        N_("You have sent too much text"),
        N_("Go back, shorten your answers and try again."),
        staff=ErrorPage(
            413,
            N_("Too much was sent at once"),
            N_(
                "Choose files of at most 10 MB each and 25 MB together, then try again."
            ),
        ),
    ),
    400: ErrorPage(
        400,
        N_("We could not read what was sent"),
        N_("Go back and try again."),
    ),
}
