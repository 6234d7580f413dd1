"""Desk entry: paper, phone and counter through the same form, and nothing lost."""

import pytest

from clerk import VOLUNTEER, log, prove, send, signed_in
from forms_service.store import outbox
from forms_service.store.filters import Filter
from forms_service.store.queue import queue
from forms_service.workflow import mail_delivery
from sample_content import SAMPLE

ABOUT = {
    "entry-source": "paper",
    "entry-received": "2020-06-19",
    "entry-proof": "signature",
}
FILLED = {**VOLUNTEER, **ABOUT}


def entered(service):
    return service.context.store.read(lambda db: queue(db, Filter(), 10))


def desk(clerk, form_id="volontari"):
    return clerk.get(f"/staff/inserisci/{form_id}")


def complaints(page):
    return [a.text_content() for a in page.find("//*[@class='error-summary']//a")]


def test_the_forms_are_offered_and_the_paper_fields_are_asked(clerk):
    listed = clerk.get("/staff/inserisci")
    assert listed.find("//main//a[@href='/staff/inserisci/volontari']")
    page = desk(clerk)
    assert page.find("//input[@name='codice_fiscale']")
    assert not page.find("//main//*[@autocomplete='name']")


def test_a_paper_request_is_stored_as_new_with_what_is_known_about_it(service, clerk):
    typed = {**FILLED, "codice_fiscale": "RSSMRA85T10A562S", "entry-helped": "1"}

    done = clerk.send(desk(clerk), "/volontari", **typed)

    (submission,) = entered(service)
    assert done.location == clerk.submission(submission.id)
    assert (submission.status, submission.source, submission.proof) == (
        "new",
        "paper",
        "signature",
    )
    assert (submission.received_on, submission.on_behalf_of) == ("2020-06-19", True)
    assert submission.answers["codice_fiscale"] == "RSSMRA85T10A562S"
    assert ("staff:1", "enter", '{"form": "volontari", "source": "paper"}') in log(
        service
    )
    page = clerk.get(done.location)
    assert "RSSMRA85T10A562S" in page.text
    assert "19 giugno 2020" in page.text


def test_an_address_typed_by_staff_gets_only_the_neutral_mail(service, clerk):
    clerk.send(desk(clerk), "/volontari", **FILLED)
    (submission,) = entered(service)
    mails = service.context.store.read(
        lambda db: outbox.of_submission(db, submission.id)
    )
    assert [mail.kind for mail in mails] == ["address_check"]


def test_who_leaves_no_contact_is_not_turned_away_but_staff_are_warned_once(
    service, clerk
):
    typed = {**FILLED, "email": "", "entry-source": "phone", "entry-proof": "none"}
    page = clerk.send(desk(clerk), "/volontari", **typed)
    assert (page.status, entered(service)) == (422, [])
    (warning,) = complaints(page)
    assert "nessuno può comunicare l’esito alla persona" in warning
    assert page.find("//*[@id='email-error']")
    wrong = clerk.send(page, "/volontari", nome_completo="")
    assert complaints(wrong) == ["Compila “Nome e cognome”."]
    done = clerk.send(wrong, "/volontari", nome_completo=VOLUNTEER["nome_completo"])
    assert done.status == 303
    (submission,) = entered(service)
    assert (submission.email, submission.source, submission.proof) == (
        None,
        "phone",
        "none",
    )


@pytest.mark.slow
def test_a_phone_number_is_contact_enough(service, clerk):
    typed = {**FILLED, "email": "", "telefono": "0564 484111"}
    assert clerk.send(desk(clerk), "/volontari", **typed).status == 303


