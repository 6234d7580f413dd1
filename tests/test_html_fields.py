"""The fields of a form as HTML: every type, filled, wrong, translated."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from lxml import html

from forms_service.content import load_content
from forms_service.definition import (
    TYPES,
    Channel,
    Cleaned,
    FormDefinition,
    clean,
    raw_of,
)
from forms_service.i18n import N_, Message, Translator
from forms_service.shapes.html.fields import (
    Drawing,
    complaints,
    controls_of,
    draw_fields,
    draw_hidden,
)
from forms_service.shapes.html.filling import Filling
from sample_content import SAMPLE

ITALIAN = Translator("it", ZoneInfo("Europe/Rome"))
ENGLISH = Translator("en", ZoneInfo("Europe/Rome"))
ANSWERS = {
    "nome": "Nguyễn Thị Ánh",
    "email": "anh@example.org",
    "telefono": "+390564484111",
    "nascita": "1985-03-27",
    "profilo": "ente",
    "ente": "D’Angelo <& figli>",
    "persone": 3,
    "paese": "altro",
    "interessi": ["si", "musica"],
    "strumento": "=1+1",
    "aiuto": True,
    "note": "prima riga\n\nterza riga",
    "maggiorenne": True,
}


@pytest.fixture(scope="module")
def form() -> FormDefinition:
    return load_content(SAMPLE).form("every-type")


def tree(markup: str) -> html.HtmlElement:
    return html.document_fromstring(f"<form action='/'>{markup}</form>")


def sent(markup: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in tree(markup).forms[0].form_values():
        # A browser sends line breaks as CR LF.
        values.setdefault(name, []).append(value)
    return {name: found for name, found in values.items() if any(found)}


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.DESK])
def test_every_control_of_a_channel_is_drawn_once_and_no_other(form, channel):
    drawn = tree(draw_fields(form, ITALIAN, channel))
    names = {name for name in drawn.xpath("//@name") if not name.endswith("-kept")}
    wanted = {name for name in controls_of(form, channel) if not name.endswith("-kept")}
    assert names == wanted


def test_the_sample_form_has_every_type(form):
    assert {field.type for field in form.fields} == set(TYPES)


def test_what_was_typed_comes_back_as_it_was(form):
    raw = raw_of(form, ANSWERS)
    raw["note"] = ["prima riga\n\nterza riga"]
    filled = draw_fields(form, ITALIAN, Channel.WEB, Filling(raw))
    assert clean(form, sent(filled), Channel.WEB).answers == {
        key: value for key, value in ANSWERS.items() if key != "informativa"
    }


def test_a_leading_line_break_survives(form):
    filled = draw_fields(form, ITALIAN, Channel.WEB, Filling({"note": ["\nsotto"]}))
    # The parser keeps what a browser drops: one line break after the tag.
    assert 'rows="5"' in filled
    assert ">\n\nsotto</textarea>" in filled


@pytest.mark.parametrize(
    ("control", "typed"),
    [
        ("nome", "<script>"),
        ("email", "a@b"),
        ("telefono", "12"),
        ("nascita-month", "quaranta"),
        ("persone", "molte"),
        ("profilo", "nessuno-di-questi"),
        ("paese", "Atlantide"),
        ("interessi", "volare"),
        ("codice_fiscale", "XXX"),
    ],
)
def test_wrong_and_unknown_values_are_kept_and_explained(form, control, typed):
    raw = {control: [typed]}
    cleaned = clean(form, raw, Channel.WEB)
    page = draw_fields(form, ITALIAN, Channel.WEB, Filling(raw, cleaned))
    assert sent(page)[control] == [typed]
    (where,) = tree(page).xpath(f"//*[@name='{control}'][1]/ancestor::div[@data-field]")
    assert "field--error" in where.get("class")
    assert where.xpath(".//p[@class='field__error']")
    assert where.xpath(".//*[@aria-invalid='true']")


def test_a_doubt_is_said_once_and_then_accepted(form):
    raw = {**raw_of(form, ANSWERS), "informativa": ["true"]}
    raw["codice_fiscale"] = ["RSSMRA85T10A562X"]
    first = clean(form, raw, Channel.WEB)
    assert list(first.warnings) == ["codice_fiscale"]
    page = draw_fields(form, ITALIAN, Channel.WEB, Filling(raw, first))
    assert clean(form, sent(page), Channel.WEB).ok


def test_hidden_inputs_carry_everything_typed_and_nothing_else(form):
    raw = {**raw_of(form, ANSWERS), "altro": ["x"], "codice_fiscale-kept": ["Y"]}
    carried = sent(draw_hidden(form, Channel.WEB, raw))
    assert carried == {key: value for key, value in raw.items() if key != "altro"}


def test_every_mistake_leads_to_a_control_that_is_there(form):
    cleaned = clean(form, {}, Channel.WEB)
    listed = complaints(form, Channel.WEB, cleaned, ITALIAN)
    assert len(listed) == len(cleaned.errors) > 5
    ids = tree(draw_fields(form, ITALIAN, Channel.WEB)).xpath("//@id")
    assert {complaint.control for complaint in listed} <= set(ids)


def test_ids_are_unique_and_references_lead_somewhere(form):
    cleaned = clean(form, {}, Channel.WEB)
    drawn = tree(draw_fields(form, ITALIAN, Channel.WEB, Filling({}, cleaned)))
    ids = drawn.xpath("//@id")
    assert len(ids) == len(set(ids))
    named = " ".join(drawn.xpath("//@for") + drawn.xpath("//@aria-describedby")).split()
    assert named
    assert set(named) <= set(ids)


def test_a_translated_declaration_stands_beside_the_prevailing_text():
    content = load_content(SAMPLE)
    english, italian = content.form("volontari", "en"), content.form("volontari")
    drawn = tree(draw_fields(english, ENGLISH, Channel.WEB, prevailing=italian))
    italian_texts = drawn.xpath("//div[@class='statement__main']/@lang")
    assert italian_texts
    assert set(italian_texts) == {"it"}


def fillings(form):
    """Return a form filled in all ways that change its markup."""
    right = raw_of(form, ANSWERS)
    yield Filling()
    yield Filling(right)
    every = list(controls_of(form, Channel.WEB))
    for raw in (
        {},
        right,
        {key: ["<&'\">"] for key in every},
        {key: ["", "second"] for key in every},
        {key: ["\0nome\0", "\1"] for key in every},
        right | {"codice_fiscale": ["RSSMRA85T10A562X"], "note": ["\nsotto\r\n" * 9]},
        right | {"interessi": ["si", "volare"], "paese": ["Atlantide"]},
        right | {"nome rows": ["9"], "interessi checked si": [" onfocus=alert(1)"]},
    ):
        yield Filling(raw, clean(form, raw, Channel.WEB))
    # One field with a mistake, with a doubt, with a doubt that was seen.
    for field in form.fields:
        said = {field.id: Message(N_("Fill in “{label}”."), {"label": "<i>@x.it"})}
        kept = {field.id: "<kept>"}
        yield Filling(right, Cleaned(errors=said))
        yield Filling(right, Cleaned(kept, {}, said))
        yield Filling(right, Cleaned(kept, said, said))
        yield Filling({**right, f"{field.id}-kept": ["<kept>"]})


@pytest.mark.parametrize("place", [Channel.WEB, Channel.DESK])
@pytest.mark.parametrize("form_id", ["every-type", "volontari"])
def test_filled_segments_are_what_the_template_draws(form_id, place):
    content = load_content(SAMPLE)
    main = content.form(form_id)
    for form, translator in ((main, ITALIAN), (content.form(form_id, "en"), ENGLISH)):
        for filling in fillings(form):
            drawn = Drawing(form, translator, place, filling, main, "#there").html()
            filled = draw_fields(form, translator, place, filling, main, "#there")
            assert filled == drawn


def test_an_untranslated_text_says_its_language(form):
    section = form.sections[0]
    fields = tuple(replace(field) for field in section.fields)
    italian_in_english = replace(form, sections=(replace(section, fields=fields),))
    drawn = tree(draw_fields(italian_in_english, ENGLISH, Channel.WEB))
    (label,) = drawn.xpath("//label[@for='nome']/span[@lang]")
    assert label.get("lang") == "it"


def test_a_condition_is_said_in_words_and_given_to_the_script(form):
    drawn = tree(draw_fields(form, ITALIAN, Channel.WEB))
    (where,) = drawn.xpath("//div[@data-field='ente']")
    assert where.get("data-when") == '{"field": "profilo", "is": "ente"}'
    (sentence,) = where.xpath(".//p[@id='ente-when']")
    assert "Per un ente" in sentence.text_content()
