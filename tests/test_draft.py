"""The PDF is the draft: what was typed is in it, is seen in it, and comes back."""

import random
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from forms_service.definition import Channel, Control, Field, clean, type_of
from forms_service.intake.filled import read_filled
from forms_service.shapes.pdf.draft import WrongBlank, fill
from forms_service.shapes.pdf.draft_font import arabic, glyphs
from forms_service.shapes.pdf.draft_text import LONGEST, Box, Pen
from forms_service.shapes.pdf.identity import FIELD
from printed_forms import (
    EVERY,
    EVERY_EN,
    Key,
    content,
    every_edition,
    form_of,
    named,
    pdf,
)
from sample_content import SAMPLE
from test_intake import WEB
from test_pdf_filling import by_clicks, widgets

FORM = form_of(EVERY)
CONTENT = content(SAMPLE)
CYRILLIC, ARABIC, CHINESE = "Соломія Ґудзь", "محمد بن عليّ السلام", "你好"
TYPED = {name: values for name, values in WEB.items() if name != "documento"} | {
    "nome": [CYRILLIC],
    "ente": [f"{ARABIC} (Esempio) 2026"],
    "note": [f"Perché sì: {ARABIC}\n{CHINESE}, Доброго дня"],
}
Typed = Mapping[str, list[str]]
NEIGHBOURS = "Ștefania Țăranu, Çelë, Phượng 😀"
TEXTS = (
    "Anna D’Angelo",
    CYRILLIC,
    ARABIC,
    CHINESE,
    NEIGHBOURS,
    "=1+1",
    "x@example.org",
)


@cache
def draft() -> bytes:
    return fill(pdf(EVERY), FORM, TYPED)


def anything(field: Field, chance: random.Random) -> dict[str, list[str]]:
    """Return controls of a field as somebody might leave them half way."""
    kind = type_of(field)
    controls = kind.controls(field)
    if not controls or chance.random() < 0.2:
        return {}
    if field.choices:
        ids = [choice.id for choice in field.choices]
        some = chance.randint(1, len(ids)) if kind.multiple else 1
        chosen = set(chance.sample(ids, some))
        return {field.id: [choice for choice in ids if choice in chosen]}
    if kind.has_text:
        return {field.id: ["true"]}
    if kind.limited is date:
        boxes = chance.choice((("1", "2", "1980"), ("31", "", ""), ("", "13", "80")))
        return {c: [box] for c, box in zip(controls, boxes, strict=True) if box}
    text = chance.choice(TEXTS)
    return {field.id: [f"{text}\n{text}" if kind.control is Control.AREA else text]}


@every_edition
def test_a_draft_of_any_form_gives_back_what_was_typed(key: Key) -> None:
    form = form_of(key)
    chance = random.Random(f"{key}")  # noqa: S311
    for _ in range(3):
        typed: dict[str, list[str]] = {}
        for field in form.at(Channel.WEB):
            typed |= anything(field, chance)
        found = read_filled(fill(pdf(key), form, typed), content(key[0]))
        assert found.raw == typed
        assert (found.unreadable, found.outdated) == ((), False)
        assert found.form == form


def test_a_draft_is_worth_what_the_web_form_was() -> None:
    found = read_filled(draft(), CONTENT)
    assert found.raw == TYPED
    assert clean(FORM, found.raw, Channel.WEB) == clean(FORM, TYPED, Channel.WEB)


def test_what_cannot_be_an_answer_of_the_form_is_left_out() -> None:
    typed = {"profilo": ["nessuno"], "interessi": ["no", "volo"], "aiuto": ["x"]}
    more = {"documento": ["CA1"], "strange": ["x"], "nome": [" \ud800"], "note": [" "]}
    found = read_filled(fill(pdf(EVERY), FORM, typed | more), CONTENT)
    assert found.raw == {"interessi": ["no"], "nome": ["\ufffd"]}


def test_a_draft_is_a_sound_form_that_shows_itself() -> None:
    with pikepdf.Pdf.open(BytesIO(draft())) as document:
        assert document.check_pdf_syntax() == []
        form = document.Root.AcroForm
        assert form.NeedAppearances is False
        assert str({str(f.T): f for f in form.Fields}[FIELD].V).startswith(FORM.id)
        assert bool(document.Root.MarkInfo.Marked)
        assert len(document.pages) == len(pikepdf.Pdf.open(BytesIO(pdf(EVERY))).pages)


def test_the_same_answers_give_the_same_bytes() -> None:
    assert fill(pdf(EVERY), FORM, dict(reversed(TYPED.items()))) == draft()


def test_no_answer_gives_a_blank_form() -> None:
    assert read_filled(fill(pdf(EVERY), FORM, {}), CONTENT).raw == {}
    assert inked(fill(pdf(EVERY), FORM, {}), by_pdfium) == set()


