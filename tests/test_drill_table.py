"""The table of the drill: what is broken turns it red; the README says what it says."""

import ast
import os
import re
import subprocess
import sys

import pytest

from conftest import ROOT
from drill_table import HEAD, QUOTED, row_of

README = (ROOT / "README.md").read_text(encoding="utf-8")
ROWS = [row_of(line) for line in QUOTED.search(README)[0].splitlines()]
PROMISES = README.partition("## What is promised")[2].partition("## The drill")[0]


def trees():
    """Return the tests that the table has to do with, parsed."""
    for file in sorted((ROOT / "tests").glob("test_*.py")):
        text = file.read_text(encoding="utf-8")
        if "mark.promise(" in text:
            yield ast.parse(text)


def marked():
    """Return the rows that the tests name, by words that stand there or have a name."""
    found = set()
    for tree in trees():
        texts = {
            name.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for name in node.targets
        }
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and ast.unparse(node.func)
            if called == "pytest.mark.promise":
                number, what = node.args
                named = isinstance(what, ast.Name)
                found.add((number.value, texts[what.id] if named else what.value))
    return found


def taken_out():
    """Return what twins are without: file, old text, new text."""
    for tree in trees():
        for node in ast.walk(tree):
            words = node.elts if isinstance(node, ast.Tuple) else ()
            if len(words) > 2 and all(isinstance(w, ast.Constant) for w in words):
                file, old, new = [word.value for word in words[-3:]]
                if str(file).endswith(".py"):
                    yield file, old, new


def test_what_a_control_takes_out_of_the_program_is_there():
    changes = [*taken_out()]
    assert len(changes) > 15
    for file, old, _ in changes:
        assert old in (ROOT / "forms_service" / file).read_text(encoding="utf-8"), old


def test_the_readme_quotes_a_row_for_each_that_the_tests_name_and_each_promise():
    assert {*ROWS} == marked()
    promised = re.findall(r"^\| (P\d+) \|", PROMISES, re.MULTILINE)
    assert sorted({promise for promise, _ in ROWS}) == sorted(promised)


# A run in which all is held, and one in which something of everything is broken.
HELD = """
import pytest
from forms_service.pace import OF_ADDRESS

@pytest.mark.promise("P1", "held")
def test_held(figure):
    figure("5 of 5", control="1 of 5")

SLOW = "a slow pace", "pace.py", "OF_ADDRESS = 30", "OF_ADDRESS = 5"

@pytest.mark.promise("P10", "a hall", without=SLOW)
@pytest.mark.parametrize("number", [1, 2])
def test_hall(number, figure):
    assert OF_ADDRESS == 30
    figure("all")
"""
BROKEN = """
NOT_SEEN = "another network", "pace.py", "OF_NETWORK = 120", "OF_NETWORK = 5"

@pytest.mark.promise("P2", "lost")
def test_lost(figure):
    figure("4 of 5")
    assert not "lost"

@pytest.mark.promise("P2", "lost", control=True)
def test_control():
    assert True

@pytest.mark.promise("P3", "nothing takes it away")
def test_without_control():
    assert True

@pytest.mark.promise("P4", "its control does not fail", without=NOT_SEEN)
def test_that_holds():
    assert OF_ADDRESS
"""
QUOTE = f"# Before\n\n{HEAD}| P1 | held | 4 of 5 |  |\n\nAfter.\n"
OF_HELD = [
    "| P1 | held | 5 of 5 | 1 of 5 |",
    "| P10 | a hall | all | a slow pace: seen |",
]
OF_BROKEN = [
    "| P2 | lost | **BROKEN**: test_lost (4 of 5) | failed as it should |",
    "| P3 | nothing takes it away | **BROKEN**: no control |  |",
    "| P4 | its control does not fail | **BROKEN**: test_that_holds-without |  |",
]


@pytest.fixture
def drilled(tmp_path):
    """Run the drill over tests; return how it ends, what it prints, table and quote."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["drill_table"]\n')
    marks = "promise", "control", "slow"
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  " + "\n  ".join(marks))
    (tmp_path / "README.md").write_text(QUOTE)

    def drill(text):
        (tmp_path / "test_some.py").write_text(text)
        command = [sys.executable, "-m", "pytest", "-q", "--color=yes", "-m", "promise"]
        run = subprocess.run(
            [*command, "-p", "no:cacheprovider"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
            capture_output=True,
            text=True,
        )
        table = (tmp_path / "build" / "drill.md").read_text()
        assert table.startswith(HEAD)
        quote = (tmp_path / "README.md").read_text()
        return run.returncode, run.stdout, table.splitlines()[2:], quote

    return drill


@pytest.mark.slow
def test_what_was_held_ends_with_0_and_stands_in_the_readme(drilled):
    code, said, table, quote = drilled(HELD)
    assert (code, table) == (0, OF_HELD), said
    assert "\x1b[32m2 rows, 0 broken" in said
    assert quote == QUOTE.replace("| P1 | held | 4 of 5 |  |", "\n".join(OF_HELD))


@pytest.mark.slow
def test_what_is_broken_or_has_no_control_that_fails_ends_with_1_in_red(drilled):
    code, said, table, quote = drilled(HELD + BROKEN)
    assert (code, table) == (1, [OF_HELD[0], *OF_BROKEN, OF_HELD[1]]), said
    for line in OF_BROKEN:
        assert f"\x1b[31m{line}" in said
    assert "\x1b[31m5 rows, 3 broken" in said
    assert quote == QUOTE
