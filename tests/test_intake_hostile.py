"""Files made to harm: each ends within three seconds in answers or in one refusal."""

import json
import random
import sys
import time
from io import BytesIO
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from subprocess import PIPE, run
from typing import Any

import pikepdf
import pytest

import hostile
from forms_service.definition import Channel, clean
from forms_service.intake import reader, sandbox
from forms_service.intake.filled import Filled, read_filled, wanted
from forms_service.intake.refusals import (
    Damaged,
    Flattened,
    NotAPdf,
    NotOurs,
    Refusal,
    TooManyPages,
)
from forms_service.shapes.pdf.identity import Identity
from printed_forms import EVERY, content, form_of
from sample_content import SAMPLE
from test_pdf_filling import by_pikepdf, by_pypdf, filled

CONTENT = content(SAMPLE)
FORM = form_of(EVERY)
IDENTITY = Identity.of(FORM).text
SECONDS = 3.0
MIB = 1 << 20
# What each small file must come to: a refusal, or the answers and what is left out.
OUTCOMES: dict[str, type[Refusal] | tuple[dict[str, list[str]], list[str]]] = {
    "kids_in_a_circle": ({"nome": ["Anna"]}, []),
    "deep_kids": Damaged,
    "many_filters": ({}, ["nome"]),
    "nested_arrays": Flattened,
    "index_of_millions": Flattened,
    "index_that_lies": Flattened,
    "xfa": NotOurs,
    "html_first": NotAPdf,
    "newlines_first": NotAPdf,
    "truncated": Damaged,
    "only_a_head": Damaged,
    "empty": NotAPdf,
    "wrong_types": ({}, ["profilo", "ente", "paese"]),
    "no_catalogue": Damaged,
    "many_pages": TooManyPages,
    "wide_page_tree": Damaged,
    "deep_page_tree": Damaged,
    "trick_values": ({"nome": ['=HYPERLINK("https://evil.example")gro.elpmaxe']}, []),
    "object_stream_bomb": Flattened,
    "value_is_a_bomb": ({}, ["nome"]),
    "many_fields": Damaged,
    "long_value": ({}, ["nome"]),
}
SMALL = {build.__name__: build for build in hostile.SMALL}
LARGE = {build.__name__: build for build in hostile.LARGE}


