"""Where links in mails lead: the proof of a mailbox, and the personal page.

GET and HEAD change nothing, whoever opens them; scanners of mail servers open every
link. Answers need a code that was just mailed, posted along with every request.
"""

from collections.abc import Callable
from functools import partial

from flask import Response

from ...definition.contact import masked
from ...store import submissions
from ...store.submissions import Submission
from ...tokens import TokenInvalid
from ...workflow import capacity, feedback, sending, verification
from ...workflow.sending import AlreadyConfirmed, LinkExpired
from ...workflow.transitions import NotAllowed
from ...workflow.verification import MailLink
from ..page import Page
from ..page.error_handler import error_page
from ..page.error_pages import describe
from ..page.rate_limits import MAILING, hit
from ..page.rendering import see_other
from ..page.routes import OnError, View
from .fixed_forms import CodeForm
from .personal_actions import check_code
from .personal_page import code_page, personal_page
from .speaking import alternatives, form_of, here

# What stands behind a personal link; a page shown once more gets the error, too.
PersonalView = Callable[[Page, str, MailLink], Response]
OwnersView = Callable[[Page, str, Submission], Response]
ShownAgain = Callable[[Page, str, MailLink, Exception], Response]


def link_page(page: Page, token: str) -> Response:
    """Answer with what a link leads to; raise `AlreadyConfirmed`."""
    link = verification.open_link(page.work, token)
    if link.personal:
        return personal_page(page, token, link)
    if link.submission.proven:
        raise AlreadyConfirmed(link.submission.id)
    form = form_of(page, link.submission)
    return page.render(
        "public/verify.html",
        page.words(form.lang),
        alternatives=alternatives(page, token, link.submission),
        form=form,
        here=partial(here, page, token),
        address=masked(link.submission.email or ""),
    )


def back_to_link(page: Page, token: str) -> Response:
    """Lead who opens an address that only buttons post to to the page of the link.

    A phone opens again the tab it had closed, with the address and nothing typed.
    """
    return see_other(here(page, token))


def confirm(page: Page, token: str) -> Response:
    """Prove the mailbox, and say what happens next."""
    submission = verification.confirm_link(page.work, token)
    form = form_of(page, submission)
    return page.render(
        "public/confirmed.html",
        page.words(form.lang),
        alternatives=alternatives(page, token, submission),
        form=form,
        one=submission,
        position=page.work.store.read(lambda db: capacity.position(db, submission)),
        mark=feedback.new_mark(page.work, submission.form_id),
    )


def renew(page: Page, token: str) -> Response:
    """Mail a new link in place of an expired proof."""
    hit(page, MAILING)
    submission_id = verification.renewable(page.work, token)
    sending.resend(page.work, submission_id)
    form = form_of(page, _submission(page, submission_id))
    return page.render("public/renewed.html", page.words(form.lang), form=form)


def _submission(page: Page, submission_id: str) -> Submission:
    return page.work.store.read(lambda db: submissions.get(db, submission_id))


def on_link_error(page: Page, error: Exception, token: str) -> Response:
    """Answer in the language of the request; an expired proof offers a new link."""
    kind, submission_id, _ = page.work.tokens.read("r", token)
    submission = _submission(page, submission_id)
    form = form_of(page, submission)
    spoken = alternatives(page, token, submission)
    if not isinstance(error, LinkExpired):
        return error_page(page, error, form, spoken)
    words = page.words(form.lang)
    return page.render(
        "public/expired.html",
        words,
        410,
        form=form,
        alternatives=spoken,
        here=partial(here, page, token),
        personal=kind == "p",
        trouble=describe(error, words),
    )


def personal(view: PersonalView) -> View:
    """Return a view of the opened link, which raises `TokenInvalid` for a proof."""

    def opened(page: Page, token: str) -> Response:
        return view(page, token, _open(page, token))

    return opened


def with_code(view: OwnersView) -> PersonalView:
    """Return a view of what the mailed code opens.

    It raises `CodeWrong`, or `TooOften` for a network that tries many.
    """

    def checked(page: Page, token: str, link: MailLink) -> Response:
        typed = CodeForm()
        if not typed.validate():
            return code_page(page, token, link, typed=typed)
        return view(page, token, check_code(page, link.submission.id, typed))

    return checked


def personal_again(again: ShownAgain) -> OnError:
    """Return what answers an error behind a personal link: its page, shown again.

    What can no longer be done leads to the personal page, which says where the
    request stands.
    """

    def answer(page: Page, error: Exception, token: str) -> Response:
        if isinstance(error, LinkExpired):
            return on_link_error(page, error, token)
        link = _open(page, token)
        if isinstance(error, NotAllowed):
            return personal_page(page, token, link, error)
        return again(page, token, link, error)

    return answer


def _open(page: Page, token: str) -> MailLink:
    link = verification.open_link(page.work, token)
    if not link.personal:
        raise TokenInvalid("r")
    return link
