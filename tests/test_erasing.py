"""Erased stays erased: whatever copy is put in the place of the database."""

import json
import re
import shutil
import sqlite3
from dataclasses import replace

import pytest

from forms_service.store import alarms, sealing
from forms_service.store.alarms import AlarmKind
from forms_service.store.backup import backup, restore
from forms_service.store.connection import StorageUnavailable
from forms_service.store.data_folder import DataFolder
from forms_service.store.database import Store
from forms_service.store.schema import migrate
from forms_service.store.sealing import Head
from forms_service.workers import each_hour, each_minute
from forms_service.workflow import (
    deciding,
    erasing,
    maintenance,
    purging,
    verification,
)
from forms_service.workflow.alarm_watch import AlarmWatch
from service import LOG_KEYS

pytest_plugins = ["life"]

STAFF = "staff:1"
BACKUPS_DAYS = 30


def erased(world, submission):
    deciding.erase(world.context, submission.id, STAFF)
    return submission


def lines(world):
    """Return the ids of the ledger as it lies on disk, by day."""
    files = world.context.folder.ledger.path.iterdir()
    return {
        file.name: re.findall(r"^(?:\d+ )?(\S+)$", file.read_text("ascii"), re.M)
        for file in files
    }


def put_in_place(world, copy):
    """Put a file in the place of the database, as a hand does, and start on it."""
    world.store.close()
    for file in world.folder.glob("forms.sqlite*"):
        file.unlink()
    shutil.copyfile(copy, world.path)
    migrate(world.path)
    world.store = Store(world.path)
    world.start(world.context.content)


def copied(world, tmp_path):
    copy = tmp_path / "copy.sqlite"
    backup(world.path, copy)
    return copy


def there(world):
    return {row[0] for row in world.sql("SELECT email FROM submissions")}


def test_an_erasure_is_in_the_ledger_by_its_random_id_alone(world):
    gone, purged = world.proven("one@example.org"), world.proven("two@example.org")
    erased(world, gone)
    world.clock.advance(days=400)
    assert purging.purge(world.context) != []
    assert lines(world) == {"2030-03-01": [gone.id], "2031-04-05": [purged.id]}
    assert set(world.context.folder.ledger.ids()) == {gone.id, purged.id}


@pytest.mark.engine("sqlite")
def test_a_copy_put_in_place_brings_nobody_back(world, tmp_path):
    gone = world.proven("gone@example.org", nome="Xylofonia")
    world.proven("stays@example.org")
    copy = copied(world, tmp_path)
    erased(world, gone)
    put_in_place(world, copy)
    # The control: before the service looks, they are back.
    assert there(world) == {"gone@example.org", "stays@example.org"}
    assert erasing.erase_again(world.context) == 1
    assert there(world) == {"stays@example.org"}
    assert world.events(gone)[-1].detail == {"again": True}
    assert erasing.erase_again(world.context) == 0
    for file in world.folder.glob("**/*"):
        assert file.is_dir() or b"ylofonia" not in file.read_bytes().lower()


@pytest.mark.engine("sqlite")
def test_many_are_erased_again_in_steps(world, tmp_path, monkeypatch):
    monkeypatch.setattr("forms_service.store.erasures._ROWS", 2)
    several = [world.proven(f"p{n}@example.org") for n in range(5)]
    copy = copied(world, tmp_path)
    for submission in several:
        erased(world, submission)
    put_in_place(world, copy)
    assert erasing.erase_again(world.context) == 5
    assert there(world) == set()


def test_each_process_learns_what_the_others_erase(world, tmp_path):
    """Of each copy of the ledger, any one is enough."""
    other = replace(world.context, folder=DataFolder(tmp_path / "other", LOG_KEYS))
    (tmp_path / "other").mkdir()
    gone = erased(world, world.proven())
    each_minute(other)
    assert other.folder.ledger.ids() == {}, "it is not sealed yet"
    world.seal()
    each_minute(other)
    each_minute(other)
    (day,) = other.folder.ledger.path.iterdir()
    assert (day.name, day.read_text("ascii").split()) == ("2030-03-01", [gone.id])
    # Of what a process has erased itself it learns once that it is done.
    assert world.context.folder.ledger.ids() != {gone.id: None}
    for _ in range(2):
        world.context.folder.ledger.seen = Head()
        each_minute(world.context)
        assert lines(world) == {"2030-03-01": [gone.id, gone.id]}
    assert world.context.folder.ledger.ids() == {gone.id: None}


def refuse_commit(action, word, *_):
    refused = (action, word) == (sqlite3.SQLITE_TRANSACTION, "COMMIT")
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


