"""Commands on a disk that is full, missing, closed or broken: one sentence, exit 1."""

import ctypes
import errno
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread

import click
import pytest
from click.testing import CliRunner, Result

from forms_service.cli import Commands as Group
from forms_service.cli import main
from sample_content import SAMPLE
from test_cli import Commands

EXPORT = ("export", "volontari", "--force", "--out")
# In the order of an administrator's week; {out} is a folder that is there.
COMMANDS = (
    ("check",),
    ("doctor",),
    ("demo", "1"),
    ("staff", "add", "chief@example.org"),
    ("staff", "list"),
    ("mail", "status"),
    ("mail", "retry"),
    ("mail", "release"),
    ("purge",),
    (*EXPORT, "{out}/table.xlsx"),
    (*EXPORT, "{out}/table.csv", "--format", "csv"),
    ("backup", "{out}/copy.sqlite", "--force"),
    ("audit", "verify"),
    ("clock", "accept"),
    ("move", "--to", "{out}/moved.sqlite"),
    ("restore", "{saved}", "--yes"),
)
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1 << 1, 1 << 2
CAPABILITY_VERSION = 0x20080522

# The same commands without the handler around them.
bare = click.CommandCollection(sources=[main])
pytestmark = pytest.mark.engine("sqlite")


def filled(folder: Path) -> Commands:
    """Return commands on new data, with a copy of them and an empty folder beside."""
    commands = Commands(folder, SAMPLE)
    commands("demo", "1")
    commands("backup", str(folder / "saved.sqlite"))
    (folder / "out").mkdir()
    return commands


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Data that no test spoils."""
    return filled(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def own(tmp_path: Path) -> Commands:
    """Data that a test may spoil."""
    return filled(tmp_path)


@pytest.fixture
def database(own: Commands) -> Path:
    return own.config.data_dir / "forms.sqlite"


def fill(disk: Path) -> None:
    """Leave no room; raise the `OSError` that says so."""
    with (disk / "fill").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65536))


def refused(run: Commands, *arguments: str) -> str:
    """Return the sentence with which a command ends that cannot do its work."""
    said = run(*arguments, code=1).output
    assert "Error: " in said
    assert "Traceback" not in said
    return said


def every(run: Commands, folder: Path) -> dict[str, Result]:
    """Run all commands; each ends by itself, in words, with 0 or 1 or 78."""
    words = {"out": str(folder / "out"), "saved": str(folder / "saved.sqlite")}
    results = {}
    for command in COMMANDS:
        line = [part.format(**words) for part in command]
        result = CliRunner().invoke(main, line, env=run.environment)
        assert isinstance(result.exception, SystemExit | None), (line, result.exc_info)
        assert result.exit_code in (0, 1, os.EX_CONFIG), (line, result.output)
        assert result.output or result.exit_code == 0, line
        results[" ".join(command)] = result
    return results


def without_privilege(work: Callable[[], None]) -> None:
    """Run in a thread that folders without write permission stop, also as root."""
    failed: list[BaseException] = []

    def as_anybody() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
        sets = (ctypes.c_uint32 * 6)()
        assert libc.capget(header, sets) == 0
        sets[0] &= ~(CAP_DAC_OVERRIDE | CAP_DAC_READ_SEARCH)
        assert libc.capset(header, sets) == 0
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = Thread(target=as_anybody)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def test_a_table_for_a_folder_that_is_not_there(run, tmp_path):
    said = refused(run, *EXPORT, str(tmp_path / "no" / "table.csv"))
    assert f"not done: {tmp_path}/no/table.csv: No such file or directory" in said


def test_a_table_for_a_full_disk(run, tmp_path):
    (tmp_path / "full.csv").symlink_to("/dev/full")
    said = refused(run, *EXPORT, str(tmp_path / "full.csv"))
    assert "not done: No space left on device" in said


def test_without_the_handler_it_would_be_a_traceback(run, tmp_path):
    line = [*EXPORT, str(tmp_path / "no" / "table.csv")]
    assert isinstance(
        CliRunner().invoke(bare, line, env=run.environment).exception, OSError
    )


def test_a_reader_that_has_gone_is_no_fault():
    @click.command()
    def told():
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    result = CliRunner().invoke(Group(commands={"told": told}), ["told"])
    assert (result.exit_code, result.output) == (1, "")


def test_a_copy_of_a_file_that_is_no_database(run, tmp_path):
    (tmp_path / "forms.sqlite").write_bytes(b"nothing of ours " * 600)
    said = run(
        "backup", str(tmp_path / "copy.sqlite"), code=1, FORMS_DATA_DIR=str(tmp_path)
    ).output
    assert "no copy was made: the database itself: file is not a database" in said
    assert [file.name for file in tmp_path.iterdir()] == ["forms.sqlite"]


def test_a_folder_that_nobody_may_write(run, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)

    def look() -> None:
        said = refused(run, *EXPORT, str(closed / "table.csv"))
        assert "table.csv: Permission denied" in said
        said = refused(run, "backup", str(closed / "copy.sqlite"))
        assert "Permission denied" in said

    without_privilege(look)


@pytest.mark.slow
def test_data_that_nobody_may_write(own, database, tmp_path):
    for file in database.parent.iterdir():
        file.chmod(0o400)
    database.parent.chmod(0o500)
    (tmp_path / "out").chmod(0o500)
    results: dict[str, Result] = {}
    without_privilege(lambda: results.update(every(own, tmp_path)))
    database.parent.chmod(0o700)
    for command in ("demo 1", "staff add chief@example.org", "restore {saved} --yes"):
        assert results[command].exit_code == 1, results[command].output


@pytest.mark.slow
def test_a_database_that_somebody_keeps_locked(own, database, tmp_path):
    with closing(sqlite3.connect(database)) as other:
        other.execute("BEGIN IMMEDIATE")
        results = every(own, tmp_path)
    for command in ("demo 1", "staff add chief@example.org"):
        assert results[command].exit_code == 1
        assert "no database can be used: " in results[command].output


@pytest.mark.slow
def test_a_database_that_is_a_folder(own, database, tmp_path):
    for beside in database.parent.glob(f"{database.name}*"):
        beside.unlink()
    database.mkdir()
    results = every(own, tmp_path)
    assert results["staff list"].exit_code == 1
    assert "Is a directory" in results["doctor"].output


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_every_command_on_a_disk_without_any_room(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", disk], check=True)
    try:
        run = filled(disk)
        with pytest.raises(OSError, match="No space"):
            fill(disk)
        results = every(run, disk)
        assert results["demo 1"].exit_code == 1
        assert results["backup {out}/copy.sqlite --force"].exit_code == 1
        assert results[f"{' '.join(EXPORT)} {{out}}/table.xlsx"].exit_code == 1
    finally:
        subprocess.run(["umount", disk], check=True)
