"""The receipt: drawn by a process of its own, from texts that the service prepared."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader

from forms_service.definition import Channel, clean
from forms_service.definition.texts import Review
from forms_service.i18n import Translator
from forms_service.shapes.pdf.attendance import attendance_job
from forms_service.shapes.pdf.font_coverage import in_our_letters, known_letters
from forms_service.shapes.pdf.receipt import receipt_job
from forms_service.shapes.pdf.receipt_press import ReceiptPress, ReceiptUnavailable
from forms_service.tokens import Tokens
from printed_forms import BASE_URL, EVERY, EVERY_EN, ROOT, Key, edition, form_of

KEY = "a-key-of-these-receipts-that-is-long-enough"
KEYS = Tokens([KEY])
PRESS = ReceiptPress()
# Seconds on a machine that does many other things.
PATIENCE = 60.0
TYPED = {
    "nome": ["Nguyễn Thị Ánh"],
    "email": ["nome@example.org"],
    "telefono": ["+39 0564 484111"],
    "profilo": ["ente"],
    "ente": ["D’Angelo <b>&</b> figli"],
    "persone": ["3"],
    "interessi": ["no", "musica"],
    "strumento": ["=1+1"],
    "note": ["Prima riga\nдругий рядок\n" + "parola " * 80],
    "maggiorenne": ["true"],
    "informativa": ["true"],
}


@cache
def job(key: Key = EVERY) -> dict[str, Any]:
    """Prepare the receipt of a submission with letters of many kinds."""
    mine = edition(key)
    answers = clean(mine.form, TYPED, Channel.WEB).answers
    submission = {
        "reference": "7K3M9QXD",
        "answers": answers,
        "created_at": "2030-10-20T21:30:00+00:00",
        "verified_at": datetime(2030, 10, 21, 6, 5, tzinfo=UTC),
        "purge_after": "2031-10-20T22:00:00+00:00",
        "due_on": date(2030, 11, 20),
    }
    return receipt_job(
        mine.form,
        mine.project,
        mine.translator,
        submission,
        KEYS,
        BASE_URL,
        prevailing=form_of(EVERY),
    )


@cache
def drawn(key: Key = EVERY) -> bytes:
    return PRESS.draw(job(key), PATIENCE)


def text_of(document: bytes) -> str:
    pages = PdfReader(BytesIO(document)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_receipt_says_what_was_sent_when_and_what_follows() -> None:
    read, project = text_of(drawn()), edition(EVERY).project
    for said in (
        "7K3M9QXD",
        "Nguyễn Thị Ánh",
        "D’Angelo <b>&</b> figli",
        "=1+1",
        "другий рядок",
        "No a niente",
        "20 ottobre 2030, ore 23:30",
        "21 ottobre 2030, ore 08:05",
        "Cancelliamo la tua richiesta il 21 ottobre 2031, se non cambia nulla.",
        "Rispondiamo entro mercoledì 20 novembre 2030.",
        form_of(EVERY).field("maggiorenne").text,
        form_of(EVERY).texts.receipt,
        project.funding.sentence,
        project.demonstration,
        project.owner.full_name,
    ):
        assert said in read


@pytest.mark.slow
def test_a_receipt_speaks_the_language_of_the_form() -> None:
    read = text_of(drawn(EVERY_EN))
    assert "Receipt: Every field" in read
    assert "For an organisation" in read
    assert "Ricevuta" not in read
    assert form_of(EVERY).field("maggiorenne").text in read


def test_the_original_that_prevails_stands_under_a_translated_declaration() -> None:
    english, italian = form_of(EVERY_EN), form_of(EVERY)

    def lines(key: Key, label: str) -> list[list[str]]:
        rows = [row for _, section in job(key)["sections"] for row in section]
        return next(said for name, said, _ in rows if name == label)

    field, original = english.field("maggiorenne"), italian.field("maggiorenne")
    assert lines(EVERY_EN, field.label) == [
        [field.text, "en"],
        [original.text, "it", "beside"],
        ["The text in Italian prevails.", "", "beside"],
        ["Yes", ""],
    ]
    assert lines(EVERY, original.label) == [[original.text, "it"], ["Sì", ""]]
    assert json.dumps(original.text) in job(EVERY_EN)["proof"]["/ReceiptData"]
    assert "prevails" not in json.dumps(lines(EVERY_EN, "Email address"))


def test_a_receipt_in_words_that_nobody_checked_says_so() -> None:
    mine = edition(EVERY)
    facts = {
        "reference": "7K3M9QXD",
        "answers": {},
        "created_at": "2030-10-20T21:30:00+00:00",
    }

    def prepared_with(review: Review) -> tuple[str, dict[str, Any]]:
        form = replace(mine.form, lang="fr", review=review)
        translator = Translator("fr", mine.translator.zone)
        made = receipt_job(form, mine.project, translator, facts, KEYS, BASE_URL)
        return made["unreviewed"], made

    sentence, prepared = prepared_with(Review(translated=True))
    assert "italien" in sentence
    assert sentence in text_of(PRESS.draw(prepared, PATIENCE))
    assert prepared_with(Review(translated=True, by="Anne"))[0] == ""


def test_a_receipt_is_tagged_and_names_its_language() -> None:
    with pikepdf.Pdf.open(BytesIO(drawn())) as document:
        assert document.check_pdf_syntax() == []
        assert document.Root.Lang == "it"
        assert bool(document.Root.MarkInfo.Marked)
        assert "7K3M9QXD" in str(document.docinfo.Title)
        with document.open_metadata() as xmp:
            assert xmp["pdfuaid:part"] == "1"


def test_an_attendance_sheet_is_drawn_and_tagged_in_the_same_way() -> None:
    mine = edition(EVERY)
    names = [f"Nome {number}" for number in range(40)] + ["王小明"]
    meetings = [(f"{day} marzo 2030", f"Tema {day}") for day in range(1, 8)]
    made = attendance_job("Corso", names, meetings, mine.project, mine.translator)
    sheet = PRESS.draw(made, PATIENCE)
    pages = [page.extract_text() for page in PdfReader(BytesIO(sheet)).pages]
    assert all("6 marzo 2030" in page for page in pages)
    read = " ".join(" ".join(pages).split())
    assert ["Tema 6" in read, "Tema 7" in read, "46 " in read] == [True, False, True]
    assert "[?] sta per lettere" in read
    with pikepdf.Pdf.open(BytesIO(sheet)) as document:
        assert document.Root.Lang == "it"
        assert bool(document.Root.MarkInfo.Marked)
        assert str(document.docinfo.Title) == "Foglio firme – Corso"
        with document.open_metadata() as xmp:
            assert xmp["pdfuaid:part"] == "1"
        assert "/ReceiptData" not in document.docinfo
    bare = attendance_job("王", [], [], mine.project, mine.translator)
    assert "Firma" in text_of(PRESS.draw(bare, PATIENCE))


def test_a_question_that_does_not_apply_is_not_on_the_receipt() -> None:
    read = text_of(drawn())
    assert "Quale paese" not in read
    assert "Numero del documento" not in read
    assert edition(EVERY).translator.gettext("No answer") in read


def test_a_receipt_without_a_confirmed_address_does_not_claim_one() -> None:
    mine = edition(EVERY)
    submission: dict[str, Any] = {
        "reference": "7K3M9QXD",
        "answers": {},
        "created_at": "2030-10-20T21:30:00+00:00",
        "verified_at": None,
        "purge_after": None,
    }
    prepared = receipt_job(
        mine.form, mine.project, mine.translator, submission, KEYS, BASE_URL
    )
    assert "confermato" not in json.dumps(prepared["facts"])
    assert "Cancelliamo" not in json.dumps(prepared["erasure"])


@pytest.fixture
def press() -> Iterator[ReceiptPress]:
    """A press of its own, for who kills it."""
    made = ReceiptPress()
    yield made
    made.stop()


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Put another program in the place of the Python that draws."""

    def replace(script: str) -> None:
        program = tmp_path / "python"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))

    return replace


