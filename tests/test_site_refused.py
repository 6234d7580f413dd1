"""A refused, killed or crowded build leaves nothing that the next one stumbles over."""

import contextlib
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from built_site import BUILD


def append(name, text):
    """Return what adds a text to a file of the content, and what undoes it."""

    def done(site):
        file = site.content / name
        file.parent.mkdir(exist_ok=True)
        before = file.read_bytes() if file.exists() else None
        file.write_bytes((before or b"") + text)
        return lambda: file.write_bytes(before) if before else file.unlink()

    return done


def without(name):
    """Return what takes a file away, and what puts it back."""

    def done(site):
        file = site.content / name
        octets = file.read_bytes()
        file.unlink()
        return lambda: file.write_bytes(octets)

    return done


def replacing(name, old, new):
    """Return what changes a text, and what changes it back."""

    def done(site):
        site.change(name, old, new)
        return lambda: site.change(name, new, old)

    return done


PAGE = "de/vorhaben.md"
# What is written, and what the build says of it.
MISTAKES = {
    "link": (append(PAGE, b'\n<a href="/nirgends/">x</a>\n'), "no such page"),
    "gone": (
        replacing("project.yml", "\nnav:", '\ngone: ["/vorhaben/"]\nnav:'),
        "take it off gone",
    ),
    "video": (
        append(PAGE, b'\n<video src="assets/wappen.svg"></video>\n'),
        "<video> does nothing",
    ),
    "yaml": (append("events/fest.yml", b'title: "Fest\n'), "fest.yml"),
    "picture": (without("assets/wappen.svg"), "wappen.svg"),
    "mkdocs": (append(PAGE, b"\n![Bild](bild.png)\n"), "bild.png"),
    "pdf": (
        replacing("forms/lesepate.yml", "Lesepate werden\n", "Lesepate werden ☐\n"),
        "☐",
    ),
    "encoding": (append(PAGE, b"\nVorschl\xe4ge\n"), "vorhaben.md"),
}
# The one that the short run tries.
QUICK = "link"


def left_in(site):
    """Return what lies in the work folder of a site."""
    return {item.name for item in site.folder.glob(".public.work/*")}


def assert_refused_then_good(site, mistake, said, *arguments):
    undo = mistake(site)
    refused = site.build(*arguments)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not site.public.exists()
    undo()
    good = site.build(*arguments)
    assert good.returncode == 0, good.stderr
    assert (site.public / "index.html").is_file()
    assert left_in(site) == {"lock", "pdfs"}


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKES)
def test_after_a_refused_build_the_next_one_is_good(small, name):
    assert_refused_then_good(small, *MISTAKES[name])


@pytest.mark.slow
def test_after_a_refused_build_of_the_timer_the_next_one_is_good(small):
    assert_refused_then_good(small, *MISTAKES[QUICK], "--if-due")


@pytest.mark.slow
def test_after_a_build_without_a_language_file_the_next_one_is_good(changeable):
    missing = without("project.en.yml")
    assert_refused_then_good(changeable, missing, "project.en.yml: the file is")


MKDOCS = b"mkdocs"


def processes_of(site):
    """Return the commands that run with the settings of this site, by their id."""
    own = f"FORMS_SITE_DIR={site.public}".encode()
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if own in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes()
    return found


def wait_until(condition, seconds=60):
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def running(site, command):
    """Return the processes that run a command, and no longer what starts it."""
    found = processes_of(site).items()
    return [pid for pid, run in found if command in run and b"setpriv" not in run]


