"""What an Italian public body must put on its pages, read from the built pages."""

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from built_site import BASE
from forms_service.content import load_content
from forms_service.i18n import Translator
from sample_content import SAMPLE
from structured import service_data

ORDER = [
    "service-addressed",
    "service-how-to",
    "service-needed",
    "service-achieved",
    "service-calendar-text",
    "service-generic-access",
    "service-area",
]


def service(page):
    (data,) = page.xpath("//script[@data-element='metatag']/text()")
    return json.loads(data)


def test_a_form_is_described_with_the_keys_of_the_national_model(built):
    data = service(built.page("/partecipa/volontari/"))
    assert data["@type"] == "GovernmentService"
    assert data["name"] == "Registro dei volontari"
    assert data["serviceType"]
    assert data["serviceOperator"]["name"].startswith("Associazione")
    assert data["areaServed"]["name"]
    assert data["audience"]["audienceType"].startswith("A chi ha compiuto 18 anni")
    channel = data["availableChannel"]
    assert channel["serviceUrl"] == f"{BASE}/moduli/it/volontari"
    place = channel["serviceLocation"]
    assert place["name"] == "Associazione Orto Aperto"
    assert place["address"]["streetAddress"] == "Piazza Inventata 1"
    assert place["address"]["addressLocality"] == "Esempio al Monte"
    assert service(built.page("/en/partecipa/volontari/"))["inLanguage"] == "en"


@pytest.mark.parametrize(
    ("address", "known"),
    [
        (
            "Hauptplatz 7, 0000 Musterhausen",
            {
                "streetAddress": "Hauptplatz 7",
                "postalCode": "0000",
                "addressLocality": "Musterhausen",
            },
        ),
        ("Palazzo vecchio", {"streetAddress": "Palazzo vecchio"}),
        ("TODO", {}),
        ("", {}),
    ],
)
def test_only_what_is_known_of_an_address_is_told(address, known):
    content = load_content(SAMPLE)
    owner = replace(content.project.owner, address=address)
    project = replace(content.project, owner=owner)
    data = service_data(content.form("volontari"), project, "https://a/", "https://b/")
    shown = data["availableChannel"]["serviceLocation"]["address"]
    assert shown == {"@type": "PostalAddress", **known}


def test_a_form_page_carries_the_marks_of_a_service_card_in_order(built):
    page = built.page("/partecipa/volontari/")
    marks = page.xpath("//main//@data-element")
    assert [mark for mark in marks if mark in ORDER] == ORDER
    assert {"breadcrumb", "page-index", "service-online-access"} <= set(marks)
    (title,) = page.xpath("//*[@data-element='service-title']/text()")
    assert title == "Registro dei volontari"
    (status,) = page.xpath("//*[@data-element='service-status']")
    assert status.text_content() == "Aperto"


def test_every_page_says_when_it_was_updated_and_leads_to_the_site_map(built):
    for path, page in built.pages().items():
        if not path.endswith("index.html"):
            continue
        (updated,) = page.xpath("//p[@class='updated']/text()")
        translator = Translator(page.get("lang"), ZoneInfo("Europe/Rome"))
        begins, _, _ = translator.gettext("Page updated on {day}", day="|").partition(
            "|"
        )
        assert updated.strip().startswith(begins.strip())
        assert page.xpath("//footer//a[contains(@href,'/cerca/#pages')]"), path


def test_every_error_has_its_page_in_each_language_and_no_search_engine_lists_it(
    built,
):
    site_map = (built.public / "sitemap.xml").read_text("utf-8")
    for status in ("404", "410", "503"):
        titles = set()
        for root, lang in (("", "it"), ("en/", "en")):
            page = built.pages()[f"{root}{status}.html"]
            assert page.get("lang") == lang
            assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
            assert page.xpath("//main//a/@href")[0] == f"/{root}"
            titles.add(page.findtext(".//h1"))
        assert len(titles) == 2
        assert f"{status}.html" not in site_map
        assert not (built.public / status).exists()


@pytest.fixture
def paper(start_service, built, new_page):
    """Pages as a printer gets them."""
    service = start_service(site_dir=built.public)

    def printed(address):
        page = new_page(viewport={"width": 700, "height": 1000})
        page.emulate_media(media="print")
        page.goto(service.address + address)
        return page

    return printed


def test_a_printed_form_page_says_where_the_form_is_and_drops_what_needs_a_screen(
    paper,
):
    page = paper("/partecipa/volontari/")
    assert page.get_by_text(f"{BASE}/moduli/it/volontari").last.is_visible()
    for gone in (".bar", ".find", ".index", ".breadcrumb", ".buttons"):
        assert not page.locator(gone).first.is_visible(), gone
    ink = page.locator("h1").evaluate("e => getComputedStyle(e).color")
    ground = page.locator(".site-footer").evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    assert ink != ground == "rgba(0, 0, 0, 0)"


def test_a_printed_event_says_its_own_address(paper):
    assert paper("/assemblea/").get_by_text(f"{BASE}/assemblea/").is_visible()


@pytest.mark.slow
def test_nothing_moves_for_who_asked_for_rest(start_service, built, new_page):
    service = start_service(site_dir=built.public)
    for motion, moves in (("reduce", False), ("no-preference", True)):
        page = new_page(reduced_motion=motion)
        page.goto(service.address)
        page.locator(".card").first.hover()
        page.wait_for_timeout(300)
        moved = page.locator(".card").first.evaluate(
            "e => getComputedStyle(e).transform"
        )
        assert (moved != "none") == moves


@pytest.mark.slow
def test_with_forced_colours_every_box_keeps_an_edge(start_service, built, new_page):
    service = start_service(site_dir=built.public)
    page = new_page(forced_colors="active")
    page.goto(service.address)
    for box in (".event", ".card", ".state", ".button", ".find svg"):
        edge = page.locator(box).first.evaluate(
            "e => getComputedStyle(e).borderTopWidth"
        )
        assert edge != "0px", box
