"""One definition, many shapes: each field of each form is the same in all of them."""

import re
import shutil
from collections.abc import Callable, Mapping
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from clerk import Clerk, row
from forms_service import urls
from forms_service.content import load_content
from forms_service.definition import (
    Channel,
    Field,
    FormDefinition,
    clean,
    exported,
    type_of,
)
from forms_service.i18n import Translator
from forms_service.intake.filled import read_filled
from forms_service.shapes.answer_summary import read_back
from forms_service.shapes.pdf.blank import blank_pdf
from forms_service.shapes.pdf.draft import fill
from forms_service.shapes.pdf.paper import Edition
from forms_service.store import submissions
from sample_content import SAMPLE
from service import Service, VisitedPage
from test_pdf_filling import read_by_pikepdf, read_by_pypdf

# What it draws and reads is measured elsewhere; traced, it takes twice as long.
pytestmark = pytest.mark.no_cover

FORMS = load_content(SAMPLE).forms
LINES = "1. Perché sì; =1+1\n2. D’Angelo «qui»\n3. مرحبا بكم" + "\n" + "è" * 120
AWKWARD = {
    "name": "Nguyễn Thị Ánh",
    "organisation": "D’Angelo & figli",
    "text": "=1+1",
    "textarea": LINES,
    "email": "anh.nguyen@example.org",
    "phone": "+39 0564 484111",
}
ITALIAN = Translator("it", ZoneInfo("Europe/Rome"))
Raw = dict[str, list[str]]


@pytest.fixture(
    params=[
        pytest.param(name, marks=() if name == "every-type" else pytest.mark.slow)
        for name in FORMS
    ]
)
def form_id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def service(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    start_service: Callable[..., Service],
    form_id: str,
) -> Service:
    """The content with its forms open: the one not open yet opens in June 2020."""
    copied = tmp_path / "content"
    shutil.copytree(SAMPLE, copied)
    file = copied / "forms" / f"{form_id}.yml"
    text = file.read_text(encoding="utf-8")
    opened = re.sub("(?m)^opens:.*$", "opens: 2020-06-01", text)
    file.write_text(opened, encoding="utf-8")
    return start_service(copied)


def typed(field: Field, last: bool) -> Raw:
    """Type something awkward; `last` takes the other end of every list of options."""
    kind = type_of(field)
    if kind.has_choices:
        choices = field.choices[::-1] if last else field.choices
        several = choices[:2] if kind.multiple else choices[:1]
        return {field.id: [choice.id for choice in several]}
    if kind.limited is date:
        low, high = field.limits.days(date(2020, 6, 20))
        return kind.raw(field, (low or high or date(1985, 3, 27)).isoformat())
    awkward = AWKWARD.get(field.role or "") or AWKWARD.get(field.type)
    return {field.id: [awkward]} if awkward else kind.sample(field, 1, ITALIAN)


def everything(form: FormDefinition, last: bool) -> Raw:
    values: Raw = {}
    for field in form.at(Channel.WEB):
        values |= typed(field, last)
    return values


def answers_on(page: VisitedPage) -> dict[str, str]:
    """Return what a page first says about each field, white space folded."""
    said: dict[str, str] = {}
    for dt in page.find("//main//dl[contains(@class, 'summary')]//dt"):
        label, text = (" ".join(x.text_content().split()) for x in (dt, dt.getnext()))
        said.setdefault(label, text)
    return said


def expected(form: FormDefinition, answers: Mapping[str, Any]) -> dict[str, str]:
    translator = Translator(form.lang, load_content(SAMPLE).project.zone)
    return {
        str(line.field.label): " ".join(" ".join(line.lines).split())
        for _, lines in read_back(form, answers, translator, Channel.WEB)
        for line in lines
    }


def written(
    form: FormDefinition, cells: Mapping[str, Any], answers: Mapping[str, Any]
) -> bool:
    """Say whether a line of the table has each answer under its question."""
    for field in form.fields:
        kind = type_of(field)
        if not kind.asks:
            continue
        cell = cells[str(field.label)]
        if kind.numeric and field.id in answers:
            assert cell == answers[field.id]
        elif kind.versioned and field.id in answers:
            assert cell == f"Letta, versione {field.version}"
        elif kind.limited is date and answers.get(field.id, "") >= "1900-03":
            assert cell == datetime.fromisoformat(answers[field.id])
        else:
            assert (cell or "") == exported(field, answers.get(field.id))
    return True


def printed(service: Service, form: FormDefinition) -> bytes:
    content = service.context.content
    edition = Edition(form, content.project, Translator("it", content.project.zone))
    return blank_pdf(
        form,
        content.project,
        edition.translator,
        "https://forms.example.org",
        prevailing=edition,
        folder=content.folder,
    )


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(False, marks=pytest.mark.slow, id="first"),
        pytest.param(True, id="last"),
    ],
)
def test_every_field_is_the_same_in_every_shape(
    service: Service,
    new_clerk: Callable[[], Clerk],
    form_id: str,
    last: bool,
) -> None:
    agree(service, new_clerk(), form_id, last)


def agree(service: Service, clerk: Clerk, form_id: str, last: bool) -> None:
    """Follow awkward answers through every shape of a form."""
    form = service.context.content.form(form_id)
    values = everything(form, last)
    today = service.clock().date()
    cleaned = clean(form, values, Channel.WEB, today)
    assert cleaned.ok, cleaned
    answers, said = cleaned.answers, expected(form, cleaned.answers)
    assert len(said) >= 3

    # Web: the form shows again what was typed, the summary says it.
    again = service.post(urls.online_form(form_id, "it"), values)
    assert clean(form, again.controls(), Channel.WEB, today).answers == answers
    summary = service.post(urls.summary(form_id, "it"), values)
    assert answers_on(summary) == said

    # Row: what is stored is what was cleaned.
    done = service.post(urls.confirm(form_id, "it"), summary.controls())
    assert done.status == 303, done.text
    (number,) = service.context.store.read(
        lambda db: db.execute("SELECT id FROM submissions").fetchall()
    )
    submission = service.context.store.read(lambda db: submissions.get(db, number[0]))
    assert submission.answers == answers

    # Staff: the same words, field by field.
    assert clerk.sign_in().status == 303
    seen = answers_on(clerk.get(clerk.submission(submission.id)))
    assert {label: seen.get(label) for label in said} == said

    # Table: the same cells, as text.
    page = clerk.get(urls.staff(f"tabelle/{form_id}"))
    taken = clerk.send(page, form_id, format="xlsx", reason="check")
    sheet = load_workbook(BytesIO(taken.body), read_only=True).active
    header, cells = (list(line) for line in sheet.iter_rows(values_only=True))
    assert written(form, dict(zip(header, cells, strict=True)), answers)

    # Paper: filled in, read by two readers and by our own intake.
    content = service.context.content
    blank = printed(service, form)
    paper = fill(blank, form, values)
    assert read_by_pypdf(paper, form) == read_by_pikepdf(paper, form)
    back = read_filled(paper, content)
    assert back.unreadable == ()
    assert clean(form, back.raw, Channel.WEB, today).answers == answers
    assert row(service, submission).answers == answers
