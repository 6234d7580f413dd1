"""One request: what staff read, and decisions whose mail is read before it goes."""

import shutil
from dataclasses import replace

import pytest

from conftest import ROOT
from forms_service.definition import load_content
from forms_service.store import outbox
from forms_service.words import Words
from forms_service.workflow import accounts, deciding, letters, proving, sending, upkeep
from forms_service.workflow.table import Verb
from service import EVERY_TYPE
from staff_desk import Member, log, prove, row, send


def answers(page):
    """Return question and answer of every line, as they are read."""
    return {
        line.findtext("dt"): line.findtext("dd")
        for line in page.find("//dl[@class='summary']/div")
    }


def buttons(page):
    return [a.text_content() for a in page.find("//main//div[@class='buttons']/a")]


def mails(service, one):
    found = service.work.store.read(lambda db: outbox.of_submission(db, one.id))
    return [mail.kind for mail in found]


def decision(member, one, verb):
    return member.get(member.submission(one.id, f"/esito/{verb}"))


def letter_text(page):
    (text,) = page.find("//p[@class='letter__text']")
    return text.text_content()


def callout(page):
    (box,) = page.find("//div[contains(@class, 'callout')][p[@class='callout__title']]")
    return " ".join(box.text_content().split())


@pytest.fixture
def with_places(start_service):
    """A service whose form has ten places, and Carla signed in."""
    service = start_service(EVERY_TYPE)
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    token = accounts.invite(service.work, "carla@example.org")
    accounts.set_up(service.work, token, "quattro parole lunghe mie")
    member = Member(service)
    member.sign_in()
    return service, member


def test_staff_read_the_answers_with_the_labels_of_the_main_language(service, carla):
    one = prove(service, send(service, lang="en", competenze="=1+1\r\nTwo"))
    page = carla.get(carla.submission(one.id))
    read = answers(page)
    assert read["Nome e cognome"] == "Nguyễn Thị Ánh"
    assert read["Comune dove vuoi fare attività"] == "Grosseto"
    assert read["Aree di attività"] == "Sociale\nCulturale"
    assert read["Che cosa sai fare"] == "=1+1\nTwo"
    assert read["Telefono"] == "Nessuna risposta"
    assert read["Lingua della persona"] == "English"


def test_an_answer_stays_with_the_version_it_was_given_to(service, carla, tmp_path):
    one = prove(service, send(service))
    file = shutil.copytree(ROOT / "content", tmp_path / "newer") / "forms" / "albo.yml"
    text = file.read_text(encoding="utf-8").replace(
        'version: "1.0"', 'version: "1.1"', 1
    )
    file.write_text(
        text.replace("label: Nome e cognome", "label: Nome intero"), "utf-8"
    )
    newer = load_content(tmp_path / "newer")
    upkeep.publish(replace(service.work, content=newer))
    service.work.content.forms["albo"] = newer.forms["albo"]

    old, new = (
        answers(carla.get(carla.submission(sent.id)))
        for sent in (one, send(service, email="bruno@example.org"))
    )

    assert (old["Versione del modulo"], new["Versione del modulo"]) == ("1.0", "1.1")
    assert "Nome e cognome" in old
    assert "Nome intero" in new


def test_opening_a_request_is_logged_and_the_history_is_in_plain_words(service, carla):
    one = prove(service, send(service))
    carla.get(carla.submission(one.id))
    page = carla.get(carla.submission(one.id))
    assert ("staff:1", "read", "{}") in log(service)
    for words in ("Richiesta inviata", "Indirizzo confermato", "Letta 2 volte"):
        assert words in page.text
    assert "carla@example.org" in page.text


def test_every_event_of_a_life_has_words(service, carla):
    one = send(service)
    sending.resend(service.work, one.id)
    sending.change_address(service.work, one.id, "new@example.org")
    one = prove(service, row(service, one))
    proving.request_code(service.work, one.id)
    work = service.work
    deciding.add_note(work, one.id, 1, "Nota")
    deciding.decide(work, one.id, Verb.ASK_CORRECTION, "staff:1")
    deciding.correct(work, work.content.form("albo"), one.id, one.answers, "citizen")
    deciding.decide(work, one.id, Verb.ACCEPT, "staff:1")
    deciding.decide(work, one.id, Verb.REOPEN, "staff:1", reason="Errore")
    deciding.decide(work, one.id, Verb.WITHDRAW, "citizen")
    letter = letters.claim(work)
    letters.report_sent(work, letter)

    page = carla.get(carla.submission(one.id))

    (history,) = page.find("//section[h2='Che cosa è successo']/ul")
    told = [line.text.strip() for line in history.findall("li")]
    assert told[-1] == "Richiesta inviata"
    assert told[0].startswith("Email inviata: ")
    plain = "".join(told)
    for verb in ("resend", "change_address", "request_code", "correct", "reopen"):
        assert verb not in plain
    assert len(told) == 11


