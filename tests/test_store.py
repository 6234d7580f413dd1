"""The database: how it is opened, written, migrated, and what its faults become."""

import json
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlite_utils import Database

from cluster import BROKEN_RULE, BROKEN_STATEMENT, PATIENCE
from conftest import ROOT
from forms_service.clock import utc_text
from forms_service.definition import type_of
from forms_service.store import (
    counts,
    definitions,
    deliveries,
    early_migrations,
    events,
    oldest_program,
    queue,
    schema,
    sealing,
    sqlite,
    submissions,
    tables,
)
from forms_service.store.connection import (
    NotMigrated,
    StorageUnavailable,
    UnfitDatabase,
)
from forms_service.store.data_folder import DataFolder
from forms_service.store.database import Store, engine_of
from forms_service.store.events import EventVerb
from forms_service.store.filters import Chosen, Filter
from forms_service.store.schema import MIGRATIONS, migrate, pending
from forms_service.store.sealing import Head
from forms_service.store.sqlite import connect
from forms_service.store.submissions import NotFound
from forms_service.workflow import deciding, publishing
from forms_service.workflow.new_rows import derived

pytest_plugins = ["life"]

WANTED = {
    "synchronous": 2,  # FULL: every commit is on the disk before it is answered
    "foreign_keys": 1,
    "secure_delete": 1,
    "cell_size_check": 1,
    "busy_timeout": 5000,
    "journal_mode": "wal",
}

STEPS = [
    "m001_first_tables",
    "m002_feedback",
    "m003_attachments",
    "m004_announcements",
    "m005_no_tags",
    "m006_told_by_event",
    "m007_published_when_answered",
    "m008_index_by_form",
    "m009_one_spelling",
    "m010_mails_by_domain",
    "m011_counts",
    "m012_search_in_steps",
    "m013_timeline",
    "m014_mailboxes",
    "m015_alarms",
    "m016_searches",
    "m017_sealed_log",
    "m018_counts_appended",
    "m019_replies",
    "m020_stopped_mails",
    "m021_oldest_program",
    "m022_erasing",
    "m023_attempts",
    "m024_contents",
    "m025_due",
    "m026_told_by_phone",
    "m027_register",
    "m028_assignee",
    "m029_meetings",
    "m030_staff_rights",
    "m031_received",
    "m032_telling",
    "m034_keys",
    "m035_bulk",
    "m036_messages",
    "m037_unproven",
    "m039_calls",
    "m040_reasons_to_call",
    "m043_replaced_logs",
]


def pragmas(db):
    return {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in WANTED}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "var" / "forms.sqlite"
    migrate(path)
    return path


@pytest.fixture
def store(new_store):
    return new_store()


@pytest.fixture
def impatient(new_store):
    """A store that waits three tenths of a second for its turn instead of two."""
    return new_store(patience=0.3)


# --- how it is opened


@pytest.mark.engine("sqlite")
def test_every_connection_keeps_the_promises(store):
    assert store.read(pragmas) == WANTED
    # The writer waits for its turn as long as those who wait for it.
    assert store.write(pragmas) == WANTED | {"busy_timeout": 2000}


def test_the_comparison_would_find_a_weaker_connection(path):
    weak = sqlite3.connect(path)
    weak.execute("PRAGMA synchronous = NORMAL")
    differing = {key for key, value in pragmas(weak).items() if value != WANTED[key]}
    weak.close()
    assert {"synchronous", "foreign_keys"} <= differing


def test_a_file_that_was_never_migrated_is_refused(tmp_path):
    with pytest.raises(NotMigrated):
        Store(tmp_path / "new.sqlite")


def test_a_folder_that_is_not_there_is_a_fault_of_the_storage(tmp_path):
    with pytest.raises(StorageUnavailable, match="CANTOPEN"):
        connect(tmp_path / "missing" / "forms.sqlite")


