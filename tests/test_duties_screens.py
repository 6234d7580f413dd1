"""One page of each kind, from left to right and from right to left, in hard conditions.

The whole matrix is slow. Axe looks where colours or what is shown change; sideways
scroll is looked for everywhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
# Name of a condition: options of the browser, size of text in %, whether axe looks.
CONDITIONS: dict[str, tuple[dict[str, Any], int, bool]] = {
    "phone": ({"viewport": PHONE}, 100, True),
    "desktop": ({"viewport": DESKTOP}, 100, True),
    # Axe reads the colours of the page, not the forced ones.
    "forced colours": ({"viewport": PHONE, "forced_colors": "active"}, 100, False),
    "rest": ({"viewport": DESKTOP, "reduced_motion": "reduce"}, 100, False),
    "320 px": ({"viewport": {"width": 320, "height": 640}}, 100, False),
    "large text": ({"viewport": {"width": 640, "height": 800}}, 200, False),
    "large text on a desk": ({"viewport": DESKTOP}, 200, True),
}
EVERYWHERE = (
    "",
    "progetto/",
    "partecipa/",
    "partecipa/volontari/",
    "partecipa/ascolto/",
    "assemblea/",
    "contatti/",
    "privacy/",
    "cerca/",
    "404.html",
)
ONLY_ITALIAN = ("notizie/", "accessibilita/", "note-legali/")
SERVICE = ("volontari", "ascolto", "assemblea", "link-perso", "volontari/carica")


def addresses(lang: str) -> Iterator[str]:
    """Yield one address of each kind of page in a language."""
    root = "/" if lang == "it" else f"/{lang}/"
    for page in EVERYWHERE + (ONLY_ITALIAN if lang == "it" else ()):
        yield root + page
    for page in SERVICE:
        yield f"/moduli/{lang}/{page}"


@pytest.fixture
def screen(start_service, new_page, request):
    """A browser in a condition, before the site in a build that it names."""

    @contextmanager
    def opened(built, condition):
        options, text, _ = CONDITIONS[condition]
        page = new_page(**options)
        service = start_service(site_dir=built.public)

        def visit(address):
            page.goto(service.address + address)
            if text != 100:
                page.evaluate(
                    "size => document.documentElement.style.fontSize = size", f"{text}%"
                )

        page.visit = visit
        yield page

    return opened


def sticking_out(page) -> list[str]:
    """Return what is wider than the window, if anything can be scrolled sideways."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter(e => e.getBoundingClientRect().right > width + 1
              || e.getBoundingClientRect().left < -1)
            .map(e => e.outerHTML.slice(0, 120)).slice(0, 5);
        }"""
    )


def look(page, axe, address, condition):
    page.visit(address)
    assert sticking_out(page) == [], f"{address}, {condition}"
    if CONDITIONS[condition][2]:
        assert axe(page) == [], f"{address}, {condition}"


@pytest.mark.slow
@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("lang", ["it", "ar"])
def test_no_kind_of_page_has_an_obstacle(built, screen, axe, lang, condition):
    with screen(built, condition) as page:
        for address in addresses(lang):
            look(page, axe, address, condition)
            direction = "rtl" if lang == "ar" else "ltr"
            assert page.locator("html").get_attribute("dir") == direction


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["it", "ar"])
@pytest.mark.parametrize("condition", ["phone", "320 px"])
@pytest.mark.parametrize("opened", [".menu", ".languages details"])
def test_the_open_menu_and_the_open_list_of_languages_have_none(
    built, screen, axe, lang, condition, opened
):
    with screen(built, condition) as page:
        for address in addresses(lang):
            page.visit(address)
            if not page.locator(opened).count():
                continue
            page.locator(f"{opened} summary").first.click()
            assert page.locator(f"{opened} ul").first.is_visible()
            assert sticking_out(page) == [], f"{address}, {condition}"
            assert axe(page) == [], f"{address}, {condition}"


def test_a_page_of_each_half_stands_large_text_on_a_narrow_window(built, screen, axe):
    with screen(built, "large text") as page:
        for address in ("/partecipa/ascolto/", "/moduli/it/barriere"):
            look(page, axe, address, "large text")


def test_what_sticks_out_is_noticed(built, screen):
    with screen(built, "320 px") as page:
        page.visit("/")
        page.evaluate("document.querySelector('h1').style.inlineSize = '500px'")
        assert sticking_out(page) != []


def test_a_person_of_the_staff_prints_the_whole_record(service, clerk, new_page):
    page = new_page(viewport={"width": 700, "height": 1000})
    page.emulate_media(media="print")
    cookie = clerk.client.get_cookie("staff", path="/staff")
    page.context.add_cookies(
        [{"name": "staff", "value": cookie.value, "url": service.address + "/staff"}]
    )
    page.goto(service.address + "/staff/registro")
    for form_id in service.context.content.forms:
        assert page.locator(f"#{form_id}-title").is_visible()
    assert not page.locator(".bar, .me").first.is_visible()
    assert sticking_out(page) == []
