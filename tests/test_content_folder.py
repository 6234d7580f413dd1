"""Reading the content folder: what is right is a frozen form, what is wrong is told.

Every problem is told at once, with file, key path and what to do.
"""

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from forms_service.content import load_content
from forms_service.definition import (
    Channel,
    ContentError,
    Field,
    FormDefinition,
    Promotion,
    Role,
    Text,
)
from forms_service.definition.conditions import Is
from forms_service.definition.fingerprint import fingerprint, text_hash
from forms_service.definition.form import Bound, Limits
from sample_content import (
    OTHER,
    ROOT,
    SAMPLE,
    copied,
    every_type,
    form_with,
    problems_of,
)

FORM = "forms/every-type.yml"
ENGLISH = "forms/every-type.en.yml"


def test_the_content_of_the_repository_has_no_problem() -> None:
    for folder in (ROOT / "content", SAMPLE, OTHER):
        assert problems_of(folder) == []


def test_a_form_is_read_into_frozen_nouns() -> None:
    form = every_type().form("every-type")
    assert (form.id, form.lang, form.languages) == ("every-type", "it", ("it", "en"))
    assert (form.version, form.dated) == ("1.0", date(2030, 1, 15))
    assert (form.opens, form.closes) == (date(2030, 2, 1), date(2030, 10, 20))
    assert (form.event, form.contact_by_phone, form.delicate) == (
        "incontro",
        False,
        False,
    )
    assert form.capacity is not None
    assert form.capacity.count_people
    assert (form.capacity.limit, form.capacity.place_hold) == (10, 72)
    assert form.capacity.promotion is Promotion.STAFF
    assert form.retired == {"soprannome": "0.9"}
    name = form.field("nome")
    assert (name.role, name.required, name.autocomplete) == (Role.NAME, True, "name")
    assert name.limits == Limits(2, 150)
    assert form.field("ente").when == Is("profilo", "ente")
    assert form.field("documento").channels == {Channel.PDF, Channel.DESK}
    assert [choice.id for choice in form.field("interessi").choices] == [
        "si", "no", "musica", "orto",
    ]  # fmt: skip
    assert form.by_role(Role.PEOPLE) == form.field("persone")
    with pytest.raises(dataclasses.FrozenInstanceError):
        form.title = Text("x", "it")  # type: ignore[misc]
    with pytest.raises(KeyError):
        form.field("nessuno")


def test_a_controlled_list_comes_before_the_options_of_the_form() -> None:
    choices = every_type().form("every-type").field("paese").choices
    assert [(choice.id, choice.label) for choice in choices] == [
        ("monte", "Esempio al Monte"),
        ("mare", "Esempio a Mare"),
        ("piana", "Piana, frazione di Esempio"),
        ("altro", "Un altro paese"),
    ]


def test_sections_without_a_field_at_a_place_are_not_there() -> None:
    form = every_type().form("every-type")
    assert [section.id for section, _ in form.sections_at(Channel.PDF)] == [
        "persona", "scelte", "carta", "invio",
    ]  # fmt: skip
    web = {section.id: fields for section, fields in form.sections_at(Channel.WEB)}
    assert [field.id for field in web["carta"]] == ["codice_fiscale", "conto"]
    on_paper = form_with("- {id: a, type: text, label: A, in: [pdf]}")
    assert list(on_paper.sections_at(Channel.WEB)) == []


def test_a_translation_has_the_same_structure_and_other_texts() -> None:
    italian = every_type().form("every-type")
    english = every_type().form("every-type", "en")
    assert (english.title, english.title.lang) == ("Every field", "en")
    assert [field.id for field in english.fields] == [f.id for f in italian.fields]
    assert english.field("profilo").choice("ente") is not None
    assert english.fingerprint == italian.fingerprint
    assert english.text_hash != italian.text_hash == italian.fingerprint
    assert english.review.pending
    assert not italian.review.pending


def test_a_text_without_translation_is_the_original_and_says_so() -> None:
    english = every_type().form("every-type", "en")
    hint = english.field("nome").hint
    assert (hint, hint.lang) == ("Come sul documento", "it")
    labels = [choice.label for choice in english.field("paese").choices]
    assert [(label, label.lang) for label in labels][-2:] == [
        ("Piana, frazione di Esempio", "it"),
        ("Another village", "en"),
    ]


