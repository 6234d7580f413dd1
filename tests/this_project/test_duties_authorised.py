"""What a public body must show once its site is authorised and nothing is missing."""

import json
import re
import shutil

import pytest
from lxml import html

import national_audits as audits
from built_site import BuiltSite, once
from forms_service.content import load_content
from forms_service.proofreading.translations import production_problems
from this_project.conftest import CONTENT

pytestmark = pytest.mark.slow

STATEMENT = "https://form.agid.gov.it/view/00000000-0000-0000-0000-000000000000"
OTHERS = ("en", "ro", "sq", "uk", "ar", "fr")
GIVEN = {
    'authorised_by: ""': "authorised_by: Atto inventato 1 del 2 marzo 2031",
    f"languages: [it, {', '.join(OTHERS)}]": "languages: [it]",
    "Via De’ Calboli 19, Grosseto": "Via Finta 19, 58100 Grosseto",
    "  tax_code: TODO": '  tax_code: "00000000000"',
    "  email: TODO": "  email: weita@ente.example",
    "  phone: TODO": '  phone: "+39 0564 000000"',
    "  pec: TODO": "  pec: ente@pec.example",
    "  post: TODO": "  post: Via Finta 19, 58100 Grosseto",
    "  desk: TODO": "  desk: Lunedì dalle 9 alle 12",
    "security_contact: TODO": "security_contact: sicurezza@ente.example",
    "  controller_contact: TODO": "  controller_contact: ente@pec.example",
    "  dpo_contact: TODO": "  dpo_contact: rpd@ente.example",
    "  accessibility_statement: TODO": f"  accessibility_statement: {STATEMENT}",
    "  accessibility_objectives: TODO": "  accessibility_objectives: https://ente.example/o",
    "  transparency: TODO": "  transparency: https://ente.example/trasparenza",
}


def authorise(folder):
    """Copy the content in its main language, with every missing fact invented."""
    shutil.copytree(CONTENT, folder)
    for translation in [*folder.glob("*.*.yml"), *folder.glob("*/*.*.yml")]:
        translation.unlink()
    for lang in OTHERS:
        shutil.rmtree(folder / lang)
    file = folder / "project.yml"
    text = file.read_text(encoding="utf-8")
    for missing, known in GIVEN.items():
        assert missing in text, missing
        text = text.replace(missing, known)
    text = re.sub(r"placeholder_assets: \[.*?\]", "placeholder_assets: []", text)
    file.write_text(re.sub(r"\bTODO$", '"1"', text, flags=re.M), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> BuiltSite:
    """The authorised site."""
    folder = tmp_path_factory.mktemp("authorised")
    return once(folder / "site", authorise(folder / "content"))


def test_nothing_is_missing_any_more(site):
    assert production_problems(load_content(site.content)) == []


def test_p2_the_footer_leads_to_the_statement_that_agid_keeps(site):
    for path, page in site.pages().items():
        (link,) = page.xpath("//footer//a[@data-element='accessibility-link']/@href")
        assert link == STATEMENT, path


def test_p4_and_p13_objectives_and_transparency_are_in_every_footer(site):
    for path, page in site.pages().items():
        shown = {a.text: a.get("href") for a in page.xpath("//footer//a")}
        assert shown["Obiettivi di accessibilità"] == "https://ente.example/o", path
        assert "https://ente.example/trasparenza" in shown.values(), path


def test_p9_every_contact_of_the_body_is_in_every_footer(site):
    for path, page in site.pages().items():
        (block,) = page.xpath("//footer//section[h2/@id='footer-contacts']")
        shown = " ".join(block.text_content().split())
        for fact in (
            "Via Finta 19, 58100 Grosseto",
            "00000000000",
            "+39 0564 000000",
            "weita@ente.example",
            "ente@pec.example",
        ):
            assert fact in shown, path
        assert "confermare" not in shown, path


def test_p6_the_notice_of_every_form_names_the_officer(site):
    page = site.page("/privacy/")
    notices = page.xpath("//details[@class='notice']")
    assert len(notices) == len(load_content(site.content).forms)
    for notice in notices:
        assert "rpd@ente.example" in notice.text_content()


def test_p15_search_engines_may_find_every_page_but_those_about_a_trouble(site):
    for path, page in site.pages().items():
        shown = page.xpath("//meta[@name='robots']/@content")
        assert bool(shown) == (not path.endswith("index.html")), path
        if path.endswith("index.html"):
            assert page.xpath("//link[@rel='canonical']/@href"), path


def test_no_page_calls_itself_a_demonstration(site):
    notice = load_content(site.content).project.demonstration
    for path, page in site.pages().items():
        assert notice not in page.text_content(), path


def test_the_structured_data_of_every_form_are_complete(site):
    for form_id in load_content(site.content).forms:
        page = site.page(f"/partecipa/{form_id}/")
        data = json.loads(audits.marked(page, "metatag", "/text()")[0])
        assert audits.metatag(data) == [], form_id


def test_a_form_can_be_handed_in_at_every_place_that_is_known(site):
    page = site.page("/partecipa/tuoi-dati/")
    shown = html.tostring(page.xpath("//main")[0], encoding="unicode")
    for fact in ("Lunedì dalle 9 alle 12", "58100 Grosseto", "ente@pec.example"):
        assert fact in shown
