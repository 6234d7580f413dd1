"""The tests belong to the product: with another project's content they still pass."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from sample_content import OTHER

pytestmark = pytest.mark.slow

ASIDE = (".*", "build", "var", "__pycache__", "*.egg-info")
# What needs no browser and builds no site; the sample is the same for those.
PLAIN = "not slow and not drill and not no_cover"


def with_content(content: Path, copy: Path) -> Path:
    """Copy the repository with another project in its place."""
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*ASIDE))
    for name in (".ci", ".gitignore", ".editorconfig"):
        there = ROOT / name
        (shutil.copytree if there.is_dir() else shutil.copy)(there, copy / name)
    shutil.rmtree(copy / "content")
    shutil.copytree(content, copy / "content")
    return copy


def run_tests(copy: Path, *arguments: str) -> str:
    """Run the tests of a copy there; return what they say at the end."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=1500,
    )
    return done.stdout[-20_000:] + done.stderr


def test_another_project_passes_all_tests_but_those_of_this_one(tmp_path: Path) -> None:
    copy = with_content(OTHER, tmp_path / "copy")
    last = run_tests(copy, "-n", "2", "-m", PLAIN, "tests").strip().splitlines()
    failed = [line for line in last if line.startswith(("FAILED", "ERROR"))]
    assert failed == []
    assert " passed" in last[-1]
    assert any("content/ is the project Lesebrücke" in line for line in last)


def test_a_test_of_the_product_that_speaks_of_this_project_would_fail(
    tmp_path: Path,
) -> None:
    copy = with_content(OTHER, tmp_path / "copy")
    planted = copy / "tests" / "test_planted.py"
    planted.write_text(
        "from conftest import ROOT\nfrom forms_service.content import load_content\n"
        "def test_it():\n    forms = load_content(ROOT / 'content').forms\n"
        "    assert 'lesepate' not in forms\n",
        encoding="utf-8",
    )
    assert "1 failed" in run_tests(copy, "tests/test_planted.py")
