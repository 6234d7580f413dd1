"""Help in danger and a quick way out, where a form asks for them and only there."""

import pytest

from citizen import LISTENING
from forms_service.content import load_content
from forms_service.content.page_reading import load_pages
from forms_service.definition.problems import ContentError
from forms_service.urls import form_page
from sample_content import SAMPLE, copied, form_with
from service import pages_of_repository

LANGUAGES = pages_of_repository(SAMPLE).content.project.languages
LEAVE = "//a[@data-leave]"
NUMBERS = ["tel:112", "tel:1522"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_online_form_offers_help_and_a_way_out_in_every_language(service, lang):
    page = service.get(f"/moduli/{lang}/ascolto")
    project = service.context.content.projects[lang]
    (link,) = page.find(LEAVE)
    assert link.get("href") == project.safety.leave_to
    assert link.get("rel") == "noreferrer"
    box = page.find("//section[contains(@class,'help')]")[0]
    assert box.xpath(".//a/@href") == NUMBERS
    for line in project.safety.numbers:
        assert str(line.text) in box.text_content()
        assert line.text.lang == lang
    # Nobody is asked to translate what is not known: it is said to be missing.
    assert "TODO" not in box.text_content()


def test_the_page_of_the_form_on_the_site_offers_them_too(built):
    for lang in ("it", "en"):
        offers_both(built, lang)


@pytest.mark.slow
def test_the_page_of_the_form_offers_them_in_every_language(built):
    for lang in LANGUAGES:
        offers_both(built, lang)


def offers_both(built, lang):
    page = built.page(form_page("ascolto", lang, "it"))
    assert len(page.xpath(LEAVE)) == 1
    found = page.xpath("//main//section[contains(@class,'help')]//a/@href")
    assert found == NUMBERS


def test_no_other_page_offers_a_way_out(built, service, clerk):
    for path, page in built.pages().items():
        assert bool(page.xpath(LEAVE)) == ("ascolto" in path), path
    assert service.get("/moduli/it/volontari").find(LEAVE) == []
    assert clerk.get("/staff/inserisci/ascolto").find(LEAVE) == []


def test_the_desk_hours_are_told_once_they_are_known(start_service, tmp_path):
    known = ("project.yml", "  desk: TODO\n", "  desk: Lunedì dalle 9 alle 12\n")
    help_too = (
        "project.yml",
        "legal:\n",
        'safety: {numbers: [{number: "112", text: Aiuto}]}\nlegal:\n',
    )
    safe = ("forms/every-type.yml", "sections:\n", "safety: true\nsections:\n")
    service = start_service(copied(tmp_path, known, help_too, safe))
    text = service.get("/moduli/it/every-type").text
    assert "Lunedì dalle 9 alle 12" in text
    # Without a neutral page there is no button and no word about one.
    assert "data-leave" not in text
    assert "Esci subito" not in text


def test_help_without_numbers_is_a_mistake_of_the_content(tmp_path):
    safe = ("forms/every-type.yml", "sections:\n", "safety: true\nsections:\n")
    with pytest.raises(ContentError, match="whom to call: the form “every-type”"):
        load_pages(load_content(copied(tmp_path, safe)))


def test_where_faults_are_reported_must_be_there(tmp_path):
    wrong = ("project.yml", "legal:\n", "legal:\n  problem_report: altrove.md\n")
    with pytest.raises(ContentError, match=r"no page “altrove\.md”"):
        load_pages(load_content(copied(tmp_path, wrong)))


def test_help_is_no_part_of_what_people_answer():
    field = "- {id: it, label: It, type: text}\n- {id: e, label: E, type: email}"
    with_help = form_with(field, "safety: true\n")
    assert with_help.safety
    assert with_help.fingerprint == form_with(field).fingerprint


@pytest.fixture
def visit(service, browser):
    """A browser that came from another form to the one with a way out."""
    contexts = []

    def opened(**options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.route("https://meteo.example/*", neutral)
        page.goto(service.address + "/moduli/it/volontari")
        page.goto(service.address + "/moduli/it/ascolto")
        return page

    yield opened
    for context in contexts:
        context.close()


def neutral(route):
    route.fulfill(body="<h1>Sole</h1>", content_type="text/html")


@pytest.mark.parametrize(
    "way", ["keys", pytest.param("button", marks=pytest.mark.slow)]
)
def test_leaving_puts_the_neutral_page_in_the_place_of_this_one(visit, way):
    page = visit()
    before = page.evaluate("history.length")
    with page.expect_navigation(url="https://meteo.example/*"):
        if way == "button":
            page.locator("[data-leave]").click()
        else:
            for _ in range(3):
                page.keyboard.press("Escape")
    assert page.inner_text("h1") == "Sole"
    assert page.evaluate("history.length") == before
    page.go_back()
    assert page.url.endswith("/moduli/it/volontari")


def test_the_key_is_told_where_it_works(visit):
    page = visit()
    page.wait_for_selector("[data-keys-leave]", state="visible")
    assert "premi tre volte il tasto Esc" in page.inner_text("section.help")


@pytest.mark.slow
def test_two_escapes_and_a_letter_do_not_leave(visit):
    page = visit()
    for key in ("Escape", "Escape", "a", "Escape"):
        page.keyboard.press(key)
    page.wait_for_timeout(100)
    assert page.url.endswith("/ascolto")


def test_without_a_script_the_way_out_is_a_link(visit):
    page = visit(java_script_enabled=False)
    assert "tasto Esc" not in page.inner_text("section.help")
    with page.expect_navigation(url="https://meteo.example/*"):
        page.locator("[data-leave]").click()
    assert page.inner_text("h1") == "Sole"


@pytest.mark.slow
def test_the_way_out_stays_in_sight_while_one_reads(visit):
    page = visit(viewport={"width": 360, "height": 600})
    page.evaluate("window.scrollTo(0, 1500)")
    box = page.locator("[data-leave]").bounding_box()
    assert 0 <= box["y"] < 100
    assert box["height"] >= 44


def test_no_browser_keeps_what_is_typed_into_such_a_form(service):
    """Back after sending shows no answer, and nobody is offered what was typed."""
    path = "/moduli/it/ascolto"
    empty = service.get(path)
    assert empty.headers["Cache-Control"] == "no-store"
    (form,) = empty.find("//main//form[@data-typed]")
    assert form.get("autocomplete") == "off"
    assert set(form.xpath(".//@autocomplete")) == {"off"}
    summary = service.post(f"{path}/riepilogo", LISTENING)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    for status, answer in (
        (200, summary),
        (200, service.post(path, LISTENING)),
        (422, service.post(f"{path}/riepilogo", {})),
        (409, service.post(f"{path}/conferma", LISTENING)),
        (403, service.post(f"{path}/conferma", LISTENING, headers=foreign)),
    ):
        assert answer.status == status
        assert answer.headers["Cache-Control"] == "no-store"
    other = service.get("/moduli/it/volontari")
    assert "no-store" not in other.headers["Cache-Control"]
    assert set(other.find("//main//form[@data-typed]//@autocomplete")) > {"name"}
