"""Correct a request that was sent: the form filled in, read once more, replaced.

The code is asked when answers are shown and when they are replaced. Half an hour may
not be enough in between: a new code is asked for on the same page, and nothing typed
is lost. The pages carry the revision that they began with: a correction replaces no
answer and undoes no decision that the person has not seen. Controls of this flow have
a hyphen, which no id of a field has.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from flask import Response, request

from ...definition import Channel, Cleaned, FormDefinition, Raw, clean, raw_of, type_of
from ...i18n import Translator
from ...shapes.answer_summary import Change, changes
from ...shapes.html.answers import draw_answers
from ...shapes.html.fields import Complaint, complaints, draw_fields, draw_hidden, slips
from ...shapes.html.filling import Filling
from ...store import revisions
from ...store.connection import Connection
from ...store.events import REPLACING, EventVerb
from ...store.submissions import Status, Submission
from ...workflow import correcting, verification
from ...workflow.sending import LinkExpired
from ...workflow.transitions import (
    NotAllowed,
    RevisionConflict,
    allowed,
    changes_since,
    check,
)
from ...workflow.verification import CodeWrong, MailLink
from ..core import ErrorPage, WebContext, describe
from ..core.access import MAILING, hit
from ..core.error_handler import error_page as about_error
from ..core.fixed_forms import read_revision
from .fixed_forms import CodeForm
from .personal_actions import (
    STATES,
    asked_again,
    check_code,
    form_today,
    link_url,
    not_delicate,
    why_asked,
)


def carried_code() -> CodeForm:
    """Return the code that goes along from page to page of a correction."""
    return CodeForm(prefix="link")


def begin(web: WebContext, token: str, submission: Submission) -> Response:
    """Answer with the form of today, filled in with the answers that are stored."""
    form = _form(web, submission)
    answers = dict(submission.answers)
    if submission.fingerprint != form.fingerprint:
        # A statement counts only for the words it was made on.
        text_fields = [field.id for field in form.fields if type_of(field).has_text]
        answers = {
            key: value for key, value in answers.items() if key not in text_fields
        }
    check(EventVerb.CORRECT, submission)
    raw = raw_of(form, answers)
    shown = submission.revision
    return _fill(web, token, submission, form, raw, Cleaned(), CodeForm(), shown)


def _form(web: WebContext, submission: Submission) -> FormDefinition:
    """Return today's form; raise `NotFound` or `NotAllowed` for what stays as it is."""
    not_delicate(web, submission)
    form = form_today(web, submission)
    if form is None:
        raise NotAllowed(EventVerb.CORRECT, submission)
    return form


def carried_revision() -> int:
    """Return the revision that the pages of this correction began with."""
    return read_revision(request.form.get("link-revision", ""))


def changed_since(
    web: WebContext, submission: Submission, shown: int, translator: Translator
) -> list[Change]:
    """Return what corrections have changed since the revision that was shown."""

    def job(db: Connection) -> list[Change]:
        verbs = [event.verb for event in changes_since(db, submission.id, shown)]
        times = sum(verb in REPLACING for verb in verbs)
        if not times:
            return []
        old = revisions.of_submission(db, submission.id)[-times]
        then = replace(
            submission,
            fingerprint=old.fingerprint,
            lang=old.lang,
            text_hash=old.text_hash,
        )
        before = (web.context.form_of(db, then), old.answers)
        after = (web.context.form_of(db, submission), submission.answers)
        return changes(before, after, translator)

    return web.context.store.read(job)


def _fill(
    web: WebContext,
    token: str,
    submission: Submission,
    form: FormDefinition,
    raw: Raw,
    cleaned: Cleaned,
    typed: CodeForm,
    shown: int,
    error_page: ErrorPage | None = None,
    changed: Sequence[Change] = (),
) -> Response:
    translator = web.translator(form.lang)
    prevailing = web.context.content.form(form.id)
    filling = Filling(raw, cleaned)
    return web.render(
        "public/correct.html",
        translator,
        200 if cleaned.ok else 422,
        form=form,
        submission=submission,
        revision=shown,
        error_page=error_page,
        state=translator.gettext(STATES[submission.status][0]),
        changed=changed,
        link_url=partial(link_url, web, token),
        code=typed.code.data,
        fields=draw_fields(form, translator, Channel.WEB, filling, prevailing),
        complaints=complaints(form, Channel.WEB, cleaned, translator),
        wrong=bool(cleaned.errors),
        accepted=submission.status is Status.ACCEPTED and form.register is None,
        asked_again=asked_again(web, submission, form),
        why=why_asked(web, submission),
    )