def test_a_text_is_read_in_paragraphs() -> None:
    text = every_type().form("every-type").texts.accepted
    assert text.paragraphs == [
        "La richiesta di prova è accolta.",
        "Ci vediamo all’incontro.",
    ]
    assert {part.lang for part in text.paragraphs} == {"it"}


def test_an_event_without_translation_is_told_in_the_main_language() -> None:
    content = every_type()
    assert content.event("incontro", "en").title == "Test meeting"
    assert content.event("incontro", "uk").title == "Incontro di prova"
    assert content.event("incontro").lang == content.main_language == "it"
    with pytest.raises(KeyError):
        content.form("every-type", "uk")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="there is no such folder"):
        load_content(tmp_path / "nowhere")


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    folder = copied(
        tmp_path,
        ("project.yml", "zone: Europe/Rome", "zone: Europe/Roma"),
        ("events/incontro.yml", 'ends: "19:00"', 'ends: "25:00"'),
        (FORM, "type: email", "type: emial"),
        (FORM, "dated: 2030-01-15", "dated: 15/1/2030"),
        (ENGLISH, "label: Email address", "lable: Email address"),
    )
    assert problems_of(folder) == [
        "content/project.yml: zone: “Europe/Roma” is no time zone: write one as "
        "Europe/Rome",
        'content/events/incontro.yml: ends: write the hour as "10:00", or unknown',
        "content/forms/every-type.yml: dated: write a date as 2020-07-01",
        "content/forms/every-type.yml: fields.email.type: unknown “emial” "
        '(did you mean "email"?)',
        "content/forms/every-type.yml: fields.email.role: role email needs type email",
        "content/forms/every-type.en.yml: fields.email.lable: unknown key "
        '(did you mean "label"?)',
    ]


