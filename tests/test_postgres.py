"""PostgreSQL: the same tables, the same turn for all who write, faults that pass."""

import os
import threading
from contextlib import closing
from datetime import UTC, datetime

import psycopg
import pytest
from click.testing import CliRunner
from sqlite_utils import Database, Migrations

from cluster import BROKEN_RULE, PATIENCE
from forms_service.cli import main
from forms_service.store import (
    postgres,
    postgres_engine,
    postgres_schema,
    queue,
    schema,
    search,
    submissions,
)
from forms_service.store.connection import (
    NotMigrated,
    StorageUnavailable,
    UnfitDatabase,
)
from forms_service.store.database import Store, exists
from forms_service.store.log_check import check
from forms_service.store.postgres import connect
from forms_service.store.postgres_engine import PostgresEngine
from forms_service.store.postgres_statements import translated
from forms_service.store.queue import Filter
from forms_service.store.schema import migrate, pending
from forms_service.store.sealing import GENESIS, Head, LogKeys, head, seal
from sample_content import SAMPLE
from service import empty_database

pytest_plugins = ["life"]
pytestmark = pytest.mark.engine("postgresql")

STEPS = [step.name for step in schema.MIGRATIONS.pending(Database(memory=True))]


@pytest.fixture
def empty(blank):
    """A database on which nothing was ever done."""
    return blank()


@pytest.fixture
def url(new_database):
    return new_database()


@pytest.fixture
def store(url):
    with closing(Store(url, PATIENCE)) as store:
        yield store


def number_of_staff(db):
    return db.execute("SELECT count(*) FROM staff").fetchone()[0]


def add_staff(db, email="a@x.it"):
    db.execute("INSERT INTO staff (email, created_at) VALUES (?, '')", [email])


# --- statements


@pytest.mark.parametrize(
    ("written", "read", "names"),
    [
        ("a = ? AND b IN (?, ?)", "a = $1 AND b IN ($2, $3)", ()),
        ("a = :one OR b = :two OR c = :one", "a = $1 OR b = $2 OR c = $1",
         ("one", "two")),
        ("""'?' = "?" AND 'it''s :x' = x::text""",
         """'?' = "?" AND 'it''s :x' = x::text""", ()),
    ],
)  # fmt: skip
def test_marks_and_names_become_numbers(written, read, names):
    assert translated(written) == (read, names)


def test_a_row_is_read_by_place_by_name_and_as_a_mapping(store):
    asked = "SELECT CAST(:a AS text) AS a, CAST(:b AS bigint) AS b"
    values = {"b": True, "a": "x"}
    row = store.read(lambda db: db.execute(asked, values).fetchone())
    assert (row[0], row["b"], dict(row)) == ("x", 1, {"a": "x", "b": 1})


# --- tables


def test_all_steps_are_done_at_once_and_again_changes_nothing(empty):
    assert pending(empty) == STEPS
    with pytest.raises(NotMigrated):
        Store(empty)
    assert migrate(empty) == STEPS
    assert pending(empty) == migrate(empty) == []


def steps_of(*functions):
    """Return a list of migrations of these steps."""
    steps = Migrations("forms_service")
    for function in functions:
        steps()(function)
    return steps


def m001_first_tables(db):
    db.execute("CREATE TABLE tally (n INTEGER)")


def m999_later(db):
    db.execute("CREATE TABLE planted (n INTEGER)")


def m999_wrong(db):
    m999_later(db)
    db.execute("INSERT INTO planted VALUES ('x')")


def test_a_database_of_the_version_before_gets_the_steps_it_lacks(empty):
    assert not exists(empty)
    first = steps_of(m001_first_tables)
    with pytest.raises(psycopg.errors.UndefinedTable, match="attachments"):
        postgres_schema.migrate(empty, first, {"tally"})
    assert not exists(empty)
    migrate(empty)
    assert exists(empty)
    both = steps_of(m001_first_tables, m999_later)
    assert postgres_schema.migrate(empty, both, set()) == ["m999_later"]
    assert postgres_schema.pending(empty, both) == []
    with closing(connect(empty)) as db:
        db.execute("SELECT n FROM planted")


def test_a_step_that_fails_leaves_nothing_behind(empty):
    migrate(empty)
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        postgres_schema.migrate(empty, steps_of(m999_wrong), set())
    assert postgres_schema.pending(empty, steps_of(m999_wrong)) == ["m999_wrong"]
    assert pending(empty) == []
    with closing(connect(empty)) as db, pytest.raises(psycopg.errors.UndefinedTable):
        db.execute("SELECT n FROM planted")


