"""The printed forms on sheets of paper: none is spent on a box or on a lonely line."""

from io import BytesIO

import pypdfium2
import pytest

from forms_service.shapes.pdf.paper import Edition, paper_html
from forms_service.shapes.pdf.render import lay_out, print_html
from printed_forms import BASE_URL, ROOT, Key, content, edition, every_edition, pdf
from sample_content import SAMPLE

# Millimetres of a sheet between the header and the footer, as the style has them.
HEIGHT, TOP, BOTTOM = 297, 16, 297 - 37
LEAST = 0.25
WHITE = 230


def used(printed: bytes) -> list[float]:
    """Return the part of each sheet, between header and footer, above the last ink."""
    parts = []
    with pypdfium2.PdfDocument(BytesIO(printed)) as document:
        for page in document:
            drawn = page.render(scale=0.5, grayscale=True).to_pil()
            scale = drawn.height / HEIGHT
            top, bottom = round(TOP * scale), round(BOTTOM * scale)
            area = drawn.crop((0, top, drawn.width, bottom))
            ink = area.point(lambda shade: 255 if shade < WHITE else 0).getbbox()
            parts.append(ink[3] / area.height if ink else 0.0)
    return parts


def html(key: Key, room: float = 1.0) -> str:
    """Return the page of a form before it is printed."""
    folder, form_id, _ = key
    main: Edition = edition((folder, form_id, content(folder).main_language))
    mine = edition(key)
    return paper_html(mine, BASE_URL, prevailing=main, folder=ROOT / folder, room=room)


@every_edition
def test_the_last_sheet_of_a_form_is_worth_its_paper(key: Key) -> None:
    assert used(pdf(key))[-1] >= LEAST


def test_a_sheet_spent_on_one_line_is_found() -> None:
    style = f"<style>/*faces*/ @page {{ size: A4; margin: {TOP}mm }}</style>"
    full = "<div style='height: 220mm; border: 1mm solid'></div>"
    lonely = style + full + "<p style='break-before: page'>Firma</p>"
    assert [part >= LEAST for part in used(print_html(lonely))] == [True, False]
    assert lay_out(lonely).last_used < LEAST


@pytest.mark.slow
def test_a_form_is_set_tighter_only_where_that_saves_a_sheet() -> None:
    for lang, saved in (("it", 0), ("ar", 1)):
        key = (SAMPLE, "ascolto", lang)
        assert lay_out(html(key)).count - len(used(pdf(key))) == saved
    assert lay_out(html(key, room=0.75)).count < lay_out(html(key)).count


def test_neighbours_with_the_same_condition_are_told_it_once() -> None:
    page = html((SAMPLE, "corso", "en"))
    assert page.count("Fill in only if your answer to “How you take part”") == 1
    assert page.count("again kept") == 1


def test_a_list_on_paper_has_the_comma_of_its_language() -> None:
    for lang, comma in (("en", ", "), ("ar", "، ")):
        key = (SAMPLE, "volontari", lang)
        named = [choice.label for choice in edition(key).form.field("comune").choices]
        page = html(key)
        before, after = page.index(named[0]), page.index(named[1])
        assert comma in page[before + len(named[0]) : after]
