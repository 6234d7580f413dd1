"""Bring the PDF back: what is in it becomes the web form, to be checked and sent.

Nothing is stored here; the file is read in a child process and forgotten.
"""

from flask import Response, request
from limits import RateLimitItemPerMinute

from ... import addresses
from ...definition import Cleaned, FormDefinition
from ...intake import IsReceipt, read_filled
from ...workflow import capacity
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
    availability = capacity.form_state(page.work, form).availability
    if not takes(form, availability):
        raise capacity.closed(page.work, form, availability)
    return _page(page, form)


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

    The PDF decides which form and which language that is. A form that takes nothing
    now says so above what is in the PDF. Raise a `Refusal` or `FileMissing`.
    """
    find(page, lang, form_id)
    hit(page, READING)
    request.max_content_length = FILES_LIMIT
    filled = read_filled(_file(), page.work.content)
    form = filled.form
    availability = capacity.form_state(page.work, form).availability
    status = 200 if takes(form, availability) else 409
    here = opened(page, filled, (form.id, form.lang) != (form_id, lang))
    return show_form(
        page,
        form,
        filled.raw,
        Cleaned(),
        status,
        opened=here,
        availability=availability,
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
