"""The printed forms: fonts, structure, identity, words, and the same bytes twice."""

import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
import weasyprint
import zxingcpp
from pypdf import PdfReader
from weasyprint.text.ffi import ffi

from forms_service.definition import Channel, Text
from forms_service.definition.conditions import AllOf, AnyOf, Condition, Is, Not
from forms_service.definition.texts import Review
from forms_service.shapes.pdf.blank import blank_pdf
from forms_service.shapes.pdf.font_coverage import LettersMissing
from forms_service.shapes.pdf.identity import FIELD, NAMESPACE, Identity
from forms_service.shapes.pdf.paper import Edition
from forms_service.shapes.pdf.render import print_html
from forms_service.shapes.sentences import condition_sentence
from printed_forms import (
    BASE_URL,
    EVERY,
    EVERY_EN,
    ROOT,
    Key,
    build,
    edition,
    every_edition,
    form_of,
    pdf,
)

# What it draws and reads is measured elsewhere; traced, it takes twice as long.
pytestmark = pytest.mark.no_cover

VENDORED = {"Paper", "Paper-Bold", "Paper-Arabic", "Paper-Arabic-Bold"}
MOST_PAGES = 8
# A line of text can look like the bars of another code.
QR = zxingcpp.BarcodeFormat.QRCode


@pytest.fixture
def opened(key: Key) -> Iterator[pikepdf.Pdf]:
    with pikepdf.Pdf.open(BytesIO(pdf(key))) as document:
        yield document


@cache
def pages(printed: bytes) -> list[str]:
    """Return the text of each page on one line."""
    reader = PdfReader(BytesIO(printed))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def says(read: str, text: str, key: Key) -> bool:
    """Say whether a text was drawn, as far as an extractor can tell.

    What is written from right to left comes back as words in any order, the letters
    of a ligature turned around.
    """
    if edition(key).translator.direction == "ltr":
        return " ".join(text.split()) in read
    return letters(text) <= letters(read)


MARKS_ALONE = re.compile("[\ufc5e-\ufc63\ufe70-\ufe7f]")


def letters(text: str) -> set[str]:
    """Return the letters of each word, sorted and without marks."""
    plain = unicodedata.normalize("NFKC", MARKS_ALONE.sub("", text))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return {"".join(sorted(word)) for word in re.findall(r"\w+", plain)}


@cache
def pages_of(key: Key) -> list[str]:
    """Return the text of each page; of a page in Arabic, what two extractors read."""
    read = pages(pdf(key))
    if edition(key).translator.direction == "ltr":
        return read
    with pypdfium2.PdfDocument(pdf(key)) as document:
        other = [page.get_textpage().get_text_range() for page in document]
    return [f"{pair} {two}" for pair, two in zip(read, other, strict=True)]


def text_of(printed: bytes) -> str:
    """Return all text of a document on one line."""
    return " ".join(pages(printed))


@every_edition
def test_a_form_is_a_sound_file_of_few_pages(key: Key, opened: pikepdf.Pdf) -> None:
    assert opened.check_pdf_syntax() == []
    assert 1 <= len(opened.pages) <= MOST_PAGES
    assert len(pdf(key)) < 200_000


@every_edition
def test_only_the_vendored_fonts_are_in_a_form(key: Key, opened: pikepdf.Pdf) -> None:
    fonts = [
        thing
        for thing in opened.objects
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font"
    ]
    names = {str(font.BaseFont).lstrip("/").split("+")[-1] for font in fonts}
    assert {"Paper", "Paper-Bold"} <= names <= VENDORED
    composite = [font for font in fonts if font.Subtype == "/Type0"]
    assert composite
    for font in composite:
        assert "/ToUnicode" in font
        assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor


def test_a_letter_that_no_font_has_stops_the_build_by_name() -> None:
    mine = edition(EVERY)
    form = replace(mine.form, title=Text("Segna ☐ qui", "it"))
    with pytest.raises(LettersMissing, match="every-type .* ☐"):
        blank_pdf(form, mine.project, mine.translator, BASE_URL)


@every_edition
def test_a_screen_reader_gets_title_language_and_headings(
    key: Key, opened: pikepdf.Pdf
) -> None:
    form = form_of(key)
    root = opened.Root
    assert root.Lang == form.lang
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert str(opened.docinfo.Title).startswith(form.title)
    assert {str(page.obj.Tabs) for page in opened.pages} == {"/S"}
    headings = [e.S for e in elements(root.StructTreeRoot.K) if str(e.S)[1:2] == "H"]
    assert headings[0] == "/H1"
    assert headings.count("/H1") == 1
    with opened.open_outline() as outline:
        assert len(outline.root[0].children) == headings.count("/H2") > 0
    for figure in (e for e in elements(root.StructTreeRoot.K) if e.S == "/Figure"):
        assert str(figure.Alt)


def elements(kids: Any) -> Iterator[Any]:
    """Walk the structure tree in reading order."""
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
            yield kid
            yield from elements(kid.get("/K", pikepdf.Array()))


