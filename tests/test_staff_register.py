"""The register at the desk: who can help, who nearly, whom to call; and contacts."""

import io
import json

import pytest
from openpyxl import load_workbook

from clerk import log, prove, row, send
from forms_service.store import contacts
from forms_service.store.events import EventVerb
from forms_service.workflow import deciding, reminding, renewing

pytest_plugins = ["clerk"]

REGISTER = "/staff/iscritti/volontari"
BOTH = f"{REGISTER}?risposta=comune:monte&risposta=aree:sociale"


def member(service, name, **typed):
    submission = prove(service, send(service, nome_completo=name, **typed))
    return deciding.decide(service.context, submission.id, EventVerb.ACCEPT, "staff:1")


def people(page, xpath="//ul[@class='hits'][1]"):
    names = page.find(f"{xpath}//div[@class='hit__who']/a[1]")
    return [" ".join(name.text_content().split()) for name in names]


@pytest.fixture
def members(service, clerk):
    """Three members and somebody who is none."""
    phone = {"telefono": "0564 484111"}
    one = member(service, "Anna", aree=["sociale"], email="a@example.org", **phone)
    two = member(service, "Bruno", aree=["culturale"], email="b@example.org")
    three = member(service, "Carlo", comune="mare", email="c@example.org")
    prove(service, send(service, nome_completo="Nuova", email="d@example.org"))
    return one, two, three


def test_who_fits_is_found_with_reasons_and_who_nearly_does(members, clerk):
    page = clerk.get(BOTH)
    assert page.status == 200
    assert people(page) == ["Anna"]
    assert people(page, "//ul[@class='hits'][2]") == ["Bruno", "Carlo"]
    assert "Manca: Aree di attività: Sociale" in page.text
    assert "Monte sì, sociale sì: chiedi se insieme".lower() in page.text.lower()
    assert page.find("//a[@href='tel:+390564484111']")
    assert "mai contattata" in page.text
    assert "Italiano" in page.text
    assert "1 persona" in page.text


def test_who_nearly_fits_is_chosen_even_where_nobody_does(members, clerk):
    page = clerk.get(f"{REGISTER}?risposta=comune:monte&risposta=aree:sportivo")
    assert "Nessuno corrisponde." in page.text
    assert len(page.find("//input[@name='bulk-scelta'][@form='scelte']")) == 2
    (bar,) = page.find("//form[@id='scelte']")
    assert not bar.xpath(".//input[@type='checkbox']"), "all of nobody"


def test_answers_of_one_field_are_alternatives(members, clerk):
    page = clerk.get(f"{REGISTER}?risposta=aree:sociale&risposta=aree:culturale")
    assert people(page) == ["Anna", "Bruno", "Carlo"]
    assert people(clerk.get(REGISTER)) == ["Anna", "Bruno", "Carlo"]
    assert people(clerk.get(f"{REGISTER}?risposta=comune:nowhere")) == [
        "Anna", "Bruno", "Carlo",
    ]  # fmt: skip
    assert people(clerk.get(f"{REGISTER}?risposta=aree:sportivo")) == []


def test_what_the_register_finds_the_list_finds_too(members, clerk):
    page = clerk.get(
        f"/staff/?stato=accepted&modulo=volontari&{BOTH.partition('?')[2]}"
    )
    names = page.find("//div[@class='request__who']/a")
    assert [name.text_content() for name in names] == ["Anna"]


def test_the_log_keeps_who_searched_for_which_fields_and_no_answer(
    members, service, clerk
):
    clerk.get(BOTH)
    actor, _, detail = next(e for e in log(service)[::-1] if e[1] == "search_register")
    assert actor.startswith("staff:")
    assert json.loads(detail) == {
        "form": "volontari", "fields": ["comune", "aree"], "hits": 1,
    }  # fmt: skip


