"""A form filled in by three programs gives the same answers to two readers."""

import ctypes
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from pikepdf.form import CheckboxField, ChoiceField, Form, RadioButtonGroup, TextField
from pypdf import PdfReader, PdfWriter

from forms_service.definition import (
    Channel,
    Control,
    Field,
    FormDefinition,
    clean,
    type_of,
)
from forms_service.definition.folding import multiline
from forms_service.shapes.pdf.identity import FIELD
from printed_forms import EVERY, Key, every_edition, form_of, pdf

LONG = "\n".join(
    f"{n}. Perché sì: 你好, مرحبا, Доброго дня. {'ă ș € ' * 12}" for n in range(6)
)
TYPED = {
    "nome": ["Nguyễn Thị Ánh"],
    "email": ["nome.cognome@example.org"],
    "telefono": ["+39 0564 484111"],
    "nascita": ["27/03/1985"],
    "profilo": ["ente"],
    "ente": ["D’Angelo & figli"],
    "persone": ["3"],
    "paese": ["altro"],
    "paese_altro": ["=1+1"],
    "interessi": ["no", "musica"],
    "strumento": ["Соломія Ґудзь"],
    "accompagnatore": ["محمد بن علي"],
    "aiuto": ["true"],
    "note": [LONG],
    "codice_fiscale": ["RSSMRA85C67H501C"],
    "documento": ["CA00000AA"],
    "maggiorenne": ["true"],
    "informativa": ["true"],
}
Typed = Mapping[str, list[str]]


def full_names(form: FormDefinition, typed: Typed) -> Iterator[tuple[Field, str, str]]:
    """Yield field, full name in the PDF and value; an option of a group by itself."""
    for field in form.at(Channel.PDF):
        for value in typed.get(field.id, []):
            group = type_of(field).multiple
            yield field, f"{field.id}.{value}" if group else field.id, value


def by_pikepdf(blank: bytes, form: FormDefinition, typed: Typed) -> bytes:
    with pikepdf.Pdf.open(BytesIO(blank)) as document:
        fields = Form(document)
        for _, name, value in full_names(form, typed):
            match fields[name]:
                case TextField() as field:
                    field.value = value
                case ChoiceField() as field:
                    option = {o.export_value: o for o in field.options}[value]
                    option.select()
                case RadioButtonGroup() as field:
                    [option] = [o for o in field.options if value in str(o.on_value)]
                    option.select()
                case CheckboxField() as field:
                    field.checked = True
                case other:
                    pytest.fail(f"{name} is a {other!r}")
        saved = BytesIO()
        document.save(saved)
        return saved.getvalue()


def by_pypdf(blank: bytes, form: FormDefinition, typed: Typed) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(blank))
    buttons = (Control.RADIOS, Control.BOXES, Control.TICK)
    values: dict[str, str] = {
        name: f"/{value}" if type_of(field).control in buttons else value
        for field, name, value in full_names(form, typed)
    }
    for page in writer.pages:
        writer.update_page_form_field_values(page, values, auto_regenerate=False)
    saved = BytesIO()
    writer.write(saved)
    return saved.getvalue()


def by_clicks(blank: bytes, form: FormDefinition, typed: Typed) -> bytes:
    """Fill in as Chromium's engine does: a click in the field, then the text."""
    places = dict(widgets(blank))
    document = pypdfium2.PdfDocument(blank)
    document.init_forms()
    pages = [document[number] for number in range(len(document))]
    for field, name, value in full_names(form, typed):
        key = f"{name}:{value}" if type_of(field).control is Control.RADIOS else name
        number, x, y = places[key]
        click(document.formenv, pages[number], x, y)
        if type_of(field).control is Control.LIST:
            index = [choice.id for choice in field.choices].index(value) + 1
            assert pdfium.FORM_SetIndexSelected(
                document.formenv, pages[number], index, True
            )
        elif not field.choices and "true" not in typed[field.id]:
            pdfium.FORM_ReplaceSelection(
                document.formenv, pages[number], wide(value.replace("\n", "\r"))
            )
        pdfium.FORM_ForceToKillFocus(document.formenv)
    saved = BytesIO()
    document.save(saved)
    for page in pages:
        page.close()
    document.close()
    return saved.getvalue()


def click(formenv: Any, page: Any, x: float, y: float) -> None:
    """Press and let go the left button at a point of a page."""
    for event in (pdfium.FORM_OnMouseMove, pdfium.FORM_OnLButtonDown):
        event(formenv, page, 0, x, y)
    pdfium.FORM_OnLButtonUp(formenv, page, 0, x, y)


def wide(text: str) -> Any:
    """Return text as PDFium wants it: UTF-16, ending in a zero."""
    encoded = (text + "\0").encode("utf-16-le")
    buffer = ctypes.create_string_buffer(encoded, len(encoded))
    return ctypes.cast(buffer, pdfium.FPDF_WIDESTRING)