def started(site, command, *arguments, **settings):
    """Start a build and wait until a command runs."""
    process = subprocess.Popen(
        [*BUILD, *arguments],
        env=site.settings | settings,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until(lambda: running(site, command))
    return process


def hold(site, command):
    """Let a program not end by itself: it must be ended with the build."""
    for pid in running(site, command):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_build_that_is_stopped_leaves_no_process_and_the_next_one_is_good(
    small, number
):
    process = started(small, MKDOCS)
    hold(small, MKDOCS)
    process.send_signal(number)
    assert process.wait() == -number
    wait_until(lambda: not processes_of(small))
    assert not small.public.exists()
    if number == signal.SIGTERM:
        assert left_in(small) == {"lock", "pdfs"}
    done = small.build()
    assert done.returncode == 0, done.stderr
    assert left_in(small) == {"lock", "pdfs"}
    assert_not_made_again(small)


def assert_not_made_again(site):
    """A build of what is there already makes nothing, and a timer says nothing."""
    made = site.public.resolve()
    again = site.build()
    assert (again.returncode, site.public.resolve()) == (0, made)
    assert again.stderr == f"Nothing has changed in {site.public}\n"
    assert site.build("--if-due").stderr == ""


def test_copies_that_press_pdfs_end_with_the_build(small):
    shutil.rmtree(small.folder / ".public.work" / "pdfs")
    process = subprocess.Popen(
        BUILD, env=small.settings, stderr=subprocess.DEVNULL, start_new_session=True
    )
    # A copy that is left alone would wait for work for ever.
    wait_until(lambda: len(running(small, b"build.py")) > 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM
    wait_until(lambda: not processes_of(small))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_preview_that_is_stopped_leaves_no_process(small, number):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = started(small, MKDOCS, "--preview", FORMS_LISTEN=f"127.0.0.1:{port}")
    if number != signal.SIGINT:
        hold(small, MKDOCS)
    process.send_signal(number)
    assert process.wait() == (0 if number == signal.SIGINT else -number)
    wait_until(lambda: not processes_of(small))


@pytest.mark.slow
def test_two_builds_at_once_wait_for_each_other(small):
    both = [started(small, MKDOCS), started(small, MKDOCS)]
    assert [process.wait() for process in both] == [0, 0]
    assert small.text("/vorhaben/")
    assert left_in(small) == {"lock", "pdfs"}


@pytest.fixture
def closed_off():
    """Take the right to write from files, and give it back at the end."""
    closed = []

    def close(*files):
        for file in files:
            closed.append(file)
            file.chmod(0o555 if file.is_dir() else 0o444)

    yield close
    for file in closed:
        file.chmod(0o755)


def build_as_anybody(site):
    """Build without the powers of root, who may write everywhere."""
    powers = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--"]
    return subprocess.run(
        [*(powers if os.geteuid() == 0 else []), *BUILD],
        env=site.settings,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_what_may_not_be_removed_or_written_harms_no_build(small, closed_off):
    stuck = small.folder / ".public.work" / "built"
    old = small.folder / ".public.builds" / "old"
    for folder in (stuck, old):
        folder.mkdir(parents=True)
        (folder / "index.html").write_text("of somebody else")
    assets = small.content / "assets"
    closed_off(stuck, old, *assets.iterdir(), assets)
    done = build_as_anybody(small)
    assert done.returncode == 0, done.stderr
    assert (small.public / "assets/wappen.svg").is_file()
    assert left_in(small) == {"lock", "pdfs", "built"}


@pytest.mark.slow
def test_a_folder_that_may_not_be_written_is_named(small, closed_off):
    work = small.folder / ".public.work"
    closed_off(work)
    done = build_as_anybody(small)
    assert done.returncode == 1
    assert done.stderr == f"{work}/lock: Permission denied.\n"


@pytest.mark.slow
def test_a_terminal_shows_how_much_is_done(small):
    shutil.rmtree(small.folder / ".public.work" / "pdfs")
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(BUILD, env=small.settings, stderr=theirs)
        os.close(theirs)
        shown = b""
        # The end of a terminal is an error of reading.
        with contextlib.suppress(OSError):
            while octets := terminal.read(1000):
                shown += octets
    assert process.wait() == 0
    lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[\??\d*[A-Za-z]", "", shown.decode()))
    for bar in ("PDFs", "Pages"):
        assert any(re.match(rf"{bar}  \[#+\]  1/1", line) for line in lines), lines
    assert lines[-2].startswith("8 pages and 1 PDFs in ")
