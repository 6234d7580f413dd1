"""Where links in mails lead: the proof of a mailbox, and the personal page.

GET and HEAD change nothing, whoever opens them; scanners of mail servers open every
link. Answers need a code that was just mailed, posted along with every request.
"""

from collections.abc import Callable
from functools import partial

from flask import Response

from ... import urls
from ...definition.contact import masked
from ...shapes.html.fields import Complaint
from ...shapes.notice import answer_promise
from ...store import submissions
from ...store.submissions import Seat, Submission
from ...tokens import TokenInvalid
from ...workflow import capacity, feedback, sending, verification, verification_for_many
from ...workflow.sending import AlreadyConfirmed, LinkExpired
from ...workflow.transitions import NotAllowed
from ...workflow.verification import MailLink
from ...workflow.verification_for_many import ReferenceWrong
from ..core import WebContext, describe
from ..core.access import MAILING, TRYING, OnError, View, hit
from ..core.error_handler import error_page
from ..core.responses import see_other
from . import correction
from .fixed_forms import CodeForm, ReferenceForm
from .personal_actions import (
    alternatives,
    asked_language,
    check_code,
    form_of,
    link_url,
)
from .personal_page import code_page, personal_page

# Behind the link of a mail for several requests: the reference of one is typed.


def reference_page(
    web: WebContext, token: str, error: ReferenceWrong | None = None
) -> Response:
    """Answer with the page that asks for the reference; opening it changes nothing."""
    newest = verification_for_many.open_for_many(web.context, token)
    translator = web.translator(asked_language(web) or newest)
    described = describe(error, translator) if error else None
    over = error is not None and not error.left
    wrong = described.text if described and not over else ""
    return web.render(
        "public/verify_many.html",
        translator,
        alternatives={
            lang: urls.behind_link(token, "", lang)
            for lang in web.context.content.project.languages
        },
        token=token,
        asked=asked_language(web),
        typed=ReferenceForm().reference.data if error else "",
        over=over,
        complaints=(Complaint("reference", wrong),) if wrong else (),
        error_page=described,
    )


def confirm_reference(web: WebContext, token: str) -> Submission:
    """Prove the mailbox for the request whose reference was typed."""
    hit(web, TRYING)
    typed = ReferenceForm().reference.data
    return verification_for_many.confirm_for_many(web.context, token, typed)


def on_reference_error(web: WebContext, error: Exception, token: str) -> Response:
    """Answer a wrong reference with the same page, anything else with its own."""
    if isinstance(error, ReferenceWrong):
        return reference_page(web, token, error)
    return error_page(web, error)


# What stands behind a personal link; a page shown once more gets the error, too.
PersonalView = Callable[[WebContext, str, MailLink], Response]
OwnersView = Callable[[WebContext, str, Submission], Response]
ShownAgain = Callable[[WebContext, str, MailLink, Exception], Response]


def link_page(web: WebContext, token: str) -> Response:
    """Answer with what a link leads to; raise `AlreadyConfirmed`."""
    link = verification.open_link(web.context, token)
    if link is None:
        return reference_page(web, token)
    if link.personal:
        return personal_page(web, token, link)
    if link.submission.proven:
        raise AlreadyConfirmed(link.submission.id)
    form = form_of(web, link.submission)
    return web.render(
        "public/verify.html",
        web.translator(form.lang),
        alternatives=lambda token: alternatives(web, token, link.submission),
        slots={"token": token, "masked_email": masked(link.submission.email or "")},
        form=form,
        asked=asked_language(web),
    )


def back_to_link(web: WebContext, token: str) -> Response:
    """Lead who opens an address that only buttons post to to the page of the link.

    A phone opens again the tab it had closed, with the address and nothing typed: while
    the code that was mailed still counts, no other one needs to be.
    """
    try:
        link = verification.open_link(web.context, token)
    except (TokenInvalid, submissions.NotFound, LinkExpired):
        return see_other(link_url(web, token))
    counts = (
        link
        and link.personal
        and verification.code_counts(web.context, link.submission)
    )
    return see_other(link_url(web, token, "code" if counts else ""))


