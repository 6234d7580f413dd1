"""Content files as YAML with few surprises, and every mistake told with its line.

Only `true`, `false`, `null` and plain whole numbers are anything but text: `no`,
1.10, 10:30 and 0564 mean what they say. A key written twice is a mistake.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from ..definition.problems import Problems

Tree = dict[str, Any]


_GUESSES = (
    ("null", "(?:~|null|)", ["~", "n", ""]),
    ("bool", "(?:true|false)", ["t", "f"]),
    ("int", "-?(?:0|[1-9][0-9]*)", list("-0123456789")),
)


def _strict(base: Any) -> Any:
    """Return a safe loader without the other guesses of YAML 1.1."""
    loader: Any = type("StrictLoader", (base,), {"yaml_implicit_resolvers": {}})
    for tag, pattern, first in _GUESSES:
        loader.add_implicit_resolver(
            f"tag:yaml.org,2002:{tag}", re.compile(rf"{pattern}\Z"), first
        )
    loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
    return loader


def _mapping(loader: Any, node: yaml.MappingNode) -> Tree:
    tree: Tree = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if isinstance(key, bool) or not isinstance(key, str | int):
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


# libyaml reads ten times as fast; the other one says better what is wrong.
_CLEAR = _strict(yaml.SafeLoader)
_FAST = _strict(getattr(yaml, "CSafeLoader", yaml.SafeLoader))

# What the parser says, and what an editor has to do about it.
_ADVICE = {
    "mapping values are not allowed here": "put a text that holds “: ” in quotes",
    "found character '\\t' that cannot start any token": "use spaces, not tabs",
    "expected <block end>, but found '?'": "begin the line under the one before it",
}


def read_tree(file: Path, problems: Problems) -> Tree:
    """Read a YAML file; what cannot be read becomes a problem and an empty tree."""
    try:
        return parse_tree(file.read_text(encoding="utf-8"), problems)
    except FileNotFoundError:
        problems.add("", "the file is missing")
    except UnicodeDecodeError:
        problems.add("", "save the file as UTF-8")
    except OSError as error:
        problems.add("", f"the file cannot be read ({error.strerror})")
    return {}


def parse_tree(text: str, problems: Problems) -> Tree:
    """Read YAML text as strictly as a file of its own."""
    try:
        tree = _load(text)
    except yaml.MarkedYAMLError as error:
        mark, problem = error.problem_mark, error.problem or ""
        line = mark.line + 1 if mark else 1
        problems.add(f"line {line}", _ADVICE.get(problem, _plain(problem)))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.add(f"line {line}", "delete the control character in this line")
    except ValueError as error:
        problems.add("", f"a value cannot be read: {error}")
    else:
        if isinstance(tree, dict):
            return tree
        problems.add("", "write keys and values (key: value)")
    return {}


def _load(text: str) -> object:
    try:
        return yaml.load(text, _FAST)  # noqa: S506
    except (yaml.YAMLError, ValueError):
        return yaml.load(text, _CLEAR)  # noqa: S506


def _plain(problem: str) -> str:
    if "keep one" in problem or "a key must" in problem:
        return problem
    return f"not readable as YAML ({problem}): does a text need quotes?"
