"""After sending: the page, the links in mails, codes, the lost link."""

import pytest

from citizen import LISTENING, VOLUNTEER, Citizen
from forms_service import urls
from forms_service.mail import kinds
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Proof, Status
from forms_service.web.core.access import MAILING
from forms_service.workflow import deciding, mail_delivery


def test_the_page_after_sending_says_what_to_do_and_shows_no_answer(citizen):
    page = citizen.page()
    assert "Ora controlla la posta" in page.text
    assert citizen.row.reference in page.text
    assert "Nguyễn" not in page.text
    assert str(citizen.service.config.mail_dir) in page.text


def test_with_a_mail_server_there_is_no_word_about_files(start_service):
    service = start_service(smtp_url="smtp://127.0.0.1:1")
    assert "cartella" not in Citizen(service, "volontari", VOLUNTEER).page().text


def test_the_mail_is_sent_again_on_request(citizen):
    citizen.take_mail()
    assert "Ti abbiamo rimandato l’email" in citizen.press("rimanda").text
    assert citizen.take_mail().kind is kinds.verify


def test_the_address_is_corrected_three_times_and_earlier_links_end(citizen):
    old = citizen.take_mail().link
    for number in range(3):
        page = citizen.press("indirizzo", email=f"anh{number}@example.org")
        assert "Abbiamo cambiato l’indirizzo" in page.text
    assert citizen.row.email == "anh2@example.org"
    assert citizen.service.get(old).status == 410
    assert not page.find("//input[@name='email']")
    refused = citizen.press("indirizzo", email="anh9@example.org")
    assert refused.status == 409
    assert "tre volte" in refused.text


def test_a_wrong_new_address_stays_in_its_box(citizen):
    page = citizen.press("indirizzo", email="anh@@example")
    assert page.status == 422
    assert page.find("//input[@id='email']/@value") == ["anh@@example"]
    assert citizen.row.email == VOLUNTEER["email"]


@pytest.mark.parametrize("reason", ["550 5.1.1", "SMTPUTF8 not supported"])
def test_an_address_that_was_refused_for_good_is_told_until_it_is_changed(
    citizen, reason
):
    work = citizen.service.context
    assert not citizen.page().find("//*[@id='delivery']/*")
    mail = mail_delivery.claim(work)
    mail_delivery.report_failure(work, mail, reason, permanent=True)
    page = citizen.page()
    assert page.find("//*[@id='delivery' and @role='status']//a/@href") == ["#address"]
    assert page.find("//details[@id='address' and @open]//input[@id='email']")
    changed = citizen.press("indirizzo", email="anh@gmial.com")
    assert not changed.find("//*[@id='delivery']/*")
    assert "Volevi scrivere anh@gmail.com?" in changed.text


def test_a_mail_that_only_waits_is_no_refusal(citizen):
    work = citizen.service.context
    mail = mail_delivery.claim(work)
    mail_delivery.report_failure(work, mail, "451 4.3.0")
    assert not citizen.page().find("//*[@id='delivery']/*")


def test_the_code_of_the_mail_proves_the_address(citizen):
    letter = citizen.take_mail()
    assert citizen.press("codice", code="AAAAAA").status == 422
    assert "Hai ancora 3 tentativi" in citizen.press("codice", code="AAAAAA").text
    done = citizen.press("codice", code=f" {letter.code.lower()} ")
    assert (done.status, done.location) == (303, citizen.here)
    assert "Il tuo indirizzo è confermato" in citizen.page().text
    assert (citizen.row.status, citizen.row.proof) == (Status.NEW, Proof.CODE)


def test_five_wrong_codes_end_the_tries_even_for_the_right_one(citizen):
    letter = citizen.take_mail()
    for _ in range(5):
        assert citizen.press("codice", code="AAAAAA").status == 422
    assert citizen.press("codice", code=letter.code).status == 422
    assert citizen.row.status is Status.UNVERIFIED


def test_the_page_after_sending_ends_after_three_days(citizen, clock):
    clock.advance(hours=72, minutes=1)
    assert citizen.page().status == 410


