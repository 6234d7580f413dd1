"""The desk of a course: places, meetings, the sheet to sign, and who was there."""

import shutil
import sys
from io import BytesIO

import pytest
from pypdf import PdfReader

from clerk import join, log, prove, send
from forms_service.store.events import EventVerb
from forms_service.store.staff_rights import Grant, StaffRole
from forms_service.store.visibility import ALL_FORMS
from forms_service.workflow import accounts, deciding
from service import VisitedPage

HERE = "/staff/incontri/every-type"
NAMES = ("Zoe Bianchi", "Àlvaro Zeni")


@pytest.fixture
def desk(with_places):
    """Carla, and two people with a place; a third one waits."""
    service, clerk = with_places
    people = []
    for name, people_ in zip(NAMES, ("5", "1"), strict=True):
        email = f"{name.split()[1].lower()}@example.org"
        sent = send(service, "every-type", nome=name, email=email, persone=people_)
        people.append(prove(service, sent))
        deciding.decide(service.context, sent.id, EventVerb.ACCEPT, "staff:1")
    prove(service, send(service, "every-type", persone="5"))
    return clerk, people


def add(clerk, day="2030-03-08", title="La semina"):
    return clerk.send(clerk.get(HERE), "/nuovo", giorno=day, titolo=title)


def names(page: VisitedPage) -> list[str]:
    cells = page.find("//table//tbody//th")
    return [" ".join(cell.text_content().split()) for cell in cells]


def test_the_list_of_a_course_says_how_full_it_is(desk):
    clerk, _ = desk
    page = clerk.get("/staff/?modulo=every-type")
    (link,) = page.find(f"//a[@href='{HERE}']")
    assert link.text_content() == "Incontri e presenze"
    assert link.getnext().text_content() == "Posti 6 di 10, in attesa 1"
    assert "Posti" not in clerk.get("/staff/").text
    assert "Posti" not in clerk.get("/staff/?modulo=volontari").text
    for path in ("volontari", "volontari/foglio", "volontari/1", "nulla"):
        assert clerk.get(f"/staff/incontri/{path}").status == 404


def test_meetings_are_typed_and_taken_out(desk):
    clerk, _ = desk
    assert add(clerk).status == 303
    refused = add(clerk, "domani", "Il raccolto")
    assert refused.status == 422
    assert "Scrivi il giorno dell’incontro." in refused.text
    assert refused.find("//input[@name='titolo']/@value") == ["Il raccolto"]
    page = clerk.get(HERE)
    assert "venerdì 8 marzo 2030" in page.text
    assert "La semina" in page.text
    assert clerk.send(page, "/togli").status == 303
    assert "La semina" not in clerk.get(HERE).text
    assert clerk.send(page, "/togli").status == 409


def test_a_reader_is_offered_no_meeting_to_add_or_take_out(desk):
    clerk, _ = desk
    add(clerk)
    context, reader = clerk.service.context, Grant(StaffRole.READER, ALL_FORMS)
    # An administrator has to stay.
    join(context, "dora@example.org")
    accounts.invite(context, clerk.email, grant=reader)
    page = clerk.get(HERE)
    assert "La semina" in page.text
    assert "Aggiungi un incontro" not in page.text
    assert not page.find("//main//form[@method='post']")


def test_presence_is_ticked_taken_back_and_filters_the_list(desk):
    clerk, (zoe, alvaro) = desk
    add(clerk)
    page = clerk.get(f"{HERE}/1")
    assert clerk.send(page, "/1", presente=[zoe.id]).status == 303
    page = clerk.get(f"{HERE}/1")
    assert "Salvato finora: presenti 1, assenti 1." in page.text
    assert page.find("//input[@name='presente'][@checked]/@value") == [zoe.id]
    listed = clerk.get("/staff/?stato=tutte&modulo=every-type&presenza=1:assenti")
    assert [NAMES[1] in listed.text, NAMES[0] in listed.text] == [True, False]
    assert listed.find("//option[@value='1:assenti'][@selected]")
    for wrong in ("1:forse", "x:presenti", ":"):
        address = f"/staff/?stato=tutte&modulo=every-type&presenza={wrong}"
        assert NAMES[0] in clerk.get(address).text
    assert clerk.send(page, "/annulla").status == 303
    assert "non c’è ancora nulla di salvato" in clerk.get(f"{HERE}/1").text
    assert clerk.get(f"{HERE}/2").status == 404


def test_ticks_that_a_colleague_overtook_are_shown_beside_what_is_stored(desk):
    clerk, (zoe, alvaro) = desk
    add(clerk)
    mine = clerk.get(f"{HERE}/1")
    clerk.send(mine, "/1", presente=[zoe.id])
    again = clerk.send(mine, "/1", presente=[zoe.id, alvaro.id])
    assert again.status == 409
    assert "Un collega ha cambiato questo incontro nel frattempo" in again.text
    assert len(again.find("//input[@name='presente'][@checked]")) == 2
    (badge,) = again.find("//label//span[contains(@class, 'badge')]")
    assert badge.text_content() == "Salvato: assente"
    assert clerk.send(again, "/1").status == 303
    stale = clerk.send(again, "/annulla")
    assert stale.status == 409
    assert clerk.send(clerk.get(HERE), "/esci").status == 303


def test_the_sheet_holds_names_and_no_contacts(desk):
    clerk, (zoe, _) = desk
    sheet = clerk.get(f"{HERE}/foglio")
    assert names(sheet) == ["Àlvaro Zeni", "Zoe Bianchi (5 persone)"]
    by_last = clerk.get(f"{HERE}/foglio?ordine=cognome")
    assert names(by_last) == ["Zoe Bianchi (5 persone)", "Àlvaro Zeni"]
    for day in range(1, 8):
        add(clerk, f"2030-04-0{day}", f"Tema {day}")
    clerk.send(clerk.get(f"{HERE}/1"), "/1", presente=[zoe.id])
    first, second = clerk.get(f"{HERE}/foglio"), clerk.get(f"{HERE}/foglio?da=6")
    assert ["Tema 6" in first.text, "Tema 7" in first.text] == [True, False]
    assert ["Tema 6" in second.text, "Tema 7" in second.text] == [False, True]
    (row,) = [row for row in first.find("//tbody/tr") if "Zoe" in row.text_content()]
    assert row.text_content().split()[-1] == "presente"
    assert "example.org" not in "".join(names(first))


@pytest.mark.slow
def test_the_sheet_leaves_as_a_pdf_and_the_log_says_so(desk):
    clerk, _ = desk
    add(clerk)
    answer = clerk.client.get(f"{HERE}/foglio.pdf")
    assert answer.mimetype == "application/pdf"
    (page,) = PdfReader(BytesIO(answer.data)).pages
    text = " ".join(page.extract_text().split())
    assert text.index("Àlvaro Zeni") < text.index("Zoe Bianchi (5 persone)")
    assert ["La semina" in text, "@" in text] == [True, False]
    (about,) = [detail for _, verb, detail in log(clerk.service) if verb == "export"]
    assert '"format": "attendance"' in about


def test_without_a_press_the_page_itself_is_printed(desk, monkeypatch):
    clerk, _ = desk
    clerk.service.app.extensions["receipts"].stop()
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    answer = clerk.get(f"{HERE}/foglio.pdf")
    assert answer.status == 503
    assert "oppure stampa questa pagina" in answer.text
    assert names(answer)
