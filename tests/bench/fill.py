"""A database with many rows: some made by `forms-service demo`, then copied by SQL."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from forms_service.definition.folding import index_words
from forms_service.store import sealing, search
from forms_service.store.connection import Connection
from forms_service.store.sealing import LogKeys
from forms_service.store.sqlite import connect

DEMO = 1000
# A letter and a number: no reference of the service holds a U or a zero.
REFERENCE = "printf('U%07d', {number})"
RARE = "Zanzibar"
# Copies came one after the other in these seconds: after a day somebody would phone.
SPREAD = 20 * 3600.0


def forms_service(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a command of the service; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "forms_service.cli", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: {done.stderr.strip()[-500:]}")
    return done.stdout


def invent(environment: Mapping[str, str]) -> None:
    """Make a database of invented rows, one of which has a rare name."""
    forms_service(environment, "demo", str(DEMO))
    with closing(connect(database(environment))) as db:
        db.execute(
            "UPDATE submissions SET name = ?, search = search || ' ' || ? "
            "WHERE number = (SELECT max(number) / 2 FROM submissions)",
            [RARE, index_words([RARE], [])],
        )


def multiply(environment: Mapping[str, str], made: Path, rows: int) -> None:
    """Make a database with so many rows, which are copies of those of another."""
    file = database(environment)
    file.parent.mkdir()
    shutil.copy(made, file)
    with closing(connect(file)) as db:
        db.execute("PRAGMA synchronous = OFF")
        # Ids are random: each goes to another page of their index.
        db.execute("PRAGMA cache_size = -400000")
        db.create_function("backwards", 1, lambda text: text[::-1])
        first = int(db.execute("SELECT max(number) FROM submissions").fetchone()[0])
        db.execute("BEGIN IMMEDIATE")
        copy(db, first, rows)
        record(db, first, LogKeys([environment["FORMS_LOG_KEYS"]]))
        # The service would do it too, in the pauses that it leaves to others.
        while search.add_new(db):
            continue
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def database(environment: Mapping[str, str]) -> Path:
    """Return the file with the data of a service."""
    return Path(environment["FORMS_DATA_DIR"]) / "forms.sqlite"


def where(environment: Mapping[str, str]) -> Path | str:
    """Return the file or the address of the data of a service."""
    return environment["FORMS_DATABASE_URL"] or database(environment)


def copy(db: Connection, first: int, rows: int) -> None:
    """Copy the rows that hold no place until there are enough, each with its words."""
    named = [row[1] for row in db.execute("PRAGMA table_info(submissions)")]
    columns = [name for name in named if name != "number"]
    reference = REFERENCE.format(number="turn")
    # Else each would be told to staff as a possible duplicate of the others.
    digits = "printf('55%07d', turn)"
    changed = {
        "id": "lower(hex(randomblob(12)))",
        "form_key": "NULL",
        "reference": reference,
        "created_at": "strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at, "
        f"CAST((turn - {rows}) * {SPREAD} / {rows} AS int) || ' seconds')",
        "phone": f"iif(phone IS NULL, NULL, '+390' || {digits})",
        "phone_end": f"iif(phone IS NULL, NULL, backwards('39' || {digits}))",
        "email": "'copy' || turn || '@' || substr(email, instr(email, '@') + 1)",
        "search": f"replace(search, lower(reference), lower({reference}))",
    }
    values = ", ".join(changed.get(name, name) for name in columns)
    templates = (
        "SELECT number FROM submissions WHERE place = 'none' "
        f"AND coalesce(name, '') <> '{RARE}'"
    )
    db.execute(
        "CREATE TEMP TABLE template AS SELECT row_number() OVER () - 1 AS place_in, "
        f"number AS template FROM ({templates})"
    )
    count = db.execute("SELECT count(*) FROM template").fetchone()[0]
    db.execute(
        f"INSERT INTO submissions ({', '.join(columns)}) WITH RECURSIVE turns (turn) "
        "AS (SELECT ? UNION ALL SELECT turn + 1 FROM turns WHERE turn < ?) "
        f"SELECT {values} FROM turns JOIN template ON place_in = turn % {count} "
        "JOIN submissions ON number = template ORDER BY turn",
        [first + 1, rows],
    )


def record(db: Connection, first: int, keys: LogKeys) -> None:
    """Give each copy the entry of the log that tells of its arrival, sealed."""
    db.execute(
        "INSERT INTO events (at, actor, verb, submission, detail) "
        "SELECT at, actor, verb, submissions.id, detail FROM submissions CROSS JOIN "
        "(SELECT * FROM events WHERE verb = 'send' LIMIT 1) "
        "WHERE submissions.number > ?",
        [first],
    )
    while sealing.seal(db, keys, datetime.now(UTC)):
        continue
