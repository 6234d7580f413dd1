"""Every address of the public area, in one table."""

from flask import Blueprint

from ... import urls
from ...intake.refusals import Refusal
from ...pace import NoTurn
from ...shapes.pdf.receipt_press import ReceiptUnavailable
from ...store.connection import StorageUnavailable
from ...workflow.capacity import FormClosed
from ...workflow.mail_queue import TooManyCodes
from ...workflow.renewing import RuleChanged
from ...workflow.sending import (
    AlreadyConfirmed,
    FormChanged,
    LinkExpired,
    TooManyChanges,
)
from ...workflow.transitions import NotAllowed, RevisionConflict
from ...workflow.verification import CodeWrong
from ...workflow.verification_for_many import ReferenceWrong
from ..core import Area, Route, TooOften, WebContext
from ..core.access import (
    ANSWERS,
    DraftUnavailable,
    FileMissing,
    OnError,
    PageTooOld,
    TooEarly,
    TrapFilled,
    View,
    post,
    register,
)
from . import (
    after_sending,
    correction,
    feedback,
    form_pages,
    mail_links,
    personal_actions,
    personal_page,
    plain_pages,
    receipts,
    site,
    static_and_health,
    staying,
    summary,
    upload,
)
from .mail_links import (
    OwnersView,
    PersonalView,
    ShownAgain,
    personal,
    personal_again,
    with_code,
)

Errors = tuple[type[Exception], ...]
_PASSING = (StorageUnavailable, TooOften)
_FORM = (
    *_PASSING,
    FormChanged,
    FormClosed,
    NoTurn,
    PageTooOld,
    TooEarly,
    TrapFilled,
)
_SENT = (*_PASSING, CodeWrong, TooManyChanges, ReceiptUnavailable)
_LINK = (TooOften, LinkExpired, AlreadyConfirmed, NotAllowed)
_PERSONAL = (
    *_PASSING,
    CodeWrong,
    TooManyCodes,
    LinkExpired,
    NotAllowed,
    FormClosed,
    ReceiptUnavailable,
    RuleChanged,
)


def _with_way_back(back: View, *routes: Route) -> tuple[Route, ...]:
    """Return routes, and for each that only takes posts one that leads to its page."""
    readable = {route.pattern for route in routes if "GET" in route.methods}
    posted = [route for route in routes if route.pattern not in readable]
    return (
        *routes,
        *(Route(item.pattern, f"back_from_{item.endpoint}", back) for item in posted),
    )


def _form(
    pattern: str, endpoint: str, view: View, again: OnError, errors: Errors
) -> Route:
    """Return an address that takes answers to a form, which no error may lose."""
    return post(pattern, endpoint, view, again, errors, ANSWERS)


def _sent(action: str, view: View, *words: str) -> Route:
    """Return a button of the page after sending."""
    pattern = urls.SENT_ACTIONS[action]
    return post(pattern, action, view, after_sending.on_error, _SENT, words)


def _proof(action: str, view: View) -> Route:
    """Return a button behind the link that proves a mailbox."""
    pattern = urls.LINK_ACTIONS[action]
    errors = (*_LINK, ReferenceWrong)
    return post(pattern, action, view, mail_links.on_link_error, errors)


def _personal(action: str, view: PersonalView, again: ShownAgain) -> Route:
    """Return a button behind a personal link; after an error its page comes again."""
    pattern, on_error = urls.LINK_ACTIONS[action], personal_again(again)
    return post(pattern, action, personal(view), on_error, _PERSONAL)


def _owner(action: str, view: OwnersView) -> Route:
    """Return a button behind a personal link that asks for the mailed code."""
    return _personal(action, with_code(view), personal_page.code_page)


def _correction(action: str, view: PersonalView) -> Route:
    """Return a button of the correction, which shows again what was typed."""
    pattern, errors = urls.LINK_ACTIONS[action], (*_PERSONAL, RevisionConflict)
    again = mail_links.correction_again
    return post(pattern, action, personal(view), again, errors, ANSWERS)


