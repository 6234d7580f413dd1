"""Scans in the child: the code of a sheet laid down askew, and files made to harm."""

import json
import sys
import time
from io import BytesIO
from pathlib import Path
from subprocess import run

import pypdfium2
import pytest
from PIL import Image, ImageFile

import hostile
import photos
from conftest import ROOT
from forms_service.intake import sandbox, scan, scanner
from forms_service.intake.refusals import (
    Damaged,
    NoScan,
    PasswordProtected,
    Refusal,
    ScanTooLarge,
    TooManyPixels,
)
from forms_service.intake.scan import LARGEST, Scan, kind_of, named, picture, read_scan
from forms_service.shapes.pdf.identity import Identity
from photos import code_of, photo, saved, sheet
from printed_forms import EVERY, EVERY_EN, form_of, pdf
from sample_content import SAMPLE
from test_intake_hostile import SECONDS

FORM = form_of(EVERY)
IDENTITY = Identity.of(FORM)
MIB = 1 << 20


def looked(data: bytes, picture: int | None = None) -> bytes:
    """Look at a file here, without child and limits."""
    return scanner.answer(data, kind_of(data), picture)


def outcome(data: bytes) -> type[Refusal] | str:
    """Return the refusal of a file, or the kind that it is."""
    try:
        return read_scan(data).kind
    except Refusal as refusal:
        return type(refusal)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("angle", [-7.0, 3.0, 90.0, 180.0])
def test_the_code_of_a_sheet_laid_down_askew_is_read(kind: str, angle: float) -> None:
    said = looked(saved(sheet(code_of(FORM), angle), kind))
    assert code_of(FORM).encode() in said


def test_a_sheet_without_a_code_has_none() -> None:
    assert looked(photo()) == b'{"pages": 1, "codes": []}'


def test_the_child_tells_kind_pages_and_codes_and_draws_a_page_anew() -> None:
    file = photo(code_of(FORM, 2))
    scan = read_scan(file)
    assert scan == Scan(file, "jpeg", 1, (code_of(FORM, 2),))
    assert named(scan.codes) == IDENTITY
    drawn = Image.open(BytesIO(picture(file, "jpeg", 0)))
    assert (drawn.format, max(drawn.size)) == ("PNG", scanner.SHOWN)
    with pytest.raises(Damaged):
        picture(b"\xff\xd8\xff", "jpeg", 0)


@pytest.mark.slow
def test_every_page_of_a_printed_form_is_seen_with_what_was_typed() -> None:
    file = pdf(EVERY)
    pages = scanner.ScanPages(file, "pdf")
    addresses = [IDENTITY.url(photos.BASE_URL, n + 1) for n in range(pages.number)]
    assert list(scanner.codes(pages)) == addresses
    assert looked(file, 0).startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_search_ends_with_the_page_when_time_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scanner, "SEARCH_SECONDS", 0)
    pages = scanner.ScanPages(pdf(EVERY), "pdf")
    assert len(list(scanner.codes(pages))) == 1 < pages.number


def test_codes_that_name_no_form_or_two_forms_name_none() -> None:
    other = code_of(form_of((SAMPLE, "volontari", "it")))
    assert named([]) is named(["hello", "https://e.org/?v=1"]) is None
    assert named([code_of(FORM), other]) is None
    assert named([code_of(FORM), code_of(FORM, 2), "hello"]) == IDENTITY


def test_pages_of_one_form_in_two_languages_name_it() -> None:
    english = code_of(form_of(EVERY_EN), 2)
    assert named([code_of(FORM), english]) == IDENTITY
    assert named([english, code_of(FORM)]) == Identity.of(form_of(EVERY_EN))


def test_a_photo_held_sideways_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = saved(Image.new("L", (400, 300), 255), exif=exif)
    assert Image.open(BytesIO(looked(lying, 0))).size == (300, 400)


@pytest.mark.parametrize(
    ("mode", "colour", "grey"),
    [("RGBA", (0, 0, 0, 0), 255), ("RGBA", (0, 0, 0, 255), 0), ("LA", (0, 0), 255),
     ("I;16", 0x8000, 0x80), ("1", 1, 255), ("RGB", (255, 255, 255), 255)],
)  # fmt: skip
def test_every_kind_of_points_becomes_grey_on_white(
    mode: str, colour: object, grey: int
) -> None:
    file = saved(Image.new(mode, (30, 40), colour), "PNG")  # type: ignore[arg-type]
    drawn = Image.open(BytesIO(looked(file, 0))).convert("L")
    assert drawn.getextrema() == (grey, grey)


def test_a_palette_that_lets_through_is_white_there() -> None:
    file = saved(Image.new("P", (30, 40), 0), "PNG", transparency=0)
    drawn = Image.open(BytesIO(looked(file, 0))).convert("L")
    assert drawn.getextrema() == (255, 255)


OUTCOMES: dict[str, type[Refusal] | str] = {
    "huge_png": TooManyPixels,
    "hollow_png": Damaged,
    "huge_jpeg": TooManyPixels,
    "cut_jpeg": Damaged,
    "gif_as_png": NoScan,
    "page_and_picture": "jpeg",
    "svg": NoScan,
    "large_png": "png",
    "text_bomb": Damaged,
}
# The form of a hostile PDF is not asked here: one that can be drawn is a scan.
DRAWN = {"index_that_lies", "xfa", "wrong_types", "trick_values", "kids_in_a_circle"}
DRAWN |= {"deep_kids", "many_filters", "nested_arrays", "index_of_millions"}
PDFS = {build.__name__: build for build in (*hostile.SMALL, *hostile.LARGE)}
PICTURES = {build.__name__: build for build in (*photos.SMALL, *photos.LARGE)}


