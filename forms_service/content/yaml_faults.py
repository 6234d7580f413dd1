"""What a YAML parser complains of, as its writer has to mend it: line and advice."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

_SPACES = (
    "this line begins further left or right than those it belongs to: give it the same "
    "number of spaces"
)
_NUMBER_SIGN = "put a value that begins with # (as a colour does) in quotes"
# What the parser says, and what an editor has to do about it; the first that fits.
_ADVICE = (
    ("mapping values are not allowed", "put a text that holds “: ” in quotes"),
    (r"found character '\\t'", "use spaces, not tabs"),
    (r"found character '(.)'", r"put a text that begins with \1 in quotes"),
    (r"found '<block (?:mapping|sequence) start>'|found '-'", _SPACES),
    (r"found '\?'", "begin the line under the one before it"),
    (
        "found '<scalar>'",
        "the quotes end before the text does: put the whole text in double quotes, "
        "without such quotes inside",
    ),
    ("expected the node content", "close the brackets, or write a value"),
    (
        r"expected ',' or '(.)'",
        r"close the brackets with \1; put a value with # or “:” in quotes",
    ),
    ("could not find expected ':'", "write key: value, or put the text in quotes"),
    ("unknown escape character", "write \\\\ for a backslash, or use single quotes"),
    ("undefined alias", "put a text that begins with * in quotes"),
    ("constructor for the tag", "put a text that begins with ! in quotes"),
    ("another document", "take the line --- away"),
)


def describe_error(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    """Return the line of a mistake and what to do about it."""
    line, problem = _line(error, text), error.problem or ""
    # Said by us, who know what is to be done.
    if re.search("keep one|a key must|write it out|inside each other", problem):
        return line, problem
    if opened := _open_quote(error, text):
        return opened, "this quote is not closed: write one at the end of the text"
    written = _lines(text)[line - 1]
    if "flow" in (error.context or "") and re.search(r"[:,\[{]\s+#", written):
        return line, _NUMBER_SIGN
    if problem.startswith("mapping values") and ": " not in _before(error, text):
        return line, _SPACES
    for pattern, advice in _ADVICE:
        if found := re.search(pattern, problem):
            return line, found.expand(advice)
    return line, f"not readable as YAML ({problem}): does a text need quotes?"


def cut_sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and comment where one follows a sentence without quotes.

    `text` is readable YAML. A sentence has a space or begins with a capital letter:
    ids, days and numbers may be followed by a comment.
    """
    if not re.search(r"\S[ \t]+#", text):
        return
    lines = _lines(text)
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.ScalarEvent) and event.style is None:
            end: Any = event.end_mark
            comment = re.match(r"\s+(#.*\S)", lines[end.line][end.column :])
            if comment and (event.value[:1].isupper() or " " in event.value):
                yield end.line + 1, comment[1]


def _line(error: yaml.MarkedYAMLError, text: str) -> int:
    """Return where a mistake was made: that may be above where it was found."""
    found: Any = error.problem_mark
    begun, what = error.context_mark, error.context or ""
    if begun and ("flow" in what or "simple key" in what) and "node" not in what:
        return int(begun.line) + 1
    line = found.line + 1
    if "flow node" in what:
        while line > 1 and not re.search(r"[{\[]", _lines(text)[line - 1]):
            line -= 1
    return int(line)


def _before(error: yaml.MarkedYAMLError, text: str) -> str:
    mark: Any = error.problem_mark
    return str(_lines(text)[mark.line][: mark.column])


def _lines(text: str) -> list[str]:
    """Return the lines as a mark counts them; the last may be empty."""
    return re.split("\r\n?|[\n\x85\u2028\u2029]", text) + [""]


def _open_quote(error: yaml.MarkedYAMLError, text: str) -> int:
    """Return the line of a quote that swallowed the lines up to the mistake, or 0."""
    begun: Any = error.context_mark
    if "quoted scalar" in (error.context or "") and "end of" in (error.problem or ""):
        return int(begun.line) + 1
    found: Any = error.problem_mark  # what it complains of always has a place
    line = found.line
    try:
        for token in yaml.scan(text, yaml.SafeLoader):
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                if token.start_mark.line < token.end_mark.line == line:
                    return int(token.start_mark.line) + 1
            if token.start_mark.line > line:
                break
    except yaml.YAMLError:
        pass
    return 0


def line_in(tree: object) -> Callable[[str], int]:
    """Return what tells the line of a key path in a tree that knows its lines.

    A key that is not there has the line of what it is missing from.
    """

    def line_of(path: str) -> int:
        here, line = tree, 0
        steps = re.findall(r"[^.\[\]]+", path)
        # `fields.name` is the mapping with that id, wherever it stands.
        if steps[1:] and steps[0] not in getattr(tree, "lines", {}):
            steps, here = steps[1:], [tree]
        for step in steps:
            if isinstance(here, list) and not step.isdigit():
                here = _named(here, step)
                line = min(getattr(here, "lines", {"": line}).values())
                continue
            line = getattr(here, "lines", {}).get(step, line)
            here = here.get(step) if isinstance(here, dict) else _item(here, step)
        return line

    return line_of


def _item(tree: object, index: str) -> object:
    found = isinstance(tree, list) and tree[int(index) : int(index) + 1]
    return found[0] if found else None


def _named(tree: object, name: str) -> object:
    """Return the first mapping below whose `id` is the name."""
    if isinstance(tree, dict):
        if str(tree.get("id")) == name:
            return tree
        tree = list(tree.values())
    found = (_named(part, name) for part in tree) if isinstance(tree, list) else ()
    return next((part for part in found if part is not None), None)