def test_the_page_of_one_form_is_not_found_under_another(citizen):
    other = citizen.here.replace("/volontari/", "/corso/")
    assert citizen.service.get(other).status == 404


def test_opening_the_link_changes_nothing_and_the_button_confirms(citizen):
    link = citizen.take_mail().link
    before = citizen.service.rows()
    for method in ("get", "head", "options"):
        getattr(citizen.service.client, method)(link)
    page = citizen.service.get(link)
    assert citizen.service.rows() == before
    assert "a•••@example.org" in page.text
    assert "anh@example.org" not in page.text
    done = citizen.service.post(f"{link}/conferma")
    assert "Il tuo indirizzo è confermato" in done.text
    assert citizen.row.reference in done.text
    assert (citizen.row.status, citizen.row.proof) == (Status.NEW, Proof.MAIL)


def test_a_second_press_says_that_the_address_is_confirmed_already(citizen):
    link = citizen.take_mail().link
    citizen.service.post(f"{link}/conferma")
    before = citizen.service.rows()
    for again in (citizen.service.post(f"{link}/conferma"), citizen.service.get(link)):
        assert again.status == 200
        assert "già confermato" in again.text
        assert again.find("//main//a[contains(@href, 'link-perso')]")
    assert citizen.service.rows() == before


def test_an_expired_link_offers_a_new_one(citizen, clock):
    link = citizen.take_mail().link
    clock.advance(days=14, minutes=1)
    page = citizen.service.get(link)
    assert page.status == 410
    answer = citizen.service.post(f"{link}/nuovo-link")
    assert "Ora controlla la posta" in answer.text
    assert citizen.service.post(citizen.take_mail().link + "/conferma").status == 200


@pytest.mark.parametrize("link", ["/r/x", "/r/WyJ2IiwiYSIsMF0.AAAA", "/r/%00"])
def test_a_broken_link_says_what_to_do(service, link):
    page = service.get(link)
    assert page.status == 404
    assert page.find("//main//a[@href='/moduli/it/link-perso']")


def test_a_link_to_an_erased_request_says_so(citizen):
    link = citizen.take_mail().link
    deciding.erase(citizen.service.context, citizen.id, "staff:1")
    assert citizen.service.get(link).status == 410
    assert "non c’è più" in citizen.service.get(link).text


@pytest.mark.parametrize("action", ["ritira", "risposte", "codice"])
def test_what_a_proof_does_not_open_is_refused(citizen, action):
    link = citizen.take_mail().link
    before = citizen.row
    assert citizen.service.post(f"{link}/{action}").status == 404
    assert citizen.row == before


def test_who_opens_the_address_of_a_button_is_led_to_its_page(citizen):
    link = citizen.take_mail().link
    before = citizen.service.rows()
    for pages in (
        (link, urls.LINK_ACTIONS),
        (citizen.here, urls.SENT_ACTIONS),
    ):
        here, actions = pages
        for pattern in actions.values():
            path = here + pattern.partition("<token>")[2]
            if path in (f"{link}/codice", f"{link}/resto"):
                continue
            led = citizen.service.get(f"{path}?lang=en")
            assert (led.status, led.location.partition("?")[0]) == (303, here), path
            if here == link:
                assert led.location.endswith("?lang=en")
    assert citizen.service.rows() == before
    assert citizen.service.get(f"/R/{link.removeprefix('/r/')}/Ritira").location == link


def test_a_button_of_a_page_from_before_leads_to_the_page_of_today(citizen):
    link = citizen.take_mail().link
    for here in (link, citizen.here):
        led = citizen.service.post(here, {"do": "confirm"})
        assert (led.status, led.location) == (303, here)
    assert citizen.row.status is Status.UNVERIFIED


def test_the_personal_page_shows_state_and_erasure_and_no_answer(citizen):
    link = citizen.proven().link
    page = citizen.service.get(link)
    assert "Abbiamo ricevuto la tua richiesta" in page.text
    assert "21 giugno 2021" in page.text
    for answer in ("Nguyễn", "Cucinare", "anh@"):
        assert answer not in page.text


