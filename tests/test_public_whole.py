"""The whole way by keyboard only, without a script, on a narrow phone, in Arabic.

Every page on it, wrong ones too, is looked at by axe and must not stick out.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route

from citizen import VOLUNTEER, Mailbox
from forms_service.mail import kinds
from forms_service.mail.message import MailKind, MailMessage
from service import Service

NARROW = {"width": 320, "height": 640}
# More stops than any page has: a focus that goes round in circles fails.
STOPS = 200


class Keyboard:
    """Somebody who has no mouse and whose browser runs no script."""

    def __init__(
        self,
        service: Service,
        new_page: Callable[..., Page],
        axe: Callable[[Page], list[str]],
    ) -> None:
        self.service = service
        self.axe = axe
        self.page = new_page(viewport=NARROW, java_script_enabled=False, locale="ar")
        # The same page again where axe can run; the scripts of ours stay away.
        self.double = new_page(viewport=NARROW, locale="ar")
        self.double.route("**/*.js", lambda route: route.abort())

    def look(self) -> None:
        """Find no obstacle and nothing that sticks out."""
        shown, url = self.page.content(), self.page.url.partition("#")[0]

        def again(route: Route) -> None:
            route.fulfill(body=shown, content_type="text/html; charset=utf-8")

        self.double.route(url, again)
        self.double.goto(url)
        assert self.axe(self.double) == [], url
        wide = self.double.evaluate("document.documentElement.scrollWidth")
        assert wide <= NARROW["width"], url
        assert self.page.locator("html").get_attribute("dir") == "rtl", url
        self.double.unroute(url, again)

    def open(self, path: str) -> None:
        self.page.goto(self.service.address + path)
        self.look()

    def reach(self, control: Locator) -> None:
        """Press Tab until a control has the focus."""
        for _ in range(STOPS):
            if control.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way to {control}")

    def press(self, what: str) -> None:
        """Reach a button and press it; look at what comes."""
        button = self.page.locator(f"main {what}:not([tabindex='-1'])").first
        self.reach(button)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()

    def write(self, name: str, text: str) -> None:
        self.reach(self.page.locator(f"main [name={name}]"))
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def tick(self, name: str, value: str) -> None:
        self.reach(self.page.locator(f"main [name={name}][value='{value}']"))
        self.page.keyboard.press("Space")

    def take_mail(self, kind: MailKind) -> MailMessage:
        """Take mails until there is one of a kind."""
        return Mailbox(self.service).take(kind)

    def fill(self) -> None:
        """Fill in the register's form; its list by the first letters of a name."""
        self.write("nome_completo", VOLUNTEER["nome_completo"])
        self.reach(self.page.locator("main [name=comune]"))
        self.page.keyboard.type("Esempio al")
        self.write("email", VOLUNTEER["email"])
        self.tick("aree", "sociale")
        for name in ("maggiorenne", "idoneita", "presa_visione_privacy"):
            self.tick(name, "true")


@pytest.fixture
def somebody(service, new_page, axe) -> Keyboard:
    return Keyboard(service, new_page, axe)


@pytest.mark.slow
def test_the_whole_way_is_open_to_a_keyboard_in_arabic_without_script(somebody):
    somebody.open("/moduli/ar/volontari")
    somebody.press("form[action*=riepilogo] .actions button")
    assert somebody.page.locator(".error-summary li").count() == 7
    # The focus goes to the list by itself, and nothing of it stays in the address.
    assert somebody.page.evaluate("document.activeElement.id") == "wrong"
    assert somebody.page.evaluate("scrollY") > 0
    somebody.fill()
    somebody.press("form[action*=riepilogo] .actions button")
    assert somebody.page.url.endswith("/riepilogo")
    somebody.press("form[action*=conferma] .actions button")
    somebody.write("code", "AAAAAA")
    somebody.press("form[action$=codice] button")
    assert somebody.page.locator(".error-summary").count() == 1
    somebody.reach(somebody.page.locator(".error-summary a"))
    letter = somebody.take_mail(kinds.verify)
    somebody.open(letter.link)
    somebody.press("form[action$=conferma] button")
    receipt = somebody.take_mail(kinds.receipt)
    somebody.open(receipt.link)
    somebody.press("form[action$=codice] button")
    somebody.write("code", "AAAAAA")
    somebody.press("form[action$=risposte] button")
    assert somebody.page.locator(".error-summary").count() == 1
    somebody.write("code", somebody.take_mail(kinds.code).code)
    somebody.press("form[action$=risposte] button")
    assert VOLUNTEER["nome_completo"] in somebody.page.inner_text("main")
    somebody.press("button[formaction$=ritira]")
    somebody.press("form[action$=conferma] button")
    somebody.open("/moduli/ar/link-perso")
    somebody.press("button")
    somebody.write("email", VOLUNTEER["email"])
    somebody.press("button")
    somebody.open("/moduli/ar/volontari/carica")
    somebody.press(".actions button")
