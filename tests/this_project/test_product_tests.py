"""The tests beside this folder speak of no form and no word of this project."""

import re
from pathlib import Path

import pytest

from conftest import ROOT
from sample_content import SAMPLES
from service import pages_of_repository
from this_project.conftest import CONTENT, HERE, PROJECT

TESTS = ROOT / "tests"
# What is kept as it is, what measures this project's own pages, and the page of names.
ASIDE = (
    HERE,
    TESTS / "made_before",
    TESTS / "vendor",
    TESTS / "audit",
    TESTS / "bench",
)


def own_words() -> re.Pattern[str]:
    """Return what finds this project: its forms, its events, its names."""
    content = pages_of_repository(CONTENT).content
    ids = {*content.forms, *content.events}
    owner = content.project.owner.name.split()[0]
    words = sorted({*ids, PROJECT, owner, "grosseto"})
    return re.compile(rf"(?<![\w-])({'|'.join(words)})(?![\w-])", re.IGNORECASE)


def faults(files: list[Path]) -> list[str]:
    """Return file, line and word of whatever speaks of this project."""
    looked_for = own_words()
    return [
        f"{file.name}:{number}: {found[0]}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if (found := looked_for.search(line))
    ]


def product_tests() -> list[Path]:
    return [
        file
        for kind in ("*.py", "*.yml", "*.md")
        for file in sorted(TESTS.rglob(kind))
        if not any(folder in file.parents for folder in ASIDE)
        and file.name != "README.md"
    ]


def test_no_test_of_the_product_speaks_of_this_project():
    files = product_tests()
    assert len(files) > 100
    assert faults(files) == []


def test_the_sample_projects_are_looked_at_too():
    assert any(SAMPLES in file.parents for file in product_tests())


@pytest.mark.parametrize(
    "line",
    [
        'service.get("/moduli/it/albo")',
        '("content", "sito-accessibile", "it")',
        "assert “Coeso” in text",
        "page.select_option('grosseto')",
    ],
)
def test_what_speaks_of_this_project_is_noticed(tmp_path, line):
    file = tmp_path / "test_x.py"
    file.write_text(f"# first\n{line}\n", encoding="utf-8")
    (found,) = faults([file])
    assert found.startswith("test_x.py:2: ")
