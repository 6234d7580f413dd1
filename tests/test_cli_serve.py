"""`serve` as a process of its own: what it prints, holds, refuses, and how it ends."""

import json
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from shutil import copytree
from urllib.parse import urlsplit

import pytest

from engines import Where
from forms_service.cli.serve import how_many, share_memory
from forms_service.config import Config
from forms_service.store import oldest_program
from forms_service.store.postgres import connect
from sample_content import OTHER, ROOT, SAMPLE

KEYS = "a-key-for-tests-that-is-long-enough-0001"
# systemd does not start a service again that ends with it.
MEND_FIRST = 78


class Process:
    """One started command and all that it has printed."""

    def __init__(
        self,
        folder: Path,
        content: Path,
        *arguments: str,
        program: Path = ROOT,
        **settings: str,
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self.output = folder / f"output-{port}.txt"
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("FORMS_")
        } | {
            "FORMS_DATA_DIR": str(folder / "var"),
            "FORMS_CONTENT_DIR": str(content),
            "FORMS_SITE_DIR": str(folder / "site"),
            "FORMS_LISTEN": f"127.0.0.1:{port}",
            "FORMS_BASE_URL": self.base,
            "FORMS_SECRET_KEYS": KEYS,
        }
        command = [sys.executable, "-m", "forms_service.cli", *arguments]
        with self.output.open("wb") as output:
            self.running = subprocess.Popen(
                command,
                env=environment | settings,
                cwd=program,
                stdout=output,
                stderr=output,
                # Where the tests run in the background, Ctrl-C is ignored.
                preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
            )

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_for(self, text: str, seconds: float = 30) -> None:
        self.wait_until(lambda: text in self.said, seconds)

    def wait_until(self, fact: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not fact():
            assert self.running.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def end(self, how: int = signal.SIGTERM, seconds: float = 15) -> int:
        self.running.send_signal(how)
        return self.running.wait(seconds)

    def ended(self, seconds: float = 30) -> int:
        return self.running.wait(seconds)


@pytest.fixture
def start(tmp_path: Path, blank: Where) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []
    where = {"FORMS_DATABASE_URL": blank()}

    def run(*arguments: str, **settings: str) -> Process:
        command, settings = arguments or ("serve",), where | settings
        started.append(Process(tmp_path, SAMPLE, *command, **settings))
        return started[-1]

    yield run
    for process in started:
        if process.running.poll() is None:
            process.running.kill()
            process.running.wait()


def get(url: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def healthy(base: str) -> bool:
    return get(f"{base}/healthz")[0] == 200


def test_it_says_where_to_look_serves_and_stops_within_seconds(start, tmp_path, engine):
    service = start()
    service.wait_for("First staff account")

    assert healthy(service.base)
    assert f"{service.base}/\n" in service.said
    (link,) = re.findall(rf"{service.base}/staff/benvenuto/\S+", service.said)
    assert get(link)[0] == 200
    service.wait_for("GET /staff/benvenuto/<token>")
    # The link is printed for the operator and in no line of the log.
    assert service.said.count(link.rpartition("/")[2]) == 1

    limits = Path(f"/proc/{service.running.pid}/limits").read_text()
    assert int(re.search(r"Max open files +(\d+)", limits)[1]) >= 4096
    modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.glob("var/*")}
    assert ("forms.sqlite" in modes) == (engine == "sqlite")
    assert set(modes.values()) == {0}, "others on the machine can read the data"

    begun = time.monotonic()
    assert service.end(signal.SIGTERM) == 0
    assert time.monotonic() - begun < 8
    assert service.said.endswith("Stopped.\n")


@pytest.mark.slow
def test_two_services_never_share_one_data_folder(start):
    first = start()
    first.wait_for("First staff account")

    second = start()

    assert second.ended() == 1
    assert "running already" in second.said
    assert healthy(first.base)
    assert first.end(signal.SIGINT) == 0


@pytest.mark.slow
def test_after_kill_9_it_starts_again_at_once(start):
    first = start()
    first.wait_for("First staff account")
    first.end(signal.SIGKILL)

    second = start()
    second.wait_for("First staff account")

    assert healthy(second.base)


def processes_of(service: Process) -> list[int]:
    """Return the process that was started, and those that serve beside it."""
    command = f"/proc/{service.running.pid}/cmdline"
    children = Path(f"/proc/{service.running.pid}/task").glob("*/children")
    found = [int(pid) for file in children for pid in file.read_text().split()]
    same = [
        pid
        for pid in found
        if Path(f"/proc/{pid}/cmdline").read_bytes() == Path(command).read_bytes()
    ]
    return [service.running.pid, *same]


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def listening(base: str) -> int:
    """Return how many sockets listen on the port of a service."""
    port = f":{urlsplit(base).port:04X}"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()]
    return sum(row[1].endswith(port) and row[3] == "0A" for row in rows)


