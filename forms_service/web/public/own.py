"""What people do with their own request once a mailed code has opened it.

See the answers, take them along, withdraw, have everything erased. A delicate form
shows its answers to nobody here.
"""

import json

from flask import Response, make_response, redirect, request

from ...definition import FormDefinition, Place, shown
from ...shapes.readback import read_back
from ...store.events import EventVerb
from ...store.submissions import NotFound, Submission
from ...workflow import deciding, verification
from ...workflow.sending import CITIZEN
from ...workflow.transitions import allowed
from ...workflow.verification import MailLink
from ..page import Page
from ..page.downloads import download
from ..page.rate_limits import hit
from .sent import TRYING, receipt
from .speaking import form_of, form_today, here


def checked(page: Page, link: MailLink, code: str) -> Submission:
    """Return the submission if a code opens it; raise `CodeWrong`."""
    hit(page, TRYING)
    return verification.check_code(page.work, link.submission.id, code)


def _opened(page: Page, link: MailLink) -> Submission:
    return checked(page, link, request.form.get("code", ""))


def not_delicate(page: Page, one: Submission) -> FormDefinition:
    """Return the form; raise `NotFound` for one that shows its answers to nobody."""
    form = form_of(page, one)
    if form.delicate:
        raise NotFound(one.id)
    return form


def see(page: Page, token: str, link: MailLink) -> Response:
    """Answer with all answers and what can be done with them."""
    one = _opened(page, link)
    form = not_delicate(page, one)
    words = page.words(form.lang)
    verbs = allowed(one)
    return page.render(
        "public/answers.html",
        words,
        form=form,
        one=one,
        here=here(page, token),
        code=request.form.get("code", ""),
        sections=read_back(form, one.answers, words, Place.WEB),
        may_correct=EventVerb.CORRECT in verbs and form_today(page, one) is not None,
        may_withdraw=EventVerb.WITHDRAW in verbs,
    )


def take_receipt(page: Page, token: str, link: MailLink) -> Response:
    """Answer with the receipt as a PDF."""
    one = _opened(page, link)
    not_delicate(page, one)
    return receipt(page, one)


def take_data(page: Page, token: str, link: MailLink) -> Response:
    """Answer with everything the person has told us, as JSON."""
    one = _opened(page, link)
    form = not_delicate(page, one)
    words = page.words(form.lang)
    data = {
        "reference": one.reference,
        "form": {"id": form.id, "title": form.title, "version": form.version},
        "language": one.lang,
        "state": one.status,
        "sent_at": one.created_at.isoformat(),
        "address_confirmed_at": one.verified_at and one.verified_at.isoformat(),
        "decided_at": one.decided_at and one.decided_at.isoformat(),
        "erased_after": one.purge_after.isoformat(),
        "answers": [
            {
                "id": asked.id,
                "label": asked.label,
                "value": one.answers[asked.id],
                "text": "\n".join(shown(asked, one.answers[asked.id], words)),
            }
            for asked in form.fields
            if asked.id in one.answers
        ],
    }
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    return download(text, "application/json", f"{form.id}-{one.reference}.json")


def ask_withdrawal(page: Page, token: str, link: MailLink) -> Response:
    """Ask once more before a request is withdrawn."""
    return _ask(page, token, link, "public/withdraw.html")


def ask_erasure(page: Page, token: str, link: MailLink) -> Response:
    """Say what erasing means before everything is erased."""
    return _ask(page, token, link, "public/erase.html")


def _ask(page: Page, token: str, link: MailLink, template: str) -> Response:
    form = form_of(page, _opened(page, link))
    return page.render(
        template,
        page.words(form.lang),
        form=form,
        here=here(page, token),
        code=request.form.get("code", ""),
    )


def withdraw(page: Page, token: str, link: MailLink) -> Response:
    """Withdraw, and lead back to the personal page."""
    one = _opened(page, link)
    deciding.decide(page.work, one.id, EventVerb.WITHDRAW, CITIZEN)
    response = make_response(redirect(here(page, token), 303))
    response.headers["Cache-Control"] = "no-store"
    return response


def erase(page: Page, token: str, link: MailLink) -> Response:
    """Erase everything at once, and say good-bye: there is no page to lead to."""
    one = _opened(page, link)
    form = form_of(page, one)
    deciding.erase(page.work, one.id, CITIZEN)
    words = page.words(form.lang)
    return page.render("public/erased.html", words, form=form, reference=one.reference)
