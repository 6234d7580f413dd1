"""What people read when something cannot be done: one table, fact by fact.

Every entry says what happened, what to do about it, and offers the next step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from werkzeug.exceptions import HTTPException

from ...intake import Busy, Damaged, Refusal
from ...shapes.receipt import ReceiptUnavailable
from ...store.connection import StorageUnavailable
from ...store.submissions import NotFound
from ...tokens import TokenInvalid
from ...words import N_, Words
from ...workflow.capacity import Availability, FormClosed
from ...workflow.deciding import Changed
from ...workflow.mail_queue import TooManyCodes
from ...workflow.sending import (
    AlreadyConfirmed,
    FormChanged,
    LinkExpired,
    TooManyChanges,
)
from ...workflow.transitions import NotAllowed, StillWaiting
from ...workflow.verification import CodeWrong
from .gate import CrossSite
from .rate_limits import TooOften


class PageTooOld(Exception):
    """The key of a summary page is none of ours, or of keys that have been changed."""


class TrapFilled(Exception):
    """A box that no person sees was filled in."""


class AddressWrong(Exception):
    """What was typed as a new address is none."""


class DraftUnavailable(Exception):
    """There is no built PDF of this version that could hold what was typed."""


class FileMissing(Exception):
    """No file was chosen, or an empty one."""


class Step(StrEnum):
    """Where a page about trouble leads on."""

    HOME = "home"
    FORMS = "forms"
    LOST_LINK = "lost_link"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Status, title and text of a page about trouble, and its next step."""

    status: int
    title: str
    text: str
    step: Step = Step.HOME


