"""From the empty form to the stored request: fill in, read once more, send.

Nothing is stored before the last step. Whatever happens on the way, everything typed
comes back in the page.
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from flask import Response, abort, make_response, redirect, request
from werkzeug.http import quote_etag

from ... import addresses
from ...definition import Answer, Cleaned, FormDefinition, Place, Raw, Role
from ...definition.mailboxes import meant
from ...shapes.markup import Filling, complaints, draw_fields, draw_hidden
from ...shapes.notice import short_notice
from ...shapes.readback import read_back
from ...tokens import TokenInvalid
from ...words import Words
from ...workflow import places, sending
from ...workflow.places import Door, FormClosed, FormState
from ..page import Limit, Page, Trouble, client_address, told
from ..page.binding import bind
from ..page.errors import PageTooOld, TrapFilled
from ..page.rendering import HEADERS
from .opened import Opened, carried, source
from .paper import Paper, find_paper

KEY = "form-key"
VERSION = "form-version"
# No browser fills in a control of this name, and no person sees it.
TRAP = "leave-empty"
EMPTY_FORM = {**HEADERS, "Cache-Control": "public, max-age=60"}
SENDING = Limit("send", 60, timedelta(minutes=10))


def form_page(page: Page, lang: str, form_id: str) -> Response:
    """Answer with the empty form: the same bytes for everybody, drawn once a state."""
    form = find(page, lang, form_id)
    state = places.form_state(page.work, form)
    paper = find_paper(page, form)
    body, tag = page.prepare(
        ("form", form_id, lang, state.door, paper),
        lambda: _draw(page, form, state.door, paper),
    )
    response = Response(body, headers=EMPTY_FORM, mimetype="text/html")
    response.headers["ETag"] = tag
    if request.if_none_match:
        response.make_conditional(request)
    return response


def back_to_form(page: Page, lang: str, form_id: str) -> Response:
    """Lead who opens an address that only takes answers to the form it belongs to.

    A phone opens again the tab it had closed, with the address and nothing typed.
    """
    form = find(page, lang, form_id)
    return make_response(redirect(addresses.online_form(form.id, lang), 303))


def find(page: Page, lang: str, form_id: str) -> FormDefinition:
    """Return today's form in a language, or answer that there is no such page."""
    form = page.work.content.forms.get(form_id, {}).get(lang)
    if form is None:
        abort(404)
    return form


def _draw(
    page: Page, form: FormDefinition, door: Door, paper: Paper | None
) -> tuple[bytes, str]:
    """Return the page and its tag."""
    languages = page.work.content.forms[form.id]
    html = page.draw(
        "public/form.html",
        page.words(form.lang),
        {lang: addresses.online_form(form.id, lang) for lang in languages},
        **_frame(page, form, door, paper),
        fields=_fields(page, form, Filling()),
        complaints=[],
        trouble=None,
        opened=None,
        origin="",
        typed=False,
        unreached=False,
    )
    body = html.encode()
    return body, quote_etag(sha256(body).hexdigest()[:24])


def _frame(
    page: Page, form: FormDefinition, door: Door, paper: Paper | None
) -> dict[str, Any]:
    """Return what a form page says around the fields."""
    return {
        "form": form,
        "door": door.value,
        "takes": takes(form, door),
        "notice": short_notice(form, page.project(form.lang), page.words(form.lang)),
        "others": _others(page, form),
        "elsewhere": partial(addresses.online_form, form.id),
        "paper": paper,
        "version": form.fingerprint,
        "privacy_page": _privacy_page(page, form.lang),
    }


def _others(page: Page, form: FormDefinition) -> list[tuple[Words, str]]:
    others = [lang for lang in page.work.content.forms[form.id] if lang != form.lang]
    return [(page.words(lang), lang) for lang in others]


def _privacy_page(page: Page, lang: str) -> str:
    """Return the site's page with the whole notice, where it says there is one."""
    legal = page.pages.legal(
        lang if lang in page.pages.by_language else page.main_language
    )
    pages = (link for link in legal if link.element == "privacy-policy-link")
    return next((link.address for link in pages), "")


def takes(form: FormDefinition, door: Door) -> bool:
    """Say whether something can be sent: a full form may have a waiting list."""
    if door is Door.FULL:
        return form.capacity is not None and form.capacity.waiting_list
    return door is Door.OPEN


def _fields(page: Page, form: FormDefinition, filling: Filling) -> str:
    prevailing = page.work.content.form(form.id)
    words = page.words(form.lang)
    return draw_fields(form, words, Place.WEB, filling, prevailing, "#other-ways")


def filled_form(page: Page, lang: str, form_id: str) -> Response:
    """Answer with the form as it is filled in: another language, or a correction."""
    form = find(page, lang, form_id)
    door = places.form_state(page.work, form).door
    return show_form(page, form, bind(form, Place.WEB).raw, Cleaned(), 200, door=door)


def show_form(
    page: Page,
    form: FormDefinition,
    raw: Raw,
    cleaned: Cleaned,
    status: int,
    trouble: Trouble | None = None,
    opened: Opened | None = None,
    door: Door = Door.OPEN,
) -> Response:
    """Answer with a form that somebody has filled in, and what is to be said of it."""
    words = page.words(form.lang)
    asked = form.by_role(Role.EMAIL)
    return page.render(
        "public/form.html",
        words,
        status,
        alternatives=_kept_in(page, form),
        **_frame(page, form, door, find_paper(page, form)),
        fields=_fields(page, form, Filling(raw, cleaned)),
        complaints=complaints(form, Place.WEB, cleaned, words),
        wrong=bool(cleaned.errors),
        trouble=trouble,
        opened=opened,
        origin=opened.mark if opened else carried(page, form.id),
        typed=True,
        unreached=asked is not None and asked.id in cleaned.errors,
    )


