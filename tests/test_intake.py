"""A filled-in PDF comes back as typed answers, or as one clear sentence."""

import json
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

import hostile
from forms_service.content import Content, load_content
from forms_service.definition import Channel, clean
from forms_service.definition.folding import multiline
from forms_service.intake import reader, sandbox
from forms_service.intake.filled import Filled, read_filled, wanted
from forms_service.intake.refusals import Busy, Damaged, NotOurs
from forms_service.shapes.pdf.identity import FIELD, Identity
from forms_service.shapes.pdf.receipt_proof import DATA
from printed_forms import EVERY, EVERY_EN, content, form_of, pdf
from sample_content import SAMPLE, copied
from test_pdf_filling import TYPED, Filler, by_pikepdf, every_filler, filled

CONTENT = content(SAMPLE)
FORM = form_of(EVERY)
ODD = "<</FT/Tx /T(a) /V(b)>>"
IDENTITY = Identity.of(FORM).text
WEB = {name: values for name, values in TYPED.items() if name != "nascita"} | {
    "nascita-day": ["27"],
    "nascita-month": ["03"],
    "nascita-year": ["1985"],
}


def of_fields(*fields: str, identity: str = IDENTITY) -> bytes:
    """Return a PDF with these field dictionaries."""
    numbered = {n: field.encode() for n, field in enumerate(fields, start=6)}
    names = b" ".join(b"%d 0 R" % number for number in numbered)
    return hostile.form(identity, names, numbered)


def changed(file: bytes, change: Any) -> bytes:
    """Return a PDF after a change by pikepdf."""
    with pikepdf.Pdf.open(BytesIO(file)) as document:
        change(document)
        target = BytesIO()
        document.save(target)
    return target.getvalue()


@every_filler
def test_a_filled_form_is_read_as_the_web_form_would_be_typed(fill: Filler) -> None:
    found = read_filled(filled(fill), CONTENT)
    expected = {name: [multiline(v) for v in vs] for name, vs in WEB.items()}
    # The number of the document is asked on paper only.
    del expected["documento"]
    assert found.raw == expected
    assert (found.unreadable, found.outdated, found.gone) == ((), False, ())
    assert (found.form, found.identity) == (FORM, Identity.of(FORM))


@every_filler
def test_paper_and_web_are_worth_the_same(fill: Filler) -> None:
    found = clean(FORM, read_filled(filled(fill), CONTENT).raw, Channel.WEB)
    assert found == clean(FORM, WEB, Channel.WEB)
    assert found.answers["nascita"] == "1985-03-27"
    assert found.errors == {}


def test_a_blank_form_holds_nothing() -> None:
    found = read_filled(pdf(EVERY_EN), CONTENT)
    assert found.raw == {}
    assert found.form.lang == "en"
    assert (found.unreadable, found.new_fields, found.again) == ((), (), ())


def test_what_only_the_paper_asks_never_leaves_the_child() -> None:
    canary = "CANARY-ON-PAPER"
    file = by_pikepdf(pdf(EVERY), FORM, {"documento": [canary], "nome": ["Anna"]})
    said = json.dumps(sandbox.read_in_child(file, wanted(CONTENT)))
    assert canary not in said
    assert "Anna" in said
    more = {FORM.id: {"web": ["documento"]}}
    assert canary in json.dumps(sandbox.read_in_child(file, more))


def test_nothing_leaves_the_child_of_a_form_that_is_not_ours() -> None:
    file = of_fields("<</FT/Tx /T(nome) /V(Anna)>>", identity="theirs:it:1.0:ab")
    assert "Anna" not in json.dumps(sandbox.read_in_child(file, wanted(CONTENT)))
    with pytest.raises(NotOurs):
        read_filled(file, CONTENT)


@pytest.mark.parametrize("shown", ["Piana, frazione di Esempio", "piana"])
def test_a_list_may_come_back_as_what_was_shown(shown: str) -> None:
    file = of_fields(f"<</FT/Ch /T(paese) /V({shown})>>")
    assert read_filled(file, CONTENT).raw == {"paese": ["piana"]}


@pytest.mark.parametrize(
    ("typed", "boxes"),
    [
        ("27/03/1985", ["27", "03", "1985"]),
        ("27.3.1985", ["27", "3", "1985"]),
        (" 27 - 3 - 1985 ", ["27", "3", "1985"]),
        ("1985-03-27", ["27", "03", "1985"]),
        ("31/2/1985", ["31", "2", "1985"]),
        ("/3/1985", ["", "3", "1985"]),
    ],
)
def test_a_date_is_taken_apart_and_judged_later(typed: str, boxes: list[str]) -> None:
    raw = read_filled(of_fields(f"<</FT/Tx /T(nascita) /V({typed})>>"), CONTENT).raw
    names = ("nascita-day", "nascita-month", "nascita-year")
    assert raw == {name: [box] for name, box in zip(names, boxes, strict=True) if box}


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("<</FT/Tx /T(nascita) /V(27 marzo)>>", "27 marzo"),
        ("<</FT/Ch /T(paese) /V(Atlantide)>>", "Atlantide"),
        ("<</FT/Btn /T(profilo) /V/nessuno>>", "nessuno"),
        ("<</FT/Btn /T(maggiorenne) /V/Yes /AS/Yes>>", "Yes"),
        ("<</FT/Tx /T(nome) /V[(a) (b)]>>", ""),
        (f"<</FT/Tx /T(nome) /V({'x' * (reader.LONGEST_VALUE + 1)})>>", ""),
        (
            "<</FT/Btn /T(profilo) /Kids [<</AS/persona>> <</AS/ente>>]>>",
            "persona ente",
        ),
    ],
)
def test_what_is_not_certain_is_left_out_and_named(field: str, found: str) -> None:
    result = read_filled(of_fields(field), CONTENT)
    assert result.raw == {}
    [left] = result.unreadable
    assert left.found == found
    assert left.label == FORM.field(left.field_id).label


