"""Where links in mails lead: the proof of a mailbox, and the personal page.

GET and HEAD change nothing, whoever opens them; scanners of mail servers open every
link. Answers need a code that was just mailed, posted along with every request.
"""

from collections.abc import Callable

from flask import Response, abort, request

from ... import addresses
from ...store import submissions
from ...store.submissions import Status, Submission
from ...words import N_
from ...workflow import feedback, places, proving, sending
from ...workflow.proving import MailLink
from ...workflow.sending import AlreadyConfirmed, LinkExpired
from ...workflow.table import NotAllowed, Verb, allowed
from ..page import Page, told
from . import correction, own
from .own import form_of
from .sent import MAILING, masked, spend

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
    link = proving.open_link(page.work, token)
    return _personal(page, token, link) if link.personal else _proof(page, token, link)


def _proof(page: Page, token: str, link: MailLink) -> Response:
    one = link.submission
    if one.proven:
        raise AlreadyConfirmed(one.id)
    form = form_of(page, one)
    return page.render(
        "public/verify.html",
        page.words(form.lang),
        form=form,
        here=addresses.mail_link(token),
        address=masked(one.email or ""),
    )


def _personal(
    page: Page,
    token: str,
    link: MailLink,
    error: Exception | None = None,
    code_mailed: bool = False,
) -> Response:
    one = link.submission
    form = form_of(page, one)
    words = page.words(form.lang)
    trouble = told(error, words) if error else None
    state, following = STATES[one.status]
    return page.render(
        "public/personal.html",
        words,
        trouble.status if trouble else 200,
        form=form,
        one=one,
        here=addresses.mail_link(token),
        state=words.say(state),
        following=words.say(following),
        position=page.work.store.read(lambda db: places.position(db, one)),
        until=one.purge_after.astimezone(page.work.zone).date(),
        may_withdraw=Verb.WITHDRAW in allowed(one),
        code_mailed=code_mailed,
        trouble=trouble,
        wrong=type(error).__name__,
    )


def link_action(page: Page, token: str) -> Response:
    """Do what one of the buttons behind a link says."""
    do = request.form.get(correction.DO) or request.form.get("do", "")
    if do == "renew":
        return _renew(page, token)
    link = proving.open_link(page.work, token)
    action = (_PERSONAL if link.personal else _PROOF).get(do)
    if action is None:
        abort(400)
    return action(page, token, link)


def _renew(page: Page, token: str) -> Response:
    spend(page, MAILING)
    submission_id = proving.renewable(page.work, token)
    sending.resend(page.work, submission_id)
    one = _row(page, submission_id)
    return page.render("public/renewed.html", page.words(one.lang))


def _row(page: Page, submission_id: str) -> Submission:
    return page.work.store.read(lambda db: submissions.get(db, submission_id))


def _confirm(page: Page, token: str, link: MailLink) -> Response:
    one = proving.confirm_link(page.work, token)
    form = form_of(page, one)
    return page.render(
        "public/confirmed.html",
        page.words(form.lang),
        form=form,
        one=one,
        position=page.work.store.read(lambda db: places.position(db, one)),
        mark=feedback.new_mark(page.work, one.form_id),
    )


def _mail_code(page: Page, token: str, link: MailLink) -> Response:
    spend(page, MAILING)
    proving.request_code(page.work, link.submission.id)
    return _personal(page, token, link, code_mailed=True)


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
        words = page.words(_row(page, submission_id).lang)
        return page.render(
            "public/expired.html",
            words,
            410,
            here=addresses.mail_link(token),
            personal=kind == "p",
            trouble=told(error, words),
        )
    link = proving.open_link(page.work, token)
    correcting = correction.DO in request.form and not isinstance(error, NotAllowed)
    if link.personal and correcting:
        return correction.give_back(page, error, token, link)
    if link.personal:
        return _personal(page, token, link, error, code_mailed=True)
    words = page.words(link.submission.lang)
    trouble = told(error, words)
    return page.render("trouble.html", words, trouble.status, trouble=trouble, again="")
