"""The last day of a form: its page closes at midnight, answers have an hour more."""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from forms_service.shapes.pdf.draft import fill
from printed_forms import form_of, pdf
from sample_content import SAMPLE
from stored import rows_of

FORM = "/moduli/it/assemblea"
PRINTED = (SAMPLE, "assemblea", "it")
UNTIL = "giovedì 2 luglio 2020, ore 01:00"
LAST_DAY = f"Se lo hai aperto prima, puoi inviarlo fino a {UNTIL}."
STILL_TAKEN = f"Puoi ancora inviare quello che hai scritto fino a {UNTIL}."
OPENED_BEFORE = f"Puoi inviarlo da quella pagina fino a {UNTIL}."
TYPED = {
    "email": "anh@example.org",
    "voglio_ricevere": "link",
    "presa_visione_privacy": "true",
}


@pytest.fixture
def at(service, clock):
    """Set the time of the first night of July, as clocks in Rome show it."""

    def set_clock(day, hour, minute=0, second=0):
        # In July Rome is two hours ahead.
        clock.now = datetime(2020, 7, day, hour, minute, second, tzinfo=UTC)
        clock.advance(hours=-2)

    return set_clock


def stored(service):
    return service.context.store.read(lambda db: rows_of(db, "assemblea"))


def test_what_was_opened_before_midnight_is_sent_after_it(service, at):
    at(1, 23, 50)
    assert LAST_DAY in service.get(FORM).text
    at(2, 0, 0, 5)
    summary = service.post(f"{FORM}/riepilogo", TYPED)
    assert (summary.status, STILL_TAKEN in summary.text) == (200, True)
    at(2, 0, 59, 59)
    assert service.post(f"{FORM}/conferma", summary.controls()).status == 303
    assert len(stored(service)) == 1


def test_at_one_all_of_it_ends_and_gives_back_what_was_typed(service, at):
    at(2, 0, 59)
    summary = service.post(f"{FORM}/riepilogo", TYPED)
    at(2, 1)
    for path, typed in (("riepilogo", TYPED), ("conferma", summary.controls())):
        late = service.post(f"{FORM}/{path}", typed)
        assert late.status == 409
        assert "Ora questo modulo non è aperto" in late.text
        assert STILL_TAKEN not in late.text
        assert "anh@example.org" in late.text
    assert stored(service) == []


@pytest.mark.parametrize("key", ["", "damaged"])
def test_a_page_that_is_too_old_asks_nobody_to_send_when_all_has_ended(
    service, at, key
):
    at(2, 0, 59)
    assert "aperta troppo a lungo" in service.post(f"{FORM}/conferma", TYPED).text
    at(2, 1)
    late = service.post(f"{FORM}/conferma", {**TYPED, "form-key": key})
    assert late.status == 409
    assert "Ora questo modulo non è aperto" in late.text
    assert "anh@example.org" in late.text
    assert "aperta troppo a lungo" not in late.text
    assert not late.find("//main//button[normalize-space()='Conferma e invia']")


def test_another_language_and_a_mistake_keep_the_form_open_for_the_hour(service, at):
    at(2, 0, 30)
    translated = service.post("/moduli/en/assemblea", TYPED)
    assert "until Thursday, 2 July 2020, 01:00" in translated.text
    assert translated.button("Next: check your answers")
    wrong = service.post(f"{FORM}/riepilogo", {**TYPED, "email": "anh"})
    assert (wrong.status, STILL_TAKEN in wrong.text) == (422, True)
    assert wrong.button("Avanti: controlla le risposte")


def test_who_comes_after_midnight_finds_the_form_closed(service, at):
    at(1, 23, 59, 59)
    before = service.get(FORM)
    at(2, 0)
    closed = service.get(FORM, headers={"If-None-Match": before.headers["ETag"]})
    assert closed.status == 200, "the copy of before is no longer good"
    assert "Questo modulo è chiuso" in closed.text
    assert OPENED_BEFORE in closed.text
    assert closed.find("//main//form") == []
    assert service.get(f"{FORM}/carica").status == 409
    at(2, 1)
    assert OPENED_BEFORE not in service.get(FORM).text


def test_a_pdf_brought_back_after_midnight_is_answers_too(service, at):
    file = fill(pdf(PRINTED), form_of(PRINTED), {"email": ["anh@example.org"]})
    at(1, 12)
    assert LAST_DAY in service.get(f"{FORM}/carica").text
    for hour, status, said in ((0, 200, True), (1, 409, False)):
        at(2, hour, 10)
        page = service.post(f"{FORM}/carica", {"file": (BytesIO(file), "m.pdf")})
        assert (page.status, STILL_TAKEN in page.text) == (status, said)


def test_before_the_last_day_nothing_is_said_of_the_hour(service, at):
    at(1, 0)
    assert LAST_DAY in service.get(FORM).text
    service.clock.advance(seconds=-1)
    assert "ultimo giorno" not in service.get(FORM).text


def test_the_state_for_the_site_is_closed_at_midnight(service, at):
    at(2, 0, 1)
    state = service.client.get("/moduli/stato.json").get_json()
    assert "closed" in str(state["assemblea"])
