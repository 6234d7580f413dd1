"""What is said of an exception: its entry in the table, with the number it carries."""

from dataclasses import replace

from werkzeug.exceptions import HTTPException

from ...i18n import N_, Translator
from ...intake.refusals import Refusal
from ...pace import NoTurn
from ...workflow.capacity import Availability, FormClosed
from ...workflow.verification import CodeWrong
from ...workflow.verification_for_many import ReferenceWrong
from . import access
from .error_page import ErrorPage
from .error_pages import BY_STATUS, ERRORS, UNEXPECTED


def entry_of(error: Exception, staff: bool = False) -> ErrorPage:
    """Return the entry of an exception, by its own class or the nearest above."""
    code = (error.code if isinstance(error, HTTPException) else None) or 500
    entry = BY_STATUS.get(code, UNEXPECTED)
    for kind in type(error).__mro__:
        if kind in ERRORS:
            entry = ERRORS[kind]
            break
    return entry.staff if staff and entry.staff else entry


def describe(
    error: Exception, translator: Translator, staff: bool = False
) -> ErrorPage:
    """Return the entry of an exception in a language, with the number it carries."""
    entry = entry_of(error, staff)
    title, text, status = entry.title, translator.gettext(entry.text), entry.status
    match error:
        case FormClosed(availability=Availability.FULL):
            title = N_("All places are taken")
        case FormClosed(why=why) if why:
            text = f"{why} {text}"
        case access.TooEarly(wait=wait):
            text = f"{text} {seconds_left(translator, int(wait.total_seconds()))}"
        case NoTurn(together=together, again=again):
            text = translator.gettext(entry.text, hour=translator.format_time(again))
            if together:
                status, title = 503, N_("We cannot take more requests at this moment")
        case Refusal():
            text = translator.translate(error.message)
        case ReferenceWrong(left=0):
            text = translator.gettext("Tried too often. Have the email sent again.")
        case CodeWrong(left=0):
            title = N_("This code no longer works")
            text = translator.gettext("It was tried too often. Ask for a new code.")
        case CodeWrong(left=left):
            tries = translator.ngettext(
                "You have {n} try left.", "You have {n} tries left.", left
            )
            text = f"{text} {tries}"
    return replace(entry, status=status, title=translator.gettext(title), text=text)


def seconds_left(translator: Translator, seconds: int) -> str:
    """Say when answers can be sent."""
    return translator.ngettext(
        "You can send them in {n} second.", "You can send them in {n} seconds.", seconds
    )
