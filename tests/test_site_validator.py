"""The built site before the audits of the official validator, each with its control."""

import json
from copy import deepcopy

import pytest

import national_audits as audits
from sample_content import SAMPLE
from service import pages_of_repository

FORMS = list(pages_of_repository(SAMPLE).content.forms)
# A menu called “Servizi” and a list of topics belong to the sites of municipalities;
# the validator tolerates two missing entries.
NOT_OURS = ["service-topic", "breadcrumb"]


@pytest.mark.parametrize("form_id", FORMS)
def test_every_form_page_is_a_service_card(built, form_id):
    page = built.page(f"/partecipa/{form_id}/")
    assert audits.service_card(page) == NOT_OURS
    assert audits.contacts_assistance(page) == []


def test_a_card_without_its_parts_is_noticed(built):
    page = deepcopy(built.page("/partecipa/volontari/"))
    (index,) = audits.marked(page, "page-index")
    index.insert(0, index[-1])
    assert "order of the index" in audits.service_card(page)
    for mark in ("service-area", "service-title", "service-needed"):
        for element in audits.marked(page, mark):
            del element.attrib["data-element"]
    missing = audits.service_card(page)
    assert {"service-area", "service-title", "mark: Cosa serve"} <= set(missing)
    assert audits.contacts_assistance(page) == ["service-area"]
    index.clear()
    assert "index" in audits.contacts_assistance(page)


def test_the_footer_leads_to_questions_and_reports_by_their_names(built):
    for path, page in built.pages().items():
        if page.get("lang") == "it":
            assert audits.questions(page) == [], path
            assert audits.fault_report(page) == [], path


def test_a_footer_link_with_another_name_is_noticed(built):
    page = deepcopy(built.page("/"))
    for mark in ("faq", "report-inefficiency"):
        page.xpath(f"//footer//a[@data-element='{mark}']")[0].text = "Altro"
    assert audits.questions(page)
    assert audits.fault_report(page)


def test_the_open_licence_is_there_word_for_word(built):
    (link,) = built.page("/").xpath("//footer//a[@data-element='legal-notes']/@href")
    assert audits.licence(built.page(link)) == []
    page = deepcopy(built.page(link))
    audits.marked(page, "legal-notes-body")[0].text += " forse"
    audits.marked(page, "legal-notes-section")[0].text = "Licenza"
    assert len(audits.licence(page)) == 2


def test_privacy_and_accessibility_are_in_the_footer_under_their_marks(built):
    for page in built.pages().values():
        for mark in ("privacy-policy-link", "accessibility-link", "legal-notes"):
            assert audits.footer_link(page, mark)[1], mark


@pytest.mark.parametrize("form_id", FORMS)
def test_the_structured_data_of_a_card_lack_only_what_nobody_gave(built, form_id):
    page = built.page(f"/partecipa/{form_id}/")
    data = json.loads(audits.marked(page, "metatag", "/text()")[0])
    # The postal code of the seat is not known yet.
    lacking = ["availableChannel.serviceLocation.address.postalCode"]
    assert audits.metatag(data) == lacking
    del data["name"]
    assert audits.metatag(data) == ["name", *lacking]


def test_headings_and_text_are_in_a_font_of_the_model(built, start_service, new_page):
    service = start_service(site_dir=built.public)
    page = new_page()
    for address in ("/", "/partecipa/volontari/", "/moduli/it/volontari", "/cerca/"):
        page.goto(service.address + address)
        fonts = page.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6,p')].map("
            "e => getComputedStyle(e).fontFamily.split(',')[0].replaceAll('\"', ''))"
        )
        assert fonts
        assert set(fonts) <= audits.FONTS, address