@pytest.mark.slow
@pytest.mark.parametrize("key", [EVERY_EN, (SAMPLE, "volontari", "it")], ids=named)
def test_the_blank_of_another_form_is_refused(key: Key) -> None:
    with pytest.raises(WrongBlank, match="every-type:it:1.0"):
        fill(pdf(key), FORM, TYPED)


def test_a_blank_of_an_older_version_is_refused() -> None:
    with pytest.raises(WrongBlank):
        fill(pdf(EVERY), replace(FORM, fingerprint="0" * 64), TYPED)


def test_a_field_that_only_the_web_has_travels_out_of_sight() -> None:
    sections = tuple(
        replace(part, fields=tuple(map(on_web, part.fields))) for part in FORM.sections
    )
    form = replace(FORM, sections=sections)
    with pikepdf.Pdf.open(BytesIO(pdf(EVERY))) as document:
        pages = [page.obj for page in document.pages if "/Annots" in page.obj]
        for holder, key in [(document.Root.AcroForm, "/Fields")] + [
            (page, "/Annots") for page in pages
        ]:
            kept = [part for part in holder[key] if owner(part) not in WEB_ONLY]
            holder[key] = pikepdf.Array(kept)
        target = BytesIO()
        document.save(target)
    filled = fill(target.getvalue(), form, TYPED)
    assert read_filled(filled, CONTENT).raw == TYPED


WEB_ONLY = {"note", "interessi", "paese", "nascita", "profilo", "aiuto"}


def owner(part: Any) -> str:
    """Return the field that a field or one of its widgets belongs to."""
    return str(part.get("/Parent", part).get("/T", ""))


def on_web(field: Field) -> Field:
    channels = frozenset({Channel.WEB}) if field.id in WEB_ONLY else field.channels
    return replace(field, channels=channels)


def test_a_draft_can_be_continued_in_a_viewer() -> None:
    more = by_clicks(draft(), FORM, {"strumento": ["Violino"], "profilo": ["altro"]})
    found = read_filled(more, CONTENT)
    # In a field that has a text, what is typed is added where one clicks.
    assert "Violino" in found.raw["strumento"][0]
    assert found.raw["profilo"] == ["altro"]
    assert found.raw["nome"] == [CYRILLIC]


def by_pdfium(file: bytes) -> list[Image.Image]:
    """Draw every page as Chrome does."""
    document = pypdfium2.PdfDocument(file)
    document.init_forms()
    drawn = [page.render(scale=1).to_pil().convert("L") for page in document]
    document.close()
    return drawn


def by_poppler(file: bytes) -> list[Image.Image]:
    """Draw every page as the viewers of Linux do."""
    with TemporaryDirectory() as folder:
        command = ["pdftoppm", "-r", "72", "-gray", "-", f"{folder}/page"]
        subprocess.run(command, input=file, check=True)
        return [Image.open(name).copy() for name in sorted(Path(folder).iterdir())]


def inked(file: bytes, draw: Any) -> set[str]:
    """Return the widgets that look different from those of the blank form."""
    blank, now = draw(pdf(EVERY)), draw(file)
    found = set()
    for name, (page, x, y) in widgets(pdf(EVERY)):
        height = blank[page].height
        box = (int(x) - 60, int(height - y) - 9, int(x) + 60, int(height - y) + 9)
        if "." in name or ":" in name or name in ("aiuto", "maggiorenne"):
            box = (int(x) - 6, box[1], int(x) + 6, box[3])
        if blank[page].crop(box).tobytes() != now[page].crop(box).tobytes():
            found.add(name)
    return found


LONG = "W" * 40


@pytest.mark.parametrize("draw", [by_pdfium, by_poppler])
def test_every_answer_can_be_seen_in_its_box(draw: Any) -> None:
    typed = {
        name: [LONG]
        for name in ("nome", "email", "telefono", "ente", "codice_fiscale")
        + ("paese_altro", "strumento", "accompagnatore")
    } | {
        "persone": [LONG],
        "note": ["\n".join([LONG] * 30)],
        "nascita-day": ["2727272727"],
        "nascita-year": ["1985198519851985"],
        "profilo": ["ente"],
        "interessi": ["si", "orto"],
        "aiuto": ["true"],
        "informativa": ["true"],
    }
    expected = {name for name in typed if "-" not in name}
    expected -= {"profilo", "interessi"}
    expected |= {"nascita", "profilo:ente", "interessi.si", "interessi.orto"}
    assert inked(fill(pdf(EVERY), FORM, typed), draw) == expected


def pen() -> Pen:
    with pikepdf.Pdf.open(BytesIO(pdf(EVERY))) as document:
        font: Any = document.Root.AcroForm.DR.Font["/Paper"]
        file = font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()
    return Pen(glyphs(file), arabic()[0])