def widgets(blank: bytes) -> Iterator[tuple[str, tuple[int, float, float]]]:
    """Yield name and middle of each widget; a radio button with its value."""
    with pikepdf.Pdf.open(BytesIO(blank)) as document:
        for number, page in enumerate(document.pages):
            for widget in page.obj.get("/Annots", []):
                if widget.Subtype != "/Widget":
                    continue
                x1, y1, x2, y2 = map(float, widget.Rect)
                yield name_of(widget), (number, (x1 + x2) / 2, (y1 + y2) / 2)


def name_of(widget: Any) -> str:
    parent = widget.get("/Parent")
    if parent is None:
        return str(widget.T)
    if "/T" in widget:
        return f"{parent.T}.{widget.T}"
    [state] = set(widget.AP.N.keys()) - {"/Off"}
    return f"{parent.T}:{state[1:]}"


def read_by_pikepdf(filled: bytes, form: FormDefinition) -> dict[str, list[str]]:
    """Read as the standard says: the group's value, each box's value, the text."""
    read: dict[str, list[str]] = {}
    with pikepdf.Pdf.open(BytesIO(filled)) as document:
        for field in document.Root.AcroForm.Fields:
            name = str(field.T)
            boxes = [kid for kid in field.get("/Kids", []) if "/T" in kid]
            values = [box.get("/V") for box in boxes] or [field.get("/V")]
            read[name] = [str(value) for value in values if value is not None]
    return answered(read, form)


def read_by_pypdf(filled: bytes, form: FormDefinition) -> dict[str, list[str]]:
    read: dict[str, list[str]] = {}
    for name, field in (PdfReader(BytesIO(filled)).get_fields() or {}).items():
        if (value := field.get("/V")) is not None:
            read.setdefault(name.split(".")[0], []).append(str(value))
    return answered(read, form)


def answered(read: Typed, form: FormDefinition) -> dict[str, list[str]]:
    """Leave out what is empty; take names as option ids, exported or shown alike."""
    fields = {field.id: field for field in form.at(Channel.PDF)}
    result = {}
    for name, values in read.items():
        if name == FIELD:
            continue
        labels = {str(c.label): c.id for c in fields[name].choices}
        texts = [multiline(re.sub("^/", "", value)) for value in values]
        if kept := [labels.get(t, t) for t in texts if t not in ("", "Off")]:
            result[name] = kept
    return result


Filler = Callable[[bytes, FormDefinition, Typed], bytes]
every_filler = pytest.mark.parametrize("fill", [by_pikepdf, by_pypdf, by_clicks])
every_reader = pytest.mark.parametrize("read", [read_by_pikepdf, read_by_pypdf])


@cache
def filled(fill: Filler) -> bytes:
    return fill(pdf(EVERY), form_of(EVERY), TYPED)


@every_reader
@every_filler
def test_what_was_typed_is_read_back(fill: Filler, read: Any) -> None:
    expected = {name: [multiline(v) for v in vs] for name, vs in TYPED.items()}
    assert len(LONG) >= 600
    assert read(filled(fill), form_of(EVERY)) == expected


@every_filler
def test_paper_and_web_give_the_same_answers(fill: Filler) -> None:
    form = form_of(EVERY)
    web = {**TYPED, "nascita-day": ["27"], "nascita-month": ["3"]}
    web |= {"nascita-year": ["1985"], "nascita": []}
    from_web = clean(form, web, Channel.PDF)
    from_paper = clean(form, read_by_pikepdf(filled(fill), form), Channel.PDF)
    assert from_web.answers == from_paper.answers
    assert from_paper.errors == {}
    assert from_paper.answers["nome"] == "Nguyễn Thị Ánh"


@every_reader
def test_a_blank_form_holds_no_answer(read: Any) -> None:
    assert read(pdf(EVERY), form_of(EVERY)) == {}


@every_filler
def test_the_identity_survives_filling_in(fill: Filler) -> None:
    texts = []
    for document in (pdf(EVERY), filled(fill)):
        fields = PdfReader(BytesIO(document)).get_fields() or {}
        texts.append(fields[FIELD]["/V"])
    assert texts[0] == texts[1] != ""


@every_edition
def test_each_option_of_each_real_form_can_be_clicked(key: Key) -> None:
    form = form_of(key)
    for last in (False, True):
        ticked = {
            field.id: [choice.id for choice in field.choices]
            if type_of(field).multiple
            else [field.choices[-1 if last else 0].id]
            for field in form.at(Channel.PDF)
            if field.choices
        }
        result = by_clicks(pdf(key), form, ticked)
        assert read_by_pikepdf(result, form) == ticked
        assert read_by_pypdf(result, form) == ticked
