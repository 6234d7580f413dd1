"""A field type is one class: every shape takes its traits, nobody compares its name."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from clerk import EVERY
from conftest import ROOT
from forms_service.cli.demo import invented
from forms_service.content.schema import schemas
from forms_service.definition import (
    TYPES,
    Channel,
    Control,
    FieldType,
    FormDefinition,
    register,
)
from forms_service.definition.field_type import (
    Answer,
    InputContext,
    InvalidAnswer,
    LineType,
)
from forms_service.definition.form import Field
from forms_service.i18n import Translator
from forms_service.shapes.html.fields import draw_fields
from forms_service.shapes.pdf.draft import FILLED
from forms_service.shapes.pdf.fields import WIRED
from forms_service.shapes.pdf.paper import Edition, paper_html
from forms_service.store.filters import Filter
from forms_service.store.queue import queue
from sample_content import copied, every_type, problems_of
from test_shapes_agree import ITALIAN, agree

EVERY_TYPE = "every-type"
FORM = "forms/every-type.yml"
FIELD = (
    "- {id: libro, type: isbn, label: Un libro, purpose: Prova.}\n      - id: orario"
)


class IsbnType(LineType):
    """A book: thirteen digits, the last of which checks the others."""

    name = "isbn"
    example = "978-3-16-148410-0"
    attributes = {"inputmode": "numeric"}
    width = "medium"
    longest = 17
    ltr = True

    def parse(self, field: Field, text: str, here: InputContext) -> Answer:
        digits = text.replace("-", "").replace(" ", "")
        weighed = zip(digits, [1, 3] * 7, strict=False)
        if len(digits) != 13 or sum(int(d) * w for d, w in weighed) % 10:
            raise InvalidAnswer("Copy the number from the back of the book.")
        return digits

    def show(self, field: Field, answer: Answer, translator: Translator) -> list[str]:
        return [f"ISBN {answer}"]


@pytest.fixture
def isbn() -> Iterator[FieldType]:
    register(IsbnType())
    yield TYPES["isbn"]
    del TYPES["isbn"]


@pytest.fixture
def service(isbn, tmp_path, start_service):
    """The sample form with a field of that type, open."""
    changed = (FORM, "opens: 2030-02-01", "opens: 2020-06-01")
    return start_service(copied(tmp_path, changed, (FORM, "- id: orario", FIELD)))


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(False, marks=pytest.mark.slow, id="first"),
        pytest.param(True, id="last"),
    ],
)
def test_a_type_of_ones_own_is_the_same_in_every_shape(
    service, new_clerk, last: bool
) -> None:
    """Web, summary, row, staff page, XLSX, blank PDF, draft and intake."""
    agree(service, new_clerk(), EVERY_TYPE, last)


def test_it_is_drawn_with_its_traits(service) -> None:
    form = service.context.content.form(EVERY_TYPE)
    drawn = html.document_fromstring(draw_fields(form, ITALIAN, Channel.WEB))
    [line] = drawn.xpath("//input[@name='libro']")
    assert (line.get("inputmode"), line.get("dir")) == ("numeric", "ltr")
    assert line.get("class") == "input--medium"


def test_it_is_refused_in_its_own_words_and_typed_at_the_desk(
    service, new_clerk
) -> None:
    clerk = new_clerk()
    clerk.sign_in()
    typed = {**EVERY, "entry-source": "paper", "entry-proof": "signature"}
    typed |= {"entry-received": "2020-06-19", "libro": "978-3-16-148410-1"}
    page = clerk.get(f"/staff/inserisci/{EVERY_TYPE}")
    refused = clerk.send(page, f"/{EVERY_TYPE}", **typed)
    assert "Copy the number from the back of the book." in refused.text
    again = {**typed, "libro": "978-3-16-148410-0"}
    assert clerk.send(refused, f"/{EVERY_TYPE}", **again).status == 303
    [submission] = service.context.store.read(lambda db: queue(db, Filter(), 10))
    assert submission.answers["libro"] == "9783161484100"


def test_editors_and_the_demonstration_know_it(service) -> None:
    sections = schemas()["form"]["properties"]["sections"]["items"]["properties"]
    assert "isbn" in sections["fields"]["items"]["properties"]["type"]["enum"]
    form = service.context.content.form(EVERY_TYPE)
    assert invented(form, 1, ITALIAN)["libro"] == "9783161484100"


def test_without_its_line_of_registration_it_is_unknown(tmp_path) -> None:
    [advice] = problems_of(copied(tmp_path, (FORM, "- id: orario", FIELD)))
    assert "fields.libro.type: unknown “isbn”" in advice


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="there is a field type text already"):
        register(TYPES["text"])


def test_every_type_has_a_sample_that_it_accepts() -> None:
    form = every_type().form(EVERY_TYPE)
    assert {form.field(name).type for name in invented(form, 1, ITALIAN)} == {
        name for name, kind in TYPES.items() if kind.asks
    }


class DialType(IsbnType):
    """A type with a control that no shape has heard of."""

    name = "dial"
    control = "dial"  # type: ignore[assignment]


@pytest.fixture
def dialled() -> Iterator[FormDefinition]:
    register(DialType())
    form = every_type().form(EVERY_TYPE)
    first = form.sections[0]
    dial = replace(first.fields[0], id="dial", type="dial")
    yield replace(form, sections=(replace(first, fields=(dial,)),))
    del TYPES["dial"]


def test_no_shape_draws_a_control_that_it_does_not_know(dialled) -> None:
    project = every_type().project
    with pytest.raises(Exception, match="dial"):
        draw_fields(dialled, ITALIAN, Channel.WEB)
    with pytest.raises(Exception, match="dial"):
        paper_html(Edition(dialled, project, ITALIAN), "https://forms.example.org")
    # Tables of functions: what is not in them is a `KeyError`.
    assert WIRED.keys() == FILLED.keys() == {*Control} - {Control.TEXT}


# Words that are nothing but the name of a type; others are common ones.
PLAIN = {"text", "date", "time", "email", "phone", "number", "static"}


def compared(name: str, source: str) -> list[str]:
    """Return each place of a module or template that looks at the name of a type."""
    if not name.endswith(".py"):
        return re.findall(r"\b(?:asked|field|line\[0\])\.type\b", source)
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr="type"):
                found.append(f"{node.lineno}: .type")
            case ast.Constant(value=str(word)) if word in TYPES.keys() - PLAIN:
                found.append(f"{node.lineno}: {word}")
            case ast.Compare() | ast.Match() if named(node):
                words = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)}
                found += [f"{node.lineno}: {word}" for word in words & TYPES.keys()]
            case ast.ImportFrom():
                names = {alias.name for alias in node.names}
                found += [f"{node.lineno}: {name}" for name in names & CLASSES]
    return found


CLASSES = {type(kind).__name__ for kind in TYPES.values()}


def named(node: ast.AST) -> bool:
    """Say whether the name of something is asked for in a comparison."""
    attributes = [n for n in ast.walk(node) if isinstance(n, ast.Attribute)]
    return any(attribute.attr == "name" for attribute in attributes)


def product() -> Iterator[Path]:
    for folder in ("forms_service", "site"):
        for ending in ("*.py", "*.html"):
            for file in sorted((ROOT / folder).rglob(ending)):
                if ROOT / "forms_service" / "definition" not in file.parents:
                    yield file


@pytest.mark.no_cover
def test_nobody_outside_the_definition_compares_the_name_of_a_type() -> None:
    found = {
        str(file.relative_to(ROOT)): places
        for file in product()
        if (places := compared(file.name, file.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.py", "if asked.type == 'date': pass"),
        ("a.py", "if asked.type in ('email', 'phone'): pass"),
        ("a.py", "match field.type:\n    case 'static': pass"),
        ("a.py", "SHORT = {'codice_fiscale'}"),
        ("a.py", "if type_of(field).name == 'date': pass"),
        ("a.py", "match type_of(field).name:\n    case 'static': pass"),
        ("a.py", "from ..definition.value_types import DateType"),
        ("a.html", "{% if asked.type == 'static' %}{% endif %}"),
        ("a.html", '<input class="{{ field.type }}">'),
    ],
)
def test_each_way_to_compare_the_name_of_a_type_is_found(
    name: str, source: str
) -> None:
    assert compared(name, source)


def test_the_types_are_listed_for_editors() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [listed] = re.findall(r"\*\*Types of field\*\*: (.*?)\. Another", readme, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", listed)) == TYPES.keys()
