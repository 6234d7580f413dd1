"""After sending: the page, the links in mails, codes, the lost link."""

import pytest

from forms_service import addresses
from forms_service.mail import kinds
from forms_service.mail.message import MailMessage
from forms_service.store import submissions
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Proof, Status
from forms_service.workflow import deciding, mail_delivery
from service import VOLUNTEER, Service

LISTENING = {
    "chi_compila": "per_me",
    "nome_completo": "Amina",
    "comune": "monte",
    "telefono": "0564 484111",
    "maggiorenne": "true",
    "presa_visione_privacy": "true",
}


class Sender:
    """Somebody who has sent a form: the page after it and the mails that came."""

    def __init__(self, service: Service, form_id: str, typed: dict) -> None:
        self.service = service
        path = addresses.online_form(form_id, "it")
        summary = service.post(f"{path}/riepilogo", typed)
        assert summary.status == 200, summary.text
        self.here = service.post(f"{path}/conferma", summary.controls()).location
        self.id = service.work.tokens.read("sent", self.here.rpartition("/")[2])

    @property
    def row(self) -> submissions.Submission:
        return self.service.work.store.read(lambda db: submissions.get(db, self.id))

    def page(self):
        return self.service.get(self.here)

    def press(self, action: str, **typed: str):
        return self.service.post(f"{self.here}/{action}", typed)

    def letter(self) -> MailMessage:
        """Take the next mail, as the postman does."""
        mail = mail_delivery.claim(self.service.work)
        assert mail is not None
        mail_delivery.report_sent(self.service.work, mail)
        return mail_delivery.message_of(self.service.work, mail, "")

    def proven(self) -> MailMessage:
        """Press the button in the first mail; return the receipt mail."""
        link = self.letter().link
        assert self.service.post(f"{link}/conferma").status == 200
        return self.letter()

    def code(self, link: str) -> str:
        """Ask on the personal page for a code and return it."""
        asked = self.service.post(f"{link}/codice")
        assert asked.status == 303
        page = self.service.get(asked.location)
        assert "Ti abbiamo mandato un codice" in page.text
        return self.letter().code


@pytest.fixture
def anh(service) -> Sender:
    return Sender(service, "volontari", VOLUNTEER)


@pytest.fixture
def amina(service) -> Sender:
    """Somebody with a phone and no mail, on a delicate form."""
    return Sender(service, "ascolto", LISTENING)


def test_the_page_after_sending_says_what_to_do_and_shows_no_answer(anh):
    page = anh.page()
    assert "Ora controlla la posta" in page.text
    assert anh.row.reference in page.text
    assert "Nguyễn" not in page.text
    assert str(anh.service.config.mail_dir) in page.text


def test_with_a_mail_server_there_is_no_word_about_files(start_service):
    service = start_service(smtp_url="smtp://127.0.0.1:1")
    assert "cartella" not in Sender(service, "volontari", VOLUNTEER).page().text


def test_the_mail_is_sent_again_on_request(anh):
    anh.letter()
    assert "Ti abbiamo rimandato l’email" in anh.press("rimanda").text
    assert anh.letter().kind is kinds.verify


def test_the_address_is_corrected_three_times_and_earlier_links_end(anh):
    old = anh.letter().link
    for number in range(3):
        page = anh.press("indirizzo", email=f"anh{number}@example.org")
        assert "Abbiamo cambiato l’indirizzo" in page.text
    assert anh.row.email == "anh2@example.org"
    assert anh.service.get(old).status == 410
    assert not page.find("//input[@name='email']")
    refused = anh.press("indirizzo", email="anh9@example.org")
    assert refused.status == 409
    assert "tre volte" in refused.text


def test_a_wrong_new_address_stays_in_its_box(anh):
    page = anh.press("indirizzo", email="anh@@example")
    assert page.status == 422
    assert page.find("//input[@id='email']/@value") == ["anh@@example"]
    assert anh.row.email == VOLUNTEER["email"]


