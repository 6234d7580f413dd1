"""A PostgreSQL of the tests' own: one server a run, in a folder that goes with it.

`python tests/cluster.py FOLDER PID` runs it for as long as the process PID lives, so
that nothing is left behind however that ends. Where root runs the tests, the server
runs as another user: it refuses to be root's.
"""

import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

import psycopg

# Quick because it keeps nothing: only a test of durability has a server that syncs.
QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "jit=off")
# What either database raises; the messages say the same in other capitals.
BROKEN_RULE = (sqlite3.IntegrityError, psycopg.IntegrityError)
BROKEN_STATEMENT = (sqlite3.OperationalError, psycopg.ProgrammingError)
# How long a store on it waits for its turn, on however slow a machine.
PATIENCE = 60.0
OTHERS = ("postgres", "nobody")
SECONDS = 60
# Each finds the statements that do it. Nobody is asked before rows that stay are gone.
CLEANING = (
    "SELECT 'SELECT pg_terminate_backend(' || pid || ')' FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "SELECT 'DROP VIEW ' || quote_ident(viewname) FROM pg_views "
    "WHERE schemaname = 'public'",
    "SELECT 'DROP INDEX ' || quote_ident(indexname) FROM pg_indexes "
    "WHERE indexname LIKE 'answer%'",
    "SELECT 'DROP TABLE ' || quote_ident(tablename) FROM pg_tables "
    "WHERE schemaname = 'public' "
    "AND tablename IN ('tally', 'planted', 'move_under_way')",
    "SELECT 'ALTER TABLE away RENAME TO events' FROM pg_tables "
    "WHERE tablename = 'away'",
    "SELECT 'DROP FUNCTION planted CASCADE' FROM pg_proc WHERE proname = 'planted'",
    # It says when the index of words was made anew.
    "SELECT 'COMMENT ON INDEX submissions_words IS NULL'",
    "SELECT 'SET session_replication_role = replica'",
    "SELECT 'DELETE FROM ' || quote_ident(tablename) FROM pg_tables "
    "WHERE schemaname = 'public' "
    "AND tablename NOT IN ('migrations', 'search_progress', 'oldest_program')",
    "SELECT 'UPDATE oldest_program SET number = 0'",
    "SELECT 'ALTER SEQUENCE ' || quote_ident(sequencename) || ' RESTART' "
    "FROM pg_sequences WHERE last_value IS NOT NULL",
)


def programs() -> Path:
    """Return the folder of the newest server installed here."""
    beside_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not (debian or beside_path):
        raise FileNotFoundError(
            "No PostgreSQL: sh requirements/system.sh test installs it."
        )
    return (debian[-1] if debian else Path(str(beside_path)).resolve()).parent


def user() -> str | None:
    """Return who the server runs as; None for whoever runs the tests."""
    if os.geteuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in OTHERS if name in known)


def run_server(folder: Path, alive: int, settings: tuple[str, ...]) -> None:
    """Run a server until a process has ended, then remove the folder."""
    owner, data = user(), folder / "data"
    if owner:
        shutil.chown(folder, owner)
    log = (folder / "log").open("wb")
    subprocess.run(
        [programs() / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8",
         "--locale=C", "--no-sync", "--no-instructions"],
        user=owner, cwd=folder, stdout=log, stderr=log, check=True,
    )  # fmt: skip
    options = ["listen_addresses=", f"unix_socket_directories={folder}", *settings]
    server = subprocess.Popen(
        [programs() / "postgres", "-D", data, *(f"--{option}" for option in options)],
        user=owner, cwd=folder, stdout=log, stderr=log,
    )  # fmt: skip
    while server.poll() is None and Path(f"/proc/{alive}").exists():
        time.sleep(0.2)
    # SIGQUIT: at once, there is nothing to keep.
    server.send_signal(3)
    server.wait()
    shutil.rmtree(folder)


# Kept, so that nobody complains of a child that is left running.
_running: list[subprocess.Popen[bytes]] = []


class Cluster:
    """A running server; its databases are copies of one that is migrated."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://tests@/{database}?host={self.folder}&connect_timeout=60"

    def execute(self, statement: str) -> None:
        """Execute a statement that belongs to no database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as db:
            db.execute(statement.encode())

    def copy(self, template: str, name: str) -> str:
        """Make a database as another is; return its address."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def clean(self, name: str) -> None:
        """Leave a database as it was made: quicker than to make another."""
        with psycopg.connect(self.url(name), autocommit=True) as db:
            for statement in CLEANING:
                for (made,) in db.execute(statement).fetchall():
                    db.execute(made)


def start(alive: int, settings: tuple[str, ...] = QUICK) -> Cluster:
    """Start a server that lives as long as a process; wait until it answers."""
    programs()
    # A socket's name is short, and another user reaches no folder of pytest's.
    folder = Path(mkdtemp(prefix="forms-pg-"))
    server = subprocess.Popen(
        [sys.executable, __file__, folder, str(alive), *settings],
        start_new_session=True,
    )
    _running.append(server)
    cluster, until = Cluster(folder), time.monotonic() + SECONDS
    while True:
        try:
            cluster.execute("SELECT 1")
        except psycopg.OperationalError as error:
            if server.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
                continue
            told = (folder / "log").read_text("utf-8", "replace")
            raise AssertionError(f"PostgreSQL does not start: {told}") from error
        return cluster


if __name__ == "__main__":
    run_server(Path(sys.argv[1]), int(sys.argv[2]), tuple(sys.argv[3:]))
