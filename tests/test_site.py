"""The built site as files: what every page has, what is there, what must not be."""

import ast
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree

from built_site import BASE
from conftest import ROOT
from forms_service.content import load_content
from forms_service.content.page_html import addresses
from forms_service.content.page_reading import load_pages
from forms_service.i18n import catalogue
from forms_service.shapes import chrome
from forms_service.urls import SERVICE_PREFIXES
from pdfs import makers
from plan import SCRIPTS
from process import ProcessEnded, on_all_cores
from sample_content import SAMPLE

FORMS = ("volontari", "ascolto", "corso", "assemblea")


def test_every_page_says_its_language_and_has_one_heading_of_the_first_rank(built):
    for path, page in built.pages().items():
        folder = path.partition("/")[0]
        assert page.get("lang") == (folder if folder in ("en", "ar") else "it"), path
        assert page.get("dir") == ("rtl" if folder == "ar" else "ltr"), path
        assert len(page.xpath("//h1")) == 1, path
        assert page.xpath("//title")[0].text
        assert page.xpath("//meta[@name='description']/@content")[0]


def test_every_page_begins_with_a_link_to_its_content(built):
    for path, page in built.pages().items():
        first = page.xpath("//body//a")[0]
        target = first.get("href").removeprefix("#")
        assert page.xpath(f"//main[@id='{target}']"), path


def test_every_page_carries_funding_legal_links_and_the_notice_of_a_demonstration(
    built,
):
    projects = load_content(built.content).projects
    for path, page in built.pages().items():
        (footer,) = page.xpath("//footer")
        paid = projects[page.get("lang")].funding.sentence
        assert paid in footer.text_content(), path
        elements = set(footer.xpath(".//@data-element"))
        assert {"privacy-policy-link", "accessibility-link", "legal-notes"} <= elements
        assert page.xpath("//*[@class='demonstration']"), path
        assert page.xpath("//meta[@name='robots']/@content") == ["noindex"], path


def test_a_page_loads_nothing_from_another_machine_and_nothing_inline(built):
    for path, page in built.pages().items():
        loaded = page.xpath(
            "//img/@src | //script/@src | //iframe/@src"
            " | //link[@rel!='canonical']/@href"
        )
        assert [link for link in loaded if urlsplit(link).netloc] == [], path
        scripts = page.xpath("//script[not(@type='application/ld+json')]")
        assert [script.text for script in scripts if script.text] == [], path
        assert page.xpath("//@style | //@onclick | //style") == [], path


def test_no_id_is_there_twice(built):
    for path, page in built.pages().items():
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), path


@pytest.mark.parametrize(
    ("path", "words"),
    [("/incontro/", "Torna al testo"), ("/ar/partecipa/", "العودة إلى النص")],
)
def test_the_way_back_from_a_footnote_is_in_the_language_of_the_page(
    built, path, words
):
    page = built.page(path)
    (back,) = page.xpath("//a[@class='footnote-backref']")
    assert back.get("title") == words
    assert page.xpath(f"//*[@id='{back.get('href').removeprefix('#')}']")


def test_nothing_of_the_theme_is_shipped(built):
    assets = {file.name for file in (built.public / "assets").iterdir()}
    assert not {"javascripts", "stylesheets", "images"} & assets
    scripts = {file.name for file in (built.public / "assets").rglob("*.js")}
    assert scripts == {file.name for file in SCRIPTS.iterdir()} | {chrome.LEAVE}
    assert not (built.public / "it").exists()


def test_the_site_makes_nothing_where_the_service_answers(built):
    for prefix in SERVICE_PREFIXES:
        assert not (built.public / prefix.lstrip("/")).exists()