BAD_FORMS = [
    ("title: Tutti i campi\n", "", "title: write a text"),
    ("title: Tutti i campi", "title: [a]", "title: write a text here"),
    ('version: "1.0"\n', "", "version: this key is needed"),
    ('version: "1.0"', "version: true", "version: write one word or sentence here"),
    ('version: "1.0"', "version: “1.0”", "version: write digits and points, as 1.2"),
    ("dated: 2030-01-15\n", "", "dated: write a date as 2020-07-01"),
    ("dated: 2030-01-15", "dated: 2030-02-30", "dated: 30 February 2030 does not"),
    ("dated: 2030-01-15", "dated: 20300115", "dated: write a date as 2020-07-01"),
    ("opens: 2030-02-01", "opens: soon", "opens: write a date as 2020-07-01"),
    ("closes: 2030-10-20", "closes: 2030-01-31", "closes: is before opens"),
    ("delicate: false", "delicate: no", "delicate: write true or false"),
    (
        "delicate: false",
        "delicat: false",
        'delicat: unknown key (did you mean "delicate"?)',
    ),
    (
        "contact: email\n",
        "contact: email\nanswer_within: {years: 1}\n",
        "answer_within: counts from sending, in days or months: {days: 30}",
    ),
    (
        "contact: email\n",
        "contact: email\nanswer_within: {days: 9, after: decision}\n",
        "answer_within: counts from sending, in days or months: {days: 30}",
    ),
    (
        "contact: email\n",
        "contact: email\nreasons:\n  - {id: A, label: a, text: b}\n",
        "reasons.A: needs an id of its own: letters a-z, digits and _",
    ),
    (
        "contact: email\n",
        "contact: email\nreasons: [{id: a, label: x, text: x}, {id: a, label: y}]\n",
        "reasons.a: needs an id of its own: letters a-z, digits and _",
    ),
    ("contact: email", "contact: fax", "contact: unknown “fax” (known: email, "),
    (
        "event: incontro",
        "event: inconto",
        'event: there is no event “inconto” (did you mean "incontro"?)',
    ),
    ("page:\n", "page: nothing\nx:\n", "page: write keys and values here (key: value)"),
    ("  what: Un modulo", "  waht: Un modulo", "page.what: write a text"),
    ("  needs:\n", "  needs: x\n  y:\n", "page.needs: write a list: each line begins"
     " with a dash"),
    ("    - Cinque minuti.", "    - Tempo: poco", "page.needs: write a text after "
     "every dash, in quotes if it holds “:”"),
    ("    - Cinque minuti.", "    -", "page.needs: write a text after every dash, "
     "in quotes if it holds “:”"),
    ("    - Provare il programma.\n", "", "privacy.purposes: write at least one, with"),
    ("    open: {months: 12, after: sending}\n", "",
     "privacy.retention.open: say how long, in days, months or years: {months: 6, "),
    ("{months: 12, after: sending}", "{months: 12, days: 3}",
     "privacy.retention.open: say how long, in days, months or years: {months: 6, "),
    ("{months: 12, after: sending}", "{after: sending}",
     "privacy.retention.open: say how long, in days, months or years: {months: 6, "),
    ("{months: 12, after: sending}", "{months: 0, after: sending}",
     "privacy.retention.open.months: write a whole number from 1 up"),
    ("{months: 12, after: sending}", "{months: true}",
     "privacy.retention.open.months: write a whole number from 1 up"),
    ("{months: 12, after: sending}", "{months: 12, after: send}",
     'privacy.retention.open.after: unknown “send” (did you mean "sending"?)'),
    ("{months: 12, after: sending}", "{months: 12, hours: 2}",
     "privacy.retention.open.hours: unknown key (known: after, days, months, years)"),
    ("count: people", "count: heads", "capacity.count: unknown “heads” (known: "),
    ("limit: 10, ", "",
     "capacity.limit: write a whole number from 1 up (how many fit)"),
    ("limit: 10, ", "limit: 0, ", "capacity.limit: write a whole number from 1 up"),
    ("promotion: staff", "promotion: me",
     "capacity.promotion: unknown “me” (known: automatic, staff)"),
    ("{contacts.desk}", "{contacts.desc}",
     'paper.send_to: there is no {contacts.desc} (did you mean "contacts.desk"?)'),
    ('{soprannome: "0.9"}', "{soprannome: null}",
     "retired.soprannome: this key is needed"),
    ('{soprannome: "0.9"}', '{nome: "0.9"}',
     "fields.nome: this id is retired and never returns: take a new one"),
    ("  - id: persona\n", "  - name: persona\n",
     "sections[0].id: this key is needed"),
    ("  - id: persona\n", "  - id: 1persona\n",
     "sections.1persona.id: an id has small letters a-z, digits and _, up to 40"),
    ("      - id: ente\n", "      - id: Ente\n",
     "fields.Ente.id: an id has small letters a-z, digits and _, up to 40"),
    ("      - id: ente\n", "      - id: persona\n",
     "fields.persona: this id is there twice: ids are unique in a form"),
    ("      - id: nome\n        type: text\n", "      - id: nome\n",
     "fields.nome.type: this key is needed"),
    ("type: phone", "type: phon", "fields.telefono.type: unknown “phon” "
     '(did you mean "phone"?)'),
    ("label: Telefono\n", "lable: Telefono\n", "fields.telefono.label: write a text"),
    ("role: phone", "role: fone",
     'fields.telefono.role: unknown “fone” (did you mean "phone"?)'),
    ("role: phone", "role: name", "sections: only one field has role: name, not "
     "['nome', 'telefono']"),
    ("role: phone", "role: name", "fields.telefono.role: role name needs type text"),
    ("        role: email\n", "", "sections: one field on the web needs role: email"),
    ("        role: email\n", "        role: email\n        in: [pdf]\n",
     "sections: one field on the web needs role: email"),
    ("        required: true\n        role: email", "        role: email",
     "fields.email.required: must be true, without when, to answer"),
    ("        role: email\n",
     "        role: email\n        when: {field: profilo, is: ente}\n",
     "fields.email.required: must be true, without when, to answer"),
    ("contact: email\n", "contact: email_or_phone\nevent2:\n", "event2: unknown key"),
    ("        role: people\n", "",
     "capacity.count: people needs a number field with role: people"),
    ("{min: 1, max: 6}", "{max: 6}",
     "fields.persone.limits.min: people are counted from 1: {min: 1}"),
    ("event: incontro", "event: null",
     "privacy.retention.accepted.after: event: this form has no event"),
    ("event: incontro", "event: null",
     "fields.nascita.erase_after.after: event: the form has no event"),
    ("erase_after: {days: 30, after: event}", "erase_after: 30",
     "fields.nascita.erase_after: write keys and values here (key: value)"),
    ("autocomplete: tel", "autocomplete: phone",
     "fields.telefono.autocomplete: unknown “phone” (known: "),
    ("{persona: Per me, ente: Per un ente, altro: Per altri}", "{ente: Uno}",
     "fields.profilo.choices: give at least two options"),
    ("{persona: Per me, ente: Per un ente, altro: Per altri}", "[uno, due]",
     "fields.profilo.choices: write keys and values here (key: value)"),
    ("altro: Per altri", "un altro: Per altri",
     "fields.profilo.choices.un altro: an option id has letters, digits, _ and -"),
    ("altro: Per altri", "altro: Noi | voi",
     "fields.profilo.choices: “Noi | voi”: no | in a label"),
    ("altro: Per altri", "altro:", "fields.profilo.choices.altro: write a text"),
    ("type: textarea", "type: textarea\n        choices: {a: A, b: B}",
     "fields.note.choices: a field of type textarea has no options"),
    ("type: textarea", "type: textarea\n        text: Leggi",
     "fields.note.text: a field of type textarea has no text: use hint"),
    ("        text: Dichiaro che ho compiuto 18 anni.\n", "",
     "fields.maggiorenne.text: write a text (all that is declared or shown)"),
    ('        version: "1.0"\n', "",
     "fields.informativa.version: this key is needed (version of this text)"),
    ("        text: Aggiungi", "        required: true\n        text: Aggiungi",
     "fields.copia.type: a static text is neither required nor has a role"),
    ("        purpose: Chiamarti.\n", "",
     "fields.telefono.purpose: write a text (why we ask: no purpose, no question)"),
    ("type: phone", "type: phone\n        limits: {max: 20}",
     "fields.telefono.limits: a field of type phone has no limits"),
    ("{min: 2, max: 150}", "{min: 2, max: today}",
     "fields.nome.limits: the limits of a text are whole numbers"),
    ("{min: 2, max: 150}", "{min: 20, max: 15}", "fields.nome.limits: min is higher"),
    ("{min: 2, max: 150}", "{min: 2, max: many}",
     "fields.nome.limits.max: write a whole number, a date as 2020-07-01, today, "
     "or an hour as 09:30"),
    ('min: "08:00"', 'min: "20:30"', "fields.orario.limits: min is higher than max"),
    ('min: "08:00"', "min: 8", "fields.orario.limits: the limits of a time are hours"),
    ('min: "08:00"', 'min: "25:00"', "fields.orario.limits.min: write a whole number"),
    ("{min: 1900-01-01, max: today}", "{min: 1900, max: today}",
     "fields.nascita.limits: the limits of a date are dates as 2020-07-01, or today"),
    ("{min: 1900-01-01, max: today}", "{min: 1900-01-01, max: 1899-01-01}",
     "fields.nascita.limits: min is higher than max"),
    ("limits: {max: 3}", "limits: {min: 5}",
     "fields.interessi.limits: min is higher than the number of options"),
    ("in: [pdf, desk]", "in: []", "fields.documento.in: the field appears nowhere"),
    ("in: [pdf, desk]", "expires: true",
     "fields.documento.expires: only a date expires"),
    ("in: [pdf, desk]", "in: [pdf, dsek]",
     'fields.documento.in: unknown “dsek” (did you mean "desk"?)'),
    ("when: {field: profilo, is: ente}", "when: {field: profilo}",
     "fields.ente.when: write {field: ID, is: VALUE}, {field: ID, includes: VALUE}, "
     "{not: …}, {all: [… ]} or {any: […]}"),
    ("when: {field: profilo, is: ente}", "when: {field: profil, is: ente}",
     'fields.ente.when: there is no field “profil” (did you mean "profilo"?)'),
    ("when: {field: profilo, is: ente}", "when: {field: profilo, is: enti}",
     'fields.ente.when: “profilo” has no “enti” (did you mean "ente"?)'),
    ("{field: interessi, includes: musica}", "{field: interessi, is: musica}",
     "fields.strumento.when: “interessi” takes several options: write includes"),
    ("{field: aiuto, is: true}", "{field: aiuto, is: false}",
     "fields.accompagnatore.when: “aiuto” has no “false” (known: true)"),
    ("{field: aiuto, is: true}", "{field: avviso, is: true}",
     "fields.accompagnatore.when: “avviso” is a static text: nobody answers it"),
    ("when: {field: profilo, is: ente}", "when: {field: ente, is: x}",
     "fields.ente.when: goes in a circle: ente → ente"),
    ("choices: {altro: Un altro paese}", "choices: [altro]",
     "fields.paese.choices: write keys and values here (key: value)"),
    ("data/paesi.csv", "data/paese.csv",
     "fields.paese.choices_from: there is no file data/paese.csv in the content "
     "folder"),
    ("data/paesi.csv", "../../sample_content.py",
     "fields.paese.choices_from: there is no file ../../sample_content.py in the "
     "content folder"),
    ("    fields:\n      - id: codice_f", "    field:\n      - id: codice_f",
     "sections.carta.fields: write at least one, with a dash"),
    ("sections:\n", "sections: []\nold:\n",
     "sections: write at least one, with a dash before it"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "advice"), BAD_FORMS)
