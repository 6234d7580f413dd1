"""The JSON Schemas for editors say the same as the readers, key by key."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from forms_service.content.lists import resolve_choices
from forms_service.content.reading import read_form
from forms_service.content.schema import FOLDER, as_text, schemas
from forms_service.content.strict_yaml import Tree, read_tree
from forms_service.definition import TYPES
from forms_service.definition.fingerprint import FormDocument
from forms_service.definition.problems import Problems
from sample_content import OTHER, ROOT, SAMPLE

SCHEMAS = schemas()
SCHEMA = Draft202012Validator(SCHEMAS["form"])
FILES = [
    pytest.param(name, file, id=f"{folder.name}-{name}-{file.stem}")
    for folder in (ROOT / "content", SAMPLE, OTHER)
    for name, files in (
        ("form", "forms/*.yml"),
        ("event", "events/*.yml"),
        ("project", "project.yml"),
    )
    for file in sorted(folder.glob(files))
    if "." not in file.stem
]
Path = tuple[str | int, ...]


WRITTEN = read_tree(SAMPLE / "forms" / "every-type.yml", Problems(""))


def document() -> Tree:
    """Return the form with every field type, its list not yet resolved."""
    return copy.deepcopy(WRITTEN)


def refused_by_reader(tree: Tree) -> bool:
    """Say whether the reader finds a mistake, rules between keys left out."""
    problems = Problems("")
    resolved = resolve_choices(tree, SAMPLE, problems)
    read_form(FormDocument("x", resolved, "it", ("it",), "it"), problems, problems)
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


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_file_is_the_one_that_the_readers_make(name: str) -> None:
    advice = "run: python -m forms_service.content.schema"
    written = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert written == as_text(schemas()[name]), advice
    Draft202012Validator.check_schema(json.loads(written))


@pytest.mark.parametrize(
    ("name", "file"), FILES, ids=lambda of: getattr(of, "stem", of)
)
def test_every_file_that_its_reader_takes_is_taken_by_its_schema(
    name: str, file: Any
) -> None:
    schema, tree = Draft202012Validator(SCHEMAS[name]), read_tree(file, Problems(""))
    assert [error.message for error in schema.iter_errors(tree)] == []
    for path in mappings(tree):
        wrong = copy.deepcopy(tree)
        at(wrong, path)["Zzzz zzzz"] = "x"
        assert path[-1:] == ("retired",) or not schema.is_valid(wrong)


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
