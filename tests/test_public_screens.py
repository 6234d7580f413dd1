"""Every page a citizen can meet, on a phone and on a desk, without an obstacle.

The same way is walked once more with words and texts that are as long as they may be,
from left to right and from right to left.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import template_rendered
from playwright.sync_api import Page

from citizen import VOLUNTEER, Citizen, Mailbox
from conftest import ROOT
from forms_service.i18n import Translator
from forms_service.mail import kinds
from forms_service.mail.message import MailMessage
from forms_service.store.events import EventVerb
from forms_service.workflow import deciding, reminding, verification
from layout import ADDRESS, LINES, WORD, layout_faults
from service import Clock, Service
from validity import all_faults, every_page_of

# What it draws and reads is measured elsewhere; traced, it takes twice as long.
pytestmark = pytest.mark.no_cover

TEMPLATES = ROOT / "forms_service" / "web" / "templates" / "public"
# Macros that other templates draw.
PARTS = {"parts.html"}
PHONE, NARROW = 360, 320


class Screens:
    """A browser that looks closely at each page it comes to."""

    def __init__(
        self,
        service: Service,
        page: Page,
        axe: Callable[[Page], list[str]],
        lang: str = "it",
    ) -> None:
        self.service = service
        self.page = page
        self.axe = axe
        self.lang = lang
        self.translator = Translator(lang, ZoneInfo("Europe/Rome"))
        self.titles: set[str] = set()

    def look(self) -> None:
        """Find nothing sticking out, and no obstacle where the title is a new one."""
        self.page.wait_for_load_state()
        if (title := self.page.title()) not in self.titles:
            self.titles.add(title)
            assert self.axe(self.page) == [], self.page.url
        assert layout_faults(self.page) == [], self.page.url

    def open(self, path: str) -> None:
        """Go to an address and look."""
        self.page.goto(self.service.address + path)
        self.look()

    def forms(self, path: str) -> None:
        """Open an address of the forms in the language of the walk."""
        self.open(f"/moduli/{self.lang}/{path}")

    def press(self, msgid: str) -> None:
        """Press a button and look at what comes."""
        buttons = self.page.locator("main button:not(.hidden)")
        name = self.translator.gettext(msgid)
        with self.page.expect_navigation():
            buttons.filter(has_text=name).first.click()
        self.look()

    def take_mail(self) -> MailMessage:
        """Take the next mail."""
        return Mailbox(self.service).take()


@pytest.mark.slow
@pytest.mark.parametrize("width", [PHONE, 1280])
def test_no_page_has_an_obstacle(service, new_page, axe, clock, width):
    seen: set[str] = set()

    def remember(sender: object, template: object, **context: object) -> None:
        seen.add(Path(str(getattr(template, "name", ""))).name)

    drawn = template_rendered.connected_to(remember, service.app)
    with drawn, every_page_of(service.app) as pages:
        page = new_page(viewport={"width": width, "height": 800})
        screens = Screens(service, page, axe)
        walk(screens, clock)
        open_the_link_of_many(screens, clock)
        stay_in_the_register(screens, clock)
    assert {file.name for file in TEMPLATES.iterdir()} - seen == PARTS
    if width > PHONE:
        assert len(pages) > 20
        assert all_faults(pages) == {}


def words(lang: str) -> dict[str, Any]:
    """Return the answers of a volunteer, as long as they may be."""
    word = WORD[lang]
    long = {"nome_completo": word, "competenze": f"{word}\n{LINES}", "email": ADDRESS}
    return {**VOLUNTEER, **long}


@pytest.mark.parametrize("lang", ["it", pytest.param("ar", marks=pytest.mark.slow)])
def test_long_words_and_texts_stand_whole_on_every_page(service, new_page, clock, lang):
    page = new_page(viewport={"width": NARROW, "height": 640})
    walk(Screens(service, page, lambda _: [], lang), clock, words(lang))


def open_again(screens: Screens) -> None:
    screens.press("Send me a code")
    letter = screens.take_mail()
    while letter.kind is not kinds.code:
        letter = screens.take_mail()
    screens.page.fill("#code", letter.code)
    screens.press("See your answers")


def open_the_link_of_many(screens: Screens, clock: Clock) -> None:
    """Open the one mail for all requests that wait for an address, and mistype."""
    person = VOLUNTEER | {"email": "anh@example.org"}
    citizens = [Citizen(screens.service, "volontari", person) for _ in range(5)]
    for _ in range(3):
        citizens[0].take_mail()
    clock.advance(days=1)
    screens.open(citizens[0].mailbox.take(kinds.verify_many).link)
    screens.page.fill("#reference", "AAAA2222")
    screens.press("Yes, confirm my address")


def stay_in_the_register(screens: Screens, clock: Clock) -> None:
    """Be asked after a year, and say yes."""
    context = screens.service.context
    person = VOLUNTEER | {"email": "stays@example.org"}
    member = Citizen(screens.service, "volontari", person)
    verification.confirm(context, member.id)
    deciding.decide(context, member.id, EventVerb.ACCEPT, "staff:1")
    clock.advance(days=365)
    reminding.announce(context)
    screens.open(member.mailbox.take(kinds.renewal).link)
    screens.press("Resto nel registro")


def walk(screens: Screens, clock: Clock, typed: Mapping[str, Any] = VOLUNTEER) -> None:
    page = screens.page
    for path in ("corso", "assemblea", "ascolto", "link-perso", "volontari"):
        screens.forms(path)
    screens.forms("volontari/carica")
    screens.press("Open the PDF")
    screens.forms("verifica-ricevuta")
    screens.press("Check the receipt")
    screens.forms("volontari")
    screens.press("Next: check your answers")
    for name, value in typed.items():
        control = page.locator(f"main [name={name}]")
        kind = control.first.evaluate("one => one.type")
        if kind == "checkbox":
            control.first.check()
        elif kind == "select-one":
            control.select_option(value)
        else:
            control.fill(value)
    screens.press("Next: check your answers")
    screens.press("Change")
    screens.press("Next: check your answers")
    screens.press("Confirm and send")
    page.fill("#code", "AAAAAA")
    screens.press("Confirm with the code")
    page.fill("#email", typed["email"])
    screens.press("Check the address and send again")
    link = screens.take_mail().link
    clock.advance(days=15)
    screens.open(link)
    screens.press("Send me a new link")
    screens.open(screens.take_mail().link)
    screens.press("Yes, confirm my address")
    page.evaluate("document.querySelector('.feedback').noValidate = true")
    screens.press("Send")
    page.check("#stars-3")
    screens.press("Send")
    page.check("#choice-unsure")
    screens.press("Send")
    screens.open(screens.take_mail().link)
    screens.press("Send me a code")
    page.fill("#code", "AAAAAA")
    screens.press("See your answers")
    page.fill("#code", screens.take_mail().code)
    screens.press("See your answers")
    screens.press("Correct the answers")
    page.fill("[name=nome_completo]", "")
    screens.press("Next: check your answers")
    page.fill("[name=nome_completo]", typed["nome_completo"][::-1])
    screens.press("Next: check your answers")
    clock.advance(minutes=31)
    screens.press("Replace my answers")
    screens.press("Send another code")
    page.fill("#link-code", screens.take_mail().code)
    screens.press("Replace my answers")
    page.click("a.back")
    open_again(screens)
    screens.press("Withdraw the request")
    screens.press("Yes, withdraw it")
    open_again(screens)
    screens.press("Erase everything now")
    screens.press("Yes, erase everything")
    screens.forms("link-perso")
    page.fill("#email", "x")
    screens.press("Send me the links")
    page.fill("#email", "nobody@example.org")
    screens.press("Send me the links")
    screens.open("/r/nothing")
