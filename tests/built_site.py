"""Build the site in a folder of its own, as `make site` does, and read the result."""

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import html

from conftest import ROOT

BASE = "https://we.example"
CONTENT = ROOT / "content"
OTHER = ROOT / "tests" / "content" / "other"


@dataclass(frozen=True)
class BuiltSite:
    """A public folder and the content it is made from."""

    folder: Path
    content: Path

    @property
    def public(self) -> Path:
        """What readers see."""
        return self.folder / "public"

    def build(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Run the build script."""
        return subprocess.run(
            [sys.executable, str(ROOT / "site" / "build.py"), *arguments],
            env=os.environ
            | {
                "FORMS_CONTENT_DIR": str(self.content),
                "FORMS_SITE_DIR": str(self.public),
                "FORMS_DATA_DIR": str(self.folder / "var"),
                "FORMS_BASE_URL": BASE,
                "SITE_NOW": "",
            }
            | environment,
            capture_output=True,
            text=True,
        )

    def page(self, address: str) -> html.HtmlElement:
        """Return a page by its address."""
        file = self.public / address.strip("/") / "index.html"
        return html.document_fromstring(file.read_text(encoding="utf-8"))

    def text(self, address: str) -> str:
        """Return the words of a page's main part, white space collapsed."""
        (main,) = self.page(address).xpath("//main")
        return " ".join(main.text_content().split())

    def pages(self) -> dict[str, html.HtmlElement]:
        """Return every page by its path."""
        return {
            str(file.relative_to(self.public)): html.document_fromstring(
                file.read_text(encoding="utf-8")
            )
            for file in sorted(self.public.rglob("*.html"))
        }

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a text in a file of the content."""
        file = self.content / name
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def copied(self, folder: Path) -> "BuiltSite":
        """Return a copy whose content may be changed; its PDFs need no new pressing."""
        copy = BuiltSite(folder, folder / "content")
        shutil.copytree(self.content, copy.content)
        shutil.copytree(self.folder / PAPERS, folder / PAPERS)
        return copy


PAPERS = ".public.work/papers"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    """The real site, built once; do not change its content."""
    site = BuiltSite(tmp_path_factory.mktemp("site"), CONTENT)
    # Workers of one run stand side by side: the first presses the PDFs for all.
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "papers"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if shared.exists():
            shutil.copytree(shared, site.folder / PAPERS)
        done = site.build()
        assert done.returncode == 0, done.stderr
        if not shared.exists():
            shutil.copytree(site.folder / PAPERS, shared)
    return site


@pytest.fixture
def changeable(built: BuiltSite, tmp_path: Path) -> BuiltSite:
    """The real site, not built yet, with content that may be changed."""
    return built.copied(tmp_path)