def test_the_personal_page_tells_every_state(citizen):
    link = citizen.proven().link
    shown = {citizen.service.get(link).find("//h1")[0].text_content()}
    for verb in (EventVerb.ASK_CORRECTION, EventVerb.DECLINE):
        deciding.decide(citizen.service.context, citizen.id, verb, "staff:1")
        shown.add(citizen.service.get(link).find("//h1")[0].text_content())
    assert shown == {
        "Abbiamo ricevuto la tua richiesta",
        "Ti abbiamo chiesto una correzione",
        "Non abbiamo accolto la tua richiesta",
    }


def test_the_mailed_code_opens_the_answers_and_the_receipt(citizen):
    link = citizen.proven().link
    assert citizen.service.post(f"{link}/risposte", {"code": ""}).status == 422
    code = citizen.code(link)
    wrong = citizen.service.post(f"{link}/risposte", {"code": "AAAAAA"})
    assert wrong.status == 422
    assert "Hai ancora 4 tentativi" in wrong.text
    page = citizen.service.post(f"{link}/risposte", {"code": code})
    for answer in ("Nguyễn Thị Ánh", "Cucinare.", "Sociale", "anh@example.org"):
        assert answer in page.text
    pdf = citizen.service.client.post(f"{link}/ricevuta", data=page.controls())
    assert pdf.status_code == 200
    assert pdf.data.startswith(b"%PDF-")
    assert citizen.row.reference in pdf.headers["Content-Disposition"]
    assert pdf.headers["Cache-Control"] == "no-store"


def test_a_code_ends_after_half_an_hour(citizen, clock):
    link = citizen.proven().link
    code = citizen.code(link)
    clock.advance(minutes=31)
    assert citizen.service.post(f"{link}/risposte", {"code": code}).status == 422


def test_only_the_last_code_opens(citizen):
    link = citizen.proven().link
    earlier, last = citizen.code(link), citizen.code(link)
    for code, status in ((earlier, 422), (last, 200)):
        assert citizen.service.post(f"{link}/risposte", {"code": code}).status == status


def test_five_codes_an_hour_are_enough(citizen):
    link = citizen.proven().link
    for _ in range(5):
        citizen.code(link)
    page = citizen.service.post(f"{link}/codice")
    assert page.status == 429
    assert "cinque codici" in page.text


def test_withdrawing_asks_first_and_then_says_so(citizen):
    link = citizen.proven().link
    code = citizen.code(link)
    page = citizen.service.post(f"{link}/ritira", {"code": code})
    assert "Vuoi ritirare la tua richiesta?" in page.text
    assert "la cancelliamo il 21 luglio 2020" in page.text
    assert citizen.row.status is Status.NEW
    done = citizen.service.post(f"{link}/ritira/conferma", page.controls())
    assert (done.status, done.location) == (303, link)
    assert citizen.row.status is Status.WITHDRAWN
    own = citizen.service.get(link).text
    assert "Hai ritirato la tua richiesta" in own
    assert "21 luglio 2020" in own


def test_withdrawing_without_the_code_changes_nothing(citizen):
    link = citizen.proven().link
    for code in ("", "AAAAAA"):
        answer = citizen.service.post(f"{link}/ritira/conferma", {"code": code})
        assert answer.status == 422
    assert citizen.row.status is Status.NEW


def test_who_left_only_a_phone_gets_a_reference_for_an_hour(caller, clock):
    page = caller.page()
    assert caller.row.status is Status.NEW
    assert caller.row.reference in page.text
    assert "Annota il numero di riferimento" in page.text
    clock.advance(minutes=61)
    assert caller.page().status == 410


def test_a_delicate_form_gives_no_receipt_on_the_page(caller):
    assert not caller.page().find("//button[@value='receipt']")
    assert caller.press("ricevuta").status == 410


