"""The site in all its languages: directions, real translations, honest notices."""

import pytest
from lxml import etree

from built_site import BASE, files_of, plain_server
from forms_service.content import load_content
from forms_service.i18n import Translator, direction
from test_site_browser import DESKTOP, PHONE

pytestmark = pytest.mark.slow
KINDS = ("/", "/progetto/", "/partecipa/", "/partecipa/abitare/", "/cerca/")
NARROW = {"viewport": {"width": 320, "height": 640}}


@pytest.fixture(scope="module")
def content(built_in_all):
    return load_content(built_in_all.content)


@pytest.fixture(scope="module")
def in_all(built_in_all):
    """Every page with its language, by path."""
    return {
        path: (page.get("lang"), page) for path, page in built_in_all.pages().items()
    }


@pytest.fixture(scope="module")
def origin(built_in_all):
    with plain_server(files_of(built_in_all.public)) as address:
        yield address


def test_every_page_is_in_the_language_of_its_folder_and_written_its_way(
    content, in_all
):
    others = content.project.languages[1:]
    for path, (lang, page) in in_all.items():
        first = path.partition("/")[0]
        assert lang == (first if first in others else "it"), path
        assert page.get("dir") == direction(lang), path


def test_every_translated_page_says_that_nobody_has_checked_it(content, in_all):
    for path, (lang, page) in in_all.items():
        shown = page.xpath("//p[@class='unreviewed']")
        assert len(shown) == (lang != "it"), path
    translator = Translator("ar", content.project.zone)
    (shown,) = in_all["ar/index.html"][1].xpath("//p[@class='unreviewed']/text()")
    assert translator.language_name("it") in shown


def test_the_switch_offers_the_languages_in_which_the_page_is_there(
    built_in_all, content, in_all
):
    for path, (lang, page) in in_all.items():
        links = page.xpath("//nav[@class='languages']//a")
        for link in links:
            other = link.get("hreflang")
            file = built_in_all.public / link.get("href").strip("/") / "index.html"
            assert file.is_file(), f"{path}: {link.get('href')}"
            assert (link.get("lang"), other != lang) == (other, True)
            assert link.text == Translator(other, content.project.zone).own_name
    only_two = in_all["azioni/index.html"][1].xpath("//nav[@class='languages']//a")
    assert [link.get("hreflang") for link in only_two] == ["en"]
    assert len(in_all["index.html"][1].xpath("//nav[@class='languages']//a")) == 6


def test_a_link_to_a_page_in_another_language_says_so(in_all):
    for path, (lang, page) in in_all.items():
        for link in page.xpath("//main//a[@href] | //footer//a[@href]"):
            target = link.get("href").partition("#")[0].strip("/")
            known = in_all.get(f"{target}/index.html" if target else "index.html")
            if link.get("href").startswith("/") and known and known[0] != lang:
                assert link.get("hreflang") == known[0], f"{path}: {target}"


def test_the_site_map_names_each_translation_and_the_one_for_all_others(
    built_in_all, in_all
):
    tree = etree.fromstring((built_in_all.public / "sitemap.xml").read_bytes())
    names = {"s": tree.nsmap[None], "x": tree.nsmap["xhtml"]}
    assert len(tree) == len([path for path in in_all if path.endswith("index.html")])
    for url in tree:
        here = url.find("s:loc", names).text
        links = {
            link.get("hreflang"): link.get("href")
            for link in url.findall("x:link", names)
        }
        assert here in links.values()
        assert links["x-default"] == links["it"]
        for lang, address in links.items():
            path = f"{address.removeprefix(BASE).strip('/')}/index.html".lstrip("/")
            assert in_all[path][0] == ("it" if lang == "x-default" else lang)


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("lang", ["ro", "sq", "uk", "ar", "fr"])
def test_axe_finds_nothing_in_any_language(new_page, axe, origin, lang, screen):
    page = new_page(**screen)
    for kind in KINDS:
        page.goto(f"{origin}/{lang}{kind}")
        page.locator(".languages summary").click()
        assert axe(page) == [], kind


@pytest.mark.parametrize("lang", ["ro", "sq", "uk", "ar", "fr"])
def test_nothing_sticks_out_of_a_narrow_screen_in_any_language(new_page, origin, lang):
    page = new_page(**NARROW)
    for kind in KINDS:
        page.goto(f"{origin}/{lang}{kind}")
        page.locator(".languages summary").click()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, kind


@pytest.mark.parametrize("lang", ["it", "en", "ro", "sq", "uk", "ar", "fr"])
def test_the_first_visit_is_light_in_every_language(
    new_page, start_service, built_in_all, lang
):
    served = start_service(site_dir=built_in_all.public)
    page, weights = new_page(**PHONE), []

    def weigh(request):
        if request.url.startswith("http"):
            weights.append(sum(request.sizes().values()))

    page.on("requestfinished", weigh)
    home = "/" if lang == "it" else f"/{lang}/"
    page.goto(served.address + home, wait_until="networkidle")
    assert 3 <= len(weights) <= 8
    assert sum(weights) <= 60 * 1024
