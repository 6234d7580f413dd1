"""The form as a PDF: the built one, filled in for a draft, and one brought back.

The mark of the latter goes along from the form to the summary and back, so that a
request counts as one from a PDF when it is sent; it opens nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import request

from ... import urls
from ...definition import Field, FormDefinition, Raw, Text, type_of
from ...i18n import N_
from ...intake.filled import Filled
from ...shapes.pdf.identity import Identity
from ...store.submissions import Source
from ...tokens import TokenInvalid
from ..core import WebContext
from ..core.access import DraftUnavailable

MARK = "form-origin"
_PURPOSE = "opened-pdf"


@dataclass(frozen=True, slots=True)
class ListedQuestion:
    """A line of a list: the control it leads to if any, its question, what was read."""

    control: str
    label: Text | str
    found: str = ""


@dataclass(frozen=True, slots=True)
class UploadedPdf:
    """What a person has to know of the PDF before going on; `mark` goes along."""

    filled: Filled
    elsewhere: bool
    mark: str

    @property
    def empty(self) -> bool:
        """Say whether nothing was filled in."""
        return not self.filled.raw and not self.filled.unreadable

    def lists(self) -> Iterator[tuple[str, list[ListedQuestion]]]:
        """Yield each sentence that applies with the questions it is about."""
        form, filled = self.filled.form, self.filled
        unread = [
            ListedQuestion(_control(form.field(name.field_id)), name.label, name.found)
            for name in filled.unreadable
        ]
        every = (
            (N_("We could not read these answers. Write them again:"), unread),
            (N_("These questions are new:"), _entries(filled.new_fields)),
            (N_("Read these texts again and tick them:"), _entries(filled.again)),
            (
                N_("These questions are no longer asked:"),
                [ListedQuestion("", label) for label in filled.gone],
            ),
        )
        return (found for found in every if found[1])


def _entries(fields: tuple[Field, ...]) -> list[ListedQuestion]:
    return [ListedQuestion(_control(field), field.label) for field in fields]


def _control(field: Field) -> str:
    return type_of(field).controls(field)[0]


def uploaded_pdf(web: WebContext, filled: Filled, elsewhere: bool) -> UploadedPdf:
    """Return a PDF that was read, with the mark of its form."""
    mark = web.context.tokens.make(_PURPOSE, filled.form.id)
    return UploadedPdf(filled, elsewhere, mark)


def posted_mark(web: WebContext, form_id: str) -> str:
    """Return the mark that was posted; nothing when it is not ours or not this form's.

    It is no reason to lose what somebody typed.
    """
    mark = request.form.get(MARK, "")
    try:
        # Nearly nobody brings a PDF: an empty mark is not read at all.
        ours = bool(mark) and web.context.tokens.read(_PURPOSE, mark) == form_id
    except TokenInvalid:
        return ""
    return mark if ours else ""


def source(web: WebContext, form_id: str) -> Source:
    """Return the way in which the posted form came."""
    return Source.PDF if posted_mark(web, form_id) else Source.WEB


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
    # Read once a build: a site older than the form has a PDF that cannot be filled.
    fillable = web.fillable.get(
        (url, form.fingerprint, facts.st_mtime_ns),
        lambda: _fillable(web, form),
    )
    return BlankPdf(url, facts.st_size, fillable)


def _fillable(web: WebContext, form: FormDefinition) -> bool:
    """Look for the identity of this version, which stands in plain text in XMP."""
    try:
        return Identity.of(form).text.encode() in _blank(web, form)
    except OSError:
        return False


def _blank(web: WebContext, form: FormDefinition) -> bytes:
    with open(f"{web.config.site_dir}{urls.form_pdf(form.id, form.lang)}", "rb") as pdf:
        return pdf.read()


def filled_paper(web: WebContext, form: FormDefinition, raw: Raw) -> bytes:
    """Return the built PDF with what was typed; raise `DraftUnavailable`."""
    # Few save a draft: until somebody does, what reads PDFs takes no memory.
    from ...shapes.pdf.draft import WrongBlank, fill

    try:
        return fill(_blank(web, form), form, raw)
    except (OSError, WrongBlank) as error:
        raise DraftUnavailable(form.id) from error
