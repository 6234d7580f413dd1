"""What WeasyPrint leaves undone in form fields, done from the definition.

Its radio groups lose their value in Chrome and Firefox, its tick boxes have no
parent, nothing has an empty appearance, and tooltips miss the question. Names,
groups, flags, states and appearances are made here so that every viewer writes the
answer to the same place.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from ...definition import Channel, Control, Field, FormDefinition, type_of
from ...i18n import Translator
from ..sentences import tooltip
from .paper import GROUP

READ_ONLY, REQUIRED, MULTILINE = 1 << 0, 1 << 1, 1 << 12
NO_TOGGLE, RADIO, COMBO = 1 << 14, 1 << 15, 1 << 17
# WCAG 2.2, SC 2.5.8: a target is at least 24 by 24; here in points.
TARGET = 24.0
FONT, SIZE = "/Paper", 11
DRAWN_WITH = f"0 g {FONT} {SIZE} Tf"
TICKED = "true"
RIGHT_ALIGNED = 2
OFF = Name("/Off")


class WidgetMissing(RuntimeError):
    """The page has not exactly the controls that the definition asks for."""


def wire(pdf: Pdf, form: FormDefinition, translator: Translator) -> None:
    """Make the form fields of a printed page those of the definition."""
    _Wiring(pdf, translator).wire(form)


class _Wiring:
    """One pass over the widgets of a document."""

    def __init__(self, pdf: Pdf, translator: Translator) -> None:
        self.pdf = pdf
        self.translator = translator
        self.widgets: dict[str, list[Any]] = defaultdict(list)
        for page in pdf.pages:
            for annotation in page.obj.get("/Annots", Array()):
                if annotation.get("/Subtype") == "/Widget":
                    self.widgets[_name(annotation)].append(annotation)

    def wire(self, form: FormDefinition) -> None:
        acroform = self.pdf.Root.AcroForm
        font = _font(acroform, self.widgets)
        acroform.Fields = Array(
            [
                WIRED[type_of(field).control](self, field)
                for field in form.at(Channel.PDF)
                if type_of(field).asks
            ]
        )
        if self.widgets:
            raise WidgetMissing(f"controls of no field: {', '.join(self.widgets)}")
        acroform.DR = Dictionary(Font=Dictionary({FONT: font}))
        acroform.DA = String(DRAWN_WITH)
        acroform.NeedAppearances = False

    def _take(self, name: str, count: int = 1) -> list[Any]:
        found = self.widgets.pop(name, [])
        if len(found) != count:
            raise WidgetMissing(f"{name}: {len(found)} controls instead of {count}")
        return found

    def _label(self, widget: Any, text: str) -> None:
        widget.TU = widget.Contents = String(text)

    def _typed(self, field: Field) -> Any:
        """Text, several lines, or a list: empty, with an empty appearance."""
        [widget] = self._take(field.id)
        kind = type_of(field)
        flags = _FLAGS.get(kind.control, 0)
        widget.T = String(field.id)
        self._label(widget, tooltip(field, self.translator, Channel.PDF))
        widget.Ff = flags | (REQUIRED if _needed(field) else 0)
        widget.V = widget.DV = String("")
        widget.DA = String(DRAWN_WITH)
        if self.translator.direction == "rtl" and not kind.ltr:
            widget.Q = RIGHT_ALIGNED
        width, height = _size(widget)
        empty = self._drawing(b"/Tx BMC EMC", width, height)
        widget.AP = Dictionary(N=empty)
        return widget

    def _radio(self, field: Field) -> Any:
        widgets = self._take(field.id, len(field.choices))
        group = widgets[0].Parent
        title = tooltip(field, self.translator, Channel.PDF)
        # Only an optional answer may be taken back by a second click.
        group.Ff = RADIO | ((NO_TOGGLE | REQUIRED) if _needed(field) else 0)
        group.T, group.TU = String(field.id), String(title)
        group.V = group.DV = OFF
        group.Kids = Array(widgets)
        if "/Opt" in group:
            del group["/Opt"]
        for choice, widget in zip(field.choices, widgets, strict=True):
            for key in ("/T", "/FT", "/V"):
                if key in widget:
                    del widget[key]
            self._label(widget, f"{title}: {choice.label}")
            self._button(widget, choice.id, _DISC)
        return group

    def _checkboxes(self, field: Field) -> Any:
        title = tooltip(field, self.translator, Channel.PDF)
        group = self.pdf.make_indirect(Dictionary(T=String(field.id), TU=String(title)))
        kids = []
        for choice in field.choices:
            [widget] = self._take(f"{field.id}{GROUP}{choice.id}")
            widget.T = String(choice.id)
            widget.Parent = group
            widget.Ff = 0
            widget.V = widget.DV = OFF
            self._label(widget, f"{title}: {choice.label}")
            self._button(widget, choice.id, _TICK)
            kids.append(widget)
        group.Kids = Array(kids)
        return group

    def _tick(self, field: Field) -> Any:
        [widget] = self._take(field.id)
        widget.T = String(field.id)
        widget.Ff = REQUIRED if _needed(field) else 0
        widget.V = widget.DV = OFF
        self._label(widget, tooltip(field, self.translator, Channel.PDF))
        self._button(widget, TICKED, _TICK)
        return widget

    def _button(self, widget: Any, state: str, shape: Sequence[str]) -> None:
        """Give a button its one state, a large target and the drawing of a mark."""
        width, height = _size(widget)
        pad_x, pad_y = max(0.0, (TARGET - width) / 2), max(0.0, (TARGET - height) / 2)
        left, bottom, right, top = _rectangle(widget)
        widget.Rect = Array(
            [
                round(edge, 2)
                for edge in (left - pad_x, bottom - pad_y, right + pad_x, top + pad_y)
            ]
        )
        mark = f"q 0 g 0 G {width:.2f} 0 0 {height:.2f} {pad_x:.2f} {pad_y:.2f} cm "
        drawn = (mark + " ".join(shape) + " Q").encode()
        size = (width + 2 * pad_x, height + 2 * pad_y)
        widget.AP = Dictionary(
            N=Dictionary(
                {
                    f"/{state}": self._drawing(drawn, *size),
                    "/Off": self._drawing(b"", *size),
                }
            )
        )
        widget.AS = OFF
        for key in ("/MK", "/DA"):
            if key in widget:
                del widget[key]

    def _drawing(self, content: bytes, width: float, height: float) -> Any:
        return self.pdf.make_indirect(
            Stream(
                self.pdf,
                content,
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, round(width, 2), round(height, 2)]),
                Resources=Dictionary(),
            )
        )


_FLAGS = {Control.LIST: COMBO, Control.AREA: MULTILINE}
WIRED = {
    Control.LINE: _Wiring._typed,
    Control.AREA: _Wiring._typed,
    Control.LIST: _Wiring._typed,
    Control.DATE: _Wiring._typed,
    Control.RADIOS: _Wiring._radio,
    Control.BOXES: _Wiring._checkboxes,
    Control.TICK: _Wiring._tick,
}

# Marks in a square of side 1: they fill most of the box, as a pen would.
_TICK = ("0.13 w 1 J 1 j 0.2 0.5 m 0.42 0.26 l 0.82 0.78 l S",)
_DISC = (
    "0.25 0.5 m 0.25 0.638 0.362 0.75 0.5 0.75 c 0.638 0.75 0.75 0.638 0.75 0.5 c",
    "0.75 0.362 0.638 0.25 0.5 0.25 c 0.362 0.25 0.25 0.362 0.25 0.5 c f",
)


def _needed(field: Field) -> bool:
    return field.required_at(Channel.PDF)


def _name(widget: Any) -> str:
    return str(widget["/T"])


def _font(acroform: Any, widgets: dict[str, list[Any]]) -> Any:
    """Return the font that the typed fields are drawn with."""
    for found in widgets.values():
        for widget in found:
            if "/DA" in widget:
                operators = str(widget.DA).split()
                return acroform.DR.Font[operators[operators.index("Tf") - 2]]
    raise WidgetMissing("no field is typed")


def _rectangle(widget: Any) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (float(edge) for edge in widget.Rect)
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _size(widget: Any) -> tuple[float, float]:
    left, bottom, right, top = _rectangle(widget)
    return right - left, top - bottom
