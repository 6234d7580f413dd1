"""Pages, their blocks and their links: what is found, and what is told as a mistake."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from forms_service.content import load_content
from forms_service.content.page_reading import load_pages
from forms_service.content.pages import Block, UnknownLink
from forms_service.definition import ContentError
from forms_service.definition.form_dates import Opening, opening, opening_changes
from sample_content import OTHER, SAMPLE, form_with

ROME = ZoneInfo("Europe/Rome")
FRONT = "---\ntitle: Eins\ndescription: Zwei.\nupdated: 2031-02-03\n---\n"


@pytest.fixture(scope="module")
def pages():
    return load_pages(load_content(SAMPLE))


@pytest.fixture
def folder(tmp_path):
    """A small project of one language, to spoil."""
    copy = tmp_path / "content"
    shutil.copytree(OTHER, copy)
    return copy


def mistakes(folder):
    with pytest.raises(ContentError) as raised:
        load_pages(load_content(folder))
    return [str(problem) for problem in raised.value.problems]


def test_every_page_of_the_project_is_read_in_each_language(pages):
    assert set(pages.by_language) == {"it", "en", "ar"}
    assert pages.page("index", "it").hero.action.to == "form:volontari"
    assert pages.alternatives("azioni") == {"it": "/azioni/", "en": "/en/azioni/"}
    assert pages.form_alternatives("volontari")["en"] == "/en/partecipa/volontari/"


def test_markdown_and_blocks_take_turns(pages):
    parts = list(pages.page("assemblea", "it").parts)
    assert Block("event", "assemblea") in parts
    assert "## Che cos’è" in "".join(part for part in parts if isinstance(part, str))


def test_the_menu_marks_where_we_are(pages):
    current = [link.title for link in pages.menu("en", "progetto") if link.current]
    assert current == ["The project"]


def test_a_menu_leaves_out_what_is_not_translated(folder):
    translate(folder)
    pages = load_pages(load_content(folder))
    assert [link.url for link in pages.menu("en")] == ["/en/"]
    legal = pages.legal("en")
    assert [link.lang for link in legal] == ["de", "de"]
    assert legal[0].element == "privacy-policy-link"


def test_links_become_addresses(pages):
    def there(link, lang="it"):
        return pages.destination(link, lang).url

    assert there("progetto.md") == "/progetto/"
    assert there("progetto.md#dove", "en") == "/en/progetto/#dove"
    assert there("form:volontari") == "/partecipa/volontari/"
    assert there("pdf:volontari", "en") == "/documenti/en/volontari.pdf"
    assert there("service:volontari") == "/moduli/it/volontari"
    assert there("event:assemblea") == "/assemblea/"
    assert there("assets/logo.svg") == "/assets/logo.svg"
    assert there("https://www.example.org/") == "https://www.example.org/"


def test_a_page_can_lead_to_whoever_lost_the_personal_link(pages):
    found = pages.destination("service:link-perso", "en")
    assert (found.url, found.lang) == ("/moduli/en/link-perso", "en")


def test_a_link_to_another_language_says_which(folder):
    translate(folder)
    pages = load_pages(load_content(folder))
    assert pages.rewritten("[x](kontakt.md) [y](https://a.example)", "en") == (
        '[x](/kontakt/){ hreflang="de" } [y](https://a.example)'
    )
    assert pages.destination("form:lesepate", "en").lang == "de"


@pytest.mark.parametrize(
    ("link", "advice"),
    [
        ("progeto.md", 'did you mean "progetto"'),
        ("form:volontar", 'did you mean "volontari"'),
        ("event:assemble", 'did you mean "assemblea"'),
        ("pfd:volontari", 'did you mean "pdf"'),
        ("progetto", "page.md"),
        ("/progetto/", "page.md"),
        ("assets/none.svg", "no such file"),
    ],
)
def test_an_unknown_link_is_told_with_a_suggestion(pages, link, advice):
    with pytest.raises(UnknownLink, match=advice):
        pages.destination(link, "it")


def test_all_mistakes_of_all_pages_are_told_at_once(folder):
    spoilt = "\n[a](nichts.md)\n\n[[frms]]\n\n[[form:lesepat]]\n\n[[forms]]\n"
    (folder / "de" / "vorhaben.md").write_text(FRONT + spoilt, encoding="utf-8")
    (folder / "de" / "kontakt.md").write_text("# Ohne Kopf\n", encoding="utf-8")
    found = mistakes(folder)
    assert len(found) == 4
    assert "content/de/kontakt.md: line 1: begin with" in found[0]
    assert "content/de/vorhaben.md: line 7: there is no page" in found[1]
    assert 'line 9: [[frms]] is no block (did you mean "forms"' in found[2]
    assert (
        'line 11: [[form:lesepat]]: no such form (did you mean "lesepate"' in found[3]
    )


@pytest.mark.parametrize(
    ("front", "advice"),
    [
        ("titel: Eins\n", 'unknown key (did you mean "title"?)'),
        ("template: hom\n", "unknown “hom”"),
        ("event: fest\n", "there is no event “fest”"),
        ("hero: {title: Eins, action: {text: Los, to: nix.md}}\n", "hero.action.to"),
        ("hero: {title: Eins, second: {text: Los}}\n", "hero.second.to"),
        ("cards: [{title: Eins, to: nix.md}]\n", "cards[0].to: there is no page"),
        ("cards: [{titel: Eins, to: index.md}]\n", "cards[0].titel"),
        ("hero: [", "line 5"),
    ],
)
def test_a_mistake_in_the_front_matter_names_its_key(folder, front, advice):
    text = FRONT.removesuffix("---\n") + front.rstrip("\n") + "\n---\n"
    (folder / "de" / "vorhaben.md").write_text(text, encoding="utf-8")
    assert any(advice in mistake for mistake in mistakes(folder)), mistakes(folder)


def test_a_page_that_the_menu_names_must_be_there(folder):
    (folder / "de" / "vorhaben.md").unlink()
    assert any("nav: there is no page “vorhaben.md”" in m for m in mistakes(folder))


def test_each_language_needs_a_first_page(folder):
    translate(folder)
    (folder / "en" / "index.md").unlink()
    assert any("write the first page, en/index.md" in m for m in mistakes(folder))


def test_a_page_that_is_not_utf_8_is_told(folder):
    (folder / "de" / "vorhaben.md").write_bytes(b"---\ntitle: \xe9\n---\n")
    assert any("save the file as UTF-8" in mistake for mistake in mistakes(folder))


@pytest.mark.parametrize(
    ("opens", "closes", "now", "state"),
    [
        (None, None, datetime(2031, 1, 1, tzinfo=UTC), Opening.NOT_YET),
        (
            date(2031, 3, 1),
            None,
            datetime(2031, 2, 28, 22, 59, 59, tzinfo=UTC),
            Opening.NOT_YET,
        ),
        (
            date(2031, 3, 1),
            None,
            datetime(2031, 2, 28, 23, 0, tzinfo=UTC),
            Opening.OPEN,
        ),
        (
            date(2031, 3, 1),
            date(2031, 7, 1),
            datetime(2031, 7, 1, 21, 59, 59, tzinfo=UTC),
            Opening.OPEN,
        ),
        (
            date(2031, 3, 1),
            date(2031, 7, 1),
            datetime(2031, 7, 1, 22, 0, tzinfo=UTC),
            Opening.CLOSED,
        ),
        (None, date(2031, 7, 1), datetime(2032, 1, 1, tzinfo=UTC), Opening.CLOSED),
    ],
)
def test_a_form_is_open_between_its_days_in_the_zone_of_the_project(
    opens, closes, now, state
):
    form = made_form(opens, closes)
    assert opening(form, None, now, ROME) is state


def test_a_form_changes_when_its_first_day_begins_and_its_last_day_ends():
    form = made_form(date(2031, 3, 1), date(2031, 7, 1))
    assert opening_changes(form, ROME) == (
        datetime(2031, 2, 28, 23, 0, tzinfo=UTC),
        datetime(2031, 7, 1, 22, 0, tzinfo=UTC),
    )
    assert opening_changes(made_form(None, None), ROME) == ()


def made_form(opens, closes):
    field = "- {id: it, type: text, label: It, purpose: Test}"
    return replace(form_with(field), opens=opens, closes=closes)


def translate(folder):
    """Add an English first page and nothing else."""
    file = folder / "project.yml"
    text = file.read_text(encoding="utf-8").replace("[de]", "[de, en]")
    file.write_text(text, encoding="utf-8")
    (folder / "project.en.yml").write_text("tagline: Together\n", encoding="utf-8")
    (folder / "en").mkdir()
    (folder / "en" / "index.md").write_text(FRONT, encoding="utf-8")
