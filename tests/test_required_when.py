"""A field that must be filled in because of another answer."""

import pytest

from citizen import VOLUNTEER
from forms_service.content.reading import read_form
from forms_service.definition import Channel, clean
from forms_service.definition.checks import field_rules
from forms_service.definition.problems import Problems
from forms_service.shapes.html.fields import draw_fields
from sample_content import form_with, source_of
from test_i18n import ENGLISH

FIELDS = """
- {id: phone, type: phone, label: Phone, required_when: {field: by, is: phone}}
- {id: by, type: radio, label: By, choices: {phone: By phone, mail: By mail}}
"""


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"by": ["phone"]}, ["phone"]),
        ({"by": ["phone"], "phone": ["0564 484111"]}, []),
        ({"by": ["mail"]}, []),
        ({}, []),
    ],
)
@pytest.mark.parametrize("channel", Channel)
def test_it_is_missed_only_then_in_every_channel(typed, wrong, channel):
    assert list(clean(form_with(FIELDS), typed, channel).errors) == wrong


def test_it_says_when_it_must_be_filled_in():
    html = draw_fields(form_with(FIELDS), ENGLISH, Channel.WEB)
    assert "You must fill it in if your answer to “By” is “By phone”." in html
    assert 'aria-describedby="phone-needed"' in html
    assert " required" not in html


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("is: phone", "is: fax", "“by” has no “fax”"),
        ("field: by", "field: buy", "there is no field “buy”"),
        ("label: Phone", "label: Phone, required: true", "leave it out"),
    ],
)
def test_a_rule_that_cannot_be_is_told(old, new, problem):
    form = form_with(FIELDS.replace(old, new))
    found = dict(field_rules(form, form.field("phone")))
    assert problem in found["required_when"]


def test_a_rule_that_cannot_be_read_is_told():
    problems = Problems("tiny.yml")
    source = source_of(FIELDS.replace("{field: by, is: phone}", "{field: by}"))
    read_form(source, problems, problems)
    (found,) = problems.found
    assert "required_when: write {field: ID, is: VALUE}" in str(found)


def test_who_wants_to_be_phoned_by_the_register_leaves_a_number(service):
    path = "/moduli/it/volontari/riepilogo"
    typed = {**VOLUNTEER, "contatto_preferito": "telefono"}
    page = service.post(path, typed)
    assert page.find("//div[@role='alert']//li/a/@href") == ["#telefono"]
    assert service.post(path, {**typed, "telefono": "0564 484111"}).status == 200