# What waiting for half a minute may mend.
PASSING = (StorageUnavailable, ReceiptUnavailable, DraftUnavailable, Busy)
UNEXPECTED = Trouble(
    500,
    N_("Something went wrong on our side"),
    N_("The fault has been recorded. Go back and try again in a few minutes."),
    Step.BACK,
)
ERRORS: Mapping[type[Exception], Trouble] = {
    TokenInvalid: Trouble(
        404,
        N_("This link is not complete"),
        N_(
            "Copy the whole link from the email, from the first to the last "
            "character. If it still does not work, ask for a new one."
        ),
        Step.LOST_LINK,
    ),
    NotFound: Trouble(
        410,
        N_("This request is no longer here"),
        N_("We have erased it, as the privacy notice says, or it was withdrawn."),
        Step.FORMS,
    ),
    LinkExpired: Trouble(
        410,
        N_("This link is no longer valid"),
        N_("It has expired, or you have asked for a newer one. Ask for a new link."),
        Step.LOST_LINK,
    ),
    AlreadyConfirmed: Trouble(
        200,
        N_("Your address is already confirmed"),
        N_("You do not have to do anything else."),
        Step.LOST_LINK,
    ),
    TooManyChanges: Trouble(
        409,
        N_("You have already changed the address three times"),
        N_("Fill in the form again with the right address."),
        Step.FORMS,
    ),
    TooManyCodes: Trouble(
        429,
        N_("We have already mailed you five codes"),
        N_("Use the last one, or wait an hour and ask for another."),
        Step.BACK,
    ),
    CodeWrong: Trouble(
        422,
        N_("This code is not right"),
        N_("Check the code in the last email, or ask for a new one."),
        Step.BACK,
    ),
    FormClosed: Trouble(
        409,
        N_("This form is not open now"),
        N_("We could not take your request. Nothing has been stored."),
        Step.FORMS,
    ),
    FormChanged: Trouble(
        409,
        N_("This form has changed while you were filling it in"),
        N_("Read your answers once more, then send them."),
        Step.BACK,
    ),
    PageTooOld: Trouble(
        409,
        N_("This page was open for too long"),
        N_("Your answers are all here. Read them once more, then send them."),
        Step.BACK,
    ),
    TrapFilled: Trouble(
        422,
        N_("Please send once more"),
        N_(
            "Something was written in a box that must stay empty and that people do "
            "not see. A program of your browser may have done it. Your answers are "
            "all here: read them and send them."
        ),
        Step.BACK,
    ),
    AddressWrong: Trouble(
        422,
        N_("Check the email address"),
        N_("It must look like name@example.org."),
        Step.BACK,
    ),
    StorageUnavailable: Trouble(
        503,
        N_("We cannot store your request right now"),
        N_("Nothing has been lost. Wait a minute, then try again."),
        Step.BACK,
    ),
    ReceiptUnavailable: Trouble(
        503,
        N_("The receipt cannot be made right now"),
        N_("Your request is safe. Try again in a minute."),
        Step.BACK,
    ),
    DraftUnavailable: Trouble(
        503,
        N_("The PDF cannot be made right now"),
        N_("Your answers are all here: finish and send the form online."),
        Step.BACK,
    ),
    FileMissing: Trouble(
        422,
        N_("No file was chosen"),
        N_("Choose the PDF form that you have filled in, then open it."),
        Step.BACK,
    ),
    # The refusal itself says what to do.
    Refusal: Trouble(422, N_("We cannot use this file"), Damaged.sentence, Step.BACK),
    Busy: Trouble(503, N_("Many people are here now"), Busy.sentence, Step.BACK),
    StillWaiting: Trouble(
        409,
        N_("This request is on the waiting list"),
        N_("Give it a place first, then accept it."),
        Step.BACK,
    ),
    NotAllowed: Trouble(
        409,
        N_("This cannot be done now"),
        N_("The request has moved on. Load the page again to see where it stands."),
        Step.BACK,
    ),
    Changed: Trouble(
        409,
        N_("Somebody has changed this request in the meantime"),
        N_("Load the page again and read what has changed."),
        Step.BACK,
    ),
    TooOften: Trouble(
        429,
        N_("Too many attempts"),
        N_("Wait a few minutes, then try again."),
        Step.BACK,
    ),
    CrossSite: Trouble(
        403,
        N_("This page was sent by another site"),
        N_("Open the form on this site and fill it in here."),
        Step.FORMS,
    ),
}
_BY_STATUS = {
    404: Trouble(
        404,
        N_("This page does not exist"),
        N_("Check the address, or start from the first page."),
    ),
    405: Trouble(
        405,
        N_("This page cannot be opened like this"),
        N_("Start again from the first page."),
    ),
    413: Trouble(
        413,
        N_("You have sent too much text"),
        N_("Go back, shorten your answers and try again."),
        Step.BACK,
    ),
    400: Trouble(
        400,
        N_("We could not read what was sent"),
        N_("Go back and try again."),
        Step.BACK,
    ),
}


def trouble_of(error: Exception) -> Trouble:
    """Return the entry of an exception, by its own class or the nearest above."""
    for kind in type(error).__mro__:
        if kind in ERRORS:
            return ERRORS[kind]
    if isinstance(error, HTTPException):
        return _BY_STATUS.get(error.code or 500, UNEXPECTED)
    return UNEXPECTED


def told(error: Exception, words: Words) -> Trouble:
    """Return the entry of an exception in a language, with the number it carries."""
    trouble = trouble_of(error)
    text = words.say(trouble.text)
    if isinstance(error, FormClosed) and error.availability is Availability.FULL:
        trouble = replace(trouble, title=N_("All places are taken"))
    if isinstance(error, Refusal):
        text = words.tell(error.message)
    if isinstance(error, CodeWrong) and not error.left:
        trouble = replace(trouble, title=N_("This code no longer works"))
        text = words.say("It was tried too often. Ask for a new code.")
    elif isinstance(error, CodeWrong):
        left = error.left
        tries = words.count("You have {n} try left.", "You have {n} tries left.", left)
        text = f"{text} {tries}"
    return replace(trouble, title=words.say(trouble.title), text=text)