@every_edition
def test_controls_are_read_in_the_order_of_the_form(
    key: Key, opened: pikepdf.Pdf
) -> None:
    read = [
        element.K[0].Obj
        for element in elements(opened.Root.StructTreeRoot.K)
        if element.S == "/Form"
    ]
    tabbed = [
        annotation
        for page in opened.pages
        for annotation in page.obj.get("/Annots", [])
        if annotation.Subtype == "/Widget"
    ]
    assert [w.objgen for w in read] == [w.objgen for w in tabbed]
    names = [str(w.get("/T", "")) if "/Parent" not in w else "" for w in read]
    order = [f.id for f in form_of(key).at(Channel.PDF)]
    own = [name for name in names if name]
    assert own == sorted(own, key=order.index)


@every_edition
def test_all_that_is_drawn_is_read_or_marked_as_decoration(
    key: Key, opened: pikepdf.Pdf
) -> None:
    in_tree = {
        (element.Pg.objgen, kid)
        for element in elements(opened.Root.StructTreeRoot.K)
        for kid in element.get("/K", [])
        if isinstance(kid, int)
    }
    for page in opened.pages:
        depth, found = 0, set()
        for instruction in pikepdf.parse_content_stream(page):
            match str(instruction.operator):
                case "BDC" | "BMC":
                    depth += 1
                    if instruction.operands[0] != "/Artifact":
                        found.add((page.obj.objgen, instruction.operands[1].MCID))
                case "EMC":
                    depth -= 1
                case "Tj" | "TJ" | "f" | "S" | "B" | "Do":
                    assert depth > 0
        assert found
        assert found <= in_tree


def test_a_part_in_another_language_says_so() -> None:
    with pikepdf.Pdf.open(BytesIO(pdf(EVERY_EN))) as document:
        root = document.Root.StructTreeRoot.K
        languages = {str(e.Lang) for e in elements(root) if "/Lang" in e}
    assert languages == {"it"}
    with pikepdf.Pdf.open(BytesIO(pdf(EVERY))) as document:
        root = document.Root.StructTreeRoot.K
        assert not [e for e in elements(root) if "/Lang" in e]


def test_weasyprint_is_the_one_whose_private_function_is_wrapped() -> None:
    assert weasyprint.__version__ == "70.0", (
        "Another WeasyPrint: is /Lang written by it now? Read docs/weasyprint-tags.md,"
        " see that press._languages_of_parts still does, then name the version here."
    )


def test_no_c_is_parsed_again_for_a_text_of_another_length() -> None:
    print_html("<html lang=en><title>a</title><p>short")
    known = set(ffi._parsed_types)
    print_html("<html lang=en><title>a</title><p>much longer")
    assert set(ffi._parsed_types) == known


def test_the_main_language_stands_beside_a_translated_declaration() -> None:
    translated, original = form_of(EVERY_EN), form_of(EVERY)
    read = text_of(pdf(EVERY_EN))
    for form in (translated, original):
        assert form.field("maggiorenne").text in read
    assert "The text in Italian prevails." in read
    assert "Per quanto tempo li conserviamo" in read
    assert "prevails" not in text_of(pdf(EVERY))
    assert "Vale il testo" not in text_of(pdf(EVERY))


@every_edition
def test_field_properties_xmp_and_every_qr_say_the_same_identity(
    key: Key, opened: pikepdf.Pdf
) -> None:
    identity = Identity.of(form_of(key))
    [hidden] = [f for f in opened.Root.AcroForm.Fields if f.T == FIELD]
    assert Identity.read(str(hidden.V)) == identity
    assert int(hidden.Ff) == 1
    assert "/Rect" not in hidden
    assert Identity.read(str(opened.docinfo["/FormIdentity"])) == identity
    assert identity.text in str(opened.docinfo.Keywords)
    with opened.open_metadata() as xmp:
        assert xmp[f"{{{NAMESPACE}}}identity"] == identity.text
        assert xmp["pdfuaid:part"] == "1"
    form = form_of(key)
    with pypdfium2.PdfDocument(pdf(key)) as document:
        for number, page in enumerate(document, start=1):
            picture = page.render(scale=150 / 72).to_pil()
            [code] = zxingcpp.read_barcodes(picture, formats=QR)
            assert code.text.startswith(f"{BASE_URL}/moduli/{form.lang}/{form.id}?v=")
            assert Identity.from_url(code.text) == (identity, number)
            picture.close()


def test_without_a_base_address_the_qr_holds_the_path() -> None:
    identity = Identity("volontari", "it", "1.10-b", "0123456789abcdef")
    url = identity.url("", 2)
    assert url == "/moduli/it/volontari?v=1.10-b-0123456789abcdef&p=2"
    assert Identity.from_url(url) == (identity, 2)
    assert Identity.read(identity.text) == identity
    with pytest.raises(ValueError, match="no address of a form"):
        Identity.from_url("/moduli/it/volontari")


@every_edition
def test_every_page_says_version_date_page_and_funding(key: Key) -> None:
    mine = edition(key)
    form, project, translator = mine.form, mine.project, mine.translator
    version = translator.gettext(
        "Version {version} of {day}",
        version=form.version,
        day=translator.format_date(form.dated),
    )
    for number, page in enumerate(pages_of(key), start=1):
        counted = f"{translator.gettext('Page')} {number} / {len(pages_of(key))}"
        said = [version, counted, project.funding.sentence, form.title]
        if project.is_demonstration:
            said.append(project.demonstration)
        assert [text for text in said if not says(page, text, key)] == []


