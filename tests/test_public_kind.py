"""Small kindnesses: nothing asked twice, nothing lost, a way on from every page."""

import pytest
from werkzeug.http import parse_options_header

from citizen import LISTENING, VOLUNTEER, Citizen
from forms_service.definition import Channel
from forms_service.i18n import Translator
from forms_service.shapes.html.fields import draw_fields
from forms_service.store.events import EventVerb
from forms_service.web.core.responses import download
from forms_service.workflow import deciding
from stored import rows_of

FORM = "/moduli/it/volontari"


def stored(service, form_id="volontari"):
    return service.context.store.read(lambda db: rows_of(db, form_id))


def first_in_main(page) -> str:
    """Return the class of what the main part begins with."""
    inside = page.find("//main/*[1]/descendant-or-self::div[@class='error-summary']")
    return inside[0].get("class") if inside else ""


def leads(page) -> list[str]:
    return page.find("//div[@class='error-summary']//li/a/@href")


# Sending twice


def test_who_goes_back_and_sends_again_is_told_and_may_still_send(citizen, clock):
    clock.advance(minutes=2)
    page = citizen.service.post(f"{FORM}/riepilogo", VOLUNTEER)
    assert "Hai già inviato queste risposte alle 10:00" in page.text
    assert citizen.row.reference not in page.text
    assert page.find("//main//div[@class='actions']/button[1]/text()") == [
        "Invia una seconda richiesta"
    ]
    assert citizen.service.post(f"{FORM}/conferma", page.controls()).status == 303
    assert len(stored(citizen.service)) == 2


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ({"nome_completo": "Ánh"}, {}),
        ({}, {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}),
        ({}, {"headers": {"User-Agent": "another browser"}}),
    ],
    ids=["other answers", "another machine", "another browser"],
)
def test_nobody_else_learns_that_the_same_was_sent(citizen, typed, options):
    page = citizen.service.post(f"{FORM}/riepilogo", {**VOLUNTEER, **typed}, **options)
    assert page.status == 200
    assert "Hai già inviato" not in page.text


def test_after_an_hour_the_same_is_sent_without_a_word(citizen, clock):
    clock.advance(hours=1)
    page = citizen.service.post(f"{FORM}/riepilogo", VOLUNTEER)
    assert "Hai già inviato" not in page.text


# Codes


def test_a_wrong_code_is_said_first_of_all_on_both_pages(citizen):
    personal = citizen.proven().link
    wrong = citizen.service.post(f"{personal}/risposte", {"code": "AAAAAA"})
    assert wrong.status == 422
    assert wrong.title.startswith("Errore: ")
    assert (first_in_main(wrong), leads(wrong)) == ("error-summary", ["#code"])
    assert wrong.find("//h1/text()") == ["Scrivi il codice dell’email"]


def test_a_wrong_code_and_address_after_sending_are_said_first_of_all(citizen):
    for do, typed in (("codice", {"code": "AAAAAA"}), ("indirizzo", {"email": "x"})):
        wrong = citizen.press(do, **typed)
        assert first_in_main(wrong) == "error-summary"
        (target,) = leads(wrong)
        assert wrong.find(f"//input[@id='{target[1:]}' and @aria-invalid='true']")


def test_asking_for_a_code_leads_to_its_box_and_loading_again_mails_none(citizen):
    link = citizen.proven().link
    answer = citizen.service.post(f"{link}/codice")
    assert (answer.status, answer.location) == (303, f"{link}/codice")
    citizen.take_mail()
    before = citizen.service.rows()
    page = citizen.service.get(answer.location)
    assert page.find("//input[@id='code' and @autofocus]")
    assert citizen.service.rows() == before


@pytest.mark.parametrize(
    "dressed", ["{0}-{1}", " {0} {1} ", "{0}\u00a0{1}", "{0}{1}\n"]
)
def test_a_code_may_be_pasted_with_spaces_and_hyphens(citizen, dressed):
    code = citizen.take_mail().code.lower()
    typed = dressed.format(code[:3], code[3:])
    assert citizen.press("codice", code=typed).status == 303