def test_the_tables_are_those_of_the_design(path):
    db = sqlite3.connect(path)
    names = {
        row[0]
        for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not row[0].startswith(("sqlite_", sqlite.SEARCH))
    }
    db.close()
    assert names - {"_sqlite_migrations"} == schema.TABLES
    assert schema.TABLES == {
        "submissions", "revisions", "definitions", "definition_texts", "outbox",
        "events", "notes", "staff", "sessions", "feedback", "attachments",
        "announcements", "counts", "search_progress", "timeline", "alarms", "searches",
        "replies", "oldest_program", "attempts", "contents", "staff_forms", "factors",
        "recovery_codes", "contacts", "bulk_acts", "bulk_rows",
        "meetings", "attendance", "reports", "messages", "calls",
    }  # fmt: skip


def test_migrating_again_changes_nothing(tmp_path):
    path = tmp_path / "var" / "forms.sqlite"
    assert pending(path) == STEPS
    assert migrate(path) == STEPS
    assert pending(path) == migrate(path) == []


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "forms.sqlite"
    script = early_migrations._M001 + "CREATE TABLE broken (a, a);\n"
    monkeypatch.setattr(early_migrations, "_M001", script)
    with pytest.raises(sqlite3.OperationalError, match="duplicate column"):
        migrate(path)
    assert pending(path) == STEPS
    monkeypatch.undo()
    assert migrate(path) == STEPS


def test_a_migration_killed_after_its_steps_still_refuses_older_programs(tmp_path):
    path = tmp_path / "forms.sqlite"
    with closing(sqlite3.connect(path)) as db:
        MIGRATIONS.apply(Database(db))
    assert migrate(path) == []
    with closing(connect(path)) as db, pytest.raises(UnfitDatabase, match="newer"):
        oldest_program.refuse_older(db, "m039_calls")


@pytest.fixture
def old(tmp_path):
    """The database of the version before, with people in each state."""
    path = tmp_path / "old.sqlite"
    path.write_bytes((ROOT / "tests" / "made_before" / "forms.sqlite").read_bytes())
    assert "m005_no_tags" in pending(path)
    return path


def everybody(db):
    """Return all rows as they were before the search had columns of its own."""
    db.row_factory = sqlite3.Row
    rows = [dict(row) for row in db.execute("SELECT * FROM submissions")]
    new = {"tags", "search", "phone_end", "due_on", "assignee", "renewed_at", "promise"}
    new |= {"asks", "asked_at", "contacted_at", "paused_until"}
    return [{k: v for k, v in row.items() if k not in new} for row in rows]


FOUND = "SELECT rowid FROM submissions_fts WHERE submissions_fts MATCH ?"
# Raises when the index holds anything else than the rows.
WHOLE = (
    "INSERT INTO submissions_fts (submissions_fts, rank) VALUES ('integrity-check', 1)"
)


def test_an_old_database_loses_its_tags_and_keeps_everybody(old):
    with closing(sqlite3.connect(old)) as db:
        rows = everybody(db)
    assert rows
    migrate(old)
    with closing(sqlite3.connect(old)) as db:
        assert everybody(db) == rows
        assert "tags" not in dict(db.execute("SELECT * FROM submissions").fetchone())
        assert [tuple(row) for row in db.execute("PRAGMA integrity_check")] == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def multiplied(old, times):
    """Give each row of a database many copies with a phone and a text of their own."""
    with closing(sqlite3.connect(old)) as db:
        db.row_factory = sqlite3.Row
        for row in db.execute("SELECT * FROM submissions").fetchall():
            for n in range(times):
                answers = json.loads(row["answers"])
                shown = f"L’orto n° {n} è già Łukasz’s"
                answers |= {"note": shown, "cap": "58100"}
                copy = {
                    **dict(row),
                    "id": f"{row['id']}{n}",
                    "form_key": None,
                    "reference": f"{row['number']:02}{n:06}",
                    "phone": f"+39333{row['number']:02}{n:05}",
                    "organisation": "Lo Cascio & C.",
                    "answers": json.dumps(answers, ensure_ascii=False),
                }
                del copy["number"]
                marks = ", ".join("?" * len(copy))
                db.execute(
                    f"INSERT INTO submissions ({', '.join(copy)}) VALUES ({marks})",
                    list(copy.values()),
                )
        db.commit()


