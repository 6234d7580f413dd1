"""Opening a decided request again: what it does, and what it cannot take back."""

import pytest

from clerk import buttons, decision, log, mails, notes, prove, row, send
from forms_service.store.events import EventVerb
from forms_service.workflow import deciding, mail_delivery

SIX = {"persone": "6"}


def slow(*values):
    """One more of what the short run has already seen once."""
    return pytest.param(*values, marks=pytest.mark.slow)


def decided(service, one, verb=EventVerb.ACCEPT):
    deciding.decide(service.work, one.id, verb, "staff:1")
    return one


def post(service):
    while mail := mail_delivery.claim(service.work):
        mail_delivery.report_sent(service.work, mail)


@pytest.mark.parametrize(
    "verb", [EventVerb.ACCEPT, slow(EventVerb.DECLINE), slow(EventVerb.WITHDRAW)]
)
def test_a_decided_request_is_opened_again_with_a_reason(service, clerk, verb):
    one = decided(service, prove(service, send(service)), verb)
    assert "Riapri" in buttons(clerk.get(clerk.submission(one.id)))

    before = service.rows()
    page = decision(clerk, one, "reopen")
    assert service.rows() == before
    done = clerk.send(page, "/reopen", motivo="Ho premuto il tasto sbagliato")

    assert (done.status, row(service, one).status) == (303, "new")
    page = clerk.get(done.location)
    assert "La richiesta è di nuovo da esaminare." in page.text
    assert buttons(page) == [
        "Accogli",
        "Chiedi una correzione",
        "Non accogliere",
        "Ritira",
    ]
    assert notes(service, one) == ["Ho premuto il tasto sbagliato"]
    assert ("staff:1", "reopen", "{}") in log(service)


@pytest.mark.slow
def test_a_request_to_be_examined_is_not_opened_again(service, clerk):
    one = prove(service, send(service))
    assert "Riapri" not in buttons(clerk.get(clerk.submission(one.id)))
    assert decision(clerk, one, "reopen").status == 409


def test_pressing_twice_opens_once(service, clerk):
    one = decided(service, prove(service, send(service)))
    page = decision(clerk, one, "reopen")
    answers = [clerk.send(page, "/reopen", motivo="Errore") for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 409]
    assert notes(service, one) == ["Errore"]


def test_a_mail_that_has_gone_cannot_be_called_back_and_staff_are_told(service, clerk):
    one = prove(service, send(service, telefono="0564 484111"))
    decided(service, one)
    post(service)
    gone = mails(service, one)

    page = decision(clerk, one, "reopen")

    assert "La persona è già stata avvisata" in page.text
    assert "partita il 20 giugno 2020, ore 10:00. Non si può richiamare" in page.text
    assert page.find("//main//a[@href='tel:+390564484111']")
    assert page.find("//main//a[@href='mailto:anh@example.org']")
    clerk.send(page, "/reopen", motivo="Errore")
    post(service)
    assert mails(service, one) == gone


def test_a_mail_that_has_not_left_is_stopped(service, clerk):
    one = decided(service, prove(service, send(service)))
    page = decision(clerk, one, "reopen")
    assert "L’email non è ancora partita" in page.text
    done = clerk.send(page, "/reopen", motivo="Errore")
    assert "Richiesta accolta: sta per partire" not in clerk.get(done.location).text
    post(service)
    assert "accepted" not in mails(service, one)


@pytest.mark.slow
def test_a_mail_that_was_not_delivered_has_told_nobody(service, clerk):
    one = prove(service, send(service))
    post(service)
    decided(service, one)
    mail_delivery.report_failure(
        service.work, mail_delivery.claim(service.work), "550", True
    )
    assert "L’email non è stata consegnata" in decision(clerk, one, "reopen").text


@pytest.mark.slow
def test_without_a_proven_address_no_mail_had_told_anything(service, clerk):
    one = decided(service, send(service), EventVerb.WITHDRAW)
    page = decision(clerk, one, "reopen")
    assert "Nessuna email ha comunicato l’esito" in page.text
    assert not page.find("//main//a[starts-with(@href, 'mailto:')]")


@pytest.mark.slow
def test_the_newest_mail_of_a_decision_counts(service, clerk):
    one = decided(service, prove(service, send(service)))
    post(service)
    deciding.decide(service.work, one.id, EventVerb.REOPEN, "staff:1", reason="Errore")
    decided(service, one)
    assert "L’email non è ancora partita" in decision(clerk, one, "reopen").text


@pytest.mark.parametrize(
    ("verb", "others", "said", "place"),
    [
        slow(EventVerb.ACCEPT, 0, "Conserva il suo posto.", "held"),
        slow(EventVerb.DECLINE, 0, "C’è ancora posto: lo riceve di nuovo.", "held"),
        (EventVerb.DECLINE, 2, "in fondo alla lista d’attesa, al numero 2.", "waiting"),
    ],
)
def test_what_becomes_of_the_place_is_said_first_and_then_so(
    with_places, verb, others, said, place
):
    service, clerk = with_places
    one = decided(service, prove(service, send(service, "every-type", **SIX)), verb)
    for n in range(others):
        prove(service, send(service, "every-type", **SIX, email=f"{n}@example.org"))
    page = decision(clerk, one, "reopen")
    assert said in page.text
    clerk.send(page, "/reopen", motivo="Errore")
    assert row(service, one).place == place
    if place == "waiting":
        assert "n. 2 in lista d’attesa" in clerk.get(clerk.submission(one.id)).text


@pytest.mark.slow
def test_a_form_without_places_speaks_of_none(service, clerk):
    one = decided(service, prove(service, send(service)))
    assert "posto" not in decision(clerk, one, "reopen").text