FORM_ROUTES = _with_way_back(
    form_pages.back_to_form,
    Route(urls.FORM_PATTERN, "form", form_pages.form_page),
    post(urls.FORM_PATTERN, "filled_form", form_pages.filled_form, words=ANSWERS),
    _form(urls.SUMMARY_PATTERN, "summary", summary.summary, summary.on_error, _FORM),
    _form(urls.CONFIRM_PATTERN, "confirm", summary.confirm, summary.on_error, _FORM),
    _form(
        urls.DRAFT_PATTERN,
        "draft",
        form_pages.save_draft,
        form_pages.on_draft_error,
        (TooOften, DraftUnavailable),
    ),
    Route(urls.UPLOAD_PATTERN, "upload", upload.upload_page),
    post(
        urls.UPLOAD_PATTERN,
        "bring_back",
        upload.bring_back,
        upload.on_error,
        (TooOften, Refusal, FileMissing, FormClosed),
    ),
)
SENT_ROUTES = _with_way_back(
    after_sending.back_to_sent,
    Route(urls.SENT_PATTERN, "sent", after_sending.sent_page),
    # Buttons of a page that was opened before they had addresses of their own.
    post(urls.SENT_PATTERN, "sent_before", after_sending.back_to_sent),
    _sent("send_again", after_sending.resend),
    _sent("change_address", after_sending.change_address, "email"),
    _sent("confirm_code", after_sending.confirm_code),
    _sent("sent_receipt", after_sending.take_receipt),
)
LINK_ROUTES = _with_way_back(
    mail_links.back_to_link,
    Route(
        urls.MAIL_LINK_PATTERN,
        "link",
        mail_links.link_page,
        on_error=mail_links.on_link_error,
        errors=_LINK,
    ),
    post(urls.MAIL_LINK_PATTERN, "link_before", mail_links.back_to_link),
    _proof("confirm_address", mail_links.confirm),
    _proof("renew_link", mail_links.renew),
    Route(
        urls.LINK_ACTIONS["code"],
        "code_page",
        personal(personal_page.code_page),
        on_error=mail_links.on_link_error,
        errors=_LINK,
    ),
    _personal("code", personal_page.mail_code, personal_page.code_not_mailed),
    Route(
        urls.LINK_ACTIONS["stay"],
        "stay_page",
        personal(staying.stay_page),
        on_error=mail_links.on_link_error,
        errors=_LINK,
    ),
    _personal("stay", staying.stay, staying.stay_page),
    _owner("answers", personal_actions.see),
    _owner("receipt", personal_actions.take_receipt),
    _owner("data", personal_actions.take_data),
    _owner("withdraw", personal_actions.ask_withdrawal),
    _owner("withdraw_now", personal_actions.withdraw),
    _owner("erase", personal_actions.ask_erasure),
    _owner("erase_now", personal_actions.erase),
    _owner("correct", correction.begin),
    _correction("correct_form", correction.again),
    _correction("correct_summary", correction.summary),
    _correction("correct_code", correction.mail_code),
    _correction("correct_now", correction.replace_answers),
)
ROUTES = (
    *FORM_ROUTES,
    *SENT_ROUTES,
    *LINK_ROUTES,
    post(
        urls.FEEDBACK_PATTERN,
        "feedback",
        feedback.take_stars,
        feedback.on_error,
        _PASSING,
        ("text",),
    ),
    Route(urls.LOST_LINK_PATTERN, "lost", plain_pages.lost_page),
    post(
        urls.LOST_LINK_PATTERN,
        "send_lost",
        plain_pages.send_lost,
        plain_pages.on_lost_error,
        _PASSING,
        ("email",),
    ),
    Route(urls.CHECK_RECEIPT_PATTERN, "check_receipt", receipts.ask),
    post(
        urls.CHECK_RECEIPT_PATTERN,
        "checked_receipt",
        receipts.answer,
        receipts.on_error,
        (TooOften, Refusal),
    ),
    Route(urls.CALENDAR_PATTERN, "calendar", static_and_health.calendar),
    Route(urls.STATIC_PATTERN, "static_file", static_and_health.static_file),
    Route(urls.STATE, "state", static_and_health.state),
    Route(urls.HEALTH, "health", static_and_health.health),
    Route(urls.METRICS, "metrics", static_and_health.metrics),
    Route(urls.SECURITY, "security", static_and_health.security),
    Route("/", "site_home", site.site_page),
    Route("/<path:path>", "site_page", site.site_page),
)


def public_area(web: WebContext) -> Area:
    """Return the area that is open to everybody."""
    blueprint = Blueprint("public", __name__)
    table = register(blueprint, web, ROUTES)
    return Area(blueprint, frozenset(table), routes=table)
