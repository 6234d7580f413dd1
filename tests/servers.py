"""PostgreSQL servers that a test kills, freezes, starts again and promotes.

Unlike the one of `cluster`, they listen on loopback, keep what they commit, and end
with the process that started them.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from cluster import programs, user

DATABASE = "forms"
SETTINGS = ("shared_buffers=32MB", "jit=off", "max_connections=60")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Server:
    """One server, in a folder of its own; `standby_of` makes it follow another."""

    def __init__(self, standby_of: "Server | None" = None, name: str = "") -> None:
        self.folder = Path(mkdtemp(prefix="forms-pg-"))
        self.data = self.folder / "data"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        if owner := user():
            shutil.chown(self.folder, owner)
        if standby_of is None:
            self._run("initdb", "-D", str(self.data), "-U", "tests", "-A", "trust",
                      "-E", "UTF8", "--locale=C", "--no-instructions")  # fmt: skip
        else:
            source = f"{standby_of.address('postgres')} application_name={name}"
            self._run("pg_basebackup", "-D", str(self.data), "-R", "-c", "fast",
                      "-d", source)  # fmt: skip

    @property
    def running(self) -> bool:
        """Say whether it was started and not stopped."""
        return self._process is not None and self._process.poll() is None

    def address(self, database: str = DATABASE) -> str:
        """Return how psycopg reaches a database of this server."""
        return f"host=127.0.0.1 port={self.port} user=tests dbname={database}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple]:
        """Execute one statement; return its rows."""
        with psycopg.connect(self.address(database), autocommit=True) as db:
            found = db.execute(statement.encode())
            return found.fetchall() if found.description else []

    def configure(self, **settings: str) -> None:
        """Set settings that count from the next look of the server at its files."""
        for name, value in settings.items():
            self.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        self.execute("SELECT pg_reload_conf()")

    def start(self, *settings: str) -> None:
        """Start the server and wait until it answers."""
        options = [f"port={self.port}", "listen_addresses=127.0.0.1",
                   f"unix_socket_directories={self.folder}",
                   *SETTINGS, *settings]  # fmt: skip
        owner = user()
        who = [f"--reuid={owner}", f"--regid={owner}", "--init-groups"] if owner else []
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", *who, "--pdeathsig=QUIT", programs() / "postgres", "-D",
                 self.data, *(f"--{option}" for option in options)],
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        ready = ["-h", "127.0.0.1", "-p", str(self.port), "-t", "60"]
        while subprocess.run([programs() / "pg_isready", *ready], stdout=-3).returncode:
            assert self._process.poll() is None, (self.folder / "log").read_text()

    def stop(self, how: int = signal.SIGKILL) -> None:
        """End the server, by default as a power cut does."""
        if self._process:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait()

    def each_process(self, how: int) -> None:
        """Send a signal to the server and to all that work for it: SIGSTOP freezes."""
        assert self._process
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for pid in (self._process.pid, *map(int, children.read_text().split())):
            os.kill(pid, how)

    def promote(self) -> None:
        """Let a standby be the primary."""
        self._run("pg_ctl", "promote", "-D", str(self.data), "-w", "-t", "60")

    def remove(self) -> None:
        """End it and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [programs() / program, *arguments], user=user(), cwd=self.folder,
            check=True, capture_output=True,
        )  # fmt: skip


def in_step(primary: Server) -> None:
    """Wait until a standby follows, and commits wait for it."""
    found = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
    while not primary.execute(found):
        time.sleep(0.05)
