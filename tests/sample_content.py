"""Content for tests: the sample project, changed copies of its core, tiny forms."""

import shutil
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from forms_service.content import Content, load_content
from forms_service.content.reading import read_form
from forms_service.content.strict_yaml import parse_tree
from forms_service.definition import ContentError, Field, FormDefinition, FormDocument
from forms_service.definition.problems import Problems

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "content"
SAMPLE = SAMPLES / "sample"
OTHER = SAMPLES / "other"

TINY = """
version: "1"
dated: 2030-01-01
title: Tiny
summary: A form for one test.
page: {what: What, who: Who}
privacy:
  purposes: [Testing]
  legal_basis: None
  why_needed: Nothing happens
  retention:
    open: {months: 1}
    declined: {months: 1}
    withdrawn: {months: 1}
    accepted: {months: 1}
texts: {receipt: Thanks, accepted: Yes, declined: No}
"""


# The sample's form with every field type, with its event and a first page, in two
# languages: a sixth of the time to read.
CORE = ("assets/*", "data/*", "project.yml", "project.en.yml", "forms/every-type*.yml")
CORE += ("events/incontro*.yml",)
NAV = "index, progetto, azioni, assemblea, partecipa, domande, contatti"
ALONE = (
    ("project.yml", "languages: [it, en, ar]", "languages: [it, en]"),
    ("project.yml", "  problem_report: contatti.md\n", ""),
    ("project.yml", f"nav: [{NAV}]", "nav: [index]"),
    ("project.yml", "footer: [privacy, accessibilita, note-legali]", "footer: []"),
)
FIRST_PAGE = "---\ntitle: {0}\ndescription: {0}.\nupdated: 2030-01-15\n---\n"

# What makes a register of it: two years from the last yes, asked after one.
REGISTER = (
    "forms/every-type.yml",
    "    accepted: {days: 30, after: event}\n",
    "    accepted: {years: 2, after: renewal}\n"
    "register:\n  name: Registro\n  question: Vuoi restare nel registro?\n"
    "  stay: Resto\n  renew: {months: 12}\n  remind: {days: 30}\n  pause: true\n"
    "  show: [profilo, persone]\n  together: [interessi, profilo]\n",
)


@lru_cache
def every_type() -> Content:
    """The content whose one form has every field type."""
    with TemporaryDirectory() as folder:
        return load_content(copied(Path(folder)))


def copied(tmp_path: Path, *changes: tuple[str, str, str]) -> Path:
    """Copy that content and replace texts in it: file, old, new (once each)."""
    folder = tmp_path / "content"
    if not folder.exists():
        for pattern in CORE:
            for file in SAMPLE.glob(pattern):
                copy = folder / file.relative_to(SAMPLE)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
        # Its safety box belongs to another form.
        for project in folder.glob("project*.yml"):
            text = project.read_text(encoding="utf-8").partition("\nsafety:")[0]
            project.write_text(f"{text}\n", encoding="utf-8")
        for lang, title in (("it", "Prova"), ("en", "Test")):
            (folder / lang).mkdir()
            first = FIRST_PAGE.format(title)
            (folder / lang / "index.md").write_text(first, encoding="utf-8")
        changed(folder, *ALONE)
    return changed(folder, *changes)


def changed(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """Replace texts in a content folder: file, old, new (once each)."""
    for name, old, new in changes:
        file = folder / name
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def problems_of(folder: Path) -> list[str]:
    """Load a folder and return its problems by key; the line is `test_check`'s."""
    try:
        load_content(folder)
    except ContentError as error:
        return [str(replace(p, line=p.line * (not p.path))) for p in error.problems]
    return []


def source_of(fields: str, keys: str = "", country: str = "it") -> FormDocument:
    """Write a tiny form around a list of fields in YAML."""
    problems = Problems("tiny.yml")
    tree = parse_tree(TINY + keys, problems)
    tree["sections"] = [{"id": "one", "title": "One", "fields": listed(fields)}]
    assert problems.found == []
    return FormDocument("tiny", tree, "en", ("en",), "en", None, country)


def listed(fields: str) -> Any:
    """Read the YAML of a list of fields, each with a purpose."""
    problems = Problems("tiny.yml")
    tree = parse_tree(f"fields:\n{fields}", problems)
    assert problems.found == []
    return [{"purpose": "To test.", **field} for field in tree["fields"]]


def form_with(fields: str, keys: str = "", country: str = "it") -> FormDefinition:
    """Build a tiny form around a list of fields in YAML."""
    problems = Problems("tiny.yml")
    form = read_form(source_of(fields, keys, country), problems, problems)
    assert problems.found == []
    return form


def one_field(field: str, country: str = "it") -> Field:
    """Build one field from the YAML of its keys, without its id and label."""
    return form_with(f"- {{id: it, label: It, {field}}}", country=country).field("it")
