"""Decisions at the desk: the mail is read before it goes, the reason stays a note."""

import pytest

from clerk import buttons, decision, log, mails, notes, prove, row, send
from forms_service.i18n import Translator
from forms_service.store.events import EventVerb
from forms_service.workflow import deciding


def letter_text(page):
    (text,) = page.find("//p[@class='letter__text']")
    return text.text_content()


def callout(page):
    (box,) = page.find("//div[contains(@class, 'callout')][p[@class='callout__title']]")
    return " ".join(box.text_content().split())


def test_after_a_decision_the_next_request_is_one_step_away(service, clerk):
    first, second = (
        prove(service, send(service, nome_completo=name, email=f"{name}@example.org"))
        for name in ("Amina", "Bruno")
    )
    for item, expected in ((first, clerk.submission(second.id)), (second, "/staff/")):
        done = clerk.send(decision(clerk, item, "accept"), "/accept")
        assert done.location.partition("?")[0] == expected
        page = clerk.get(done.location)
        assert page.find("//*[@role='status']//a/bdi")[0].text_content() == item.name
        assert "La richiesta è accolta." in page.text


@pytest.mark.parametrize(
    "query", ["deciso=x&esito=accept", "deciso={id}&esito=x", "deciso={id}&esito=erase"]
)
def test_an_address_tells_of_no_decision_that_was_not_made(service, clerk, query):
    submission = prove(service, send(service))
    page = clerk.get(f"/staff/?{query.format(id=submission.id)}")
    assert page.status == 200
    assert not page.find("//*[@role='status']")


def test_a_request_says_where_it_stands_in_its_list(service, clerk):
    sent = [
        prove(service, send(service, email=f"n{number}@example.org"))
        for number in range(3)
    ]
    page = clerk.get(clerk.submission(sent[1].id) + "?stato=new")
    assert "2 di 3" in page.text
    (back,) = page.find("//a[@rel='prev']/@href")
    (on,) = page.find("//a[@rel='next']/@href")
    assert (sent[0].id in back, sent[2].id in on) == (True, True)
    page = clerk.get(clerk.submission(sent[0].id) + "?stato=new&ordine=nuove")
    assert "3 di 3" in page.text
    assert not page.find("//a[@rel='next']")
    elsewhere = clerk.get(clerk.submission(sent[1].id) + "?stato=accepted")
    assert "di 3" not in elsewhere.text


def test_accepting_shows_the_mail_first_and_then_sends_it(service, clerk):
    submission = prove(service, send(service))
    assert buttons(clerk.get(clerk.submission(submission.id))) == [
        "Accogli",
        "Chiedi una correzione",
        "Non accogliere",
        "Ritira (lo chiede la persona)",
    ]

    page = decision(clerk, submission, "accept")
    assert row(service, submission) == submission
    assert log(service)[-1][1] == "read"
    answers = page.find("//main//dl[@class='summary']//dd/text()")
    assert "Esempio al Monte" in answers
    assert "anh@example.org" in page.text
    assert "Ora fai parte del registro dei volontari." in letter_text(page)
    assert submission.reference in letter_text(page)

    done = clerk.send(page, "/accept")
    assert done.status == 303
    assert row(service, submission).status == "accepted"
    assert mails(service, submission)[-1] == "accepted"
    assert "La richiesta è accolta." in clerk.get(done.location).text


def test_the_mail_shown_names_the_day_of_erasure_after_the_decision(service, clerk):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "decline")
    clerk.send(page, "/decline", motivo="Non ha 18 anni")
    zone = service.context.zone
    day = row(service, submission).purge_after.astimezone(zone).date()
    assert (day.month, day.year) == (12, 2020)
    said = f"il {Translator('it', zone).format_date(day)}, se non cambia nulla."
    assert said in letter_text(page)


def test_the_mail_is_shown_in_the_language_of_the_person(service, clerk):
    submission = prove(service, send(service, lang="en"))
    page = decision(clerk, submission, "accept")
    own, beside = page.find("//p[@class='letter__text']/text()")
    assert "You are now in the register of volunteers." in own
    # What staff read stands beside it.
    assert "Ora fai parte del registro dei volontari." in beside
    assert page.find("//div[@class='letter']/@lang") == ["en", "it"]


@pytest.mark.parametrize(
    ("verb", "status"), [("decline", "declined"), ("withdraw", "withdrawn")]
)
def test_declining_and_withdrawing_go_the_same_way(service, clerk, verb, status):
    submission = prove(service, send(service))
    page = decision(clerk, submission, verb)
    assert clerk.send(page, f"/{verb}", motivo="Ha scritto ieri").status == 303
    assert row(service, submission).status == status
    assert mails(service, submission)[-1] == status
    assert buttons(clerk.get(clerk.submission(submission.id))) == ["Riapri"]
    assert notes(service, submission) == ["Ha scritto ieri"]


@pytest.mark.slow
def test_who_withdraws_for_a_person_need_not_say_why(service, clerk):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "withdraw")
    assert "Come l’ha chiesto la persona (facoltativo)" in page.text
    assert clerk.send(page, "/withdraw").status == 303
    assert notes(service, submission) == []