def test_a_mistake_in_a_form_is_told_at_its_key(
    tmp_path: Path, old: str, new: str, advice: str
) -> None:
    problems = problems_of(copied(tmp_path, (FORM, old, new)))
    assert any(
        problem.startswith(f"content/{FORM}: {advice}") for problem in problems
    ), problems


BAD_TRANSLATIONS = [
    ("title: Every field", "titel: Every field",
     'titel: unknown key (did you mean "title"?)'),
    ("title: Every field", "title: {a: b}", "title: write a text here"),
    ("title: Every field", "version: '2'", "version: unknown key"),
    ("title: Every field", "retired: {nome: '1'}", "retired.nome: unknown key"),
    ("title: Every field", "capacity: {limit: 3}", "capacity.limit: unknown key"),
    ("sections:\n", "sections:\n  persone: {title: X}\n", "sections.persone: unknown "
     'key (did you mean "persona"?)'),
    ("  persona: {title: About you", "  persona: {titel: About you",
     "sections.persona.titel: unknown key"),
    ("  scelte: {title: Your choices}", "  scelte: {title: Yours, intro: Hello}",
     "sections.scelte.intro: the original has no such text"),
    ("  email: {label", "  mail: {label",
     'fields.mail: unknown key (did you mean "email"?)'),
    ("  email: {label", "  zzz: {label",
     "fields.zzz: the original has no such id: take this away"),
    ("  email: {label", "  email: {role: name, label",
     "fields.email.role: unknown key"),
    ("choices: {altro: Another village}", "choices: {atro: Another}",
     'fields.paese.choices.atro: unknown key (did you mean "altro"?)'),
    ("    - Five minutes.\n", "", "page.needs: needs 2 lines, as the original"),
    ("{contacts.post}", "{contact.post}",
     'paper.send_to: there is no {contact.post} (did you mean "contacts.post"?)'),
    ("reviewed_on: null", "reviewed_on: yesterday",
     "reviewed_on: write a date as 2020-07-01"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "advice"), BAD_TRANSLATIONS)
