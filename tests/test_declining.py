"""Reasons of a refusal: chosen by staff, told in the person's language, counted."""

import json

import pytest

from clerk import decision, log, notes, prove, row, send
from forms_service.definition.fingerprint import fingerprint
from forms_service.mail import kinds
from forms_service.mail.compose import compose, preview
from forms_service.store import outbox
from forms_service.store.events import EventVerb
from forms_service.workflow import deciding, declining, mail_delivery

ALTROVE = "La pagina non è di questo sito. Scrivi a chi la cura."
ELSEWHERE = "The page is not of this site. Write to who looks after it."


def declined(service, submission):
    """Return the mail about a refusal when its time has come."""
    service.clock.advance(minutes=6)
    while mail := mail_delivery.claim(service.context):
        if (mail.kind, mail.submission) == ("declined", submission.id):
            return mail_delivery.message_of(service.context, mail, "")
        mail_delivery.report_sent(service.context, mail)
    raise AssertionError("no mail")


def letters(page):
    return [e.text_content() for e in page.find("//p[@class='letter__text']")]


def test_the_reason_travels_in_the_language_of_the_person(service, clerk):
    submission = prove(service, send(service, "barriere", "en"))
    page = decision(clerk, submission, "decline")
    labels = page.find("//label[input/@name='perche']/span/text()")
    assert labels == ["Non è una nostra pagina", "Non abbiamo trovato l’ostacolo"]
    typed = {"perche": ["altrove"], "aggiunta": "Chiedi alla <b>Regione</b>."}

    shown = clerk.send(page, "/decline", **typed, mostra="1")

    assert row(service, submission) == submission
    own, beside = letters(shown)
    assert ELSEWHERE in own
    assert ALTROVE in beside
    assert "Chiedi alla <b>Regione</b>." in own
    assert shown.find("//input[@name='perche'][@checked]/@value") == ["altrove"]
    done = clerk.send(shown, "/decline", motivo="")
    assert done.status == 303
    assert ("staff:1", "decline") in [entry[:2] for entry in log(service)]
    detail = next(json.loads(d) for _, verb, d in log(service) if verb == "decline")
    assert detail["reasons"] == ["altrove"]
    assert "Regione" not in json.dumps(log(service))
    assert notes(service, submission) == []
    assert "Non è una nostra pagina" in clerk.get(clerk.submission(submission.id)).text

    message = declined(service, submission)
    text = preview(message).text
    assert text.index("This is why:") < text.index(ELSEWHERE) < text.index("We add:")
    assert "Chiedi alla <b>Regione</b>." in text
    html = compose(message, "from@example.org", service.clock()).get_body(("html",))
    assert 'lang="it"' in html.get_content()
    assert "Chiedi alla &lt;b&gt;Regione" in html.get_content()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Scegli almeno un motivo."),
        ({"perche": ["altro"]}, "Scegli almeno un motivo."),
        (
            {"perche": ["altrove"], "aggiunta": "Vedi www.example.org"},
            "Togli il link: scrivi a parole dove si trova.",
        ),
        ({"perche": ["altrove"], "aggiunta": "x" * 601}, "600"),
    ],
)
def test_what_cannot_be_sent_is_told_and_nothing_typed_is_lost(
    service, clerk, typed, said
):
    submission = prove(service, send(service, "barriere"))
    page = decision(clerk, submission, "decline")
    refused = clerk.send(page, "/decline", **typed, motivo="Fra noi")
    assert refused.status == 422
    assert said in refused.text
    controls = next(
        refused.sent_by(form)
        for form in refused.find("//main//form")
        if "/decline" in form.get("action")
    )
    assert controls["motivo"] == ["Fra noi"]
    assert controls["aggiunta"] == [typed.get("aggiunta", "")]
    assert row(service, submission).status == "new"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://x.example", True),
        ("Guarda WWW.comune.it", True),
        ("scrivi a a@comune.it", True),
        ("vai su comune.it/aiuto", True),
        ("Va bene.It is fine. Art. 5, legge n. 4/2004.", True),
        ("Vieni domani. Di mattina.", False),
        ("Alle 10.30, in via Roma n. 4.", False),
    ],
)
def test_what_a_mail_program_would_make_a_link_of(text, found):
    assert bool(declining.LINK.search(text)) is found


def test_the_addition_goes_with_the_mail_and_leaves_with_the_request(service, clerk):
    submission = prove(service, send(service, "barriere"))
    deciding.decide(
        service.context,
        submission.id,
        EventVerb.DECLINE,
        "staff:1",
        reasons=["altrove", "chiarire"],
        addition="Parola unica",
    )
    stored = service.context.store.read(
        lambda db: outbox.of_submission(db, submission.id)
    )
    assert [mail.addition for mail in stored if mail.kind == "declined"] == [
        "Parola unica"
    ]
    assert any("Parola unica" in r for r in service.rows())
    deciding.erase(service.context, submission.id, "staff:1")
    assert not any("Parola unica" in r for r in service.rows())


def test_without_an_address_the_reason_is_counted_and_nothing_can_be_added(
    service, clerk
):
    submission = send(service, "barriere", email="", telefono="0564 484111")
    page = decision(clerk, submission, "decline")
    assert not page.find("//textarea[@name='aggiunta']")
    assert "Dillo alla persona." in page.text
    clerk.send(page, "/decline", perche=["chiarire"])
    assert '"reasons": ["chiarire"]' in str(log(service))


def test_a_reason_that_is_gone_is_left_out_of_what_is_told(service):
    submission = prove(service, send(service, "barriere"))
    context = service.context
    deciding.decide(
        context, submission.id, EventVerb.DECLINE, "staff:1", reasons=["altrove", "x"]
    )
    told = context.store.read(
        lambda db: declining.reasons_in_mail(context, db, submission, kinds.declined)
    )
    assert told == [ALTROVE]
    del context.content.forms["barriere"]
    assert declining.labels(context, submission) == {}
    assert declining.in_words(context, submission, ["altrove"]) == []
    assert declining.may_add(context, submission) is False


def test_reasons_change_no_version(service):
    source = service.context.content.sources["barriere"]["it"].document
    without = {key: value for key, value in source.items() if key != "reasons"}
    assert fingerprint(source) == fingerprint(without)
