"""Content files are read strictly: words stay words, every mistake names its line."""

from pathlib import Path
from typing import Any

import pytest

from forms_service.content import strict_yaml
from forms_service.content.strict_yaml import parse_tree, read_tree
from forms_service.content.yaml_faults import cut_sentences
from forms_service.definition.problems import Problems, suggestion

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted({*ROOT.glob("content/**/*.yml"), *ROOT.glob("tests/content/**/*.yml")})
DEEP = "more than 40 keys or lists inside each other: undo it"


SPACES = (
    "this line begins further left or right than those it belongs to: give it the same "
    "number of spaces"
)


def parsed(text: str) -> Any:
    """Read YAML that has no mistake."""
    problems = Problems("x.yml")
    tree = parse_tree(text, problems)
    assert problems.found == []
    return tree


def mistakes(text: str) -> list[str]:
    """Read YAML that has mistakes."""
    problems = Problems("x.yml")
    assert parse_tree(text, problems) == {}
    return [str(problem) for problem in problems.found]


@pytest.mark.parametrize(
    "word",
    "no yes on off NO True 1.10 1.0 0564 0o17 0x1F 10:30 190:20:30 1_000 1e3 .inf "
    "2020-07-01 2020-02-30 2020-07-01T10:00:00Z +5 <<".split(),
)
def test_a_word_stays_the_word_that_was_written(word: str) -> None:
    assert parsed(f"a: {word}") == {"a": word}
    assert parsed(f"{word}: a") == {word: "a"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("72", 72),
        ("-5", -5),
        ('"true"', "true"),
        ('"72"', "72"),
        ('"*x"', "*x"),
        ("[a, 1]", ["a", 1]),
        ("{b: {c: d}}", {"b": {"c": "d"}}),
    ],
)
def test_only_these_are_no_words(written: str, value: object) -> None:
    assert parsed(f"a: {written}") == {"a": value}


def test_number_keys_are_words_and_the_order_is_kept() -> None:
    assert list(parsed("b: 1\n3: x\na: 2")) == ["b", "3", "a"]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("", "x.yml: write keys and values (key: value)"),
        ("# nothing yet\n", "x.yml: write keys and values (key: value)"),
        ("- a\n- b\n", "x.yml: write keys and values (key: value)"),
        ("only words", "x.yml: write keys and values (key: value)"),
        ("a: 1\nb: 2\na: 3", "x.yml: line 3: “a” is there twice: keep one"),
        ("a: {b: 1, b: 2}", "x.yml: line 1: “b” is there twice: keep one"),
        ("1: a\n'1': b", "x.yml: line 2: “1” is there twice: keep one"),
        ("true: a", "x.yml: line 1: a key must be a word"),
        ("a: 1\n[b]: c", "x.yml: line 2: a key must be a word"),
        ("a: b: c", "x.yml: line 1: put a text that holds “: ” in quotes"),
        ("a:\n\tb: c", "x.yml: line 2: use spaces, not tabs"),
        (
            "a: 'b",
            "x.yml: line 1: this quote is not closed: write one at the end of the text",
        ),
        (
            "a: @b",
            "x.yml: line 1: put a text that begins with @ in quotes",
        ),
        (
            "a: 1\n---\nb: 2",
            "x.yml: line 2: take the line --- away",
        ),
        (
            "a: !!python/name:os.system ''",
            "x.yml: line 1: put a text that begins with ! in quotes",
        ),
        (
            'a: 1\nb: "x\nc: 2\nd: "y"\ne: 3',
            "x.yml: line 2: this quote is not closed: write one at the end of the text",
        ),
        (
            "a: 'x\nb: 'y'",
            "x.yml: line 1: this quote is not closed: write one at the end of the text",
        ),
        ("a:\n  - x\n - y", f"x.yml: line 3: {SPACES}"),
        ("a: b\n  c: d", f"x.yml: line 2: {SPACES}"),
        ("a:\n  b: c\n d: e", f"x.yml: line 3: {SPACES}"),
        (
            "a: {p: #123456, q: x}\nb: c",
            "x.yml: line 1: put a value that begins with # (as a colour does) in "
            "quotes",
        ),
        (
            "a: 'L'orto'",
            "x.yml: line 1: the quotes end before the text does: put the whole text in "
            "double quotes, without such quotes inside",
        ),
        (
            "a: &x [b]\nc: [*x, *x]",
            "x.yml: line 2: *x: write it out here, or put it in quotes",
        ),
        (
            "a: |*\n b",
            "x.yml: line 1: not readable as YAML (expected chomping or indentation "
            "indicators, but found '*'): does a text need quotes?",
        ),
        ("a:\n  " + "[" * 100_000, f"x.yml: line 2: {DEEP}"),
        ("a: " + "{b: " * 50, f"x.yml: line 1: {DEEP}"),
        ("\n".join(" " * n + "a:" for n in range(50)), f"x.yml: line 41: {DEEP}"),
        ("- " * 50_000, f"x.yml: line 1: {DEEP}"),
        ("a: 1\nb: \x07", "x.yml: line 2: delete the control character in this line"),
        ("a: '*'\nb: \x07", "x.yml: line 2: delete the control character in this line"),
        (
            "a: !!timestamp 2020-02-30",
            "x.yml: a value cannot be read: day is out of range for month",
        ),
    ],
)
def test_a_mistake_is_told_with_line_and_what_to_do(text: str, finding: str) -> None:
    assert mistakes(text) == [finding]


