"""Paper at the desk: a scan opens its form, travels with it, and is only downloaded."""

from io import BytesIO

import pytest
from PIL import Image

import hostile
import photos
from clerk import VOLUNTEER, log, prove, send, signed_in
from forms_service.shapes.pdf.identity import Identity
from forms_service.store import attachments
from forms_service.web.staff import routes
from forms_service.workflow import attaching, purging
from photos import code_of, photo, saved
from sample_content import SAMPLE
from test_staff_desk import FILLED, desk, entered


def form_of(service, form_id="volontari"):
    return service.context.content.form(form_id)


def upload(new_clerk, *files, path="/staff/inserisci", ending="/inserisci", **typed):
    page = new_clerk.get(path)
    return new_clerk.send(page, ending, file=several(*files), **typed)


def several(*files):
    return [(BytesIO(data), "../../etc/foto.exe") for data in files]


def of(service, submission):
    return service.context.store.read(
        lambda db: attachments.of_submission(db, submission.id)
    )


def said(page):
    return [a.text_content() for a in page.find("//*[@class='error-summary']//a")]


def test_a_photo_opens_the_form_that_its_code_names_with_the_sheet_beside_it(
    service, clerk
):
    opened = upload(clerk, photo(), photo(code_of(form_of(service), 2)))
    assert opened.status == 303
    assert opened.location.startswith("/staff/inserisci/volontari?foglio=")

    page = clerk.get(opened.location)
    assert page.find("//input[@name='nome_completo']")
    pictures = page.find("//section[@class='sheet']//img/@src")
    assert len(pictures) == 2
    shown = clerk.get(pictures[1])
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/png")
    assert Image.open(BytesIO(shown.body)).format == "PNG"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "no-store"
    assert clerk.get(pictures[1][:-1] + "7").status == 404


def test_the_scan_survives_mistakes_and_is_stored_with_the_request(service, clerk):
    opened = upload(clerk, photo(code_of(form_of(service))))
    page = clerk.get(opened.location)
    wrong = clerk.send(page, "/volontari", **{**FILLED, "nome_completo": ""})
    assert wrong.status == 422
    assert len(wrong.find("//section[@class='sheet']//img")) == 1

    done = clerk.send(wrong, "/volontari", nome_completo=VOLUNTEER["nome_completo"])

    (submission,) = entered(service)
    assert done.location == clerk.submission(submission.id)
    (kept,) = of(service, submission)
    assert ("staff:1", "attach", f'{{"attachments": ["{kept.id}"]}}') in log(service)
    assert "Scarica il file 1" in clerk.get(done.location).text


@pytest.mark.slow
def test_a_scan_chosen_in_the_form_itself_is_kept_through_mistakes_too(service, clerk):
    typed = {**FILLED, "nome_completo": "", "file": several(photo())}
    wrong = clerk.send(desk(clerk), "/volontari", **typed)
    assert wrong.status == 422
    done = clerk.send(wrong, "/volontari", nome_completo="Amina", file=several(photo()))
    assert done.status == 303
    (submission,) = entered(service)
    assert len(of(service, submission)) == 2


def test_a_scan_that_is_not_wanted_is_left_out_and_forgotten(service, clerk, clock):
    opened = upload(clerk, photo(code_of(form_of(service))))
    page = clerk.get(opened.location)
    assert clerk.send(page, "/volontari", **{**FILLED, "scan": []}).status == 303
    (submission,) = entered(service)
    assert of(service, submission) == []
    clock.advance(hours=2)
    purging.purge(service.context)
    rows = [row for row in service.rows() if row[0] == "attachments"]
    assert rows == []


def test_a_scan_that_vanished_meanwhile_is_asked_for_again(service, clerk):
    opened = upload(clerk, photo(code_of(form_of(service))))
    page = clerk.get(opened.location)
    service.context.store.write(lambda db: db.execute("DELETE FROM attachments"))
    gone = clerk.send(page, "/volontari", **FILLED)
    assert gone.status == 422
    assert said(gone) == ["La scansione non c’è più: scegli di nuovo il file."]
    assert gone.controls()["nome_completo"] == [VOLUNTEER["nome_completo"]]
    assert entered(service) == []
    assert clerk.send(gone, "/volontari").status == 303