@pytest.mark.engine("sqlite")
def test_whoever_goes_on_with_what_was_not_committed_keeps_it(world):
    confirmed, left = world.sent("one@example.org"), world.sent("two@example.org")
    writing = []
    world.store.write(writing.append)
    writing[0].set_authorizer(refuse_commit)
    for submission in (confirmed, left):
        with pytest.raises(StorageUnavailable):
            erased(world, submission)
    writing[0].set_authorizer(None)
    verification.confirm_link(world.context, world.link(confirmed))
    assert erasing.erase_again(world.context) == 1
    assert there(world) == {"one@example.org"}
    # Once it is done, it is so whatever a copy tells.
    erased(world, confirmed)
    world.seal()
    erasing.learn(world.context)
    assert world.context.folder.ledger.ids() == {confirmed.id: None, left.id: None}


@pytest.mark.engine("sqlite")
def test_what_the_log_has_told_is_erased_whatever_is_done_with_a_copy(world, tmp_path):
    gone = world.sent("gone@example.org")
    copy = copied(world, tmp_path)
    erased(world, gone)
    world.seal()
    erasing.learn(world.context)
    put_in_place(world, copy)
    verification.confirm_link(world.context, world.link(gone))
    assert erasing.erase_again(world.context) == 1
    assert there(world) == set()


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("since", [0, 5], ids=["shorter", "longer"])
def test_a_server_that_lacks_what_came_last_is_noticed_while_it_is_served(
    world, tmp_path, since
):
    gone = world.proven("gone@example.org")
    world.seal()
    copy = copied(world, tmp_path)
    erased(world, gone)
    world.seal()
    ledger = world.context.folder.ledger
    each_minute(world.context)
    put_in_place(world, copy)
    world.context = replace(world.context, folder=DataFolder(world.folder, LOG_KEYS))
    world.context.folder.ledger.seen = ledger.seen
    new = {world.sent(f"p{n}@example.org").email for n in range(since)}
    world.seal()
    assert (ledger.seen.number <= world.store.read(sealing.head).number) is bool(since)
    each_minute(world.context)
    assert there(world) == new
    assert world.context.folder.ledger.seen == world.store.read(sealing.head)


def test_a_line_that_a_power_cut_left_unfinished_spoils_no_other(world):
    first, second = world.proven("one@example.org"), world.proven("two@example.org")
    erased(world, first)
    (file,) = world.context.folder.ledger.path.iterdir()
    file.write_text(file.read_text("ascii") + second.id[:9], "ascii")
    erased(world, second)
    assert {first.id, second.id} <= set(world.context.folder.ledger.ids())


def test_the_ledger_forgets_what_no_copy_can_bring_back(world):
    erased(world, world.proven())
    world.clock.advance(days=BACKUPS_DAYS)
    each_hour(world.context, world.folder)
    assert len(lines(world)) == 1
    world.clock.advance(days=2)
    each_hour(world.context, world.folder)
    assert lines(world) == {}
    # Nor is it learnt again from the log.
    world.seal()
    each_minute(world.context)
    assert lines(world) == {}


@pytest.mark.engine("sqlite")
def test_a_restore_erases_again_before_the_copy_is_in_place(world, tmp_path):
    gone = world.proven("gone@example.org", nome="Xylofonia")
    maintenance.update_search(world.context)
    copy = copied(world, tmp_path)
    erased(world, gone)
    world.store.close()
    kept = restore(copy, world.path, world.clock(), world.context.folder)
    # The control: the copy holds what was erased after it was made.
    assert b"Xylofonia" in copy.read_bytes()
    kept.unlink()
    for file in world.folder.glob("**/*"):
        assert file.is_dir() or b"ylofonia" not in file.read_bytes().lower()
    world.store = Store(world.path)
    assert there(world) == set()
    (row,) = world.sql("SELECT detail FROM events WHERE verb = 'restore'")
    assert json.loads(row["detail"])["erased"] == 1


def test_a_move_takes_ledger_and_head_along(world, tmp_path):
    gone = erased(world, world.proven())
    there = DataFolder(tmp_path / "there", LOG_KEYS)
    there.path.mkdir()
    there.take_over(world.context.folder)
    assert there.ledger.ids() == world.context.folder.ledger.ids()
    assert set(there.ledger.ids()) == {gone.id}
    assert there.head.read() == []
    world.seal()
    there.take_over(world.context.folder)
    assert there.head.read() == world.context.folder.head.read() != []


def test_what_cannot_be_kept_is_not_erased(world):
    submission = world.proven()
    ledger = world.context.folder.ledger
    assert ledger.unusable() == ""
    ledger.path.write_text("a file in the place of the folder", "ascii")
    assert ledger.unusable() == f"{ledger.path} cannot be written (Not a directory)"
    with pytest.raises(StorageUnavailable, match="erased"):
        deciding.erase(world.context, submission.id, STAFF)
    with pytest.raises(StorageUnavailable, match="erased"):
        ledger.ids()
    assert world.row(submission).proven
    AlarmWatch(world.context, world.folder).look()
    (raised,) = world.store.read(alarms.raised)
    assert raised.kind is AlarmKind.LEDGER
    ledger.path.unlink()
    erased(world, submission)
    assert lines(world) == {"2030-03-01": [submission.id]}
