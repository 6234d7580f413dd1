"""Where links in mails lead: the proof of a mailbox, and the personal page.

GET and HEAD change nothing, whoever opens them; scanners of mail servers open every
link. Answers need a code that was just mailed, posted along with every request.
"""

from collections.abc import Callable

from flask import Response, abort, make_response, redirect, request

from ...shapes.markup import Complaint
from ...store import submissions
from ...store.events import EventVerb
from ...store.submissions import Status, Submission
from ...words import N_
from ...workflow import capacity, feedback, sending, verification
from ...workflow.mail_queue import TooManyCodes
from ...workflow.sending import AlreadyConfirmed, LinkExpired
from ...workflow.transitions import NotAllowed, allowed
from ...workflow.verification import CODE_TRIES, CodeWrong, MailLink
from ..page import Page, describe
from ..page.rate_limits import hit
from . import correction, own
from .sent import MAILING, masked
from .speaking import alternatives, form_of, here

CORRECT_HERE = N_("Ask for a code: with it you correct your answers and send them.")
STEP, CODE = "step", "code"
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


def link_page(page: Page, token: str) -> Response:
    """Answer with what a link leads to."""
    link = verification.open_link(page.work, token)
    if not link.personal:
        return _proof(page, token, link)
    asks = request.args.get(STEP) == CODE
    return (_code_page if asks else _personal)(page, token, link)


def _proof(page: Page, token: str, link: MailLink) -> Response:
    one = link.submission
    if one.proven:
        raise AlreadyConfirmed(one.id)
    form = form_of(page, one)
    return page.render(
        "public/verify.html",
        page.words(form.lang),
        alternatives=alternatives(page, token, one),
        form=form,
        here=here(page, token),
        address=masked(one.email or ""),
    )


def _personal(
    page: Page, token: str, link: MailLink, error: Exception | None = None
) -> Response:
    one = link.submission
    form = form_of(page, one)
    words = page.words(form.lang)
    trouble = describe(error, words) if error else None
    state, following = STATES[one.status]
    asked_again = correction.asked_again(page, one, form)
    verbs = allowed(one)
    return page.render(
        "public/personal.html",
        words,
        trouble.status if trouble else 200,
        form=form,
        one=one,
        alternatives=alternatives(page, token, one),
        here=here(page, token),
        state=words.say(state),
        following=words.say(CORRECT_HERE if asked_again else following),
        asked_again=asked_again,
        position=page.work.store.read(lambda db: capacity.position(db, one)),
        until=one.purge_after.astimezone(page.work.zone).date(),
        withdrawn=one.status is Status.WITHDRAWN,
        may_correct=EventVerb.CORRECT in verbs,
        may_withdraw=EventVerb.WITHDRAW in verbs,
        trouble=trouble,
    )


def _code_page(
    page: Page, token: str, link: MailLink, error: Exception | None = None
) -> Response:
    """Answer with the box for the mailed code, and what it opens.

    The error may be that too many codes were mailed: the last of them still counts.
    """
    one = link.submission
    form = form_of(page, one)
    words = page.words(form.lang)
    trouble = describe(error, words) if error else None
    over = one.code_tries >= CODE_TRIES
    wrong = trouble.text if trouble and isinstance(error, CodeWrong) else ""
    return page.render(
        "public/code.html",
        words,
        trouble.status if trouble else 200,
        alternatives={
            lang: f"{address}&{STEP}={CODE}"
            for lang, address in alternatives(page, token, one).items()
        },
        form=form,
        here=here(page, token),
        may_withdraw=EventVerb.WITHDRAW in allowed(one),
        over=over,
        trouble=trouble,
        wrong=wrong,
        complaints=[Complaint("again" if over else "code", wrong)] if wrong else [],
    )


def link_action(page: Page, token: str) -> Response:
    """Do what one of the buttons behind a link says."""
    do = request.form.get(correction.DO) or request.form.get("do", "")
    if do == "renew":
        return _renew(page, token)
    link = verification.open_link(page.work, token)
    action = (_PERSONAL if link.personal else _PROOF).get(do)
    if action is None:
        abort(400)
    return action(page, token, link)


def _renew(page: Page, token: str) -> Response:
    hit(page, MAILING)
    submission_id = verification.renewable(page.work, token)
    sending.resend(page.work, submission_id)
    one = _row(page, submission_id)
    form = form_of(page, one)
    return page.render("public/renewed.html", page.words(form.lang), form=form)


def _row(page: Page, submission_id: str) -> Submission:
    return page.work.store.read(lambda db: submissions.get(db, submission_id))


def _confirm(page: Page, token: str, link: MailLink) -> Response:
    one = verification.confirm_link(page.work, token)
    form = form_of(page, one)
    return page.render(
        "public/confirmed.html",
        page.words(form.lang),
        alternatives=alternatives(page, token, one),
        form=form,
        one=one,
        position=page.work.store.read(lambda db: capacity.position(db, one)),
        mark=feedback.new_mark(page.work, one.form_id),
    )


def _mail_code(page: Page, token: str, link: MailLink) -> Response:
    hit(page, MAILING)
    verification.request_code(page.work, link.submission.id)
    address = here(page, token)
    # Loading the page again must not mail another code.
    step = f"{'&' if '?' in address else '?'}{STEP}={CODE}"
    response = make_response(redirect(f"{address}{step}", 303))
    response.headers["Cache-Control"] = "no-store"
    return response


_Action = Callable[[Page, str, MailLink], Response]
_PROOF: dict[str, _Action] = {"confirm": _confirm}
_PERSONAL: dict[str, _Action] = {
    "code": _mail_code,
    "open": own.see,
    "receipt": own.take_receipt,
    "data": own.take_data,
    "correct": correction.begin,
    "correct-form": correction.again,
    "correct-summary": correction.summary,
    "correct-code": correction.mail_code,
    "correct-now": correction.replace_answers,
    "withdraw": own.ask_withdrawal,
    "withdraw-now": own.withdraw,
    "erase": own.ask_erasure,
    "erase-now": own.erase,
}


def give_back(page: Page, error: Exception, token: str) -> Response:
    """Answer trouble on the page it arose from; an expired proof offers a new one."""
    if isinstance(error, LinkExpired):
        kind, submission_id, _ = page.work.tokens.read("r", token)
        one = _row(page, submission_id)
        form = form_of(page, one)
        words = page.words(form.lang)
        return page.render(
            "public/expired.html",
            words,
            410,
            form=form,
            alternatives=alternatives(page, token, one),
            here=here(page, token),
            personal=kind == "p",
            trouble=describe(error, words),
        )
    link = verification.open_link(page.work, token)
    correcting = correction.DO in request.form and not isinstance(error, NotAllowed)
    if link.personal and correcting:
        return correction.give_back(page, error, token, link)
    if link.personal:
        typing = isinstance(error, TooManyCodes) or "code" in request.form
        typing = typing and not isinstance(error, NotAllowed)
        answer = _code_page if typing else _personal
        return answer(page, token, link, error)
    form = form_of(page, link.submission)
    words = page.words(form.lang)
    trouble = describe(error, words)
    return page.render(
        "error.html",
        words,
        trouble.status,
        form=form,
        alternatives=alternatives(page, token, link.submission),
        trouble=trouble,
        again="",
    )
