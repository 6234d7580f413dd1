"""Every page a citizen can meet, on a phone and on a desk, without an obstacle."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import template_rendered
from playwright.sync_api import Page

from citizen import VOLUNTEER, Mailbox
from conftest import ROOT
from forms_service.mail import kinds
from forms_service.mail.message import MailMessage
from service import Service
from validity import all_faults, every_page_of

TEMPLATES = ROOT / "forms_service" / "web" / "templates" / "public"
# Macros that other templates draw.
PARTS = {"parts.html"}
PHONE = 360


class Screens:
    """A browser that looks closely at each page it comes to."""

    def __init__(
        self, service: Service, page: Page, axe: Callable[[Page], list[str]]
    ) -> None:
        self.service = service
        self.page = page
        self.axe = axe
        self.titles: set[str] = set()

    def look(self) -> None:
        """Find nothing sticking out, and no obstacle where the title is a new one."""
        width = self.page.viewport_size["width"]
        if (title := self.page.title()) not in self.titles:
            self.titles.add(title)
            assert self.axe(self.page) == [], self.page.url
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, self.page.url

    def open(self, path: str) -> None:
        """Go to an address and look."""
        self.page.goto(self.service.address + path)
        self.look()

    def press(self, name: str) -> None:
        """Press a button and look at what comes."""
        buttons = self.page.locator("main button:not(.hidden)")
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
        walk(Screens(service, page, axe), clock)
    assert {file.name for file in TEMPLATES.iterdir()} - seen == PARTS
    if width > PHONE:
        assert len(pages) > 20
        assert all_faults(pages) == {}


def open_again(screens: Screens) -> None:
    screens.press("Mandami un codice")
    letter = screens.take_mail()
    while letter.kind is not kinds.code:
        letter = screens.take_mail()
    screens.page.fill("#code", letter.code)
    screens.press("Vedi le tue risposte")


def walk(screens: Screens, clock: Callable[[], object]) -> None:
    page = screens.page
    for path in ("corso", "assemblea", "link-perso", "volontari"):
        screens.open(f"/moduli/it/{path}")
    screens.open("/moduli/it/volontari/carica")
    screens.press("Apri il PDF")
    screens.open("/moduli/it/verifica-ricevuta")
    screens.press("Verifica la ricevuta")
    screens.open("/moduli/it/volontari")
    screens.press("Avanti")
    for name, value in VOLUNTEER.items():
        control = page.locator(f"main [name={name}]")
        kind = control.first.evaluate("one => one.type")
        if kind == "checkbox":
            control.first.check()
        elif kind == "select-one":
            control.select_option(value)
        else:
            control.fill(value)
    screens.press("Avanti")
    screens.press("Modifica")
    screens.press("Avanti")
    screens.press("Conferma e invia")
    page.fill("#code", "AAAAAA")
    screens.press("Conferma con il codice")
    page.click("main summary:has-text('cambia')")
    page.fill("#email", "anh@example.org")
    screens.press("Controlla l’indirizzo e manda")
    link = screens.take_mail().link
    clock.advance(days=15)
    screens.open(link)
    screens.press("Mandami un nuovo link")
    screens.open(screens.take_mail().link)
    screens.press("Sì, conferma")
    page.evaluate("document.querySelector('.feedback').noValidate = true")
    screens.press("Invia")
    page.check("#stars-3")
    screens.press("Invia")
    page.check("#choice-unsure")
    screens.press("Invia")
    screens.open(screens.take_mail().link)
    screens.press("Mandami un codice")
    page.fill("#code", "AAAAAA")
    screens.press("Vedi le tue risposte")
    page.fill("#code", screens.take_mail().code)
    screens.press("Vedi le tue risposte")
    screens.press("Correggi le risposte")
    page.fill("[name=nome_completo]", "")
    screens.press("Avanti")
    page.fill("[name=nome_completo]", "Ánh")
    screens.press("Avanti")
    clock.advance(minutes=31)
    screens.press("Salva le nuove risposte")
    screens.press("Mandami un altro codice")
    page.fill("#link-code", screens.take_mail().code)
    screens.press("Salva le nuove risposte")
    page.click("a.back")
    open_again(screens)
    screens.press("Ritira la richiesta")
    screens.press("Sì, ritira")
    open_again(screens)
    screens.press("Cancella tutto adesso")
    screens.press("Sì, cancella tutto")
    screens.open("/moduli/it/link-perso")
    page.fill("#email", "x")
    screens.press("Mandami i link")
    page.fill("#email", "nobody@example.org")
    screens.press("Mandami i link")
    screens.open("/r/nothing")