@pytest.mark.parametrize("reason", ["550 5.1.1", "SMTPUTF8 not supported"])
def test_an_address_that_was_refused_for_good_is_told_until_it_is_changed(anh, reason):
    work = anh.service.work
    assert not anh.page().find("//*[@id='delivery']/*")
    mail = mail_delivery.claim(work)
    mail_delivery.report_failure(work, mail, reason, permanent=True)
    page = anh.page()
    assert page.find("//*[@id='delivery' and @role='status']//a/@href") == ["#address"]
    assert page.find("//details[@id='address' and @open]//input[@id='email']")
    changed = anh.press("indirizzo", email="anh@gmial.com")
    assert not changed.find("//*[@id='delivery']/*")
    assert "Volevi scrivere anh@gmail.com?" in changed.text


def test_a_mail_that_only_waits_is_no_refusal(anh):
    work = anh.service.work
    mail = mail_delivery.claim(work)
    mail_delivery.report_failure(work, mail, "451 4.3.0")
    assert not anh.page().find("//*[@id='delivery']/*")


def test_the_code_of_the_mail_proves_the_address(anh):
    letter = anh.letter()
    assert anh.press("codice", code="AAAAAA").status == 422
    assert "Hai ancora 3 tentativi" in anh.press("codice", code="AAAAAA").text
    done = anh.press("codice", code=f" {letter.code.lower()} ")
    assert (done.status, done.location) == (303, anh.here)
    assert "Il tuo indirizzo è confermato" in anh.page().text
    assert (anh.row.status, anh.row.proof) == (Status.NEW, Proof.CODE)


def test_five_wrong_codes_end_the_tries_even_for_the_right_one(anh):
    letter = anh.letter()
    for _ in range(5):
        assert anh.press("codice", code="AAAAAA").status == 422
    assert anh.press("codice", code=letter.code).status == 422
    assert anh.row.status is Status.UNVERIFIED


def test_the_page_after_sending_ends_after_three_days(anh, clock):
    clock.advance(hours=72, minutes=1)
    assert anh.page().status == 410


def test_the_page_of_one_form_is_not_found_under_another(anh):
    other = anh.here.replace("/volontari/", "/corso/")
    assert anh.service.get(other).status == 404


def test_opening_the_link_changes_nothing_and_the_button_confirms(anh):
    link = anh.letter().link
    before = anh.service.rows()
    for method in ("get", "head", "options"):
        getattr(anh.service.client, method)(link)
    page = anh.service.get(link)
    assert anh.service.rows() == before
    assert "a•••@example.org" in page.text
    assert "anh@example.org" not in page.text
    done = anh.service.post(f"{link}/conferma")
    assert "Il tuo indirizzo è confermato" in done.text
    assert anh.row.reference in done.text
    assert (anh.row.status, anh.row.proof) == (Status.NEW, Proof.MAIL)


def test_a_second_press_says_that_the_address_is_confirmed_already(anh):
    link = anh.letter().link
    anh.service.post(f"{link}/conferma")
    before = anh.service.rows()
    for again in (anh.service.post(f"{link}/conferma"), anh.service.get(link)):
        assert again.status == 200
        assert "già confermato" in again.text
        assert again.find("//main//a[contains(@href, 'link-perso')]")
    assert anh.service.rows() == before


def test_an_expired_link_offers_a_new_one(anh, clock):
    link = anh.letter().link
    clock.advance(days=14, minutes=1)
    page = anh.service.get(link)
    assert page.status == 410
    asked = anh.service.post(f"{link}/nuovo-link")
    assert "Ora controlla la posta" in asked.text
    assert anh.service.post(anh.letter().link + "/conferma").status == 200


@pytest.mark.parametrize("link", ["/r/x", "/r/WyJ2IiwiYSIsMF0.AAAA", "/r/%00"])
def test_a_broken_link_says_what_to_do(service, link):
    page = service.get(link)
    assert page.status == 404
    assert page.find("//main//a[@href='/moduli/it/link-perso']")


