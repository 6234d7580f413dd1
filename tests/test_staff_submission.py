"""One request: what staff read, and decisions whose mail is read before it goes."""

import shutil
from dataclasses import replace

from lxml import html

from clerk import log, notes, prove, row, send
from forms_service.content import load_content
from forms_service.store.events import EventVerb
from forms_service.workflow import (
    correcting,
    deciding,
    mail_delivery,
    publishing,
    sending,
    verification,
)
from sample_content import SAMPLE


def answers(page):
    """Return question and answer of every line, as they are read."""
    return {
        line.findtext("dt"): line.findtext("dd")
        for line in page.find("//dl[@class='summary']/div")
    }


def test_staff_read_the_answers_with_the_labels_of_the_main_language(service, clerk):
    submission = prove(service, send(service, lang="en", competenze="=1+1\r\nTwo"))
    page = clerk.get(clerk.submission(submission.id))
    read = answers(page)
    assert read["Nome e cognome"] == "Nguyễn Thị Ánh"
    assert read["Comune dove vuoi fare attività"] == "Esempio al Monte"
    assert read["Aree di attività"] == "Sociale\nCulturale"
    assert read["Che cosa sai fare"] == "=1+1\nTwo"
    assert read["Telefono"] == "Nessuna risposta"
    assert read["Lingua della persona"] == "English"


def test_an_answer_stays_with_the_version_it_was_given_to(service, clerk, tmp_path):
    submission = prove(service, send(service))
    newer = shutil.copytree(SAMPLE, tmp_path / "newer")
    file = newer / "forms" / "volontari.yml"
    text = file.read_text(encoding="utf-8").replace(
        'version: "1.0"', 'version: "1.1"', 1
    )
    file.write_text(
        text.replace("label: Nome e cognome", "label: Nome intero"), "utf-8"
    )
    newer = load_content(newer)
    publishing.start(replace(service.context, content=newer), publish=True)
    service.context.content.forms["volontari"] = newer.forms["volontari"]

    old, new = (
        answers(clerk.get(clerk.submission(sent.id)))
        for sent in (submission, send(service, email="bruno@example.org"))
    )

    assert (old["Versione del modulo"], new["Versione del modulo"]) == ("1.0", "1.1")
    assert "Nome e cognome" in old
    assert "Nome intero" in new


def test_opening_a_request_is_logged_and_the_history_is_in_plain_words(service, clerk):
    submission = prove(service, send(service))
    clerk.get(clerk.submission(submission.id))
    page = clerk.get(clerk.submission(submission.id))
    assert ("staff:1", "read", "{}") in log(service)
    for words in ("Richiesta inviata", "Indirizzo confermato", "Letta 2 volte"):
        assert words in page.text
    assert "carla@example.org" in page.text


def test_every_event_of_a_life_has_words(service, clerk):
    submission = send(service)
    sending.resend(service.context, submission.id)
    sending.change_address(service.context, submission.id, "new@example.org")
    submission = prove(service, row(service, submission))
    verification.request_code(service.context, submission.id)
    work = service.context
    deciding.add_note(work, submission.id, 1, "Nota")
    deciding.decide(work, submission.id, EventVerb.ASK_CORRECTION, "staff:1")
    correcting.correct(
        work,
        work.content.form("volontari"),
        submission.id,
        submission.answers,
    )
    deciding.decide(work, submission.id, EventVerb.ACCEPT, "staff:1")
    deciding.decide(work, submission.id, EventVerb.REOPEN, "staff:1", reason="Errore")
    deciding.decide(work, submission.id, EventVerb.WITHDRAW, "citizen")
    mail = mail_delivery.claim(work)
    mail_delivery.report_sent(work, mail)

    page = clerk.get(clerk.submission(submission.id))

    (history,) = page.find("//section[h2='Che cosa è successo']/ul")
    shown = [line.text.strip() for line in history.findall("li")]
    assert shown[-1] == "Richiesta inviata"
    assert shown[0].startswith("Email inviata: ")
    plain = "".join(shown)
    for verb in ("resend", "change_address", "request_code", "correct", "reopen"):
        assert verb not in plain
    assert len(shown) == 11


def test_the_mail_state_names_the_reason(service, clerk):
    submission = prove(service, send(service))
    mail = mail_delivery.claim(service.context)
    mail_delivery.report_failure(service.context, mail, "451 4.7.1 busy")
    assert "451 4.7.1 busy" in clerk.get(clerk.submission(submission.id)).text
    mail_delivery.report_failure(
        service.context, mail, "550 5.1.1 unknown", permanent=True
    )
    text = clerk.get(clerk.submission(submission.id)).text
    assert "non consegnata, abbandonata" in text
    assert "550 5.1.1 unknown" in text


