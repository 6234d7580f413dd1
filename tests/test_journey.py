"""The whole story in a real browser with real mail: from the home page to the table.

Nothing here knows more than a person does: public pages, the mailbox, the staff pages.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from clerk import PASSWORD, join
from forms_service.mail.smtp import smtp_transport
from forms_service.workers import MailRoute, Workers
from service import Service
from test_transport import SmtpInbox, free_port

LONG = "\n".join(f"Riga {number}: " + "parole, " * 9 + "fine" for number in range(7))
LINK = re.compile(r"http://127\.0\.0\.1:\d+(/r/\S+)")
CODE = re.compile(r"^\s*([2-9A-HJKMNP-Z]{6})\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Story:
    """Who fills in which form with what, and on which kind of screen."""

    form_id: str
    typed: dict[str, str | list[str]]
    shown: list[str]
    width: int
    script: bool


STORIES = [
    Story(
        "volontari",
        {
            "nome_completo": "Nguyễn Thị Ánh",
            "come_chiamarti": "D’Angelo",
            "comune": "altro",
            "email": "anh@example.org",
            "telefono": "+39 0564 484111",
            "contatto_preferito": "telefono",
            "aree": ["sociale", "ambientale"],
            "competenze": LONG,
            "maggiorenne": ["true"],
            "idoneita": ["true"],
            "presa_visione_privacy": ["true"],
        },
        ["Nguyễn Thị Ánh", "D’Angelo", "Un altro Comune", "+39 0564 484111", LONG],
        width=360,
        script=False,
    ),
    Story(
        "assemblea",
        {
            "email": "luca@example.org",
            "voglio_ricevere": ["link", "promemoria"],
            "ente": "=1+1",
            "domanda": "هل يمكنني المشاركة؟",
            "presa_visione_privacy": ["true"],
        },
        ["luca@example.org", "=1+1", "هل يمكنني المشاركة؟"],
        width=1280,
        script=True,
    ),
    Story(
        "ascolto",
        {
            "chi_compila": "operatore",
            "nome_completo": "Zoë Ćosić-D’Angelo",
            "ente": "Ente & figli <Srl>",
            "ruolo": "educatrice",
            "comune": "monte",
            "email": "zoe@example.org",
            "maggiorenne": ["true"],
            "presa_visione_privacy": ["true"],
        },
        ["Zoë Ćosić-D’Angelo", "Ente & figli <Srl>", "educatrice"],
        width=360,
        script=True,
    ),
]


class Letters:
    """A mailbox that a real mail server fills."""

    def __init__(self, mailbox: SmtpInbox) -> None:
        self._mailbox = mailbox
        self._read = 0
        self.links: list[str] = []

    def next(self, wait: float = 15) -> str:
        """Return the text of the next mail, waiting for it to arrive."""
        end = time.monotonic() + wait
        while len(self._mailbox.taken) <= self._read:
            assert time.monotonic() < end, "no mail came"
            time.sleep(0.05)
        envelope = self._mailbox.taken[self._read]
        self._read += 1
        assert len(envelope.rcpt_tos) == 1
        message: Any = message_from_bytes(envelope.content, policy=default)
        text = str(message.get_body(("plain",)).get_content())
        self.links += LINK.findall(text)
        return text


@dataclass
class World:
    """The service as it runs, its mailbox, and browsers."""

    service: Service
    letters: Letters
    new_page: Callable[..., Page]

    def visitor(self, story: Story) -> Page:
        return self.new_page(
            viewport={"width": story.width, "height": 800},
            java_script_enabled=story.script,
            locale="it-IT",
        )


@pytest.fixture
def world(start_service, built, new_page) -> Iterator[World]:
    mailbox, port = SmtpInbox(), free_port()
    mail_server = Controller(mailbox, hostname="127.0.0.1", port=port)
    mail_server.start()
    url = f"smtp://127.0.0.1:{port}"
    service = start_service(site_dir=built.public, smtp_url=url)
    sender = service.config.mail_from
    post = MailRoute(smtp_transport(url, sender), sender, service.address)
    workers = Workers(service.context, post, service.config.data_dir)
    workers.start()
    try:
        yield World(service, Letters(mailbox), new_page)
    finally:
        workers.stop()
        mail_server.stop()


def fill(page: Page, typed: dict[str, str | list[str]]) -> None:
    """Type and choose as a person does, in the order of the page."""
    for name, value in typed.items():
        control = page.locator(f"main [name={name}]")
        kind = control.first.evaluate("one => one.type")
        if kind in ("radio", "checkbox"):
            for item in [value] if isinstance(value, str) else value:
                page.check(f"main [name={name}][value={item}]")
        elif kind == "select-one":
            control.select_option(value)
        else:
            control.fill(str(value))


def press(page: Page, name: str) -> None:
    """Press the button or follow the link of this name in the main part."""
    found = page.locator("main").locator("a.button, button:not(.hidden), a")
    found.filter(has_text=name).first.click()
    page.wait_for_load_state()


def sent(world: World, page: Page, story: Story) -> str:
    """Go from the home page to the page after sending; return the reference."""
    page.goto(f"{world.service.address}/partecipa/")
    page.locator(f"main a[href='/partecipa/{story.form_id}/']").first.click()
    online = page.locator(f"main a[href='/moduli/it/{story.form_id}']")
    if online.count():
        online.first.click()
    else:
        # The site is built today, when the seminar is over; the service lives then.
        page.goto(f"{world.service.address}/moduli/it/{story.form_id}")
    fill(page, story.typed)
    press(page, "Avanti")
    assert page.url.partition("#")[0].endswith("/riepilogo")
    for text in story.shown:
        assert text in page.inner_text("main")
    press(page, "Conferma e invia")
    assert page.inner_text("h1") == "Ora controlla la posta"
    return page.inner_text("main .code >> nth=0")


@pytest.mark.parametrize(
    "story",
    [STORIES[0], *(pytest.param(s, marks=pytest.mark.slow) for s in STORIES[1:])],
    ids=lambda story: story.form_id,
)
def test_what_somebody_types_is_in_the_table_that_staff_take_out(
    world, story, axe, caplog
):
    with caplog.at_level(logging.DEBUG):
        page = world.visitor(story)
        reference = sent(world, page, story)
        (link,) = LINK.findall(world.letters.next())
        page.goto(world.service.address + link)
        press(page, "Sì, conferma")
        assert "Il tuo indirizzo è confermato" in page.inner_text("main")
        receipt = world.letters.next()
        assert reference in receipt

        staff = world.new_page(viewport={"width": 1280, "height": 800})
        accept(world, staff, reference, story)
        world.letters.next()
        assert_in_table(taken_out(world, staff, story), reference, story)

        personal = world.letters.links[-1]
        page.goto(world.service.address + personal)
        assert page.inner_text("h1") == "Abbiamo accolto la tua richiesta"
        if story.script:
            assert axe(page) == []
    keeps_secrets(caplog.text, world, story)
    opening_changes_nothing(world)


def accept(world: World, staff: Page, reference: str, story: Story) -> None:
    """Sign in, find the request, read it and accept it."""
    join(world.service.context)
    staff.goto(f"{world.service.address}/staff/")
    staff.fill("[name=email]", "carla@example.org")
    staff.fill("[name=password]", PASSWORD)
    press(staff, "Accedi")
    found = staff.locator("main .request", has_text=reference).locator("a")
    found.first.click()
    answers = staff.inner_text("main")
    for text in story.shown:
        assert text in answers
    press(staff, "Accogli")
    press(staff, "Accogli")


def taken_out(world: World, staff: Page, story: Story) -> list[dict[str, Any]]:
    """Download the table and return its rows by header."""
    staff.goto(f"{world.service.address}/staff/tabelle/{story.form_id}")
    staff.check("[name=format][value=xlsx]")
    staff.check("[name=reason] >> nth=0")
    with staff.expect_download() as download:
        press(staff, "Scarica")
    content = download.value.path().read_bytes()
    sheet = load_workbook(BytesIO(content)).active
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def assert_in_table(rows: list[dict[str, Any]], reference: str, story: Story) -> None:
    (row,) = rows
    cells = [str(cell) for cell in row.values()]
    assert reference in cells
    for text in story.shown:
        plain = text.replace(" ", "") if text.startswith("+39") else text
        assert text in cells or plain in cells


def keeps_secrets(log: str, world: World, story: Story) -> None:
    """No answer, address or token is in any log."""
    assert "/moduli/<lang>/<form_id>/conferma 303" in log
    tokens = [link.rpartition("/")[2] for link in world.letters.links]
    typed = [v for v in story.typed.values() if isinstance(v, str) and len(v) > 9]
    ours = "\n".join(line for line in log.splitlines() if "mail.log" not in line[:60])
    for secret in (*tokens, *typed, PASSWORD):
        assert secret not in ours, secret


def opening_changes_nothing(world: World) -> None:
    """A scanner that opens every address in every mail changes no row."""
    assert world.letters.links
    before = world.service.rows()
    for link in world.letters.links:
        world.service.client.head(link)
        world.service.client.get(link)
        world.service.client.options(link)
    assert world.service.rows() == before


def test_a_scanner_that_presses_buttons_would_be_seen(world):
    page = world.visitor(STORIES[0])
    sent(world, page, STORIES[0])
    (link,) = LINK.findall(world.letters.next())
    before = world.service.rows()
    world.service.client.post(f"{link}/conferma")
    assert world.service.rows() != before


@pytest.mark.slow
def test_the_mailed_code_opens_answers_and_receipt_without_script(world):
    story = STORIES[0]
    page = world.visitor(story)
    sent(world, page, story)
    code = CODE.search(world.letters.next())
    assert code
    page.fill("#code", code[1])
    press(page, "Conferma con il codice")
    assert page.inner_text("h1") == "Il tuo indirizzo è confermato"
    (link,) = LINK.findall(world.letters.next())
    page.goto(world.service.address + link)
    press(page, "Mandami un codice")
    code = CODE.search(world.letters.next())
    assert code
    page.fill("#code", code[1])
    press(page, "Vedi le tue risposte")
    for text in story.shown:
        assert text in page.inner_text("main")
    with page.expect_download() as download:
        press(page, "Scarica la ricevuta")
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    press(page, "Ritira la richiesta")
    press(page, "Sì, ritira")
    assert page.inner_text("h1") == "Hai ritirato la tua richiesta"


def test_a_mistake_moves_the_focus_to_the_list_of_mistakes(world, axe):
    page = world.new_page()
    page.goto(f"{world.service.address}/moduli/it/volontari")
    press(page, "Avanti")
    expect(page).to_have_title(re.compile("^Errore: "))
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert axe(page) == []
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.id") == "nome_completo"
