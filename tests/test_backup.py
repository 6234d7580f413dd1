"""Copies of the data: whole while the service writes, checked, put back."""

import os
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from forms_service.store import announcements, outbox
from forms_service.store import backup as copies
from forms_service.store.announcements import Announcement
from forms_service.store.backup import (
    BEFORE,
    REPLACED,
    backup,
    check,
    copy_name,
    drop_copies,
    restore,
)
from forms_service.store.connection import BackupDamaged
from forms_service.store.database import Store
from forms_service.store.schema import pending
from forms_service.workflow import mail_delivery, reminding, sending

pytest_plugins = ["life"]
pytestmark = pytest.mark.engine("sqlite")

NOW = datetime(2030, 3, 1, 9, 0, tzinfo=UTC)
# What a restore changes: mails are held, and the log tells it.
QUIETENED = {"outbox", "announcements", "events", "sqlite_sequence"}
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"


def content_of(path) -> list[tuple]:
    """Return every row of every table."""
    db = sqlite3.connect(path)
    try:
        names = [name for (name,) in db.execute(TABLES)]
        return [
            (name, *row)
            for name in names
            for row in db.execute(f'SELECT * FROM "{name}"')
        ]
    finally:
        db.close()


def test_a_restored_copy_is_the_data_of_its_moment(world, tmp_path):
    world.proven("anh@example.org")
    copy = tmp_path / "copy.sqlite"
    before = content_of(world.path)

    assert backup(world.path, copy) == 1
    world.proven("bruno@example.org")
    after = content_of(world.path)
    world.store.close()
    kept = restore(copy, world.path, NOW, world.context.folder)

    quiet = [row for row in content_of(world.path) if row[0] not in QUIETENED]
    assert quiet == [row for row in before if row[0] not in QUIETENED]
    assert content_of(kept) == after
    assert kept.name == "forms.replaced-20300301T090000.sqlite"


def test_a_copy_is_one_private_file(world, tmp_path):
    world.sent()
    copy = tmp_path / "copy.sqlite"

    backup(world.path, copy)
    check(copy)

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.glob("copy*")] == ["copy.sqlite"]
    assert copy.read_bytes()[18:20] == b"\x01\x01"  # no write-ahead log needed


def test_copies_made_while_the_service_writes_are_whole(world, tmp_path):
    stop, sent = threading.Event(), []

    def write():
        while not stop.is_set():
            sent.append(world.sent(f"p{len(sent)}@example.org").id)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = [backup(world.path, tmp_path / f"{n}.sqlite") for n in range(20)]
    finally:
        stop.set()
        writer.join()

    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    for n, count in enumerate(counts):
        rows = content_of(tmp_path / f"{n}.sqlite")
        ids = [row[2] for row in rows if row[0] == "submissions"]
        assert ids == sent[:count]
        assert sum(row[0] == "outbox" for row in rows) == count


def test_a_writer_never_makes_the_copying_start_again(world, tmp_path, monkeypatch):
    monkeypatch.setattr(copies, "PAGES_A_STEP", 5)
    world.sent("before@example.org")
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        world.sent(f"p{len(seen)}@example.org")
        seen.append((done, total))

    assert backup(world.path, tmp_path / "copy.sqlite", progress) == 1
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert seen[-1][0] == seen[-1][1]


def test_what_was_sent_before_a_restore_is_not_in_the_log_beside_it(world, tmp_path):
    copy = tmp_path / "copy.sqlite"
    backup(world.path, copy)
    world.sent("anh@example.org")
    # As after kill -9: the log is still there, nobody has folded it in.
    wal = world.path.with_name("forms.sqlite-wal").read_bytes()
    assert wal

    restore(copy, world.path, NOW, world.context.folder)

    assert not world.path.with_name("forms.sqlite-wal").exists()
    store = Store(world.path)
    rows = store.read(
        lambda db: db.execute("SELECT count(*) FROM submissions").fetchone()
    )
    store.close()
    assert rows[0] == 0


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_what_is_no_copy_is_refused_and_changes_nothing(world, tmp_path, content):
    world.sent()
    before = content_of(world.path)
    (tmp_path / "copy.sqlite").write_bytes(content)

    with pytest.raises(BackupDamaged):
        restore(tmp_path / "copy.sqlite", world.path, NOW, world.context.folder)

    assert content_of(world.path) == before
    assert not list(world.folder.glob("*replaced*"))


