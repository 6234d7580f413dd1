"""Content for tests: the folder with every field type, changed copies, tiny forms."""

import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

from forms_service.definition import (
    Content,
    ContentError,
    Field,
    FormDefinition,
    Source,
    load_content,
)
from forms_service.definition.form_reading import read_form
from forms_service.definition.problems import Problems
from forms_service.definition.strict_yaml import parse_tree

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "content"
EVERY = SAMPLES / "every_type"

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


@lru_cache
def every_type() -> Content:
    """The content whose one form has every field type."""
    return load_content(EVERY)


def copied(tmp_path: Path, *changes: tuple[str, str, str]) -> Path:
    """Copy that content and replace texts in it: file, old, new (once each)."""
    folder = tmp_path / "content"
    if not folder.exists():
        shutil.copytree(EVERY, folder)
    for name, old, new in changes:
        file = folder / name
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def problems_of(folder: Path) -> list[str]:
    """Load a folder and return its problems as people read them."""
    try:
        load_content(folder)
    except ContentError as error:
        return str(error).split("\n")
    return []


def source_of(fields: str, keys: str = "", country: str = "it") -> Source:
    """Write a tiny form around a list of fields in YAML."""
    problems = Problems("tiny.yml")
    tree = parse_tree(TINY + keys, problems)
    tree["sections"] = [{"id": "one", "title": "One", "fields": listed(fields)}]
    assert problems.found == []
    return Source("tiny", tree, "en", ("en",), "en", None, country)


def listed(fields: str) -> Any:
    """Read the YAML of a list of fields."""
    problems = Problems("tiny.yml")
    tree = parse_tree(f"fields:\n{fields}", problems)
    assert problems.found == []
    return tree["fields"]


def form_with(fields: str, keys: str = "", country: str = "it") -> FormDefinition:
    """Build a tiny form around a list of fields in YAML."""
    problems = Problems("tiny.yml")
    form = read_form(source_of(fields, keys, country), problems, problems)
    assert problems.found == []
    return form


def one_field(field: str, country: str = "it") -> Field:
    """Build one field from the YAML of its keys, without its id and label."""
    return form_with(f"- {{id: it, label: It, {field}}}", country=country).field("it")