def _kept_in(page: Page, form: FormDefinition) -> dict[str, str]:
    """Return where a filled-in page changes its language: at buttons of its own.

    A link to another page would lose what was typed; a script presses the button.
    """
    languages = page.work.content.forms[form.id]
    return dict.fromkeys(languages, "#other-languages")


def summary(page: Page, lang: str, form_id: str) -> Response:
    """Answer with all answers to be read once more, or with what is to be corrected.

    Raise `FormClosed` when nothing can be sent now.
    """
    form = find(page, lang, form_id)
    state = places.form_state(page.work, form)
    if not takes(form, state.door):
        raise FormClosed(state.door)
    typed = bind(form, Place.WEB)
    cleaned = typed.cleaned(_today(page))
    if not cleaned.ok:
        return show_form(page, form, typed.raw, cleaned, 422)
    # An older copy of the page still works; the person reads what has become of it.
    changed = request.form.get(VERSION, form.fingerprint) != form.fingerprint
    trouble = _told_changed(page, form) if changed else None
    return _summary(page, form, typed.raw, cleaned, state, trouble=trouble)


def _told_changed(page: Page, form: FormDefinition) -> Trouble:
    return told(sending.FormChanged(form.id), page.words(form.lang))


def _today(page: Page) -> date:
    return page.work.clock().astimezone(page.work.zone).date()


def _summary(
    page: Page,
    form: FormDefinition,
    raw: Raw,
    cleaned: Cleaned,
    state: FormState,
    status: int = 200,
    trouble: Trouble | None = None,
    key: str = "",
) -> Response:
    words = page.words(form.lang)
    return page.render(
        "public/summary.html",
        words,
        status,
        alternatives=_kept_in(page, form),
        others=_others(page, form),
        elsewhere=partial(addresses.summary, form.id),
        already=page.recent.when(_said(form, cleaned.answers, page)),
        form=form,
        sections=read_back(form, cleaned.answers, words, Place.WEB),
        hidden=draw_hidden(form, Place.WEB, raw),
        slip=_slip(form, cleaned.answers),
        origin=carried(page, form.id),
        key=key or sending.new_form_key(page.work, form),
        waits=state.door is Door.FULL,
        takes=takes(form, state.door) or bool(key),
        trouble=trouble,
    )


def _slip(form: FormDefinition, answers: Mapping[str, Answer]) -> tuple[str, str]:
    """Return the section of the address and what was probably meant; a mere hint."""
    asked = form.by_role(Role.EMAIL)
    probably = meant(str(answers.get(asked.id, ""))) if asked else ""
    parts = [one.id for one in form.sections if probably and asked in one.fields]
    return next(iter(parts), ""), probably


def confirm(page: Page, lang: str, form_id: str) -> Response:
    """Store what was read on the summary page, once, and lead to the page after it."""
    form = find(page, lang, form_id)
    page.limits.spend(SENDING, client_address(request, page.config.trusted_proxies))
    if request.form.get(TRAP):
        raise TrapFilled
    key = _key(page)
    typed = bind(form, Place.WEB)
    cleaned = typed.cleaned(_today(page))
    if not cleaned.ok:
        return show_form(page, form, typed.raw, cleaned, 422)
    sent = sending.send(page.work, form, cleaned.answers, key, source(page, form_id))
    page.recent.remember(_said(form, cleaned.answers, page))
    token = sending.sent_token(page.work, sent.submission)
    response = make_response(redirect(addresses.sent(form_id, lang, token), 303))
    response.headers["Cache-Control"] = "no-store"
    return response


def _said(form: FormDefinition, answers: Mapping[str, Answer], page: Page) -> str:
    """Return what tells a sending from all others: form, answers and machine.

    Going back after sending and loading the page again makes a new summary of the
    same answers. Nobody else may learn from it that an address is known here.
    """
    machine = client_address(request, page.config.trusted_proxies)
    browser = request.headers.get("User-Agent", "")
    # Answers of every type are JSON: they are stored as such.
    return json.dumps([form.id, answers, machine, browser], sort_keys=True)


def _key(page: Page) -> sending.FormKey:
    try:
        return sending.read_form_key(page.work, request.form.get(KEY, ""))
    except TokenInvalid as error:
        raise PageTooOld from error


def give_back(page: Page, error: Exception, lang: str, form_id: str) -> Response:
    """Answer trouble with the summary again, or with the form if answers need work."""
    form = find(page, lang, form_id)
    typed = bind(form, Place.WEB)
    cleaned = typed.cleaned(_today(page))
    trouble = told(error, page.words(lang))
    if not cleaned.ok and isinstance(error, FormClosed):
        # Nothing can be sent: what is wrong with the answers no longer matters.
        return show_form(
            page, form, typed.raw, Cleaned(), trouble.status, door=error.door
        )
    if not cleaned.ok:
        return show_form(page, form, typed.raw, cleaned, trouble.status, trouble)
    state = FormState(Door.OPEN, None, 0)
    if isinstance(error, FormClosed):
        state = FormState(error.door, None, 0)
    # The same key: what was stored in spite of the trouble is found again by it.
    again = not isinstance(error, PageTooOld | sending.FormChanged | FormClosed)
    key = request.form.get(KEY, "") if again else ""
    return _summary(page, form, typed.raw, cleaned, state, trouble.status, trouble, key)