def again(web: WebContext, token: str, link: MailLink) -> Response:
    """Answer with the form as it was filled in."""
    submission = link.submission
    form = _form(web, submission)
    typed, shown = carried_code(), carried_revision()
    return _fill(web, token, submission, form, _typed(), Cleaned(), typed, shown)


def _typed() -> Raw:
    typed: Raw = request.form.to_dict(flat=False)
    return typed


def summary(web: WebContext, token: str, link: MailLink) -> Response:
    """Answer with the corrected answers to be read, or with what is still wrong."""
    return _summary(web, token, link)


def _summary(
    web: WebContext,
    token: str,
    link: MailLink,
    error_page: ErrorPage | None = None,
    wrong: str = "",
    code_mailed: bool = False,
) -> Response:
    submission = link.submission
    form = _form(web, submission)
    raw, typed = _typed(), carried_code()
    cleaned = clean(form, raw, Channel.WEB, web.context.today)
    if not cleaned.ok:
        shown = carried_revision()
        return _fill(web, token, submission, form, raw, cleaned, typed, shown)
    translator = web.translator(form.lang)
    over = submission.code_tries >= verification.CODE_TRIES and not code_mailed
    box = "again" if over else typed.code.id
    return web.render(
        "public/correct_summary.html",
        translator,
        422 if wrong else 200,
        form=form,
        submission=submission,
        revision=carried_revision(),
        link_url=partial(link_url, web, token),
        code=typed.code.data,
        answers=draw_answers(form, cleaned.answers, translator, Channel.WEB),
        slips=slips(form, cleaned, translator),
        hidden=draw_hidden(form, Channel.WEB, raw),
        error_page=error_page,
        wrong=wrong,
        asks_code=bool(wrong) or code_mailed,
        over=over,
        complaints=[Complaint(box, wrong)] if wrong else [],
        code_mailed=code_mailed,
    )


def mail_code(web: WebContext, token: str, link: MailLink) -> Response:
    """Mail another code; the corrected answers stay in the page."""
    hit(web, MAILING)
    verification.request_code(web.context, link.submission.id)
    return _summary(web, token, link, code_mailed=True)


def replace_answers(web: WebContext, token: str, link: MailLink) -> Response:
    """Replace the answers by the corrected ones; what has not changed stays."""
    form = _form(web, link.submission)
    cleaned = clean(form, _typed(), Channel.WEB, web.context.today)
    if not cleaned.ok:
        return _summary(web, token, link)
    typed = carried_code()
    if not typed.validate():
        wrong = web.translator(form.lang).translate(typed.wrong[typed.code.id])
        return _summary(web, token, link, wrong=wrong)
    submission = check_code(web, link.submission.id, typed)
    answers = {**_not_asked_here(form, submission), **cleaned.answers}
    same = (answers, form.fingerprint) == (submission.answers, submission.fingerprint)
    translator, shown = web.translator(form.lang), carried_revision()
    # Who presses twice reads what was said to the first press.
    changed = not same or bool(changed_since(web, submission, shown, translator))
    # Who was asked for a correction may also say that all is right as it is.
    if not same or submission.status is Status.CORRECTION_ASKED:
        submission = correcting.correct(
            web.context, form, submission.id, answers, shown
        )
    return web.render(
        "public/corrected.html",
        translator,
        form=form,
        submission=submission,
        link_url=partial(link_url, web, token),
        changed=changed,
    )


def _not_asked_here(form: FormDefinition, submission: Submission) -> dict[str, object]:
    """Return answers that only paper asks: the web form cannot have changed them."""
    online = {field.id for field in form.at(Channel.WEB)}
    others = [field.id for field in form.fields if field.id not in online]
    return {key: submission.answers[key] for key in others if key in submission.answers}


def shown_again(
    web: WebContext, token: str, link: MailLink, error: Exception
) -> Response:
    """Answer an error with the corrected answers, to be sent once more.

    What can no longer be corrected, or not by this link, stands in an error page.
    When the request has changed the form says how, and the person decides again.
    """
    submission = link.submission
    form = form_today(web, submission) or not_delicate(web, submission)
    translator = web.translator(form.lang)
    error_page = describe(error, translator)
    if isinstance(error, NotAllowed | LinkExpired) or (
        EventVerb.CORRECT not in allowed(submission)
    ):
        over = isinstance(error, LinkExpired)
        return about_error(web, error, form, back="" if over else link_url(web, token))
    if isinstance(error, RevisionConflict):
        return _fill(
            web,
            token,
            submission,
            form,
            _typed(),
            Cleaned(),
            carried_code(),
            submission.revision,
            error_page,
            changed_since(web, submission, carried_revision(), translator),
        )
    wrong = error_page.text if isinstance(error, CodeWrong) else ""
    return _summary(web, token, link, error_page, wrong)