def test_a_mail_held_back_by_the_daily_limit_says_when_it_leaves(service, clerk):
    page = clerk.submission(send(service).id)
    assert "sta per partire" in clerk.get(page).text
    tomorrow = "UPDATE outbox SET not_before = '2020-06-21T08:00:00+00:00'"
    service.context.store.write(lambda db: db.execute(tomorrow))
    assert "parte il 21 giugno 2020" in clerk.get(page).text


def test_that_an_invented_person_gets_no_email_is_said(service, clerk):
    invented = send(service, email="1@demo.example.org")
    page = clerk.get(clerk.submission(invented.id))
    assert "Persona inventata: non le arriva nessuna email." in page.text
    assert "Nessuna email per questa richiesta" not in page.text


def test_a_note_is_kept_with_its_author_and_shown_as_typed(service, clerk):
    submission = send(service)
    page = clerk.get(clerk.submission(submission.id))

    done = clerk.send(page, "/nota", text="Ho chiamato.\r\n<b>Richiamare</b>")

    assert done.status == 303
    page = clerk.get(done.location)
    (note,) = page.find("//p[@class='note']")
    assert note.text_content() == "Ho chiamato.\n<b>Richiamare</b>"
    assert "carla@example.org" in page.text
    assert not any("Richiamare" in "".join(entry) for entry in log(service))


def test_an_empty_note_is_no_note(service, clerk):
    submission = send(service)
    clerk.send(clerk.get(clerk.submission(submission.id)), "/nota", text="  \r\n ")
    page = clerk.get(clerk.submission(submission.id))
    assert not page.find("//p[@class='note']")


def test_next_and_previous_stay_in_the_list_that_was_asked_for(service, clerk):
    ids = [
        prove(
            service, send(service, nome_completo=name, email=f"{name}@example.org")
        ).id
        for name in ("Amina", "Bruno", "Carlo")
    ]
    send(service, nome_completo="Ultimo")

    page = clerk.get(clerk.submission(ids[1]) + "?stato=new&modulo=volontari")

    (newer,) = page.find("//a[@rel='next']/@href")
    (older,) = page.find("//a[@rel='prev']/@href")
    assert ids[2] in newer
    assert ids[0] in older
    assert "modulo=volontari" in newer
    last = clerk.get(clerk.submission(ids[2]) + "?stato=new&modulo=volontari")
    assert not last.find("//a[@rel='next']")


def test_an_erased_request_is_a_page_with_the_way_back(service, clerk):
    submission = send(service)
    deciding.erase(service.context, submission.id, "staff:1")
    page = clerk.get(clerk.submission(submission.id))
    assert page.status == 404
    # Around it are tokens with the second in which they were made.
    said, mistyped = (
        html.tostring(each.find("//main")[0])
        for each in (page, clerk.get(clerk.submission("mistyped")))
    )
    assert said == mistyped
    assert "forse è stata cancellata, o l’indirizzo è sbagliato" in page.text
    assert page.find("//main//a[@href='/staff/']")


def test_staff_see_what_a_correction_has_changed(service, clerk):
    submission = prove(service, send(service))
    form = service.context.content.form("volontari")
    page = clerk.get(clerk.submission(submission.id))
    assert "Risposte cambiate" not in page.text
    answers_now = {**submission.answers, "nome_completo": "Ánh", "aree": ["sociale"]}
    del answers_now["comune"]
    correcting.correct(service.context, form, submission.id, answers_now)
    page = clerk.get(clerk.submission(submission.id))
    changed = page.find("//section[@aria-labelledby='changed']//dt/text()")
    labels = [form.field(key).label for key in ("nome_completo", "comune", "aree")]
    assert changed == labels
    assert page.find("//del/text()")[0] == "Nguyễn Thị Ánh"
    assert page.find("//ins/text()")[:2] == ["Ánh", "Nessuna risposta"]


def test_a_note_that_is_too_long_comes_back_whole_and_is_not_kept(service, clerk):
    submission = send(service)
    page = clerk.get(clerk.submission(submission.id))
    typed = "è" * 2001

    wrong = clerk.send(page, "/nota", text=typed)

    assert wrong.status == 422
    assert wrong.find("//*[@class='error-summary']//a/@href") == ["#text"]
    assert "al massimo 2000 caratteri: ora sono 2001" in wrong.text
    assert wrong.find("//textarea[@id='text']")[0].text_content().strip() == typed
    assert notes(service, submission) == []
    assert clerk.send(wrong, "/nota", text=typed[1:]).status == 303
    assert notes(service, submission) == [typed[1:]]


def test_an_empty_note_is_said_at_its_box(service, clerk):
    submission = send(service)
    page = clerk.get(clerk.submission(submission.id))
    wrong = clerk.send(page, "/nota", text=" \r\n ")
    assert wrong.status == 422
    assert wrong.find("//textarea[@id='text']/@aria-invalid") == ["true"]
    assert "La nota era vuota: scrivi qualcosa" in wrong.text
    assert notes(service, submission) == []
