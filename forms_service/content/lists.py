"""Controlled lists: `choices_from` names a CSV file with the columns id,label."""

import csv
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from ..definition.problems import Problems
from .strict_yaml import Tree, read_tree


class ListUnusable(ValueError):
    """The list cannot be read; the message says what to do."""


def resolve_choices(tree: Tree, folder: Path, problems: Problems) -> Tree:
    """Return a document with the options of its controlled lists written into it.

    A published form must show its rows for years, whatever becomes of the list.
    Options written in the form follow those of the list.
    """
    if not any("choices_from" in field for field in _fields(tree)):
        return tree
    tree = deepcopy(tree)
    for field in _fields(tree):
        name = field.pop("choices_from", None)
        if name is None:
            continue
        own = field.get("choices") or {}
        try:
            listed = read_list(folder, str(name))
        except ListUnusable as error:
            problems.add(f"fields.{field.get('id')}.choices_from", str(error))
            listed = {}
        if isinstance(own, dict):
            field["choices"] = {**listed, **own}
    return tree


def listed_fields(file: Path) -> dict[str, set[str]]:
    """Return the fields of a form file that take a list, with the options of their own.

    The labels of a list are names: nobody translates them.
    """
    return {
        str(field.get("id")): set(field.get("choices") or {})
        for field in _fields(read_tree(file, Problems(file.name)))
        if "choices_from" in field
    }


def read_list(folder: Path, name: str) -> dict[str, str]:
    """Return labels by id, in the order of the file; raise `ListUnusable`."""
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise ListUnusable(f"there is no file {name} in the content folder")
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.reader(lines, strict=True))
    except UnicodeDecodeError as error:
        raise ListUnusable(f"save {name} as UTF-8") from error
    except csv.Error as error:
        raise ListUnusable(f"{name} is not readable as CSV ({error})") from error
    if not rows or rows[0] != ["id", "label"]:
        raise ListUnusable(f"the first line of {name} must be id,label")
    listed: dict[str, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != 2 or not all(row):
            raise ListUnusable(f"line {number} of {name} needs an id, a comma, a label")
        if row[0] in listed:
            raise ListUnusable(f"line {number} of {name}: “{row[0]}” is there twice")
        listed[row[0]] = row[1]
    return listed


def _fields(tree: Tree) -> Iterator[dict[str, Any]]:
    for section in _dicts(tree.get("sections")):
        yield from _dicts(section.get("fields"))


def _dicts(value: object) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]