def test_who_was_called_comes_last_and_a_pause_is_said(members, service, clerk, clock):
    anna, bruno, _ = members
    clock.advance(minutes=5)
    form = clerk.get(f"/staff/richiesta/{anna.id}/contatto?risposta=aree:sociale")
    assert "Nessuno ha ancora contattato" in form.text
    saved = clerk.send(form, "/contatto", esito="later", motivo="Orto di maggio")
    assert saved.location == f"{REGISTER}?risposta=aree:sociale"
    page = clerk.get(REGISTER)
    assert people(page) == ["Bruno", "Carlo", "Anna"]
    assert "ultimo contatto: 20 giugno 2020" in page.text
    form = clerk.get(f"/staff/richiesta/{bruno.id}/contatto")
    clerk.send(form, "/contatto", esito="no", come="mail", fino="2020-06-30")
    page = clerk.get(REGISTER)
    assert people(page) == ["Carlo", "Anna"]
    assert "Bruno (fino al 30 giugno 2020)" in page.text
    kept = clerk.get(f"/staff/richiesta/{bruno.id}")
    assert "Per email: No" in kept.text
    assert "Non disponibile fino al 30 giugno 2020" in kept.text
    clock.advance(days=11)
    clerk.sign_in()
    assert people(clerk.get(REGISTER))[-1] == "Bruno"
    notes = service.context.store.read(lambda db: contacts.of_submission(db, anna.id))
    assert [note.purpose for note in notes] == ["Orto di maggio"]
    assert log(service)[-1][1] != "contact"
    deciding.erase(service.context, anna.id, "staff:1")
    assert not service.context.store.read(
        lambda db: contacts.of_submission(db, anna.id)
    )


def test_what_is_wrong_about_a_contact_is_said_and_nothing_is_lost(members, clerk):
    form = clerk.get(f"/staff/richiesta/{members[0].id}/contatto")
    wrong = clerk.send(form, "/contatto", motivo="x" * 201, fino="2020-06-19")
    assert wrong.status == 422
    for said in ("Scegli che cosa ha risposto", "al massimo 200", "Scrivi un giorno"):
        assert said in wrong.text
    assert "x" * 201 in wrong.text
    again = clerk.send(wrong, "/contatto", motivo="", fino="nonsense", esito="yes")
    assert again.status == 422


def test_only_members_are_contacted_and_only_registers_shown(service, clerk):
    new = prove(service, send(service))
    assert clerk.get(f"/staff/richiesta/{new.id}/contatto").status == 409
    assert clerk.get("/staff/iscritti/corso").status == 404
    assert clerk.get("/staff/iscritti/nothing").status == 404
    assert "Annota il contatto" not in clerk.get(f"/staff/richiesta/{new.id}").text


def test_who_fits_is_taken_out_with_the_columns_of_the_page(members, service, clerk):
    page = clerk.get(BOTH)
    file = clerk.send(page, "/tabella")
    assert file.status == 200
    rows = list(load_workbook(io.BytesIO(file.body)).active.iter_rows(values_only=True))
    head = next(i for i, cells in enumerate(rows) if cells[0] == "Nome")
    assert rows[head] == (
        "Nome", "Telefono", "Indirizzo email", "Lingua", "Ultimo contatto",
        "Comune dove vuoi fare attività", "Aree di attività", "Che cosa sai fare",
    )  # fmt: skip
    assert rows[head + 1][:2] == ("Anna", "+390564484111")
    assert len(rows) == head + 2
    _, _, detail = next(e for e in log(service)[::-1] if e[1] == "export")
    assert json.loads(detail)["fields"] == ["comune", "aree"]
    empty = clerk.send(clerk.get(f"{REGISTER}?risposta=aree:sociale"), "/tabella")
    assert empty.status == 200


def test_a_clerk_confirms_on_the_phone_that_somebody_stays(
    members, service, clerk, clock
):
    anna = members[0]
    clock.advance(days=365)
    reminding.announce(service.context)
    clock.advance(days=30)
    assert renewing.ask(service.context) == 3
    clerk.sign_in()
    assert "Da richiamare: resta?" in clerk.get(REGISTER).text
    page = clerk.get(f"/staff/richiesta/{anna.id}")
    assert "Da dire: se resti, conserviamo i tuoi dati" in page.text
    assert "Resta: confermato per telefono" in page.text
    assert clerk.send(page, "/resta", versione="another").status == 409
    assert clerk.send(page, "/resta").status == 303
    assert row(service, anna).asks == 0
    assert (
        "Resta: confermato per telefono"
        not in clerk.get(f"/staff/richiesta/{anna.id}").text
    )
