"""The page after sending: what happens now, and what can still be put right.

Its address carries a token and is good while the mailbox is not proven; nothing of
the answers is on it.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Response, url_for

from ... import addresses
from ...definition import FormDefinition
from ...definition.contact import masked
from ...definition.email_typos import email_slip
from ...shapes.html.fields import Complaint
from ...store.submissions import NotFound, Submission
from ...tokens import TokenInvalid
from ...words import Message
from ...workflow import feedback, sending, verification
from ...workflow.sending import Sent
from ...workflow.verification import CodeWrong
from ..page import Page, describe
from ..page.rate_limits import MAILING, TRYING, hit
from ..page.rendering import see_other
from .fixed_forms import AddressForm, CodeForm
from .form_pages import find
from .receipts import receipt


def sent_page(page: Page, lang: str, form_id: str, token: str) -> Response:
    """Answer with the page after sending; opening it changes nothing."""
    return _page(page, lang, form_id, token)


def back_to_sent(page: Page, lang: str, form_id: str, token: str) -> Response:
    """Lead who opens an address that only buttons post to to the page after sending."""
    return see_other(addresses.sent(form_id, lang, token))


def on_error(
    page: Page, error: Exception, lang: str, form_id: str, token: str
) -> Response:
    """Answer an error with the same page, saying it at the top or at its control."""
    return _page(page, lang, form_id, token, error)


def _page(
    page: Page,
    lang: str,
    form_id: str,
    token: str,
    error: Exception | None = None,
    done: str = "",
    wrong: Mapping[str, Message] | None = None,
    slip: Message | None = None,
) -> Response:
    form = find(page, lang, form_id)
    sent = _open(page, form_id, token)
    words = page.words(lang)
    trouble = describe(error, words) if error else None
    over = sent.submission.link_tries >= verification.CODE_TRIES
    said = {control: words.tell(message) for control, message in (wrong or {}).items()}
    if trouble and isinstance(error, CodeWrong):
        said["code"] = trouble.text
    status = trouble.status if trouble else 422 if said else 200
    return page.render(
        "public/sent.html",
        words,
        status,
        alternatives={
            other: addresses.sent(form_id, other, token)
            for other in page.work.content.forms[form_id]
        },
        form=form,
        here=partial(_here, lang, form_id, token),
        **_told(page, form, sent),
        over=over,
        complaints=[
            Complaint("again" if over and control == "code" else control, text)
            for control, text in said.items()
        ],
        trouble=trouble,
        wrong=said,
        exhausted=isinstance(error, sending.TooManyChanges),
        typed=AddressForm().email.data,
        done=done,
        slip=words.tell(slip) if slip else "",
        mark=feedback.new_mark(page.work, form_id),
    )


def _told(page: Page, form: FormDefinition, sent: Sent) -> dict[str, Any]:
    """Return what the page says of the request: nothing of its answers."""
    one = sent.submission
    address = masked(one.email or "")
    waits = sent.mail_leaves and sent.mail_leaves > page.work.clock()
    return {
        "one": one,
        "address": address,
        # Isolated: an address inside a sentence that is written from right to left.
        "first": f"\u2068{address[:1]}\u2069",
        "last": f"\u2068@{address.rpartition('@')[2]}\u2069",
        "until": one.purge_after.astimezone(page.work.zone).date(),
        "leaves": sent.mail_leaves if waits else None,
        "refused": sent.refused,
        "position": sent.position,
        "changes_left": sending.ADDRESS_CHANGES - one.address_changes,
        "mail_folder": _mail_folder(page),
    }


def _here(lang: str, form_id: str, token: str, endpoint: str) -> str:
    return url_for(f"public.{endpoint}", lang=lang, form_id=form_id, token=token)


def resend(page: Page, lang: str, form_id: str, token: str) -> Response:
    """Mail the proof once more."""
    submission = _submission(page, lang, form_id, token)
    hit(page, MAILING)
    sending.resend(page.work, submission.id)
    return _page(page, lang, form_id, token, done="resent")


def change_address(page: Page, lang: str, form_id: str, token: str) -> Response:
    """Mail to another address, or say that it is the one we have."""
    submission = _submission(page, lang, form_id, token)
    typed = AddressForm()
    if not typed.validate():
        return _page(page, lang, form_id, token, wrong=typed.wrong)
    hit(page, MAILING)
    email = typed.address
    if email.casefold() == (submission.email or "").casefold():
        # The page shows only a part of it: writing it again is how to check it.
        sending.resend(page.work, submission.id)
        return _page(page, lang, form_id, token, done="same")
    sending.change_address(page.work, submission.id, email)
    return _page(page, lang, form_id, token, done="changed", slip=email_slip(email))


def confirm_code(page: Page, lang: str, form_id: str, token: str) -> Response:
    """Prove the mailbox with the code from the mail; raise `CodeWrong`."""
    submission = _submission(page, lang, form_id, token)
    typed = CodeForm()
    if not typed.validate():
        return _page(page, lang, form_id, token, wrong=typed.wrong)
    hit(page, TRYING)
    verification.confirm_by_code(page.work, submission.id, typed.code.data)
    return see_other(addresses.sent(form_id, lang, token))


def take_receipt(page: Page, lang: str, form_id: str, token: str) -> Response:
    """Answer with the receipt of somebody who left no mailbox.

    The page lives for an hour, so the receipt does; a delicate form gives none.
    """
    submission = _submission(page, lang, form_id, token)
    if submission.email or page.work.content.form(form_id).delicate:
        raise NotFound(submission.id)
    return receipt(page, submission)


def _submission(page: Page, lang: str, form_id: str, token: str) -> Submission:
    find(page, lang, form_id)
    return _open(page, form_id, token).submission


def _open(page: Page, form_id: str, token: str) -> Sent:
    sent = sending.open_sent(page.work, token)
    if sent.submission.form_id != form_id:
        raise TokenInvalid("sent")
    return sent


def _mail_folder(page: Page) -> str:
    """Return where mails are written while no mail server is named; else nothing."""
    files = not page.config.smtp_url and not page.config.production
    return str(page.config.mail_dir) if files else ""
