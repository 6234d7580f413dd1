"""The page on which a member says whether they stay: yes, change, no, silence."""

import pytest

from forms_service.mail import kinds
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Status
from forms_service.workflow import deciding, purging, reminding

pytest_plugins = ["citizen"]

QUESTION = "Vuoi restare nel registro dei volontari?"


@pytest.fixture
def asked(citizen, clock):
    """Ánh, accepted on 20 June 2020 and asked a year later; the link of the mail."""
    citizen.proven()
    deciding.decide(citizen.service.context, citizen.id, EventVerb.ACCEPT, "staff:1")
    clock.advance(days=365)
    reminding.announce(citizen.service.context)
    mail = citizen.mailbox.take(kinds.renewal)
    assert mail.link.endswith("/resto")
    return mail.link.removesuffix("/resto")


def test_yes_is_one_button_without_a_code(citizen, asked, clock):
    page = citizen.service.get(f"{asked}/resto")
    assert page.title.startswith(QUESTION)
    assert "2 anni dopo l’esito" in page.text
    assert "anh@example.org" not in page.text
    assert citizen.row.asks == 1, "opening it changes nothing"

    done = citizen.service.press(page, "Resto nel registro")

    assert (done.status, done.location) == (303, f"{asked}/resto")
    thanks = citizen.service.get(done.location)
    assert "Resti con noi. Grazie!" in thanks.text
    assert not thanks.find("//main//form")
    assert (citizen.row.asks, citizen.row.renewed_at) == (0, clock())
    again = citizen.service.post(
        f"{asked}/resto", {"versione": citizen.row.fingerprint}
    )
    assert again.status == 303


def test_the_rule_that_was_read_is_the_one_that_is_accepted(citizen, asked):
    page = citizen.service.get(f"{asked}/resto")
    answer = citizen.service.press(page, "Resto nel registro", versione="another")
    assert answer.status == 409
    assert "la regola è cambiata" in answer.text
    assert QUESTION in answer.text
    assert citizen.row.renewed_at is None


def test_who_changes_something_corrects_it_with_the_code_and_stays(citizen, asked):
    page = citizen.service.get(f"{asked}/resto")
    answer = citizen.service.press(page, "Cambio qualcosa")
    box = citizen.service.get(answer.location)
    wrong = citizen.service.post(f"{asked}/correggi", {"code": "22", "poi": "correct"})
    assert "Correggi le risposte" in wrong.text
    code = citizen.take_mail().code
    form = citizen.service.press(box, "Correggi le risposte", code=code)
    assert form.status == 200
    typed = {**form.controls(), "nome_completo": "Ánh Thị"}
    summary = citizen.service.post(f"{asked}/correggi/riepilogo", typed)
    done = citizen.service.post(f"{asked}/correggi/conferma", summary.controls())
    assert done.status == 200
    assert (citizen.row.status, citizen.row.name) == (Status.ACCEPTED, "Ánh Thị")
    assert citizen.row.asks == 0


def test_who_leaves_withdraws_with_the_code(citizen, asked):
    page = citizen.service.get(f"{asked}/resto")
    box = citizen.service.get(citizen.service.press(page, "Toglietemi").location)
    code = citizen.take_mail().code
    sure = citizen.service.press(box, "Ritira la richiesta", code=code)
    citizen.service.press(sure, "Sì, ritira la richiesta")
    assert citizen.row.status is Status.WITHDRAWN
    late = citizen.service.press(page, "Resto nel registro")
    assert late.status == 409
    assert "Hai ritirato" in citizen.service.get(f"{asked}/resto").text


def test_silence_leads_to_the_personal_page_and_to_the_promised_day(
    citizen, asked, clock
):
    personal = citizen.service.get(asked)
    assert "Vuoi restare?" in personal.text
    clock.advance(days=30)
    reminding.announce(citizen.service.context)
    assert citizen.mailbox.take(kinds.renewal_reminder).link == f"{asked}/resto"
    clock.advance(days=336)
    assert [gone.id for gone in purging.purge(citizen.service.context)] == [citizen.id]
    assert citizen.service.get(f"{asked}/resto").status == 410


def test_in_arabic_the_page_is_in_arabic(citizen, asked):
    page = citizen.service.get(f"{asked}/resto?lang=ar")
    assert page.find("/html/@dir") == ["rtl"]
    assert "هل تريد أن تبقى في سجل المتطوعين؟" in page.text
    assert page.button("أبقى في السجل")


def test_who_was_not_asked_sees_the_personal_page(citizen):
    link = citizen.proven().link
    page = citizen.service.get(f"{link}/resto")
    assert "Abbiamo ricevuto la tua richiesta" in page.text