@pytest.mark.parametrize(
    ("code", "sentence"),
    [("", "Non riusciamo a leggere il codice"),
     ("https://example.org/hello", "Non riusciamo a leggere il codice"),
     ("/moduli/it/altro?v=1.0-0123456789abcdef&p=1", "un modulo che non c’è più"),
     ("/moduli/it/volontari?v=0.9-0123456789abcdef&p=1",
      "è la versione 0.9 di “Registro")],
)  # fmt: skip
def test_without_the_code_of_today_there_is_a_sentence_and_a_choice(
    clerk, code, sentence
):
    opened = upload(clerk, photo(code))
    page = clerk.get(opened.location)
    assert sentence in page.text
    assert page.find("//section[@class='sheet']//img")
    (link,) = page.find("//main//a[text()='Corso di orto']/@href")
    chosen = clerk.get(link)
    assert chosen.find("//section[@class='sheet']//img")
    assert len(chosen.controls()["scan"]) == 1


def test_a_filled_pdf_is_typed_already_but_for_what_only_paper_asks(service, clerk):
    form = form_of(service)
    file = filled_pdf(form)
    opened = clerk.get(upload(clerk, file).location)
    # This PDF has no code on its page: the form is chosen.
    (link,) = opened.find(f"//main//a[text()='{form.title}']/@href")
    page = clerk.get(link)
    assert page.controls()["nome_completo"] == ["Amina"]
    assert not any(page.controls().get("codice_fiscale", []))
    assert "Le risposte del PDF sono già scritte" in page.text


def filled_pdf(form):
    """Return a PDF with the fields of a form, one of them only on paper."""
    fields = {
        6: b"<</FT/Tx /T(nome_completo) /V(Amina)>>",
        7: b"<</FT/Tx /T(codice_fiscale) /V(RSSMRA85T10A562S)>>",
    }
    return hostile.form(Identity.of(form).text, b"6 0 R 7 0 R", fields)


REFUSED = {
    "svg": "Questo file non è un PDF né un’immagine",
    "huge_png": "Questa immagine ha troppi punti",
    "cut_jpeg": "Non riusciamo a leggere questo file",
}


@pytest.mark.parametrize(
    "name",
    ["gif_as_png", *(pytest.param(n, marks=pytest.mark.slow) for n in REFUSED)],
)
def test_a_file_that_is_no_scan_gets_one_sentence_everywhere(service, clerk, name):
    data = getattr(photos, name)()
    submission = prove(service, send(service))
    here = clerk.submission(submission.id)
    pages = [
        upload(clerk, data),
        clerk.send(desk(clerk), "/volontari", **FILLED, file=several(photo(), data)),
        upload(clerk, data, path=here, ending="/scansione"),
    ]
    sentence = REFUSED.get(name, REFUSED["svg"])
    for page in pages:
        assert page.status == 422
        assert [line[: len(sentence)] for line in said(page)] == [sentence]
        assert page.find("//*[@id='file' and @aria-invalid='true']")
    assert pages[1].controls()["nome_completo"] == [VOLUNTEER["nome_completo"]]
    assert len(entered(service)) == 1
    assert not [row for row in service.rows() if row[0] == "attachments"]


def test_without_a_file_there_is_a_sentence(service, clerk):
    submission = prove(service, send(service))
    here = clerk.submission(submission.id)
    for page in (upload(clerk), upload(clerk, path=here, ending="/scansione")):
        assert said(page) == ["Scegli il file con la scansione o la foto."]
    assert clerk.send(desk(clerk), "/volontari", **FILLED).status == 303


