"""Continue later: everything typed so far leaves as the form's own PDF.

Nothing is checked and nothing is kept here: the file is the draft.
"""

from flask import Response, request
from limits import RateLimitItemPerMinute

from ... import urls
from ...definition import Cleaned
from ..core import WebContext, describe
from ..core.downloads import download
from ..core.rate_limits import hit
from .form_pages import find, show_form
from .paper import filled_paper

SAVING = RateLimitItemPerMinute(60, 10, "draft")


def save_draft(web: WebContext, lang: str, form_id: str) -> Response:
    """Answer with the PDF of the form as a download, filled in as far as it is."""
    form = find(web, lang, form_id)
    hit(web, SAVING)
    paper = filled_paper(web, form, request.form.to_dict(flat=False))
    name = urls.draft(form_id, lang).rpartition("/")[2]
    return download(paper, "application/pdf", f"{form_id}-{name}")


def on_error(web: WebContext, error: Exception, lang: str, form_id: str) -> Response:
    """Answer an error with the form as it was filled in."""
    form = find(web, lang, form_id)
    error_page = describe(error, web.translator(lang))
    raw = request.form.to_dict(flat=False)
    return show_form(web, form, raw, Cleaned(), error_page.status, error_page)
