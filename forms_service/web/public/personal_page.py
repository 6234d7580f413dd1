"""The personal page: how a request is doing, and the box for the code that opens it."""

from functools import partial

from flask import Response

from ...shapes.html.fields import Complaint
from ...store.announcements import registered
from ...store.events import EventVerb
from ...store.submissions import Status
from ...words import N_
from ...workflow import capacity, verification
from ...workflow.mail_queue import TooManyCodes
from ...workflow.transitions import allowed
from ...workflow.verification import CODE_TRIES, CodeWrong, MailLink
from ..page import Page, describe
from ..page.rate_limits import MAILING, hit
from ..page.rendering import see_other
from .correction import asked_again
from .fixed_forms import CodeForm
from .form_pages import became
from .speaking import alternatives, form_of, here

CORRECT_HERE = N_("Ask for a code: with it you correct your answers and send them.")
# What a state means for the person, and what happens next.
STATES = {
    Status.UNVERIFIED: (
        N_("Your email address is not confirmed yet"),
        N_("Open the email with the link and press the button."),
    ),
    Status.NEW: (
        N_("We have received your request"),
        N_("A person reads it. We write to you when there is a decision."),
    ),
    Status.CORRECTION_ASKED: (
        N_("We have asked you for a correction"),
        N_("Read the email that we have sent you and answer it."),
    ),
    Status.ACCEPTED: (
        N_("We have accepted your request"),
        N_("Read the email that we have sent you: it says what happens next."),
    ),
    Status.DECLINED: (
        N_("We have not accepted your request"),
        N_("Read the email that we have sent you: it says whom to ask."),
    ),
    Status.WITHDRAWN: (
        N_("You have withdrawn your request"),
        N_("You do not have to do anything else."),
    ),
}


def personal_page(
    page: Page, token: str, link: MailLink, error: Exception | None = None
) -> Response:
    """Answer with state, next step and day of erasure; never with an answer."""
    one = link.submission
    form = form_of(page, one)
    words = page.words(form.lang)
    trouble = describe(error, words) if error else None
    state, following = STATES[one.status]
    to_correct = asked_again(page, one, form)
    verbs = allowed(one)
    return page.render(
        "public/personal.html",
        words,
        trouble.status if trouble else 200,
        form=form,
        one=one,
        alternatives=alternatives(page, token, one),
        here=partial(here, page, token),
        state=words.say(state),
        following=words.say(CORRECT_HERE if to_correct else following),
        asked_again=to_correct,
        became=became(page, form) if registered(one, waiting=True) else ("", ""),
        position=page.work.store.read(lambda db: capacity.position(db, one)),
        until=one.purge_after.astimezone(page.work.zone).date(),
        withdrawn=one.status is Status.WITHDRAWN,
        may_correct=EventVerb.CORRECT in verbs,
        may_withdraw=EventVerb.WITHDRAW in verbs,
        trouble=trouble,
    )


def mail_code(page: Page, token: str, link: MailLink) -> Response:
    """Mail a code and lead to its box: loading that page again mails no other."""
    hit(page, MAILING)
    verification.request_code(page.work, link.submission.id)
    return see_other(here(page, token, "code_page"))


def code_not_mailed(
    page: Page, token: str, link: MailLink, error: Exception
) -> Response:
    """Say why no code was mailed; after too many the last of them still counts."""
    answer = code_page if isinstance(error, TooManyCodes) else personal_page
    return answer(page, token, link, error)


def code_page(
    page: Page,
    token: str,
    link: MailLink,
    error: Exception | None = None,
    typed: CodeForm | None = None,
) -> Response:
    """Answer with the box for the mailed code, and what it opens."""
    one = link.submission
    form = form_of(page, one)
    words = page.words(form.lang)
    trouble = describe(error, words) if error else None
    over = one.code_tries >= CODE_TRIES
    wrong = trouble.text if trouble and isinstance(error, CodeWrong) else ""
    if typed and typed.errors:
        wrong = words.tell(typed.wrong["code"])
    return page.render(
        "public/code.html",
        words,
        trouble.status if trouble else 422 if wrong else 200,
        alternatives=alternatives(page, token, one, "code_page"),
        form=form,
        here=partial(here, page, token),
        may_withdraw=EventVerb.WITHDRAW in allowed(one),
        over=over,
        trouble=trouble,
        wrong=wrong,
        complaints=[Complaint("again" if over else "code", wrong)] if wrong else [],
    )
