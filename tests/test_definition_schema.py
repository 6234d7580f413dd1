"""The JSON Schema for editors says the same as the reader, key by key."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from forms_service.content.form_reading import read_form
from forms_service.content.lists import resolve_choices
from forms_service.content.schema import FILE, as_text, form_schema
from forms_service.content.strict_yaml import Tree, read_tree
from forms_service.definition import TYPES
from forms_service.definition.fingerprint import Source
from forms_service.definition.problems import Problems
from sample_content import OTHER, ROOT, SAMPLE

SCHEMA = Draft202012Validator(form_schema())
FORMS = [
    file
    for folder in (ROOT / "content", SAMPLE, OTHER)
    for file in sorted((folder / "forms").glob("*.yml"))
    if "." not in file.stem
]
Path = tuple[str | int, ...]


WRITTEN = read_tree(SAMPLE / "forms" / "every-type.yml", Problems(""))


def document() -> Tree:
    """Return the form with every field type, its list not yet resolved."""
    return copy.deepcopy(WRITTEN)


def refused_by_reader(tree: Tree) -> bool:
    """Say whether the reader finds a mistake, rules between keys left out."""
    resolved, problems = copy.deepcopy(tree), Problems("")
    resolve_choices(resolved, SAMPLE, problems)
    read_form(Source("x", resolved, "it", ("it",), "it"), problems, problems)
    return bool(problems.found)


def mappings(tree: Any, path: Path = ()) -> Iterator[Path]:
    """Yield where the mappings of a document are."""
    if isinstance(tree, dict):
        yield path
        for key, value in tree.items():
            yield from mappings(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from mappings(value, (*path, index))


def at(tree: Any, path: Path) -> Any:
    """Return what is at a place of a document."""
    for step in path:
        tree = tree[step]
    return tree


# Free keys: options and retired ids are named by the editor.
OPEN = {"choices", "retired"}
PLACES = [path for path in mappings(document()) if not path or path[-1] not in OPEN]
# One of each kind: the second section is read like the first.
KEYS = list(
    {
        tuple(step for step in place if isinstance(step, str)) + (key,): (*place, key)
        for place in PLACES
        for key in at(document(), place)
    }.values()
)


def test_the_schema_file_is_the_one_that_the_code_makes() -> None:
    advice = "run: python -m forms_service.content.schema"
    assert FILE.read_text(encoding="utf-8") == as_text(), advice


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json.loads(FILE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_every_form_that_the_reader_takes_is_taken_by_the_schema(file: Any) -> None:
    assert [
        error.message for error in SCHEMA.iter_errors(read_tree(file, Problems("")))
    ] == []


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_both_refuse_an_unknown_key_everywhere(place: Path) -> None:
    tree = document()
    at(tree, place)["zzzzzzzz"] = "x"
    assert refused_by_reader(tree)
    assert not SCHEMA.is_valid(tree)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("key", ["label", "text", "purpose"])
def test_both_miss_what_a_type_of_field_needs(kind: str, key: str) -> None:
    tree = document()
    field = {"id": "x", "type": kind, "label": "L", "text": "T", "purpose": "P"}
    tree["sections"][0]["fields"][0] = {k: v for k, v in field.items() if k != key}
    assert refused_by_reader(tree) == (not SCHEMA.is_valid(tree))


def may_differ(key: Path) -> bool:
    """Say whether a file beside the form, not the key itself, judges this."""
    return "when" in key or key[-1] == "choices_from"


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_both_miss_the_same_keys(key: Path) -> None:
    tree = document()
    del at(tree, key[:-1])[key[-1]]
    if not may_differ(key):
        assert refused_by_reader(tree) == (not SCHEMA.is_valid(tree))


WRONG: list[Any] = [None, 7]
RARE: list[Any] = ["words", ["a"], "", 0, -1, True, [], [None], {}, {"a": "b"}]


@pytest.mark.parametrize(
    "values", [WRONG, pytest.param(RARE, marks=pytest.mark.slow)], ids=["", "rare"]
)
@pytest.mark.parametrize("key", KEYS, ids=str)
def test_both_refuse_the_same_values(key: Path, values: list[Any]) -> None:
    for value in values:
        tree = document()
        at(tree, key[:-1])[key[-1]] = value
        if not may_differ(key):
            by_schema = not SCHEMA.is_valid(tree)
            assert refused_by_reader(tree) == by_schema, f"{value!r}"


@pytest.mark.parametrize(
    ("when", "good"),
    [
        ({"field": "a", "is": "b"}, True),
        ({"field": "a", "is": True}, True),
        ({"field": "a", "includes": 3}, True),
        ({"not": {"any": [{"all": [{"field": "a", "is": "b"}]}]}}, True),
        ({"field": "a"}, False),
        ({"field": "a", "is": ["b"]}, False),
        ({"all": []}, False),
        ({"any": [{"field": "a"}]}, False),
        ({"not": "a"}, False),
        ("a", False),
    ],
)
def test_both_read_conditions_alike(when: object, good: bool) -> None:
    tree = document()
    tree["sections"][0]["fields"][0]["when"] = when
    assert SCHEMA.is_valid(tree) is good
    assert refused_by_reader(tree) is not good
