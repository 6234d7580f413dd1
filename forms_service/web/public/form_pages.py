"""A form as a page: found, drawn empty or filled in, with what is to be said of it."""

from functools import partial
from typing import Any

from flask import Response, abort

from ... import addresses
from ...definition import Cleaned, FormDefinition, Place, Raw, Role, Text
from ...shapes.calendar import what_became
from ...shapes.html.fields import Filling, complaints, draw_fields
from ...shapes.notice import short_notice
from ...words import Words
from ...workflow.appointments import is_over
from ...workflow.capacity import Availability
from ..page import ErrorPage, Page
from ..page.packed import Packed
from .opened import Opened, carried
from .paper import Paper, find_paper


def find(page: Page, lang: str, form_id: str) -> FormDefinition:
    """Return today's form in a language, or answer that there is no such page."""
    form = page.work.content.forms.get(form_id, {}).get(lang)
    if form is None:
        abort(404)
    return form


def draw_empty(
    page: Page, form: FormDefinition, availability: Availability, paper: Paper | None
) -> Packed:
    """Return the page as everybody gets it."""
    languages = page.work.content.forms[form.id]
    html = page.draw(
        "public/form.html",
        page.words(form.lang),
        {lang: addresses.online_form(form.id, lang) for lang in languages},
        **_frame(page, form, availability, paper),
        fields=_fields(page, form, Filling(), takes(form, availability)),
        complaints=[],
        trouble=None,
        opened=None,
        origin="",
        typed=False,
        without_email="",
    )
    return Packed.of(html.encode())


def _frame(
    page: Page, form: FormDefinition, availability: Availability, paper: Paper | None
) -> dict[str, Any]:
    """Return what a form page says around the fields."""
    return {
        "form": form,
        "door": availability.value,
        "takes": takes(form, availability),
        "became": became(page, form),
        "notice": short_notice(form, page.project(form.lang), page.words(form.lang)),
        "others": others(page, form),
        "elsewhere": partial(addresses.online_form, form.id),
        "paper": paper,
        "version": form.fingerprint,
        "privacy_page": _privacy_page(page, form.lang),
    }


def became(page: Page, form: FormDefinition) -> tuple[str, Text]:
    """Return that the event of a form is cancelled, postponed or moved, and why."""
    event = page.work.event_of(form, form.lang)
    if event is None or is_over(page.work, event):
        return "", Text("", form.lang)
    return what_became(event, page.words(form.lang)), event.reason


def others(page: Page, form: FormDefinition) -> list[tuple[Words, str]]:
    """Return the other languages of a form, as words and as code."""
    others = [lang for lang in page.work.content.forms[form.id] if lang != form.lang]
    return [(page.words(lang), lang) for lang in others]


def _privacy_page(page: Page, lang: str) -> str:
    """Return the site's page with the whole notice, where it says there is one."""
    legal = page.pages.legal(
        lang if lang in page.pages.by_language else page.main_language
    )
    pages = (link for link in legal if link.element == "privacy-policy-link")
    return next((link.address for link in pages), "")


def takes(form: FormDefinition, availability: Availability) -> bool:
    """Say whether something can be sent: a full form may have a waiting list."""
    if availability is Availability.FULL:
        return form.capacity is not None and form.capacity.waiting_list
    return availability is Availability.OPEN


def _fields(page: Page, form: FormDefinition, filling: Filling, taken: bool) -> str:
    prevailing = page.work.content.form(form.id)
    words = page.words(form.lang)
    ways = _without_email(form) if taken else ""
    return draw_fields(form, words, Place.WEB, filling, prevailing, ways)


def _without_email(form: FormDefinition) -> str:
    """Return where somebody without a mailbox goes on: a phone may be enough."""
    phone = form.by_role(Role.PHONE)
    return f"#{phone.id}" if form.contact_by_phone and phone else "#other-ways"


def show_form(
    page: Page,
    form: FormDefinition,
    raw: Raw,
    cleaned: Cleaned,
    status: int,
    trouble: ErrorPage | None = None,
    opened: Opened | None = None,
    availability: Availability = Availability.OPEN,
) -> Response:
    """Answer with a form that somebody has filled in, and what is to be said of it."""
    words = page.words(form.lang)
    asked = form.by_role(Role.EMAIL)
    return page.render(
        "public/form.html",
        words,
        status,
        alternatives=kept_in(page, form),
        **_frame(page, form, availability, find_paper(page, form)),
        fields=_fields(page, form, Filling(raw, cleaned), takes(form, availability)),
        complaints=complaints(form, Place.WEB, cleaned, words),
        wrong=bool(cleaned.errors),
        trouble=trouble,
        opened=opened,
        origin=opened.mark if opened else carried(page, form.id),
        typed=True,
        without_email=_without_email(form)
        if asked is not None and asked.id in cleaned.errors
        else "",
    )


def kept_in(page: Page, form: FormDefinition) -> dict[str, str]:
    """Return where a filled-in page changes its language: at buttons of its own.

    A link to another page would lose what was typed; a script presses the button.
    """
    languages = page.work.content.forms[form.id]
    return dict.fromkeys(languages, "#other-languages")
