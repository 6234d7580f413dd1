"""The power is cut at two hundred moments of a service at work: nothing is lost.

One run writes down all that reaches the disk. For each moment the files are made as a
power cut would leave them, with what was not synced missing, there or torn; then the
service's own start opens them.
"""

import secrets
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from at_work import Town, broken, in_town
from drill_table import twin
from forms_service.clock import system_clock
from forms_service.content import load_content
from forms_service.store.data_folder import DataFolder
from forms_service.store.database import Store
from forms_service.store.log_check import check
from forms_service.tokens import Tokens
from forms_service.workflow import erasing
from forms_service.workflow.context import WorkflowContext
from machine import Machine, PowerCuts
from sample_content import ROOT, SAMPLE
from service import LOG_KEYS

CUTS, SECONDS = 200, 12.0
WHAT = "the power is cut at any moment, blocks of 4 KiB missing or torn"
CONTENT = load_content(SAMPLE)
FULL, NORMAL = '"synchronous = FULL"', '"synchronous = NORMAL"'
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]


def traced(folder: Path, program: Path = ROOT) -> tuple[Town, Path, Machine]:
    """Let a town work for some seconds; return it, its files before, and the trace."""
    machine = Machine(folder, folder / "var")
    with in_town(folder, program, **machine.settings(traced=True)) as town:
        town.start()
        town.staff().close()
        town.wait_for(lambda: (town.data / "log.head").exists())
        town.stop()
        before = folder / "before"
        shutil.copytree(town.data, before)
        machine.trace.write_bytes(b"")
        town.now = lambda: machine.trace.stat().st_size
        town.start()
        with town.working(share=2, erase=2):
            time.sleep(SECONDS)
        town.stop()
    return town, before, machine


def after_cuts(
    town: Town, before: Path, machine: Machine, cuts: int
) -> tuple[int, list[str], int]:
    """Cut the power so often; return what was promised, what broke, what was torn."""
    dice = secrets.SystemRandom()
    disk = PowerCuts(before, town.data, machine.trace, dice)
    end = machine.trace.stat().st_size
    promised, found = 0, []
    for moment in sorted(dice.randrange(end) for _ in range(cuts)):
        disk.until(moment)
        left = town.folder / "left"
        shutil.rmtree(left, ignore_errors=True)
        disk.leave(left)
        promised += sum(at <= moment for at in town.told.received.values())
        found += opened(left, town, moment)
    return promised, found, disk.torn


def opened(left: Path, town: Town, moment: int) -> list[str]:
    """Open what a cut has left, as a start does; return what is not as it was told."""
    folder = DataFolder(left, LOG_KEYS)
    try:
        store = Store(left / "forms.sqlite")
    except sqlite3.DatabaseError as error:
        return [f"not opened: {error}"]
    with closing(store):
        erasing.erase_again(
            WorkflowContext(store, CONTENT, Tokens(LOG_KEYS), system_clock, folder)
        )
        heads = folder.head.read()
        log = store.read(lambda db: check(db, folder.log_keys, heads))
    found = [str(item) for item in log.findings]
    return (
        broken(left / "forms.sqlite", town.told, moment)
        + found
        + ([] if heads else ["the head of the log is lost"])
    )


def test_twenty_power_cuts_lose_nothing(tmp_path):
    promised, found, _ = after_cuts(*traced(tmp_path), CUTS // 10)
    assert found == []
    assert promised > CUTS // 10


@pytest.mark.drill
@pytest.mark.promise("P2", WHAT)
def test_two_hundred_power_cuts_lose_nothing(tmp_path, figure):
    promised, found, torn = after_cuts(*traced(tmp_path), CUTS)
    assert found == []
    assert promised > CUTS
    figure(
        f"{CUTS} cuts, {torn:,} blocks torn: 0 lost in {promised:,} looks, "
        "all files whole"
    )


@pytest.mark.promise("P2", WHAT, control=True)
def test_a_commit_that_does_not_wait_for_the_disk_loses(tmp_path, figure):
    program = twin(tmp_path, ("store/sqlite.py", FULL, NORMAL))
    promised, found, _ = after_cuts(*traced(tmp_path, program), CUTS // 10)
    lost = sum("lost" in item for item in found)
    assert lost
    figure(control=f"synchronous=NORMAL: {lost:,} lost in {promised:,} looks")
