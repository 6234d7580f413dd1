"""The satisfaction question of the national model, after a request has arrived.

The stars count at once; what was best or hardest is a second, free step.
"""

from flask import Response
from limits import RateLimitItemPerMinute

from ...definition import FormDefinition
from ...shapes.html.fields import Complaint
from ...workflow import feedback
from ..page import Page
from ..page.rate_limits import hit
from .fixed_forms import StarsForm, WhyForm
from .form_pages import find

TELLING = RateLimitItemPerMinute(60, 10, "feedback")


def tell(page: Page, lang: str, form_id: str) -> Response:
    """Store the stars and ask why, or store why and say thanks."""
    form = find(page, lang, form_id)
    hit(page, TELLING)
    given = StarsForm()
    if not given.validate():
        return _page(page, form, given, "rate")
    why = WhyForm()
    if why.step.data != "why":
        feedback.rate(page.work, form_id, why.mark.data, int(why.stars.data))
        return _page(page, form, why, "why")
    if not why.validate():
        return _page(page, form, why, "why")
    feedback.explain(page.work, form_id, why.mark.data, why.choice.data, why.text.data)
    return _page(page, form, why, "thanks")


def _page(page: Page, form: FormDefinition, typed: StarsForm, step: str) -> Response:
    words = page.words(form.lang)
    return page.render(
        "public/feedback.html",
        words,
        typed.http_status,
        form=form,
        step=step,
        typed=typed,
        complaints=[
            Complaint(control, words.tell(told))
            for control, told in typed.wrong.items()
        ],
        longest=feedback.LONGEST,
    )
