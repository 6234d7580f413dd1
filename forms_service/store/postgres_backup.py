"""Copies of a PostgreSQL, made and put back by its own tools as child processes.

A copy is pg_dump's custom format. What a tool says is told on by its first line of an
error alone: the lines after it may hold what somebody has sent.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from . import erasures
from .connection import UNDER_WAY, BackupDamaged, Connection, UnfitDatabase
from .postgres import (
    DEFAULTS,
    MIGRATED,
    connect,
    environment,
    passing_faults,
    refuse_unfit,
)
from .schema import TABLES

DEBIAN = "/usr/lib/postgresql"
# All that is ours; what an extension has made stays.
_EMPTY = """SET client_min_messages = warning; DO $$ DECLARE made text; BEGIN
FOR made IN SELECT format('TABLE %s', oid::regclass) FROM pg_class WHERE relkind = 'r'
AND relnamespace = current_schema()::regnamespace
UNION ALL SELECT format('FUNCTION %s', oid::regprocedure) FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND NOT EXISTS
(SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
LOOP EXECUTE 'DROP ' || made || ' CASCADE'; END LOOP; END $$"""
_ROWS = re.compile(rb"COPY \S+\.submissions \(")

# How often, and in which pause, it is asked whether who serves has gone.
LEAVING_TRIES = 20
LEAVING_SECONDS = 0.1


def dump(url: str, part: Path, progress: Callable[[int, int], None]) -> None:
    """Copy the database as it is at one moment into a file; raise `UnfitDatabase`."""
    with closing(connect(url)) as db:
        program = _tool("pg_dump", db.info.server_version)
    arguments = ["--format=custom", "--no-owner", "--no-privileges", "--no-comments"]
    arguments += [f"--exclude-table={UNDER_WAY}", "--verbose", f"--file={part}"]
    done, said = 0, b""
    with subprocess.Popen(
        [program, *arguments],
        env={**os.environ, **environment(url), "LC_ALL": "C"},
        stderr=subprocess.PIPE,
    ) as child:
        for line in child.stderr or ():
            said += line
            if b"dumping contents of table" in line:
                done += 1
                progress(done, max(done, len(TABLES) + 1))
    if child.returncode:
        raise UnfitDatabase(_first(said, "pg_dump"))


def check(file: Path) -> int:
    """Read a whole copy; return its submissions; raise `BackupDamaged`."""
    number, inside, ours = 0, False, False
    with subprocess.Popen(
        [_tool("pg_restore"), "--file=-", str(file)],
        env={**os.environ, "LC_ALL": "C"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as child:  # fmt: skip
        for line in child.stdout or ():
            if inside:
                inside = line != b"\\.\n"
                number += inside
            elif _ROWS.match(line):
                inside = ours = True
        _, said = child.communicate()
    if child.returncode:
        raise BackupDamaged(_first(said, "pg_restore"))
    if not ours:
        raise BackupDamaged("it holds tables of something else")
    return number


def put_back(copy: Path, url: str) -> None:
    """Replace all tables by those of a copy, in one transaction; raise `UnfitDatabase`.

    The database is marked as one on which somebody still works.
    """
    with closing(connect(url)) as db:
        refuse_unfit(db)
        tools = [_tool(name, db.info.server_version) for name in ("psql", "pg_restore")]
    first = f"{_EMPTY}; CREATE TABLE {UNDER_WAY} (n bigint)"
    arguments = ["--no-psqlrc", "--quiet", "--single-transaction", "--output=/dev/null"]
    arguments += ["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse"]
    with subprocess.Popen(
        [tools[0], *arguments, f"--command={first}", "--file=-"],
        env={**os.environ, **environment(url), "LC_ALL": "C"},
        stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as child:  # fmt: skip
        reading = [tools[1], "--no-owner", "--no-privileges", "--file=-", str(copy)]
        with subprocess.Popen(
            reading, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as script:
            _hand_on(script.stdout, child.stdin)
        if script.returncode:
            # It would commit what has come so far.
            child.kill()
        _, said = child.communicate()
    if child.returncode:
        raise UnfitDatabase(_first(said, "psql"))


def _hand_on(source: Any, target: Any) -> None:
    try:
        shutil.copyfileobj(source, target)
        target.flush()
    except BrokenPipeError:
        # It has refused something, and says what.
        source.close()


def in_use(url: str) -> bool:
    """Say whether our tables are there; raise `UnfitDatabase` while it is served."""
    query = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = ? AND pid <> pg_backend_pid()"
    )
    with passing_faults(), closing(connect(url)) as db:
        # The server sees a little later that who has just ended is gone.
        for _ in range(LEAVING_TRIES):
            if not db.execute(query, [DEFAULTS["application_name"]]).fetchone():
                break
            time.sleep(LEAVING_SECONDS)
        else:
            raise UnfitDatabase("a service is connected to it: stop all of them first")
        return db.dialect.has_table(db, MIGRATED)


def erased(url: str) -> list[tuple[str, str]]:
    """Return day and id of all that was erased, as the log says."""
    with passing_faults(), closing(connect(url)) as db:
        return erasures.logged(db)


@contextmanager
def last_steps(url: str) -> Iterator[Connection]:
    """Lend a transaction at whose end the database may be served again."""
    with passing_faults(), closing(connect(url)) as db:
        db.at_once("BEGIN")
        yield db
        db.execute(f"DROP TABLE {UNDER_WAY}")
        db.commit()


def _tool(name: str, server: int = 0) -> str:
    """Return a tool, the newest; raise `UnfitDatabase` if the server is newer."""
    found = max(Path(DEBIAN).glob(f"*/bin/{name}"), key=_major, default=None)
    path = str(found) if found else shutil.which(name)
    if path is None:
        raise UnfitDatabase(f"{name} is missing: install Debian's postgresql-client")
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    version = int((re.findall(r"\d+", said) or ["0"])[0])
    if version < (wanted := server // 10000):
        raise UnfitDatabase(
            f"{name} is of version {version} and the server of {wanted}: install "
            f"postgresql-client-{wanted}"
        )
    return path


def _major(path: Path) -> int:
    """Return the version in the name of Debian's folder."""
    name = path.parent.parent.name
    return int(name) if name.isdigit() else 0


def _first(said: bytes, name: str) -> str:
    """Return the first line about an error: those after it may quote a row."""
    found = re.search(r"^.*\b(?:error|ERROR|FATAL):.*$", said.decode(), re.M)
    return found[0] if found else f"{name} was ended"
