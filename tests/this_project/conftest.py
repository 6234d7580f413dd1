"""What the tests of this project's own content need: its content, its site.

They say what We-Ita promises in its texts; the tests beside this folder say what the
product does, on a sample. With another project in `content/` they are skipped.
"""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from built_site import BuiltSite, once
from conftest import ROOT, alone

CONTENT = ROOT / "content"
HERE = Path(__file__).parent
PROJECT = "We-Ita"


def name_of(content: Path) -> str:
    """Return the name of the project that lives in a content folder."""
    project = yaml.safe_load((content / "project.yml").read_text(encoding="utf-8"))
    return str(project["name"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what speaks of We-Ita where the content is another project's."""
    if (found := name_of(CONTENT)) == PROJECT:
        return
    shown = f"content/ is the project {found}: these tests speak of {PROJECT} alone"
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=shown))


def two_languages(folder: Path) -> Path:
    """Copy the content with Italian and English only: a third of the time to build."""
    with alone(folder.with_suffix(".lock")):
        if not folder.exists():
            half = folder.with_suffix(".half")
            shutil.copytree(CONTENT, half)
            project = half / "project.yml"
            text = project.read_text(encoding="utf-8")
            (all_of_them,) = re.findall(r"(?m)^languages: \[(.*)\]$", text)
            text = text.replace(f"[{all_of_them}]", "[it, en]", 1)
            project.write_text(text, encoding="utf-8")
            for lang in set(all_of_them.split(", ")) - {"it", "en"}:
                shutil.rmtree(half / lang)
                for file in half.rglob(f"*.{lang}.yml"):
                    file.unlink()
            half.rename(folder)
    return folder


@pytest.fixture(scope="session")
def built(run_folder: Path) -> BuiltSite:
    """This project's site in two languages, built once a run; do not change it."""
    content = two_languages(run_folder / "this-project")
    return once(run_folder / "this-project-site", content)


@pytest.fixture(scope="session")
def built_in_all(run_folder: Path) -> BuiltSite:
    """This project's site in all its languages; do not change it."""
    return once(run_folder / "this-project-in-all", CONTENT)


@pytest.fixture
def project() -> Path:
    """Services of these tests run with this project's content."""
    return CONTENT