def test_after_the_last_try_the_page_asks_for_a_new_code_and_has_no_box(citizen):
    for _ in range(5):
        wrong = citizen.press("codice", code="AAAAAA")
    for page in (wrong, citizen.page()):
        assert not page.find("//input[@id='code']")
        assert page.find("//form[contains(@action, '/rimanda')]//button[@id='again']")
    assert leads(wrong) == ["#again"]
    assert "0 tentativi" not in wrong.text
    citizen.take_mail()
    citizen.press("rimanda")
    assert citizen.press("codice", code=citizen.take_mail().code).status == 303


def test_after_the_last_try_at_the_personal_code_only_another_is_offered(citizen):
    link = citizen.proven().link
    citizen.code(link)
    for _ in range(5):
        wrong = citizen.service.post(f"{link}/risposte", {"code": "AAAAAA"})
    assert leads(wrong) == ["#again"]
    assert not wrong.find("//input[@id='code']")
    code = citizen.code(link)
    assert citizen.service.post(f"{link}/risposte", {"code": code}).status == 200


# The page after sending


def test_the_shown_part_of_the_address_is_explained_and_can_be_checked(citizen):
    page = citizen.page()
    assert (
        "comincia con “\u2068a\u2069” e finisce con “\u2068@example.org\u2069”"
        in page.text
    )
    before = citizen.row
    same = citizen.press("indirizzo", email="ANH@example.org")
    assert "È lo stesso indirizzo" in same.text
    assert citizen.row.address_changes == before.address_changes
    assert citizen.row.email == before.email


def test_who_left_only_a_phone_reads_when_it_is_erased_and_how_to_go_on(service):
    page = Citizen(service, "ascolto", LISTENING).page()
    assert "se non cambia nulla" in page.text
    assert "Allo sportello trovi una persona." in page.text
    assert page.find("//main//a[@href='/']")
    (step,) = page.find("//ol[@class='steps']/li[@aria-current='step']/text()")
    assert step == "Fatto"


def test_after_withdrawing_the_page_offers_no_withdrawal_and_names_its_day(citizen):
    link = citizen.proven().link
    deciding.decide(citizen.service.context, citizen.id, EventVerb.WITHDRAW, "citizen")
    page = citizen.service.get(link)
    assert "Ritirata il" in page.text
    assert "Esito del" not in page.text
    assert page.find("//h2[@id='more-title']/text()") == [
        "Vedi le tue risposte o cancellale"
    ]


# Languages


def test_every_page_of_the_way_can_be_read_in_the_other_language(citizen):
    link = citizen.take_mail().link
    switch = "//nav[@class='languages']//a[@hreflang='{}']/@href"
    for here in (citizen.here, link):
        (other,) = citizen.service.get(here).find(switch.format("en"))
        english = citizen.service.get(other)
        assert english.find("/html/@lang") == ["en"]
        (back,) = english.find(switch.format("it"))
        assert citizen.service.get(back).find("/html/@lang") == ["it"]


def test_the_language_of_the_personal_page_stays_with_its_buttons(citizen):
    link = citizen.proven().link
    page = citizen.service.get(f"{link}?lang=en")
    assert "Register of volunteers" in page.text
    field = citizen.service.press(page, "Send me a code")
    page = citizen.service.get(field.location)
    assert page.find("/html/@lang") == ["en"]
    seen = citizen.service.press(
        page, "See your answers", code=citizen.take_mail().code
    )
    assert seen.find("/html/@lang") == ["en"]


@pytest.mark.parametrize(
    "typed", [VOLUNTEER, {**VOLUNTEER, "email": "x"}], ids=["right", "wrong"]
)
def test_a_filled_page_changes_language_by_a_button_and_loses_nothing(service, typed):
    page = service.post(f"{FORM}/riepilogo", typed)
    (link,) = page.find("//nav[@class='languages']//a[@hreflang='en']/@href")
    assert page.find(f"//*[@id='{link[1:]}']//button[@data-language='en']")
    (button,) = page.find("//button[@data-language='en']/@formaction")
    english = service.post(button, page.controls())
    assert english.find("/html/@lang") == ["en"]
    kept = english.controls()
    assert {key: kept[key] for key in ("email", "aree")} == {
        "email": [typed["email"]],
        "aree": typed["aree"],
    }