def test_a_mistake_in_a_translation_is_told_in_its_own_file(
    tmp_path: Path, old: str, new: str, advice: str
) -> None:
    problems = problems_of(copied(tmp_path, (ENGLISH, old, new)))
    assert [p for p in problems if p.startswith(f"content/{ENGLISH}: {advice}")], (
        problems
    )
    assert not [p for p in problems if p.startswith(f"content/{FORM}")]


def test_an_item_that_is_no_mapping_is_told_at_its_place(tmp_path: Path) -> None:
    folder = copied(tmp_path, (FORM, "sections:\n", "sections:\n  - only words\n"))
    advice = f"content/{FORM}: sections[0]: write keys and values here (key: value)"
    assert advice in problems_of(folder)


EITHER = ("contact: email\n", "contact: email_or_phone\n")


def test_a_form_that_takes_phone_only_needs_the_field_on_the_web(
    tmp_path: Path,
) -> None:
    folder = copied(tmp_path, (FORM, *EITHER))
    assert problems_of(folder) == []
    copied(tmp_path, (FORM, "        role: phone\n", ""))
    advice = "contact: email_or_phone needs a field on the web with role: phone"
    assert problems_of(folder) == [f"content/{FORM}: {advice}"]


def test_one_of_two_contacts_must_always_be_there(tmp_path: Path) -> None:
    when = "        when: {field: profilo, is: ente}\n"
    folder = copied(
        tmp_path,
        (FORM, *EITHER),
        (FORM, "        role: email\n", f"        role: email\n{when}"),
    )
    assert problems_of(folder) == []
    copied(tmp_path, (FORM, "        role: phone\n", f"        role: phone\n{when}"))
    advice = "contact: the email or the phone field must be there without when"
    assert problems_of(folder) == [f"content/{FORM}: {advice}"]


