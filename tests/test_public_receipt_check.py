"""The page and the command that check a receipt."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import Page

from citizen import VOLUNTEER
from forms_service import urls
from forms_service.cli import main
from forms_service.intake import sandbox
from forms_service.shapes.pdf.receipt_proof import DATA
from forms_service.web.public.receipts import READING
from printed_forms import EVERY, pdf
from service import Clock, Service, VisitedPage
from test_public_personal_actions import Owner
from test_receipt import KEY, drawn, text_of
from test_receipt_proof import altered, proof, write

HERE = urls.check_receipt("it")


def forged() -> bytes:
    return altered(drawn(), write(DATA, proof()[DATA].replace("7K3M9QXD", "7K3M9QXE")))


@pytest.fixture
def service(start_service: Callable[..., Service]) -> Service:
    """A service that signs with the key of the receipts."""
    return start_service(secret_keys=(KEY,))


def bring(service: Service, content: bytes) -> VisitedPage:
    return service.post(HERE, {"file": (BytesIO(content), "ricevuta.pdf")})


def verdict_on(page: VisitedPage) -> str:
    (box,) = page.find("//div[@role='status']")
    return " ".join(box.text_content().split())


def test_the_page_asks_for_a_file_in_every_language(service: Service) -> None:
    page = service.get(HERE)
    assert page.find("//form/@enctype") == ["multipart/form-data"]
    assert urls.check_receipt("en") in page.find("//a/@href")
    assert service.get(urls.check_receipt("xx")).status == 404


def test_a_genuine_receipt_is_shown_to_be_compared(service: Service) -> None:
    before = service.rows()
    page = bring(service, drawn())
    assert page.status == 200
    assert "Questa ricevuta è autentica" in verdict_on(page)
    for said in ("7K3M9QXD", "Nguyễn Thị Ánh", "20 ottobre 2030, ore 23:30"):
        assert said in page.text
    assert page.headers["Cache-Control"] == "private, max-age=0"
    assert service.rows() == before


def test_of_a_changed_one_only_what_names_it_is_shown(service: Service) -> None:
    page = bring(service, forged())
    assert "è stata cambiata" in verdict_on(page)
    assert "7K3M9QXE" in page.text
    assert "Nguyễn" not in page.text


def test_a_receipt_of_others_shows_nothing(
    start_service: Callable[..., Service],
) -> None:
    page = bring(start_service(), drawn())
    assert "non è una nostra ricevuta" in verdict_on(page)
    assert "7K3M9QXD" not in page.text


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7 nonsense"])
def test_a_file_that_is_no_use_gets_one_sentence(
    service: Service, content: bytes
) -> None:
    page = bring(service, content)
    assert page.status == 422
    assert page.title.startswith("Errore:")
    (sentence,) = page.find("//p[@id='file-error']")
    assert "così come lo hai scaricato" in sentence.text_content()
    assert service.post(HERE).status == 422


def test_busy_readers_and_many_tries_are_said_on_the_page(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "TIMEOUT", 0.01)
    with sandbox.one_at_a_time.held(60):
        assert bring(service, drawn()).status == 503
    service.use_up(READING, left=1)
    assert [bring(service, b"GIF89a").status for _ in range(2)] == [422, 429]


@pytest.fixture
def verify(tmp_path: Path) -> Callable[..., Result]:
    """Run `receipt verify` on a file."""

    def run(content: bytes, code: int, keys: str = KEY) -> Result:
        file = tmp_path / "receipt.pdf"
        file.write_bytes(content)
        settings: dict[str, Any] = {
            "FORMS_DATA_DIR": os.fspath(tmp_path / "var"),
            "FORMS_SECRET_KEYS": keys,
            "FORMS_ENV": "",
        }
        result = CliRunner().invoke(
            main, ["receipt", "verify", str(file)], env=settings
        )
        assert result.exit_code == code, result.output
        return result

    return run


def test_the_command_says_what_a_genuine_receipt_says(
    verify: Callable[..., Result], tmp_path: Path
) -> None:
    said = verify(drawn(), 0, f"{KEY},a-newer-key-that-is-also-long-enough").output
    for part in ("genuine", "7K3M9QXD", "2030-10-20T21:30:00+00:00", "Nguyễn Thị Ánh"):
        assert part in said
    assert not list(tmp_path.glob("var/*.sqlite"))


def test_the_command_fails_for_any_other_file(verify: Callable[..., Result]) -> None:
    assert "changed" in verify(forged(), 1).output
    assert (
        "not ours" in verify(drawn(), 1, "another-key-that-is-long-enough-0001").output
    )
    assert "cannot read" in verify(b"GIF89a", 1).output


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["it", "en"])
def test_every_answer_of_the_page_is_free_of_obstacles(
    service: Service,
    new_page: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    lang: str,
) -> None:
    page = new_page(viewport={"width": 320, "height": 800})
    for content in (drawn(), forged(), pdf(EVERY), b"GIF89a"):
        page.goto(service.address + urls.check_receipt(lang))
        file = {"name": "receipt.pdf", "mimeType": "application/pdf"}
        page.set_input_files("#file", {**file, "buffer": content})
        with page.expect_navigation():
            page.click("main button")
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.slow
def test_a_receipt_after_a_correction_says_when_the_answers_changed(
    service: Service, clock: Clock
) -> None:
    owner = Owner(service, "volontari", VOLUNTEER)
    before = owner.do("ricevuta").body
    clock.advance(minutes=20)
    owner.corrected(nome_completo="Ánh Nguyễn")
    after = owner.do("ricevuta").body
    moment = "20 giugno 2020, ore 10:20"
    assert "Corretto il" not in text_of(before)
    assert f"Corretto il: {moment}" in text_of(after)
    assert "Corretto il" not in bring(service, before).text
    page = bring(service, after)
    rows = page.find("//dl//div[dt and dd]")
    said = {row.find("dt").text: row.find("dd").text_content() for row in rows}
    assert said["Ricevuto il"] == "20 giugno 2020, ore 10:00"
    assert said["Corretto il"] == moment
