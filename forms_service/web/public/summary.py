"""From the filled form to the stored request: read once more, then send.

Nothing is stored before the last step. Whatever happens on the way, everything typed
comes back in the page.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from flask import Response, get_template_attribute, request
from markupsafe import Markup

from ... import urls
from ...definition import Answer, Channel, Cleaned, FormDefinition, Raw, clean
from ...i18n import Translator
from ...pace import NoTurn
from ...shapes.html.answers import draw_answers
from ...shapes.html.fields import draw_hidden, slips
from ...tokens import TokenInvalid
from ...workflow import capacity, sending
from ...workflow.capacity import Availability, FormClosed, FormState
from ..core import ErrorPage, WebContext, client_address, describe
from ..core.access import PageTooOld, TooEarly, TrapFilled
from ..core.error_sentences import seconds_left
from ..core.responses import see_other
from .form_pages import find, kept_in, last_call, show_form, takes
from .paper import find_paper, posted_mark, source

KEY = "form-key"
VERSION = "form-version"
# No browser fills in a control of this name, and no person sees it.
TRAP = "leave-empty"


def summary(web: WebContext, lang: str, form_id: str) -> Response:
    """Answer with all answers to be read once more, or with what is to be corrected.

    Raise `FormClosed` when nothing can be sent now.
    """
    form = find(web, lang, form_id)
    state = capacity.state_for_answers(web.context, form)
    if not takes(form, state.availability):
        raise capacity.closed(web.context, form, state.availability)
    raw, cleaned = _posted(web, form)
    if not cleaned.ok:
        return show_form(web, form, raw, cleaned, 422)
    # An older copy of the page still works; the person reads what has become of it.
    changed = request.form.get(VERSION, form.fingerprint) != form.fingerprint
    error_page = replace(_form_changed(web, form), status=200) if changed else None
    key, wait = _new_key(web, form)
    return _summary(web, form, raw, cleaned, state, key, wait, error_page=error_page)


def _new_key(web: WebContext, form: FormDefinition) -> tuple[str, int]:
    """Return the key of a summary page, and the seconds to its turn; raise `NoTurn`."""
    turn = web.pace.take(_machine(web))
    return sending.new_form_key(web.context, form, turn), web.pace.left(turn)


def _form_changed(web: WebContext, form: FormDefinition) -> ErrorPage:
    return describe(sending.FormChanged(form.id), web.translator(form.lang))


def _posted(web: WebContext, form: FormDefinition) -> tuple[Raw, Cleaned]:
    """Return what was typed, and what it is worth."""
    raw = request.form.to_dict(flat=False)
    return raw, clean(form, raw, Channel.WEB, web.context.today)


def _summary(
    web: WebContext,
    form: FormDefinition,
    raw: Raw,
    cleaned: Cleaned,
    state: FormState,
    key: str,
    wait: int = 0,
    status: int = 200,
    error_page: ErrorPage | None = None,
) -> Response:
    translator = web.translator(form.lang)
    taken = takes(form, state.availability)
    edit = urls.online_form(form.id, form.lang) if taken else ""
    already = web.repeats.when(_sending_digest(form, cleaned.answers, web))
    answers = draw_answers(form, cleaned.answers, translator, Channel.WEB, edit)
    return web.render(
        "public/summary.html",
        translator,
        status,
        alternatives=kept_in(form),
        slots={
            "already": translator.format_time(already) if already else "",
            "hidden": draw_hidden(form, Channel.WEB, raw),
            "answers": answers,
            "slips": _slips(form, cleaned, translator, edit) if taken else "",
            "origin": posted_mark(web, form.id),
            "key": key,
            "wait": str(wait),
            "turn": _turn(web, translator, wait) if error_page is None else "",
        },
        compiled=error_page is None,
        form=form,
        waits=state.availability is Availability.FULL,
        takes=taken,
        error_page=error_page,
        last_call=last_call(web, form, filled=True),
        # Nobody can say when a disk or a server goes on; paper is always taken.
        paper=find_paper(web, form) if status == 503 else None,
    )


def _turn(web: WebContext, translator: Translator, wait: int) -> str:
    """Say when answers can be sent, to who has to wait longer than to read them."""
    longer = wait > web.config.summary_seconds
    return seconds_left(translator, wait) if longer else ""


def _slips(
    form: FormDefinition, cleaned: Cleaned, translator: Translator, edit: str
) -> str:
    """Return what may be slips, each with the button that leads to it."""
    found = slips(form, cleaned, translator)
    doubts = get_template_attribute("public/parts.html", "doubts")
    return Markup(doubts(found, edit, translator)) if found else ""  # noqa: S704


def confirm(web: WebContext, lang: str, form_id: str) -> Response:
    """Store what was read on the summary page, once, and lead to the page after it."""
    form = find(web, lang, form_id)
    if request.form.get(TRAP):
        raise TrapFilled
    key = _key(web)
    raw, cleaned = _posted(web, form)
    if not cleaned.ok:
        return show_form(web, form, raw, cleaned, 422)
    _check_turn(web, key)
    sent = sending.send(web.context, form, cleaned.answers, key, source(web, form_id))
    web.repeats.remember(_sending_digest(form, cleaned.answers, web))
    token = sending.sent_token(web.context, sent.submission)
    return see_other(urls.sent(form_id, lang, token))


def _check_turn(web: WebContext, key: sending.IdempotencyKey) -> None:
    """Raise `TooEarly` before the turn of a summary page, `NoTurn` without one."""
    turn = web.pace.kept(key.turn, _machine(web))
    if left := web.pace.left(turn):
        raise TooEarly(sending.sign(web.context, replace(key, turn=turn)), left)


def _machine(web: WebContext) -> str:
    return client_address(request, web.config.trusted_proxies)


def _sending_digest(
    form: FormDefinition, answers: Mapping[str, Answer], web: WebContext
) -> str:
    """Return what tells a sending from all others: form, answers and machine.

    Going back after sending and loading the page again makes a new summary of the
    same answers. Nobody else may learn from it that an address is known here.
    """
    machine = _machine(web)
    browser = request.headers.get("User-Agent", "")
    # Answers of every type are JSON: they are stored as such.
    return json.dumps([form.id, answers, machine, browser], sort_keys=True)


def _key(web: WebContext) -> sending.IdempotencyKey:
    try:
        return sending.read_form_key(web.context, request.form.get(KEY, ""))
    except TokenInvalid as error:
        raise PageTooOld from error


def on_error(web: WebContext, error: Exception, lang: str, form_id: str) -> Response:
    """Answer an error with the summary again, or with the form if answers need work."""
    form = find(web, lang, form_id)
    raw, cleaned = _posted(web, form)
    if isinstance(error, PageTooOld | sending.FormChanged):
        error = _closed_meanwhile(web, form) or error
    error_page = describe(error, web.translator(lang))
    if not cleaned.ok and isinstance(error, FormClosed):
        # Nothing can be sent: what is wrong with the answers no longer matters.
        return show_form(
            web,
            form,
            raw,
            Cleaned(),
            error_page.status,
            availability=error.availability,
        )
    if not cleaned.ok:
        return show_form(web, form, raw, cleaned, error_page.status, error_page)
    state = FormState(Availability.OPEN, None, 0)
    if isinstance(error, FormClosed):
        state = FormState(error.availability, None, 0)
    # The same key: what was stored in spite of the error is found again by it.
    again = not isinstance(error, PageTooOld | sending.FormChanged | FormClosed)
    key, wait = request.form.get(KEY, "") if again else "", 0
    if isinstance(error, TooEarly):
        key, wait = error.key, int(error.wait.total_seconds())
    elif not key:
        with suppress(NoTurn):
            key, wait = _new_key(web, form)
    # Without a free turn it is taken when the page is sent.
    key = key or sending.new_form_key(web.context, form)
    return _summary(
        web, form, raw, cleaned, state, key, wait, error_page.status, error_page
    )


def _closed_meanwhile(web: WebContext, form: FormDefinition) -> FormClosed | None:
    """Return why nothing is taken any more: no page may ask to send it again."""
    try:
        capacity.check_dates(web.context, form, web.context.clock())
    except FormClosed as closed:
        return closed
    return None
