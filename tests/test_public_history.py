"""Back, forward and reload in a real browser: no error page, no contradiction."""

import re
import shutil

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from citizen import LISTENING, VOLUNTEER, Citizen
from clerk import prove, send
from sample_content import SAMPLE, changed
from stored import rows_of

FORM = "/moduli/it/volontari"
ELSEWHERE = "/moduli/it/verifica-ricevuta"
SUMMARY = "Controlla le tue risposte"
SENT = "Ora controlla la posta"
NAME = VOLUNTEER["nome_completo"]

with_and_without_script = pytest.mark.parametrize(
    "script", [True, pytest.param(False, marks=pytest.mark.slow)]
)


def fill(page, typed):
    """Fill in the form of a page as a person does."""
    for name, value in typed.items():
        for one in value if isinstance(value, list) else [value]:
            box = page.locator(f"[name='{name}']")
            match box.first.evaluate("box => box.type"):
                case "radio" | "checkbox":
                    page.check(f"[name='{name}'][value='{one}']")
                case "select-one":
                    box.select_option(one)
                case _:
                    box.fill(one)


def press(page, label):
    with page.expect_navigation():
        page.get_by_role("button", name=label, exact=True).last.click()


def heading(page):
    return page.inner_text("h1")


def stored(service, form_id="volontari"):
    return service.context.store.read(lambda db: rows_of(db, form_id))


@pytest.fixture
def visit(service, new_page):
    """Open a form in a new browser, fill it in and go on to the summary."""

    def opened(script=True, form=FORM, typed=VOLUNTEER, page=None):
        page = page or new_page(java_script_enabled=script)
        page.goto(service.address + form)
        fill(page, typed)
        press(page, "Avanti: controlla le risposte")
        return page

    return opened


@with_and_without_script
def test_back_from_another_page_shows_the_summary_again(service, visit, script):
    page = visit(script)
    page.goto(service.address + ELSEWHERE)
    page.go_back()
    assert (heading(page), NAME in page.content()) == (SUMMARY, True)
    page.go_back()
    assert page.input_value("[name='nome_completo']") == NAME
    page.go_forward()
    assert heading(page) == SUMMARY


@with_and_without_script
def test_back_from_another_page_shows_mistakes_and_another_language_again(
    service, visit, script
):
    page = visit(script, typed={**VOLUNTEER, "email": "anh"})
    expect(page).to_have_title(re.compile("^Errore: "))
    page.goto(service.address + ELSEWHERE)
    page.go_back()
    assert page.input_value("[name='nome_completo']") == NAME
    page.locator("[data-language='en']").first.dispatch_event("click")
    page.wait_for_url("**/en/volontari")
    page.goto(service.address + ELSEWHERE)
    page.go_back()
    assert page.input_value("[name='nome_completo']") == NAME


def test_back_after_sending_leads_to_the_page_after_sending(service, visit):
    page = visit()
    press(page, "Conferma e invia")
    sent = page.url
    for _ in range(2):
        page.go_back(wait_until="commit")
        page.wait_for_url(sent)
        assert heading(page) == SENT
        assert NAME not in page.content()
    page.go_forward()
    assert heading(page) == SENT
    # A form that is opened anew is a new one, and its summary is to be read.
    page.goto(service.address + FORM)
    fill(page, VOLUNTEER | {"nome_completo": "Ben"})
    press(page, "Avanti: controlla le risposte")
    page.goto(service.address + ELSEWHERE)
    page.go_back()
    assert heading(page) == SUMMARY


def test_without_script_back_after_sending_is_true_and_sends_nothing_twice(
    service, visit
):
    page = visit(script=False)
    press(page, "Conferma e invia")
    sent = page.url
    assert "Non serve tornare indietro" in page.inner_text("main")
    page.go_back()
    assert heading(page) == SUMMARY
    assert "non abbiamo ancora" not in page.inner_text("main").casefold()
    press(page, "Conferma e invia")
    assert page.url == sent
    assert len(stored(service)) == 1


def test_the_summary_loaded_again_after_sending_says_one_thing(service, citizen):
    again = service.post(f"{FORM}/riepilogo", VOLUNTEER)
    assert "Hai già inviato queste risposte" in again.text
    assert "le salviamo solo allora" not in again.text


def opened_answers(service, page):
    """Open a request behind its personal link with a mailed code."""
    citizen = Citizen(service, "volontari", VOLUNTEER)
    link = citizen.proven().link
    code = citizen.code(link)
    page.goto(f"{service.address}{link}/codice")
    page.fill("[name='code']", code)
    page.locator("main button").first.click()
    page.wait_for_selector("h1:text('Le tue risposte')")
    return page


