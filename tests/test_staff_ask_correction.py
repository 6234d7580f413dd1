"""Asking for a correction: staff choose the answers, the person reads which."""

import pytest

from clerk import buttons, decision, log, mails, notes, prove, row, send
from forms_service.mail import kinds
from forms_service.workflow import correcting, mail_delivery
from forms_service.workflow.deciding import fields_to_correct
from test_public_mail_links import LISTENING

ASK = "ask_correction"
TWO = {"campo": ["comune", "aree"]}


def personal(service, submission):
    token = mail_delivery.link_for(service.context, submission, kinds.receipt)
    return service.get(token)


def test_the_person_reads_on_the_personal_page_what_to_correct(service, clerk):
    submission = prove(service, send(service, lang="en"))
    page = decision(clerk, submission, ASK)
    offered = page.find("//input[@name='campo']/@value")
    assert {"comune", "telefono"} < set(offered)
    assert "maggiorenne" not in offered, "nobody corrects a declaration"
    beside = "//label[input/@value='comune']//span[@class='meta']//text()"
    assert page.find(beside) == ["Esempio al Monte"]
    assert not page.find("//input[@name='campo'][@checked]")
    assert "La persona lo legge nella sua pagina personale" in page.text

    why = "Manca il Comune,\r\ne anche il resto"
    done = clerk.send(page, f"/{ASK}", **TWO, motivo=why)

    assert (done.status, row(service, submission).status) == (303, "correction_asked")
    assert mails(service, submission)[-1] == "correction_asked"
    assert notes(service, submission) == [why.replace("\r", "")]
    about = '{"fields": ["comune", "aree"], "note": 1}'
    assert ("staff:1", ASK, about) in log(service)
    said = "Comune dove vuoi fare attività e Aree di attività"
    assert said in clerk.get(clerk.submission(submission.id)).text
    seen = personal(service, row(service, submission))
    labels = [
        service.context.content.form("volontari", "en").field(key).label
        for key in TWO["campo"]
    ]
    assert seen.find("//main//ul/li/text()") == labels
    assert "Ask for a code: with it you correct your answers" in seen.text
    assert seen.find("//main//dd[@dir]/text()") == notes(service, submission)


def test_a_reason_that_is_only_for_colleagues_stays_a_note(service, clerk):
    submission = prove(service, send(service))
    clerk.send(clerk.get(clerk.submission(submission.id)), "/nota", text="Fra noi")
    clerk.send(decision(clerk, submission, ASK), f"/{ASK}", **TWO)
    seen = personal(service, row(service, submission))
    assert "Riguarda queste risposte" in seen.text
    assert "Fra noi" not in seen.text
    assert not seen.find("//main//dd[@dir]")
    for verb in ("decline", "withdraw"):
        page = decision(clerk, submission, verb)
        assert "La persona lo legge" not in page.text


@pytest.mark.slow
def test_once_corrected_nothing_is_asked_any_more(service, clerk):
    submission = prove(service, send(service))
    clerk.send(decision(clerk, submission, ASK), f"/{ASK}", **TWO)
    form = service.context.content.form("volontari")
    correcting.correct(service.context, form, submission.id, submission.answers)
    assert "Riguarda queste risposte" not in personal(service, submission).text
    page = clerk.get(clerk.submission(submission.id))
    assert "Abbiamo chiesto alla persona" not in page.text
    clerk.send(decision(clerk, submission, ASK), f"/{ASK}", campo=["telefono"])
    fields = service.context.store.read(lambda db: fields_to_correct(db, submission))
    assert fields == ["telefono"], "what was asked last"


def test_nothing_chosen_or_nothing_of_this_form_is_asked_again(service, clerk):
    submission = prove(service, send(service))
    page = decision(clerk, submission, ASK)
    for typed in ({}, {"campo": ["maggiorenne", "unknown"]}):
        wrong = clerk.send(page, f"/{ASK}", motivo="Perché", **typed)
        assert wrong.status == 422
        assert wrong.find("//*[@class='error-summary']//a/@href") == ["#campo"]
        assert "Perché" in wrong.text
    assert row(service, submission).status == "new"


def test_it_is_not_offered_where_no_way_leads_to_a_correction(service, clerk):
    delicate = {**LISTENING, "email": "zoe@example.org"}
    ones = [send(service), prove(service, send(service, "ascolto", **delicate))]
    for one in ones:
        page = clerk.get(clerk.submission(one.id))
        assert "Chiedi una correzione" not in buttons(page)
    assert decision(clerk, ones[1], ASK).status == 409