@pytest.mark.parametrize("form_id", FORMS)
def test_a_form_has_its_page_and_its_pdf_in_each_language(built, form_id):
    for lang, root in (("it", ""), ("en", "en/")):
        assert (built.public / f"{root}partecipa/{form_id}/index.html").is_file()
        pdf = built.public / f"documenti/{lang}/{form_id}.pdf"
        assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_a_pdf_is_pressed_again_when_anything_that_draws_it_changes():
    script = (
        "import sys, forms_service.shapes.pdf.blank\n"
        "for name, module in sys.modules.items():\n"
        "    if name.startswith('forms_service'):\n"
        "        print(module.__file__)\n"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")[:-1]
    assert str(ROOT / "forms_service" / "i18n.py") in loaded
    assert {*map(Path, loaded)} <= {*makers(load_content(SAMPLE))}


def test_the_headings_of_a_form_page_stand_in_the_order_of_the_national_model(built):
    index = built.page("/partecipa/volontari/").xpath("//nav[@class='index']//a/text()")
    assert index == [
        "A chi è rivolto",
        "Come fare",
        "Cosa serve",
        "Cosa si ottiene",
        "Tempi e scadenze",
        "Accedi al servizio",
        "Condizioni di servizio",
        "Contatti",
    ]


def test_an_open_form_is_offered_online_and_as_a_pdf_with_its_size(built):
    page = built.page("/partecipa/volontari/")
    links = page.xpath("//a[@class='button']/@href")
    assert set(links) == {"/moduli/it/volontari"}
    size = round((built.public / "documenti/it/volontari.pdf").stat().st_size / 1000)
    (button, _) = page.xpath("//a[contains(@href,'volontari.pdf')]")
    assert f"PDF, {size}\xa0kB" in button.text_content()


@pytest.mark.parametrize("form_id", ["corso", "assemblea"])
def test_a_form_that_is_not_open_is_not_offered(built, form_id):
    page = built.page(f"/partecipa/{form_id}/")
    assert page.xpath("//main//a[contains(@href,'/moduli/')]") == []
    assert page.xpath("//main//a[contains(@href,'.pdf')]") == []


def test_a_closed_form_says_since_when_with_the_weekday(built):
    text = built.text("/partecipa/assemblea/")
    assert "Chiuso dalla fine di mercoledì 1 luglio 2020." in text


def test_the_list_shows_every_form_with_its_state(built):
    text = built.text("/partecipa/")
    assert text.count("Aperto, senza una data di chiusura.") == 3
    assert "Non ancora aperto" in text
    assert "Chiuso" in text


def test_a_page_says_when_it_was_updated(built):
    assert "Pagina aggiornata il 22 novembre 2026" in built.text("/progetto/")
    assert "Page updated on" in built.text("/en/progetto/")


def test_the_language_switch_leads_to_the_same_page(built):
    page = built.page("/partecipa/volontari/")
    assert page.xpath("//a[@hreflang='en']/@href") == ["/en/partecipa/volontari/"]


def test_the_site_map_lists_every_page_with_its_translations(built):
    tree = etree.fromstring((built.public / "sitemap.xml").read_bytes())
    names = {"s": tree.nsmap[None], "x": tree.nsmap["xhtml"]}
    entries = {
        url.find("s:loc", names).text: {
            link.get("hreflang"): link.get("href")
            for link in url.findall("x:link", names)
        }
        for url in tree
    }
    pages = [path for path in built.pages() if path.endswith("index.html")]
    assert len(entries) == len(pages)
    assert entries[f"{BASE}/en/progetto/"] == {
        "it": f"{BASE}/progetto/",
        "en": f"{BASE}/en/progetto/",
        "ar": f"{BASE}/ar/progetto/",
        "x-default": f"{BASE}/progetto/",
    }
    assert f"Sitemap: {BASE}/sitemap.xml" in (built.public / "robots.txt").read_text()


def test_the_record_of_the_build_says_for_which_address_it_was_made(built):
    record = json.loads((built.public / ".build.json").read_text())
    assert record["base_url"] == BASE
    # The form of every type opens next.
    assert record["next_change"] == "2030-01-31T23:00:00+00:00"


def test_an_authorised_project_is_no_demonstration_and_may_be_found(built_other):
    assert built_other.page("/").xpath("//*[@class='demonstration']") == []
    assert built_other.page("/").xpath("//meta[@name='robots']") == []


def test_every_link_of_the_site_leads_to_a_page_a_file_or_the_service(built):
    found, pages = built.pages(), load_pages(load_content(built.content))
    ids = {f"/{path.removesuffix('index.html')}": page for path, page in found.items()}
    served = set(addresses(pages))
    for here, page in ids.items():
        for link in page.xpath("//@href | //@src"):
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("https", "mailto", "tel", "data"), (here, link)
                continue
            path = parts.path or here
            assert path.startswith("/"), (here, link)
            there = (built.public / path.lstrip("/")).is_file()
            assert there or path in {*served, *ids}, (here, link)
            if parts.fragment and path in ids:
                part = f"//*[@id='{parts.fragment}']"
                assert ids[path].xpath(part), (here, link)


def test_an_address_that_the_check_knows_is_made_by_the_site(built):
    pages = load_pages(load_content(built.content))
    made = {f"/{path.removesuffix('index.html')}" for path in built.pages()}
    for address, page in addresses(pages).items():
        if page or address.startswith("/documenti/") and address.endswith(".pdf"):
            file = built.public / address.lstrip("/")
            assert address in made or file.is_file(), address


def test_every_word_of_the_product_on_the_site_is_also_italian():
    said = set()
    folders = (ROOT / "site", ROOT / "forms_service" / "shapes" / "chrome")
    for file in [*folders[0].rglob("*.html"), *folders[1].rglob("*.html")]:
        said |= set(re.findall(r'\b_\("([^"]+)"', file.read_text("utf-8")))
    scripts = [*folders[0].glob("*.py"), *(folders[1].parent.glob("c*.py"))]
    for file in scripts:
        said |= set(spoken(file))
    assert "Fill in online" in said
    assert "Opens on {day}." in said
    italian = catalogue("it")
    same = {"Menu", "Home", "Email", "Online", "Online:", "email"}
    assert {text for text in said - same if italian.gettext(text) == text} == set()


def spoken(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
            known = name in ("gettext", "_", "N_")
            if known and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_a_form_page_exists_exactly_where_the_form_does(built):
    content = load_content(built.content)
    for form_id, languages in content.forms.items():
        for lang in content.projects:
            root = "" if lang == content.main_language else f"{lang}/"
            page = built.public / f"{root}partecipa/{form_id}/index.html"
            assert page.is_file() == (lang in languages)


def test_a_process_of_the_build_that_is_killed_is_told_in_a_sentence():
    def killed(task: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(ProcessEnded, match="memory of this machine"):
        list(on_all_cores(killed, [1]))
