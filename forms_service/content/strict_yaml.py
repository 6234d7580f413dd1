"""Content files as YAML with few surprises, and every mistake told with its line.

Only `true`, `false`, `null` and plain whole numbers are anything but text: `no`,
1.10, 10:30 and 0564 mean what they say. A key written twice is a mistake, and so is
an alias: what is short in the file could be endless when read.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from ..caches import remembered
from ..definition.problems import Problem, Problems, relative
from .yaml_faults import describe_error, line_in

Tree = dict[str, Any]


class _Keys(Tree):
    """A mapping that knows the line of each key."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class _Items(list[Any]):
    """A list that knows the line of each item, by its number as text."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


_GUESSES = (
    ("null", "(?:~|null|)", ["~", "n", ""]),
    ("bool", "(?:true|false)", ["t", "f"]),
    ("int", "-?(?:0|[1-9][0-9]*)", list("-0123456789")),
)


# No file of a project comes near it.
DEEPEST = 40
_INDENTED = rf"(?m)^[ ?-]{{{DEEPEST}}}"


def _strict(base: Any) -> Any:
    """Return a safe loader without the other guesses of YAML 1.1."""
    loader: Any = type("StrictLoader", (base,), {"yaml_implicit_resolvers": {}})
    for tag, pattern, first in _GUESSES:
        loader.add_implicit_resolver(
            f"tag:yaml.org,2002:{tag}", re.compile(rf"{pattern}\Z"), first
        )
    loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
    loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_SEQUENCE_TAG, _sequence)
    return loader


def _mapping(loader: Any, node: yaml.MappingNode) -> Tree:
    tree = _Keys()
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
        tree.lines[str(key)] = key_node.start_mark.line + 1
    return tree


def _sequence(loader: Any, node: yaml.SequenceNode) -> list[Any]:
    items = _Items()
    for item in node.value:
        items.lines[str(len(items))] = item.start_mark.line + 1
        items.append(loader.construct_object(item, deep=True))
    return items


# libyaml reads ten times as fast; the other one says better what is wrong.
_CLEAR = _strict(yaml.SafeLoader)
_FAST = _strict(getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def read_tree(file: Path, problems: Problems) -> Tree:
    """Read a YAML file; what cannot be read becomes a problem and an empty tree."""
    text = read_text(file, problems)
    return {} if text is None else parse_tree(text, problems)


def read_text(file: Path, problems: Problems) -> str | None:
    """Read a text; what cannot be read becomes a problem. Editors may mark UTF-8."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.add("", "the file is missing")
    except UnicodeDecodeError:
        problems.add("", "save the file as UTF-8")
    except OSError as error:
        problems.add("", f"the file cannot be read ({error.strerror})")
    return None


def reopened(file: Path, root: Path) -> Problems:
    """Return a collector that knows the lines of a file that was read before."""
    problems = Problems(relative(file, root))
    read_tree(file, problems)
    problems.found.clear()
    return problems


def located(problems: Iterable[Problem], root: Path) -> list[Problem]:
    """Return problems of the content folder with the lines of their keys."""
    opened: dict[str, Problems] = {}
    found = []
    for problem in problems:
        file = root.parent / problem.file
        if file.suffix == ".yml" and problem.path and not problem.line:
            lines = opened.setdefault(problem.file, reopened(file, root))
            problem = replace(problem, line=lines.line_of(problem.path))
        found.append(problem)
    return found


def parse_tree(text: str, problems: Problems) -> Tree:
    """Read YAML text as strictly as a file of its own."""
    try:
        tree = _load(text)
    except yaml.MarkedYAMLError as error:
        line, advice = describe_error(error, text)
        problems.add("", advice, line)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.add("", "delete the control character in this line", line)
    except ValueError as error:
        problems.add("", f"a value cannot be read: {error}")
    else:
        if isinstance(tree, dict):
            problems.line_of = line_in(tree)
            return tree
        problems.add("", "write keys and values (key: value)")
    return {}


@remembered("content trees")
def _load(text: str) -> object:
    """Read a text once, however often the preview asks; nobody changes the tree."""
    if "*" in text or _may_be_deep(text):
        _refuse_bombs(text)
    try:
        return yaml.load(text, _FAST)  # noqa: S506
    except (yaml.YAMLError, ValueError):
        return yaml.load(text, _CLEAR)  # noqa: S506


def _may_be_deep(text: str) -> bool:
    """Say whether anything may stand too deep, by brackets and by spaces before it."""
    opened = text.count("[") + text.count("{")
    return opened > DEEPEST or re.search(_INDENTED, text) is not None


def _refuse_bombs(text: str) -> None:
    """Raise for the first alias, which may be endless when read, or at a depth.

    Such depth ends the process that reads it: libyaml has one stack for all, and
    itself refuses a thousand brackets since PyYAML 6.0.4.
    """
    depth, deep = 0, f"more than {DEEPEST} keys or lists inside each other: undo it"
    try:
        for event in yaml.parse(text, _FAST):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            advice = ""
            if isinstance(event, yaml.AliasEvent):
                advice = f"*{event.anchor}: write it out here, or put it in quotes"
            elif depth > DEEPEST:
                advice = deep
            if advice:
                mark: Any = event.start_mark
                raise yaml.MarkedYAMLError(problem=advice, problem_mark=mark)
    except (yaml.scanner.ScannerError, yaml.parser.ParserError) as error:
        if "nesting depth" in (error.problem or ""):
            mark = error.problem_mark
            raise yaml.MarkedYAMLError(problem=deep, problem_mark=mark) from None
    except yaml.reader.ReaderError:
        return  # told when it is loaded, as the others are
