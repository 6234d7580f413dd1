"""Production needs the runtime group alone, and nothing of this checkout."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import html

from citizen import VOLUNTEER
from conftest import ROOT
from sample_content import SAMPLE
from test_transport import free_port

REFERENCE = re.compile(r"\b[2-9A-HJKMNP-TV-Z]{8}\b")
Values = Iterable[tuple[str, str]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the locked runtime group and the built package."""
    folder = tmp_path_factory.mktemp("runtime")
    copied = folder / "source"
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    for name in files:
        if name.startswith(("forms_service/", "pyproject.toml", "README.md")):
            target = copied / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [folder / "venv/bin/python", "-m", "pip", "install", "-q", "--no-deps"]
    lock = ROOT / "requirements" / "runtime.txt"
    subprocess.run([*pip, "--require-hashes", "-r", lock], check=True)
    subprocess.run([*pip, "--no-build-isolation", copied], check=True)
    return folder / "venv"


@pytest.fixture
def address(installed: Path, tmp_path: Path) -> Iterator[str]:
    """The running service, from another folder, with a bare environment."""
    port = free_port()
    process = subprocess.Popen(
        [installed / "bin/forms-service", "serve"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "FORMS_CONTENT_DIR": str(SAMPLE),
            "FORMS_DATA_DIR": str(tmp_path / "var"),
            "FORMS_LISTEN": f"127.0.0.1:{port}",
            "FORMS_BASE_URL": f"http://127.0.0.1:{port}",
            "FORMS_SUMMARY_SECONDS": "0",
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        yield ready(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        assert process.wait(timeout=15) == 0


def ready(address: str) -> str:
    for _ in range(100):
        try:
            ask(address, "GET", "/healthz")
            return address
        except ConnectionError:
            time.sleep(0.1)
    pytest.fail("the service does not answer")


@dataclass(frozen=True)
class Answer:
    """What the server said, read to the end."""

    status: int
    location: str
    body: str

    @property
    def main(self) -> html.HtmlElement:
        return html.document_fromstring(self.body).xpath("//main")[0]


def ask(address: str, method: str, path: str, values: Values = ()) -> Answer:
    connection = HTTPConnection(address.removeprefix("http://"), timeout=10)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    with closing(connection):
        connection.request(method, path, urlencode(list(values)), kind)
        got = connection.getresponse()
        return Answer(got.status, got.headers["Location"] or "", got.read().decode())


def test_the_runtime_group_alone_serves_and_stores(
    address: str, tmp_path: Path
) -> None:
    typed = [
        (name, item)
        for name, value in VOLUNTEER.items()
        for item in (value if isinstance(value, list) else [value])
    ]
    summary = ask(address, "POST", "/moduli/it/volontari/riepilogo", typed)
    values = summary.main.xpath(".//form")[0].form_values()
    done = ask(address, "POST", "/moduli/it/volontari/conferma", values)
    assert done.status == 303
    sent = ask(address, "GET", done.location)
    assert REFERENCE.search(" ".join(sent.main.itertext()))
    assert mailed(tmp_path / "var" / "mail") == 1


def mailed(folder: Path) -> int:
    """Wait for the mail that asks for the proof."""
    for _ in range(50):
        if found := list(folder.glob("*.eml")):
            return len(found)
        time.sleep(0.2)
    return 0
