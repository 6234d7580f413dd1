"""Answers read back: what is filled is what the template draws."""

from zoneinfo import ZoneInfo

import pytest

from forms_service.content import load_content
from forms_service.definition import Channel, clean
from forms_service.i18n import Translator
from forms_service.shapes.answer_summary import read_back
from forms_service.shapes.html.answers import draw_answers, draw_sections
from sample_content import SAMPLE
from test_html_fields import ANSWERS, fillings

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize("place", [Channel.WEB, Channel.DESK])
@pytest.mark.parametrize(
    ("form_id", "lang"),
    [("every-type", "it"), ("every-type", "en"), ("volontari", "ar")],
)
@pytest.mark.parametrize("edit", ["", "/moduli/it/x"])
def test_filled_lines_are_what_the_template_draws(form_id, lang, place, edit):
    form, translator = load_content(SAMPLE).form(form_id, lang), Translator(lang, ROME)
    several = [{}, ANSWERS, ANSWERS | {"nome": "<b>\1\0text\0", "note": "a@x.it\n\nb"}]
    several += [clean(form, f.raw, place).answers for f in fillings(form)]
    for answers in several:
        sections = read_back(form, answers, translator, place)
        filled = draw_answers(form, answers, translator, place, edit)
        assert filled == draw_sections(sections, translator, edit)
