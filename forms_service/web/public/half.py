"""Every address of the citizens' half, in one table."""

from flask import Blueprint

from ... import addresses
from ...intake import Refusal
from ...shapes.receipt import ReceiptUnavailable
from ...store.connection import StorageUnavailable
from ...workflow.capacity import FormClosed
from ...workflow.mail_queue import TooManyCodes
from ...workflow.sending import (
    AlreadyConfirmed,
    FormChanged,
    LinkExpired,
    TooManyChanges,
)
from ...workflow.transitions import NotAllowed
from ...workflow.verification import CodeWrong
from ..page import Half, Page, Route, TooOften
from ..page.errors import (
    AddressWrong,
    DraftUnavailable,
    FileMissing,
    PageTooOld,
    TrapFilled,
)
from ..page.routes import register
from . import (
    draft,
    feedback,
    forms,
    links,
    lost,
    plain,
    sent,
    site,
    summary,
    upload,
    verification,
)

_PASSING = (StorageUnavailable, TooOften)
_FORM = (*_PASSING, FormChanged, FormClosed, PageTooOld, TrapFilled)
_SENT = (TooOften, CodeWrong, AddressWrong, TooManyChanges, ReceiptUnavailable)
_LINK = (
    TooOften,
    CodeWrong,
    TooManyCodes,
    LinkExpired,
    AlreadyConfirmed,
    ReceiptUnavailable,
)
_OWN = (*_LINK, StorageUnavailable, FormClosed, NotAllowed)
_POST = ("POST",)

ROUTES = (
    Route(addresses.FORM_PATTERN, "form", forms.form_page),
    Route(addresses.FORM_PATTERN, "filled_form", forms.filled_form, _POST),
    Route(addresses.SUMMARY_PATTERN, "back_from_summary", forms.back_to_form),
    Route(addresses.CONFIRM_PATTERN, "back_from_confirm", forms.back_to_form),
    Route(addresses.DRAFT_PATTERN, "back_from_draft", forms.back_to_form),
    Route(
        addresses.SUMMARY_PATTERN,
        "summary",
        summary.summary,
        _POST,
        summary.give_back,
        _FORM,
    ),
    Route(
        addresses.CONFIRM_PATTERN,
        "confirm",
        summary.confirm,
        _POST,
        summary.give_back,
        _FORM,
    ),
    Route(
        addresses.DRAFT_PATTERN,
        "draft",
        draft.save_draft,
        _POST,
        draft.give_back,
        (TooOften, DraftUnavailable),
    ),
    Route(addresses.UPLOAD_PATTERN, "upload", upload.upload_page),
    Route(
        addresses.UPLOAD_PATTERN,
        "bring_back",
        upload.bring_back,
        _POST,
        upload.give_back,
        (TooOften, Refusal, FileMissing, FormClosed),
    ),
    Route(addresses.SENT_PATTERN, "sent", sent.sent_page),
    Route(
        addresses.SENT_PATTERN,
        "sent_action",
        sent.sent_action,
        _POST,
        sent.give_back,
        _SENT,
    ),
    Route(
        addresses.MAIL_LINK_PATTERN,
        "link",
        links.link_page,
        on_error=links.give_back,
        errors=_LINK,
    ),
    Route(
        addresses.MAIL_LINK_PATTERN,
        "link_action",
        links.link_action,
        _POST,
        links.give_back,
        _OWN,
    ),
    Route(addresses.FEEDBACK_PATTERN, "feedback", feedback.tell, _POST),
    Route(addresses.LOST_LINK_PATTERN, "lost", lost.lost_page),
    Route(
        addresses.LOST_LINK_PATTERN,
        "send_lost",
        lost.send_lost,
        _POST,
        lost.give_back,
        (TooOften, AddressWrong),
    ),
    Route(addresses.CHECK_RECEIPT_PATTERN, "check_receipt", verification.ask),
    Route(
        addresses.CHECK_RECEIPT_PATTERN,
        "checked_receipt",
        verification.answer,
        _POST,
        verification.give_back,
        (TooOften, Refusal),
    ),
    Route(addresses.STATIC_PATTERN, "static_file", plain.static_file),
    Route(addresses.STATE, "state", plain.state),
    Route(addresses.HEALTH, "health", plain.health),
    Route(addresses.METRICS, "metrics", plain.metrics),
    Route("/", "site_home", site.site_page),
    Route("/<path:path>", "site_page", site.site_page),
)


def public_half(page: Page) -> Half:
    """Return the half that is open to everybody."""
    blueprint = Blueprint("public", __name__)
    table = register(blueprint, page, ROUTES)
    return Half(blueprint, frozenset(table), routes=table)
