"""Programs that are measured: started, looked at from outside, ended by their id."""

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")
# The kernel ends a server with the benchmark, whatever ends that.
WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"] * bool(shutil.which("setpriv"))
# Seconds of processor in half a second: what threads take that only look at the clock.
IDLE = 0.01
FIRST_ANSWER_SECONDS, STOP_SECONDS = 120.0, 20.0


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process, to the nanosecond; children apart."""
    # What clock_getcpuclockid(3) returns.
    return time.clock_gettime((~pid << 3) | 2)


def stat_of(pid: int) -> list[str]:
    """Return what /proc says of a process, from its parent on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1:]


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(stat_of(int(folder.name))[0])
        except OSError:
            continue
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def serving(pid: int) -> list[int]:
    """Return a process and those that serve beside it: forked, they have its name."""

    def command(member: int) -> bytes:
        try:
            return Path(f"/proc/{member}/cmdline").read_bytes()
        except OSError:
            return b""

    return [member for member in family(pid) if command(member) == command(pid)]


def family_cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and of all its children, ended or not."""
    ticks = 0
    for member in family(pid):
        try:
            ticks += sum(map(int, stat_of(member)[10:14]))
        except OSError:
            continue
    return ticks / TICKS


def memory(pid: int, field: str = "VmRSS", file: str = "status") -> float:
    """Return MiB of memory: VmRSS is now, VmHWM the most since `forget_peak`."""
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


def free_port() -> int:
    """Return a port of loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Server:
    """A program that answers HTTP on a port of loopback."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        port: int,
        log: Path,
        first: str = "/",
    ) -> None:
        self.port = port
        began = time.perf_counter()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*WITH_PARENT, *command],
                env={**os.environ, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_for(first)
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.perf_counter() - began

    @property
    def pid(self) -> int:
        """The process that serves: setpriv has become it."""
        return self._process.pid

    @cached_property
    def processes(self) -> list[int]:
        """Those that answer: it, and what it has forked before the first answer."""
        return serving(self.pid)

    def cpu_seconds(self) -> float:
        """Return the processor time of those that answer."""
        return sum(map(cpu_seconds, self.processes))

    def memory(self, field: str = "VmRSS") -> float:
        """Return MiB of memory of the largest of those that answer; see `memory`."""
        return max(memory(pid, field) for pid in self.processes)

    def forget_peak(self) -> None:
        """Let VmHWM begin again."""
        for pid in self.processes:
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def children(self) -> list[int]:
        """Return what works for those that answer."""
        return [pid for pid in family(self.pid) if pid not in self.processes]

    def wait_until_idle(self, longest: float = 300.0) -> None:
        """Wait until it has done what it does by itself after its start."""
        end, before = time.perf_counter() + longest, self.cpu_seconds()
        while time.perf_counter() < end:
            time.sleep(0.5)
            before, used = self.cpu_seconds(), self.cpu_seconds() - before
            if used < IDLE * len(self.processes):
                return
        raise TimeoutError("the service is never idle")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it as an administrator does; kill it when it does not end."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_for(self, path: str) -> None:
        end = time.perf_counter() + FIRST_ANSWER_SECONDS
        while time.perf_counter() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self._process.args} ended by itself")
            try:
                if get(self.port, path)[0] == 200:
                    return
            except OSError:
                time.sleep(0.005)
        raise TimeoutError(f"{self._process.args} gave no answer")


def get(port: int, path: str) -> tuple[int, bytes]:
    """Ask for one page; return status and body."""
    with connection(port) as asked:
        asked.request("GET", path)
        answer = asked.getresponse()
        return answer.status, answer.read()


@contextmanager
def connection(port: int) -> Iterator[http.client.HTTPConnection]:
    """Open a connection that is closed whatever happens."""
    opened = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        yield opened
    finally:
        opened.close()
