"""The log of a service that was at work, tampered with: each way is named."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from at_work import in_town

WHAT = "the log is changed, thinned out, cut, emptied, exchanged"
END = "(SELECT max(number) FROM events)"
TAMPERED = {
    "changed": ("UPDATE events SET actor = 'staff:9' WHERE number = 3", "was changed"),
    "thinned out": ("DELETE FROM events WHERE number = 4", "are missing"),
    "cut": (f"DELETE FROM events WHERE number > {END} - 5", "were cut off"),
    "emptied": ("DELETE FROM events", "all "),
}
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]


@pytest.fixture
def town(tmp_path):
    """A town that has worked for a while; its service is stopped, its log sealed."""
    with in_town(tmp_path) as made:
        made.start()
        with made.working():
            made.wait_for(lambda: len(made.told.decided) > 2)
            made.done("backup", str(tmp_path / "older.sqlite"))
            seen = len(made.told.decided)
            made.wait_for(lambda: len(made.told.decided) > seen)
        made.wait_for(lambda: not made.sql("SELECT 1 FROM events WHERE seal IS NULL"))
        made.stop()
        assert "Traceback" not in made.done("audit", "verify")
        yield made


def verified(town, statement="SELECT 1", without_head=False, older=None):
    """Change a copy of the data; return how `audit verify` ends, and what it says."""
    copy = town.folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(town.data, copy)
    if without_head:
        (copy / "log.head").unlink()
    if older:
        for file in copy.glob("forms.sqlite*"):
            file.unlink()
        shutil.copyfile(older, copy / "forms.sqlite")
    with closing(sqlite3.connect(copy / "forms.sqlite")) as db:
        db.execute("DROP TRIGGER events_stay")
        db.execute("DROP TRIGGER events_last")
        db.execute(statement)
        db.commit()
    command = town.command("audit", "verify", FORMS_DATA_DIR=str(copy))
    return command.ended(120), command.said


@pytest.mark.promise("P26", WHAT)
def test_each_way_to_tamper_with_the_log_is_named(town, tmp_path, figure):
    for how, (statement, said) in TAMPERED.items():
        code, told = verified(town, statement)
        assert (code, said in told) == (1, True), (how, told)
    code, told = verified(town, older=tmp_path / "older.sqlite")
    assert (code, "an old copy of the database" in told) == (1, True), told
    entries = town.sql("SELECT count(*) FROM events")[0][0]
    (other := tmp_path / "other").mkdir()
    with in_town(other) as elsewhere:
        elsewhere.start()
        with elsewhere.working():
            sealed = "SELECT coalesce(max(number), 0) FROM events"
            elsewhere.wait_for(lambda: elsewhere.sql(sealed)[0][0] > entries)
        elsewhere.stop()
        shutil.copyfile(town.data / "log.head", elsewhere.data / "log.head")
        assert "is not the one that the head" in elsewhere.done(
            "audit", "verify", code=1
        )
    figure(
        f"{len(TAMPERED) + 2} ways in a log of {entries} entries, each named; whole "
        "before"
    )


@pytest.mark.promise("P26", WHAT, control=True)
def test_without_its_head_a_log_that_was_cut_looks_whole(town, figure):
    code, told = verified(town, TAMPERED["cut"][0], without_head=True)
    assert code == 0, told
    figure(control="cut, and the head taken away with it: not seen")
