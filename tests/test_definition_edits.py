"""Edits of a published form, from a table: refused with a sentence, or harmless."""

import csv
import io
import shutil
from typing import Any

import pytest
import yaml

from conftest import ROOT
from forms_service.definition import Channel, ContentError
from forms_service.i18n import Translator
from forms_service.shapes.answer_summary import read_back
from forms_service.store.events import EventVerb
from forms_service.workflow import deciding, exporting, purging

pytest_plugins = ["life"]

FILE = "forms/every-type.yml"
ENGLISH = "forms/every-type.en.yml"
EVENT = "events/incontro.yml"
EDITS = yaml.safe_load((ROOT / "tests" / "definition_edits.yml").read_text("utf-8"))
ANSWERS = {
    "telefono": "+39 0564 123456",
    "nascita": "01/02/1980",
    "paese": "monte",
    "interessi": "orto",
    "accompagnatore": "Zia Pina",
    "note": "Prima riga\nseconda riga",
}


def replaced(file, changes):
    text = file.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{old!r} is not in {file.name}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def block_of(text: str, field: str) -> str:
    """Return the lines of one field, from its id to the next."""
    start = text.index(f"      - id: {field}\n")
    ends = (text.find(mark, start) for mark in ("\n      - id: ", "\n  - id: "))
    return text[start : min(end for end in ends if end > 0) + 1]


def apply(step: dict[str, Any], content) -> None:
    """Do to the content folder what an editor would do."""
    form = content / FILE
    for source, target in step.get("copy", {}).items():
        shutil.copyfile(content / source, content / target)
    if field := step.get("drop"):
        text = form.read_text(encoding="utf-8")
        form.write_text(text.replace(block_of(text, field), ""), encoding="utf-8")
        lines = (content / ENGLISH).read_text(encoding="utf-8").splitlines(True)
        kept = [line for line in lines if not line.startswith(f"  {field}:")]
        (content / ENGLISH).write_text("".join(kept), encoding="utf-8")
    if move := step.get("move"):
        text = form.read_text(encoding="utf-8")
        block = block_of(text, move["field"])
        goal = f"      - id: {move['before']}\n"
        text = text.replace(block, "").replace(goal, block + goal)
        form.write_text(text, encoding="utf-8")
    if number := step.get("raise"):
        old = step.get("from", "1.0")
        replaced(form, {f'version: "{old}"\ndated': f'version: "{number}"\ndated'})
    replaced(form, step.get("change", {}))
    replaced(content / ENGLISH, step.get("english", {}))
    for name, changes in step.get("files", {}).items():
        replaced(content / name, changes)
    for name in step.get("remove", []):
        (content / name).unlink()


def shown(world, submission, exported=True) -> dict[str, Any]:
    """Return a request as the person, the staff and the table see it."""
    row = world.row(submission)
    seen: dict[str, Any] = {"erased": row.purge_after, "answers": row.answers}
    for reader in (row.lang, "it"):
        form = world.store.read(
            lambda db, lang=reader: world.context.form_of(db, row, lang)
        )
        translator = Translator(form.lang, world.context.zone)
        for place in (Channel.WEB, Channel.DESK):
            seen[reader, place] = [
                (section.title, line.field.label, line.field.text, line.lines)
                for section, lines in read_back(form, row.answers, translator, place)
                for line in lines
            ]
    (view,) = world.sql(
        'SELECT * FROM "form_every-type" WHERE reference = ?', row.reference
    )
    seen["view"] = {name: view[name] for name in view.keys() if view[name] is not None}
    if exported:
        seen["table"] = table(world)[row.reference]
    return seen


def table(world) -> dict[str, dict[str, str]]:
    """Return the filled cells of each row of the export, by reference and header."""
    found = exporting.export(
        world.context, "every-type", "csv", exporting.Reason.CHECK, "staff:1"
    )
    text = b"".join(found.chunks).decode("utf-8-sig")
    dialect = csv.Sniffer().sniff(text.splitlines()[0], delimiters=";,\t")
    rows = list(csv.reader(io.StringIO(text), dialect))
    return {row[0]: sorted(cell for cell in row if cell) for row in rows[1:]}


@pytest.fixture
def answered(new_world):
    """A form with two answers to it, and the two requests."""
    world = new_world((EVENT, "source: inventato", "source: inventato"))
    italian = world.proven("anh@example.org", people=5, **ANSWERS)
    deciding.decide(world.context, italian.id, EventVerb.ACCEPT, "staff:1")
    english = world.proven(
        "bo@example.org", lang="en", profilo="ente", ente="Coro", interessi="musica"
    )
    return world, (italian, english)


def test_the_table_has_edits_of_every_kind():
    assert len(EDITS) >= 20
    assert len({edit["edit"] for edit in EDITS}) == len(EDITS)
    assert all(("refused" in edit) != ("kept" in edit) for edit in EDITS)


SAMPLE = 10


def cases():
    """Return every edit; all but one in ten wait for `make test-all`."""
    for number, item in enumerate(EDITS):
        marks = [pytest.mark.slow] if number % SAMPLE else []
        yield pytest.param(item, marks=marks, id=item["edit"])


@pytest.mark.parametrize("edit", list(cases()))
def test_an_edit_is_refused_with_a_sentence_or_harms_no_answer(answered, edit):
    world, rows = answered
    content = world.folder / "content"
    exported = edit.get("exported", True)
    before = [shown(world, row, exported) for row in rows]
    *first, last = edit["steps"]
    for step in first:
        apply(step, content)
        world.read_content(content, publish=True)
    apply(last, content)
    if sentence := edit.get("refused"):
        with pytest.raises(ContentError) as caught:
            world.read_content(content)
        assert sentence in str(caught.value)
        return
    world.read_content(content)
    purging.refresh_retention(world.context)
    assert [shown(world, row, exported) for row in rows] == before
