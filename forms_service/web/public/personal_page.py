"""The personal page: how a request is doing, and the box for the code that opens it."""

from functools import partial

from flask import Response, request

from ...i18n import N_
from ...shapes.html.fields import Complaint
from ...shapes.notice import answer_promise
from ...store.announcements import registered
from ...store.events import EventVerb
from ...store.submissions import Status
from ...workflow import capacity, verification
from ...workflow.mail_queue import TooManyCodes, undeliverable
from ...workflow.transitions import allowed
from ...workflow.verification import CODE_TRIES, CodeWrong, MailLink
from ..core import WebContext, describe
from ..core.access import MAILING, hit
from ..core.responses import see_other
from .fixed_forms import CodeForm
from .form_pages import became
from .personal_actions import (
    STATES,
    alternatives,
    asked_again,
    form_of,
    link_url,
    why_asked,
)

CORRECT_HERE = N_("Ask for a code: with it you correct your answers and send them.")


def personal_page(
    web: WebContext, token: str, link: MailLink, error: Exception | None = None
) -> Response:
    """Answer with state, next step and day of erasure; never with an answer."""
    submission = link.submission
    form = form_of(web, submission)
    translator = web.translator(form.lang)
    error_page = describe(error, translator) if error else None
    state, following = STATES[submission.status]
    to_correct = asked_again(web, submission, form)
    verbs = allowed(submission)
    return web.render(
        "public/personal.html",
        translator,
        form=form,
        submission=submission,
        alternatives=alternatives(web, token, submission),
        link_url=partial(link_url, web, token),
        state=translator.gettext(state),
        following=translator.gettext(CORRECT_HERE if to_correct else following),
        promise=answer_promise(submission.due_on, translator)
        if submission.status is Status.NEW
        else "",
        asked_again=to_correct,
        why=why_asked(web, submission),
        became=became(web, form) if registered(submission, waiting=True) else ("", ""),
        position=web.context.store.read(lambda db: capacity.position(db, submission)),
        refused=web.context.store.read(lambda db: undeliverable(db, submission)),
        until=submission.purge_after.astimezone(web.context.zone).date(),
        withdrawn=submission.status is Status.WITHDRAWN,
        may_correct=EventVerb.CORRECT in verbs,
        may_withdraw=EventVerb.WITHDRAW in verbs,
        error_page=error_page,
    )


def mail_code(web: WebContext, token: str, link: MailLink) -> Response:
    """Mail a code and lead to its box: loading that page again mails no other."""
    hit(web, MAILING)
    verification.request_code(web.context, link.submission.id)
    url = link_url(web, token, "code")
    if then := _wanted():
        url += f"{'&' if '?' in url else '?'}poi={then}"
    return see_other(url)


def _wanted() -> str:
    """Return what the person wants the code for, if they have said so."""
    then = request.values.get("poi", "")
    return then if then in ("correct", "withdraw") else ""


def code_not_mailed(
    web: WebContext, token: str, link: MailLink, error: Exception
) -> Response:
    """Say why no code was mailed; after too many the last of them still counts."""
    answer = code_page if isinstance(error, TooManyCodes) else personal_page
    return answer(web, token, link, error)


def code_page(
    web: WebContext,
    token: str,
    link: MailLink,
    error: Exception | None = None,
    typed: CodeForm | None = None,
) -> Response:
    """Answer with the box for the mailed code, and what it opens."""
    submission = link.submission
    form = form_of(web, submission)
    translator = web.translator(form.lang)
    error_page = describe(error, translator) if error else None
    over = submission.code_tries >= CODE_TRIES
    wrong = error_page.text if error_page and isinstance(error, CodeWrong) else ""
    if typed and typed.errors:
        wrong = translator.translate(typed.wrong["code"])
    return web.render(
        "public/code.html",
        translator,
        422 if wrong else 200,
        alternatives=alternatives(web, token, submission, "code"),
        form=form,
        link_url=partial(link_url, web, token),
        may_withdraw=EventVerb.WITHDRAW in allowed(submission),
        then=_wanted(),
        over=over,
        error_page=error_page,
        wrong=wrong,
        complaints=[Complaint("again" if over else "code", wrong)] if wrong else [],
    )