@with_and_without_script
def test_back_works_on_the_way_of_a_correction(service, new_page, script):
    page = opened_answers(service, new_page(java_script_enabled=script))
    press(page, "Correggi le risposte")
    page.fill("[name='nome_completo']", "Ben")
    press(page, "Avanti: controlla le risposte")
    page.goto(service.address + ELSEWHERE)
    page.go_back()
    assert heading(page) == SUMMARY
    press(page, "Salva le nuove risposte")
    page.go_back()
    assert heading(page) == SUMMARY
    page.go_back()
    assert page.input_value("[name='nome_completo']") == "Ben"


def by_staff(service, clerk, new_page):
    page = new_page()
    cookie = clerk.client.get_cookie("staff", path="/staff")
    page.context.add_cookies(
        [{"name": "staff", "value": cookie.value, "url": service.address + "/staff"}]
    )
    return page


@pytest.mark.slow
def test_back_works_after_a_mistake_of_staff_until_they_sign_out(
    service, clerk, new_page
):
    page = by_staff(service, clerk, new_page)
    submission = prove(service, send(service))
    for path, box, typed in (
        (clerk.submission(submission.id, "/esito/ask_correction"), "motivo", "Perché"),
        ("/staff/inserisci/volontari", "nome_completo", NAME),
    ):
        page.goto(service.address + path)
        page.fill(f"[name='{box}']", typed)
        with page.expect_navigation():
            page.locator("main form button.button").last.click()
        page.goto(service.address + "/staff/")
        page.go_back()
        assert page.input_value(f"[name='{box}']") == typed
    page.locator(".desk-bar__account summary").click()
    page.get_by_role("button", name="Esci").click()
    page.wait_for_url("**/accedi*")
    # Nobody who is signed out reads it: here the browser's own page is right.
    with pytest.raises(PlaywrightError, match="ERR_CACHE_MISS"):
        page.go_back()


# A form that may put somebody in danger


@pytest.fixture
def careful_page(browser):
    """A browser in which the neutral page is Sole."""
    context = browser.new_context()
    page = context.new_page()
    page.route(
        "https://meteo.example/*",
        lambda route: route.fulfill(body="<h1>Sole</h1>", content_type="text/html"),
    )
    yield page
    context.close()


def leave(page):
    with page.expect_navigation(url="https://meteo.example/*"):
        page.locator("[data-leave]").click()


@pytest.mark.slow
@pytest.mark.parametrize("sent", [False, True])
def test_who_comes_back_after_the_quick_way_out_finds_an_empty_form(
    careful_page, visit, sent
):
    page = visit(form="/moduli/it/ascolto", typed=LISTENING, page=careful_page)
    assert "Amina" in page.content()
    if sent:
        press(page, "Conferma e invia")
    leave(page)
    for _ in range(1 + sent):
        page.go_back(wait_until="commit")
        page.wait_for_url("**/moduli/it/ascolto?vuoto")
        page.wait_for_function("() => !document.documentElement.hidden")
        assert "Amina" not in page.content()
        assert page.input_value("[name='nome_completo']") == ""


@pytest.mark.slow
def test_who_comes_back_after_the_quick_way_out_finds_no_answers(
    start_service, tmp_path, careful_page
):
    safe = ("forms/volontari.yml", "sections:\n", "safety: true\nsections:\n")
    folder = shutil.copytree(SAMPLE, tmp_path / "content")
    service = start_service(changed(folder, safe))
    page = opened_answers(service, careful_page)
    press(page, "Correggi le risposte")
    leave(page)
    page.go_back(wait_until="commit")
    page.wait_for_url("**/r/*?vuoto")
    assert NAME not in page.content()


@pytest.mark.slow
@with_and_without_script
def test_of_such_a_form_back_after_sending_shows_no_answer(service, visit, script):
    page = visit(script, "/moduli/it/ascolto", LISTENING)
    assert "Amina" in page.content()
    press(page, "Conferma e invia")
    sent = page.url
    with pytest.raises(PlaywrightError, match="ERR_CACHE_MISS"):
        page.go_back()
    expect(page).to_have_url(re.compile("^chrome-error:"))
    # Before that the form: empty, or with script the page after sending again.
    page.go_back(wait_until="commit")
    expect(page.locator("h1")).to_be_visible()
    if script:
        page.wait_for_url(sent)
        assert "Amina" not in page.content()
    else:
        assert page.input_value("[name='nome_completo']") == ""
        assert not page.is_checked("[name='chi_compila'][value='per_me']")
    assert len(stored(service, "ascolto")) == 1


def test_of_such_a_form_the_button_of_the_summary_gives_everything_back(visit):
    page = visit(form="/moduli/it/ascolto", typed=LISTENING)
    press(page, "Torna al modulo")
    assert page.input_value("[name='nome_completo']") == "Amina"
    assert page.is_checked("[name='chi_compila'][value='per_me']")
