"""The duties of an Italian public body that every built page can be asked about.

Names are the duties, P1 to P18 of the national rules for sites of the administration;
what a demonstration may not claim yet is asked of an authorised site, in
`test_duties_authorised.py`.
"""

import re
from urllib.parse import unquote

import pytest

from built_site import BASE
from conftest import ROOT
from forms_service.proofreading.translations import production_problems
from sample_content import SAMPLE
from service import pages_of_repository

ITALIAN = ("/", "/progetto/", "/partecipa/volontari/", "/assemblea/", "/note-legali/")


def footer(page, mark):
    """Return the links of the footer that carry a mark of the national model."""
    return page.xpath(f"//footer//a[@data-element='{mark}']")


def test_p1_language_one_title_landmarks_and_a_first_link_to_the_content(built):
    for path, page in built.pages().items():
        assert page.get("lang"), path
        assert len(page.xpath("//h1")) == 1, path
        for landmark in ("header", "main", "footer"):
            assert len(page.xpath(f"/html/body/{landmark}")) == 1, path
        assert page.xpath("//nav[@aria-label or @aria-labelledby]"), path
        first = page.xpath("//a")[0]
        assert first.get("href") == "#content", path
        assert page.xpath("//main")[0].get("id") == "content"
    assert built.page("/").xpath("//a")[0].text == "Vai al contenuto"


def test_p5_the_privacy_notice_is_one_step_from_every_page(built):
    for path, page in built.pages().items():
        (link,) = footer(page, "privacy-policy-link")
        assert page.get("lang") != "it" or link.text == "Privacy", path
        file = built.public / link.get("href").lstrip("/") / "index.html"
        assert file.is_file(), path


def test_p5_a_form_page_leads_to_its_own_notice(built):
    for form_id in pages_of_repository(SAMPLE).content.forms:
        page = built.page(f"/partecipa/{form_id}/")
        (notice,) = page.xpath("//main//a[contains(@href,'/privacy/#')]/@href")
        target = built.page("/privacy/").get_element_by_id(notice.partition("#")[2])
        assert "Titolare" in target.text_content() or "titolare" in (
            target.text_content()
        )


def test_p9_the_body_is_named_and_what_is_not_known_is_said_not_invented(built):
    for path, page in built.pages().items():
        (block,) = page.xpath("//footer//section[h2/@id='footer-contacts']")
        shown = block.text_content()
        assert "Associazione Orto Aperto" in shown or "أورتو أبيرتو" in shown, path
        assert "TODO" not in page.text_content(), path
    (block,) = built.page("/").xpath("//footer//section[h2/@id='footer-contacts']")
    assert "Da confermare: telefono, PEC" in " ".join(block.text_content().split())


def test_p10_every_page_carries_emblem_and_funding_sentence(built):
    content = pages_of_repository(SAMPLE).content
    drawn = (content.folder / content.project.funding.emblem).read_text()
    for path, page in built.pages().items():
        (funding,) = page.xpath("//footer//*[@class='funding']")
        (emblem,) = funding.xpath("img[@class='funding__emblem']/@src")
        assert unquote(emblem.partition(",")[2]) == drawn, path
        shown = content.projects[page.get("lang")].funding.sentence
        assert shown in funding.text_content(), path


def test_p11_every_page_says_its_last_update_as_a_whole_date(built):
    for address in ITALIAN:
        (updated,) = built.page(address).xpath("//p[@class='updated']/text()")
        assert re.fullmatch(
            r"Pagina aggiornata il \d{1,2}º? [a-z]+ \d{4}", updated.strip()
        ), updated


def test_p12_questions_reports_and_site_map_are_one_step_from_every_page(built):
    for path, page in built.pages().items():
        # The questions are a page of the two languages that have the whole site.
        whole = page.get("lang") in ("it", "en")
        for mark in ("report-inefficiency", *(["faq"] if whole else [])):
            (link,) = footer(page, mark)
            file = built.public / link.get("href").lstrip("/") / "index.html"
            assert file.is_file(), f"{path}: {mark}"
        (site_map,) = page.xpath("//footer//a[contains(@href,'/cerca/#pages')]")
        assert site_map.text


def test_p12_the_site_map_page_lists_every_page_of_its_language(built):
    listed = set(built.page("/cerca/").xpath("//main//a/@href"))
    for file in built.public.glob("*/index.html"):
        address = f"/{file.parent.name}/"
        if len(file.parent.name) > 2 and address != "/cerca/":
            assert address in listed, address
    for form_id in pages_of_repository(SAMPLE).content.forms:
        assert f"/partecipa/{form_id}/" in listed


def test_p15_every_page_is_described_searchable_and_in_the_site_map(built):
    site_map = (built.public / "sitemap.xml").read_text("utf-8")
    for path, page in built.pages().items():
        (description,) = page.xpath("//meta[@name='description']/@content")
        assert description, path
        assert page.xpath("//a[contains(@href,'/cerca/')]"), path
        if path.endswith("index.html"):
            address = BASE + "/" + path.removesuffix("index.html")
            assert f"<loc>{address}</loc>" in site_map, path


def test_p17_the_web_server_speaks_only_recent_tls_and_says_so():
    config = "".join(
        file.read_text(encoding="utf-8")
        for file in (ROOT / "deploy" / "nginx").rglob("*")
        if file.is_file()
    )
    protocols = re.findall(r"(?m)^\s*ssl_protocols\s+(.*);", config)
    assert protocols
    assert all(set(shown.split()) <= {"TLSv1.2", "TLSv1.3"} for shown in protocols)
    age = re.search(r"Strict-Transport-Security.*max-age=(\d+)", config)
    assert age
    assert int(age[1]) >= 180 * 24 * 3600
    sent = re.findall(r"Strict-Transport-Security (.*) always", config)
    assert {*sent} == {'"max-age=31536000; includeSubDomains"'}
    (suites,) = re.findall(r"ssl_ciphers (.*);", config)
    modern = r"ECDHE-(ECDSA|RSA)-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)"
    assert all(re.fullmatch(modern, suite) for suite in suites.split(":"))


@pytest.mark.parametrize(
    "path",
    [
        "authorised_by",
        "contacts.pec",
        "privacy.dpo_contact",
        "legal.accessibility_statement",
        "legal.accessibility_objectives",
        "legal.transparency",
        "owner.tax_code",
    ],
)
def test_what_the_law_asks_for_and_nobody_gave_keeps_the_site_from_going_public(path):
    problems = production_problems(pages_of_repository(SAMPLE).content)
    assert path in {problem.path for problem in problems}