@pytest.mark.engine("sqlite")
def test_rows_of_before_are_searched_as_if_they_were_sent_today(old, world):
    multiplied(old, 50)
    migrate(old)
    form = world.form()
    with closing(sqlite3.connect(old)) as db:
        db.row_factory = sqlite3.Row
        rows = db.execute(f"{submissions.SELECT} ORDER BY number").fetchall()
        kept = db.execute("SELECT search, phone_end FROM submissions ORDER BY number")
        # More than fit into two batches of the migration.
        assert len(rows) == 9 * 51
        for row, columns in zip(map(submissions.from_row, rows), kept, strict=True):
            columns_now = derived(form, row.answers, row.reference)
            # The copies have columns that no answer of theirs stands behind.
            words = f"{columns['search']} ".split()
            assert set(columns_now["search"].split()) <= set(words)
            assert row.reference.lower() in words
            assert columns["phone_end"] == (row.phone and row.phone[:0:-1])
        for words, number in {"locascio": 450, "lukasz": 450, "nguyen": 255}.items():
            assert len(db.execute(FOUND, [f"{words}*"]).fetchall()) == number
        db.execute(WHOLE)


def test_the_rows_of_before_are_counted_and_so_are_changes_of_them(old):
    migrate(old)
    with closing(connect(old)) as db:
        before = counts.of_status(db)
        assert sum(before.values()) == 9
        assert counts.miscounted(db) == []
        db.execute("UPDATE submissions SET status = 'withdrawn' WHERE number < 3")
        db.execute("DELETE FROM submissions WHERE number = 1")
        assert counts.of_status(db) != before
        assert counts.miscounted(db) == []


def test_a_delicate_form_of_before_is_found_by_name_only(old):
    multiplied(old, 1)
    with closing(sqlite3.connect(old)) as db:
        db.execute("DROP TRIGGER definitions_stay")
        db.execute(
            "UPDATE definitions SET document = json_set(document, '$.delicate', "
            "json('true'))"
        )
        db.execute(
            "CREATE TRIGGER definitions_stay BEFORE UPDATE ON definitions "
            "BEGIN SELECT RAISE (ABORT, 'definitions are append-only'); END"
        )
        db.commit()
    migrate(old)
    with closing(sqlite3.connect(old)) as db:
        assert db.execute(FOUND, ["orto"]).fetchall() == []
        assert len(db.execute(FOUND, ["locascio"]).fetchall()) == 9


def test_the_search_of_a_migrated_database_follows_every_change(old):
    migrate(old)
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        number = db.execute("SELECT min(number) FROM submissions").fetchone()[0]
        db.execute("UPDATE submissions SET status = 'withdrawn'")
        db.execute("UPDATE submissions SET search = 'zoe' WHERE number = ?", [number])
        assert db.execute(FOUND, ["zoe"]).fetchall() == [(number,)]
        db.execute(WHOLE)
        db.execute("DELETE FROM submissions WHERE number = ?", [number])
        assert db.execute(FOUND, ["zoe"]).fetchall() == []
        db.execute(WHOLE)


def test_a_table_that_cannot_lose_its_tags_keeps_its_search_too(old):
    with closing(sqlite3.connect(old)) as db:
        rows = everybody(db)
        db.execute("CREATE VIEW planted AS SELECT tags FROM submissions")
    with pytest.raises(sqlite3.OperationalError, match="planted"):
        migrate(old)
    assert pending(old)[0] == "m005_no_tags"
    with closing(sqlite3.connect(old)) as db:
        assert everybody(db) == rows
        name = rows[0]["name"]
        assert (rows[0]["number"],) in map(tuple, db.execute(FOUND, [name]))