def first_answer(url: str) -> int:
    """Knock so often that no door is left out; return the status that comes first."""
    parts = urlsplit(url)
    asked = f"GET {parts.path} HTTP/1.0\r\nHost: x\r\n\r\n".encode()
    with ExitStack() as stack:
        knocking = [
            stack.enter_context(socket.create_connection((parts.hostname, parts.port)))
            for _ in range(30)
        ]
        for connection in knocking:
            connection.sendall(asked)
        (answered, *_), _, _ = select.select(knocking, [], [], 60)
        return int(answered.recv(64).split()[1])


@pytest.mark.engine("sqlite")
def test_processes_serve_and_count_and_end_as_one(start):
    service = start(FORMS_PROCESSES="2")
    service.wait_for("First staff account")
    first, second = processes_of(service)
    service.wait_until(lambda: listening(service.base) == 2)
    state, figures = f"{service.base}/moduli/stato.json", f"{service.base}/metrics"

    assert [get(state)[0] for _ in range(30)] == [200] * 30
    counted = b'forms_answers{route="/moduli/stato.json",status="200"} 30\n'
    # Whoever is asked tells what all of them have answered.
    assert all(counted in get(figures)[1] for _ in range(10))
    # Each of them answers alone; nobody tells a part of the figures.
    for other in (first, second):
        with frozen(other):
            assert first_answer(state) == 200
            assert first_answer(figures) == 503
            assert first_answer(f"{service.base}/healthz") == 503
    assert all(healthy(service.base) for _ in range(10))

    assert service.end(signal.SIGTERM) == 0
    assert service.said.endswith("Stopped.\n")
    assert service.said.count("First staff account") == 1
    assert not Path(f"/proc/{second}").exists()


@pytest.mark.slow
def test_it_ends_when_one_of_its_processes_is_killed(start):
    service = start(FORMS_PROCESSES="3")
    service.wait_for("First staff account")
    processes = processes_of(service)
    os.kill(processes[1], signal.SIGKILL)

    # systemd starts it anew.
    assert service.ended(60) == 1
    assert "a process of the service ended by itself" in service.said
    assert not any(Path(f"/proc/{pid}").exists() for pid in processes[1:])


def test_there_is_a_process_for_each_core_but_of_a_server_of_data_only_one(tmp_path):
    def many(**settings: str) -> int:
        settings["FORMS_DATA_DIR"] = str(tmp_path)
        return how_many(Config.from_environment(settings))

    cores = len(os.sched_getaffinity(0))
    assert many() == min(cores, 4)
    assert many(FORMS_PROCESSES="7") == 7
    assert many(FORMS_DATABASE_URL="postgresql://data.example/forms") == 1
    assert (
        many(FORMS_DATABASE_URL="postgresql://data.example/f", FORMS_PROCESSES="2") == 2
    )


@pytest.mark.engine("postgresql")
@pytest.mark.slow
def test_it_ends_when_a_newer_program_no_longer_lets_it_serve(start, blank):
    where = blank()
    service = start(FORMS_DATABASE_URL=where)
    service.wait_for("First staff account")
    with closing(connect(where)) as db:
        oldest_program.require(db, 999)

    assert service.ended(60) == MEND_FIRST
    assert "must know step 999; install the newer again" in service.said
    assert start(FORMS_DATABASE_URL=where).ended(60) == MEND_FIRST


