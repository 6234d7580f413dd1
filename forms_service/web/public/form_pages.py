"""A form as a page: found, drawn empty or filled in, with what is to be said of it."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, get_template_attribute, request
from limits import RateLimitItemPerMinute
from markupsafe import Markup

from ... import urls
from ...clock import end_of_day, start_of_day
from ...definition import Channel, Cleaned, FormDefinition, Raw, Role, Text
from ...definition.form_dates import GRACE
from ...i18n import N_
from ...shapes.calendar import what_became
from ...shapes.chrome import STYLESHEET
from ...shapes.html.fields import complaints, draw_fields
from ...shapes.html.filling import Filling
from ...workflow import capacity
from ...workflow.appointments import is_over
from ...workflow.capacity import Availability
from ..core import ErrorPage, WebContext, describe
from ..core.access import HALL, hit
from ..core.responses import HEADERS, download, see_other
from ..core.static_files import Precompressed
from .paper import BlankPdf, UploadedPdf, filled_paper, find_paper, posted_mark

_LAST_DAY = N_(
    "Today is the last day: the form closes at midnight. If you have opened it before,"
    " you can send it until {moment}."
)
_STILL_TAKEN = N_(
    "The form closed at midnight. You can still send what you have written until"
    " {moment}."
)
_OPENED_BEFORE = N_(
    "Had you opened the form before midnight? You can send it from that page until"
    " {moment}."
)
EMPTY_FORM = {**HEADERS, "Cache-Control": "public, max-age=60"}
SAVING = RateLimitItemPerMinute(HALL, 10, "draft")


def find(web: WebContext, lang: str, form_id: str) -> FormDefinition:
    """Return today's form in a language, or answer that there is no such page."""
    form = web.context.content.forms.get(form_id, {}).get(lang)
    if form is None:
        abort(404)
    return form


def draw_empty(
    web: WebContext,
    form: FormDefinition,
    availability: Availability,
    paper: BlankPdf | None,
) -> Precompressed:
    """Return the page as everybody gets it."""
    languages = web.context.content.forms[form.id]
    html = web.draw(
        "public/form.html",
        web.translator(form.lang),
        {lang: urls.online_form(form.id, lang) for lang in languages},
        **_frame(web, form, availability, paper),
        last_call=last_call(web, form),
        fields=_fields(web, form, Filling(), takes(form, availability)),
        to_correct="",
        error_page=None,
        uploaded=None,
        origin="",
        typed=False,
    )
    return Precompressed.of(html.encode())


def _frame(
    web: WebContext,
    form: FormDefinition,
    availability: Availability,
    paper: BlankPdf | None,
) -> dict[str, Any]:
    """Return what a form page says around the fields."""
    return {
        "form": form,
        "availability": availability.value,
        "takes": takes(form, availability),
        "became": became(web, form),
        "paper": paper,
        "privacy_page": _privacy_page(web, form.lang),
    }


def last_call(web: WebContext, form: FormDefinition, filled: bool = False) -> str:
    """Return until when answers are taken: on the last day and in the hour after it."""
    now, zone = web.context.clock(), web.context.zone
    if form.closes is None or now < start_of_day(form.closes, zone):
        return ""
    midnight, translator = end_of_day(form.closes, zone), web.translator(form.lang)
    if now >= midnight + GRACE:
        return ""
    moment = translator.format_datetime(midnight + GRACE, weekday=True)
    if now < midnight:
        return translator.gettext(_LAST_DAY, moment=moment)
    return translator.gettext(_STILL_TAKEN if filled else _OPENED_BEFORE, moment=moment)


def became(web: WebContext, form: FormDefinition) -> tuple[str, Text]:
    """Return that the event of a form is cancelled, postponed or moved, and why."""
    event = web.context.event_of(form, form.lang)
    if event is None or is_over(web.context, event):
        return "", Text("", form.lang)
    return what_became(event, web.translator(form.lang)), event.reason


def _privacy_page(web: WebContext, lang: str) -> str:
    """Return the site's page with the whole notice, where it says there is one."""
    legal = web.pages.legal(
        lang if lang in web.pages.by_language else web.main_language
    )
    pages = (link for link in legal if link.element == "privacy-policy-link")
    return next((link.url for link in pages), "")


def takes(form: FormDefinition, availability: Availability) -> bool:
    """Say whether something can be sent: a full form may have a waiting list."""
    if availability is Availability.FULL:
        return form.capacity is not None and form.capacity.waiting_list
    return availability is Availability.OPEN


