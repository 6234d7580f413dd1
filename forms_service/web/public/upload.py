"""Bring the PDF back: what is in it becomes the web form, to be checked and sent.

Nothing is stored here; the file is read in a child process and forgotten.
"""

from flask import Response, request
from limits import RateLimitItemPerMinute
from werkzeug.exceptions import RequestEntityTooLarge

from ... import urls
from ...definition import Channel, Cleaned, FormDefinition, clean, type_of
from ...intake.filled import Filled, read_filled
from ...intake.refusals import IsReceipt, TooLarge
from ...workflow import capacity
from ..core import FILES_LIMIT, WebContext, describe
from ..core.access import HALL, FileMissing, hit
from .form_pages import find, last_call, show_form, takes
from .paper import find_paper, uploaded_pdf
from .plain_pages import at_control

READING = RateLimitItemPerMinute(HALL, 10, "upload")


def upload_page(web: WebContext, lang: str, form_id: str) -> Response:
    """Answer with the page that asks for a filled-in PDF; raise `FormClosed`."""
    form = find(web, lang, form_id)
    availability = capacity.form_state(web.context, form).availability
    if not takes(form, availability):
        raise capacity.closed(web.context, form, availability)
    return _page(web, form)


def _page(
    web: WebContext, form: FormDefinition, error: Exception | None = None
) -> Response:
    translator = web.translator(form.lang)
    error_page = describe(error, translator) if error else None
    languages = web.context.content.forms[form.id]
    return web.render(
        "public/upload.html",
        translator,
        alternatives={lang: urls.upload(form.id, lang) for lang in languages},
        form=form,
        paper=find_paper(web, form),
        last_call=last_call(web, form),
        error_page=error_page,
        receipt=isinstance(error, IsReceipt),
        complaints=at_control(error_page, "file"),
    )


def bring_back(web: WebContext, lang: str, form_id: str) -> Response:
    """Answer with the web form, filled in with what the PDF says.

    The PDF decides which form and which language that is. A form that takes nothing
    now says so above what is in the PDF. Raise a `Refusal` or `FileMissing`.
    """
    find(web, lang, form_id)
    hit(web, READING)
    request.max_content_length = FILES_LIMIT
    filled = read_filled(_file(), web.context.content)
    form = filled.form
    availability = capacity.state_for_answers(web.context, form).availability
    status = 200 if takes(form, availability) else 409
    uploaded = uploaded_pdf(web, filled, (form.id, form.lang) != (form_id, lang))
    return show_form(
        web,
        form,
        filled.raw,
        _mistakes(web, filled),
        status,
        uploaded=uploaded,
        availability=availability,
    )


def _mistakes(web: WebContext, filled: Filled) -> Cleaned:
    """Return what is wrong with what was read; what is still empty is no mistake."""
    form, raw = filled.form, filled.raw
    found = clean(form, raw, Channel.WEB, web.context.today).errors
    fields = (form.field(field_id) for field_id in found)
    typed = [f.id for f in fields if any(map(raw.get, type_of(f).controls(f)))]
    return Cleaned(errors={field_id: found[field_id] for field_id in typed})


def _file() -> bytes:
    """Return the posted file; a large one lay on disk and is gone after this."""
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge as error:
        raise TooLarge from error
    if not file:
        raise FileMissing
    data: bytes = file.read()
    file.close()
    return data


def on_error(web: WebContext, error: Exception, lang: str, form_id: str) -> Response:
    """Answer an error with the same page, which names the other ways."""
    return _page(web, find(web, lang, form_id), error)
