"""Correct a request that was sent: the form filled in, read once more, replaced.

The code is asked when answers are shown and when they are replaced. Half an hour may
not be enough in between: a new code is asked for on the same page, and nothing typed
is lost. Controls of this flow have a hyphen, which no id of a field has.
"""

from functools import partial

from flask import Response, request

from ...definition import (
    Cleaned,
    FormDefinition,
    Place,
    Raw,
    clean,
    raw_of,
    type_of,
)
from ...shapes.answer_summary import read_back
from ...shapes.html.fields import (
    Complaint,
    Filling,
    complaints,
    draw_fields,
    draw_hidden,
    slips,
)
from ...store.events import EventVerb
from ...store.submissions import Status, Submission
from ...workflow import deciding, verification
from ...workflow.sending import CITIZEN
from ...workflow.transitions import NotAllowed, check
from ...workflow.verification import CodeWrong, MailLink
from ..page import ErrorPage, Page, describe
from ..page.rate_limits import MAILING, hit
from .fixed_forms import CodeForm
from .personal_actions import check_code, not_delicate
from .speaking import form_today, here


def carried_code() -> CodeForm:
    """Return the code that goes along from page to page of a correction."""
    return CodeForm(prefix="link")


def begin(page: Page, token: str, one: Submission) -> Response:
    """Answer with the form of today, filled in with the answers that are stored."""
    form = _form(page, one)
    answers = dict(one.answers)
    if one.fingerprint != form.fingerprint:
        # A statement counts only for the words it was made on.
        said = [asked.id for asked in form.fields if type_of(asked).has_text]
        answers = {key: value for key, value in answers.items() if key not in said}
    return _fill(page, token, one, form, raw_of(form, answers), Cleaned(), CodeForm())


def _form(page: Page, one: Submission) -> FormDefinition:
    """Return today's form; raise `NotFound` or `NotAllowed` for what stays as it is."""
    not_delicate(page, one)
    check(EventVerb.CORRECT, one)
    form = form_today(page, one)
    if form is None:
        raise NotAllowed(EventVerb.CORRECT, one)
    return form


def asked_again(page: Page, one: Submission, form: FormDefinition) -> list[Complaint]:
    """Return what staff have asked to be corrected: names of questions, no answer."""
    if one.status is not Status.CORRECTION_ASKED:
        return []
    wanted = page.work.store.read(lambda db: deciding.fields_to_correct(db, one))
    return [
        Complaint(type_of(asked).controls(asked)[0], asked.label)
        for asked in form.fields
        if asked.id in wanted
    ]


def _fill(
    page: Page,
    token: str,
    one: Submission,
    form: FormDefinition,
    raw: Raw,
    cleaned: Cleaned,
    typed: CodeForm,
) -> Response:
    words = page.words(form.lang)
    prevailing = page.work.content.form(form.id)
    filling = Filling(raw, cleaned)
    return page.render(
        "public/correct.html",
        words,
        200 if cleaned.ok else 422,
        form=form,
        one=one,
        here=partial(here, page, token),
        code=typed.code.data,
        fields=draw_fields(form, words, Place.WEB, filling, prevailing),
        complaints=complaints(form, Place.WEB, cleaned, words),
        wrong=bool(cleaned.errors),
        accepted=one.status is Status.ACCEPTED,
        asked_again=asked_again(page, one, form),
    )


def again(page: Page, token: str, link: MailLink) -> Response:
    """Answer with the form as it was filled in."""
    one = link.submission
    form = _form(page, one)
    return _fill(page, token, one, form, _typed(), Cleaned(), carried_code())


def _typed() -> Raw:
    typed: Raw = request.form.to_dict(flat=False)
    return typed


def summary(page: Page, token: str, link: MailLink) -> Response:
    """Answer with the corrected answers to be read, or with what is still wrong."""
    return _summary(page, token, link)


def _summary(
    page: Page,
    token: str,
    link: MailLink,
    trouble: ErrorPage | None = None,
    wrong: str = "",
    code_mailed: bool = False,
) -> Response:
    one = link.submission
    form = _form(page, one)
    raw, typed = _typed(), carried_code()
    cleaned = clean(form, raw, Place.WEB, page.work.today)
    if not cleaned.ok:
        return _fill(page, token, one, form, raw, cleaned, typed)
    words = page.words(form.lang)
    over = one.code_tries >= verification.CODE_TRIES and not code_mailed
    box = "again" if over else typed.code.id
    return page.render(
        "public/correct_summary.html",
        words,
        trouble.status if trouble else 422 if wrong else 200,
        form=form,
        one=one,
        here=partial(here, page, token),
        code=typed.code.data,
        sections=read_back(form, cleaned.answers, words, Place.WEB),
        slips=slips(form, cleaned, words),
        hidden=draw_hidden(form, Place.WEB, raw),
        trouble=trouble,
        wrong=wrong,
        asks_code=bool(wrong) or code_mailed,
        over=over,
        complaints=[Complaint(box, wrong)] if wrong else [],
        code_mailed=code_mailed,
    )


def mail_code(page: Page, token: str, link: MailLink) -> Response:
    """Mail another code; the corrected answers stay in the page."""
    hit(page, MAILING)
    verification.request_code(page.work, link.submission.id)
    return _summary(page, token, link, code_mailed=True)


def replace_answers(page: Page, token: str, link: MailLink) -> Response:
    """Replace the answers by the corrected ones; what has not changed stays."""
    form = _form(page, link.submission)
    cleaned = clean(form, _typed(), Place.WEB, page.work.today)
    if not cleaned.ok:
        return _summary(page, token, link)
    typed = carried_code()
    if not typed.validate():
        wrong = page.words(form.lang).tell(typed.wrong[typed.code.id])
        return _summary(page, token, link, wrong=wrong)
    one = check_code(page, link.submission.id, typed)
    answers = {**_not_asked_here(form, one), **cleaned.answers}
    same = (answers, form.fingerprint) == (one.answers, one.fingerprint)
    # Who was asked for a correction may also say that all is right as it is.
    if not same or one.status is Status.CORRECTION_ASKED:
        one = deciding.correct(page.work, form, one.id, answers, CITIZEN)
    return page.render(
        "public/corrected.html",
        page.words(form.lang),
        form=form,
        one=one,
        here=partial(here, page, token),
        changed=not same,
    )


def _not_asked_here(form: FormDefinition, one: Submission) -> dict[str, object]:
    """Return answers that only paper asks: the web form cannot have changed them."""
    online = {asked.id for asked in form.at(Place.WEB)}
    others = [asked.id for asked in form.fields if asked.id not in online]
    return {key: one.answers[key] for key in others if key in one.answers}


def shown_again(page: Page, token: str, link: MailLink, error: Exception) -> Response:
    """Answer an error with the corrected answers, to be sent once more."""
    trouble = describe(error, page.words(_form(page, link.submission).lang))
    wrong = trouble.text if isinstance(error, CodeWrong) else ""
    return _summary(page, token, link, trouble, wrong)
