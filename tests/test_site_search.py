"""The search page: what it finds, what it refuses to find, and life without it."""

import pytest

from built_site import BASE
from postprocess import NoIndex, index_pages

NO_WORDS = ("xyzzy", "oqqqq")


@pytest.fixture
def served(start_service, built):
    """A service with the built site."""
    return start_service(site_dir=built.public)


@pytest.fixture
def search(served, new_page):
    """Type a word into the search of a language; return the page when it answered."""

    def typed(query, root=""):
        page = new_page()
        page.goto(f"{served.address}{root}/cerca/")
        page.get_by_role("searchbox").fill(query)
        page.keyboard.press("Enter")
        page.locator(".search [role=status]:not(:empty)").wait_for()
        return page

    return typed


def results(page):
    return page.locator(".results a").evaluate_all("all => all.map(a => a.pathname)")


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("volontari", "/partecipa/volontari/"),
        pytest.param("volontario", "/partecipa/volontari/", marks=pytest.mark.slow),
        pytest.param("assemblee", "/assemblea/", marks=pytest.mark.slow),
        pytest.param("identità", "/domande/", marks=pytest.mark.slow),
        pytest.param("identita", "/domande/", marks=pytest.mark.slow),
        pytest.param("l’assemblea", "/assemblea/", marks=pytest.mark.slow),
        pytest.param("accessibilita", "/accessibilita/", marks=pytest.mark.slow),
    ],
)
def test_a_page_is_found_by_another_form_of_its_words(search, query, address):
    page = search(query)
    assert address in results(page)
    assert page.locator(".search [role=status]").inner_text() == (
        f"Pagine trovate: {len(results(page))}"
    )
    assert page.locator(".results mark").count() > 0
    assert "/en/" not in "".join(results(page))


def test_a_word_after_an_apostrophe_is_found(built, search):
    # "identità" stands on the pages only after one: l’identità digitale.
    assert "l’identità" in built.text("/domande/")
    assert "/domande/" in results(search("identità"))


@pytest.mark.parametrize(
    "query",
    [
        "ospedale",
        *(pytest.param(no_word, marks=pytest.mark.slow) for no_word in NO_WORDS),
    ],
)
def test_a_word_that_is_nowhere_finds_nothing(search, query):
    page = search(query)
    assert results(page) == []
    assert "Non abbiamo trovato niente." in page.locator(".search").inner_text()


@pytest.mark.slow
def test_what_is_for_paper_is_in_no_excerpt(built, search):
    assert (
        f"{BASE}/moduli/it/volontari"
        in built.page("/partecipa/volontari/").text_content()
    )
    page = search("volontari")
    assert "/partecipa/volontari/" in results(page)
    assert BASE not in page.locator(".search").inner_text()


def test_another_language_is_searched_in_its_own_words(search):
    found = results(search("volunteers", "/en"))
    assert found
    assert all(address.startswith("/en/") for address in found)


def test_a_search_has_an_address_and_may_be_sent_to_others(search, served, new_page):
    address = search("assemblea").url
    assert address.endswith("/cerca/?q=assemblea")
    page = new_page()
    page.goto(address)
    page.locator(".results a").first.wait_for()
    assert page.get_by_role("searchbox").input_value() == "assemblea"


@pytest.mark.slow
def test_the_engine_is_loaded_only_when_somebody_searches(served, new_page):
    page, field = new_page(), []
    page.on("request", lambda request: field.append(request.url))
    page.goto(f"{served.address}/cerca/", wait_until="networkidle")
    assert [url for url in field if "pagefind" in url] == []


def test_a_search_that_fails_says_so_and_leads_to_the_list(served, new_page):
    page = new_page()
    page.route("**/pagefind/**", lambda route: route.abort())
    page.goto(f"{served.address}/cerca/?q=volontari")
    page.get_by_text("La ricerca ora non funziona.").wait_for()


def test_without_a_script_there_is_no_box_and_every_page_is_listed(
    served, new_page, built
):
    page = new_page(java_script_enabled=False)
    page.goto(f"{served.address}/cerca/")
    assert not page.locator("#q").is_visible()
    links = page.locator("main a").evaluate_all("all => all.map(a => a.pathname)")
    there = {
        "/" + path.removesuffix("index.html")
        for path in built.pages()
        if path.endswith("index.html") and not path.startswith(("en/", "ar/"))
    }
    assert there <= set(links)
    assert "/progetto/" in there


def test_every_page_leads_to_the_search_of_its_language(built):
    for page in built.pages().values():
        lang = page.get("lang")
        root = "" if lang == "it" else f"/{lang}"
        assert page.xpath("//header//a[@class='find']/@href") == [f"{root}/cerca/"]
        assert f"{root}/cerca/#pages" in page.xpath("//footer//a/@href")


def test_only_the_search_page_may_run_what_reads_the_index(served, built):
    for path in built.pages():
        sent = served.get(f"/{path}").headers["Content-Security-Policy"]
        assert ("'wasm-unsafe-eval'" in sent) == ("cerca/" in path), path


def test_pages_without_a_text_are_told(tmp_path):
    (tmp_path / "built").mkdir()
    with pytest.raises(NoIndex, match="Pagefind"):
        index_pages(tmp_path / "built", [], tmp_path / "nothing")