def computed() -> float:
    """Return the seconds of computing of all children so far."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def came_to(file: bytes) -> Any:
    """Read a file within the time; return the refusal's type, or what was read.

    Time is the child's own computing: what else the machine does is not the file's.
    """
    started = computed()
    try:
        found = read_filled(file, CONTENT)
    except Refusal as refusal:
        return type(refusal)
    finally:
        assert computed() - started < SECONDS
    return found.raw, [left.field_id for left in found.unreadable]


def unconfined(script: Path, data: bytes = b"") -> Any:
    """Return what a child says without its limits: the control of what they stop."""
    given = json.dumps(wanted(CONTENT)).encode() + b"\n" + data
    child = [sys.executable, "-I", "-B", script]
    return json.loads(run(child, input=given, stdout=PIPE, check=True).stdout)


def written(tmp_path: Path, source: str) -> Path:
    """Return a child that does something else."""
    script = tmp_path / "reader.py"
    script.write_text(source, encoding="utf-8")
    return script


def test_each_hostile_file_has_its_outcome() -> None:
    assert set(OUTCOMES) == SMALL.keys() | LARGE.keys()


@pytest.mark.parametrize("name", SMALL)
def test_a_small_hostile_file_does_no_harm(name: str) -> None:
    assert came_to(SMALL[name](IDENTITY)) == OUTCOMES[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_large_hostile_file_does_no_harm(name: str) -> None:
    assert came_to(LARGE[name](IDENTITY)) == OUTCOMES[name]


def test_small_copies_of_the_large_files_are_sound() -> None:
    anna = ({"nome": ["Anna"]}, [])
    assert came_to(hostile.object_stream_bomb(IDENTITY, 4)) == anna
    assert came_to(hostile.long_value(IDENTITY, 4)) == ({"nome": ["xxxx"]}, [])
    assert came_to(hostile.many_fields(IDENTITY, 1_000)) == ({}, [])
    assert came_to(hostile.deep_kids(IDENTITY, 3)) == ({}, [])


def test_a_bomb_is_stopped_by_the_limit_of_memory() -> None:
    bomb = hostile.object_stream_bomb(IDENTITY, 256)
    assert came_to(bomb) == Flattened
    assert unconfined(sandbox.READER, bomb)["values"] == {"nome": ["Anna"]}


def test_the_walk_stops_by_itself_at_so_many_fields() -> None:
    few, many = reader.MOST_NODES - 2, reader.MOST_NODES
    names = wanted(CONTENT)
    read = reader.read(hostile.many_fields(IDENTITY, few), names)
    assert read["fields"] == few
    read = reader.read(hostile.many_fields(IDENTITY, many), names)
    assert read == {"refusal": "too_much"}


def test_the_child_may_neither_write_nor_grow_nor_go_on(tmp_path: Path) -> None:
    expected = {
        "AS": [600 * MIB] * 2,
        "CPU": [3, 3],
        "FSIZE": [0, 0],
        "CORE": [0, 0],
        "NOFILE": [16, 16],
        "NPROC": [0, 0],
    }
    body = (
        "import json, resource\n"
        f"kinds = {{n: getattr(resource, 'RLIMIT_' + n) for n in {list(expected)}}}\n"
        "print(json.dumps({n: resource.getrlimit(k) for n, k in kinds.items()}))"
    )
    assert sandbox.read_in_child(b"", {}, written(tmp_path, body)) == expected


@pytest.mark.parametrize("limits", [True, False], ids=["limited", "control"])
def test_the_child_cannot_write_a_file(tmp_path: Path, limits: bool) -> None:
    spoils = tmp_path / "spoils"
    body = (
        f"with open({str(spoils)!r}, 'w') as spoils:\n    spoils.write('x')\n"
        "print('{}')"
    )
    script = written(tmp_path, body)
    if limits:
        with pytest.raises(Damaged):
            sandbox.read_in_child(b"", {}, script)
        assert not spoils.exists() or spoils.read_bytes() == b""
    else:
        assert unconfined(script) == {}
        assert spoils.read_bytes() == b"x"


def test_the_child_inherits_no_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMS_SECRET_KEYS", "canary")
    body = "import json, os\nprint(json.dumps({'all': dict(os.environ)}))"
    said = sandbox.read_in_child(b"", {}, written(tmp_path, body))
    assert "canary" not in json.dumps(said)


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    script = written(tmp_path, "import time\ntime.sleep(60)")
    started = time.monotonic()
    with pytest.raises(Damaged):
        sandbox.read_in_child(bytes(MIB), {}, script, timeout=0.5)
    assert time.monotonic() - started < SECONDS


@pytest.mark.slow
def test_a_child_that_computes_too_long_is_ended_by_the_kernel(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(Damaged):
        sandbox.read_in_child(
            b"", {}, written(tmp_path, "while True: pass"), timeout=60
        )
    assert time.monotonic() - started < 30


def test_a_child_that_falls_is_one_refusal(tmp_path: Path) -> None:
    script = written(tmp_path, "import os\nos.abort()")
    with pytest.raises(Damaged):
        sandbox.read_in_child(b"%PDF-", {}, script)


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_form_never_gives_anything_but_answers_or_a_refusal(
    seed: int,
) -> None:
    chance = random.Random(seed)  # noqa: S311
    names = wanted(CONTENT)
    sound = [filled(by_pikepdf), filled(by_pypdf), unpacked(filled(by_pikepdf))]
    said = {json.dumps(reader.read(file, names), sort_keys=True) for file in sound}
    for _ in range(60):
        file = bytearray(chance.choice(sound))
        for _ in range(chance.choice((1, 10, 200))):
            file[chance.randrange(len(file))] = chance.randrange(256)
        read = reader.read(bytes(file), names)
        assert read.keys() == {"refusal"} or read["values"].keys() <= names_of_web()
        said.add(json.dumps(read, sort_keys=True))
    assert len(said) > 1


def unpacked(file: bytes) -> bytes:
    """Return a PDF whose structure is not compressed, so that damage reaches it."""
    with pikepdf.Pdf.open(BytesIO(file)) as document:
        target = BytesIO()
        document.save(
            target,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            compress_streams=False,
        )
    return target.getvalue()


def names_of_web() -> set[str]:
    return {field.id for field in FORM.at(Channel.WEB)}


def test_tricks_in_a_value_end_at_the_validator() -> None:
    found = read_filled(hostile.trick_values(IDENTITY), CONTENT)
    assert isinstance(found, Filled)
    # "=" is no letter of a name, and what nobody can see is gone.
    assert "nome" in clean(FORM, found.raw, Channel.WEB).errors
