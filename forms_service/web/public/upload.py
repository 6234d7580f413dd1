"""Bring the PDF back: what is in it becomes the web form, to be checked and sent.

Nothing is stored here; the file is read in a child process and forgotten.
"""

from flask import Response, request
from limits import RateLimitItemPerMinute

from ... import addresses
from ...definition import Cleaned, FormDefinition
from ...intake import IsReceipt, read_filled
from ...workflow import capacity
from ...workflow.capacity import Availability, FormClosed
from ..page import FILES_LIMIT, Page, describe
from ..page.errors import FileMissing
from ..page.rate_limits import hit
from .form_pages import find, show_form, takes
from .opened import opened
from .paper import find_paper
from .standing import at_control

READING = RateLimitItemPerMinute(40, 10, "upload")


def upload_page(page: Page, lang: str, form_id: str) -> Response:
    """Answer with the page that asks for a filled-in PDF; raise `FormClosed`."""
    form = find(page, lang, form_id)
    _open_for(page, form)
    return _page(page, form)


def _open_for(page: Page, form: FormDefinition) -> Availability:
    """Return the state of a form that can be sent now; raise `FormClosed`."""
    availability = capacity.form_state(page.work, form).availability
    if not takes(form, availability):
        raise FormClosed(availability)
    return availability


def _page(page: Page, form: FormDefinition, error: Exception | None = None) -> Response:
    words = page.words(form.lang)
    trouble = describe(error, words) if error else None
    languages = page.work.content.forms[form.id]
    return page.render(
        "public/upload.html",
        words,
        trouble.status if trouble else 200,
        alternatives={lang: addresses.upload(form.id, lang) for lang in languages},
        form=form,
        paper=find_paper(page, form),
        trouble=trouble,
        receipt=isinstance(error, IsReceipt),
        complaints=at_control(trouble, "file"),
    )


def bring_back(page: Page, lang: str, form_id: str) -> Response:
    """Answer with the web form, filled in with what the PDF says.

    The PDF decides which form and which language that is. Raise a `Refusal`,
    `FileMissing` or `FormClosed`.
    """
    find(page, lang, form_id)
    hit(page, READING)
    request.max_content_length = FILES_LIMIT
    filled = read_filled(_file(), page.work.content)
    form = filled.form
    availability = _open_for(page, form)
    here = opened(page, filled, (form.id, form.lang) != (form_id, lang))
    return show_form(
        page, form, filled.raw, Cleaned(), 200, opened=here, availability=availability
    )


def _file() -> bytes:
    """Return the posted file; a large one lay on disk and is gone after this."""
    file = request.files.get("file")
    data = b""
    if file:
        data = file.read()
        file.close()
    if not data:
        raise FileMissing
    return data


def on_error(page: Page, error: Exception, lang: str, form_id: str) -> Response:
    """Answer an error with the same page, which names the other ways."""
    return _page(page, find(page, lang, form_id), error)