def test_the_mail_state_names_the_reason(service, carla):
    one = prove(service, send(service))
    letter = letters.claim(service.work)
    letters.report_failure(service.work, letter, "451 4.7.1 busy")
    assert "451 4.7.1 busy" in carla.get(carla.submission(one.id)).text
    letters.report_failure(service.work, letter, "550 5.1.1 unknown", permanent=True)
    text = carla.get(carla.submission(one.id)).text
    assert "non consegnata, abbandonata" in text
    assert "550 5.1.1 unknown" in text


def test_a_mail_held_back_by_the_daily_limit_says_when_it_leaves(service, carla):
    ones = [send(service) for _ in range(4)]
    first, last = (carla.get(carla.submission(ones[n].id)).text for n in (0, 3))
    assert "sta per partire" in first
    assert "parte il 21 giugno 2020" in last


def test_a_note_is_kept_with_its_author_and_shown_as_typed(service, carla):
    one = send(service)
    page = carla.get(carla.submission(one.id))

    done = carla.send(page, "/nota", text="Ho chiamato.\r\n<b>Richiamare</b>")

    assert done.status == 303
    page = carla.get(done.location)
    (note,) = page.find("//p[@class='note']")
    assert note.text_content() == "Ho chiamato.\n<b>Richiamare</b>"
    assert "carla@example.org" in page.text
    assert not any("Richiamare" in "".join(entry) for entry in log(service))


def test_an_empty_note_is_no_note(service, carla):
    one = send(service)
    carla.send(carla.get(carla.submission(one.id)), "/nota", text="  \r\n ")
    page = carla.get(carla.submission(one.id))
    assert not page.find("//p[@class='note']")


def test_next_and_previous_stay_in_the_list_that_was_asked_for(service, carla):
    ids = [
        prove(
            service, send(service, nome_completo=name, email=f"{name}@example.org")
        ).id
        for name in ("Amina", "Bruno", "Carlo")
    ]
    send(service, nome_completo="Ultimo")

    page = carla.get(carla.submission(ids[1]) + "?stato=new&modulo=albo")

    (newer,) = page.find("//a[@rel='next']/@href")
    (older,) = page.find("//a[@rel='prev']/@href")
    assert ids[2] in newer
    assert ids[0] in older
    assert "modulo=albo" in newer
    last = carla.get(carla.submission(ids[2]) + "?stato=new&modulo=albo")
    assert not last.find("//a[@rel='next']")


def test_the_same_person_is_shown_with_a_link_and_nothing_is_merged(service, carla):
    one, two = (prove(service, send(service)) for _ in range(2))
    page = carla.get(carla.submission(one.id))
    assert "Forse è la stessa persona" in page.text
    assert page.find(f"//main//a[contains(@href, '{two.id}')]")


def test_an_erased_request_is_a_page_with_the_way_back(service, carla):
    one = send(service)
    deciding.erase(service.work, one.id, "staff:1")
    page = carla.get(carla.submission(one.id))
    assert page.status == 404
    assert page.body == carla.get(carla.submission("mistyped")).body
    assert "forse è stata cancellata, o l’indirizzo è sbagliato" in page.text
    assert page.find("//main//a[@href='/staff/']")


def test_accepting_shows_the_mail_first_and_then_sends_it(service, carla):
    one = prove(service, send(service))
    assert buttons(carla.get(carla.submission(one.id))) == [
        "Accogli",
        "Non accogliere",
        "Ritira",
    ]

    before = service.rows()
    page = decision(carla, one, "accept")
    assert service.rows() == before
    assert "anh@example.org" in page.text
    assert "Ora fai parte dell’albo dei cittadini attivi." in letter_text(page)
    assert one.reference in letter_text(page)

    done = carla.send(page, "/accept")
    assert done.status == 303
    assert row(service, one).status == "accepted"
    assert mails(service, one)[-1] == "accepted"
    assert "La richiesta è accolta." in carla.get(done.location).text


def test_the_mail_shown_names_the_day_of_erasure_after_the_decision(service, carla):
    one = prove(service, send(service))
    page = decision(carla, one, "decline")
    carla.send(page, "/decline")
    zone = service.work.zone
    day = row(service, one).purge_after.astimezone(zone).date()
    assert (day.month, day.year) == (12, 2020)
    said = f"il {Words('it', zone).day(day)}, se non cambia nulla."
    assert said in letter_text(page)


def test_the_mail_is_shown_in_the_language_of_the_person(service, carla):
    one = prove(service, send(service, lang="en"))
    page = decision(carla, one, "accept")
    assert "You are now in the register of active citizens." in letter_text(page)
    assert page.find("//div[@class='letter']/@lang") == ["en"]


