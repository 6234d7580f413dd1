"""Three thousand slow clients and twenty open bodies, through a real nginx.

It is set up as deploy/ says. They come from several addresses of loopback, as from
several networks; meanwhile somebody sends a form.
"""

import os
import re
import resource
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from at_work import Visitor, in_town
from test_deploy_nginx import configured, free_port, wait_for

WHAT = "3,000 slow clients and 20 open bodies at once"
SLOW, BODIES, ADDRESSES = 3000, 20, 15
MIB, JOURNEYS = 100, 10
HALF = 10 * 2**20
TYPED = (
    b"POST /moduli/it/volontari/riepilogo HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n"
)
UPLOAD = (
    b"POST /moduli/it/volontari/carica HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n"
) % (2 * HALF)
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]


def memory(pid):
    """Return the MiB that a process and its children hold, what they share once."""
    pids, held = [pid], 0
    for each in pids:
        # A child that draws or reads may just have ended.
        with suppress(FileNotFoundError, ProcessLookupError):
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
            held += int(re.search(r"^Pss: +(\d+)", text, re.MULTILINE)[1])
            for task in Path(f"/proc/{each}/task").iterdir():
                pids += map(int, (task / "children").read_text().split())
    return held / 1024


@pytest.fixture
def processes():
    return len(os.sched_getaffinity(0))


@pytest.fixture
def town(tmp_path, processes):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * SLOW:
        pytest.skip(f"only {hard} open files are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * SLOW), hard))
    with in_town(tmp_path) as made:
        made.start(FORMS_PROCESSES=f"{processes}")
        yield made


@pytest.fixture
def front(town, tmp_path):
    """The address of nginx before the town."""
    if os.geteuid() or not shutil.which("nginx"):
        pytest.skip("no nginx: sh requirements/system.sh deploy, as root")
    public, folder = tmp_path / "public", tmp_path / "nginx"
    for made in (public, folder):
        made.mkdir()
    (public / ".policies.json").write_text("{}")
    port = free_port()
    main = configured(folder, public, int(town.base.rpartition(":")[2]), port)
    text = main.read_text()
    enough = "worker_rlimit_nofile 16384;\nevents { worker_connections 4096; }\n"
    main.write_text(text.replace("events {}\n", enough))
    with subprocess.Popen(["nginx", "-c", str(main)]) as server:
        try:
            wait_for(port)
            yield f"https://127.0.0.1:{port}", server.pid
        finally:
            server.terminate()


@contextmanager
def slow_clients(base, tls):
    """Open them all; return what has each of them send one byte more."""
    port = int(base.rpartition(":")[2])
    lines = []
    with ExitStack() as opened:
        for number in range(SLOW + BODIES):
            line = socket.create_connection(
                ("127.0.0.1", port), 30, (f"127.0.1.{1 + number % ADDRESSES}", 0)
            )
            line = tls.wrap_socket(line) if tls else line
            opened.enter_context(line)
            line.sendall(TYPED if number < SLOW else UPLOAD)
            lines.append(line)
            if number % 1000 == 999:
                drip(lines)
        if tls:
            for line in lines[SLOW:]:
                line.sendall(bytes(HALF))
        yield lambda: drip(lines)


def drip(lines):
    for line in lines:
        line.send(b"a")


@pytest.mark.promise("P17", WHAT)
def test_slow_clients_before_nginx_keep_nobody_waiting(town, front, processes, figure):
    base, nginx = front
    tls = ssl._create_unverified_context()  # noqa: S323 - our own, on loopback
    visitor, slowest, most = Visitor(base), 0.0, 0.0
    with slow_clients(base, tls) as drip_all:
        for _ in range(JOURNEYS):
            began = time.monotonic()
            town.send(visitor)
            slowest = max(slowest, time.monotonic() - began)
            most = max(most, memory(town.process.running.pid))
            drip_all()
        held = memory(nginx)
    visitor.close()
    # And what draws receipts, which has begun to load.
    assert most < MIB * processes + MIB
    figure(
        f"{JOURNEYS} forms sent meanwhile, the slowest in {slowest:.1f} s; service "
        f"{most:.0f} MiB, nginx {held:.0f} MiB"
    )


@pytest.mark.promise("P17", WHAT, control=True)
@pytest.mark.parametrize("processes", [1])
def test_without_nginx_they_take_every_connection(town, figure):
    visitor = Visitor(town.base)
    with slow_clients(town.base, None):
        line = socket.create_connection(
            ("127.0.0.1", int(town.base.rpartition(":")[2]))
        )
        with line:
            line.settimeout(5)
            line.sendall(b"GET /moduli/stato.json HTTP/1.0\r\nHost: x\r\n\r\n")
            with pytest.raises(TimeoutError):
                line.recv(100)
    visitor.close()
    figure(control="without nginx: nobody else is answered")
