"""The satisfaction question of the national model, after a request has arrived.

The stars count at once; what was best or hardest is a second, free step.
"""

from flask import Response
from limits import RateLimitItemPerMinute

from ...definition import FormDefinition
from ...shapes.html.fields import Complaint
from ...workflow import feedback
from ..core import WebContext, describe
from ..core.access import HALL, hit
from .fixed_forms import StarsForm, WhyForm
from .form_pages import find

TELLING = RateLimitItemPerMinute(HALL, 10, "feedback")


def take_stars(web: WebContext, lang: str, form_id: str) -> Response:
    """Store the stars and ask why, or store why and say thanks."""
    form = find(web, lang, form_id)
    hit(web, TELLING)
    given = StarsForm()
    if not given.validate():
        return _page(web, form, given, "rate")
    why = WhyForm()
    if why.step.data != "why":
        web.pace.count()
        feedback.rate(web.context, form_id, why.mark.data, int(why.stars.data))
        return _page(web, form, why, "why")
    if not why.validate():
        return _page(web, form, why, "why")
    feedback.explain(
        web.context, form_id, why.mark.data, why.choice.data, why.text.data
    )
    return _page(web, form, why, "thanks")


def on_error(web: WebContext, error: Exception, lang: str, form_id: str) -> Response:
    """Answer an error with the step that it stopped, and all that was typed."""
    form, given = find(web, lang, form_id), StarsForm()
    if not given.validate():
        return _page(web, form, given, "rate", error)
    why = WhyForm()
    step = "why" if why.step.data == "why" else "rate"
    return _page(web, form, why, step, error)


def _page(
    web: WebContext,
    form: FormDefinition,
    typed: StarsForm,
    step: str,
    error: Exception | None = None,
) -> Response:
    translator = web.translator(form.lang)
    error_page = describe(error, translator) if error else None
    return web.render(
        "public/feedback.html",
        translator,
        typed.http_status,
        error_page=error_page,
        form=form,
        step=step,
        typed=typed,
        complaints=[
            Complaint(control, translator.translate(message))
            for control, message in typed.wrong.items()
        ],
        longest=feedback.LONGEST,
    )
