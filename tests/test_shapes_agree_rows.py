"""Whatever people answer, whichever way it comes in: the stored rows are the same."""

import re
import shutil
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page

from clerk import Clerk
from forms_service import urls
from forms_service.definition import Channel, FormDefinition, clean
from forms_service.shapes.pdf.draft import fill
from pdfjs import by_pdfjs
from printed_forms import EVERY, EVERY_EN, Key, editions, form_of, named, pdf
from random_answers import Raw, answers
from service import Service, VisitedPage
from stored import rows_of
from test_pdf_filling import by_clicks, by_pikepdf, by_pypdf
from test_shapes_agree import written
from test_shapes_agree_readers import on_paper

ABOUT = {
    "entry-source": "paper",
    "entry-received": "2020-06-19",
    "entry-proof": "signature",
}
ARABIC = [key for key in editions() if key[2] == "ar"]
MAIN = [key for key in editions() if key[2] == "it" and key != EVERY]


def of_editions(keys: list[Key], *short: Key) -> pytest.MarkDecorator:
    """Run a test on editions, in the short run only on some."""
    return pytest.mark.parametrize(
        "key",
        [
            pytest.param(key, marks=() if key in short else pytest.mark.slow)
            for key in keys
        ],
        ids=named,
    )


@pytest.fixture
def service(key: Key, tmp_path: Path, start_service: Callable[..., Service]) -> Service:
    """The content with its form open: the one not open yet opens in June 2020."""
    folder, form_id, _ = key
    copied = tmp_path / "content"
    shutil.copytree(folder, copied)
    file = copied / "forms" / f"{form_id}.yml"
    text = file.read_text(encoding="utf-8")
    opened = re.sub("(?m)^opens:.*$", "opens: 2020-06-01", text)
    file.write_text(opened, encoding="utf-8")
    return start_service(copied)


def drawn(form: FormDefinition) -> Raw:
    """Draw answers that every way can carry: PDFium keeps sixteen bits of a letter."""
    raw = answers(form, "every way").items()
    return {name: [text.replace("😀", "☺") for text in texts] for name, texts in raw}


def confirmed(service: Service, form: FormDefinition, typed: Mapping[str, Any]) -> None:
    """Send the web form as it is filled in."""
    summary = service.post(urls.summary(form.id, form.lang), typed)
    there = urls.confirm(form.id, form.lang)
    done = service.post(there, summary.controls())
    assert done.status == 303, done.text


def brought(service: Service, form: FormDefinition, filled: bytes) -> VisitedPage:
    """Bring a PDF to the page of its form."""
    file = {"file": (BytesIO(filled), "modulo.pdf")}
    return service.post(urls.upload(form.id, form.lang), file)


def rows(service: Service, form: FormDefinition) -> list[tuple[str, Any]]:
    """Return the way and the answers of each stored request, in the order of typing."""
    stored = service.context.store.read(lambda db: rows_of(db, form.id))
    stored.sort(key=lambda submission: submission.number)
    return [(submission.source, submission.answers) for submission in stored]


def expected(service: Service, form: FormDefinition, raw: Raw) -> Any:
    return clean(form, raw, Channel.WEB, service.clock().date()).answers


@of_editions([EVERY, EVERY_EN, *MAIN, *ARABIC], EVERY)
def test_every_way_in_leads_to_the_same_row(
    key: Key, service: Service, new_clerk: Callable[[], Clerk]
) -> None:
    form, blank, clerk = form_of(key), pdf(key), new_clerk()
    assert clerk.sign_in().status == 303
    raw = drawn(form)
    confirmed(service, form, raw)
    papers = [fill(blank, form, raw)]
    for by in (by_pikepdf, by_pypdf, by_clicks):
        papers.append(by(blank, form, on_paper(form, raw)))
    for paper in papers:
        confirmed(service, form, brought(service, form, paper).controls())
    desk = clerk.get(urls.staff(f"inserisci/{form.id}?lingua={form.lang}"))
    assert clerk.send(desk, f"/{form.id}", **raw, **ABOUT).status == 303

    ways = ["web", *["pdf"] * 4, "paper"]
    answered = expected(service, form, raw)
    assert rows(service, form) == [(way, answered) for way in ways]
    page = clerk.get(urls.staff(f"tabelle/{form.id}"))
    taken = clerk.send(page, form.id, format="xlsx", reason="check")
    sheet = load_workbook(BytesIO(taken.body), read_only=True).active
    header, *lines = (list(line) for line in sheet.iter_rows(values_only=True))
    assert len(lines) == len(ways)
    for line in lines:
        cells = dict(zip(header, line, strict=True))
        assert written(service.context.content.form(form.id), cells, answered)


def sent_by_browser(
    page: Page, address: str, form: FormDefinition, paper: bytes
) -> None:
    """Bring a PDF to the page of its form, look at what it became, send it."""
    page.goto(address + urls.upload(form.id, form.lang))
    file = {"name": "modulo.pdf", "mimeType": "application/pdf", "buffer": paper}
    page.set_input_files("#file", file)
    for button in ("carica", "riepilogo", "conferma"):
        with page.expect_navigation():
            page.click(f"form[action*={button}] .actions button >> nth=0")
    assert f"/{form.lang}/{form.id}/inviata/" in page.url


@pytest.mark.slow
@of_editions([EVERY, *MAIN, *ARABIC])
def test_paper_filled_in_and_sent_in_a_browser_is_the_row_of_the_web(
    key: Key, service: Service, new_page: Callable[[], Page]
) -> None:
    """The engine of Firefox fills it in; Chromium brings it to a real server."""
    form = form_of(key)
    raw = answers(form, "a browser")
    confirmed(service, form, raw)
    filled = by_pdfjs(new_page())(pdf(key), form, on_paper(form, raw))
    sent_by_browser(new_page(), service.address, form, filled)
    answered = expected(service, form, raw)
    assert rows(service, form) == [("web", answered), ("pdf", answered)]
    # The control: another draw is another row.
    confirmed(service, form, answers(form, "another"))
    assert rows(service, form)[-1] != ("web", answered)
