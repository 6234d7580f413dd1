"""What people do with their own request once a mailed code has opened it.

See the answers, take them along, withdraw, have everything erased. A delicate form
shows its answers to nobody here.
"""

import json
from functools import partial
from typing import Any

from flask import Response, request

from ... import urls
from ...definition import Channel, FormDefinition, type_of
from ...i18n import N_
from ...shapes.html.answers import draw_answers
from ...shapes.html.fields import Complaint
from ...store.events import EventVerb
from ...store.submissions import NotFound, Status, Submission
from ...workflow import deciding, person_copy, settling, verification
from ...workflow.transitions import CITIZEN, allowed
from ..core import WebContext
from ..core.access import TRYING, hit
from ..core.responses import download, see_other
from .fixed_forms import CodeForm
from .receipts import receipt

# In which language the pages behind a mailed link speak.
#
# Their address names none, so they speak the one in which the request was sent, or the
# one that `?lang=` asks for: a link or button to them carries it along.


def asked_language(web: WebContext) -> str:
    """Return the project's language that the address asks for, or nothing."""
    # Most addresses ask nothing: there is nothing to be read.
    lang = request.args.get("lang", "") if request.query_string else ""
    return lang if lang in web.context.content.project.languages else ""


def link_url(web: WebContext, token: str, action: str = "") -> str:
    """Return an address behind a mailed link, in the language it is read in."""
    return urls.behind_link(token, action, asked_language(web))


def form_of(web: WebContext, submission: Submission) -> FormDefinition:
    """Return the form as this request answered it.

    It is in the language that is asked for, if that edition has the same questions.
    """
    form = web.context.today_if_answered(submission) or web.context.store.read(
        lambda db: web.context.form_of(db, submission)
    )
    other = web.context.content.forms.get(submission.form_id, {}).get(
        asked_language(web)
    )
    return other if other and other.fingerprint == form.fingerprint else form


def form_today(web: WebContext, submission: Submission) -> FormDefinition | None:
    """Return the form of today in the person's language, or in the main one."""
    editions = web.context.content.forms.get(submission.form_id, {})
    wanted = (asked_language(web), submission.lang, web.main_language)
    return next((editions[lang] for lang in wanted if lang in editions), None)


def alternatives(
    web: WebContext, token: str, submission: Submission, action: str = ""
) -> dict[str, str]:
    """Return an address behind this link in every language it can speak."""
    return {
        lang: urls.behind_link(token, action, lang)
        for lang, form in web.context.content.forms.get(submission.form_id, {}).items()
        if form.fingerprint == submission.fingerprint
    }


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


def asked_again(
    web: WebContext, submission: Submission, form: FormDefinition
) -> list[Complaint]:
    """Return what staff have asked to be corrected: names of questions, no answer."""
    if submission.status is not Status.CORRECTION_ASKED:
        return []
    wanted = web.context.store.read(
        lambda db: deciding.fields_to_correct(db, submission)
    )
    return [
        Complaint(type_of(field).controls(field)[0], field.label)
        for field in form.fields
        if field.id in wanted
    ]


def why_asked(web: WebContext, submission: Submission) -> str:
    """Return why staff have asked for a correction, as they wrote it to the person."""
    if submission.status is not Status.CORRECTION_ASKED:
        return ""
    return web.context.store.read(lambda db: deciding.why_to_correct(db, submission))


def check_code(web: WebContext, submission_id: str, typed: CodeForm) -> Submission:
    """Return the submission if the typed code opens it; raise `CodeWrong`."""
    hit(web, TRYING)
    found = verification.check_code(web.context, submission_id, typed.code.data)
    return web.context.store.read(lambda db: settling.visible(web.context, db, found))


def not_delicate(web: WebContext, submission: Submission) -> FormDefinition:
    """Return the form; raise `NotFound` for one that shows its answers to nobody."""
    form = form_of(web, submission)
    if form.delicate:
        raise NotFound(submission.id)
    return form


def see(web: WebContext, token: str, submission: Submission) -> Response:
    """Answer with all answers and what can be done with them."""
    form = not_delicate(web, submission)
    translator = web.translator(form.lang)
    verbs = allowed(submission)
    return web.render(
        "public/answers.html",
        translator,
        form=form,
        submission=submission,
        link_url=partial(link_url, web, token),
        code=CodeForm().code.data,
        answers=draw_answers(form, submission.answers, translator, Channel.WEB),
        asked_again=asked_again(web, submission, form),
        why=why_asked(web, submission),
        may_correct=EventVerb.CORRECT in verbs
        and form_today(web, submission) is not None,
        may_withdraw=EventVerb.WITHDRAW in verbs,
    )


def take_receipt(web: WebContext, token: str, submission: Submission) -> Response:
    """Answer with the receipt as a PDF."""
    not_delicate(web, submission)
    return receipt(web, submission)


def take_data(web: WebContext, token: str, submission: Submission) -> Response:
    """Answer with everything the person has told us, as JSON."""
    form = not_delicate(web, submission)
    data = person_copy.told(form, submission, web.translator(form.lang))
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    return download(text, "application/json", f"{form.id}-{submission.reference}.json")


def ask_withdrawal(web: WebContext, token: str, submission: Submission) -> Response:
    """Ask once more before a request is withdrawn, and say when it is then erased."""
    context = web.context
    form = context.store.read(lambda db: context.form_of(db, submission))
    day = context.retention_end(
        form, Status.WITHDRAWN, submission.created_at, context.clock()
    ).astimezone(context.zone)
    return _ask(web, token, submission, "public/withdraw.html", until=day.date())


def ask_erasure(web: WebContext, token: str, submission: Submission) -> Response:
    """Say what erasing means before everything is erased."""
    return _ask(web, token, submission, "public/erase.html")


def _ask(
    web: WebContext, token: str, submission: Submission, template: str, **said: Any
) -> Response:
    form = form_of(web, submission)
    return web.render(
        template,
        web.translator(form.lang),
        form=form,
        link_url=partial(link_url, web, token),
        code=CodeForm().code.data,
        **said,
    )


def withdraw(web: WebContext, token: str, submission: Submission) -> Response:
    """Withdraw, and lead back to the personal page."""
    deciding.decide(web.context, submission.id, EventVerb.WITHDRAW, CITIZEN)
    return see_other(link_url(web, token))


def erase(web: WebContext, token: str, submission: Submission) -> Response:
    """Erase everything at once, and say good-bye: there is no page to lead to."""
    form = form_of(web, submission)
    deciding.erase(web.context, submission.id, CITIZEN)
    translator = web.translator(form.lang)
    return web.render(
        "public/erased.html", translator, form=form, reference=submission.reference
    )
