"""A form whose event does not take place: closed in words, nothing typed is lost."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from icalendar import Calendar

from clerk import EVERY as TYPED
from clerk import prove, raw, send
from forms_service.definition import EventStatus, Text
from forms_service.shapes.pdf.draft import fill
from printed_forms import EVERY, form_of, pdf
from service import SAMPLE

FORM = "/moduli/it/every-type"
WHY = "La sala è allagata."


@pytest.fixture
def service(start_service, clock):
    clock.now = datetime(2030, 3, 1, 9, tzinfo=UTC)
    return start_service(SAMPLE)


def become(service, status, reason=WHY):
    """Let the event become what a loop of the service finds in its file.

    A second later everybody reads it.
    """
    events = {
        lang: replace(event, status=EventStatus(status), reason=Text(reason, "it"))
        for lang, event in service.context.events["incontro"].items()
    }
    service.context.take_events({"incontro": events})
    service.clock.advance(seconds=1)


@pytest.mark.parametrize(
    ("status", "lang", "shown"),
    [
        ("cancelled", "it", "L’evento è stato annullato."),
        ("postponed", "it", "L’evento è stato rinviato."),
        ("cancelled", "en", "The event has been cancelled."),
    ],
)
def test_the_empty_form_says_that_it_is_closed_and_why(service, status, lang, shown):
    path = f"/moduli/{lang}/every-type"
    assert service.get(path).find("//form[contains(@action, 'riepilogo')]")
    become(service, status)
    closed = service.get(path)
    assert shown in closed.text
    assert WHY in closed.text
    assert not closed.find("//main//form")
    if lang == "en":
        assert closed.find(f"//span[@lang='it'][.='{WHY}']")
    become(service, status, "Manca la corrente.")
    assert "Manca la corrente." in service.get(path).text, "no page of before"
    assert service.client.get("/moduli/stato.json").json["every-type"]["door"] == status
    become(service, "planned", "")
    assert service.get(path).find("//form[contains(@action, 'riepilogo')]")


def test_a_summary_that_was_open_is_refused_and_everything_comes_back(service):
    summary = service.post(f"{FORM}/riepilogo", TYPED)
    become(service, "cancelled")
    before = service.rows()
    refused = service.press(summary, "Conferma e invia")
    assert refused.status == 409
    assert "L’evento è stato annullato." in refused.text
    assert f"Motivo: {WHY}" in refused.text
    assert TYPED["nome"] in refused.text
    assert service.rows() == before
    wrong = service.post(f"{FORM}/riepilogo", {**TYPED, "nome": ""})
    assert wrong.status == 409


def test_a_pdf_that_comes_back_is_refused_with_all_that_is_in_it(service):
    typed = raw(TYPED)
    file = fill(pdf(EVERY), form_of(EVERY), typed)
    become(service, "postponed")
    answer = service.post(f"{FORM}/carica", {"file": (BytesIO(file), "modulo.pdf")})
    assert answer.status == 409
    assert "L’evento è stato rinviato." in answer.text
    assert answer.find("//input[@name='nome']/@value") == [TYPED["nome"]]
    page = service.get(f"{FORM}/carica")
    assert page.status == 409
    assert "L’evento è stato rinviato." in page.text


def test_the_personal_page_of_who_registered_says_it(service):
    submission = prove(service, send(service, "every-type"))
    link = service.context.tokens.make(
        "r", ["p", submission.id, submission.personal_generation]
    )
    assert "annullato" not in service.get(f"/r/{link}").text
    become(service, "cancelled")
    page = service.get(f"/r/{link}")
    assert "L’evento è stato annullato." in page.text
    assert WHY in page.text


def test_the_desk_is_told_and_keeps_what_was_typed(service, clerk):
    shown = "L’evento è stato annullato: non si può inserire niente."
    page = clerk.get("/staff/inserisci/every-type")
    assert shown not in page.text
    become(service, "cancelled")
    assert shown in clerk.get("/staff/inserisci/every-type").text, "before the work"
    about = {
        "entry-source": "paper",
        "entry-received": "2030-02-20",
        "entry-proof": "signature",
    }
    refused = clerk.send(page, "/every-type", **TYPED, **about)
    assert refused.status == 422
    assert shown in refused.text
    assert refused.find("//input[@name='nome']/@value") == [TYPED["nome"]]


def test_the_calendar_file_stands_where_the_site_links_it(service):
    address = "/documenti/it/incontro.ics"
    answer = service.client.get(address)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    known = {"If-None-Match": answer.headers["ETag"]}
    assert service.client.get(address, headers=known).status_code == 304
    become(service, "cancelled")
    fresh = service.client.get(address, headers=known)
    (entry,) = Calendar.from_ical(fresh.get_data()).walk("VEVENT")
    assert (entry["STATUS"], entry["SEQUENCE"]) == ("CANCELLED", 1)
    for nowhere in ("/documenti/it/nulla.ics", "/documenti/xx/incontro.ics"):
        assert service.client.get(nowhere).status_code == 404


def test_the_calendar_file_of_a_new_event_is_there_at_once(start_service, tmp_path):
    content = shutil.copytree(SAMPLE, tmp_path / "content")
    service = start_service(content)
    events, address = content / "events", "/documenti/it/nuovo.ics"
    assert service.client.get(address).status_code == 404
    (events / "nuovo.yml").write_text("title: [", encoding="utf-8")
    assert service.client.get(address).status_code == 404, "half written"
    shutil.copy(events / "incontro.yml", events / "nuovo.yml")
    (entry,) = Calendar.from_ical(service.client.get(address).data).walk("VEVENT")
    assert entry["UID"].startswith("nuovo@")
    shutil.copy(events / "nuovo.yml", events / "nuovo.en.yml")
    assert service.client.get("/documenti/it/nuovo.en.ics").status_code == 404
