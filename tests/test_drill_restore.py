"""The disk with the data dies while everybody is at work, after people were erased.

What Litestream has copied meanwhile, set up as in deploy/, is put back, and then a copy
from before the erasures. The ledger of erasures and the head of the log lie beside the
copies, as deploy/backup lays them.
"""

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from at_work import broken, in_town
from conftest import ROOT

WHAT = "the disk dies, a copy is put back, after people were erased"
RPO, RTO = 5.0, 60.0
LITESTREAM = Path(sys.executable).with_name("litestream")
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]


def streaming(town):
    """Start Litestream with the settings of deploy/; return it and its settings."""
    text = (ROOT / "deploy" / "litestream.yml").read_text(encoding="utf-8")
    settings = yaml.safe_load(text)
    settings["dbs"][0]["path"] = str(town.database)
    settings["dbs"][0]["replica"]["path"] = str(town.folder / "stream")
    file = town.folder / "litestream.yml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    command = [LITESTREAM, "replicate", "-config", file]
    log = (town.folder / "litestream.log").open("wb")
    with log:
        return subprocess.Popen(command, stdout=log, stderr=log), file


def died(town):
    """Let the disk die under work; return the settings of Litestream, what is kept."""
    older, kept = town.folder / "older.sqlite", town.folder / "kept"
    stream, settings = streaming(town)
    try:
        # In the older copy is everybody of so many that some are sure to erase.
        with town.working(staff=False, share=0, patient=True):
            town.wait_for(lambda: len(town.told.received) > 60)
            town.done("backup", str(older))
        copied = emails(older)
        with town.working(share=2, erase=2, patient=True):
            town.wait_for(lambda: len(copied & {*town.told.erased}) > 2)
            time.sleep(2)
            stream.kill()
            town.die()
            moment = town.now()
            told = dict(town.told.received), dict(town.told.erased)
    finally:
        stream.kill()
        stream.wait()
    kept.mkdir()
    for name in ("erased", "log.head"):
        shutil.move(town.data / name, kept / name)
    shutil.rmtree(town.data)
    town.data.mkdir(mode=0o700)
    return settings, older, kept, moment, *told


def emails(database):
    with closing(sqlite3.connect(database)) as db:
        return {email for (email,) in db.execute("SELECT email FROM submissions")}


def died_and_restored(folder):
    """Let the disk die; return the town, seconds lost, seconds without, what broke."""
    with in_town(folder) as town:
        town.start()
        settings, older, kept, moment, received, erased = died(town)
        began = town.now()
        copy = folder / "copy.sqlite"
        subprocess.run(
            [LITESTREAM, "restore", "-config", settings, "-o", copy, town.database],
            check=True,
            capture_output=True,
        )
        for item in kept.iterdir():
            shutil.move(item, town.data / item.name)
        town.done("restore", str(copy), "--yes")
        taken = len(town.post.ids)
        town.start()
        without = town.now() - began
        stored = emails(town.database)
        gone = stored | town.told.erasing
        lost = {e: at for e, at in received.items() if e not in gone}
        seconds = moment - min(lost.values(), default=moment)
        town.told.received = {e: at for e, at in received.items() if e not in lost}
        held = town.done("mail", "status")
        assert "held" in held
        assert len(town.post.ids) == taken, "a mail left before anybody released it"
        town.stop()
        whole = broken(town.database, town.told)
        assert [item for item in whole if "rows" in item] == []
        back = stored & {*erased}
        town.done("restore", str(older), "--yes")
        back |= emails(town.database) & {*erased}
        return town, seconds, without, back, len(lost)


@pytest.fixture(autouse=True)
def _litestream():
    if not LITESTREAM.exists():
        pytest.skip("no litestream, which the lock of the tests installs")


@pytest.mark.promise("P12", WHAT)
def test_seconds_are_lost_and_nobody_comes_back(tmp_path, figure):
    town, seconds, without, back, lost = died_and_restored(tmp_path)
    assert back == set()
    assert (seconds <= RPO, without <= RTO) == (True, True), (seconds, without)
    figure(
        f"{len(town.told.received)} kept, the last {seconds:.1f} s lost ({lost}); "
        f"served again after {without:.1f} s; 0 of {len(town.told.erased)} erased came "
        "back, nor with an older copy; no mail left by itself"
    )


@pytest.mark.promise("P12", WHAT, control=True)
def test_without_the_ledger_people_come_back(tmp_path, figure):
    with in_town(tmp_path) as town:
        town.start()
        _, older, *_, erased = died(town)
        town.done("restore", str(older), "--yes")
        back = emails(town.database) & {*erased}
    assert back
    figure(control=f"without the ledger {len(back)} erased people came back")
