"""What the version before gave out still opens: database, links, codes, PDFs."""

import email
import json
import re
from collections.abc import Callable
from email.policy import default
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clerk import CARLA, Clerk
from conftest import ROOT
from forms_service.intake.scan import read_scan
from forms_service.store.schema import migrate
from forms_service.workflow import log_sealing
from service import Service, VisitedPage, log_report

MADE = ROOT / "tests" / "made_before"
LINKS = json.loads((MADE / "links.json").read_text(encoding="utf-8"))
MOVED_ON = "Questo link non vale più"
# What each link leads to: the mails of one request end the links of the one before.
MAILS = {
    "unverified-verify": (200, "Conferma il tuo indirizzo email"),
    "desk-address_check": (200, "Conferma il tuo indirizzo email"),
    "expired-verify": (410, MOVED_ON),
    "new-verify": (200, "Il tuo indirizzo è già confermato"),
    "waiting-verify": (200, "Il tuo indirizzo è già confermato"),
    "new-receipt": (200, "Abbiamo ricevuto la tua richiesta"),
    "waiting-receipt": (200, "Abbiamo ricevuto la tua richiesta"),
    "accepted-verify": (200, "Il tuo indirizzo è già confermato"),
    "accepted-receipt": (410, MOVED_ON),
    "accepted-accepted": (410, MOVED_ON),
    "accepted-lost_link": (200, "Abbiamo accolto la tua richiesta"),
    "declined-verify": (200, "Your address is already confirmed"),
    "declined-receipt": (200, "We have not accepted your request"),
    "declined-declined": (200, "We have not accepted your request"),
    "withdrawn-verify": (200, "Il tuo indirizzo è già confermato"),
    "withdrawn-receipt": (200, "Hai ritirato la tua richiesta"),
    "correction_asked-verify": (200, "Il tuo indirizzo è già confermato"),
    "correction_asked-receipt": (200, "Ti abbiamo chiesto una correzione"),
    "correction_asked-correction_asked": (200, "Ti abbiamo chiesto una correzione"),
}


@pytest.fixture
def before(start_service: Callable[..., Service], tmp_path: Path) -> Service:
    """The service of today on the data, content and key of the version before."""
    file = tmp_path / "forms.sqlite"
    file.write_bytes((MADE / "forms.sqlite").read_bytes())
    migrate(file)
    keys = (MADE / "secret.keys").read_text(encoding="utf-8").split()
    return start_service(
        MADE / "content",
        file.read_bytes(),
        secret_keys=tuple(keys),
        base_url="https://forms.example.org",
    )


def text_of(mail: str) -> str:
    message = email.message_from_bytes(
        (MADE / "mail" / f"{mail}.eml").read_bytes(), policy=default
    )
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: str) -> str:
    (link,) = re.findall(r"^https://forms.example.org(/r/\S+)", text_of(mail), re.M)
    return str(link)


def code_in(mail: str) -> str:
    (code,) = re.findall(r"^ +([A-Z0-9]{6})\s*$", text_of(mail), re.M)
    return str(code)


def heading(page: VisitedPage) -> str:
    (found,) = page.find("//h1")
    return " ".join(found.text_content().split())


def file_of(name: str) -> dict[str, object]:
    return {"file": (BytesIO((MADE / name).read_bytes()), name)}


def test_each_mail_is_in_the_table() -> None:
    mails = {file.stem for file in (MADE / "mail").glob("*.eml")}
    assert mails == {*MAILS, "new-code", "withdrawn-withdrawn"}


@pytest.mark.parametrize("mail", MAILS)
def test_each_link_in_a_mail_opens(before: Service, mail: str) -> None:
    page = before.get(link_in(mail))
    assert (page.status, heading(page)) == MAILS[mail]


def test_the_button_behind_a_link_confirms(before: Service) -> None:
    page = before.get(link_in("unverified-verify"))
    done = before.press(page, "Sì, conferma il mio indirizzo")
    assert heading(done) == "Il tuo indirizzo è confermato"


def test_an_expired_link_still_asks_for_a_new_one(before: Service) -> None:
    page = before.get(link_in("expired-verify"))
    assert heading(before.press(page, "Mandami un nuovo link")) == (
        "Ora controlla la posta"
    )


def test_the_page_after_sending_takes_the_code_of_the_mail(before: Service) -> None:
    page = before.get(LINKS["sent"])
    assert heading(page) == "Ora controlla la posta"
    code = code_in("unverified-verify")
    assert before.press(page, "Conferma con il codice", code=code).status == 303
    assert heading(before.get(LINKS["sent"])) == "Il tuo indirizzo è confermato"


def test_the_mailed_code_opens_the_answers(before: Service) -> None:
    page = before.get(f"{link_in('new-receipt')}/codice")
    answers = before.press(page, "Vedi le tue risposte", code=code_in("new-code"))
    assert answers.status == 200
    assert "Іванна Шевченко" in answers.text


def test_a_set_up_link_takes_a_password(before: Service) -> None:
    page = before.get(LINKS["setup"])
    assert page.status == 200
    assert "dario@example.org" in page.text


def test_staff_find_every_request_and_read_it(before: Service) -> None:
    clerk = Clerk(before)
    assert clerk.sign_in().status == 303
    queue = clerk.get("/staff/?stato=all")
    assert "il tuo accesso è amministratore di tutti i moduli" in queue.text
    rows = [link for link in queue.find("//main//a/@href") if "/richiesta/" in link]
    assert len(rows) == 9
    for link in rows:
        page = clerk.get(link)
        assert page.status == 200
        assert page.find("//dl[@class='summary']//dd")
    assert CARLA in MADE.joinpath("README.md").read_text(encoding="utf-8")


def test_the_log_is_whole(before: Service) -> None:
    old = log_report(before.context)
    assert (old.whole, old.head.key) == (True, "")
    log_sealing.seal_log(before.context)
    report = log_report(before.context)
    assert report.whole
    assert report.head.key
    assert report.head.number > old.head.number > 20


def test_a_draft_fills_in_the_web_form(before: Service) -> None:
    page = before.post("/moduli/it/every-type/carica", file_of("draft.pdf"))
    assert "Abbiamo aperto il tuo PDF" in page.text
    assert not page.find("//div[@role='status']//ul")
    typed = page.controls(0)
    assert typed["nome"] == ["Nguyễn Thị Ánh"]
    assert typed["note"] == ["Prima riga\nseconda riga"]
    assert typed["interessi"] == ["musica", "orto"]
    summary = before.press(page, "Avanti: controlla le risposte")
    assert summary.status == 200


def test_a_receipt_is_genuine(before: Service) -> None:
    page = before.post("/moduli/it/verifica-ricevuta", file_of("receipt.pdf"))
    assert "Questa ricevuta è autentica" in page.text
    assert "Іванна Шевченко" in page.text


def test_the_code_on_printed_paper_opens_its_form(before: Service) -> None:
    codes = read_scan((MADE / "blank.pdf").read_bytes()).codes
    assert codes
    for code in codes:
        parts = urlsplit(code)
        page = before.get(f"{parts.path}?{parts.query}")
        assert (page.status, heading(page)) == (200, "Tutti i campi")