def test_a_file_that_is_none_of_ours_is_not_migrated(tmp_path):
    path = tmp_path / "forms.sqlite"
    path.write_bytes(b"something else " * 1000)
    with pytest.raises(UnfitDatabase, match="not a database"):
        pending(path)
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (n)")
    with pytest.raises(UnfitDatabase, match="something else"):
        pending(path)


def test_looking_for_migrations_writes_nothing(tmp_path):
    path = tmp_path / "forms.sqlite"
    connect(path).close()
    before = path.read_bytes()
    assert pending(path) == STEPS
    assert path.read_bytes() == before


@pytest.mark.engine("sqlite")
def test_copies_that_were_put_back_are_found_without_reading_the_log(world):
    assert world.store.read(sealing.restored) is None
    about = {"held": 1}
    now, verb = world.clock(), EventVerb.RESTORE
    world.store.write(lambda db: events.record(db, now, "command", verb, None, about))
    world.send()
    assert world.store.read(sealing.restored) == (world.clock(), about)
    for ask in (sealing.restored, sealing.replaced):
        steps = world.plan(ask)
        assert any("events_replacing" in step for step in steps), steps
        assert "SCAN events" not in steps


@pytest.mark.parametrize("table", ["definitions", "definition_texts"])
def test_published_versions_are_never_changed_or_deleted(world, table):
    world.sent(lang="en")
    for statement in (f"UPDATE {table} SET published_at = ''", f"DELETE FROM {table}"):
        with pytest.raises(BROKEN_RULE, match="append-only"):
            world.force(statement)


# --- writing


def test_a_job_that_raises_stores_nothing(store):
    def job(db):
        db.execute("INSERT INTO staff (email, created_at) VALUES ('a@x.it', '')")
        raise KeyError("planted")

    with pytest.raises(KeyError, match="planted"):
        store.write(job)
    assert store.read(count_staff) == 0
    store.write(add_staff)
    assert store.read(count_staff) == 1


def add_staff(db):
    db.execute("INSERT INTO staff (email, created_at) VALUES ('a@x.it', '')")


def count_staff(db):
    return db.execute("SELECT count(*) FROM staff").fetchone()[0]


def test_a_mistake_in_a_statement_is_loud(store):
    with pytest.raises(BROKEN_STATEMENT, match="syntax"):
        store.write(lambda db: db.execute("INSERT WRONG"))
    with pytest.raises(BROKEN_STATEMENT, match="missing"):
        store.read(lambda db: db.execute("SELECT * FROM missing"))


@pytest.mark.engine("sqlite")
def test_an_error_that_python_makes_itself_is_loud(store):
    with pytest.raises(sqlite3.OperationalError, match="decode"):
        store.read(lambda db: db.execute("SELECT CAST(x'ff' AS TEXT)").fetchone())


@pytest.mark.engine("sqlite")
def test_a_full_disk_stores_nothing_and_the_next_send_works(store):
    def fill(db):
        db.execute("PRAGMA max_page_count = 1")
        words = "x" * 10_000_000
        db.execute("INSERT INTO staff (email, created_at) VALUES (?, '')", [words])

    with pytest.raises(StorageUnavailable, match="FULL"):
        store.write(fill)
    assert store.read(count_staff) == 0
    store.write(lambda db: db.execute("PRAGMA max_page_count = 1000000"))
    store.write(add_staff)
    assert store.read(count_staff) == 1


@pytest.mark.engine("sqlite")
def test_proving_that_the_disk_takes_writes_writes(store):
    """A transaction rolled back, or one that changes nothing, succeeds on any disk."""
    log = store.where.with_name(f"{store.where.name}-wal")
    store.checkpoint()
    store.write(lambda db: db.execute("DELETE FROM staff"))
    assert log.stat().st_size == 0
    store.prove_writable()
    assert log.stat().st_size > 0


def test_readers_cannot_write(store):
    with pytest.raises(StorageUnavailable, match="(?i)readonly"):
        store.read(add_staff)
    assert store.read(count_staff) == 0


