"""What scripts add to the pages of the site: the state of now."""

import json
from time import monotonic

import pytest
from pypdf import PdfReader

OPEN = {"door": "open", "left": None, "waiting": 0}


@pytest.fixture
def served(start_service, built):
    """A service on 20 June 2020 with a site built much later."""
    return start_service(site_dir=built.public)


@pytest.fixture
def opened(served, new_page):
    """Open a page of the site while the service answers its state as told."""

    def opened_page(address, states=None, status=200):
        page = new_page()
        if states is not None:
            body = states if isinstance(states, str) else json.dumps(states)
            page.route(
                "**/moduli/stato.json",
                lambda route: route.fulfill(status=status, body=body),
            )
        page.goto(served.address + address, wait_until="networkidle")
        return page

    return opened_page


def signs(page):
    return page.locator("main [data-form], main [data-live]").all_inner_texts()


def test_the_door_of_the_service_is_the_one_that_is_shown(opened, served):
    page = opened("/partecipa/assemblea/")
    # The site was built after the day, the clock of this service is before it.
    assert "Chiuso" in served.get("/partecipa/assemblea/").text
    assert page.locator(".page-head .state").inner_text() == "Aperto"
    assert page.locator(".page-head [role=status]").inner_text() == "Ora è aperto."


@pytest.mark.parametrize(
    ("now", "sign", "said"),
    [
        pytest.param(
            {**OPEN, "left": 12},
            "Aperto",
            "Ora è aperto. Posti liberi: 12.",
            marks=pytest.mark.slow,
        ),
        ({**OPEN, "left": 12000}, "Aperto", "Ora è aperto. Posti liberi: 12.000."),
        (
            {"door": "full", "left": 0, "waiting": 3},
            "Lista d’attesa",
            "I posti sono finiti. Puoi entrare nella lista d’attesa."
            " Persone in lista d’attesa: 3.",
        ),
        pytest.param(
            {"door": "closed", "left": 4, "waiting": 2},
            "Chiuso",
            "Ora è chiuso.",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"door": "not_open", "left": 30, "waiting": 0},
            "Non ancora aperto",
            "",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_places_and_the_line_are_said_beside_the_dates(opened, now, sign, said):
    page = opened("/partecipa/corso/", {"corso": now})
    assert page.locator(".page-head .state").inner_text() == sign
    assert page.locator(".page-head [role=status]").inner_text() == said
    assert "La data di apertura non è ancora decisa." in page.inner_text("main")


def test_a_form_without_a_waiting_list_is_full(opened):
    full = {"door": "full", "left": 0, "waiting": 0}
    page = opened("/en/partecipa/volontari/", {"volontari": full})
    assert page.locator(".page-head .state").inner_text() == "Full"
    assert page.locator(".page-head [role=status]").inner_text() == (
        "All places are taken."
    )


@pytest.mark.slow
def test_every_card_and_row_shows_the_state_of_its_form(opened):
    for address in ("/", "/partecipa/"):
        page = opened(address, {"volontari": {**OPEN, "left": 7}})
        assert "Posti liberi: 7." in page.inner_text("main")
        assert page.inner_text("main").count("Posti liberi") == 1


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ("{}", 503),
        pytest.param("<html>", 200, marks=pytest.mark.slow),
        pytest.param("", 200, marks=pytest.mark.slow),
        pytest.param("{}", 200, marks=pytest.mark.slow),
        pytest.param('{"volontari": {}}', 200, marks=pytest.mark.slow),
    ],
)
def test_without_an_answer_the_page_is_as_it_was_printed(opened, states, status):
    page = opened("/partecipa/", states, status)
    printed = page.context.browser.new_context(java_script_enabled=False).new_page()
    printed.goto(page.url)
    assert signs(page) == signs(printed)
    assert "Aperto" in signs(page)
    printed.context.close()


@pytest.mark.slow
def test_a_service_that_never_answers_is_waited_for_four_seconds(served, new_page):
    page = new_page()
    page.route("**/moduli/stato.json", lambda route: None)
    with page.expect_event("requestfailed", timeout=9000) as failed:
        page.goto(f"{served.address}/partecipa/")
        started = monotonic()
    assert failed.value.url.endswith("/moduli/stato.json")
    assert 3 < monotonic() - started < 6


def test_the_dates_stand_on_every_card_and_row_without_a_script(built):
    for address in ("/", "/partecipa/", "/partecipa/volontari/"):
        for sign in built.page(address).xpath("//main//*[@data-live]"):
            assert sign.text is None
            assert sign.get("role") == "status"
            assert sign.getparent().text.strip().endswith(".")


def test_the_paper_of_a_closed_form_is_stamped_and_offered_nowhere(built):
    for path, page in built.pages().items():
        assert page.xpath("//a[contains(@href,'assemblea.pdf')]") == [], path
    texts = {}
    for form_id in ("assemblea", "volontari"):
        file = built.public / f"documenti/it/{form_id}.pdf"
        texts[form_id] = PdfReader(file).pages[0].extract_text()
    assert "chiuso" in texts["assemblea"].lower()
    assert "chiuso" not in texts["volontari"].lower()