def test_a_delicate_form_shows_no_answer_even_with_the_code(service):
    caller = Citizen(service, "ascolto", {**LISTENING, "email": "amina@example.org"})
    link = caller.proven().link
    page = service.get(link)
    assert "ascolto" not in page.text
    code = caller.code(link)
    for action in ("risposte", "ricevuta"):
        assert service.post(f"{link}/{action}", {"code": code}).status == 410
    answer = service.post(f"{link}/ritira", {"code": code})
    service.post(f"{link}/ritira/conferma", answer.controls())
    assert caller.row.status is Status.WITHDRAWN


def test_the_lost_link_page_answers_everybody_alike(citizen):
    old = citizen.proven().link
    path = "/moduli/it/link-perso"
    known = citizen.service.post(path, {"email": VOLUNTEER["email"]})
    unknown = citizen.service.post(path, {"email": "nobody@example.org"})
    assert known.body == unknown.body
    letter = citizen.take_mail()
    assert letter.kind is kinds.lost_link
    assert mail_delivery.claim(citizen.service.context) is None
    assert citizen.service.get(letter.link).status == 200
    assert citizen.service.get(old).status == 410
    assert "/moduli/it/link-perso" in citizen.service.get(old).body.decode()


def test_who_has_not_confirmed_yet_gets_the_link_that_confirms(citizen):
    citizen.take_mail()
    path = "/moduli/it/link-perso"
    known = citizen.service.post(path, {"email": VOLUNTEER["email"]})
    assert known.body == citizen.service.post(path, {"email": "x@example.org"}).body
    assert "non l’hai confermato" not in known.text
    assert known.find(f"//main//a[@href='{path}']")
    letter = citizen.take_mail()
    assert letter.kind is kinds.verify
    assert citizen.service.post(f"{letter.link}/conferma").status == 200


COPIED = [
    ".", ",", ";", ":", ")", ").", ">", "%3E", "%20", "%20%20", "%22", "'", "%E2%80%99",
    "%C2%BB", "]", "*", "%0A", "%C2%A0", "...", "&gt;", "%20(scade%20presto)", "!", "/",
    "_", "__", "_.", "-", "%5F)",
]  # fmt: skip


@pytest.mark.parametrize("tail", COPIED)
def test_a_link_copied_with_what_stands_behind_it_opens(citizen, tail):
    link = citizen.take_mail().link
    led = citizen.service.get(f"{link}{tail}?lang=en")
    assert led.status in (302, 303)
    while led.status in (302, 303):
        led = citizen.service.get(led.location)
    assert led.status == 200
    assert led.find(f"//form[starts-with(@action, '{link}/conferma')]")


def test_a_link_broken_into_lines_or_put_in_brackets_opens(citizen):
    link = citizen.take_mail().link
    token = link.rpartition("/")[2]
    for copied in (f"%3C{token}%3E", f"{token[:30]}%20{token[30:]}", f"({token})."):
        led = citizen.service.get(f"/r/{copied}")
        assert (led.status, led.location) == (303, link)
    head = citizen.service.client.head(f"{link}.")
    assert head.status_code == 303
    assert citizen.service.post(f"{link}./conferma").status == 404


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_link_that_was_cut_stays_damaged(citizen, cut):
    link = citizen.take_mail().link
    assert citizen.service.get(link[:-cut]).status == 404
    for more in ("x", "_x", "x_"):
        assert citizen.service.get(f"{link}{more}").status == 404


@pytest.mark.parametrize("tail", [".", ")", "%3E", "%20", ",", "/."])
def test_other_mailed_addresses_lose_what_was_copied_along_too(service, tail):
    for address in ("/moduli/it/link-perso", "/moduli/it/volontari"):
        led = service.get(address + tail)
        assert (led.status, led.location) == (302, address)


def test_a_wrong_address_on_the_lost_link_page_is_kept(service):
    page = service.post("/moduli/it/link-perso", {"email": "abc"})
    assert page.status == 422
    assert page.find("//input[@id='email']/@value") == ["abc"]
    assert service.get("/moduli/xx/link-perso").status == 404
    assert service.post("/moduli/xx/link-perso").status == 404