@pytest.mark.parametrize(
    ("verb", "status"), [("decline", "declined"), ("withdraw", "withdrawn")]
)
def test_declining_and_withdrawing_go_the_same_way(service, carla, verb, status):
    one = prove(service, send(service))
    carla.send(decision(carla, one, verb), f"/{verb}")
    assert row(service, one).status == status
    assert mails(service, one)[-1] == status
    assert buttons(carla.get(carla.submission(one.id))) == []


def test_without_a_proven_address_no_mail_goes_and_the_page_says_to_phone(
    service, carla
):
    one = send(service, telefono="0564 484111")
    page = decision(carla, one, "withdraw")
    assert "Non parte nessuna email" in page.text
    assert page.find("//main//a[@href='tel:+390564484111']")
    carla.send(page, "/withdraw")
    assert row(service, one).status == "withdrawn"
    assert mails(service, one) == ["verify"]


def test_an_unproven_request_cannot_be_accepted_even_by_address(service, carla):
    one = send(service)
    assert buttons(carla.get(carla.submission(one.id))) == ["Ritira"]
    assert decision(carla, one, "accept").status == 409


def test_a_decision_on_an_old_page_is_refused_and_says_so(service, carla):
    one = prove(service, send(service))
    page = decision(carla, one, "withdraw")
    deciding.decide(service.work, one.id, Verb.ACCEPT, "staff:2")

    answer = carla.send(page, "/withdraw")

    assert answer.status == 409
    assert "qualcuno ha cambiato questa richiesta" in answer.text
    assert answer.find(f"//main//a[contains(@href, '{one.id}')]")
    assert row(service, one).status == "accepted"


def test_the_same_decision_twice_is_made_once(service, carla):
    one = prove(service, send(service))
    page = decision(carla, one, "accept")
    assert carla.send(page, "/accept").status == 303
    assert carla.send(page, "/accept").status == 409
    assert mails(service, one).count("accepted") == 1


@pytest.mark.parametrize("expected", ["", "nonsense"])
def test_a_decision_needs_the_state_it_was_made_on(service, carla, expected):
    one = prove(service, send(service))
    page = decision(carla, one, "accept")
    assert carla.send(page, "/accept", expected=expected).status == 409
    assert row(service, one).status == "new"


@pytest.mark.parametrize("verb", ["erase", "confirm", "reopen", "nonsense"])
def test_other_verbs_have_no_page_here(service, carla, verb):
    one = prove(service, send(service))
    assert decision(carla, one, verb).status == 404


def test_a_place_is_given_in_the_order_of_the_waiting_list(with_places):
    service, carla = with_places
    ones = [
        prove(
            service,
            send(service, "every-type", persone=people, email=f"n{n}@example.org"),
        )
        for n, people in enumerate(("6", "6", "3"))
    ]
    holding, first, second = ones
    assert "Assegna il posto" not in buttons(carla.get(carla.submission(holding.id)))
    assert "Assegna il posto" not in buttons(carla.get(carla.submission(second.id)))
    page = carla.get(carla.submission(first.id))
    assert buttons(page) == ["Assegna il posto", "Non accogliere", "Ritira"]
    assert "n. 1 in lista d’attesa" in page.text

    early = decision(carla, second, "promote")
    assert carla.send(early, "/promote").status == 409
    page = decision(carla, first, "promote")
    assert letter_text(page)
    assert callout(page) == (
        "I posti liberi non bastano Posti: 10. Occupati: 6. Con questa richiesta "
        "saranno 12. Puoi assegnare il posto lo stesso."
    )
    carla.send(page, "/promote")

    assert row(service, first).place == "held"
    assert row(service, second).place == "waiting"
    assert mails(service, first)[-1] == "promoted"
    assert "Accogli" in buttons(carla.get(carla.submission(first.id)))

    full = callout(decision(carla, second, "promote"))
    assert full.startswith("I posti sono finiti Posti: 10. Occupati: 12.")
    deciding.decide(service.work, first.id, Verb.WITHDRAW, "citizen")
    assert callout(decision(carla, second, "promote")) == (
        "C’è posto Posti: 10. Occupati: 6. Con questa richiesta saranno 9."
    )
    assert "Posti:" not in decision(carla, second, "decline").text


def test_staff_see_what_a_correction_has_changed(service, carla):
    one = prove(service, send(service))
    form = service.work.content.form("albo")
    page = carla.get(carla.submission(one.id))
    assert "Risposte cambiate" not in page.text
    answers_now = {**one.answers, "nome_completo": "Ánh", "aree": ["sociale"]}
    del answers_now["comune"]
    deciding.correct(service.work, form, one.id, answers_now, "citizen")
    page = carla.get(carla.submission(one.id))
    changed = page.find("//section[@aria-labelledby='changed']//dt/text()")
    labels = [form.field(key).label for key in ("nome_completo", "comune", "aree")]
    assert changed == labels
    assert page.find("//del/text()")[0] == "Nguyễn Thị Ánh"
    assert page.find("//ins/text()")[:2] == ["Ánh", "Nessuna risposta"]