def test_a_damaged_copy_is_refused(world, tmp_path):
    for n in range(40):
        world.sent(f"p{n}@example.org")
    copy = tmp_path / "copy.sqlite"
    backup(world.path, copy)
    assert check(copy) == 40
    page = 4096
    whole = bytearray(copy.read_bytes())
    for start in range(page * 3 + 8, len(whole), page * 4):
        whole[start : start + 600] = os.urandom(600)
    copy.write_bytes(whole)

    with pytest.raises(BackupDamaged):
        check(copy)


def test_a_copy_that_opens_but_is_not_what_its_schema_says_is_refused(world, tmp_path):
    world.sent()
    copy = tmp_path / "copy.sqlite"
    backup(world.path, copy)
    db = sqlite3.connect(copy)
    db.execute("CREATE TABLE torn (word TEXT)")
    db.execute("INSERT INTO torn VALUES (NULL)")
    db.execute("PRAGMA writable_schema = ON")
    db.execute(
        "UPDATE sqlite_master SET sql = 'CREATE TABLE torn (word TEXT NOT NULL)'"
        " WHERE name = 'torn'"
    )
    db.commit()
    db.close()

    with pytest.raises(BackupDamaged, match="integrity"):
        check(copy)


def test_a_copy_with_a_row_that_refers_to_nothing_is_refused(world, tmp_path):
    submission = world.sent()
    copy = tmp_path / "copy.sqlite"
    backup(world.path, copy)
    db = sqlite3.connect(copy)
    db.execute("DELETE FROM submissions WHERE id = ?", [submission.id])
    db.commit()
    db.close()

    with pytest.raises(BackupDamaged, match="missing"):
        check(copy)


def test_a_failed_copy_leaves_the_earlier_one_alone(world, tmp_path):
    copy = tmp_path / "copy.sqlite"
    backup(world.path, copy)
    earlier = copy.read_bytes()
    submission = world.sent()
    with closing(sqlite3.connect(world.path)) as db:
        db.execute("DELETE FROM submissions WHERE id = ?", [submission.id])
        db.commit()
    with pytest.raises(BackupDamaged):
        backup(world.path, copy)

    assert copy.read_bytes() == earlier
    assert not list(tmp_path.glob("*.part"))


def test_a_database_too_damaged_to_open_is_kept_with_its_log(world, tmp_path):
    world.sent()
    copy = tmp_path / "copy.sqlite"
    backup(world.path, copy)
    world.store.close()
    world.path.write_bytes(b"scratched" * 1000)
    wal = world.path.with_name("forms.sqlite-wal")
    wal.write_bytes(b"log of the scratched one")

    kept = restore(copy, world.path, NOW, world.context.folder)

    assert kept.read_bytes().startswith(b"scratched")
    assert kept.with_name(f"{kept.name}-wal").read_bytes().startswith(b"log of")
    assert not wal.exists()
    assert check(world.path) == 1


def test_a_copy_can_be_restored_where_there_was_nothing(world, tmp_path):
    world.sent()
    copy, target = tmp_path / "copy.sqlite", tmp_path / "new" / "forms.sqlite"
    backup(world.path, copy)

    assert restore(copy, target, NOW, world.context.folder) is None
    assert check(target) == 1


def test_only_automatic_copies_past_their_day_are_deleted(world):
    for days, why in enumerate([BEFORE, REPLACED, BEFORE]):
        file = copy_name(world.path, why, NOW - timedelta(days=days))
        file.write_bytes(b"")
        moment = (NOW - timedelta(days=days)).timestamp()
        os.utime(file, (moment, moment))
    other = world.path.with_name("mine.sqlite")
    other.write_bytes(b"")
    os.utime(other, (0, 0))

    assert drop_copies(world.path, NOW - timedelta(hours=36)) == 1

    names = sorted(file.name for file in world.folder.glob("*.sqlite"))
    assert names == [
        "forms.before-20300301T090000.sqlite",
        "forms.replaced-20300228T090000.sqlite",
        "forms.sqlite",
        "mine.sqlite",
    ]


