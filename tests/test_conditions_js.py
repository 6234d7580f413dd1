"""The browser's conditions and Python's agree on every combination of answers."""

import json
from itertools import product

import pytest

from conftest import ROOT
from forms_service.content import load_content
from forms_service.definition import Channel, applicable, type_of
from forms_service.definition import conditions as rules
from sample_content import SAMPLE

HARNESS = """async ([address, fields, cases]) => {
  const { applicable } = await import(address);
  return cases.map((answers) => applicable(fields, new Map(Object.entries(answers))));
}"""


def forms():
    for folder in (ROOT / "content", SAMPLE):
        content = load_content(folder)
        for form_id in content.forms:
            form = content.form(form_id)
            if any(field.when for field in form.fields):
                marks = () if folder == SAMPLE else pytest.mark.slow
                yield pytest.param(form, id=form_id, marks=marks)


def answers_of(field):
    """Yield no answer and every single answer, and for ticks every set of two."""
    yield None
    if type_of(field).has_text:
        yield True
    elif type_of(field).multiple:
        ids = [choice.id for choice in field.choices]
        yield from ([element_id] for element_id in ids)
        yield ids
    elif field.choices:
        yield from (choice.id for choice in field.choices)
    else:
        yield "testo"


def spoken(answer):
    """Return an answer as the script reads it from the page."""
    if isinstance(answer, list):
        return answer
    return ["true"] if answer is True else [str(answer)]


@pytest.fixture
def run(service, page):
    """Run the script's evaluator in a real browser."""
    page.goto(f"{service.address}/moduli/it/volontari")
    (script,) = page.eval_on_selector_all("script", "all => all.map(one => one.src)")
    address = script.replace("form.js", "conditions.js")
    return lambda fields, cases: page.evaluate(HARNESS, [address, fields, cases])


@pytest.mark.parametrize("form", list(forms()))
@pytest.mark.parametrize("channel", [Channel.WEB, Channel.DESK])
def test_script_and_service_ask_the_same_questions(run, form, channel):
    fields = form.at(channel)
    named = {
        test.field for field in fields if field.when for test in rules.tests(field.when)
    }
    controlling = [field for field in form.fields if field.id in named]
    assert controlling
    combinations = [
        {
            field.id: answer
            for field, answer in zip(controlling, chosen, strict=True)
            if answer is not None
        }
        for chosen in product(*(list(answers_of(field)) for field in controlling))
    ]
    wanted = [applicable(fields, answers) for answers in combinations]
    assert len({json.dumps(item) for item in wanted}) > 1
    drawn = [
        {"id": field.id, "when": rules.as_json(field.when) if field.when else None}
        for field in fields
    ]
    cases = [
        {key: spoken(answer) for key, answer in answers.items()}
        for answers in combinations
    ]
    assert run(drawn, cases) == wanted


def test_nested_conditions_agree_too(run):
    class Asked:
        def __init__(self, field_id, when=None):
            self.id = field_id
            self.when = rules.read(when) if when else None

    is_one = {"field": "a", "is": "1"}
    has_two = {"field": "b", "includes": "2"}
    conditions = [
        is_one,
        has_two,
        {"not": is_one},
        {"all": [is_one, has_two]},
        {"any": [is_one, {"not": has_two}]},
        {"not": {"all": [is_one, {"any": [has_two, is_one]}]}},
    ]
    fields = [Asked("a"), Asked("b", {"not": {"field": "a", "is": "3"}})]
    fields += [Asked(f"c{number}", when) for number, when in enumerate(conditions)]
    # One that hangs on a field that hangs on another.
    fields.append(Asked("d", {"field": "c0", "is": "x"}))
    answers = [
        {key: value for key, value in zip("ab", pair, strict=True) if value}
        | {"c0": ["x"]}
        for pair in product(
            [None, ["1"], ["2"], ["3"]], [None, ["1"], ["2"], ["1", "2"], ["2", "1"]]
        )
    ]
    python = [
        applicable(
            fields,
            {key: value if key == "b" else value[0] for key, value in answer.items()},
        )
        for answer in answers
    ]
    drawn = [
        {"id": field.id, "when": rules.as_json(field.when) if field.when else None}
        for field in fields
    ]
    assert run(drawn, answers) == python


def test_questions_come_and_go_while_filling_in(start_service, clock, new_page, axe):
    service = start_service(SAMPLE)
    clock.now = clock.now.replace(year=2030)
    page = new_page(viewport={"width": 360, "height": 800})
    page.goto(f"{service.address}/moduli/it/every-type")
    which = page.locator("[data-field=ente]")
    assert not which.is_visible()
    page.check("input[name=profilo][value=ente]")
    assert which.is_visible()
    assert not page.locator("#ente-when").is_visible()
    page.fill("#ente", "Biblioteca")
    assert axe(page) == []
    page.check("input[name=profilo][value=persona]")
    assert not which.is_visible()
    page.check("input[name=profilo][value=ente]")
    assert page.input_value("#ente") == "Biblioteca"


def test_without_script_every_question_is_there_with_its_condition(
    start_service, clock, new_page
):
    service = start_service(SAMPLE)
    clock.now = clock.now.replace(year=2030)
    page = new_page(java_script_enabled=False)
    page.goto(f"{service.address}/moduli/it/every-type")
    assert page.locator("[data-field=ente]").is_visible()
    assert "Per un ente" in page.locator("#ente-when").inner_text()


def test_the_language_link_keeps_what_was_typed(service, new_page):
    page = new_page()
    page.goto(f"{service.address}/moduli/it/volontari")
    page.fill("#nome_completo", "Ánh")
    with page.expect_navigation():
        page.click(".languages a[hreflang=en]")
    assert page.get_attribute("html", "lang") == "en"
    assert page.input_value("#nome_completo") == "Ánh"