def test_production_refuses_an_unfit_set_up_with_the_whole_list(start, tmp_path):
    service = start(FORMS_ENV="production", FORMS_SECRET_KEYS="short")

    assert service.ended() == MEND_FIRST
    for reason in (
        "FORMS_SECRET_KEYS: set at least one key of 32 characters.",
        "FORMS_LOG_KEYS: set at least one key of 32 characters.",
        "FORMS_BASE_URL: must begin with https://.",
        "FORMS_SMTP_URL",
        "FORMS_MAIL_FROM",
        "FORMS_SITE_DIR: there is no built site",
        ": authorised_by: write who has",
        ": placeholder_assets: replace",
    ):
        assert reason in service.said
    assert not (tmp_path / "var" / "forms.sqlite").exists()


def test_production_refuses_a_site_that_was_built_for_another_address(start, tmp_path):
    (tmp_path / "site").mkdir()
    record = {"base_url": "https://other.example"}
    (tmp_path / "site" / ".build.json").write_text(json.dumps(record))

    service = start(FORMS_ENV="production")

    assert service.ended() == MEND_FIRST
    assert "the site was built for another address" in service.said


def in_production(folder: Path) -> dict[str, str]:
    """Return the settings of a whole set-up: the second project, and a site for it."""
    copytree(OTHER, folder / "content")
    (folder / "site").mkdir()
    record = {"base_url": "https://lesen.example"}
    (folder / "site" / ".build.json").write_text(json.dumps(record))
    return {
        "FORMS_ENV": "production",
        "FORMS_HOURLY_LIMIT": "1000",
        "FORMS_CONTENT_DIR": str(folder / "content"),
        "FORMS_BASE_URL": "https://lesen.example",
        "FORMS_LOG_KEYS": "l" * 32,
        "FORMS_SMTP_URL": "smtp://127.0.0.1:9",
        "FORMS_MAIL_FROM": "lesen@musterhausen.example",
    }


def test_production_starts_with_a_whole_set_up(start, tmp_path):
    service = start(**in_production(tmp_path))

    service.wait_for("First staff account")

    assert healthy(service.base)


@pytest.mark.parametrize(
    ("settings", "code", "reason"),
    [
        ({"FORMS_LISTEN": "192.0.2.1:8000"}, 1, "cannot listen on 192.0.2.1:8000"),
        *(
            pytest.param(*item, marks=pytest.mark.slow)
            for item in (
                (
                    {"FORMS_CONTENT_DIR": "/nowhere"},
                    MEND_FIRST,
                    "there is no such folder",
                ),
                ({"FORMS_SMTP_URL": "mail.example"}, MEND_FIRST, "FORMS_SMTP_URL"),
                ({"FORMS_LISTEN": "here"}, MEND_FIRST, "FORMS_LISTEN"),
            )
        ),
    ],
)
def test_what_can_be_mended_is_one_sentence_and_no_traceback(
    start, settings, code, reason
):
    service = start(**settings)

    assert service.ended() == code
    assert reason in service.said
    assert "Traceback" not in service.said


@pytest.mark.slow
@pytest.mark.engine("sqlite")
def test_an_old_schema_is_copied_before_it_is_migrated(start, tmp_path):
    first = start("demo", "3")
    assert first.ended() == 0
    db = sqlite3.connect(tmp_path / "var" / "forms.sqlite")
    db.execute("DELETE FROM _sqlite_migrations WHERE name > 'm002'")
    db.commit()
    db.close()

    second = start()
    second.ended()

    # The planted fault makes the migration fail; the copy was made all the same.
    (copy,) = (tmp_path / "var").glob("forms.before-*.sqlite")
    db = sqlite3.connect(copy)
    assert db.execute("SELECT count(*) FROM submissions").fetchone() == (3,)
    db.close()


@pytest.mark.engine("sqlite")
def test_commands_work_while_the_service_runs(start, tmp_path):
    service = start()
    service.wait_for("First staff account")

    for command in (("demo", "3"), ("backup", str(tmp_path / "copy.sqlite"))):
        assert start(*command).ended() == 0
    refused = start("restore", "--yes", str(tmp_path / "copy.sqlite"))

    assert refused.ended() == 1
    assert "stop the service first" in refused.said
    assert healthy(service.base)


def test_all_threads_take_memory_from_the_same_pools():
    # 0 from mallopt(3): it does not know what is asked of it.
    assert share_memory()