def test_known_ticks_stay_when_one_is_unknown() -> None:
    kids = "<</T(musica) /FT/Btn /V/musica>> <</T(volo) /FT/Btn /V/volo>>"
    result = read_filled(of_fields(f"<</T(interessi) /Kids [{kids}]>>"), CONTENT)
    assert result.raw == {"interessi": ["musica"]}
    assert [left.found for left in result.unreadable] == ["volo"]


@pytest.mark.parametrize(
    "group",
    [
        "/V/Off /Kids [<</AS/Off>> <</AS/ente>>]",
        "/V/persona /Kids [<</AS/Off>> <</AS/ente>>]",
        "/V/Off /Kids [<</AS/Off /V/Off>> <</AS/Off /V/ente>>]",
        "/V/ente /Kids [<</AS/Off>> <</AS/Off>>]",
        "/V/ente /Kids []",
        "/V(ente)",
    ],
)
def test_a_choice_is_found_wherever_a_viewer_writes_it(group: str) -> None:
    result = read_filled(of_fields(f"<</FT/Btn /T(profilo) {group}>>"), CONTENT)
    assert result.raw == {"profilo": ["ente"]}


@pytest.fixture
def later(tmp_path: Path) -> Content:
    """The same form a year later: two fields retired, one new, a text changed."""
    file = "forms/every-type.yml"
    new = "- {id: colore, type: text, label: Colore, purpose: Prova.}\n      "
    folder = copied(
        tmp_path,
        (file, 'version: "1.0"', 'version: "1.1"'),
        (file, "- id: strumento", f"{new}- id: chitarra"),
        (file, "id: documento", "id: passaporto"),
        (file, "{soprannome:", '{strumento: "1.0", documento: "1.0", soprannome:'),
        (file, "orto: Orto", "bosco: Bosco"),
        (file, "includes: orto", "includes: bosco"),
    )
    for overlay in folder.glob("forms/*.en.yml"):
        overlay.unlink()
    return load_content(folder)


def test_an_older_form_is_taken_over_field_by_field(later: Content) -> None:
    typed = {**TYPED, "interessi": ["musica", "orto"], "documento": ["CANARY"]}
    found = read_filled(by_pikepdf(pdf(EVERY), FORM, typed), later)
    assert found.outdated
    assert [field.id for field in found.new_fields] == ["colore", "chitarra"]
    assert found.gone == ("Che cosa suoni", "Numero del documento")
    assert [(left.field_id, left.found) for left in found.unreadable] == [
        ("interessi", "orto")
    ]
    assert found.raw["interessi"] == ["musica"]
    assert found.raw["nome"] == TYPED["nome"]
    assert "CANARY" not in str(found)


def test_a_statement_of_an_older_form_is_to_be_made_again(later: Content) -> None:
    found = read_filled(filled(by_pikepdf), later)
    again = ["aiuto", "maggiorenne", "informativa"]
    assert [field.id for field in found.again] == again
    assert not found.raw.keys() & set(again)
    assert {"maggiorenne", "informativa"} <= clean(
        found.form, found.raw, Channel.WEB
    ).errors.keys()


def test_a_language_that_is_gone_leads_to_the_main_one(later: Content) -> None:
    assert read_filled(pdf(EVERY_EN), later).form.lang == "it"


def known_by_properties(document: pikepdf.Pdf) -> None:
    kept = [field for field in document.Root.AcroForm.Fields if field.T != FIELD]
    document.Root.AcroForm.Fields = pikepdf.Array(kept)


def test_a_form_that_may_not_be_changed_is_read_all_the_same() -> None:
    found = read_filled(hostile.owned(filled(by_pikepdf)), CONTENT)
    assert found.raw["nome"] == TYPED["nome"]


def test_the_properties_tell_the_form_when_the_hidden_field_is_lost() -> None:
    found = read_filled(changed(filled(by_pikepdf), known_by_properties), CONTENT)
    assert found.raw["nome"] == TYPED["nome"]


def test_while_one_file_is_read_the_next_one_waits_and_is_told() -> None:
    with sandbox.one_at_a_time.held(60):
        started = time.monotonic()
        with pytest.raises(Busy):
            sandbox.read_in_child(pdf(EVERY), wanted(CONTENT), timeout=0.2)
        assert time.monotonic() - started < 2
    assert isinstance(read_filled(pdf(EVERY), CONTENT), Filled)


def test_the_reader_looks_for_the_identity_where_the_printer_puts_it() -> None:
    assert (reader.IDENTITY, reader.RECEIPT) == (FIELD, DATA)
    with pikepdf.Pdf.open(BytesIO(pdf(EVERY))) as document:
        assert str(document.docinfo[reader.PROPERTY]) == IDENTITY
        assert str(document.docinfo["/Keywords"]) == IDENTITY


@pytest.mark.parametrize("said", ["", "[]", "{", "1" * (sandbox.LONGEST_ANSWER + 1)])
def test_a_child_that_talks_nonsense_is_not_believed(tmp_path: Path, said: str) -> None:
    script = tmp_path / "reader.py"
    script.write_text(f"import sys\nsys.stdout.write({said!r})", encoding="utf-8")
    with pytest.raises(Damaged):
        sandbox.read_in_child(b"%PDF-", {}, reader=script)