@pytest.mark.parametrize(
    "file",
    [
        # The plain reader is slow; the short run has what is written with more care.
        pytest.param(file, marks=() if "every-type" in str(file) else pytest.mark.slow)
        for file in FILES
    ],
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_without_libyaml_the_same_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = file.read_text(encoding="utf-8")
    fast = parsed(text)
    monkeypatch.setattr(strict_yaml, "_FAST", strict_yaml._CLEAR)
    assert parsed(text) == fast != {}


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("title: Che # cosa", [(1, "# cosa")]),
        ("a: 1\nfields:\n  - title: Вік # число \n", [(3, "# число")]),
        ("- {title: due parole} # fine", []),
        ("- due parole # fine", [(1, "# fine")]),
        ("a: due\n  parole # fine", [(2, "# fine")]),
        ("title: Che#cosa", []),
        ("title: Che cosa # ", []),
        ("title: Che cosa\n# nota", []),
        ("title: 'Che cosa' # nota", []),
        ("title: |\n  Che # cosa", []),
        ("day: 2030-01-01 # sabato\nid: nome # breve\nneeded: true # per legge", []),
        ("needed: # per legge\n  Che: 1", []),
    ],
)
def test_a_comment_after_a_sentence_may_be_its_end(
    text: str, comments: list[tuple[int, str]]
) -> None:
    assert list(cut_sentences(text)) == comments


def test_a_file_is_read_with_or_without_mark_and_with_any_line_ends(
    tmp_path: Path,
) -> None:
    for octets in (b"a: \xc3\xa8\nb: 1\n", b"\xef\xbb\xbfa: \xc3\xa8\r\nb: 1\r\n"):
        file = tmp_path / "x.yml"
        file.write_bytes(octets)
        problems = Problems("x.yml")
        assert read_tree(file, problems) == {"a": "è", "b": 1}
        assert problems.found == []


@pytest.mark.parametrize(
    ("octets", "finding"),
    [
        (None, "the file is missing"),
        (b"a: \xe8\n", "save the file as UTF-8"),
        ("a: è".encode("utf-16"), "save the file as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, octets: bytes | None, finding: str
) -> None:
    file = tmp_path / "x.yml"
    if octets is not None:
        file.write_bytes(octets)
    problems = Problems("x.yml")
    assert read_tree(file, problems) == {}
    assert [problem.advice for problem in problems.found] == [finding]


def test_a_folder_with_the_name_of_a_file_is_told_too(tmp_path: Path) -> None:
    problems = Problems("x.yml")
    assert read_tree(tmp_path, problems) == {}
    assert "cannot be read (Is a directory)" in problems.found[0].advice


def test_a_near_miss_is_suggested_and_else_all_that_is_known() -> None:
    assert suggestion("lable", ["label", "hint"]) == ' (did you mean "label"?)'
    assert suggestion("xyz", ["label", "hint"]) == " (known: hint, label)"
    assert suggestion("xyz", []) == ""


WHERE = """a:
  b: 1
sections:
- id: s
  fields:
  - id: n
    type: x
  - {id: m, type: y}
l: [a,
 b]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a", 1),
        ("a.b", 2),
        ("a.missing", 1),
        ("missing", 0),
        ("fields.n", 6),
        ("fields.n.type", 7),
        ("fields.m.type", 8),
        ("fields.n.when.field", 6),
        ("fields.none.type", 0),
        ("sections[0].fields[1].type", 8),
        ("sections[7].fields", 3),
        ("l[1]", 10),
    ],
)
def test_a_key_path_has_the_line_of_its_key_or_of_what_it_is_missing_from(
    path: str, line: int
) -> None:
    problems = Problems("x.yml")
    parse_tree(WHERE, problems)
    problems.add(path, "wrong")
    assert problems.found[0].line == line
