"""The PDF is the draft: the blank form, filled in with what was typed so far.

Every value stands in its field and in an appearance of our own, so that viewers show
it the same way and paper prints it. A field of the web that is not on the paper is
carried without a box. Nothing is checked here: a draft may be wrong or half done.
"""

from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from ...definition import Channel, Control, Field, FormDefinition, Raw, type_of
from .draft_font import ARABIC_NAME, arabic, embed_arabic, glyphs
from .draft_text import Box, Pen
from .fields import FONT, MULTILINE, OFF, READ_ONLY, RIGHT_ALIGNED, TICKED
from .identity import FIELD, Identity


class WrongBlank(ValueError):
    """The PDF is not the blank form of this version: build the site again."""


def fill(blank: bytes, form: FormDefinition, raw: Raw) -> bytes:
    """Return the blank form with raw values of the web form; same bytes for the same.

    Raises `WrongBlank` for a PDF of another form, language or version, or none.
    """
    with _open_blank(blank) as pdf:
        entries = pdf.Root.get("/AcroForm", Dictionary()).get("/Fields", Array())
        fields = {str(found.T): found for found in entries}
        if FIELD not in fields or str(fields[FIELD].V) != Identity.of(form).text:
            raise WrongBlank(f"not the blank form of {Identity.of(form).text}")
        filling = _Filling(pdf)
        for field in form.at(Channel.WEB):
            if values := typed(field, raw):
                filling.put(field, values, fields.get(field.id))
        target = BytesIO()
        pdf.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return target.getvalue()


def _open_blank(blank: bytes) -> Pdf:
    try:
        return Pdf.open(BytesIO(blank))
    except pikepdf.PdfError as error:
        raise WrongBlank("no PDF") from error


def typed(field: Field, raw: Raw) -> list[str]:
    """Return the values of a field as the PDF keeps them; unknown options are none."""
    kind = type_of(field)
    if kind.multiple:
        return [c.id for c in field.choices if c.id in raw.get(field.id, ())]
    # Not stripped by the type's `typed`: an empty box keeps its place.
    boxes = [
        (list(raw.get(control, ())) or [""])[0] for control in kind.controls(field)
    ]
    text = "/".join(boxes) if any(boxes) else ""
    if kind.has_text and text != TICKED:
        return []
    if kind.has_choices and field.choice(text) is None:
        return []
    # Halves of characters cannot be written at all.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return [text] if text.strip() else []


class _Filling:
    """One pass over the fields of a blank form."""

    def __init__(self, pdf: Pdf) -> None:
        self.pdf = pdf
        self.fonts: Any = pdf.Root.AcroForm.DR.Font
        embedded = self.fonts[FONT].DescendantFonts[0].FontDescriptor.FontFile2
        self.pen = Pen(glyphs(embedded.read_bytes()), arabic()[0])

    def put(self, field: Field, values: list[str], found: Any) -> None:
        """Write the values of a field, where the paper has it or out of sight."""
        if found is None:
            self._carry(field, values)
        else:
            FILLED[type_of(field).control](self, field, values, found)

    def _boxes(self, field: Field, values: list[str], group: Any) -> None:
        for kid in group.Kids:
            if str(kid.T) in values:
                kid.V = kid.AS = Name(f"/{kid.T}")

    def _radios(self, field: Field, values: list[str], group: Any) -> None:
        group.V = state = Name(f"/{values[0]}")
        for kid in group.Kids:
            kid.AS = state if f"/{values[0]}" in kid.AP.N else OFF

    def _tick(self, field: Field, values: list[str], widget: Any) -> None:
        widget.V = widget.AS = Name(f"/{TICKED}")

    def _typed(self, field: Field, values: list[str], widget: Any) -> None:
        widget.V = String(values[0])
        self._draw(field, widget, values[0])

    def _carry(self, field: Field, values: list[str]) -> None:
        """Keep what only the web asks in a field without a box."""
        hidden = Dictionary(T=String(field.id), Ff=READ_ONLY)
        if type_of(field).multiple:
            kids = [
                Dictionary(FT=Name.Btn, T=String(value), V=Name(f"/{value}"))
                for value in values
            ]
            hidden.Kids = Array(map(self.pdf.make_indirect, kids))
        else:
            hidden.FT, hidden.V = Name.Tx, String(values[0])
        self.pdf.Root.AcroForm.Fields.append(self.pdf.make_indirect(hidden))

    def _draw(self, field: Field, widget: Any, value: str) -> None:
        """Give a typed field the appearance that shows its value."""
        choice = field.choice(value)
        text = choice.label if choice else value
        left, bottom, right, top = (float(edge) for edge in widget.Rect)
        box = Box(
            abs(right - left),
            abs(top - bottom),
            bool(int(widget.Ff) & MULTILINE),
            widget.get("/Q") == RIGHT_ALIGNED,
        )
        needed = {FONT: self.fonts[FONT]}
        if self.pen.needs_arabic(text):
            if ARABIC_NAME not in self.fonts:
                self.fonts[ARABIC_NAME] = embed_arabic(self.pdf)
            needed[ARABIC_NAME] = self.fonts[ARABIC_NAME]
        drawn = Stream(
            self.pdf,
            self.pen.write(text, box),
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, round(box.width, 2), round(box.height, 2)]),
            Resources=Dictionary(Font=Dictionary(needed)),
        )
        widget.AP = Dictionary(N=self.pdf.make_indirect(drawn))


FILLED = {
    Control.LINE: _Filling._typed,
    Control.AREA: _Filling._typed,
    Control.LIST: _Filling._typed,
    Control.DATE: _Filling._typed,
    Control.RADIOS: _Filling._radios,
    Control.BOXES: _Filling._boxes,
    Control.TICK: _Filling._tick,
}
