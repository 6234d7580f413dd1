"""Continue later: everything typed so far leaves as the form's own PDF.

Nothing is checked and nothing is kept here: the file is the draft.
"""

from flask import Response, request
from limits import RateLimitItemPerMinute

from ... import addresses
from ...definition import Cleaned
from ..page import Page, describe
from ..page.downloads import download
from ..page.rate_limits import hit
from .form_pages import find, show_form
from .paper import filled_paper

SAVING = RateLimitItemPerMinute(60, 10, "draft")


def save_draft(page: Page, lang: str, form_id: str) -> Response:
    """Answer with the PDF of the form as a download, filled in as far as it is."""
    form = find(page, lang, form_id)
    hit(page, SAVING)
    paper = filled_paper(page, form, request.form.to_dict(flat=False))
    name = addresses.draft(form_id, lang).rpartition("/")[2]
    return download(paper, "application/pdf", f"{form_id}-{name}")


def on_error(page: Page, error: Exception, lang: str, form_id: str) -> Response:
    """Answer an error with the form as it was filled in."""
    form = find(page, lang, form_id)
    trouble = describe(error, page.words(lang))
    raw = request.form.to_dict(flat=False)
    return show_form(page, form, raw, Cleaned(), trouble.status, trouble)