def test_a_link_to_an_erased_request_says_so(anh):
    link = anh.letter().link
    deciding.erase(anh.service.work, anh.id, "staff:1")
    assert anh.service.get(link).status == 410
    assert "non c’è più" in anh.service.get(link).text


@pytest.mark.parametrize("action", ["ritira", "risposte", "codice"])
def test_what_a_proof_does_not_open_is_refused(anh, action):
    link = anh.letter().link
    before = anh.row
    assert anh.service.post(f"{link}/{action}").status == 404
    assert anh.row == before


def test_who_opens_the_address_of_a_button_is_led_to_its_page(anh):
    link = anh.letter().link
    before = anh.service.rows()
    for pages in ((link, addresses.LINK_ACTIONS), (anh.here, addresses.SENT_ACTIONS)):
        here, actions = pages
        for pattern in actions.values():
            path = here + pattern.partition("<token>")[2]
            if path == f"{link}/codice":
                continue
            led = anh.service.get(f"{path}?lang=en")
            assert (led.status, led.location.partition("?")[0]) == (303, here), path
            if here == link:
                assert led.location.endswith("?lang=en")
    assert anh.service.rows() == before
    assert anh.service.get(f"/R/{link.removeprefix('/r/')}/Ritira").location == link


def test_a_button_of_a_page_from_before_leads_to_the_page_of_today(anh):
    link = anh.letter().link
    for here in (link, anh.here):
        led = anh.service.post(here, {"do": "confirm"})
        assert (led.status, led.location) == (303, here)
    assert anh.row.status is Status.UNVERIFIED


def test_the_personal_page_shows_state_and_erasure_and_no_answer(anh):
    link = anh.proven().link
    page = anh.service.get(link)
    assert "Abbiamo ricevuto la tua richiesta" in page.text
    assert "21 giugno 2021" in page.text
    for answer in ("Nguyễn", "Cucinare", "anh@"):
        assert answer not in page.text


def test_the_personal_page_tells_every_state(anh):
    link = anh.proven().link
    told = {anh.service.get(link).find("//h1")[0].text_content()}
    for verb in (EventVerb.ASK_CORRECTION, EventVerb.DECLINE):
        deciding.decide(anh.service.work, anh.id, verb, "staff:1")
        told.add(anh.service.get(link).find("//h1")[0].text_content())
    assert told == {
        "Abbiamo ricevuto la tua richiesta",
        "Ti abbiamo chiesto una correzione",
        "Non abbiamo accolto la tua richiesta",
    }


def test_the_mailed_code_opens_the_answers_and_the_receipt(anh):
    link = anh.proven().link
    assert anh.service.post(f"{link}/risposte", {"code": ""}).status == 422
    code = anh.code(link)
    wrong = anh.service.post(f"{link}/risposte", {"code": "AAAAAA"})
    assert wrong.status == 422
    assert "Hai ancora 4 tentativi" in wrong.text
    page = anh.service.post(f"{link}/risposte", {"code": code})
    for answer in ("Nguyễn Thị Ánh", "Cucinare.", "Sociale", "anh@example.org"):
        assert answer in page.text
    pdf = anh.service.client.post(f"{link}/ricevuta", data=page.controls())
    assert pdf.status_code == 200
    assert pdf.data.startswith(b"%PDF-")
    assert anh.row.reference in pdf.headers["Content-Disposition"]
    assert pdf.headers["Cache-Control"] == "no-store"


def test_a_code_ends_after_half_an_hour(anh, clock):
    link = anh.proven().link
    code = anh.code(link)
    clock.advance(minutes=31)
    assert anh.service.post(f"{link}/risposte", {"code": code}).status == 422


def test_five_codes_an_hour_are_enough(anh):
    link = anh.proven().link
    for _ in range(5):
        anh.code(link)
    page = anh.service.post(f"{link}/codice")
    assert page.status == 429
    assert "cinque codici" in page.text


