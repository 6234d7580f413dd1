"""The page after sending: what happens now, and what can still be put right.

Its address carries a token and is good while the mailbox is not proven; nothing of
the answers is on it.
"""

from collections.abc import Mapping

from flask import Response, request

from ... import urls
from ...definition.contact import masked
from ...definition.email_typos import email_slip
from ...i18n import Message, Translator
from ...shapes.chrome import marked
from ...shapes.html.fields import Complaint
from ...shapes.notice import answer_promise
from ...store.submissions import NotFound, Submission
from ...tokens import TokenInvalid
from ...workflow import feedback, sending, verification
from ...workflow.sending import Sent
from ...workflow.verification import CodeWrong
from ..core import WebContext, describe
from ..core.access import MAILING, TRYING, hit
from ..core.responses import see_other
from .fixed_forms import CodeForm, EmailForm
from .form_pages import find
from .receipts import receipt


def sent_page(web: WebContext, lang: str, form_id: str, token: str) -> Response:
    """Answer with the page after sending; opening it changes nothing."""
    return _page(web, lang, form_id, token)


def back_to_sent(web: WebContext, lang: str, form_id: str, token: str) -> Response:
    """Lead who opens an address that only buttons post to to the page after sending."""
    return see_other(urls.sent(form_id, lang, token))


def on_error(
    web: WebContext, error: Exception, lang: str, form_id: str, token: str
) -> Response:
    """Answer an error with the same page, saying it at the top or at its control."""
    return _page(web, lang, form_id, token, error)


def _page(
    web: WebContext,
    lang: str,
    form_id: str,
    token: str,
    error: Exception | None = None,
    done: str = "",
    wrong: Mapping[str, Message] | None = None,
    slip: Message | None = None,
) -> Response:
    form = find(web, lang, form_id)
    sent = _open(web, form_id, token)
    translator = web.translator(lang)
    error_page = describe(error, translator) if error else None
    over = sent.submission.link_tries >= verification.CODE_TRIES
    wrong_texts = {
        control: translator.translate(message)
        for control, message in (wrong or {}).items()
    }
    if error_page and isinstance(error, CodeWrong):
        wrong_texts["code"] = error_page.text
    status = error_page.status if error_page else 422 if wrong_texts else 200
    submission, posted = sent.submission, request.method == "POST"
    return web.render(
        "public/sent.html",
        translator,
        status,
        alternatives=lambda token: {
            other: urls.sent(form_id, other, token) for other in form.languages
        },
        slots={
            "token": token,
            "typed": request.form.get("email", "") if posted else "",
            "slip": marked(translator.translate(slip), lang) if slip else "",
            **_submission_state(web, translator, sent),
        },
        compiled=status == 200,
        form=form,
        mailed=bool(submission.email),
        proven=submission.proven,
        refused=sent.refused,
        changes_left=sending.ADDRESS_CHANGES - submission.address_changes,
        mail_folder=_mail_folder(web),
        over=over,
        complaints=tuple(
            Complaint("again" if over and control == "code" else control, text)
            for control, text in wrong_texts.items()
        ),
        error_page=error_page,
        wrong_code=wrong_texts.get("code", ""),
        wrong_email=wrong_texts.get("email", ""),
        done=done,
    )


def _submission_state(
    web: WebContext, translator: Translator, sent: Sent
) -> dict[str, str]:
    """Return what the page says of the request: nothing of its answers."""
    submission, context = sent.submission, web.context
    masked_email = masked(submission.email or "")
    day = submission.purge_after.astimezone(context.zone).date()
    may_rate = submission.proven or not submission.email
    return {
        "reference": submission.reference,
        "sent_on": translator.format_datetime(submission.created_at),
        "masked_email": masked_email,
        # Isolated: an address inside a sentence that is written from right to left.
        "first": f"\u2068{masked_email[:1]}\u2069",
        "last": f"\u2068@{masked_email.rpartition('@')[2]}\u2069",
        "until": translator.format_date(day),
        "promise": answer_promise(submission.due_on, translator),
        "position": translator.format_number(sent.position) if sent.position else "",
        "mark": feedback.new_mark(context, submission.form_id) if may_rate else "",
    }


def resend(web: WebContext, lang: str, form_id: str, token: str) -> Response:
    """Mail the proof once more."""
    submission = _submission(web, lang, form_id, token)
    hit(web, MAILING)
    sending.resend(web.context, submission.id)
    return _page(web, lang, form_id, token, done="resent")


def change_address(web: WebContext, lang: str, form_id: str, token: str) -> Response:
    """Mail to another address, or say that it is the one we have."""
    submission = _submission(web, lang, form_id, token)
    typed = EmailForm()
    if not typed.validate():
        return _page(web, lang, form_id, token, wrong=typed.wrong)
    hit(web, MAILING)
    email = typed.stored_email
    if email.casefold() == (submission.email or "").casefold():
        # The page shows only a part of it: writing it again is how to check it.
        sending.resend(web.context, submission.id)
        return _page(web, lang, form_id, token, done="same")
    sending.change_address(web.context, submission.id, email)
    return _page(web, lang, form_id, token, done="changed", slip=email_slip(email))


def confirm_code(web: WebContext, lang: str, form_id: str, token: str) -> Response:
    """Prove the mailbox with the code from the mail; raise `CodeWrong`."""
    submission = _submission(web, lang, form_id, token)
    typed = CodeForm()
    if not typed.validate():
        return _page(web, lang, form_id, token, wrong=typed.wrong)
    hit(web, TRYING)
    verification.confirm_by_code(web.context, submission.id, typed.code.data)
    return see_other(urls.sent(form_id, lang, token))


def take_receipt(web: WebContext, lang: str, form_id: str, token: str) -> Response:
    """Answer with the receipt of somebody who left no mailbox.

    The page lives for an hour, so the receipt does; a delicate form gives none.
    """
    submission = _submission(web, lang, form_id, token)
    if submission.email or web.context.content.form(form_id).delicate:
        raise NotFound(submission.id)
    return receipt(web, submission)


def _submission(web: WebContext, lang: str, form_id: str, token: str) -> Submission:
    find(web, lang, form_id)
    return _open(web, form_id, token).submission


def _open(web: WebContext, form_id: str, token: str) -> Sent:
    sent = sending.open_sent(web.context, token)
    if sent.submission.form_id != form_id:
        raise TokenInvalid("sent")
    return sent


def _mail_folder(web: WebContext) -> str:
    """Return where mails are written while no mail server is named; else nothing."""
    files = not web.config.smtp_url and not web.config.production
    return str(web.config.mail_dir) if files else ""