def test_a_scan_is_only_ever_a_download_for_staff(service, clerk, new_clerk):
    submission = prove(service, send(service))
    data = photos.page_and_picture()
    here = clerk.submission(submission.id)
    assert upload(clerk, data, path=here, ending="/scansione").status == 303
    (kept,) = of(service, submission)

    page = clerk.get(here)
    (link,) = page.find("//main//a[text()='Scarica il file 1']/@href")
    got = clerk.get(link)
    assert got.body == data
    assert got.headers["Content-Disposition"] == (
        f"attachment; filename={kept.id[:8]}.jpeg"
    )
    assert got.headers["Content-Type"] == "image/jpeg"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    shown = clerk.get(page.find("//div[@class='sheet sheet--here']//img/@src")[0])
    assert b"<script>" in got.body
    assert b"<script>" not in shown.body
    assert [verb for _, verb, _ in log(service)].count("read_attachment") == 2
    assert "Scansione aperta" not in page.text
    assert "Letta" in clerk.get(here).text

    assert service.get(link).status == 303
    assert service.get(link).location.startswith("/staff/accedi")


@pytest.mark.slow
def test_a_waiting_scan_is_seen_by_nobody_else(service, clerk, new_clerk):
    page = clerk.get(upload(clerk, photo(code_of(form_of(service)))).location)
    (picture,) = page.find("//section[@class='sheet']//img/@src")
    other = new_clerk("dario@example.org")
    other.sign_in()
    assert other.get(picture).status == 404
    assert clerk.get(picture).status == 200


def test_a_scan_of_somebody_else_is_taken_away_again(service, clerk):
    submission = prove(service, send(service))
    here = clerk.submission(submission.id)
    upload(clerk, photo(), path=here, ending="/scansione")
    (kept,) = of(service, submission)
    page = clerk.get(here)
    assert clerk.send(page, f"/{kept.id}/togli").status == 303
    assert of(service, submission) == []
    assert "Scansione eliminata" in clerk.get(here).text
    assert (
        clerk.get(clerk.submission(submission.id, f"/scansione/{kept.id}")).status
        == 404
    )


@pytest.mark.slow
def test_so_many_files_and_then_no_box_for_more(service, clerk):
    submission = prove(service, send(service))
    here = clerk.submission(submission.id)
    small = saved(Image.new("L", (20, 30), 255))
    page = clerk.get(here)
    many = upload(clerk, *[small] * 6, path=here, ending="/scansione")
    assert said(many) == ["Una richiesta può avere al massimo 5 file."]
    upload(clerk, *[small] * 5, path=here, ending="/scansione")
    assert len(of(service, submission)) == attaching.MOST
    assert not clerk.get(here).find("//main//input[@type='file']")
    late = clerk.send(page, "/scansione", file=several(small))
    assert said(late) == ["Una richiesta può avere al massimo 5 file."]


def test_more_than_the_server_takes_is_one_page_and_no_fault(
    service, clerk, monkeypatch
):
    monkeypatch.setattr(routes, "FILES_LIMIT", 10_000)
    submission = prove(service, send(service))
    page = clerk.get(clerk.submission(submission.id))
    late = clerk.send(page, "/scansione", file=several(bytes(20_000)))
    assert late.status == 413
    assert "25 MB in tutto" in late.text
    note = clerk.send(page, "/nota", text="x" * (2 << 20))
    assert note.status == 413


def test_a_scan_with_an_old_token_is_asked_for_once_more(service, clerk):
    typed = {**FILLED, "csrf_token": "old", "file": several(photo())}
    stale = clerk.send(desk(clerk), "/volontari", **typed)
    assert stale.status == 400
    assert said(stale) == ["Scegli il file con la scansione o la foto."]
    assert entered(service) == []


@pytest.mark.slow
def test_the_language_of_the_sheet_is_the_language_of_the_person(service, clerk):
    form = service.context.content.form("volontari", "en")
    page = clerk.get(upload(clerk, photo(code_of(form))).location)
    assert page.controls()["entry-lang"] == ["en"]


def test_the_page_says_with_which_answers_the_scans_go(start_service):
    service = start_service(SAMPLE)
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    new_clerk = signed_in(service)
    page = new_clerk.get(new_clerk.submission(send(service, "every-type").id))
    assert "prima delle altre (Data di nascita): con loro" in page.text


def test_a_form_without_such_answers_says_nothing_about_them(service, clerk):
    assert "prima delle altre" not in clerk.get(clerk.submission(send(service).id)).text