def test_withdrawing_asks_first_and_then_says_so(anh):
    link = anh.proven().link
    code = anh.code(link)
    page = anh.service.post(f"{link}/ritira", {"code": code})
    assert "Vuoi ritirare la tua richiesta?" in page.text
    assert anh.row.status is Status.NEW
    done = anh.service.post(f"{link}/ritira/conferma", page.controls())
    assert (done.status, done.location) == (303, link)
    assert anh.row.status is Status.WITHDRAWN
    assert "Hai ritirato la tua richiesta" in anh.service.get(link).text


def test_withdrawing_without_the_code_changes_nothing(anh):
    link = anh.proven().link
    for code in ("", "AAAAAA"):
        answer = anh.service.post(f"{link}/ritira/conferma", {"code": code})
        assert answer.status == 422
    assert anh.row.status is Status.NEW


def test_who_left_only_a_phone_gets_a_reference_for_an_hour(amina, clock):
    page = amina.page()
    assert amina.row.status is Status.NEW
    assert amina.row.reference in page.text
    assert "Annota il numero di riferimento" in page.text
    clock.advance(minutes=61)
    assert amina.page().status == 410


def test_a_delicate_form_gives_no_receipt_on_the_page(amina):
    assert not amina.page().find("//button[@value='receipt']")
    assert amina.press("ricevuta").status == 410


def test_a_delicate_form_shows_no_answer_even_with_the_code(service):
    amina = Sender(service, "ascolto", {**LISTENING, "email": "amina@example.org"})
    link = amina.proven().link
    page = service.get(link)
    assert "ascolto" not in page.text
    code = amina.code(link)
    for action in ("risposte", "ricevuta"):
        assert service.post(f"{link}/{action}", {"code": code}).status == 410
    asked = service.post(f"{link}/ritira", {"code": code})
    service.post(f"{link}/ritira/conferma", asked.controls())
    assert amina.row.status is Status.WITHDRAWN


def test_the_lost_link_page_answers_everybody_alike(anh):
    old = anh.proven().link
    path = "/moduli/it/link-perso"
    known = anh.service.post(path, {"email": VOLUNTEER["email"]})
    unknown = anh.service.post(path, {"email": "nobody@example.org"})
    assert known.body == unknown.body
    letter = anh.letter()
    assert letter.kind is kinds.lost_link
    assert mail_delivery.claim(anh.service.work) is None
    assert anh.service.get(letter.link).status == 200
    assert anh.service.get(old).status == 410
    assert "/moduli/it/link-perso" in anh.service.get(old).body.decode()


def test_a_wrong_address_on_the_lost_link_page_is_kept(service):
    page = service.post("/moduli/it/link-perso", {"email": "abc"})
    assert page.status == 422
    assert page.find("//input[@id='email']/@value") == ["abc"]
    assert service.get("/moduli/xx/link-perso").status == 404
    assert service.post("/moduli/xx/link-perso").status == 404


def test_a_network_that_asks_for_mails_without_end_is_stopped(service):
    statuses = [
        service.post("/moduli/it/link-perso", {"email": "a@example.org"}).status
        for _ in range(21)
    ]
    assert statuses == [200] * 20 + [429]


def test_nobody_gets_a_cookie(anh):
    link = anh.proven().link
    code = anh.code(link)
    answers = [
        anh.page(),
        anh.service.get(link),
        anh.service.post(f"{link}/risposte", {"code": code}),
        anh.service.get("/moduli/it/link-perso"),
    ]
    assert not any("Set-Cookie" in answer.headers for answer in answers)


@pytest.mark.slow
def test_a_refusal_is_told_while_the_page_is_open(anh, browser):
    work = anh.service.work
    with browser.new_page() as page:
        page.goto(anh.service.address + anh.here)
        assert not page.locator("#delivery .callout").count()
        mail = mail_delivery.claim(work)
        mail_delivery.report_failure(work, mail, "550 5.1.1", permanent=True)
        page.locator("#delivery .callout").wait_for(timeout=15_000)
        assert page.locator("#email").is_visible()
