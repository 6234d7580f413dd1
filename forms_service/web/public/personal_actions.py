"""What people do with their own request once a mailed code has opened it.

See the answers, take them along, withdraw, have everything erased. A delicate form
shows its answers to nobody here.
"""

import json
from functools import partial

from flask import Response

from ...definition import FormDefinition, Place, shown
from ...shapes.answer_summary import read_back
from ...store.events import EventVerb
from ...store.submissions import NotFound, Submission
from ...workflow import deciding, verification
from ...workflow.sending import CITIZEN
from ...workflow.transitions import allowed
from ..page import Page
from ..page.downloads import download
from ..page.rate_limits import TRYING, hit
from ..page.rendering import see_other
from .fixed_forms import CodeForm
from .receipts import receipt
from .speaking import form_of, form_today, here


def check_code(page: Page, submission_id: str, typed: CodeForm) -> Submission:
    """Return the submission if the typed code opens it; raise `CodeWrong`."""
    hit(page, TRYING)
    return verification.check_code(page.work, submission_id, typed.code.data)


def not_delicate(page: Page, one: Submission) -> FormDefinition:
    """Return the form; raise `NotFound` for one that shows its answers to nobody."""
    form = form_of(page, one)
    if form.delicate:
        raise NotFound(one.id)
    return form


def see(page: Page, token: str, one: Submission) -> Response:
    """Answer with all answers and what can be done with them."""
    form = not_delicate(page, one)
    words = page.words(form.lang)
    verbs = allowed(one)
    return page.render(
        "public/answers.html",
        words,
        form=form,
        one=one,
        here=partial(here, page, token),
        code=CodeForm().code.data,
        sections=read_back(form, one.answers, words, Place.WEB),
        may_correct=EventVerb.CORRECT in verbs and form_today(page, one) is not None,
        may_withdraw=EventVerb.WITHDRAW in verbs,
    )


def take_receipt(page: Page, token: str, one: Submission) -> Response:
    """Answer with the receipt as a PDF."""
    not_delicate(page, one)
    return receipt(page, one)


def take_data(page: Page, token: str, one: Submission) -> Response:
    """Answer with everything the person has told us, as JSON."""
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


def ask_withdrawal(page: Page, token: str, one: Submission) -> Response:
    """Ask once more before a request is withdrawn."""
    return _ask(page, token, one, "public/withdraw.html")


def ask_erasure(page: Page, token: str, one: Submission) -> Response:
    """Say what erasing means before everything is erased."""
    return _ask(page, token, one, "public/erase.html")


def _ask(page: Page, token: str, one: Submission, template: str) -> Response:
    form = form_of(page, one)
    return page.render(
        template,
        page.words(form.lang),
        form=form,
        here=partial(here, page, token),
        code=CodeForm().code.data,
    )


def withdraw(page: Page, token: str, one: Submission) -> Response:
    """Withdraw, and lead back to the personal page."""
    deciding.decide(page.work, one.id, EventVerb.WITHDRAW, CITIZEN)
    return see_other(here(page, token))


def erase(page: Page, token: str, one: Submission) -> Response:
    """Erase everything at once, and say good-bye: there is no page to lead to."""
    form = form_of(page, one)
    deciding.erase(page.work, one.id, CITIZEN)
    words = page.words(form.lang)
    return page.render("public/erased.html", words, form=form, reference=one.reference)
