"""Build the site in a folder of its own, as `make site` does, and read the result."""

import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from conftest import ROOT, alone
from sample_content import OTHER, SAMPLE

BASE = "https://we.example"
BUILD = (sys.executable, str(ROOT / "site" / "build.py"))


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A plain server of files that says nothing."""

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def plain_server(handler: Callable[..., Any]) -> Iterator[str]:
    """Answer on a free port meanwhile; yield the address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def files_of(folder: Path) -> Callable[..., Any]:
    """Return what answers with the files of a folder."""
    return partial(Quiet, directory=str(folder))


@dataclass(frozen=True)
class BuiltSite:
    """A public folder and the content it is made from."""

    folder: Path
    content: Path

    @property
    def public(self) -> Path:
        """What readers see."""
        return self.folder / "public"

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a build."""
        return os.environ | {
            "FORMS_CONTENT_DIR": str(self.content),
            "FORMS_SITE_DIR": str(self.public),
            "FORMS_DATA_DIR": str(self.folder / "var"),
            "FORMS_BASE_URL": BASE,
            "SITE_NOW": "",
        }

    def build(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Run the build script."""
        return subprocess.run(
            [*BUILD, *arguments],
            env=self.settings | environment,
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
        shutil.copytree(self.folder / PDFS, folder / PDFS)
        return copy


PDFS = ".public.work/pdfs"


def once(folder: Path, content: Path) -> BuiltSite:
    """Build a site in a shared folder, unless another worker has done it."""
    site = BuiltSite(folder, content)
    with alone(folder.with_suffix(".lock")):
        if not site.public.exists():
            done = site.build()
            assert done.returncode == 0, done.stderr
    return site


@pytest.fixture(scope="session")
def built(run_folder: Path) -> BuiltSite:
    """The site of the sample project, built once a run; do not change it."""
    return once(run_folder / "site", SAMPLE)


@pytest.fixture(scope="session")
def built_other(run_folder: Path) -> BuiltSite:
    """The site of an unrelated project, built once a run; do not change it."""
    return once(run_folder / "other", OTHER)


@pytest.fixture
def changeable(built: BuiltSite, tmp_path: Path) -> BuiltSite:
    """The site of the sample, not built yet, with content that may be changed."""
    return built.copied(tmp_path)


@pytest.fixture
def small(built_other: BuiltSite, tmp_path: Path) -> BuiltSite:
    """The unrelated project with its one language and form, quicker to build."""
    return built_other.copied(tmp_path)
