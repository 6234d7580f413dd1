"""The built site in a real Chromium: keyboard, no script, small screens, axe."""

import pytest
from pypdfium2 import PdfDocument

from built_site import files_of, plain_server

# One page of each kind.
KINDS = (
    "/",
    "/progetto/",
    "/partecipa/",
    "/partecipa/volontari/",
    "/assemblea/",
    "/privacy/",
    "/cerca/",
    "/notizie/",
)
PHONE = {"viewport": {"width": 360, "height": 740}}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture(scope="module")
def origin(built):
    """The address of a plain server of the built files."""
    with plain_server(files_of(built.public)) as address:
        yield address


@pytest.mark.parametrize(
    "screen",
    [
        pytest.param(PHONE, id="phone"),
        pytest.param(DESKTOP, id="desktop", marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing_and_nothing_is_stored(new_page, axe, origin, screen):
    page = new_page(**screen)
    for address in (*KINDS, "/en/", "/en/partecipa/volontari/"):
        page.goto(origin + address)
        assert axe(page) == [], address
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_first_page_is_light(new_page, origin):
    page, requests = new_page(**PHONE), set()
    page.on("request", lambda request: requests.add(request.url))
    page.goto(origin, wait_until="networkidle")
    assert len({request for request in requests if request.startswith("http")}) <= 8, (
        requests
    )


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard_without_a_script(
    new_page, origin
):
    page = new_page(java_script_enabled=False, **PHONE)
    page.goto(origin)
    menu = page.locator(".menu nav")
    assert not menu.is_visible()
    page.locator(".menu summary").focus()
    page.keyboard.press("Enter")
    assert menu.is_visible()
    page.keyboard.press("Enter")
    assert not menu.is_visible()


@pytest.mark.slow
def test_tab_never_reaches_what_cannot_be_seen(new_page, origin):
    for screen in (PHONE, DESKTOP):
        page = new_page(**screen)
        page.goto(f"{origin}/partecipa/volontari/")
        for _ in range(60):
            page.keyboard.press("Tab")
            focus = page.locator(":focus")
            if focus.count() == 0:
                break
            box = focus.bounding_box()
            assert box, focus.evaluate("it => it.outerHTML")
            assert box["width"] > 1
            assert box["height"] > 1


def test_the_first_tab_shows_the_link_to_the_content(new_page, origin):
    page = new_page(**DESKTOP)
    page.goto(f"{origin}/progetto/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Vai al contenuto"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("width", [320, pytest.param(768, marks=pytest.mark.slow)])
def test_no_page_scrolls_sideways(new_page, origin, width):
    page = new_page(viewport={"width": width, "height": 700})
    for address in KINDS:
        page.goto(origin + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_what_can_be_pressed_is_large_enough_for_a_thumb(new_page, origin):
    page = new_page(**PHONE)
    page.goto(f"{origin}/partecipa/volontari/")
    for button in page.locator(".button, .menu summary, .languages a").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44, button.inner_text()


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/assemblea/", "/festa/", "/partecipa/volontari/"])
def test_a_page_printed_as_a_leaflet_takes_one_sheet(new_page, origin, address):
    page = new_page()
    page.goto(origin + address)
    assert len(PdfDocument(page.pdf(prefer_css_page_size=True, format="A4"))) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/assemblea/", "/partecipa/volontari/"])
def test_on_paper_the_style_of_the_screen_would_take_more_sheets(
    new_page, origin, address
):
    page = new_page()
    page.goto(origin + address)
    page.emulate_media(media="screen")
    assert len(PdfDocument(page.pdf(format="A4"))) > 2
