"""Whatever people answer, whichever program fills in the paper: the web gets it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from forms_service.definition import Channel, FormDefinition, clean
from forms_service.intake.filled import read_filled
from forms_service.shapes.pdf.draft import fill, typed
from pdfjs import by_pdfjs
from printed_forms import Key, content, editions_with, form_of, pdf
from random_answers import TODAY, Raw, answers
from sample_content import SAMPLE
from test_pdf_filling import Filler, by_clicks, by_pikepdf, by_pypdf

ROUNDS = 2
ONE: Key = (SAMPLE, "volontari", "ar")
every_edition_in_the_long_run = editions_with()
every_edition_but_one_in_the_long_run = editions_with(ONE)


def on_paper(form: FormDefinition, raw: Raw) -> Raw:
    """Return the answers of the web as they are written on paper."""
    written = {field.id: typed(field, raw) for field in form.at(Channel.PDF)}
    return {name: values for name, values in written.items() if values}


def agree(key: Key, filler: Filler) -> None:
    form = form_of(key)
    for seed in range(ROUNDS):
        raw = answers(form, seed)
        if filler is by_clicks:
            # PDFium keeps sixteen bits of each letter, and an emoji has more.
            raw = {name: [v.replace("😀", "☺") for v in raw[name]] for name in raw}
        expected = clean(form, raw, Channel.WEB, TODAY).answers
        filled = filler(pdf(key), form, on_paper(form, raw))
        back = read_filled(filled, content(key[0]))
        assert (back.form, back.unreadable, back.outdated) == (form, (), False)
        assert clean(form, back.raw, Channel.WEB, TODAY).answers == expected


@every_edition_in_the_long_run
@pytest.mark.parametrize("filler", [by_pikepdf, by_pypdf])
def test_paper_filled_in_by_any_program_is_the_web_form(
    key: Key, filler: Filler
) -> None:
    agree(key, filler)


@every_edition_but_one_in_the_long_run
def test_paper_filled_in_by_the_engine_of_chrome_is_the_web_form(key: Key) -> None:
    agree(key, by_clicks)


@every_edition_but_one_in_the_long_run
def test_paper_filled_in_by_the_engine_of_firefox_is_the_web_form(
    key: Key, new_page: Callable[[], Page]
) -> None:
    agree(key, by_pdfjs(new_page()))


@every_edition_in_the_long_run
def test_a_draft_of_any_answers_is_the_web_form(key: Key) -> None:
    form = form_of(key)
    for seed in range(ROUNDS):
        raw = answers(form, seed)
        back = read_filled(fill(pdf(key), form, raw), content(key[0]))
        expected = clean(form, raw, Channel.WEB, TODAY)
        assert clean(form, back.raw, Channel.WEB, TODAY) == expected
