"""The paper beside the web form: the built PDF, and what it takes to fill it in."""

from dataclasses import dataclass

from ... import urls
from ...definition import FormDefinition, Raw
from ...shapes.pdf.draft import WrongBlank, fill
from ..core import WebContext
from ..core.access import DraftUnavailable


@dataclass(frozen=True, slots=True)
class BlankPdf:
    """The form as a PDF: where it is, how large, and whether it can hold a draft."""

    url: str
    size: int
    fillable: bool


def find_paper(web: WebContext, form: FormDefinition) -> BlankPdf | None:
    """Return the built PDF of a form; None when the site has none."""
    url = urls.form_pdf(form.id, form.lang)
    facts = web.on_site(url)
    if facts is None:
        return None
    # Opened once a build: a site older than the form has a PDF that cannot be filled.
    fillable = web.fillable.get(
        (url, form.fingerprint, facts.st_mtime_ns),
        lambda: _fillable(web, form),
    )
    return BlankPdf(url, facts.st_size, fillable)


def _fillable(web: WebContext, form: FormDefinition) -> bool:
    try:
        filled_paper(web, form, {})
    except DraftUnavailable:
        return False
    return True


def filled_paper(web: WebContext, form: FormDefinition, raw: Raw) -> bytes:
    """Return the built PDF with what was typed; raise `DraftUnavailable`."""
    url = urls.form_pdf(form.id, form.lang)
    try:
        with open(f"{web.config.site_dir}{url}", "rb") as file:
            return fill(file.read(), form, raw)
    except (OSError, WrongBlank) as error:
        raise DraftUnavailable(form.id) from error
