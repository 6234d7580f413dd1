"""Kill -9 at any moment: what was shown is stored, once, with its mail and event.

This proves order, not durability: the page cache survives a killed process. That
every commit reaches the disk is `synchronous = FULL` in test_store.py.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import ROOT
from forms_service.content import load_content
from forms_service.store.data_folder import DataFolder, HeadFile
from forms_service.store.database import Store
from forms_service.store.log_check import check
from forms_service.store.schema import migrate
from forms_service.store.sealing import LogKeys, seal
from forms_service.tokens import Tokens
from forms_service.workflow import publishing
from forms_service.workflow.context import WorkflowContext
from sample_content import copied

FILE = "forms/every-type.yml"
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
# Open whatever the year is, and no places to run out of.
ALWAYS = (
    (FILE, "opens: 2030-02-01", "opens: 2000-02-01"),
    (FILE, "closes: 2030-10-20", "closes: null"),
    (FILE, "limit: 10,", "limit: 10000000,"),
)


@pytest.fixture
def sender(tmp_path, blank):
    """A database, and a process whose children send into it."""
    content = copied(tmp_path, *ALWAYS)
    path = blank() or tmp_path / "forms.sqlite"
    migrate(path)
    store = Store(path)
    work = WorkflowContext(
        store, load_content(content), Tokens(["k" * 32]), lambda: LONG_AGO,
        DataFolder(tmp_path, ["k" * 32]),
    )  # fmt: skip
    publishing.start(work, publish=True)
    store.close()
    program = [sys.executable, str(ROOT / "tests" / "sender.py"), str(path)]
    with subprocess.Popen(
        [*program, str(content)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        yield path, process
        process.stdin.close()
        process.wait(10)


def kill_while_sending(process, dice):
    """Let a child send, kill it at a moment of chance, return what it had shown.

    Every other time the moment counts from the first reference, so that a slow
    machine is killed while sending too, and not only while opening the database.
    """
    process.stdin.write("go\n")
    process.stdin.flush()
    shown, pid, early = [], 0, dice.random() < 0.5
    for line in process.stdout:
        match line.split():
            case ["child", number]:
                pid = int(number)
            case ["dead"]:
                return shown
            case [reference]:
                shown.append(reference)
        if pid and (early or shown):
            time.sleep(dice.uniform(0.005, 0.1))
            os.kill(pid, signal.SIGKILL)
            pid = 0
    raise AssertionError("the sender ended by itself")


def faults(path, shown):
    """Return everything in the database that breaks the promise."""
    store = Store(path)
    keys = LogKeys(["k" * 32])
    while store.write(lambda db: seal(db, keys, LONG_AGO)):
        continue
    file = isinstance(path, Path) and HeadFile(path.with_name("log.head"))

    def look(db):
        stored = Counter(r[0] for r in db.execute("SELECT reference FROM submissions"))
        found = [
            f"{reference} is {stored[reference]} rows"
            for reference in shown
            if stored[reference] != 1
        ]
        found += [
            f"{item} was shown twice" for item, n in Counter(shown).items() if n > 1
        ]
        for table in ("outbox", "events"):
            found += [
                f"{row[0]} has {row[1]} rows in {table}"
                for row in db.execute(
                    "SELECT reference, n FROM (SELECT reference, (SELECT count(*) "
                    f"FROM {table} WHERE submission = submissions.id) AS n "
                    "FROM submissions) AS counted WHERE n <> 1"
                )
            ]
        if isinstance(path, Path):
            (whole,) = db.execute("PRAGMA integrity_check").fetchone()
            if whole != "ok" or db.execute("PRAGMA foreign_key_check").fetchone():
                found.append(whole)
        log = check(db, keys, file.read() if file else ())
        return [*found, *map(str, log.findings)]

    try:
        return store.read(look)
    finally:
        store.close()


def killed(sender, times):
    path, process = sender
    dice = secrets.SystemRandom()
    shown = [item for _ in range(times) for item in kill_while_sending(process, dice)]
    assert len(shown) > times // 4
    return path, shown


def test_thirty_kills_lose_and_double_nothing(sender):
    path, shown = killed(sender, 30)
    assert faults(path, shown) == []


WHAT = "a program that sends is killed a thousand times"


@pytest.mark.drill
@pytest.mark.promise("P1", WHAT)
def test_a_thousand_kills_lose_and_double_nothing(sender, figure):
    path, shown = killed(sender, 1000)
    assert faults(path, shown) == []
    engine = "SQLite" if isinstance(path, Path) else "PostgreSQL"
    figure(f"{engine}: {len(shown):,} shown, 0 lost, 0 doubled")


@pytest.mark.engine("sqlite")
@pytest.mark.promise("P1", WHAT, control=True)
def test_the_faults_would_be_found(sender, figure):
    path, shown = killed(sender, 20)
    assert faults(path, shown) == []
    store = Store(path)
    lost, unmailed, unlogged = shown[:3]
    of = "(SELECT id FROM submissions WHERE reference = ?)"

    def plant(db):
        db.execute(f"DELETE FROM outbox WHERE submission = {of}", [unmailed])
        db.execute("DROP TRIGGER events_last")
        db.execute(f"DELETE FROM events WHERE submission = {of}", [unlogged])
        db.execute("DELETE FROM submissions WHERE reference = ?", [lost])

    store.write(plant)
    store.close()
    found = faults(path, [*shown, shown[-1]])
    assert f"{lost} is 0 rows" in found
    assert f"{unmailed} has 0 rows in outbox" in found
    assert f"{unlogged} has 0 rows in events" in found
    assert f"{shown[-1]} was shown twice" in found
    assert any("missing" in finding for finding in found)
    figure(control="rows, mails, entries taken out afterwards: each named")