def test_a_read_sees_one_moment(store):
    def job(db):
        before = count_staff(db)
        store.write(add_staff)
        return before, count_staff(db)

    assert store.read(job) == (0, 0)
    assert store.read(count_staff) == 1


def test_a_read_that_lost_its_transaction_does_not_hide_why(store):
    def job(db):
        db.execute("ROLLBACK")
        raise KeyError("planted")

    with pytest.raises(KeyError, match="planted"):
        store.read(job)
    assert store.read(count_staff) == 0


def locked_by_another(store):
    """Return a way to let the lock go that another process holds."""
    engine = engine_of(store.where)
    other = engine.begin(engine.writing(patience=1), alone=True)

    def let_go():
        other.commit()
        other.close()
        engine.close()

    return let_go


def test_a_database_locked_for_long_is_a_fault_of_the_storage(impatient):
    let_go = locked_by_another(impatient)
    with pytest.raises(StorageUnavailable, match="BUSY|LockNotAvailable"):
        impatient.write(add_staff)
    let_go()
    # Who left has left: only the second is stored.
    with closing(Store(impatient.where, PATIENCE)) as patient:
        patient.write(add_staff)
        assert patient.read(count_staff) == 1


def test_many_who_wait_together_give_up_together(impatient, world):
    let_go = locked_by_another(impatient)
    results = world.at_once(8, lambda _: impatient.write(add_staff))
    assert all(isinstance(result, StorageUnavailable) for result in results)
    let_go()


def test_who_waits_a_moment_is_served(store):
    timer = threading.Timer(0.3, locked_by_another(store))
    timer.start()
    store.write(add_staff)
    timer.join()
    assert store.read(count_staff) == 1


def test_opening_a_file_that_somebody_keeps_for_himself_is_no_error_of_ours(
    path, monkeypatch
):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.3)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageUnavailable):
        Store(path)
    other.close()


