"""What a person wrote is printed whole, and what does not fit is noticed."""

from io import BytesIO

import pypdfium2
import pytest
from pypdf import PdfReader

from citizen import VOLUNTEER, Citizen
from forms_service import urls
from forms_service.mail.compose import compose
from layout import ADDRESS, LINES, WORD, layout_faults

NARROW = {"width": 320, "height": 640}
LONG = {
    "nome_completo": WORD["it"],
    "email": ADDRESS,
    "competenze": f"{WORD['it']}\n{LINES}",
}
BAD = {
    "a grid of 1fr": '<p style="display: grid; grid-template-columns: 1fr">WORD</p>',
    "a cut text": '<p style="block-size: 1em; overflow: hidden">WORD WORD WORD</p>',
    "a cut box": '<textarea rows="2">LINES</textarea>',
    "a line that is longer than paper is wide": '<input type="text" value="WORD">',
}


def text_of(printed):
    """Return the letters of a document: a break in a word is no other word."""
    pages = PdfReader(BytesIO(printed)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("bad", BAD)
def test_what_does_not_fit_is_noticed(new_page, bad):
    page = new_page(viewport=NARROW)
    page.set_content(BAD[bad].replace("WORD", WORD["it"]).replace("LINES", LINES))
    assert layout_faults(page) != []
    page.set_content(f"<p style='overflow-wrap: anywhere'>{WORD['it']}</p>")
    assert layout_faults(page) == []


@pytest.mark.parametrize("script", [True, False])
def test_a_form_that_is_half_filled_in_is_printed_whole(service, new_page, script):
    page = new_page(java_script_enabled=script)
    page.goto(f"{service.address}/moduli/it/volontari")
    page.fill("#competenze", LONG["competenze"])
    # A line cannot be broken without script; so much of it fits on paper.
    name = WORD["it"] + ("" if not script else "ạ" * 66)
    page.fill("#nome_completo", name)
    printed = text_of(page.pdf(format="A4"))
    assert name in printed
    assert "".join(LONG["competenze"].split()) in printed
    # On the screen it is a form again.
    assert page.locator("#competenze").input_value() == LONG["competenze"]
    assert page.locator(".typed").count() == 0


def test_a_box_has_rows_for_its_text_where_the_browser_cannot_measure_it(service):
    page = service.post("/moduli/it/volontari", {**VOLUNTEER, **LONG})
    assert page.find("//textarea/@rows") == [str(3 + 40)]
    assert service.get("/moduli/it/volontari").find("//textarea/@rows") == ["5"]


@pytest.fixture
def wordy(service):
    """Somebody who has written as much as fits, and the link of the receipt mail."""
    citizen = Citizen(service, "volontari", {**VOLUNTEER, **LONG})
    return citizen, citizen.proven()


def test_a_mail_fits_a_phone(service, wordy, new_page):
    citizen, receipt = wordy
    citizen.service.post(f"{receipt.link}/codice")
    page = new_page(viewport=NARROW)
    for message in (receipt, citizen.take_mail()):
        mail = compose(message, "moduli@example.org", service.clock())
        page.set_content(mail.get_body(("html",)).get_content())
        assert layout_faults(page) == []


def off_the_sheet(printed):
    """Return the letters that lie outside of their page."""
    with pypdfium2.PdfDocument(BytesIO(printed)) as document:
        for page in document:
            width, height = page.get_size()
            text = page.get_textpage()
            for n in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(n)
                if left < 0 or bottom < 0 or right > width or top > height:
                    yield text.get_text_range(n, 1)


def test_a_receipt_prints_every_word_and_its_check_shows_them(
    service, wordy, new_page, tmp_path
):
    citizen, mail = wordy
    code = citizen.code(mail.link)
    receipt = service.post(f"{mail.link}/ricevuta", {"code": code}).body
    assert list(off_the_sheet(receipt)) == []
    printed = text_of(receipt)
    for words in LONG.values():
        assert "".join(words.split()) in printed
    file = tmp_path / "receipt.pdf"
    file.write_bytes(receipt)
    page = new_page(viewport=NARROW)
    page.goto(service.address + urls.check_receipt("it"))
    page.set_input_files("#file", file)
    with page.expect_navigation():
        page.get_by_role("button", name="Verifica la ricevuta").click()
    assert WORD["it"] in page.content()
    assert layout_faults(page) == []
