"""The page of a form: empty for everybody, or filled in by somebody, or closed."""

from flask import Response, request

from ... import urls
from ...definition import Cleaned
from ...shapes.chrome import STYLESHEET
from ...workflow import capacity
from ..core import WebContext
from ..core.context import HEADERS, see_other
from .form_pages import became, draw_empty, find, last_call, show_form
from .paper import find_paper

EMPTY_FORM = {**HEADERS, "Cache-Control": "public, max-age=60"}


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
    return drawn.answer("text/html; charset=utf-8", EMPTY_FORM)


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
