"""Where a run lives: a folder of its own, and the programs that it starts there."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from forms_service.config import Config

from .people import People, open_form
from .processes import WITH_PARENT, Server, free_port

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "build" / "bench"
KEY = "a-key-for-the-benchmark-that-is-long-enough"
# Adds to each fsync what a slow disk takes.
SLOW_DISK = Path(__file__).with_name("slow_disk.c")


@dataclass(frozen=True)
class Place:
    """A run's folder, with a copy of the content that it may edit."""

    folder: Path
    servers: dict[str, str] = field(default_factory=dict)
    """The addresses of data that are not in a file."""

    @classmethod
    def make(cls) -> "Place":
        """Begin with an empty folder beside the project: /tmp may be memory."""
        shutil.rmtree(HERE, ignore_errors=True)
        shutil.copytree(ROOT / "content", HERE / "content")
        return cls(HERE)

    def settings(self, name: str, port: int = 0) -> dict[str, str]:
        """Return the settings of a service with data of its own."""
        return {
            "FORMS_DATA_DIR": str(self.folder / name),
            "FORMS_DATABASE_URL": self.servers.get(name, ""),
            "FORMS_CONTENT_DIR": str(self.folder / "content"),
            "FORMS_SITE_DIR": str(self.folder / "site" / "public"),
            "FORMS_LISTEN": f"127.0.0.1:{port}",
            "FORMS_BASE_URL": "http://localhost",
            "FORMS_SECRET_KEYS": KEY,
            "FORMS_LOG_KEYS": KEY[::-1],
            "FORMS_TRUSTED_PROXIES": "127.0.0.1/32",
            # A crowd of programs, which read at once.
            "FORMS_SUMMARY_SECONDS": "0",
            "FORMS_HOURLY_LIMIT": "1000000000",
            "FORMS_MAIL_FROM": "forms@example.org",
            # Nobody listens there: mails stay rows, and none leaves this machine.
            "FORMS_SMTP_URL": "smtp://127.0.0.1:1",
        }

    def service(self, name: str, slow_disk: bool = False, processes: int = 0) -> Server:
        """Start the service as it is run, on data of this name."""
        port = free_port()
        settings = self.settings(name, port) | {"FORMS_PROCESSES": f"{processes}"}
        if slow_disk:
            settings |= {"LD_PRELOAD": str(self.slow_disk())}
        command = [sys.executable, "-m", "forms_service.cli", "serve"]
        page = self.people().page
        return Server(command, settings, port, self.folder / "serve.log", page)

    def peer(self, name: str) -> Server:
        """Start what the service is measured beside."""
        port = free_port()
        command = [sys.executable, "-m", "bench.peers", name, str(port)]
        log = self.folder / f"{name}.log"
        settings = self.settings(name)
        return Server([*command, str(self.folder)], self._ours(settings), port, log)

    def commits(self, seconds: float, slow_disk: bool = False) -> float:
        """Return how many bare transactions of three rows a second commits."""
        settings = self._ours(self.settings("commits"))
        if slow_disk:
            settings["LD_PRELOAD"] = str(self.slow_disk())
        command = [sys.executable, "-m", "bench.peers", "commits", str(self.folder)]
        said = subprocess.run(
            [*WITH_PARENT, *command, str(seconds)],
            env={**os.environ, **settings},
            capture_output=True,
            check=True,
            timeout=seconds + 60,
        )
        done = json.loads(said.stdout)
        return float(done["count"] / done["seconds"])

    def people(self) -> People:
        """Return those who send a form of this project."""
        config = Config.from_environment(self.settings("people"))
        return People(config, open_form(config))

    def slow_disk(self) -> Path:
        """Compile the library that makes a disk slow; raise `FileNotFoundError`."""
        library = self.folder / "slow_disk.so"
        if not library.exists():
            command = ["gcc", "-shared", "-fPIC", "-O2", "-o", str(library)]
            subprocess.run([*command, str(SLOW_DISK), "-ldl"], check=True, timeout=60)
        return library

    def _ours(self, settings: dict[str, str]) -> dict[str, str]:
        return settings | {"PYTHONPATH": str(ROOT / "tests")}
