"""News: dated files that stand on the first page, on a list, and in a feed."""

import shutil

import pytest
from lxml import etree

from built_site import BASE
from forms_service.content import load_content
from forms_service.content.page_reading import load_pages
from forms_service.definition.problems import ContentError
from sample_content import SAMPLE

ATOM = {"a": "http://www.w3.org/2005/Atom"}
FIRST = "notizie/2020-06-18-assemblea-online"


@pytest.fixture
def content(tmp_path):
    """A copy of the content whose news may be changed."""
    return shutil.copytree(SAMPLE, tmp_path / "content")


def write(content, name):
    text = (content / "it" / f"{FIRST}.md").read_text("utf-8")
    (content / "it" / "notizie" / name).write_text(text, "utf-8")


def test_news_stand_newest_first(content):
    for name in ("2021-01-09-b.md", "2020-12-31-a.md"):
        write(content, name)
    found = load_pages(load_content(content)).news("it")
    assert [page.published.isoformat() for page in found] == [
        "2021-01-09",
        "2020-12-31",
        "2020-06-18",
    ]


@pytest.mark.parametrize("name", ["avviso.md", "2020-13-01-a.md", "2020-06-18.md"])
def test_news_without_a_day_in_the_name_are_told(content, name):
    write(content, name)
    with pytest.raises(ContentError, match=rf"notizie/{name}: name it after its day"):
        load_pages(load_content(content))


def test_the_newest_stand_on_the_first_page_with_their_day(built):
    for root, day in (("/", "18 giugno 2020"), ("/en/", "18 June 2020")):
        (news,) = built.page(root).xpath("//section[@aria-labelledby='news']")
        assert day in news.text_content()
        links = news.xpath(".//a/@href")
        assert links == [f"{root}{FIRST}/", f"{root}notizie/"]


def test_a_piece_of_news_says_its_day_and_leads_back_to_the_list(built):
    page = built.page(f"/{FIRST}/")
    assert page.xpath("//main//time/@datetime") == ["2020-06-18"]
    assert "/notizie/" in page.xpath("//nav[@class='breadcrumb']//a/@href")
    assert f"/{FIRST}/" in built.page("/notizie/").xpath("//main//a/@href")


def test_the_feed_of_each_language_holds_its_news(built):
    for root, lang in (("/", "it"), ("/en/", "en")):
        linked = built.page(root).xpath("//link[@rel='alternate']/@href")
        assert linked == [f"{root}notizie/feed.xml"]
        file = built.public / linked[0].lstrip("/")
        feed = etree.fromstring(file.read_bytes())
        assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == lang
        assert feed.find("a:link[@rel='self']", ATOM).get("href") == BASE + linked[0]
        (entry,) = feed.findall("a:entry", ATOM)
        address = f"{BASE}{root}{FIRST}/"
        assert entry.findtext("a:id", namespaces=ATOM) == address
        published = entry.findtext("a:published", namespaces=ATOM)
        assert published == "2020-06-18T00:00:00+02:00"
    assert built.page("/progetto/").xpath("//link[@rel='alternate']") == []
