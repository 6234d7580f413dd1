"""A PDF comes back: the web form filled in, what is missing said, sent from there."""

from io import BytesIO

import pytest

from forms_service import urls
from forms_service.intake import sandbox
from forms_service.shapes.pdf.draft import fill
from forms_service.store.submissions import Source
from forms_service.web.core import FILES_LIMIT
from forms_service.web.public.upload import READING
from forms_service.wsgi import MOST_BYTES
from printed_forms import EVERY, EVERY_EN, form_of, pdf
from sample_content import SAMPLE, copied
from stored import rows_of
from test_intake import of_fields
from test_receipt import drawn

FORM = "/moduli/it/every-type"
UPLOAD = f"{FORM}/carica"
TYPED = {
    "nome": ["Nguyễn Thị Ánh"],
    "email": ["anh@example.org"],
    "profilo": ["persona"],
    "persone": ["1"],
    "interessi": ["orto"],
    "maggiorenne": ["true"],
    "informativa": ["true"],
}


def in_spring(service):
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    return service


@pytest.fixture
def service(start_service):
    """A service whose form is open."""
    return in_spring(start_service(SAMPLE))


def draft(**changes):
    return fill(pdf(EVERY), form_of(EVERY), TYPED | changes)


def bring(service, content, path=UPLOAD):
    return service.post(path, {"file": (BytesIO(content), "modulo.pdf")})


def box(page):
    (found,) = page.find("//div[@role='status']")
    return " ".join(found.text_content().split())


def test_the_form_leads_to_the_page_that_takes_the_pdf(service):
    assert UPLOAD in service.get(FORM).find("//a/@href")
    page = service.get(UPLOAD)
    assert page.find("//form/@enctype") == ["multipart/form-data"]
    assert page.find("//a[@hreflang='en']/@href") == ["/moduli/en/every-type/carica"]


def test_a_filled_pdf_becomes_the_form_and_is_sent_as_a_pdf(service):
    before = service.rows()
    form = bring(service, draft())
    assert form.status == 200
    assert "Abbiamo aperto il tuo PDF" in box(form)
    assert form.headers["Cache-Control"] == "private, max-age=0"
    assert service.rows() == before
    summary = service.post(f"{FORM}/riepilogo", form.controls())
    assert "anh@example.org" in summary.text
    # Back to the form and through another language: it stays one from a PDF.
    for path in (FORM, "/moduli/en/every-type"):
        form = service.post(path, summary.controls())
    summary = service.post("/moduli/en/every-type/riepilogo", form.controls())
    sent = service.post("/moduli/en/every-type/conferma", summary.controls())
    assert sent.status == 303
    (submission,) = stored(service)
    assert (submission.source, submission.name) == (Source.PDF, "Nguyễn Thị Ánh")


def stored(service):
    return service.context.store.read(lambda db: rows_of(db, "every-type"))


def test_a_mark_of_another_form_or_of_nobody_counts_for_nothing(service):
    other = service.context.tokens.make("opened-pdf", "volontari")
    for mark in (other, "nonsense"):
        typed = {**TYPED, "form-origin": mark}
        summary = service.post(f"{FORM}/riepilogo", typed)
        assert "form-origin" not in summary.controls()
        data = {**summary.controls(), "form-origin": mark}
        assert service.post(f"{FORM}/conferma", data).status == 303
    assert {submission.source for submission in stored(service)} == {Source.WEB}


def test_what_cannot_be_read_is_named_with_a_link_to_its_box(service):
    page = bring(service, of_fields("<</FT/Ch /T(profilo) /V(regina)>>"))
    said = box(page)
    assert "Non abbiamo potuto leggere queste risposte" in said
    assert "regina" in said
    (target,) = page.find("//div[@role='status']//a/@href")
    assert page.find(f"//*[@id='{target[1:]}']")


def test_an_empty_pdf_says_that_it_is_empty(service):
    assert "non c’è nessuna risposta" in box(bring(service, pdf(EVERY)))