@pytest.mark.parametrize(
    "verb", ["decline", pytest.param("reopen", marks=pytest.mark.slow)]
)
def test_a_decision_against_needs_a_reason_and_keeps_the_page(service, clerk, verb):
    submission = prove(service, send(service))
    if verb == "reopen":
        deciding.decide(service.context, submission.id, EventVerb.ACCEPT, "staff:1")
    before = row(service, submission)
    page = clerk.send(decision(clerk, submission, verb), f"/{verb}", motivo=" \r\n ")
    assert (page.status, row(service, submission)) == (422, before)
    assert page.title.startswith("Errore:")
    (link,) = page.find("//*[@class='error-summary']//a/@href")
    assert page.find(f"//textarea[@id='{link[1:]}'][@aria-invalid='true']")
    assert clerk.send(page, f"/{verb}", motivo="Adesso sì").status == 303
    assert notes(service, submission) == ["Adesso sì"]


def test_the_reason_is_a_note_and_never_in_the_mail(service, clerk):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "decline")
    assert "Resta come nota e nell’email non c’è." in page.text
    clerk.send(page, "/decline", motivo="Motivo riservato")
    assert "Motivo riservato" in clerk.get(clerk.submission(submission.id)).text


def test_without_a_proven_address_no_mail_goes_and_the_page_says_to_phone(
    service, clerk
):
    submission = send(service, telefono="0564 484111")
    page = decision(clerk, submission, "withdraw")
    assert "Non parte nessuna email" in page.text
    assert page.find("//main//a[@href='tel:+390564484111']")
    clerk.send(page, "/withdraw")
    assert row(service, submission).status == "withdrawn"
    assert mails(service, submission) == ["verify"]


def test_an_unproven_request_cannot_be_accepted_even_by_address(service, clerk):
    submission = send(service)
    assert buttons(clerk.get(clerk.submission(submission.id))) == [
        "Ritira (lo chiede la persona)"
    ]
    assert decision(clerk, submission, "accept").status == 409


def test_a_decision_on_an_old_page_is_refused_and_says_so(service, clerk):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "withdraw")
    deciding.decide(service.context, submission.id, EventVerb.ACCEPT, "staff:2")

    answer = clerk.send(page, "/withdraw")

    assert answer.status == 409
    assert "qualcuno ha cambiato questa richiesta" in answer.text
    assert answer.find(f"//main//a[contains(@href, '{submission.id}')]")
    assert row(service, submission).status == "accepted"


def test_the_same_decision_twice_is_made_once(service, clerk):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "accept")
    assert clerk.send(page, "/accept").status == 303
    assert clerk.send(page, "/accept").status == 409
    assert mails(service, submission).count("accepted") == 1


@pytest.mark.parametrize("expected", ["", "nonsense"])
def test_a_decision_needs_the_state_it_was_made_on(service, clerk, expected):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "accept")
    assert clerk.send(page, "/accept", revision=expected).status == 409
    assert row(service, submission).status == "new"


@pytest.mark.parametrize("verb", ["erase", "confirm", "correct", "nonsense"])
def test_other_verbs_have_no_page_here(service, clerk, verb):
    submission = prove(service, send(service))
    assert decision(clerk, submission, verb).status == 404


def test_a_place_is_given_in_the_order_of_the_waiting_list(with_places):
    service, clerk = with_places
    ones = [
        prove(
            service,
            send(service, "every-type", persone=people, email=f"n{n}@example.org"),
        )
        for n, people in enumerate(("6", "6", "3"))
    ]
    holding, first, second = ones
    assert "Assegna il posto" not in buttons(clerk.get(clerk.submission(holding.id)))
    assert "Assegna il posto" not in buttons(clerk.get(clerk.submission(second.id)))
    page = clerk.get(clerk.submission(first.id))
    assert buttons(page) == [
        "Assegna il posto",
        "Chiedi una correzione",
        "Non accogliere",
        "Ritira (lo chiede la persona)",
    ]
    assert "n. 1 in lista d’attesa" in page.text

    early = decision(clerk, second, "promote")
    assert clerk.send(early, "/promote").status == 409
    page = decision(clerk, first, "promote")
    assert letter_text(page)
    assert callout(page) == (
        "I posti liberi non bastano Posti: 10. Occupati: 6. Con questa richiesta "
        "saranno 12. Puoi assegnare il posto lo stesso."
    )
    clerk.send(page, "/promote")

    assert row(service, first).place == "held"
    assert row(service, second).place == "waiting"
    assert mails(service, first)[-1] == "promoted"
    assert "Accogli" in buttons(clerk.get(clerk.submission(first.id)))

    full = callout(decision(clerk, second, "promote"))
    assert full.startswith("I posti sono finiti Posti: 10. Occupati: 12.")
    deciding.decide(service.context, first.id, EventVerb.WITHDRAW, "citizen")
    assert callout(decision(clerk, second, "promote")) == (
        "C’è posto Posti: 10. Occupati: 6. Con questa richiesta saranno 9."
    )
    assert "Posti:" not in decision(clerk, second, "decline").text


def test_a_reason_that_is_too_long_comes_back_whole_and_decides_nothing(service, clerk):
    submission = prove(service, send(service))
    before = row(service, submission)
    page = decision(clerk, submission, "decline")
    wrong = clerk.send(page, "/decline", motivo="a" * 2001)
    assert (wrong.status, row(service, submission)) == (422, before)
    assert (
        wrong.find("//textarea[@id='motivo']")[0].text_content().strip() == "a" * 2001
    )
    assert clerk.send(wrong, "/decline", motivo="a" * 2000).status == 303
    assert notes(service, submission) == ["a" * 2000]