@pytest.mark.promise(
    "P13",
    "a copy is put back in which mails wait",
    without=(
        "nothing held",
        "store/stopped.py",
        '"WHERE sent_at IS NULL AND failed_at IS NULL",\n        [utc_text(now), HELD]',
        '"WHERE 1 = 0",\n        [utc_text(now), HELD]',
    ),
)
def test_after_a_restore_no_mail_leaves_until_it_is_released(world, tmp_path, figure):
    gone, waits = world.proven("anh@example.org"), world.sent("bruno@example.org")
    copy = tmp_path / "copy.sqlite"
    backup(world.path, copy)
    assert len(world.post()) == 2
    world.store.close()
    restore(copy, world.path, NOW, world.context.folder)

    world.store = Store(world.path)
    world.start(world.context.content)
    assert world.post() == []
    assert world.store.read(outbox.totals) == {
        "waiting": 0, "sent": 0, "failed": 0, "held": 3,
    }  # fmt: skip
    assert mail_delivery.retry(world.context, "command") == 0, (
        "to try again is another thing"
    )
    # Who asks for the mail again gets it: the service goes on.
    assert sending.resend(world.context, waits.id) == world.clock()
    assert [letter.email for letter in world.post()] == ["bruno@example.org"]

    assert mail_delivery.release(world.context, "command") == 3
    assert {letter.kind for letter in world.post()} == {"receipt", "verify"}
    assert mail_delivery.release(world.context, "command") == 0
    logged = world.sql("SELECT verb, detail FROM events WHERE actor = 'command'")
    assert [tuple(row) for row in logged] == [
        ("restore", '{"held": 3}'),
        ("mail_release", '{"mails": 3}'),
    ]
    assert world.row(gone).proven
    assert world.log_is_whole()
    figure("0 of 3 leave by themselves; all once somebody lets them go")


def test_after_a_restore_no_event_is_announced_again(world, tmp_path):
    copy = tmp_path / "copy.sqlite"
    world.store.write(
        lambda db: announcements.keep(
            db, Announcement("incontro", '["old"]', 3, NOW, told='["old"]')
        )
    )
    submission = world.proven()
    backup(world.path, copy)
    world.store.close()
    restore(copy, world.path, NOW, world.context.folder)

    world.store = Store(world.path)
    world.start(world.context.content)
    assert reminding.announce(world.context) == 0
    assert [mail.kind for mail in world.mails(submission)] == ["verify", "receipt"]
    now = world.store.read(lambda db: announcements.of_event(db, "incontro"))
    assert now.sequence > 100, "calendars take the next file for the newest"


def test_an_old_copy_is_brought_up_to_date_before_it_is_put_back(world, tmp_path):
    copy = tmp_path / "copy.sqlite"
    backup(world.path, copy)
    with closing(sqlite3.connect(copy)) as old:
        old.execute("DROP TABLE announcements")
        old.execute(
            "CREATE TABLE announcements "
            "(form_id PRIMARY KEY, facts, sequence, reminded)"
        )
        facts = '["incontro", "2030-10-28"]'
        for form_id, sequence in (("every-type", 2), ("another", 5)):
            row = (form_id, facts, sequence, "")
            old.execute("INSERT INTO announcements VALUES (?, ?, ?, ?)", row)
        of_this_table = "name LIKE 'm006%' OR name LIKE 'm032%'"
        old.execute(f"DELETE FROM _sqlite_migrations WHERE {of_this_table}")
        old.commit()
    world.store.close()
    assert pending(copy)
    restore(copy, world.path, NOW, world.context.folder)
    assert pending(world.path) == []
    with closing(sqlite3.connect(world.path)) as now:
        rows = now.execute("SELECT event_id, sequence FROM announcements").fetchall()
    assert rows == [("incontro", announcements.AFTER_A_RESTORE + 5)]
    assert not list(tmp_path.glob("**/*.part*"))
