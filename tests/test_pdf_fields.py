"""The fields of the printed forms are those of the definition, for every reader."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader

from forms_service.definition import Channel, Control, FormDefinition, type_of
from forms_service.shapes.pdf.identity import FIELD
from forms_service.shapes.sentences import limit_sentence
from printed_forms import EVERY, EVERY_EN, Key, edition, every_edition, form_of, pdf
from test_pdf import text_of

REQUIRED, MULTILINE, RADIO, COMBO = 1 << 1, 1 << 12, 1 << 15, 1 << 17
ACTIVE = {"/AA", "/OpenAction", "/JS", "/JavaScript", "/XFA", "/EmbeddedFiles"}


def expected_names(form: FormDefinition) -> set[str]:
    """Return full names of all fields that hold a value."""
    names = {FIELD}
    for field in form.at(Channel.PDF):
        if type_of(field).multiple:
            names |= {f"{field.id}.{choice.id}" for choice in field.choices}
        elif type_of(field).controls(field):
            names.add(field.id)
    return names


def terminals(fields: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Walk the fields as the standard says: a kid without a name is a widget."""
    for field in fields:
        name = f"{above}.{field.T}".strip(".")
        named = [kid for kid in field.get("/Kids", []) if "/T" in kid]
        if named:
            yield from terminals(named, name)
        else:
            yield name, field


@pytest.fixture
def opened(key: Key) -> Iterator[pikepdf.Pdf]:
    with pikepdf.Pdf.open(BytesIO(pdf(key))) as document:
        yield document


@every_edition
def test_two_readers_find_exactly_the_fields_of_the_definition(
    key: Key, opened: pikepdf.Pdf
) -> None:
    names = [name for name, _ in terminals(opened.Root.AcroForm.Fields)]
    assert len(names) == len(set(names))
    assert set(names) == expected_names(form_of(key))
    read = PdfReader(BytesIO(pdf(key))).get_fields() or {}
    groups = {f.id for f in form_of(key).at(Channel.PDF) if type_of(f).multiple}
    assert set(read) - groups == set(names)


@every_edition
def test_a_control_says_its_question_and_whether_it_is_needed(
    key: Key, opened: pikepdf.Pdf
) -> None:
    fields = {str(field.T): field for field in opened.Root.AcroForm.Fields}
    translator = edition(key).translator
    for question in form_of(key).at(Channel.PDF):
        if not type_of(question).controls(question):
            continue
        said = str(fields[question.id].TU)
        assert said.startswith(question.label)
        assert said.endswith(
            f"({translator.gettext('required')})"
        ) == question.required_at(Channel.PDF)
        if question.choices and type_of(question).control is not Control.LIST:
            labels = [str(kid.TU) for kid in fields[question.id].Kids]
            assert labels == [f"{said}: {choice.label}" for choice in question.choices]


@every_edition
def test_no_box_cuts_what_is_pasted_and_a_large_one_says_how_much_fits(
    key: Key, opened: pikepdf.Pdf
) -> None:
    boxes = terminals(opened.Root.AcroForm.Fields)
    assert [name for name, box in boxes if "/MaxLen" in box] == []
    said, translator = text_of(pdf(key)), edition(key).translator
    for field in form_of(key).at(Channel.PDF):
        if type_of(field).control is Control.AREA:
            limit = limit_sentence(field, translator).rstrip(".")
            # Right to left, a reader may give the words in another order.
            assert all(word in said for word in limit.split())


def test_flags_and_options_follow_the_definition() -> None:
    with pikepdf.Pdf.open(BytesIO(pdf(EVERY))) as document:
        fields = {str(field.T): field for field in document.Root.AcroForm.Fields}
        assert int(fields["nome"].Ff) == REQUIRED
        assert int(fields["telefono"].Ff) == 0
        assert int(fields["note"].Ff) == MULTILINE
        assert int(fields["paese"].Ff) == COMBO
        assert int(fields["profilo"].Ff) & (RADIO | REQUIRED) == RADIO | REQUIRED
        pairs = [[str(part) for part in option] for option in fields["paese"].Opt]
        choices = form_of(EVERY).field("paese").choices
        assert pairs == [["", ""], *([c.id, str(c.label)] for c in choices)]


@every_edition
def test_every_widget_is_drawn_as_empty_and_nothing_is_left_to_the_viewer(
    key: Key, opened: pikepdf.Pdf
) -> None:
    acroform = opened.Root.AcroForm
    assert bool(acroform.NeedAppearances) is False
    for name, field in terminals(acroform.Fields):
        if name == FIELD:
            continue
        for widget in field.get("/Kids", [field]):
            drawn = widget.AP.N
            if isinstance(drawn, pikepdf.Stream):
                assert b"Tj" not in drawn.read_bytes()
                assert widget.DA == "0 g /Paper 11 Tf"
            else:
                assert "/Off" in drawn
                assert widget.AS == "/Off"


def test_the_states_of_a_button_are_the_ids_of_the_options() -> None:
    with pikepdf.Pdf.open(BytesIO(pdf(EVERY))) as document:
        fields = dict(terminals(document.Root.AcroForm.Fields))
        states = [set(kid.AP.N.keys()) for kid in fields["profilo"].Kids]
        assert states == [{"/persona", "/Off"}, {"/ente", "/Off"}, {"/altro", "/Off"}]
        assert set(fields["interessi.musica"].AP.N.keys()) == {"/musica", "/Off"}
        assert set(fields["maggiorenne"].AP.N.keys()) == {"/true", "/Off"}


@every_edition
def test_nothing_in_the_document_acts(key: Key, opened: pikepdf.Pdf) -> None:
    for thing in opened.objects:
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            assert not ACTIVE & set(thing.keys())
            action = thing.get("/A")
            if isinstance(action, pikepdf.Dictionary) and "/S" in action:
                assert action.S == "/URI"


@every_edition
def test_widgets_lie_inside_their_page_and_boxes_to_tick_are_large(
    key: Key, opened: pikepdf.Pdf
) -> None:
    for page in opened.pages:
        seen: list[tuple[float, ...]] = []
        for widget in page.obj.get("/Annots", []):
            if widget.Subtype != "/Widget":
                continue
            x1, y1, x2, y2 = map(float, widget.Rect)
            assert 0 < min(x1, x2) < max(x1, x2) < 596
            assert 100 < min(y1, y2) < max(y1, y2) < 842
            if "/AS" in widget:
                assert abs(x2 - x1) > 23.9
                assert abs(y2 - y1) > 23.9
            box = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
            assert not [other for other in seen if overlap(box, other)]
            seen.append(box)


def overlap(box: tuple[float, ...], two: tuple[float, ...]) -> bool:
    """Say whether two rectangles share more than an edge."""
    wide = min(box[2], two[2]) - max(box[0], two[0])
    high = min(box[3], two[3]) - max(box[1], two[1])
    return wide > 0.1 and high > 0.1


def test_a_translation_keeps_the_names_of_the_fields() -> None:
    names = []
    for key in (EVERY, EVERY_EN):
        with pikepdf.Pdf.open(BytesIO(pdf(key))) as document:
            names.append([n for n, _ in terminals(document.Root.AcroForm.Fields)])
    assert names[0] == names[1]