BEFORE_SEALS = (
    "DROP TRIGGER events_stay ON events",
    "DROP TRIGGER events_last ON events",
    "ALTER TABLE events DROP COLUMN number",
    "ALTER TABLE events DROP COLUMN seal",
    "ALTER TABLE events ADD COLUMN previous text NOT NULL",
    "ALTER TABLE events ADD COLUMN hash text NOT NULL",
    "CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE ON events "
    "FOR EACH ROW EXECUTE FUNCTION append_only('events')",
    "DELETE FROM migrations WHERE name = 'm017_sealed_log'",
)


def test_a_log_of_plain_hashes_is_sealed_from_its_head_on(empty):
    migrate(empty)
    entry, last = (1, "2030-03-01T09:00:00+00:00", "command", "purge", None, "{}"), ""
    with closing(connect(empty)) as db:
        for statement in BEFORE_SEALS:
            db.execute(statement)
        last = LogKeys(["k"]).seal("", Head(), entry)
        db.execute(
            "INSERT INTO events (at, actor, verb, submission, detail, previous, hash) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [*entry[1:], GENESIS, last],
        )
    assert migrate(empty) == ["m017_sealed_log"]
    with closing(Store(empty)) as store:
        keys, now = LogKeys(["k"]), datetime(2030, 3, 2, tzinfo=UTC)
        assert store.read(head) == Head(1, last)
        assert store.write(lambda db: seal(db, keys, now)) == 1
        report = store.read(lambda db: check(db, keys))
        assert (report.whole, report.head.key) == (True, keys.newest)
        for statement in ("UPDATE events SET actor = 'x'", "DELETE FROM events"):
            with pytest.raises(BROKEN_RULE, match="append-only"):
                store.write(lambda db, sql=statement: db.execute(sql))


def test_tables_and_columns_are_those_of_sqlite(url, tmp_path):
    file = tmp_path / "forms.sqlite"
    file.write_bytes(empty_database())
    with closing(Store(file)) as store:
        columns = {
            (table, row["name"])
            for table in schema.TABLES
            for row in store.read(
                lambda db, t=table: db.execute(f"PRAGMA table_info({t})").fetchall()
            )
        }
        indexes = {
            row[0]
            for row in store.read(
                lambda db: db.execute(db.dialect.indexes()).fetchall()
            )
            if "sqlite_" not in row[0]
        }
    with closing(connect(url)) as db:
        found = db.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name <> 'migrations'"
        ).fetchall()
        assert indexes < {row[0] for row in db.execute(db.dialect.indexes())}
    # The order of arrival of scans, which SQLite has by itself, and its index of words.
    own = {("attachments", "rowid"), ("submissions", "words")}
    assert set(found) - columns == own
    assert columns <= set(found)


@pytest.mark.parametrize("table", ["events", "definition_texts"])
def test_what_is_append_only_is_so(store, table):
    names = "at, actor, verb, detail, submission, seal"
    if table != "events":
        names = "form_id, fingerprint, lang, text_hash, overlay, published_at"
    values = ", ".join(["''"] * 6)
    store.write(
        lambda db: db.execute(f"INSERT INTO {table} ({names}) VALUES ({values})")
    )
    column = names.rpartition(" ")[2]
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(BROKEN_RULE, match="append-only"):
            store.write(lambda db, sql=statement: db.execute(sql))


def test_addresses_are_compared_without_capitals_and_texts_with_them(store):
    store.write(lambda db: add_staff(db, "Anna@x.it"))
    with pytest.raises(psycopg.errors.UniqueViolation):
        store.write(lambda db: add_staff(db, "aNNA@x.it"))
    asked = "SELECT email FROM staff WHERE email >= ? AND email < ? ORDER BY email"
    found = store.read(
        lambda db: db.execute(asked, ["ANN", "anN\U0010ffff"]).fetchall()
    )
    assert [row[0] for row in found] == ["Anna@x.it"]


# --- answers and words


def test_answers_of_a_form_are_indexed(world):
    names = world.store.read(lambda db: db.execute(db.dialect.indexes()).fetchall())
    assert ("answer_every-type:profilo",) in names


@pytest.mark.parametrize("typed", ["3", "03"])
def test_a_number_is_found_however_it_is_typed(world, typed):
    world.sent(people=3)
    wanted = Filter("every-type", field="persone", value=typed)
    assert world.store.read(lambda db: len(queue.queue(db, wanted, 9))) == 1


def test_a_word_without_end_is_stored_and_found_by_its_beginning(world):
    submission = world.sent()
    word = "x" * 5000
    world.store.write(
        lambda db: submissions.change(db, submission.id, search=f"{word} other")
    )
    for typed in ("xxx", word, "othe"):
        found = world.store.read(lambda db, t=typed: queue.queue(db, Filter(text=t), 9))
        assert len(found) == 1