def confirm(web: WebContext, token: str) -> Response:
    """Prove the mailbox, and say what happens next."""
    proven = verification.confirm_link(web.context, token)
    submission = proven or confirm_reference(web, token)
    form = form_of(web, submission)
    translator = web.translator(form.lang)
    # Nearly nobody waits in a line: who does not is not looked for there.
    waits = submission.place is Seat.WAITING
    position = waits and web.context.store.read(
        lambda db: capacity.position(db, submission)
    )
    return web.render(
        "public/confirmed.html",
        translator,
        alternatives=lambda token: alternatives(web, token, submission),
        slots={
            "token": token,
            "reference": submission.reference,
            "promise": answer_promise(submission.due_on, translator),
            "position": translator.format_number(position) if position else "",
            "mark": feedback.new_mark(web.context, submission.form_id),
        },
        form=form,
    )


def renew(web: WebContext, token: str) -> Response:
    """Mail a new link in place of an expired proof."""
    hit(web, MAILING)
    submission_id = verification.renewable(web.context, token)
    sending.resend(web.context, submission_id)
    form = form_of(web, _submission(web, submission_id))
    return web.render("public/renewed.html", web.translator(form.lang), form=form)


def _submission(web: WebContext, submission_id: str) -> Submission:
    return web.context.store.read(lambda db: submissions.get(db, submission_id))


def on_link_error(web: WebContext, error: Exception, token: str) -> Response:
    """Answer in the language of the request; an expired proof offers a new link."""
    kind, submission_id, _ = web.context.tokens.read("r", token)
    if verification_for_many.for_many(web.context, token):
        return on_reference_error(web, error, token)
    submission = _submission(web, submission_id)
    form = form_of(web, submission)
    spoken = alternatives(web, token, submission)
    if not isinstance(error, LinkExpired):
        return error_page(web, error, form, spoken)
    translator = web.translator(form.lang)
    return web.render(
        "public/expired.html",
        translator,
        form=form,
        alternatives=spoken,
        link_url=partial(link_url, web, token),
        personal=kind == "p",
        error_page=describe(error, translator),
    )


def personal(view: PersonalView) -> View:
    """Return a view of the opened link, which raises `TokenInvalid` for a proof."""

    def view_of_link(web: WebContext, token: str) -> Response:
        return view(web, token, _open(web, token))

    return view_of_link


def with_code(view: OwnersView) -> PersonalView:
    """Return a view of what the mailed code opens.

    It raises `CodeWrong`, or `TooOften` for a network that tries many.
    """

    def checked(web: WebContext, token: str, link: MailLink) -> Response:
        typed = CodeForm()
        if not typed.validate():
            return code_page(web, token, link, typed=typed)
        return view(web, token, check_code(web, link.submission.id, typed))

    return checked


def personal_again(again: ShownAgain) -> OnError:
    """Return what answers an error behind a personal link: its page, shown again.

    What can no longer be done leads to the personal page, which says where the
    request stands.
    """

    def answer(web: WebContext, error: Exception, token: str) -> Response:
        if isinstance(error, LinkExpired):
            return on_link_error(web, error, token)
        link = _open(web, token)
        if isinstance(error, NotAllowed):
            return personal_page(web, token, link, error)
        return again(web, token, link, error)

    return answer


def correction_again(web: WebContext, error: Exception, token: str) -> Response:
    """Answer an error with what was typed, also when the link is over by now."""
    kind, submission_id, _ = web.context.tokens.read("r", token)
    link = MailLink(_submission(web, submission_id), personal=kind == "p")
    return correction.shown_again(web, token, link, error)


def _open(web: WebContext, token: str) -> MailLink:
    link = verification.open_link(web.context, token)
    if link is None or not link.personal:
        raise TokenInvalid("r")
    return link