def test_a_broken_link_speaks_the_language_of_the_browser(service):
    page = service.get("/r/broken", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert (page.status, page.find("/html/@lang")) == (404, ["en"])
    assert (page.headers["Cache-Control"], page.headers["Vary"]) == (
        "no-store",
        "Accept-Language",
    )
    assert service.get("/r/broken").find("/html/@lang") == ["it"]
    assert service.get("/r/broken?lang=en").find("/html/@lang") == ["en"]


# A way on


def test_a_closed_form_says_one_thing_and_gives_back_what_was_typed(service):
    path = "/moduli/it/corso"
    for answer in (
        service.post(f"{path}/riepilogo", {"nome_completo": "Ánh"}),
        service.post(path, {"nome_completo": "Ánh"}),
    ):
        assert len(answer.find("//main//*[contains(@class, 'callout--')]")) == 1
        assert "non è ancora aperto" in answer.text
        assert not answer.find("//div[@class='error-summary']")
        assert answer.find("//input[@id='nome_completo']/@value") == ["Ánh"]
        assert not answer.find("//form[contains(@action, 'riepilogo')]")


def test_who_has_no_mailbox_is_led_to_the_other_ways(service):
    empty = service.get(FORM)
    wrong = service.post(f"{FORM}/riepilogo", {**VOLUNTEER, "email": ""})
    other = service.post(f"{FORM}/riepilogo", {**VOLUNTEER, "comune": ""})
    ways = "//a[@href='#other-ways']"
    assert (len(empty.find(ways)), len(wrong.find(ways))) == (1, 2)
    assert len(other.find(ways)) == 1
    assert wrong.find("//aside//*[@id='other-ways']")


def test_where_a_phone_is_enough_it_is_the_way_without_a_mailbox(service):
    path = "/moduli/it/ascolto"
    wrong = service.post(f"{path}/riepilogo", {**LISTENING, "telefono": ""})
    for page, times in ((service.get(path), 1), (wrong, 2)):
        assert len(page.find("//a[@href='#telefono'][contains(., 'email')]")) == times


def test_a_text_for_some_says_for_whom_it_is(service):
    form = service.context.content.form("ascolto")
    html = draw_fields(form, Translator("it", service.context.zone), Channel.WEB)
    before, _, _ = html.partition("Scrivi solo i tuoi dati.")
    assert before.rstrip().endswith("</p>\n<p>")
    assert "Questo ti riguarda solo se" in before[-300:]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/favicon.ico", "/assets/logo.svg"),
        (f"{FORM}/", FORM),
        ("/moduli/IT/Volontari", FORM),
        ("/MODULI/it/volontari/carica/", f"{FORM}/carica"),
        (f"{FORM}/conferma/", FORM),
        (f"{FORM}/inviata/AbC/", f"{FORM}/inviata/AbC"),
        ("/moduli/it", "/partecipa/"),
        ("/moduli/EN/", "/en/partecipa/"),
        ("/moduli", "/partecipa/"),
        ("/moduli/it/link-perso/", "/moduli/it/link-perso"),
        ("/r/", "/moduli/it/link-perso"),
        ("/R/AbC", "/r/AbC"),
    ],
)
def test_an_address_that_is_almost_right_leads_on(service, typed, meant):
    answer = service.client.get(typed)
    assert (answer.status_code, answer.headers["Location"]) == (302, meant)


@pytest.mark.parametrize(
    "path",
    ["/moduli/it/nothing/", "/moduli/it/volontari/x/y", "/moduli/xx", "/nothing/"],
)
def test_an_address_that_means_nothing_leads_nowhere(service, path):
    assert service.get(path).status == 404
    assert service.post(f"{FORM}/").status in (404, 405)


def test_a_page_of_the_site_in_capital_letters_is_found(service):
    folder = service.config.site_dir / "partecipa"
    folder.mkdir()
    (folder / "index.html").write_text("<h1>x</h1>", encoding="utf-8")
    answer = service.client.get("/PARTECIPA")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/partecipa/")


@pytest.mark.parametrize("name", ["إيصال-A.pdf", "підтвердження.pdf", 'a;"b.pdf'])
def test_a_download_keeps_its_name_in_any_script(name):
    header = download(b"%PDF", "application/pdf", name).headers["Content-Disposition"]
    assert header.isascii()
    kind, options = parse_options_header(header)
    assert (kind, options["filename"]) == ("attachment", name)
