"""The page after sending: what happens now, and what can still be put right.

Its address carries a token and is good while the mailbox is not proven; nothing of
the answers is on it.
"""

from collections.abc import Callable

from flask import Response, abort, make_response, redirect, request
from limits import RateLimitItemPerMinute

from ... import addresses
from ...definition.contact import EmailRefused, clean_email
from ...shapes.markup import Complaint
from ...shapes.receipt import receipt_job, run_child
from ...store.submissions import NotFound, Submission
from ...tokens import TokenInvalid
from ...workflow import feedback, sending, verification
from ...workflow.sending import Sent
from ...workflow.verification import CodeWrong
from ..page import ErrorPage, Page, describe
from ..page.downloads import download
from ..page.errors import AddressWrong
from ..page.rate_limits import hit
from .form_pages import find

MAILING = RateLimitItemPerMinute(20, 10, "mail")
TRYING = RateLimitItemPerMinute(40, 10, "code")


def sent_page(page: Page, lang: str, form_id: str, token: str) -> Response:
    """Answer with the page after sending; opening it changes nothing."""
    return _page(page, lang, form_id, token)


def _page(
    page: Page,
    lang: str,
    form_id: str,
    token: str,
    error: Exception | None = None,
    done: str = "",
) -> Response:
    form = find(page, lang, form_id)
    sent = _open(page, form_id, token)
    words = page.words(lang)
    trouble = describe(error, words) if error else None
    waits = sent.mail_leaves and sent.mail_leaves > page.work.clock()
    address = masked(sent.submission.email or "")
    over = sent.submission.link_tries >= verification.CODE_TRIES
    return page.render(
        "public/sent.html",
        words,
        trouble.status if trouble else 200,
        alternatives={
            other: addresses.sent(form_id, other, token)
            for other in page.work.content.forms[form_id]
        },
        form=form,
        here=addresses.sent(form_id, lang, token),
        one=sent.submission,
        address=address,
        # Isolated: an address inside a sentence that is written from right to left.
        first=f"\u2068{address[:1]}\u2069",
        last=f"\u2068@{address.rpartition('@')[2]}\u2069",
        until=sent.submission.purge_after.astimezone(words.zone).date(),
        over=over,
        complaints=_complaints(error, trouble, over),
        leaves=sent.mail_leaves if waits else None,
        position=sent.position,
        changes_left=sending.ADDRESS_CHANGES - sent.submission.address_changes,
        mail_folder=_mail_folder(page),
        trouble=trouble,
        wrong=type(error).__name__,
        typed=request.form.get("email", ""),
        done=done,
        mark=feedback.new_mark(page.work, form_id),
    )


def _complaints(
    error: Exception | None, trouble: ErrorPage | None, over: bool
) -> list[Complaint]:
    """Return what is wrong with a box of the page, and where it is put right."""
    if trouble and isinstance(error, CodeWrong):
        return [Complaint("again" if over else "code", trouble.text)]
    if trouble and isinstance(error, AddressWrong):
        return [Complaint("email", trouble.text)]
    return []


def _open(page: Page, form_id: str, token: str) -> Sent:
    sent = sending.open_sent(page.work, token)
    if sent.submission.form_id != form_id:
        raise TokenInvalid("sent")
    return sent


def _mail_folder(page: Page) -> str:
    """Return where mails are written while no mail server is named; else nothing."""
    files = not page.config.smtp_url and not page.config.production
    return str(page.config.mail_dir) if files else ""


def masked(email: str) -> str:
    """Return an address that its owner recognises and nobody else can use."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}" if domain else ""


def sent_action(page: Page, lang: str, form_id: str, token: str) -> Response:
    """Do what one of the buttons of the page says."""
    action = _ACTIONS.get(request.form.get("do", ""))
    if action is None:
        abort(400)
    find(page, lang, form_id)
    one = _open(page, form_id, token).submission
    return action(page, lang, token, one)


def _resend(page: Page, lang: str, token: str, one: Submission) -> Response:
    hit(page, MAILING)
    sending.resend(page.work, one.id)
    return _page(page, lang, one.form_id, token, done="resent")


def _change_address(page: Page, lang: str, token: str, one: Submission) -> Response:
    hit(page, MAILING)
    email = read_address(request.form.get("email", ""))
    if email.casefold() == (one.email or "").casefold():
        # The page shows only a part of it: writing it again is how to check it.
        sending.resend(page.work, one.id)
        return _page(page, lang, one.form_id, token, done="same")
    sending.change_address(page.work, one.id, email)
    return _page(page, lang, one.form_id, token, done="changed")


def _code(page: Page, lang: str, token: str, one: Submission) -> Response:
    hit(page, TRYING)
    verification.confirm_by_code(page.work, one.id, request.form.get("code", ""))
    here = addresses.sent(one.form_id, lang, token)
    response = make_response(redirect(here, 303))
    response.headers["Cache-Control"] = "no-store"
    return response


def _receipt(page: Page, lang: str, token: str, one: Submission) -> Response:
    """Answer with the receipt of somebody who left no mailbox.

    The page lives for an hour, so the receipt does; a delicate form gives none.
    """
    if one.email or page.work.content.form(one.form_id).delicate:
        raise NotFound(one.id)
    return receipt(page, one)


_ACTIONS: dict[str, Callable[[Page, str, str, Submission], Response]] = {
    "resend": _resend,
    "change": _change_address,
    "code": _code,
    "receipt": _receipt,
}


def receipt(page: Page, one: Submission) -> Response:
    """Return a receipt as a download; raise `ReceiptUnavailable`."""
    work = page.work
    main = work.content.main_language
    form, original = work.store.read(
        lambda db: (work.form_of(db, one), work.form_of(db, one, main))
    )
    submission = {
        "reference": one.reference,
        "answers": one.answers,
        "created_at": one.created_at,
        "verified_at": one.verified_at,
        "purge_after": one.purge_after,
    }
    words = page.words(form.lang)
    job = receipt_job(
        form,
        page.project(form.lang),
        words,
        submission,
        work.tokens,
        page.config.base_url,
        prevailing=original,
    )
    name = words.say("receipt") + f"-{one.reference}.pdf"
    return download(run_child(job), "application/pdf", name)


def read_address(text: str) -> str:
    """Return a typed address; raise `AddressWrong`."""
    try:
        return str(clean_email(text.strip()))
    except EmailRefused as error:
        raise AddressWrong from error


def give_back(
    page: Page, error: Exception, lang: str, form_id: str, token: str
) -> Response:
    """Answer trouble with the same page, saying it at the top."""
    return _page(page, lang, form_id, token, error)