@every_edition
def test_everything_the_form_says_on_paper_is_there(key: Key) -> None:
    form, read = form_of(key), " ".join(pages_of(key))
    said: list[str] = [*form.paper.signature]
    for section, fields in form.sections_at(Channel.PDF):
        said.append(section.title)
        for field in fields:
            said += [field.label, field.hint, *(c.label for c in field.choices)]
            said += field.text.paragraphs
    assert [text for text in said if not says(read, text, key)] == []
    assert not says(read, "inesistente", key)


@every_edition
def test_a_question_stands_on_the_page_of_its_control(
    key: Key, opened: pikepdf.Pdf
) -> None:
    labels = {field.id: field.label for field in form_of(key).at(Channel.PDF)}
    for page, read in zip(opened.pages, pages_of(key), strict=True):
        for widget in page.obj.get("/Annots", []):
            if widget.Subtype == "/Widget":
                field = widget.get("/Parent", widget)
                assert says(read, labels[str(field.T)], key)


def test_a_condition_is_printed_as_a_sentence() -> None:
    read = text_of(pdf(EVERY))
    assert "Compila solo se la tua risposta a “Per chi scrivi” è “Per un ente”." in read
    assert "“Orto” o hai messo il segno su “Ho bisogno di aiuto”." in read


def test_a_denied_condition_is_said_part_by_part() -> None:
    mine = edition(EVERY_EN)

    def said(condition: Condition) -> str:
        return condition_sentence(mine.form, condition, mine.translator)

    both = AllOf((Is("profilo", "ente"), Is("aiuto", "true")))
    text = "your answer to “Who are you writing for” is not “For an organisation”"
    other = "you did not tick “I need help”"
    assert said(Not(both)) == f"Fill in only if {text} or {other}."
    assert said(Not(Not(Is("aiuto", "true")))) == (
        "Fill in only if you ticked “I need help”."
    )
    mixed = AllOf((Is("nome", "Ada"), AnyOf(both.parts)))
    assert " and (your answer" in said(mixed)


def test_ways_to_hand_in_name_the_contacts_and_say_what_is_missing() -> None:
    read = text_of(pdf(EVERY))
    assert f"Per posta: {edition(EVERY).project.contacts.post}" in read
    assert "{contacts" not in read
    mine = edition(EVERY)
    contacts = replace(mine.project.contacts, post=Text("TODO", "it"))
    project = replace(mine.project, contacts=contacts)
    other = blank_pdf(mine.form, project, mine.translator, BASE_URL)
    assert "Per posta: da confermare" in text_of(other)
    assert "TODO" not in text_of(other)


@pytest.mark.slow
def test_a_closed_form_says_so_on_every_page() -> None:
    read = pages(build(EVERY, closed=True))
    assert all("Chiuso" in page for page in read)
    assert form_of(EVERY).texts.closed in read[0]
    assert not any("Chiuso" in page for page in pages(pdf(EVERY)))


@pytest.mark.slow
def test_a_translation_that_nobody_has_checked_says_so() -> None:
    mine, main = edition(EVERY_EN), edition(EVERY)
    warning = "Nobody who speaks this language has checked this translation yet."
    for review, said in ((Review(True), True), (Review(True, "", "Ada"), False)):
        form = replace(mine.form, review=review)
        printed = blank_pdf(
            form, mine.project, mine.translator, BASE_URL, prevailing=main
        )
        assert (warning in text_of(printed)) == said


@pytest.mark.slow
def test_a_page_from_right_to_left_is_mirrored_and_keeps_its_fonts() -> None:
    mine = edition(EVERY)
    words = type(mine.translator)("ar", mine.project.zone)
    form = replace(mine.form, lang="ar", title=Text("سجل المواطنين", "ar"))
    printed = blank_pdf(
        form, mine.project, words, BASE_URL, prevailing=Edition(*_parts(mine))
    )
    with pikepdf.Pdf.open(BytesIO(printed)) as document:
        fields = {str(field.T): field for field in document.Root.AcroForm.Fields}
        assert int(fields["nome"].Q) == 2
        assert "/Q" not in fields["email"]
        names = {
            str(thing.BaseFont).split("+")[-1]
            for thing in document.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font"
        }
    assert "Paper-Arabic-Bold" in names
    assert names <= VENDORED


def _parts(mine: Edition) -> tuple[Any, ...]:
    return mine.form, mine.project, mine.translator


@pytest.mark.slow
def test_the_same_definition_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys; sys.path.insert(0, 'tests'); from hashlib import sha256\n"
        "from printed_forms import *; print(sha256(build(EVERY_EN)).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, cwd=ROOT, check=True
    )
    assert other.stdout.decode().strip() == sha256(pdf(EVERY_EN)).hexdigest()
    assert build(EVERY) == pdf(EVERY)
    assert pdf(EVERY) != pdf(EVERY_EN)
