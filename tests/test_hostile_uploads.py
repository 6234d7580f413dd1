"""Hostile files at the form's door: a sentence, three seconds, 600 MiB, never a 500.

Seconds are those of the processor: a busy machine gives a file none of them.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import hostile
from conftest import ROOT
from forms_service.shapes.pdf.identity import Identity
from printed_forms import EVERY, form_of
from sample_content import SAMPLE

UPLOAD = "/moduli/it/every-type/carica"
SECONDS, MIB = 3.0, 1 << 20
IDENTITY = Identity.of(form_of(EVERY)).text
MARK = "boundary=end"
BUILDS = [*hostile.SMALL, *hostile.LARGE]
# One of each kind: refused by its head, by its structure, and with answers in it.
LIGHT = (hostile.html_first, hostile.deep_kids, hostile.kids_in_a_circle)

# Reads the files named on the command line, one child each, in a process whose only
# children these are; prints what the largest of them ever held, in KiB.
READ_ALL = """
import json, resource, sys
from pathlib import Path
from forms_service.content import load_content
from forms_service.intake.refusals import Refusal
from forms_service.intake.filled import read_filled

def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

content, seconds = load_content(Path(sys.argv[1])), {}
for name in sys.argv[2:]:
    began = spent()
    try:
        read_filled(Path(name).read_bytes(), content)
    except Refusal:
        pass
    seconds[Path(name).name] = spent() - began
print(json.dumps([resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, seconds]))
"""


@pytest.fixture
def door(start_service):
    """A service whose form is open."""
    service = start_service(SAMPLE)
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    return service


def sent(file: bytes) -> bytes:
    """Return what a browser sends; the test client leaves large files open."""
    head = 'Content-Disposition: form-data; name="file"; filename="modulo.pdf"'
    return f"--end\r\n{head}\r\n\r\n".encode() + file + b"\r\n--end--\r\n"


def cases():
    for build in BUILDS:
        marks = [] if build in LIGHT else [pytest.mark.slow]
        yield pytest.param(build, marks=marks, id=build.__name__)


@pytest.mark.parametrize("build", list(cases()))
def test_a_hostile_file_gets_a_page_and_stores_nothing(door, build):
    file, before = build(IDENTITY), door.rows()
    page = door.post(UPLOAD, sent(file), content_type=f"multipart/form-data; {MARK}")
    assert page.status in (200, 422)
    assert page.find("//main//form"), "there is a way on"
    assert door.rows() == before


def read_all(folder: Path, builds) -> tuple[int, dict[str, float]]:
    """Return the peak of memory in bytes, and the seconds of each file."""
    files = []
    for build in builds:
        files.append(folder / build.__name__)
        files[-1].write_bytes(build(IDENTITY))
    arguments = [sys.executable, "-c", READ_ALL, str(SAMPLE), *map(str, files)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, check=True)
    peak, seconds = json.loads(done.stdout)
    return peak * 1024, seconds


@pytest.mark.slow
def test_no_hostile_file_takes_more_than_600_mib_or_three_seconds(tmp_path):
    peak, seconds = read_all(tmp_path, BUILDS)
    assert len(seconds) == len(BUILDS)
    assert max(seconds.values()) < SECONDS, seconds
    assert peak < 600 * MIB
    # The control: a file that does its child no harm is measured, and takes far less.
    harmless = tmp_path / "harmless"
    harmless.mkdir()
    little, _ = read_all(harmless, [hostile.no_catalogue])
    assert MIB < little < peak
