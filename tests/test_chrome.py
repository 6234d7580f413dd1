"""Header, footer and style sheet that site and service wear."""

import re
from dataclasses import replace
from datetime import date

import pytest
from lxml import html

from forms_service.content import load_content
from forms_service.content.page_reading import load_pages
from forms_service.content.pages import Link
from forms_service.definition.texts import Review
from forms_service.i18n import Translator
from forms_service.shapes import chrome
from sample_content import SAMPLE

BOTH = {"it": "/progetto/", "en": "/en/progetto/"}
SEVEN = {lang: f"/{lang}/" for lang in ("it", "en", "ro", "sq", "uk", "ar", "fr")}


@pytest.fixture(scope="module")
def pages():
    return load_pages(load_content(SAMPLE))


def header(pages, lang="it", alternatives=BOTH, **changes):
    project = replace(
        pages.content.projects.get(lang, pages.content.project), **changes
    )
    translator = Translator(lang, project.zone)
    menu = pages.menu(lang, "progetto") if lang in pages.by_language else ()
    links = chrome.languages(translator, alternatives)
    text = chrome.header(project, lang, translator, links, menu)
    return html.fromstring(f"<body>{text}</body>")


def footer(pages, lang="it", project=None):
    project = project or pages.content.projects[lang]
    translator = Translator(lang, project.zone)
    text = chrome.footer(project, lang, translator, pages.menu(lang), pages.legal(lang))
    return html.fromstring(f"<body>{text}</body>")


def test_the_first_link_skips_to_the_content(pages):
    first = header(pages).xpath("//a")[0]
    assert first.get("href") == f"#{chrome.CONTENT_ID}"
    assert first.text == "Vai al contenuto"


def test_the_switch_offers_this_page_in_its_real_languages_by_their_own_names(pages):
    found = header(pages).xpath("//nav[@class='languages']//li/*")
    assert [(e.text, e.get("href"), e.get("lang")) for e in found] == [
        ("Italiano", None, "it"),
        ("English", "/en/progetto/", "en"),
    ]
    assert (
        header(pages, alternatives={"it": "/x/"}).xpath("//nav[@class='languages']")
        == []
    )


def test_many_languages_fold_into_a_list_that_opens_without_a_script(pages):
    (fold,) = header(pages, alternatives=SEVEN).xpath(
        "//nav[@class='languages']/details"
    )
    assert fold.find("summary").text_content() == "Italiano"
    assert "العربية" in fold.text_content()


def test_the_menu_says_where_we_are(pages):
    current = header(pages).xpath("//nav[@class='bar']//a[@aria-current='page']")
    assert [link.text for link in current] == ["Il progetto"]
    assert header(pages).xpath("//nav[@class='bar']//a")[0].text == "Home"


def test_a_page_without_a_menu_has_a_header_all_the_same(pages):
    project = pages.content.project
    translator = Translator("it", project.zone)
    none = chrome.languages(translator, {})
    found = html.fromstring(str(chrome.header(project, "it", translator, none, ())))
    assert found.xpath("//nav") == []


def test_the_demonstration_is_told_until_somebody_authorised_the_site(pages):
    assert "dimostrazione" in header(pages).text_content()
    authorised = header(pages, authorised_by="Delibera 1 del 2 marzo 2031")
    assert "dimostrazione" not in authorised.text_content()


@pytest.mark.parametrize(
    ("lang", "shown"),
    [
        ("en", "Nobody who speaks this language has checked this translation yet."),
        ("ar", "لم يراجع هذه الترجمة بعدُ أي شخص"),
    ],
)
def test_a_translation_says_in_its_language_that_nobody_has_checked_it(
    pages, lang, shown
):
    assert shown in header(pages, lang).text_content()
    checked = Review(True, "", "Ann", date(2031, 3, 2))
    assert shown not in header(pages, lang, review=checked).text_content()


def test_the_original_needs_nobody_to_check_it(pages):
    assert header(pages, authorised_by="Ann").xpath("//*[@role='region']") == []


def test_the_footer_carries_funding_contacts_and_legal_links(pages):
    found = footer(pages)
    assert pages.content.project.funding.sentence in found.text_content()
    elements = found.xpath("//@data-element")
    assert {"privacy-policy-link", "accessibility-link", "legal-notes"} <= set(elements)
    assert "Da confermare: telefono, PEC e codice fiscale." in found.text_content()


def test_what_the_body_gave_is_shown_and_the_official_statement_is_linked(pages):
    project = pages.content.project
    statement = "https://form.agid.gov.it/view/1"
    given = replace(
        project,
        contacts=replace(project.contacts, email="a@b.example", phone="+39 0564 1"),
        legal=replace(
            project.legal,
            accessibility_statement=statement,
            accessibility_objectives="https://a.example/o",
            transparency="https://a.example/t",
        ),
    )
    found = footer(pages, project=given)
    assert found.xpath("//a[@data-element='accessibility-link']/@href") == [statement]
    assert found.xpath("//a[@href='tel:+3905641']//bdi/@dir") == ["ltr"]
    assert found.xpath("//a[@href='https://a.example/t']") != []


def test_a_text_in_another_language_says_so(pages):
    text = pages.content.project.tagline
    assert chrome.marked(text, "it") == str(text)
    assert chrome.marked(text, "ro") == f'<span lang="it">{text}</span>'
    assert chrome.marked("<b>", "it") == "&lt;b&gt;"


def test_a_legal_page_in_another_language_says_so(pages):
    project = pages.content.project
    link = Link("Note", "/note/", lang="it")
    text = chrome.footer(project, "ro", Translator("en", project.zone), (), (link,))
    assert html.fromstring(str(text)).xpath(
        "//a[@hreflang='it'][@lang='it']/@href"
    ) == ["/note/"]


def test_the_style_sheet_wears_the_colours_of_the_project():
    sheet = chrome.stylesheet(
        {"primary": "#804000", "dark": "#111111", "light": "#FFF000"}
    )
    assert b"--primary:#804000" in sheet
    assert b"--hover:#603000" in sheet
    assert b"/*" not in sheet
    assert chrome.digest() != chrome.digest(
        {"primary": "#804000", "dark": "#111111", "light": "#FFF000"}
    )


def test_every_file_that_the_style_sheet_names_is_shipped():
    named = re.findall(rb"url\(([^\")]+)\)", chrome.stylesheet())
    assert len(named) == 6
    assert {name.decode() for name in named} <= set(chrome.files())
    assert "fonts/OFL.txt" in chrome.files()


def test_every_class_that_the_list_on_top_promises_has_a_rule():
    text = (chrome.FOLDER / chrome.STYLESHEET).read_text(encoding="utf-8")
    listed, rules = text[2:].split("*/", 1)
    names = {
        name
        for line in listed.splitlines()
        if re.match(r"  [a-z]", line)
        for part in re.split(r"[,;>]\s*", re.split(r"\s{3,}", line.strip())[0])
        for name in re.findall(r"^[a-z][a-z_-]*$", part.strip())
    }
    assert {"button", "card", "error-summary", "date-boxes"} <= names
    assert {name for name in names if f".{name}" not in rules} == set()


def test_nothing_is_placed_by_left_or_right():
    # Arabic is read from the right: only start and end may be said.
    text = (chrome.FOLDER / chrome.STYLESHEET).read_text(encoding="utf-8")
    physical = re.findall(
        r"(?:margin|padding|border)-(?:left|right)|[;{](?:left|right):", text
    )
    assert physical == []
