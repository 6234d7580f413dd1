"""The satisfaction question of the national model, after a request has arrived.

The stars count at once; what was best or hardest is a second, free step.
"""

from flask import Response, request
from limits import RateLimitItemPerMinute

from ...definition import FormDefinition
from ...definition.text_cleanup import multiline
from ...shapes import naming
from ...workflow import feedback
from ..page import Page
from ..page.rate_limits import hit
from .form_pages import find

TELLING = RateLimitItemPerMinute(60, 10, "feedback")


def tell(page: Page, lang: str, form_id: str) -> Response:
    """Store the stars and ask why, or store why and say thanks."""
    form = find(page, lang, form_id)
    hit(page, TELLING)
    stars = request.form.get("stars", "")
    if stars not in map(str, feedback.STARS):
        return _page(page, form, "rate", 422)
    mark = request.form.get("mark", "")
    if request.form.get("step") != "why":
        feedback.rate(page.work, form_id, mark, int(stars))
        return _page(page, form, "why", choices=_choices(int(stars)))
    choice = request.form.get("choice", "")
    known = choice if choice in _choices(int(stars)) else ""
    text = multiline(request.form.get("text", ""))
    feedback.explain(page.work, form_id, mark, known, text)
    return _page(page, form, "thanks")


def _choices(stars: int) -> dict[str, str]:
    return dict(naming.BEST if stars >= feedback.EASY else naming.HARDEST)


def _page(
    page: Page,
    form: FormDefinition,
    step: str,
    status: int = 200,
    choices: dict[str, str] | None = None,
) -> Response:
    return page.render(
        "public/feedback.html",
        page.words(form.lang),
        status,
        form=form,
        step=step,
        mark=request.form.get("mark", ""),
        stars=request.form.get("stars", ""),
        easy=choices is not None and "clear" in choices,
        choices=choices or {},
        longest=feedback.LONGEST,
    )