def _fields(
    web: WebContext, form: FormDefinition, filling: Filling, taken: bool
) -> str:
    prevailing = web.context.content.form(form.id)
    translator = web.translator(form.lang)
    ways = _without_email(form) if taken else ""
    return draw_fields(form, translator, Channel.WEB, filling, prevailing, ways)


def _without_email(form: FormDefinition) -> str:
    """Return where somebody without a mailbox goes on: a phone may be enough."""
    phone = form.by_role(Role.PHONE)
    return f"#{phone.id}" if form.contact_by_phone and phone else "#other-ways"


def show_form(
    web: WebContext,
    form: FormDefinition,
    raw: Raw,
    cleaned: Cleaned,
    status: int,
    error_page: ErrorPage | None = None,
    uploaded: UploadedPdf | None = None,
    availability: Availability = Availability.OPEN,
) -> Response:
    """Answer with a form that somebody has filled in, and what is to be said of it."""
    taken = takes(form, availability)
    return web.render(
        "public/form.html",
        web.translator(form.lang),
        status,
        alternatives=kept_in(form),
        slots={
            "fields": _fields(web, form, Filling(raw, cleaned), taken),
            "to_correct": _to_correct(web, form, cleaned),
            "origin": uploaded.mark if uploaded else posted_mark(web, form.id),
        },
        compiled=error_page is None and uploaded is None,
        **_frame(web, form, availability, find_paper(web, form)),
        last_call=last_call(web, form, filled=True),
        wrong=bool(cleaned.errors),
        error_page=error_page,
        uploaded=uploaded,
        typed=True,
    )


def _to_correct(web: WebContext, form: FormDefinition, cleaned: Cleaned) -> str:
    """Return the list of mistakes, with the way out for who has no mailbox."""
    if cleaned.ok:
        return ""
    field, translator = form.by_role(Role.EMAIL), web.translator(form.lang)
    way = _without_email(form) if field and field.id in cleaned.errors else ""
    mistakes = get_template_attribute("public/parts.html", "mistakes")
    found = complaints(form, Channel.WEB, cleaned, translator)
    return Markup(mistakes(found, translator, way))  # noqa: S704 - a macro's HTML


def kept_in(form: FormDefinition) -> Callable[[str], dict[str, str]]:
    """Return where a filled-in page changes its language: at buttons of its own.

    A link to another page would lose what was typed; a script presses the button.
    """
    return lambda token: dict.fromkeys(form.languages, "#other-languages")


def form_page(web: WebContext, lang: str, form_id: str) -> Response:
    """Answer with the empty form: the same bytes for everybody, drawn once a state."""
    form = find(web, lang, form_id)
    state = capacity.form_state(web.context, form)
    paper = find_paper(web, form)
    stylesheet = web.asset(STYLESHEET)
    said = (*became(web, form), last_call(web, form))
    drawn = web.form_pages.get(
        (form_id, lang, *said, state.availability, paper, stylesheet),
        lambda: draw_empty(web, form, state.availability, paper),
    )
    headers = HEADERS if form.safety else EMPTY_FORM
    return drawn.answer("text/html; charset=utf-8", headers)


def back_to_form(web: WebContext, lang: str, form_id: str) -> Response:
    """Lead who opens an address that only takes answers to the form it belongs to.

    A phone opens again the tab it had closed, with the address and nothing typed.
    """
    form = find(web, lang, form_id)
    return see_other(urls.online_form(form.id, lang))


def filled_form(web: WebContext, lang: str, form_id: str) -> Response:
    """Answer with the form as it is filled in: another language, or a correction."""
    form = find(web, lang, form_id)
    availability = capacity.state_for_answers(web.context, form).availability
    return show_form(
        web,
        form,
        request.form.to_dict(flat=False),
        Cleaned(),
        200,
        availability=availability,
    )


def save_draft(web: WebContext, lang: str, form_id: str) -> Response:
    """Answer with the PDF of the form as a download, filled in as far as it is."""
    form = find(web, lang, form_id)
    hit(web, SAVING)
    paper = filled_paper(web, form, request.form.to_dict(flat=False))
    name = urls.draft(form_id, lang).rpartition("/")[2]
    return download(paper, "application/pdf", f"{form_id}-{name}")


def on_draft_error(
    web: WebContext, error: Exception, lang: str, form_id: str
) -> Response:
    """Answer an error with the form as it was filled in."""
    form = find(web, lang, form_id)
    error_page = describe(error, web.translator(lang))
    raw = request.form.to_dict(flat=False)
    return show_form(web, form, raw, Cleaned(), error_page.status, error_page)