def test_twenty_threads_lose_no_write(store):
    store.write(lambda db: db.execute("CREATE TABLE tally (n INTEGER)"))
    store.write(lambda db: db.execute("INSERT INTO tally VALUES (0)"))

    def add(db):
        db.hold("tally")
        (n,) = db.execute("SELECT n FROM tally").fetchone()
        db.execute("UPDATE tally SET n = ?", [n + 1])

    threads = [
        threading.Thread(target=lambda: [store.write(add) for _ in range(25)])
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(lambda db: db.execute("SELECT n FROM tally").fetchone()[0]) == 500


def test_two_processes_worth_of_stores_lose_no_write(store, world):
    other = Store(store.where)
    store.write(lambda db: db.execute("CREATE TABLE tally (n INTEGER)"))

    def job(index):
        for number in range(50):
            (store if index else other).write(
                lambda db, n=number: db.execute("INSERT INTO tally VALUES (?)", [n])
            )

    assert world.at_once(2, job) == [None, None]
    other.close()
    rows = store.read(lambda db: db.execute("SELECT count(*) FROM tally").fetchone()[0])
    assert rows == 100


@pytest.mark.engine("sqlite")
def test_each_thread_reads_on_a_connection_of_its_own_which_ends_with_it(store):
    here = store.read(id)
    there, again = [], []

    def look():
        there.append(store.read(lambda db: db))
        again.append(store.read(lambda db: db))

    for _ in range(2):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert there == again
    assert len({here, *map(id, there)}) == 3
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        there[0].execute("SELECT 1")
    assert store.read(id) == here


# --- rows


@pytest.mark.promise(
    "P28",
    "a program opens a database that a newer one has changed",
    without=(
        "nobody refused",
        "store/oldest_program.py",
        "if row and row[0] > number_of(newest):",
        "if row and row[0] > 10**6:",
    ),
)
def test_an_older_program_runs_as_long_as_the_migrations_allow(
    world, monkeypatch, figure
):
    """Two versions serve one database during a rolling change."""

    def later(number, oldest):
        monkeypatch.setitem(oldest_program.NAMED, number, oldest)
        steps = [f"m{number:03}_later"]
        world.store.write(lambda db: oldest_program.keep(db, steps))

    ours = oldest_program.number_of(schema.newest())
    assert ours == oldest_program.number_of(STEPS[-1])
    later(997, ours)
    # An older one that migrates nothing takes nothing back.
    world.store.write(lambda db: oldest_program.keep(db, []))
    Store(world.store.where, PATIENCE).close()
    later(998, 998)
    told = f"knows it up to step {ours} and must know step 998; install"
    with pytest.raises(UnfitDatabase, match=told):
        Store(world.store.where, PATIENCE)
    later(999, ours)
    with pytest.raises(UnfitDatabase):
        Store(world.store.where, PATIENCE)
    figure("served where the change allows it, else refused in words")


def test_a_database_of_before_that_refuses_nobody(path):
    with closing(connect(path)) as db:
        db.execute("DROP TABLE oldest_program")
        oldest_program.keep(db, STEPS)
    Store(path).close()


def test_each_migration_names_the_oldest_program_that_may_run_on_it():
    numbers = [oldest_program.number_of(step) for step in STEPS]
    asking = numbers.index(21)
    named = oldest_program.NAMED
    assert [n for n in numbers[asking + 1 :] if n not in named] == []
    assert [n for n, oldest in named.items() if not 21 <= oldest <= n] == []


def test_a_text_with_nul_is_asked_for_and_found_nowhere(world):
    """PostgreSQL has no NUL; what people write is cleaned of it (test_cleaning)."""
    submission = world.sent(note="one\0two")
    assert world.row(submission).answers["note"] == "onetwo"
    with pytest.raises(NotFound):
        world.store.read(lambda db: submissions.get(db, f"{submission.id}\0"))
    named = "SELECT 1 FROM submissions WHERE id = :id AND number > :number"
    asked = {"id": f"\0{submission.id}", "number": 0}
    assert not world.store.read(lambda db: db.execute(named, asked).fetchall())


def test_a_row_that_is_not_there(world):
    with pytest.raises(NotFound):
        world.store.read(lambda db: submissions.get(db, "nothing"))
    assert world.store.read(lambda db: submissions.find(db, "nothing")) is None
    assert world.store.read(lambda db: submissions.by_form_key(db, "nothing")) is None


def test_a_row_comes_back_as_it_was_written(world):
    text = "D’Angelo =1+1 +39 0564 484111 مرحبا\nVăn"
    submission = world.sent(note=text)
    assert world.row(submission) == submission
    assert submission.answers["note"] == text


def test_changing_names_its_columns(world):
    submission = world.sent()
    with pytest.raises(ValueError, match="colour"):
        world.store.write(lambda db: submissions.change(db, submission, colour="red"))
    same = world.store.write(lambda db: submissions.change(db, submission))
    assert same == submission
    helped = world.store.write(
        lambda db: submissions.change(db, submission, on_behalf_of=True)
    )
    assert helped.on_behalf_of is True
    gone = replace(submission, id="nothing")
    with pytest.raises(NotFound):
        world.store.write(lambda db: submissions.change(db, gone, seats=2))


def test_tries_are_counted_only_where_codes_are(world):
    submission = world.sent()
    with pytest.raises(ValueError, match="seats"):
        world.store.write(
            lambda db: submissions.count_try(db, submission.id, "seats", 5)
        )


def test_a_mail_too_old_to_try_again_may_be_gone(world):
    now = datetime(2030, 3, 1, tzinfo=UTC)
    assert world.store.read(
        lambda db: deliveries.too_old(db, 99, now - timedelta(days=3))
    )


# --- published definitions


def test_a_version_that_is_only_kept_may_be_published_and_nothing_else(world):
    world.sent("one@demo.example.org")
    for change in ("version = '2'", "document = '{}'", "form_id = 'x'"):
        with pytest.raises(BROKEN_RULE, match="append-only"):
            world.force(f"UPDATE definitions SET {change}")
    world.force("UPDATE definitions SET published_at = '2030-03-01T09:00:00+00:00'")
    with pytest.raises(BROKEN_RULE, match="append-only"):
        world.force("UPDATE definitions SET published_at = ''")


def test_publishing_again_changes_nothing(world):
    world.sent(lang="en")
    before = world.store.read(definitions.published)
    texts = world.sql("SELECT * FROM definition_texts")
    world.clock.advance(days=1)
    world.edit(("project.yml", "Un orto da coltivare insieme", "Un orto per tutti"))
    publishing.start(world.context, publish=True)
    world.sent(lang="en")
    assert world.store.read(definitions.published) == before
    assert [tuple(row) for row in world.sql("SELECT * FROM definition_texts")] == [
        tuple(row) for row in texts
    ]
    assert len(before) == len(texts) == 1


def test_what_was_never_published_is_not_there(world):
    assert world.store.read(lambda db: definitions.document(db, "x", "y")) is None
    none = world.store.read(lambda db: definitions.overlay(db, "x", "y", "en", "z"))
    assert none is None


def test_a_form_has_a_view_with_a_column_per_field(world):
    submission = world.sent(nascita="01/02/1980", note="Ciao")
    (row,) = world.sql('SELECT * FROM "form_every-type"')
    fields = [f.id for f in world.form().fields if type_of(f).asks]
    assert [name[7:] for name in row.keys() if name.startswith("answer_")] == fields
    assert (row["reference"], row["answer_nascita"]) == (
        submission.reference,
        "1980-02-01",
    )
    # On PostgreSQL every answer is a text.
    assert str(row["answer_persone"]) == "1"
    assert row["answer_note"] == "Ciao"


def plan(world, ask):
    """Return how SQLite answers the first statement of a job: by indexes."""
    steps = world.plan(ask)
    assert not [step for step in steps if "SCAN" in step or "B-TREE" in step]
    return steps


@pytest.mark.engine("sqlite")
def test_a_filter_uses_the_index_of_its_field_and_sorts_nothing(world):
    wanted = Filter("every-type", answers=(Chosen("profilo", ("ente",)),))
    world.sent(profilo="ente", ente="Caritas")
    steps = plan(world, lambda db: queue.queue(db, wanted, 50))
    assert "USING INDEX answers_every-type:profilo" in steps[0]
    # The revision of each row found is counted by an index, too.
    assert "USING INDEX events_submission" in steps[-1]


@pytest.mark.engine("sqlite")
def test_a_form_is_listed_and_exported_by_its_index_and_sorts_nothing(world):
    world.sent()
    steps = plan(world, lambda db: queue.queue(db, Filter("every-type"), 50))
    assert "INDEX submissions_form_received (form_id=?)" in steps[0]
    steps = plan(world, lambda db: tables.batches(db, "every-type", "", (0, 99)))
    assert "INDEX submissions_form (form_id=? AND rowid>? AND rowid<?)" in steps[0]


@pytest.mark.engine("sqlite")
def test_nobody_who_sends_proves_decides_or_erases_has_a_table_read_through(world):
    """SQLite asked no index for what a statement returned of the row it had changed."""
    said = []
    world.store.write(lambda db: db.set_trace_callback(said.append))
    world.sent(lang="en")
    row = world.proven()
    actor = deciding.staff_actor(world.clerk.id)
    deciding.decide(world.context, row.id, EventVerb.ACCEPT, actor, row.revision + 1)
    deciding.erase(world.context, row.id, actor)
    world.store.write(lambda db: db.set_trace_callback(None))
    words = ("SELECT", "INSERT", "UPDATE", "DELETE")
    # The search asks tables of its own.
    asked = [s for s in said if s.startswith(words) and "_fts" not in s]
    assert any("UPDATE submissions" in statement for statement in asked)
    assert any("DELETE FROM outbox" in statement for statement in asked)
    steps = {s: [r[3] for r in world.sql(f"EXPLAIN QUERY PLAN {s}")] for s in asked}
    assert not [s for s in steps if any(step[:4] == "SCAN" for step in steps[s])]


def answer_indexes(world):
    found = world.sql("SELECT name, sql FROM sqlite_master WHERE type = 'index'")
    return {row[0]: row[1] for row in found if row[0].startswith("answers_")}


@pytest.mark.engine("sqlite")
def test_answers_are_indexed_for_their_own_form_alone(world):
    before = answer_indexes(world)
    assert "answers_every-type:profilo" in before
    for name, sql in before.items():
        form_id = name.removeprefix("answers_").partition(":")[0]
        assert sql.endswith(f"WHERE form_id = '{form_id}'")
    fields = ["note"]
    world.store.write(
        lambda db: definitions.rebuild_view(db, "every-type", fields, fields)
    )
    assert "answers_every-type:note" in answer_indexes(world)
    assert "answers_every-type:profilo" not in answer_indexes(world)


def test_an_old_database_loses_the_indexes_over_the_answers_of_all_forms(old):
    with closing(sqlite3.connect(old)) as db:
        db.execute("CREATE INDEX answer_x ON submissions (form_id, number)")
    migrate(old)
    with closing(sqlite3.connect(old)) as db:
        names = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    assert not {name for name in names if name.startswith("answers_")}
    assert "submissions_form" in names


def test_a_submission_needs_a_published_version(world):
    submission = world.sent()
    with pytest.raises(BROKEN_RULE, match="(?i)foreign key"):
        world.force(
            "UPDATE submissions SET fingerprint = 'x' WHERE id = ?", submission.id
        )


def test_the_database_refuses_states_that_do_not_exist(world):
    submission = world.sent()
    for column in ("status", "place", "source", "proof"):
        with pytest.raises(BROKEN_RULE, match="(?i)check"):
            world.force(
                f"UPDATE submissions SET {column} = 'x' WHERE id = ?", submission.id
            )


@pytest.mark.engine("sqlite")
def test_erasing_takes_all_that_hangs_on_a_row(world):
    tables = {
        row["tbl_name"]
        for row in world.sql("SELECT tbl_name, sql FROM sqlite_master")
        if row["sql"] and "REFERENCES submissions (id) ON DELETE CASCADE" in row["sql"]
    }
    assert tables == {
        *("revisions", "notes", "outbox", "attachments", "replies", "contacts"),
        "bulk_rows",
        "attendance",
        "calls",
    }
    assert utc_text(world.clock()) == "2030-03-01T09:00:00+00:00"


# --- what the log calls things


def test_staff_read_a_label_for_every_verb_and_an_unknown_one_as_it_is():
    for verb in EventVerb:
        assert events.label_of(str(verb)) == (verb.label or verb)
    assert events.label_of("accept") == "Request accepted"
    assert events.label_of("of another version") == "of another version"


def test_a_verb_is_stored_and_hashed_as_its_plain_name(world):
    submission = world.sent()
    ((stored,),) = world.sql(
        "SELECT verb FROM events WHERE submission = ?", submission.id
    )
    assert type(stored) is str
    assert (stored, str(EventVerb.SEND)) == ("send", "send")
    assert world.log_is_whole()


@pytest.mark.engine("sqlite")
def test_a_file_loses_nothing_that_was_acknowledged(store):
    assert store.risk() == ""
    store.settle(10**9)


@pytest.mark.engine("sqlite")
def test_a_file_is_led_by_the_one_process_that_serves_it(path):
    with closing(Store(path)) as store:
        assert store.leader() == "this"
        assert store.read(engine_of(path).is_led)


def test_the_head_of_the_log_makes_its_folder(tmp_path):
    head = DataFolder(tmp_path / "elsewhere", ["a key of the log"]).head
    head.write(datetime(2030, 1, 1, tzinfo=UTC), Head(3, "log-" + "a" * 64))
    assert head.path.read_text("utf-8").startswith("2030-01-01 3 log-")