def test_letters_are_drawn_in_the_fonts_and_others_as_boxes() -> None:
    mine, box = pen(), Box(400, 25, several_lines=False, right_to_left=False)
    cyrillic = mine.write(CYRILLIC, box).decode()
    assert mine.paper.hexadecimal(CYRILLIC) in cyrillic
    assert "0000" not in mine.paper.hexadecimal(CYRILLIC)
    assert "re S" not in cyrillic
    assert mine.write(NEIGHBOURS, box).decode().count("re S") == len("😀")
    assert mine.needs_arabic(ARABIC)
    assert not mine.needs_arabic(CYRILLIC + CHINESE)
    assert "re S" not in mine.write(ARABIC, box).decode()
    assert mine.write(CHINESE, box).decode().count("re S") == len(CHINESE)


def test_only_a_draft_that_needs_arabic_carries_its_font() -> None:
    plain = fill(pdf(EVERY), FORM, {"nome": [CYRILLIC]})
    with_arabic = fill(pdf(EVERY), FORM, {"nome": [ARABIC]})
    assert len(plain) < len(pdf(EVERY)) + 5_000 < len(with_arabic) < 200_000


def lines_of(text: str, box: Box) -> list[list[str]]:
    """Return the words of each line drawn: operators between BT and ET."""
    drawn = pen().write(text, box).decode()
    return [part.split(" ET")[0].split() for part in drawn.split("BT ")[1:]]


def test_a_long_text_is_broken_made_smaller_and_stays_in_its_box() -> None:
    box = Box(200, 100, several_lines=True, right_to_left=False)
    short, long = lines_of("uno due", box), lines_of("parola lunga " * 30, box)
    assert len(short) == 1
    assert len(long) > 5
    sizes = [int(lines[0][lines[0].index("Tf") - 1]) for lines in (short, long)]
    assert sizes[0] == 11 > sizes[1] >= 6
    assert all(float(line[5]) > 0 for line in long)


def test_a_word_longer_than_the_box_is_broken() -> None:
    box = Box(100, 100, several_lines=True, right_to_left=False)
    assert len(lines_of("m" * 40, box)) > 2
    single = Box(100, 25, several_lines=False, right_to_left=False)
    assert len(lines_of("m" * 40, single)) == 1


@pytest.mark.parametrize("several", [True, False])
def test_a_text_that_goes_on_says_so_on_paper(several: bool) -> None:
    box = Box(100, 60, several, right_to_left=False)
    goes_on = pen().paper.hexadecimal("…")
    long, short = (lines_of("parola " * n, box) for n in (90, 2))
    assert goes_on in " ".join(long[-1])
    assert all(float(line[5]) > 0 for line in long)
    assert goes_on not in str(short)


def test_arabic_begins_at_the_right_edge() -> None:
    box = Box(300, 25, several_lines=False, right_to_left=False)
    [[*latin]], [[*turned]] = lines_of("Anna", box), lines_of(ARABIC, box)
    assert float(latin[4]) < 10
    assert float(turned[4]) > 150
    # In a form in Arabic every line does, as the fields of its blank PDF do.
    [[*in_arabic]] = lines_of("Anna", replace(box, right_to_left=True))
    assert float(in_arabic[4]) > 200


@pytest.mark.parametrize(
    "text",
    ["x" * 200_000, "م" + "." * 200_000, "م" + "\u064b" * 200_000, "W " * 100_000]
    + ["محمد " * 40_000, "你" * 200_000, "\n" * 200_000],
    ids=["word", "signs", "marks", "words", "arabic", "boxes", "lines"],
)
def test_no_text_takes_long_to_draw(text: str) -> None:
    # Work, not waiting: quadratic time would take minutes.
    started = time.process_time()
    for several in (True, False):
        drawn = pen().write(text, Box(490, 300, several, right_to_left=False))
        assert len(drawn) < LONGEST * 60
    assert time.process_time() - started < 20


def test_a_draft_is_made_without_the_press(tmp_path: Path) -> None:
    blank = tmp_path / "blank.pdf"
    blank.write_bytes(pdf(EVERY))
    root = Path(__file__).resolve().parent.parent
    program = (
        "import sys; from pathlib import Path\n"
        "from forms_service.content import load_content\n"
        "from forms_service.shapes.pdf.draft import fill\n"
        f"form = load_content(Path({str(root / SAMPLE)!r})).form('every-type')\n"
        f"fill(Path({str(blank)!r}).read_bytes(), form, {{'nome': [{ARABIC!r}]}})\n"
        "print('pikepdf' in sys.modules, 'weasyprint' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.split() == ["True", "False"]