@pytest.mark.parametrize(
    ("octets", "advice"),
    [
        (b"", "the first line of data/paesi.csv must be id,label"),
        (b"id;label\na;A\n", "the first line of data/paesi.csv must be id,label"),
        (b"id,label\na\n", "line 2 of data/paesi.csv needs an id, a comma, a label"),
        (b"id,label\na,\n", "line 2 of data/paesi.csv needs an id, a comma, a label"),
        (b"id,label\na,A\na,B\n", "line 3 of data/paesi.csv: “a” is there twice"),
        (b"id,label\na,\xe8\n", "save data/paesi.csv as UTF-8"),
        (b'id,label\na,"A"x\n', "data/paesi.csv is not readable as CSV "
         "(',' expected after '\"')"),
    ],
)  # fmt: skip
def test_a_controlled_list_that_cannot_be_read_says_why(
    tmp_path: Path, octets: bytes, advice: str
) -> None:
    folder = copied(tmp_path)
    (folder / "data/paesi.csv").write_bytes(octets)
    path = "fields.paese.choices_from"
    assert f"content/{FORM}: {path}: {advice}" in problems_of(folder)


def test_a_controlled_list_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "data/paesi.csv").write_bytes(b"\xef\xbb\xbfid,label\r\na,A\r\nb,B\r\n")
    (folder / ENGLISH).unlink()
    form = load_content(folder).form("every-type")
    assert [choice.id for choice in form.field("paese").choices] == ["a", "b", "altro"]