def test_a_pdf_in_another_language_opens_there_and_says_so(service):
    english = fill(pdf(EVERY_EN), form_of(EVERY_EN), TYPED)
    page = bring(service, english)
    assert page.find("/html/@lang") == ["en"]
    assert "in another language" in box(page)
    assert "another language" not in box(bring(service, draft()))


def test_of_an_older_pdf_it_is_said_what_is_new_again_and_gone(start_service, tmp_path):
    file = "forms/every-type.yml"
    new = "- {id: colore, type: text, label: Colore, purpose: Prova.}\n      "
    folder = copied(
        tmp_path,
        (file, 'version: "1.0"', 'version: "1.1"'),
        (file, "- id: strumento", f"{new}- id: chitarra"),
        (file, "{soprannome:", '{strumento: "1.0", soprannome:'),
    )
    for overlay in folder.glob("forms/*.en.yml"):
        overlay.unlink()
    service = in_spring(start_service(folder))
    musical = {"interessi": ["musica"], "strumento": ["Oud"]}
    page = bring(service, draft(**musical))
    said = box(page)
    for sentence in (
        "Queste domande sono nuove: Colore",
        "Rileggi questi testi e segnali di nuovo:",
        "Queste domande non ci sono più: Che cosa suoni",
    ):
        assert sentence in said
    assert "#colore" in page.find("//div[@role='status']//a/@href")
    assert "maggiorenne" not in page.controls()


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7 nonsense"])
def test_a_file_that_is_no_use_gets_a_sentence_and_the_other_ways(service, content):
    page = bring(service, content)
    assert page.status == 422
    assert page.title.startswith("Errore:")
    (sentence,) = page.find("//p[@id='file-error']")
    assert sentence.text_content().strip()
    assert FORM in page.find("//aside//a/@href")


def test_a_receipt_leads_to_the_page_that_checks_it(service):
    page = bring(service, drawn())
    assert page.status == 422
    (box,) = page.find("//*[@id='wrong']")
    assert "Questo PDF è una ricevuta, non un modulo" in box.text_content()
    assert urls.check_receipt("it") in box.xpath(".//a/@href")
    control = bring(service, b"GIF89a")
    assert not control.find(f"//main//a[@href='{urls.check_receipt('it')}']")


def test_no_file_at_all_is_no_fault_of_ours(service):
    assert service.post(UPLOAD, {}).status == 422
    assert service.post(UPLOAD, {"file": "text"}).status == 422


def test_while_others_are_read_one_may_come_back(service, monkeypatch):
    monkeypatch.setattr(sandbox, "TIMEOUT", 0.1)
    with sandbox.one_at_a_time.held(60):
        page = bring(service, draft())
    assert page.status == 503
    assert page.headers["Retry-After"]
    assert "riprova tra un minuto" in page.text


def test_reading_has_a_limit_and_a_closed_form_gives_all_back(service, clock):
    service.use_up(READING, left=1)
    assert [bring(service, b"x").status for _ in range(2)] == [422, 429]
    clock.advance(days=3650)
    assert service.get(UPLOAD).status == 409
    closed = bring(service, draft())
    assert closed.status == 409
    assert "Questo modulo è chiuso" in closed.text
    assert closed.find("//input[@name='nome']/@value") == TYPED["nome"]


def test_only_here_a_body_may_be_large(service):
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = start + b"%PDF-" + b"x" * (2 << 20) + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    assert service.post(UPLOAD, body, content_type=kind).status == 422
    assert service.post(f"{FORM}/riepilogo", body, content_type=kind).status == 413
    # Too large for here is said in words too, with the other ways.
    larger = body.replace(b"x" * (2 << 20), b"x" * FILES_LIMIT)
    refused = service.post(UPLOAD, larger, content_type=kind)
    assert refused.status == 422
    assert "Questo file è troppo grande" in refused.text
    asked = service.post(urls.check_receipt("it"), larger, content_type=kind)
    assert asked.status == 422
    assert MOST_BYTES >= 2 * FILES_LIMIT
