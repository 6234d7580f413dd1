"""The answers that a form shows in the list of requests."""

import pytest

from clerk import prove, send
from forms_service.definition.checks import check_form
from forms_service.definition.problems import Problems
from sample_content import form_with

FIELDS = """
- {id: a, label: A, type: text, purpose: P}
- {id: s, type: static, text: Così}
"""


def what(page):
    (found,) = page.find("//div[@class='request__what']")
    return " ".join(found.text_content().split())


def test_a_row_shows_the_answers_that_the_form_names(service, clerk):
    prove(service, send(service))
    page = clerk.get("/staff/")
    title = "Registro dei volontari"
    assert what(page) == f"{title} · Esempio al Monte · Sociale e Culturale"
    assert page.find("//div[@class='request__what']/span/@title") == [
        "Comune dove vuoi fare attività",
        "Aree di attività",
    ]
    # Filtered by the form, its title says nothing.
    assert title not in what(clerk.get("/staff/?modulo=volontari"))


def test_a_form_that_is_no_longer_there_shows_no_answers(service, clerk):
    prove(service, send(service))
    del service.context.content.forms["volontari"]
    assert what(clerk.get("/staff/")) == "volontari"


@pytest.mark.parametrize(
    ("columns", "problem"),
    [("[a]", ""), ("[b]", "desk.columns: no field is called “b” (known: a)"),
     ("[s]", "desk.columns: no field is called “s” (known: a)"),
     ("[a, a, a, a]", "desk.columns: a row of the list has room for 3 answers")],
)  # fmt: skip
def test_columns_name_what_is_asked(columns, problem):
    found = Problems("tiny.yml")
    check_form(form_with(FIELDS, f"desk: {{columns: {columns}}}"), [], found)
    told = [str(finding).partition(": ")[2] for finding in found.found]
    assert [p for p in told if p.startswith("desk")] == ([problem] if problem else [])


def test_columns_are_no_new_version():
    with_columns = form_with(FIELDS, "desk: {columns: [a]}")
    assert with_columns.desk.columns == ("a",)
    assert with_columns.fingerprint == form_with(FIELDS).fingerprint