def test_only_its_own_problem_is_told_of_a_file_that_cannot_be_read(
    tmp_path: Path,
) -> None:
    folder = copied(tmp_path)
    for name in ("project.yml", "events/incontro.yml", FORM, ENGLISH):
        (folder / name).write_bytes(b"\xff")
    assert problems_of(folder) == [
        "content/project.yml: save the file as UTF-8",
        "content/events/incontro.yml: save the file as UTF-8",
        "content/forms/every-type.yml: save the file as UTF-8",
    ]
    copied(tmp_path)
    (folder / "project.yml").write_bytes((SAMPLE / "project.yml").read_bytes())
    assert problems_of(folder)[-1] == (
        "content/forms/every-type.en.yml: save the file as UTF-8"
    )


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("forms/nuovo.yaml", "rename the file: its name ends in .yml"),
        ("forms/gone.en.yml", "there is no gone.yml that this would translate"),
        ("forms/every-type.uk.yml", "“uk” is not in languages of project.yml"),
        ("forms/every-type.it.yml", "“it” is not in languages of project.yml"),
        ("project.uk.yml", "“uk” is not in languages of project.yml"),
    ],
)
def test_a_file_that_nobody_would_read_is_told(
    tmp_path: Path, name: str, advice: str
) -> None:
    folder = copied(tmp_path)
    (folder / name).write_text("title: x\n", encoding="utf-8")
    assert problems_of(folder) == [f"content/{name}: {advice}"]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("forms/Nuovo.yml", "rename the file: a form’s name has small letters a-z, "
         "digits and -"),
        ("forms/link-perso.yml", "rename the file: “link-perso” is an address of the "
         "service"),
        ("forms/static.yml", "rename the file: “static” is an address of the service"),
        ("events/Festa_1.yml", "rename the file: small letters a-z, digits and -"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_an_address_is_refused(
    tmp_path: Path, name: str, advice: str
) -> None:
    folder = copied(tmp_path)
    original = FORM if name.startswith("forms") else "events/incontro.yml"
    (folder / name).write_bytes((SAMPLE / original).read_bytes())
    assert problems_of(folder) == [f"content/{name}: {advice}"]


def changed(tmp_path: Path, *changes: tuple[str, str, str]) -> FormDefinition:
    """Load the form after a change that is no mistake."""
    return load_content(copied(tmp_path, *changes)).form("every-type")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("opens: 2030-02-01", "opens: 2030-02-02"),
        ("closes: 2030-10-20", "closes: null"),
        ("limit: 10", "limit: 11"),
        ("A mano:", "Di persona:"),
        ("  receipt: Leggiamo", "  receipt: Noi leggiamo"),
        ("    - Cinque minuti.", "    - Sei minuti."),
    ],
)
def test_the_fingerprint_leaves_out_what_surrounds_the_questions(
    tmp_path: Path, old: str, new: str
) -> None:
    before = every_type().form("every-type")
    assert changed(tmp_path, (FORM, old, new)).fingerprint == before.fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version: "1.0"', 'version: "1.1"'),
        ("label: Telefono", "label: Cellulare"),
        ("required: true", "required: false"),
        (
            "{persona: Per me, ente: Per un ente,",
            "{ente: Per un ente, persona: Per me,",
        ),
        ("ho compiuto 18 anni.\n        error", "sono adulto.\n        error"),
        ("- Firma", "- La tua firma"),
        ("open: {months: 12", "open: {months: 11"),
        ("    - Chi prova il programma.", "    - Tutti."),
        ("{max: 1000}", "{max: 999}"),
        ("{field: profilo, is: ente}", "{field: profilo, is: altro}"),
    ],
)
def test_the_fingerprint_changes_with_what_people_answer_to(
    tmp_path: Path, old: str, new: str
) -> None:
    before = every_type().form("every-type")
    after = changed(tmp_path, (FORM, old, new))
    assert after.fingerprint != before.fingerprint
    assert len(after.fingerprint) == 64


def test_an_option_added_to_a_list_is_a_new_version(tmp_path: Path) -> None:
    folder = copied(tmp_path, ("data/paesi.csv", "monte,", "valle,In valle\nmonte,"))
    after = load_content(folder).form("every-type")
    assert after.fingerprint != every_type().form("every-type").fingerprint


def test_the_order_of_keys_is_no_new_version_but_the_order_of_options_is() -> None:
    text = {"a": 1, "sections": [{"fields": [{"choices": {"x": "X", "y": "Y"}}]}]}
    same = {"sections": [{"fields": [{"choices": {"x": "X", "y": "Y"}}]}], "a": 1}
    other = {"a": 1, "sections": [{"fields": [{"choices": {"y": "Y", "x": "X"}}]}]}
    assert fingerprint(text) == fingerprint(same) != fingerprint(other)


def test_a_translation_has_a_hash_of_its_questions_only() -> None:
    document = {"a": "x"}
    assert text_hash(document, None) == fingerprint(document)
    words = {"title": "T", "texts": {"receipt": "R"}, "paper": {"send_to": ["S"]}}
    later = {"title": "T", "texts": {"receipt": "Q"}, "paper": {"send_to": ["U"]}}
    assert text_hash(document, words) == text_hash(document, later)
    assert text_hash(document, words) != text_hash(document, {"title": "U"})


def test_a_field_reads_its_own_bounds() -> None:
    today = date(2030, 1, 1)
    bounds: tuple[Bound, Bound] = (date(1900, 1, 1), "today")
    assert Limits(*bounds).days(today) == (date(1900, 1, 1), today)
    assert Limits(*bounds).days(None) == (date(1900, 1, 1), None)
    assert Limits(*bounds).numbers() == (None, None)
    assert Limits(1, 2).days(today) == (None, None)


def test_an_address_is_required_on_the_web_only() -> None:
    def required(field: Field) -> list[Channel]:
        return [place for place in Channel if field.required_at(place)]

    form = every_type().form("every-type")
    assert required(form.field("email")) == [Channel.WEB]
    assert required(form.field("nome")) == list(Channel)
    assert required(form.field("telefono")) == []
