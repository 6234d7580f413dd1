"""Copies of a PostgreSQL: made while it is served, put back whole or not at all."""

import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cluster import PATIENCE
from forms_service.store import counts, outbox, postgres_backup
from forms_service.store.backup import backup, check, restore
from forms_service.store.connection import (
    UNDER_WAY,
    BackupDamaged,
    StorageUnavailable,
    UnfitDatabase,
)
from forms_service.store.data_folder import DataFolder
from forms_service.store.database import Store, exists
from forms_service.store.postgres import connect
from forms_service.workflow import deciding
from service import LOG_KEYS, empty_database
from stored import rows_of

pytest_plugins = ["life"]
pytestmark = pytest.mark.engine("postgresql")

NOW = datetime(2030, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def url(world):
    return world.store.where


def people(url):
    """Return who is there, and how many mails are held."""
    with closing(Store(url, PATIENCE)) as store:
        assert store.read(counts.miscounted) == []
        rows = store.read(lambda db: rows_of(db, "every-type"))
        return [row.email for row in rows], store.read(outbox.totals)["held"]


def test_a_copy_is_put_back_with_its_mails_held_and_what_it_replaces_kept(
    world, url, tmp_path
):
    world.proven("anh@example.org", note="Caffè\n\\.\n=1+1")
    gone = world.proven("gone@example.org")
    copy, said = tmp_path / "copy.dump", []
    assert backup(url, copy, lambda *told: said.append(told)) == 2
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert said == sorted(said)
    assert said[-1][0] <= said[-1][1]
    world.proven("bruno@example.org")
    deciding.erase(world.context, gone.id, "staff:1")
    folder = world.context.folder

    with pytest.raises(UnfitDatabase, match="stop all of them first"):
        restore(copy, url, NOW, folder)
    world.store.close()
    kept = restore(copy, url, NOW, folder)

    # Who was erased since the copy was made is not there again.
    assert people(url) == (["anh@example.org"], 2)
    assert kept.name == "forms.replaced-20300301T090000.dump"
    assert check(kept) == 2
    with closing(Store(url, PATIENCE)) as store:
        last = "SELECT verb FROM events ORDER BY id DESC LIMIT 1"
        assert store.read(lambda db: db.execute(last).fetchone()[0]) == "restore"
        # Numbers go on after those of the copy, and triggers count.
        store.write(lambda db: db.execute("DELETE FROM submissions"))
        assert store.read(counts.miscounted) == []
    # Now another one lives there, with a table of a later version of ours.
    with closing(connect(url)) as db:
        db.at_once("CREATE TABLE planted (id text REFERENCES submissions (id))")
    restore(kept, url, NOW + timedelta(seconds=1), folder)
    assert people(url)[0] == ["anh@example.org", "bruno@example.org"]


def test_what_another_service_erased_last_does_not_come_back(world, url, tmp_path):
    gone, copy = world.proven("gone@example.org"), tmp_path / "copy.dump"
    backup(url, copy)
    other = DataFolder(tmp_path / "other", LOG_KEYS)
    deciding.erase(replace(world.context, folder=other), gone.id, "staff:1")
    world.store.close()
    restore(copy, url, NOW, world.context.folder)
    assert people(url)[0] == []


def test_a_copy_that_cannot_be_put_back_leaves_everything_as_it_was(
    world, url, tmp_path
):
    world.proven("anh@example.org")
    # More than a pipe holds.
    world.force("UPDATE submissions SET search = ?", "x " * 2**19)
    copy = tmp_path / "copy.dump"
    backup(url, copy)
    world.proven("bruno@example.org")
    world.store.close()
    with closing(connect(url)) as db:
        db.at_once(
            "CREATE SCHEMA planted; CREATE FUNCTION planted.refuse() "
            "RETURNS event_trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'planted'; END $$; CREATE EVENT TRIGGER refuse "
            "ON ddl_command_end WHEN TAG IN ('CREATE FUNCTION') "
            "EXECUTE FUNCTION planted.refuse()"
        )
    try:
        with pytest.raises(UnfitDatabase, match="ERROR:  planted$"):
            restore(copy, url, NOW, DataFolder(tmp_path, ()))
    finally:
        with closing(connect(url)) as db:
            db.at_once("DROP EVENT TRIGGER refuse; DROP SCHEMA planted CASCADE")
    assert people(url)[0] == ["anh@example.org", "bruno@example.org"]
    # The script of a copy that ends early would be committed as far as it goes.
    copy.write_bytes(copy.read_bytes()[:-2000])
    with pytest.raises(UnfitDatabase, match="psql was ended"):
        postgres_backup.put_back(copy, url)
    assert people(url)[0] == ["anh@example.org", "bruno@example.org"]
    with pytest.raises(BackupDamaged, match="end of file"):
        restore(copy, url, NOW, DataFolder(tmp_path, ()))


def test_what_is_no_copy_of_ours_is_refused(cluster, world, url, tmp_path):
    other = tmp_path / "other"
    postgres_backup.dump(cluster.url("postgres"), other, lambda done, total: None)
    with pytest.raises(BackupDamaged, match="something else"):
        check(other)
    other.write_bytes(empty_database())
    with pytest.raises(BackupDamaged, match="other kind of database"):
        restore(other, url, NOW, DataFolder(tmp_path, ()))
    backup(url, other)
    with pytest.raises(BackupDamaged, match="other kind of database"):
        restore(other, tmp_path / "forms.sqlite", NOW, DataFolder(tmp_path, ()))
    missing = f"{url}&dbname=missing"
    with pytest.raises(StorageUnavailable):
        backup(missing, other)


def test_a_copy_is_put_into_an_empty_database(cluster, world, url, tmp_path):
    world.sent("anh@example.org")
    copy = tmp_path / "copy.dump"
    backup(url, copy)
    cluster.execute('CREATE DATABASE "empty"')
    try:
        assert (
            restore(copy, cluster.url("empty"), NOW, DataFolder(tmp_path, ())) is None
        )
        assert people(cluster.url("empty")) == (["anh@example.org"], 1)
    finally:
        cluster.execute('DROP DATABASE "empty" WITH (FORCE)')


def test_what_is_half_put_back_is_not_served(url, world):
    assert exists(url)
    world.force(f"CREATE TABLE {UNDER_WAY} (n bigint)")
    with pytest.raises(UnfitDatabase, match="run that again"):
        Store(url)


def test_tools_that_are_missing_or_too_old_are_said_in_words(
    url, tmp_path, monkeypatch
):
    folder = tmp_path / "old" / "bin"
    folder.mkdir(parents=True)
    monkeypatch.setattr(postgres_backup, "DEBIAN", str(tmp_path / "nowhere"))
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(UnfitDatabase, match="pg_dump is missing: install"):
        backup(url, tmp_path / "copy")
    tool = folder / "pg_dump"
    tool.write_text("#!/bin/sh\necho pg_dump 9.6.2\n")
    tool.chmod(0o755)
    with pytest.raises(UnfitDatabase, match=r"version 9 and the server of \d\d: inst"):
        backup(url, tmp_path / "copy")
    monkeypatch.setattr(postgres_backup, "DEBIAN", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UnfitDatabase, match="version 9"):
        backup(url, tmp_path / "copy")
    tool.write_text("#!/bin/sh\necho 99\necho pg_dump: error: planted >&2\n[ $# = 1 ]")
    with pytest.raises(UnfitDatabase, match="^pg_dump: error: planted$"):
        backup(url, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