def ended(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def gone(pid: int) -> bool:
    """Wait until a process has ended."""
    return bool(found(lambda: ended(pid)))


def found(look: Callable[[], Any]) -> Any:
    """Look again and again until there is something; return it."""
    until = time.monotonic() + PATIENCE
    while not (something := look()) and time.monotonic() < until:
        time.sleep(0.01)
    return something


def open_files(pid: int) -> set[str]:
    files = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        # It may be closed while it is looked at.
        with suppress(FileNotFoundError):
            files.add(os.readlink(file))
    return files


def children(pid: int) -> list[int]:
    return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def test_a_press_that_cannot_start_is_said_to_be_unavailable(
    program: Callable[[str], None], press: ReceiptPress
) -> None:
    program("exit 1")
    with pytest.raises(ReceiptUnavailable):
        press.draw(job())


def test_a_receipt_that_cannot_be_drawn_harms_no_other(press: ReceiptPress) -> None:
    pid = press.start().process.pid
    for wrong in ({}, {**job(), "sections": 1}):
        with pytest.raises(ReceiptUnavailable):
            press.draw(wrong, PATIENCE)
    assert press.draw(job(), PATIENCE) == drawn()
    assert press.start().process.pid == pid


def test_a_press_that_hangs_is_left_in_time(
    program: Callable[[str], None], press: ReceiptPress
) -> None:
    program("exec sleep 600")
    with pytest.raises(ReceiptUnavailable):
        press.draw(job(), timeout=0.1)
    press.start().process.kill()


def test_who_gets_no_turn_in_time_is_told_so() -> None:
    with pytest.raises(ReceiptUnavailable, match="other receipts"):
        ReceiptPress(at_once=0).draw(job(), timeout=0.1)


def test_each_receipt_has_a_child_of_its_own_that_ends(press: ReceiptPress) -> None:
    several = [
        threading.Thread(target=press.draw, args=(job(), PATIENCE)) for _ in range(3)
    ]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    pid = press.start().process.pid
    assert all(gone(child) for child in children(pid))
    assert press.draw(job(), PATIENCE) == drawn()


@pytest.mark.slow
def test_a_child_cannot_take_the_job_of_another(press: ReceiptPress) -> None:
    running = press.start()
    pid = running.process.pid
    # What is loaded has no other child than those that draw.
    assert press.draw(job(), PATIENCE) == drawn()
    assert all(gone(child) for child in children(pid))
    control = os.readlink(f"/proc/{pid}/fd/0")
    ours, its_end = socket.socketpair()
    with ours, its_end:
        running.take(its_end)
        # It waits for its job: what it holds open until then can be looked at.
        (child,) = found(lambda: [each for each in children(pid) if not ended(each)])
        assert found(lambda: control not in open_files(child))


@pytest.mark.slow
def test_a_press_that_was_killed_is_started_again(press: ReceiptPress) -> None:
    first = press.start().process
    assert press.draw(job(), PATIENCE) == drawn()
    first.kill()
    first.wait()
    assert press.draw(job(), PATIENCE) == drawn()
    assert press.start().process.pid != first.pid


def test_a_press_does_not_outlive_whoever_started_it(tmp_path: Path) -> None:
    prepared = tmp_path / "job.json"
    prepared.write_text(json.dumps(job()))
    script = (
        "import json, sys, time\n"
        "from forms_service.shapes.pdf.receipt_press import ReceiptPress\n"
        "press = ReceiptPress()\n"
        "press.draw(json.load(open(sys.argv[1])), 60)\n"
        "print(press.start().process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(prepared)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.kill()
    assert gone(pid)


@pytest.mark.slow
def test_the_fonts_of_a_press_leave_with_it(
    press: ReceiptPress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    press.draw(job(), PATIENCE)
    assert len(list(tmp_path.iterdir())) == 1
    press.stop()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_press_is_not_told_the_keys_of_the_service(
    press: ReceiptPress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMS_SECRET_KEYS", "never")
    monkeypatch.setenv("OTHER", "told")
    press.draw(job(), PATIENCE)
    environment = Path(f"/proc/{press.start().process.pid}/environ").read_bytes()
    assert b"never" not in environment
    assert b"OTHER=told" in environment


def test_a_child_gives_up_what_no_receipt_needs() -> None:
    script = (
        "import resource, signal\n"
        "from forms_service.shapes.pdf import receipt_drawing as it\n"
        "it.confine()\n"
        "assert signal.alarm(0) > 0\n"
        "print([resource.getrlimit(kind) == (most, most)"
        " for kind, most in it.LIMITS.items()])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, cwd=ROOT, check=True
    )
    assert done.stdout.decode().strip() == str([True] * 5)


def test_a_machine_without_pango_only_misses_its_receipts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, press: ReceiptPress
) -> None:
    (tmp_path / "weasyprint").mkdir()
    fault = "raise OSError('cannot load library libgobject-2.0-0')"
    (tmp_path / "weasyprint" / "__init__.py").write_text(fault)
    monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))
    with pytest.raises(ReceiptUnavailable):
        press.draw(job(), PATIENCE)


def test_preparing_a_receipt_loads_no_press() -> None:
    script = (
        "import sys\n"
        "import forms_service.shapes.pdf.receipt_press, forms_service.shapes.notice\n"
        "print(sorted({'weasyprint', 'pikepdf', 'segno'} & sys.modules.keys()))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, cwd=ROOT, check=True
    )
    assert loaded.stdout.decode().strip() == "[]"


def test_a_declaration_that_nobody_made_is_not_on_the_receipt() -> None:
    form, read = form_of(EVERY), text_of(drawn())
    assert form.field("maggiorenne").text in read
    assert form.field("aiuto").label in read
    assert form.field("aiuto").text not in read


@pytest.mark.slow
def test_what_no_font_can_draw_has_a_sign_on_paper_and_stays_in_the_data() -> None:
    mine = edition(EVERY)
    name = "Олена 👩\u200d👩\u200d👧 你好"
    submission: dict[str, Any] = {
        "reference": "7K3M9QXD",
        "answers": {"nome": name},
        "created_at": "2030-10-20T21:30:00+00:00",
    }
    prepared = receipt_job(
        mine.form, mine.project, mine.translator, submission, KEYS, BASE_URL
    )
    read = text_of(PRESS.draw(prepared, PATIENCE))
    assert "Олена [?] [?]" in read
    assert "[?] sta al posto di caratteri" in read
    assert json.dumps(name) in prepared["proof"]["/ReceiptData"]
    assert "[?]" not in text_of(drawn())


def test_a_mark_that_draws_nothing_needs_no_sign() -> None:
    assert in_our_letters(["a\u2060b", {"c": "d"}], "[?]") == ["ab", {"c": "d"}]


def test_the_fonts_have_the_letters_of_the_names_of_our_neighbours() -> None:
    names = (
        "Nguyễn Phượng Đỗ Ưng Ơn, Ștefania Țăranu, Çelë Ëndërr, Łukasz Žižková"
        " Ґудзь Їжакевич Єва Ђорђе Љиља, Ɓà Ɗiallo Ŋoma Ọlọ́run Ṣẹ̀gun, Ḥusayn Ṭāhā,"
        " محمد بن عليّ پرویز گل یاسمین ڈاکٹر ٹیپو"
    )
    assert set(names) - known_letters() == set()
