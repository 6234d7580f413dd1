"""Opening a decided request again: what it does, and what it cannot take back."""

from zoneinfo import ZoneInfo

import pytest

from clerk import buttons, decision, log, mails, notes, prove, row, send
from forms_service.i18n import Translator
from forms_service.store.events import EventVerb
from forms_service.workflow import deciding, mail_delivery

ROME = ZoneInfo("Europe/Rome")
SIX = {"persone": "6"}


def slow(*values):
    """One more of what the short run has already seen once."""
    return pytest.param(*values, marks=pytest.mark.slow)


def decided(service, submission, verb=EventVerb.ACCEPT):
    deciding.decide(service.context, submission.id, verb, "staff:1")
    return submission


def post(service):
    while mail := mail_delivery.claim(service.context):
        mail_delivery.report_sent(service.context, mail)


@pytest.mark.parametrize(
    "verb", [EventVerb.ACCEPT, slow(EventVerb.DECLINE), slow(EventVerb.WITHDRAW)]
)
def test_a_decided_request_is_opened_again_with_a_reason(service, clerk, verb):
    submission = decided(service, prove(service, send(service)), verb)
    assert "Riapri" in buttons(clerk.get(clerk.submission(submission.id)))

    before = row(service, submission)
    page = decision(clerk, submission, "reopen")
    assert row(service, submission) == before
    done = clerk.send(page, "/reopen", motivo="Ho premuto il tasto sbagliato")

    assert (done.status, row(service, submission).status) == (303, "new")
    page = clerk.get(done.location)
    assert "La richiesta è di nuovo da esaminare." in page.text
    assert buttons(page) == [
        "Accogli",
        "Chiedi una correzione",
        "Non accogliere",
        "Ritira (lo chiede la persona)",
    ]
    assert notes(service, submission) == ["Ho premuto il tasto sbagliato"]
    assert ("staff:1", "reopen", "{}") in log(service)


@pytest.mark.slow
def test_a_request_to_be_examined_is_not_opened_again(service, clerk):
    submission = prove(service, send(service))
    assert "Riapri" not in buttons(clerk.get(clerk.submission(submission.id)))
    assert decision(clerk, submission, "reopen").status == 409


def test_pressing_twice_opens_once(service, clerk):
    submission = decided(service, prove(service, send(service)))
    page = decision(clerk, submission, "reopen")
    answers = [clerk.send(page, "/reopen", motivo="Errore") for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 409]
    assert notes(service, submission) == ["Errore"]


def test_a_mail_that_has_gone_cannot_be_called_back_and_staff_are_told(service, clerk):
    submission = prove(service, send(service, telefono="0564 484111"))
    decided(service, submission)
    post(service)
    gone = mails(service, submission)

    page = decision(clerk, submission, "reopen")

    assert "La persona è già stata avvisata" in page.text
    assert "partita il 20 giugno 2020, ore 10:00. Non si può richiamare" in page.text
    assert page.find("//main//a[@href='tel:+390564484111']")
    assert page.find("//main//a[@href='mailto:anh@example.org']")
    clerk.send(page, "/reopen", motivo="Errore")
    post(service)
    assert mails(service, submission) == gone


def test_a_mail_that_has_not_left_is_stopped(service, clerk):
    submission = decided(service, prove(service, send(service)))
    page = decision(clerk, submission, "reopen")
    assert "L’email non è ancora partita" in page.text
    done = clerk.send(page, "/reopen", motivo="Errore")
    assert "Richiesta accolta: sta per partire" not in clerk.get(done.location).text
    post(service)
    assert "accepted" not in mails(service, submission)


@pytest.mark.slow
def test_a_mail_that_was_not_delivered_has_told_nobody(service, clerk):
    submission = prove(service, send(service))
    post(service)
    decided(service, submission)
    mail_delivery.report_failure(
        service.context, mail_delivery.claim(service.context), "550", True
    )
    assert (
        "L’email non è stata consegnata" in decision(clerk, submission, "reopen").text
    )


@pytest.mark.slow
def test_without_a_proven_address_no_mail_had_told_anything(service, clerk):
    submission = decided(service, send(service), EventVerb.WITHDRAW)
    page = decision(clerk, submission, "reopen")
    assert "Nessuna email ha comunicato l’esito" in page.text
    assert not page.find("//main//a[starts-with(@href, 'mailto:')]")


@pytest.mark.slow
def test_the_newest_mail_of_a_decision_counts(service, clerk):
    submission = decided(service, prove(service, send(service)))
    post(service)
    deciding.decide(
        service.context, submission.id, EventVerb.REOPEN, "staff:1", reason="Errore"
    )
    decided(service, submission)
    assert "L’email non è ancora partita" in decision(clerk, submission, "reopen").text


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
    submission = decided(
        service, prove(service, send(service, "every-type", **SIX)), verb
    )
    for n in range(others):
        prove(service, send(service, "every-type", **SIX, email=f"{n}@example.org"))
    page = decision(clerk, submission, "reopen")
    assert said in page.text
    clerk.send(page, "/reopen", motivo="Errore")
    assert row(service, submission).place == place
    if place == "waiting":
        assert (
            "n. 2 in lista d’attesa" in clerk.get(clerk.submission(submission.id)).text
        )


@pytest.mark.slow
def test_a_form_without_places_speaks_of_none(service, clerk):
    submission = decided(service, prove(service, send(service)))
    assert "posto" not in decision(clerk, submission, "reopen").text


def test_what_the_person_withdrew_is_opened_again_with_a_warning_and_its_new_end(
    service, clerk
):
    submission = decided(service, prove(service, send(service)), EventVerb.WITHDRAW)
    before = row(service, submission).purge_after
    page = decision(clerk, submission, "reopen")
    assert "La persona ha ritirato questa richiesta" in page.text
    clerk.send(page, "/reopen", motivo="Ha cambiato idea, al telefono")
    assert row(service, submission).purge_after > before
    days = [day_in_words(m) for m in (before, row(service, submission).purge_after)]
    assert f"Si cancellava il {days[0]}; riaperta, si conserva fino al {days[1]}" in (
        page.text
    )


def test_the_end_of_what_is_opened_again_may_stay(service, clerk):
    submission = decided(service, prove(service, send(service)))
    page = decision(clerk, submission, "reopen")
    assert "ha ritirato" not in page.text
    assert "Il giorno in cui si cancella resta" in page.text


def day_in_words(moment):
    return Translator("it", ROME).format_date(moment.astimezone(ROME).date())