def test_single_answers_are_erased(world):
    submission = world.sent(note="Ciao")

    def job(db):
        assert queue.answered(db, submission.id, "note")
        number = queue.erase_answers(db, submission.id, ["note", "no_such_field"])
        return number, queue.answered(db, submission.id, "note")

    assert world.store.write(job) == (1, False)
    left = {k: v for k, v in submission.answers.items() if k != "note"}
    assert world.row(submission).answers == left


# --- who writes


def test_who_writes_waits_for_whoever_writes(url, store):
    """The second begins when the first has committed, and sees what it has stored."""
    begun, go, seen = threading.Event(), threading.Event(), []

    def slow(db):
        begun.set()
        assert go.wait(60)
        add_staff(db)

    def quick(db):
        seen.append(number_of_staff(db))
        add_staff(db, "b@x.it")

    with closing(Store(url, PATIENCE)) as other:
        threads = [threading.Thread(target=store.write, args=[slow])]
        threads[0].start()
        assert begun.wait(60)
        threads.append(threading.Thread(target=other.write, args=[quick]))
        threads[1].start()
        assert store.read(number_of_staff) == 0
        go.set()
        for thread in threads:
            thread.join()
    assert seen == [1]
    assert store.read(number_of_staff) == 2


def test_a_mistake_that_a_job_swallows_takes_the_whole_back(store, caplog):
    """PostgreSQL would answer COMMIT with a quiet rollback."""

    def job(db):
        add_staff(db)
        with pytest.raises(psycopg.errors.UndefinedTable):
            db.execute("SELECT * FROM missing")

    with pytest.raises(StorageUnavailable):
        store.write(job)
    assert store.read(number_of_staff) == 0
    store.write(add_staff)
    assert store.read(number_of_staff) == 1


def test_nothing_is_committed_after_a_mistake(url):
    with closing(connect(url)) as db:
        db.execute("BEGIN")
        with pytest.raises(psycopg.errors.UndefinedTable):
            db.execute("SELECT * FROM missing")
        assert db.in_transaction
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            db.commit()
        assert not db.in_transaction


def test_erased_rows_are_cleaned_away_and_a_write_is_proven(store):
    store.prove_writable()
    store.write(search.tidy)
    assert not store.read(search.untidy)
    assert store.checkpoint() is True


# --- faults


def cut(cluster, url):
    """End every connection to a database, as a server that is restarted does."""
    name = url.partition("?")[0].rpartition("/")[2]
    cluster.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{name}'"
    )


def test_a_server_that_comes_back_is_used_at_once(cluster, url, store):
    """Nobody hears of a connection that was lost while nothing was asked."""
    store.write(add_staff)
    assert store.read(number_of_staff) == 1
    cut(cluster, url)
    assert store.read(number_of_staff) == 1
    store.write(lambda db: add_staff(db, "b@x.it"))
    assert store.read(number_of_staff) == 2


def test_a_connection_lost_in_the_midst_is_a_fault_that_passes(cluster, url, store):
    def write(db):
        add_staff(db)
        cut(cluster, url)
        add_staff(db, "b@x.it")

    def read(db):
        cut(cluster, url)
        number_of_staff(db)

    with pytest.raises(StorageUnavailable):
        store.write(write)
    with pytest.raises(StorageUnavailable):
        store.read(read)
    assert store.read(number_of_staff) == 0
    store.write(add_staff)
    assert store.read(number_of_staff) == 1


def test_a_server_that_is_not_there_is_a_fault_that_passes(tmp_path):
    nowhere = f"postgresql://tests@/forms?host={tmp_path}"
    with pytest.raises(StorageUnavailable, match="OperationalError"):
        connect(nowhere)


def test_readers_who_lose_one_connection_after_the_other_give_up(
    cluster, url, store, monkeypatch
):
    """A server that takes a connection and ends it at once keeps nobody for ever."""
    assert store.read(number_of_staff) == 0
    monkeypatch.setattr(postgres_engine, "READERS", 0)
    cut(cluster, url)
    with pytest.raises(StorageUnavailable):
        store.read(number_of_staff)
    assert store.read(number_of_staff) == 0


def test_who_finds_no_reader_free_is_told_so_and_served_later(url, store, monkeypatch):
    monkeypatch.setattr(postgres_engine, "READERS", 1)
    monkeypatch.setattr(postgres_engine, "READER_SECONDS", 0.1)
    with closing(Store(url, PATIENCE)) as small:

        def job(db):
            with pytest.raises(StorageUnavailable, match="PoolTimeout"):
                small.read(number_of_staff)
            return number_of_staff(db)

        assert small.read(job) == 0
        monkeypatch.undo()
        assert small.read(number_of_staff) == 0


