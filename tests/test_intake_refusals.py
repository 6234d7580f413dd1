"""Why a file is not taken: one fact each, with a sentence that says what to do."""

import subprocess
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from pypdf import PdfWriter

import hostile
from forms_service.i18n import Translator, catalogue
from forms_service.intake.filled import LARGEST, read_filled
from forms_service.intake.refusals import (
    Flattened,
    IsReceipt,
    NotAPdf,
    NotOurs,
    PasswordProtected,
    Refusal,
    SeveralForms,
    TooLarge,
)
from forms_service.shapes.pdf.receipt_proof import DATA
from printed_forms import EVERY, EVERY_EN, pdf
from test_intake import CONTENT, ODD, changed, of_fields
from test_pdf_filling import by_pikepdf, filled


def without_form(document: pikepdf.Pdf) -> None:
    del document.Root.AcroForm
    for page in document.pages:
        if "/Annots" in page.obj:
            del page.obj["/Annots"]


def stamped_otherwise(document: pikepdf.Pdf) -> None:
    document.docinfo["/FormIdentity"] = pikepdf.String("other:it:1.0:ab")


def together_by_qpdf() -> bytes:
    """Return a form in two languages, put together: fields get names of their own."""
    with pikepdf.Pdf.open(BytesIO(pdf(EVERY_EN))) as other:
        return changed(filled(by_pikepdf), lambda first: first.add_pages_from(other))


def together_by_pdfium() -> bytes:
    """Return a form with a page in another language: its boxes belong to no field."""
    first, other = map(pypdfium2.PdfDocument, (filled(by_pikepdf), pdf(EVERY_EN)))
    first.import_pages(other, [0])
    target = BytesIO()
    first.save(target)
    other.close()
    first.close()
    return target.getvalue()


def together_by_pypdf() -> bytes:
    """Return a form in two languages as pypdf appends them: no identity is left."""
    writer = PdfWriter()
    for file in (filled(by_pikepdf), pdf(EVERY_EN)):
        writer.append(BytesIO(file))
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def with_receipt(document: pikepdf.Pdf) -> None:
    document.docinfo[DATA] = pikepdf.String("{}")


def printed(file: bytes) -> bytes:
    """Return a form as “print to PDF” leaves it."""
    return subprocess.run(
        ["pdftocairo", "-pdf", "-", "-"], input=file, capture_output=True, check=True
    ).stdout


UNUSABLE: dict[str, tuple[Callable[[], bytes], type[Refusal]]] = {
    "picture": (lambda: b"\x89PNG\r\n\x1a\n", NotAPdf),
    "huge": (lambda: b"%PDF-" + bytes(LARGEST), TooLarge),
    "password": (lambda: hostile.locked(filled(by_pikepdf)), PasswordProtected),
    "flattened": (lambda: changed(filled(by_pikepdf), without_form), Flattened),
    "printed": (lambda: printed(filled(by_pikepdf)), Flattened),
    "no fields": (lambda: of_fields(identity="other:it:1.0:ab"), Flattened),
    "another form": (lambda: of_fields(ODD, identity="other:it:1.0:ab"), NotOurs),
    "another file": (lambda: of_fields(ODD, identity="Fattura 12"), NotOurs),
    "two forms in one": (lambda: changed(pdf(EVERY), stamped_otherwise), SeveralForms),
    "two languages by qpdf": (together_by_qpdf, SeveralForms),
    "two languages by PDFium": (together_by_pdfium, SeveralForms),
    "two languages by pypdf": (together_by_pypdf, SeveralForms),
    "receipt": (lambda: changed(pdf(EVERY), with_receipt), IsReceipt),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if "pypdf" in name else ())
        for name in UNUSABLE
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(name: str) -> None:
    file, refusal = UNUSABLE[name]
    with pytest.raises(refusal):
        read_filled(file(), CONTENT)


def test_every_refusal_says_in_italian_what_to_do() -> None:
    translator = Translator("it", CONTENT.project.zone)
    sentences = [kind.sentence for kind in Refusal.__subclasses__()]
    assert len(set(sentences)) == len(sentences) >= 8
    for kind in Refusal.__subclasses__():
        said = translator.translate(kind().message)
        assert said != kind.sentence, "not translated"
        assert ":" in said
    assert catalogue("en").gettext(sentences[0]) == sentences[0]
