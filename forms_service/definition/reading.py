"""Content files as trees of keys: read strictly, every mistake found at its key path.

A `Node` is one mapping of a file together with its translation, if there is one. Keys
that nobody asked for are mistakes too, told by `done`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from .form import Text
from .problems import Problems, suggestion

Choice = TypeVar("Choice", bound=StrEnum)
Tree = dict[str, Any]


class _StrictLoader(yaml.SafeLoader):
    """YAML in which `no` is a word, and a key written twice is a mistake."""


_StrictLoader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:bool" or letter in "tTfF"
    ]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> Tree:
    tree: Tree = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int):
            raise yaml.MarkedYAMLError(
                problem="a key must be a word", problem_mark=key_node.start_mark
            )
        if str(key) in tree:
            raise yaml.MarkedYAMLError(
                problem=f"“{key}” is there twice: keep one",
                problem_mark=key_node.start_mark,
            )
        tree[str(key)] = loader.construct_object(value_node, deep=True)
    return tree


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_tree(file: Path, problems: Problems) -> Tree:
    """Read a YAML file; a mistake of form becomes a problem with its line."""
    try:
        return parse_tree(file.read_text(encoding="utf-8"), problems)
    except FileNotFoundError:
        problems.add("", "the file is missing")
    except UnicodeDecodeError:
        problems.add("", "save the file as UTF-8")
    return {}


def parse_tree(text: str, problems: Problems) -> Tree:
    """Read YAML text as strictly as a file of its own."""
    try:
        tree = yaml.load(text, _StrictLoader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.add(f"line {line}", f"{error.problem or 'not readable as YAML'}")
    else:
        if isinstance(tree, dict):
            return tree
        problems.add("", "write keys and values (key: value)")
    return {}


class Node:
    """One mapping in a file, with the same mapping of its translation beside it."""

    def __init__(
        self,
        data: object,
        problems: Problems,
        lang: str,
        path: str = "",
        translation: "Node | None" = None,
    ) -> None:
        self.problems = problems
        self.lang = lang
        self.path = path
        self.translation = translation
        self._asked: set[str] = set()
        if data is not None and not isinstance(data, dict):
            self.problem("", "write keys and values here (key: value)")
        self._data: Tree = data if isinstance(data, dict) else {}

    def problem(self, key: str, advice: str) -> None:
        """Record a mistake at one of this node's keys."""
        self.problems.add(self._at(key), advice)

    def has(self, key: str) -> bool:
        """Say whether the key is written and not null."""
        return self._data.get(key) is not None

    def raw(self, key: str) -> Any:
        """Return the value as YAML gave it, and count the key as known."""
        self._asked.add(key)
        return self._data.get(key)

    def text(self, key: str, required: bool = False) -> Text:
        """Return a text in the translation's language, or in the main one."""
        own = self._text(key)
        if required and not own:
            self.problem(key, "write a text")
        other = self.translation._text(key) if self.translation else None
        if other and not own and self.translation:
            self.translation.problem(key, "the original has no such text")
        return other or own

    def word(self, key: str, default: str = "", required: bool = False) -> str:
        """Return a value that is never translated."""
        value = self.raw(key)
        if isinstance(value, dict | list):
            self.problem(key, "write one word or sentence here")
            return default
        if required and value in (None, ""):
            self.problem(key, "this key is needed")
        return default if value is None else str(value).strip()

    def texts(self, key: str) -> tuple[Text, ...]:
        """Return a list of texts, each in the translation if it is there."""
        own = self._texts(key)
        other = self.translation._texts(key) if self.translation else ()
        if other and len(other) != len(own) and self.translation:
            self.translation.problem(key, f"needs {len(own)} lines, as the original")
            return own
        return other or own

    def flag(self, key: str, default: bool = False) -> bool:
        """Return true or false."""
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            self.problem(key, "write true or false")
            return default
        return default if value is None else value

    def whole(self, key: str, default: int = 0, least: int = 0) -> int:
        """Return a whole number not lower than `least`."""
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.problem(key, f"write a whole number from {least} up")
            return default
        return value

    def day(self, key: str, required: bool = False) -> date | None:
        """Return a date written as 2020-07-01, or None."""
        value = self.raw(key)
        day = as_day(value)
        if day is None and (value not in (None, "") or required):
            self.problem(key, "write a date as 2020-07-01")
        return day

    def one_of(self, key: str, kind: type[Choice], default: Choice) -> Choice:
        """Return one of the words of an enumeration."""
        value = self.word(key, default.value)
        if value in list(kind):
            return kind(value)
        self.problem(key, f"unknown “{value}”{suggestion(value, list(kind))}")
        return default

    def node(self, key: str) -> "Node":
        """Return the mapping under a key; an absent one is empty."""
        other = self.translation.node(key) if self.translation else None
        return Node(self.raw(key), self.problems, self.lang, self._at(key), other)

    def nodes(self, key: str, translations: "Node | None" = None) -> Iterator["Node"]:
        """Yield the mappings of a list; translations are found by `id`, or by place."""
        value = self.raw(key)
        if value is not None and not isinstance(value, list):
            self.problem(key, "write a list: each line begins with a dash")
            value = None
        others = (
            list(self.translation.nodes(key))
            if self.translation and translations is None
            else []
        )
        for index, item in enumerate(value or ()):
            name = item.get("id") if isinstance(item, dict) else None
            if translations is not None:
                other = (
                    translations.node(str(name))
                    if translations.has(str(name))
                    else None
                )
            else:
                other = others[index] if index < len(others) else None
            yield Node(
                item, self.problems, self.lang, f"{self._at(key)}[{index}]", other
            )

    def keys(self) -> list[str]:
        """Return the keys as written, all counted as known."""
        self._asked.update(self._data)
        return list(self._data)

    def done(self, *also: str) -> None:
        """Tell every key that nobody asked for, here and in the translation."""
        known = self._asked | set(also)
        for key in self._data:
            if key not in known:
                self.problem(key, f"unknown key{suggestion(key, known)}")
        if self.translation:
            self.translation.done(*also)

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def _text(self, key: str) -> Text:
        value = self.raw(key)
        if isinstance(value, dict | list | bool):
            self.problem(key, "write a text here")
            value = None
        return Text("" if value is None else str(value).strip(), self.lang)

    def _texts(self, key: str) -> tuple[Text, ...]:
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or any(
            isinstance(v, dict | list) for v in value
        ):
            self.problem(key, "write a list of texts: each line begins with a dash")
            return ()
        return tuple(Text(str(item).strip(), self.lang) for item in value)


def as_day(value: object) -> date | None:
    """Return a date from YAML, or from the JSON of a published form; else None."""
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every written text of a tree with its key path."""
    for key, value in tree.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from leaves(value, here)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from leaves({f"{key}[{index}]": item}, path)
        elif value is not None:
            yield here, str(value)