def test_a_server_that_says_nothing_is_given_up(store):
    """Whoever waits hears of it; what takes its time by nature may take it."""

    def asleep(db):
        assert 0 < db.longest <= 60
        db.longest = 0.1
        db.execute("SELECT pg_sleep(1)")

    def by_nature(db):
        db.execute("CREATE INDEX answer_slow ON staff (email)")
        return db.longest

    for ask in (store.read, store.write):
        with pytest.raises(StorageUnavailable, match="Timeout"):
            ask(asleep)
    assert store.write(by_nature) is None
    assert store.checkpoint() is True
    assert store.read(number_of_staff) == 0


def test_a_mistake_in_the_midst_of_the_turn_is_loud(url):
    engine = PostgresEngine(url)
    with closing(engine), closing(engine.writing(0.2)) as db:
        other = connect(url)
        other.at_once(f"BEGIN; SELECT pg_advisory_xact_lock({postgres.WRITING})")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            engine.begin(db)
        other.close()


@pytest.mark.parametrize(
    ("setting", "told"),
    [("off", "synchronous_commit is off"), ("local", "synchronous_commit is local")],
)
def test_a_server_that_answers_before_it_keeps_is_refused(cluster, url, setting, told):
    name = url.partition("?")[0].rpartition("/")[2]
    cluster.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = {setting}')
    try:
        with pytest.raises(UnfitDatabase, match=told):
            Store(url)
    finally:
        cluster.execute(f'ALTER DATABASE "{name}" RESET synchronous_commit')


def test_a_database_of_other_letters_is_refused(cluster):
    name = f"latin{os.getpid()}"
    cluster.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1'")
    try:
        with pytest.raises(UnfitDatabase, match="LATIN1: make one in UTF8"):
            migrate(cluster.url(name))
    finally:
        cluster.execute(f"DROP DATABASE {name}")


def test_a_server_of_an_older_version_is_refused(url, monkeypatch):
    monkeypatch.setattr(postgres, "OLDEST", 990000)
    with pytest.raises(UnfitDatabase, match="14 or newer"):
        Store(url)


# --- commands


@pytest.fixture
def run(tmp_path, empty):
    """Run commands on a database on which nothing was ever done."""
    settings = {
        "FORMS_DATA_DIR": str(tmp_path / "var"),
        "FORMS_CONTENT_DIR": str(SAMPLE),
        "FORMS_SITE_DIR": str(tmp_path / "site"),
        "FORMS_SECRET_KEYS": "a-key-for-tests-that-is-long-enough-0001",
        "FORMS_DATABASE_URL": empty,
    }

    def run(*arguments, **changes):
        result = CliRunner().invoke(main, list(arguments), env=settings | changes)
        return result.exit_code, result.output

    return run


def test_commands_work_on_the_server(run, tmp_path):
    code, said = run("mail", "status")
    assert (code, "no database in FORMS_DATABASE_URL" in said) == (1, True)
    assert "no database in FORMS_DATABASE_URL" in run("check")[1]
    assert "none yet: serve makes it" in run("doctor")[1]
    assert run("staff", "add", "carla@comune.example")[0] == 0
    assert "Compared with 0 published versions" in run("check")[1]
    assert "whole, 2 entries" in run("doctor")[1]
    assert run("mail", "status")[0] == run("audit", "verify")[0] == 0
    assert run("purge")[0] == 0
    file = tmp_path / "copy"
    assert "pg_dump makes a copy" in run("backup", str(file))[1]
    file.touch()
    assert "pg_restore puts it back" in run("restore", "--yes", str(file))[1]


def test_a_server_that_cannot_be_used_is_told_in_one_sentence(run, cluster, tmp_path):
    nowhere = f"postgresql://tests@/forms?host={tmp_path}"
    said = run("purge", FORMS_DATABASE_URL=nowhere)
    assert said == (1, "Error: no database can be used: OperationalError\n")
    weak = f"postgresql://tests@/forms?host={cluster.folder}"
    weak += "&options=-c%20synchronous_commit%3Doff"
    code, told = run("purge", FORMS_DATABASE_URL=weak)
    assert (code, "synchronous_commit is off" in told) == (os.EX_CONFIG, True)
    code, told = run("purge", FORMS_DATABASE_URL="mysql://x")
    assert (code, "FORMS_DATABASE_URL: write postgresql://" in told) == (1, True)