def test_each_hostile_picture_has_its_outcome() -> None:
    assert set(OUTCOMES) == set(PICTURES)


def test_hostile_pictures_are_refused_or_drawn_by_the_same_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # WeasyPrint turns this on in the process of the tests; the child never loads it.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)
    troubles = {Damaged: b'"damaged"', TooManyPixels: b'"pixels"'}
    for build in photos.SMALL:
        expected = OUTCOMES[build.__name__]
        if expected is NoScan:
            with pytest.raises(NoScan):
                kind_of(build())
        else:
            said = looked(build())
            assert troubles.get(expected, b'"codes"') in said, build.__name__


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_a_hostile_picture_does_no_harm(name: str, tmp_path: Path) -> None:
    expected = OUTCOMES[name]
    came_to = harmless(PICTURES[name](), tmp_path)
    assert came_to == (expected if isinstance(expected, str) else expected.__name__)


@pytest.mark.slow
@pytest.mark.parametrize("name", PDFS)
def test_a_hostile_pdf_does_no_harm_as_a_scan(name: str, tmp_path: Path) -> None:
    came_to = harmless(PDFS[name](IDENTITY.text), tmp_path)
    assert came_to in ("pdf", "Damaged", "NoScan", "TooManyPages", "ScanTooLarge")
    assert (came_to == "pdf") or name not in DRAWN


# Looks at a file in a process whose only child reads it: a peak is that of the
# largest child a process ever had.
READ_ONE = """
import json, resource, sys
from pathlib import Path
from forms_service.intake.refusals import Refusal
from forms_service.intake.scan import read_scan

try:
    came_to = read_scan(Path(sys.argv[1]).read_bytes()).kind
except Refusal as refusal:
    came_to = type(refusal).__name__
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([came_to, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def harmless(file: bytes, folder: Path) -> str:
    """Return the outcome of a file; it must come in time and with little memory."""
    (folder / "file").write_bytes(file)
    line = [sys.executable, "-c", READ_ONE, str(folder / "file")]
    done = run(line, cwd=ROOT, capture_output=True, check=True)
    came_to, seconds, peak = json.loads(done.stdout)
    assert seconds < SECONDS + 0.5
    assert peak < 600 * MIB // 1024
    return str(came_to)


def test_the_same_size_with_few_points_is_sound() -> None:
    assert b'"codes"' in looked(photos.png_of(600, 800, bytes(601 * 800)))
    assert b'"codes"' in looked(photo()[:])


def test_what_is_too_large_or_locked_is_refused_by_name() -> None:
    with pytest.raises(ScanTooLarge):
        kind_of(b"%PDF-" + bytes(LARGEST))
    assert kind_of(b"%PDF-" + bytes(LARGEST - 5)) == "pdf"
    assert outcome(hostile.locked(hostile.form("", b""))) is PasswordProtected
    assert b'"pages"' in looked(hostile.many_pages(""))
    assert b'"damaged"' in looked(hostile.only_a_head(""))


@pytest.mark.slow
@pytest.mark.parametrize("limits", [True, False], ids=["limited", "control"])
def test_the_limits_are_what_stops_a_bomb(limits: bool) -> None:
    bomb = hostile.object_stream_bomb(IDENTITY.text, 700)
    before = [sandbox.CONFINED] if limits else []
    said = run_alone([*before, scan.SCANNER], bomb)
    assert (b'"codes"' in said) is not limits


@pytest.mark.parametrize(
    ("pages", "codes", "believed"),
    [("20", "[]", True), ("21", "[]", False), ("0", "[]", False),
     ("null", "[]", False), ("1", "null", False)],
)  # fmt: skip
def test_a_scanner_that_talks_nonsense_is_not_believed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pages: str,
    codes: str,
    believed: bool,
) -> None:
    script = tmp_path / "scanner.py"
    script.write_text(f"""print('{{"pages": {pages}, "codes": {codes}}}')""")
    monkeypatch.setattr(scan, "SCANNER", script)
    assert outcome(b"%PDF-") == ("pdf" if believed else Damaged)


def run_alone(scripts: list[Path], data: bytes) -> bytes:
    """Run a scanner by itself, whatever becomes of it."""
    order = b'{"kind": "pdf", "picture": null}\n'
    started = time.monotonic()
    child = [sys.executable, "-I", "-B", *scripts]
    ended = run(child, input=order + data, capture_output=True)
    assert time.monotonic() - started < 60
    return ended.stdout


@pytest.mark.slow
def test_a_real_form_photographed_askew_is_recognised() -> None:
    document = pypdfium2.PdfDocument(pdf(EVERY))
    page = document[1].render(scale=200 / 72, grayscale=True).to_pil()
    askew = page.rotate(-4, expand=True, fillcolor=230)
    scan = read_scan(saved(askew, quality=60))
    document.close()
    assert scan.codes == (IDENTITY.url(photos.BASE_URL, 2),)