def test_a_mistake_at_the_desk_is_told_to_staff_and_not_to_the_person(service, clerk):
    typed = {**FILLED, "nome_completo": "", "email": "anh@", "maggiorenne": ""}
    typed |= {"comune": "", "aree": []}
    form = service.context.content.form("volontari")
    said = complaints(clerk.send(desk(clerk), "/volontari", **typed))
    assert said == [
        "Compila “Nome e cognome”.",
        "Scegli una risposta per “Comune dove vuoi fare attività”.",
        "Controlla l’indirizzo email: deve essere come nome@esempio.it.",
        "Scegli almeno una risposta per “Aree di attività”.",
        "Metti il segno su “Ho compiuto 18 anni” solo se la persona l’ha firmato o "
        "detto. Senza, la richiesta non si può registrare.",
    ]
    assert {field.error for field in form.fields}.isdisjoint(said)


def test_the_same_page_sent_twice_is_one_request(service, clerk):
    page = desk(clerk)
    locations = {clerk.send(page, "/volontari", **FILLED).location for _ in range(3)}
    assert len(entered(service)) == len(locations) == 1


def test_mistakes_are_listed_and_everything_typed_is_kept(service, clerk):
    typed = {
        **FILLED,
        "nome_completo": "",
        "comune": "nowhere",
        "telefono": "12",
        "competenze": "=1+1\n  due",
        "data_nascita-day": "31",
        "data_nascita-month": "2",
        "data_nascita-year": "1985",
        "entry-helped": "1",
        "entry-proof": "",
    }

    page = clerk.send(desk(clerk), "/volontari", **typed)

    assert page.status == 422
    assert page.title.startswith("Errore:")
    assert len(complaints(page)) == 5
    for link in page.find("//*[@class='error-summary']//a/@href"):
        assert page.find(f"//*[@id='{link[1:]}']")
    sent = {name: value for name, value in typed.items() if value}
    kept = page.controls()
    for name, value in sent.items():
        assert kept[name] == ([value] if isinstance(value, str) else value), name
    assert entered(service) == []


@pytest.mark.parametrize(
    "wrong",
    [{"entry-source": ""}, {"entry-source": "web"}, {"entry-proof": ""},
     {"entry-proof": "mail"}, {"entry-received": ""}, {"entry-received": "2020-06-21"},
     {"entry-received": "19/06/2020"}, {"entry-received": "٢٠٢٠-٠٦-١٩x"}],
)  # fmt: skip
def test_what_is_wrong_about_the_request_itself_is_said_at_its_field(
    service, clerk, wrong
):
    page = clerk.send(desk(clerk), "/volontari", **{**FILLED, **wrong})
    assert page.status == 422
    (name,) = wrong
    (link,) = page.find("//*[@class='error-summary']//a/@href")
    assert link == f"#{name}"
    assert entered(service) == []


def test_a_doubtful_tax_code_is_questioned_once(service, clerk):
    typed = {**FILLED, "codice_fiscale": "RSSMRA85T10A562X"}
    page = clerk.send(desk(clerk), "/volontari", **typed)
    assert page.status == 422
    assert clerk.send(page, "/volontari").status == 303
    (submission,) = entered(service)
    assert submission.answers["codice_fiscale"] == "RSSMRA85T10A562X"


def test_a_request_that_came_too_early_is_refused_with_everything_kept(service, clerk):
    typed = {**FILLED, "entry-received": "2020-06-17"}
    page = clerk.send(desk(clerk), "/volontari", **typed)
    assert page.status == 422
    assert complaints(page) == ["Quel giorno il modulo non era ancora aperto."]
    assert page.controls()["nome_completo"] == [VOLUNTEER["nome_completo"]]
    assert (
        clerk.send(page, "/volontari", **{"entry-received": "2020-06-18"}).status == 303
    )


@pytest.mark.parametrize(("day", "status"), [("2030-10-20", 303), ("2030-10-21", 422)])
def test_paper_counts_by_the_day_it_came_in(start_service, day, status):
    service = start_service(SAMPLE)
    service.clock.now = service.clock.now.replace(year=2030, month=10, day=25)
    clerk = signed_in(service)
    typed = {
        "nome": "Amina",
        "email": "amina@example.org",
        "profilo": "persona",
        "persone": "1",
        "interessi": "orto",
        "maggiorenne": "true",
        "informativa": "true",
    }
    typed |= {**ABOUT, "entry-received": day}
    page = clerk.send(desk(clerk, "every-type"), "/every-type", **typed)
    assert page.status == status


