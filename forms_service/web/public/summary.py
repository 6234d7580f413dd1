"""From the filled form to the stored request: read once more, then send.

Nothing is stored before the last step. Whatever happens on the way, everything typed
comes back in the page.
"""

import json
from collections.abc import Mapping
from functools import partial

from flask import Response, request
from limits import RateLimitItemPerMinute

from ... import addresses
from ...definition import Answer, Cleaned, FormDefinition, Place, Raw, clean
from ...shapes.answer_summary import read_back
from ...shapes.html.fields import draw_hidden, slips
from ...tokens import TokenInvalid
from ...workflow import capacity, sending
from ...workflow.capacity import Availability, FormClosed, FormState
from ..page import ErrorPage, Page, client_address, describe
from ..page.errors import PageTooOld, TrapFilled
from ..page.rate_limits import hit
from ..page.rendering import see_other
from .form_pages import find, kept_in, others, show_form, takes
from .opened import carried, source

KEY = "form-key"
VERSION = "form-version"
# No browser fills in a control of this name, and no person sees it.
TRAP = "leave-empty"
SENDING = RateLimitItemPerMinute(60, 10, "send")


def summary(page: Page, lang: str, form_id: str) -> Response:
    """Answer with all answers to be read once more, or with what is to be corrected.

    Raise `FormClosed` when nothing can be sent now.
    """
    form = find(page, lang, form_id)
    state = capacity.form_state(page.work, form)
    if not takes(form, state.availability):
        raise capacity.closed(page.work, form, state.availability)
    raw, cleaned = _posted(page, form)
    if not cleaned.ok:
        return show_form(page, form, raw, cleaned, 422)
    # An older copy of the page still works; the person reads what has become of it.
    changed = request.form.get(VERSION, form.fingerprint) != form.fingerprint
    trouble = _form_changed(page, form) if changed else None
    return _summary(page, form, raw, cleaned, state, trouble=trouble)


def _form_changed(page: Page, form: FormDefinition) -> ErrorPage:
    return describe(sending.FormChanged(form.id), page.words(form.lang))


def _posted(page: Page, form: FormDefinition) -> tuple[Raw, Cleaned]:
    """Return what was typed, and what it is worth."""
    raw = request.form.to_dict(flat=False)
    return raw, clean(form, raw, Place.WEB, page.work.today)


def _summary(
    page: Page,
    form: FormDefinition,
    raw: Raw,
    cleaned: Cleaned,
    state: FormState,
    status: int = 200,
    trouble: ErrorPage | None = None,
    key: str = "",
) -> Response:
    words = page.words(form.lang)
    return page.render(
        "public/summary.html",
        words,
        status,
        alternatives=kept_in(page, form),
        others=others(page, form),
        elsewhere=partial(addresses.summary, form.id),
        already=page.repeats.when(_said(form, cleaned.answers, page)),
        form=form,
        sections=read_back(form, cleaned.answers, words, Place.WEB),
        hidden=draw_hidden(form, Place.WEB, raw),
        slips=slips(form, cleaned, words),
        origin=carried(page, form.id),
        key=key or sending.new_form_key(page.work, form),
        waits=state.availability is Availability.FULL,
        takes=takes(form, state.availability) or bool(key),
        trouble=trouble,
    )


def confirm(page: Page, lang: str, form_id: str) -> Response:
    """Store what was read on the summary page, once, and lead to the page after it."""
    form = find(page, lang, form_id)
    hit(page, SENDING)
    if request.form.get(TRAP):
        raise TrapFilled
    key = _key(page)
    raw, cleaned = _posted(page, form)
    if not cleaned.ok:
        return show_form(page, form, raw, cleaned, 422)
    sent = sending.send(page.work, form, cleaned.answers, key, source(page, form_id))
    page.repeats.remember(_said(form, cleaned.answers, page))
    token = sending.sent_token(page.work, sent.submission)
    return see_other(addresses.sent(form_id, lang, token))


def _said(form: FormDefinition, answers: Mapping[str, Answer], page: Page) -> str:
    """Return what tells a sending from all others: form, answers and machine.

    Going back after sending and loading the page again makes a new summary of the
    same answers. Nobody else may learn from it that an address is known here.
    """
    machine = client_address(request, page.config.trusted_proxies)
    browser = request.headers.get("User-Agent", "")
    # Answers of every type are JSON: they are stored as such.
    return json.dumps([form.id, answers, machine, browser], sort_keys=True)


def _key(page: Page) -> sending.IdempotencyKey:
    try:
        return sending.read_form_key(page.work, request.form.get(KEY, ""))
    except TokenInvalid as error:
        raise PageTooOld from error


def on_error(page: Page, error: Exception, lang: str, form_id: str) -> Response:
    """Answer an error with the summary again, or with the form if answers need work."""
    form = find(page, lang, form_id)
    raw, cleaned = _posted(page, form)
    trouble = describe(error, page.words(lang))
    if not cleaned.ok and isinstance(error, FormClosed):
        # Nothing can be sent: what is wrong with the answers no longer matters.
        return show_form(
            page,
            form,
            raw,
            Cleaned(),
            trouble.status,
            availability=error.availability,
        )
    if not cleaned.ok:
        return show_form(page, form, raw, cleaned, trouble.status, trouble)
    state = FormState(Availability.OPEN, None, 0)
    if isinstance(error, FormClosed):
        state = FormState(error.availability, None, 0)
    # The same key: what was stored in spite of the trouble is found again by it.
    again = not isinstance(error, PageTooOld | sending.FormChanged | FormClosed)
    key = request.form.get(KEY, "") if again else ""
    return _summary(page, form, raw, cleaned, state, trouble.status, trouble, key)
