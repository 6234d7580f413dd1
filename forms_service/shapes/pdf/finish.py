"""The last pass over a printed form: fields, structure, identity, QR, fixed bytes."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import segno
from pikepdf import Array, Dictionary, Name, Operator, Pdf, String

from ...definition import FormDefinition
from ...i18n import Translator
from .fields import READ_ONLY, wire
from .identity import FIELD, NAMESPACE, Identity

MM = 72 / 25.4
# Lower right corner: 28 mm with the quiet zone of four modules (ISO/IEC 18004).
QR_SIDE, QR_RIGHT, QR_BOTTOM = 28 * MM, 16 * MM, 7 * MM
QUIET = 4


def finished(
    printed: bytes,
    form: FormDefinition,
    translator: Translator,
    identity: Identity,
    base: str,
) -> bytes:
    """Return the PDF with working fields, an identity and reproducible bytes."""
    with Pdf.open(BytesIO(printed)) as pdf:
        wire(pdf, form, translator)
        hide_margins_from_readers(pdf)
        for number, page in enumerate(pdf.pages, start=1):
            _stamp(page, identity.url(base, number))
        _sign(pdf, form, identity)
        _describe(pdf, identity)
        target = BytesIO()
        pdf.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return target.getvalue()


def _stamp(page: pikepdf.Page, url: str) -> None:
    """Draw the QR of a page; a reader gets the address as text on the first page."""
    rows = list(segno.make(url, error="m", micro=False).matrix)
    module = QR_SIDE / (len(rows) + 2 * QUIET)
    left = float(page.mediabox[2]) - QR_RIGHT - QR_SIDE
    squares = []
    for y, row in enumerate(rows):
        for start, length in _runs(row):
            squares.append(f"{start} {len(rows) - 1 - y} {length} 1 re")
    place = f"{module:.4f} 0 0 {module:.4f}"
    corner = f"{left + QUIET * module:.2f} {QR_BOTTOM + QUIET * module:.2f}"
    drawn = "\n".join(
        [
            "Q /Artifact <</Type /Pagination>> BDC",
            f"q {place} {corner} cm 0 g",
            *squares,
            "f Q EMC",
        ]
    )
    page.contents_add(b"q", prepend=True)
    page.contents_add(drawn.encode())
    page.contents_coalesce()


def _runs(row: Any) -> Iterator[tuple[int, int]]:
    """Yield start and length of each run of dark modules."""
    start = None
    for x, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            yield start, x - start
            start = None


def _sign(pdf: Pdf, form: FormDefinition, identity: Identity) -> None:
    hidden = Dictionary(
        FT=Name.Tx,
        T=String(FIELD),
        TU=String(form.title),
        V=String(identity.text),
        Ff=READ_ONLY,
    )
    pdf.Root.AcroForm.Fields.append(pdf.make_indirect(hidden))


def _describe(pdf: Pdf, identity: Identity) -> None:
    pdf.docinfo["/FormIdentity"] = String(identity.text)
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp.register_xml_namespace(NAMESPACE, "form")
        xmp[f"{{{NAMESPACE}}}identity"] = identity.text


def hide_margins_from_readers(pdf: Pdf) -> None:
    """Mark headers and footers as artifacts: WeasyPrint leaves them in no tree."""
    root = pdf.Root.StructTreeRoot
    reachable = set(_marked(root.K))
    numbers: Any = root.ParentTree.Nums
    for page in pdf.pages:
        entries = _of_page(numbers, int(page.obj.StructParents))
        key = page.obj.objgen
        orphans = {n for n in range(len(entries)) if (key, n) not in reachable}
        for mcid in orphans:
            entries[mcid] = None
        _make_artifacts(pdf, page, orphans)


def _marked(kids: Any, page: Any = None) -> Iterator[tuple[Any, int]]:
    """Yield page and id of all marked content that hangs in the structure tree."""
    for kid in kids if isinstance(kids, Array) else [kids]:
        if isinstance(kid, int):
            yield page.objgen, kid
        elif isinstance(kid, Dictionary) and kid.get("/Type") == "/StructElem":
            yield from _marked(kid.get("/K", Array()), kid.get("/Pg", page))


def _of_page(numbers: Any, key: int) -> Any:
    pairs = list(numbers)
    return next(pairs[i + 1] for i in range(0, len(pairs), 2) if pairs[i] == key)


def _make_artifacts(pdf: Pdf, page: pikepdf.Page, orphans: set[int]) -> None:
    begin, instructions = Operator("BDC"), []
    artifact = [Name.Artifact, Dictionary(Type=Name.Pagination)]
    for instruction in pikepdf.parse_content_stream(page):
        if instruction.operator == begin:
            about = instruction.operands[1]
            if isinstance(about, Dictionary) and about.get("/MCID") in orphans:
                instruction = pikepdf.ContentStreamInstruction(artifact, begin)
        instructions.append(instruction)
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))