def test_a_page_with_an_old_token_gives_everything_back_and_stores_nothing(
    service, clerk
):
    page = desk(clerk)
    stale = clerk.send(page, "/volontari", **{**FILLED, "csrf_token": "old"})
    assert stale.status == 400
    assert "Quello che hai scritto è tutto qui." in stale.text
    assert complaints(stale) == []
    assert entered(service) == []

    assert clerk.send(stale, "/volontari").status == 303
    (submission,) = entered(service)
    assert submission.name == VOLUNTEER["nome_completo"]
    assert submission.received_on == "2020-06-19"


def test_after_the_session_ended_the_same_page_can_be_sent_again(service, clerk, clock):
    page = desk(clerk)
    clock.advance(minutes=31)
    assert clerk.send(page, "/volontari", **FILLED).status == 401
    clerk.sign_in()
    again = clerk.send(page, "/volontari", **FILLED)
    assert again.status == 400
    assert clerk.send(again, "/volontari").status == 303
    assert len(entered(service)) == 1


def test_a_page_with_a_damaged_key_gives_everything_back(service, clerk):
    page = clerk.send(desk(clerk), "/volontari", **{**FILLED, "entry-key": "damaged"})
    assert page.status == 400
    assert clerk.send(page, "/volontari").status == 303


def test_an_unknown_form_has_no_desk(clerk):
    assert desk(clerk, "unknown").status == 404


def test_what_was_typed_is_escaped(service, clerk):
    typed = {**FILLED, "competenze": "<script>alert(1)</script>"}
    done = clerk.send(desk(clerk), "/volontari", **typed)
    body = clerk.get(done.location).body.decode()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)" in body


def test_the_language_of_the_person_is_kept_and_its_mails_are_in_it(service, clerk):
    assert (
        clerk.send(desk(clerk), "/volontari", **FILLED, **{"entry-lang": "en"}).status
        == 303
    )
    (submission,) = entered(service)
    assert submission.lang == "en"
    mail = mail_delivery.claim(service.context)
    message = mail_delivery.message_of(service.context, mail, "")
    assert (mail.kind, message.translator.lang) == ("address_check", "en")


def test_without_a_choice_the_language_is_the_main_one(service, clerk):
    clerk.send(desk(clerk), "/volontari", **FILLED)
    (submission,) = entered(service)
    assert submission.lang == "it"


def test_an_unknown_language_is_asked_again(service, clerk):
    page = clerk.send(desk(clerk), "/volontari", **FILLED, **{"entry-lang": "xx"})
    assert (page.status, complaints(page)) == (422, ["Scegli una lingua del modulo."])
    assert entered(service) == []


def test_a_link_in_a_mail_proves_an_address_and_a_signature_a_person(service, clerk):
    submission = prove(service, send(service))
    by_mail = clerk.get(clerk.submission(submission.id)).text
    assert "Indirizzo confermato con" in by_mail
    assert "Identità verificata con" not in by_mail

    done = clerk.send(desk(clerk), "/volontari", **FILLED)
    assert "Identità verificata con" in clerk.get(done.location).text


def test_the_next_of_a_pile_begins_with_the_same_day_and_way(service, clerk):
    about = {"entry-source": "phone", "entry-received": "2020-06-19"}
    done = clerk.send(desk(clerk), "/volontari", **{**FILLED, **about})

    page = clerk.get(done.location)
    (link,) = page.find("//main//a[text()='Registra un’altra richiesta']/@href")
    empty = clerk.get(link).controls()

    assert empty.items() >= {name: [value] for name, value in about.items()}.items()
    assert "entry-proof" not in empty
    assert not any(empty.get("nome_completo", []))


def test_a_request_sent_online_offers_no_other(service, clerk):
    page = clerk.get(clerk.submission(send(service).id))
    assert "Registra un’altra richiesta" not in page.text