def test_a_network_that_asks_for_mails_without_end_is_stopped(service):
    service.use_up(MAILING, left=1)
    statuses = [
        service.post("/moduli/it/link-perso", {"email": "a@example.org"}).status
        for _ in range(2)
    ]
    assert statuses == [200, 429]


def test_nobody_gets_a_cookie(citizen):
    link = citizen.proven().link
    code = citizen.code(link)
    answers = [
        citizen.page(),
        citizen.service.get(link),
        citizen.service.post(f"{link}/risposte", {"code": code}),
        citizen.service.get("/moduli/it/link-perso"),
    ]
    assert not any("Set-Cookie" in answer.headers for answer in answers)


@pytest.mark.slow
def test_a_refusal_is_told_while_the_page_is_open(citizen, browser):
    work = citizen.service.context
    with browser.new_page() as page:
        page.goto(citizen.service.address + citizen.here)
        assert not page.locator("#delivery .callout").count()
        mail = mail_delivery.claim(work)
        mail_delivery.report_failure(work, mail, "550 5.1.1", permanent=True)
        page.locator("#delivery .callout").wait_for(timeout=15_000)
        assert page.locator("#email").is_visible()


# --- one mail for several requests


@pytest.fixture
def flooded(service, clock):
    """Ánh, whose address strangers had written in many forms; and the mail for all."""
    for _ in range(4):
        Citizen(service, "volontari", VOLUNTEER)
    citizen = Citizen(service, "volontari", VOLUNTEER)
    for _ in range(3):
        citizen.take_mail()
    clock.advance(days=1)
    return citizen, citizen.mailbox.take(kinds.verify_many)


def test_the_page_after_sending_says_the_same_whatever_is_known_of_the_address(
    flooded,
):
    flooded_citizen, _ = flooded
    first = Citizen(
        flooded_citizen.service,
        "volontari",
        VOLUNTEER | {"email": "ahn@example.org"},
    )

    def said(citizen):
        text = citizen.page().text.replace(citizen.row.reference, "")
        return " ".join(text.replace(citizen.here, "").split())

    later = Citizen(flooded_citizen.service, "volontari", VOLUNTEER)
    assert said(later) == said(first)
    assert "una sola email per tutti" in said(first)


def test_the_link_of_many_asks_for_the_reference_and_confirms_that_request(flooded):
    citizen, mail = flooded
    service = citizen.service
    before = service.rows()
    page = service.get(mail.link)
    assert service.get(mail.link, headers={"Accept": "text/html"}).status == 200
    assert service.rows() == before
    assert "numero di riferimento della tua richiesta" in page.text
    wrong = service.press(page, "Sì, conferma il mio indirizzo", reference="22222222")
    assert (wrong.status, wrong.title[:8]) == (422, "Errore: ")
    assert "Hai ancora 4 tentativi" in wrong.text
    assert wrong.find("//input[@id='reference']/@value") == ["22222222"]
    done = service.press(
        wrong, "Sì, conferma il mio indirizzo", reference=citizen.row.reference
    )
    assert (done.status, citizen.row.proven) == (200, True)
    assert citizen.row.reference in done.text


def test_the_link_of_many_ends_after_five_wrong_references(flooded):
    citizen, mail = flooded
    service = citizen.service
    address = f"{mail.link}/conferma"
    for _ in range(5):
        assert service.post(address, {"reference": "22222222"}).status == 422
    over = service.post(address, {"reference": citizen.row.reference})
    assert (over.status, citizen.row.proven) == (422, False)
    assert "Troppi tentativi" in over.text
    assert not over.find("//input[@id='reference']")


def test_the_code_of_many_is_typed_in_the_page_after_sending(flooded):
    citizen, mail = flooded
    assert citizen.press("codice", code=mail.code).status == 303
    assert citizen.row.proven


def test_the_link_of_many_that_is_over_says_so(flooded, clock):
    citizen, mail = flooded
    clock.advance(days=15)
    assert citizen.service.get(mail.link).status == 410
    assert citizen.service.get(f"{mail.link}/risposte").status in (404, 303)
