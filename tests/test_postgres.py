"""PostgreSQL: the same tables, the same turn for all who write, faults that pass."""

import os
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from click.testing import CliRunner
from sqlite_utils import Database, Migrations

from cluster import BROKEN_RULE, PATIENCE
from forms_service.cli import main
from forms_service.store import (
    counts,
    database,
    definitions,
    postgres,
    postgres_engine,
    postgres_schema,
    queue,
    removal,
    schema,
    search,
    submissions,
    waiting_list,
)
from forms_service.store.connection import (
    NotMigrated,
    StorageUnavailable,
    UnfitDatabase,
)
from forms_service.store.database import Store, exists
from forms_service.store.filters import Chosen, Filter
from forms_service.store.log_check import check
from forms_service.store.postgres import connect
from forms_service.store.postgres_engine import PostgresEngine
from forms_service.store.postgres_statements import translated
from forms_service.store.schema import migrate, pending
from forms_service.store.sealing import GENESIS, Head, LogKeys, head, seal
from forms_service.store.submissions import Seat
from forms_service.store.writer import Writer
from forms_service.workflow import deciding, exporting, purging
from sample_content import ROOT, SAMPLE
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


def test_a_view_that_was_made_anew_is_read_by_its_new_names(store):
    def read(db, columns):
        db.execute("DROP VIEW IF EXISTS anew")
        db.execute(f"CREATE VIEW anew AS SELECT {columns}")
        return dict(db.execute("SELECT * FROM anew").fetchone())

    first = store.write(lambda db: read(db, "1 AS a, 2 AS b"))
    second = store.write(lambda db: read(db, "1 AS b, 2 AS a"))
    assert (first, second) == ({"a": 1, "b": 2}, {"b": 1, "a": 2})


def test_who_writes_takes_an_index_of_a_table_that_was_empty_when_it_was_looked_at(
    world,
):
    def plan(db):
        asked = "EXPLAIN SELECT 1 FROM outbox WHERE submission = 'x'"
        return [row[0] for row in db.execute(asked)]

    # From here on the server knows that there is nothing to read.
    world.store.checkpoint()
    assert "Seq Scan" in world.store.read(plan)[0]
    assert "using outbox_submission" in world.store.write(plan)[0]


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


SHAPE = (
    "SELECT table_name, column_name, data_type, collation_name, is_nullable, "
    "column_default, is_identity FROM information_schema.columns "
    "WHERE table_schema = 'public'",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
    "AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')",
)


def shape(url):
    with psycopg.connect(url) as db:
        return [sorted(db.execute(query).fetchall(), key=repr) for query in SHAPE]


def test_a_database_made_by_an_older_program_becomes_as_a_new_one(empty, url):
    made = ROOT / "tests" / "made_before" / "postgresql.sql"
    with psycopg.connect(empty) as db:
        db.execute(made.read_bytes())
        db.execute(
            "INSERT INTO public.events "
            "(at, actor, verb, submission, detail, previous, hash) "
            "VALUES ('2030-03-01T09:00:00+00:00', 'x', 'purge', 's', '{}', '', 'a')"
        )
    assert pending(empty)[0] == "m015_alarms"
    migrate(empty)
    assert shape(empty) == shape(url)
    with closing(connect(empty)) as db:
        assert head(db) == Head(1, "a")


def test_counts_of_a_database_of_before_are_appended_to_from_then_on(empty):
    step = "m018_counts_appended"
    migrate(empty)
    with closing(connect(empty)) as db:
        db.execute("ALTER TABLE counts ADD PRIMARY KEY (form_id, status, place)")
        db.execute("DELETE FROM migrations WHERE name = ?", [step])
    assert migrate(empty) == [step]
    with closing(connect(empty)) as db:
        for _ in range(2):
            db.execute("INSERT INTO counts VALUES ('form', 'new', 'none', 1, 1)")


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
    assert ("answers_every-type:profilo",) in names


def test_the_server_learns_how_often_each_answer_of_a_form_is_given(world):
    def learnt(db):
        asked = "SELECT stxname FROM pg_statistic_ext WHERE stxname LIKE ?"
        return {row[0] for row in db.execute(asked, ["answers_every-type:%"])}

    assert "answers_every-type:profilo" in world.store.read(learnt)
    for fields in (["profilo", "note"], ["note"]):
        world.store.write(
            lambda db, f=fields: definitions.rebuild_view(db, "every-type", f, f)
        )
        names = {f"answers_every-type:{field}" for field in fields}
        assert world.store.read(learnt) == names


@pytest.mark.parametrize("typed", ["3", "03"])
def test_a_number_is_found_however_it_is_typed(world, typed):
    world.sent(people=3)
    wanted = Filter("every-type", answers=(Chosen("persone", (typed,)),))
    assert world.store.read(lambda db: len(queue.queue(db, wanted, 9))) == 1


def test_a_word_without_end_is_stored_and_found_by_its_beginning(world):
    submission = world.sent()
    word = "x" * 5000
    world.store.write(
        lambda db: submissions.change(db, submission, search=f"{word} other")
    )
    for typed in ("xxx", word, "othe"):
        found = world.store.read(lambda db, t=typed: queue.queue(db, Filter(text=t), 9))
        assert len(found) == 1


def test_single_answers_are_erased(world):
    submission = world.sent(note="Ciao")

    def job(db):
        assert removal.answered(db, submission.id, "note")
        number = removal.erase_answers(db, submission.id, ["note", "no_such_field"])
        return number, removal.answered(db, submission.id, "note")

    assert world.store.write(job) == (1, False)
    left = {k: v for k, v in submission.answers.items() if k != "note"}
    assert world.row(submission).answers == left


# --- who writes


class Meanwhile:
    """A job that is in the midst of its transaction until it is let go."""

    def __init__(self, store, *held):
        self.begun, self.go = threading.Event(), threading.Event()
        self._held = held
        self.thread = threading.Thread(target=store.write, args=[self.job])

    def job(self, db):
        for name in self._held:
            db.hold(name)
        add_staff(db)
        self.begun.set()
        assert self.go.wait(60)

    def __enter__(self):
        self.thread.start()
        assert self.begun.wait(60)
        return self

    def __exit__(self, *_):
        self.go.set()
        self.thread.join()


@pytest.fixture
def other(url):
    with closing(Store(url, PATIENCE)) as other:
        yield other


def holding(name, email="b@x.it"):
    """Return a job that counts what is there once it holds a name, and adds to it."""

    def job(db):
        db.hold(name)
        number = number_of_staff(db)
        add_staff(db, email)
        return number

    return job


def test_who_writes_waits_only_for_who_holds_the_same(store, other):
    """The second begins when the first has committed, and sees what it has stored."""
    seen = []
    with Meanwhile(store, "line 1"):
        # A reader holds nothing.
        assert store.read(lambda db: db.hold("line 1")) is None
        assert other.write(holding("line 2")) == 0
        job = holding("line 1", "c@x.it")
        waiting = threading.Thread(target=lambda: seen.append(other.write(job)))
        waiting.start()
        assert (seen, store.read(number_of_staff)) == ([], 1)
    waiting.join()
    assert seen == [2]


def test_who_waits_too_long_for_what_another_holds_is_told_to_come_again(url, store):
    with Meanwhile(store, "line"), closing(Store(url, patience=0.1)) as impatient:
        with pytest.raises(StorageUnavailable, match="LockNotAvailable"):
            impatient.write(holding("line"))
    assert store.read(number_of_staff) == 1


class OneWriter(PostgresEngine):
    writers = 1


def test_a_job_that_would_wait_keeps_nobody_of_its_transaction(url, store):
    """It is put off, and goes first in a transaction that comes after."""
    engine, answers = OneWriter(url), {}
    with closing(engine), closing(Writer(engine, PATIENCE)) as writer:
        jobs = {
            "before": holding("b", "b@x.it"),
            "blocked": holding("line", "c@x.it"),
            "after": holding("d", "d@x.it"),
        }
        busy, free = threading.Event(), threading.Event()

        def first(db):
            busy.set()
            # Now the others wait together.
            while writer.waiting() < len(jobs):
                time.sleep(0.001)

        def run(name):
            answers[name] = writer.run(jobs[name])
            if {"before", "after"} <= answers.keys():
                free.set()

        threads = [threading.Thread(target=writer.run, args=[first])]
        with Meanwhile(store, "line"):
            threads[0].start()
            assert busy.wait(60)
            for name in jobs:
                threads.append(threading.Thread(target=run, args=[name]))
                threads[-1].start()
            assert free.wait(60)
            assert "blocked" not in answers
        for thread in threads:
            thread.join()
    assert answers["blocked"] == 3


def test_two_who_wait_for_each_other_are_both_served(cluster, url):
    name = url.partition("?")[0].rpartition("/")[2]
    cluster.execute(f"ALTER DATABASE \"{name}\" SET deadlock_timeout = '20ms'")
    both = threading.Barrier(2)

    def crosswise(here, there):
        first = [True]

        def job(db):
            db.hold(here)
            if first.pop() if first else False:
                both.wait(60)
            db.hold(there)
            add_staff(db, here)

        return job

    with closing(Store(url, PATIENCE)) as one, closing(Store(url, PATIENCE)) as two:
        thread = threading.Thread(target=one.write, args=[crosswise("a", "b")])
        thread.start()
        two.write(crosswise("b", "a"))
        thread.join()
        assert one.read(number_of_staff) == 2
    cluster.execute(f'ALTER DATABASE "{name}" RESET deadlock_timeout')


def test_counts_are_appended_until_they_are_folded(world):
    rows = [world.sent(f"p{n}@example.org") for n in range(3)]
    deciding.erase(world.context, rows[0].id, "staff:1")
    before = world.store.read(counts.of_status)
    assert world.store.read(counts.unfolded) > 0
    world.store.write(counts.fold)
    assert world.store.read(counts.unfolded) == 0
    assert world.store.read(counts.of_status) == before
    assert world.store.read(counts.miscounted) == []
    world.sent("q@example.org")
    assert world.store.read(counts.miscounted) == []


def test_folding_waits_for_nobody_and_forgets_nobody(world):
    """Somebody who is sending meanwhile appends to what is being folded."""
    rows = [world.sent(f"p{n}@example.org") for n in range(2)]
    begun, go = threading.Event(), threading.Event()

    def slow(db):
        submissions.change(db, rows[0], place=Seat.NONE)
        begun.set()
        assert go.wait(60)

    thread = threading.Thread(target=world.store.write, args=[slow])
    thread.start()
    assert begun.wait(60)
    world.store.write(counts.fold)
    assert world.store.read(lambda db: waiting_list.seats_taken(db, "every-type")) == 2
    go.set()
    thread.join()
    assert world.store.read(counts.miscounted) == []
    assert world.store.read(lambda db: waiting_list.seats_taken(db, "every-type")) == 1


def test_what_is_no_longer_due_when_its_turn_comes_is_not_erased(world):
    """Its owner is doing something with it while the purge comes to it."""
    row = world.sent()
    later = row.purge_after + timedelta(days=400)
    begun, go, done = threading.Event(), threading.Event(), []

    def renew(db):
        submissions.change(db, row, purge_after=later)
        begun.set()
        assert go.wait(60)

    def waiting(db):
        return db.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()

    world.clock.now = row.purge_after + timedelta(minutes=1)
    threads = [
        threading.Thread(target=world.store.write, args=[renew]),
        threading.Thread(target=lambda: done.append(purging.purge(world.context))),
    ]
    threads[0].start()
    assert begun.wait(60)
    threads[1].start()
    until = time.monotonic() + 60
    while not world.store.read(waiting)[0] and time.monotonic() < until:
        time.sleep(0.01)
    go.set()
    for thread in threads:
        thread.join()
    assert done == [[]]
    assert world.row(row).purge_after == later


# --- who reads on by number


def test_nothing_is_settled_while_somebody_may_still_come(world, monkeypatch):
    begun, go = threading.Event(), threading.Event()

    def slow(db):
        begun.set()
        assert go.wait(60)

    thread = threading.Thread(target=world.store.write, args=[slow])
    thread.start()
    assert begun.wait(60)
    first = world.sent()
    monkeypatch.setattr(database, "LONGEST_WRITE", 0)
    with pytest.raises(StorageUnavailable, match="slow writer"):
        world.store.settle(first.number)
    go.set()
    thread.join()
    world.store.settle(first.number)


class Slowly(Store):
    """Whoever reads on by number lets the slow sender go on when it is about to."""

    def settle(self, number):
        self.go.set()
        super().settle(number)


def test_an_export_misses_nobody_who_was_slow(world):
    """A slow sender has a number before a quick one, and commits after it."""
    first = world.sent()
    begun = threading.Event()

    def slow(db):
        columns = {name: getattr(first, name) for name in submissions.COLUMNS}
        del columns["number"], columns["revision"]
        new = columns | {"id": "slow", "reference": "SLOW2345", "form_key": None}
        submissions.insert(db, new)
        begun.set()
        assert store.go.wait(60)

    with closing(Slowly(world.store.where)) as store:
        store.go = threading.Event()
        thread = threading.Thread(target=world.store.write, args=[slow])
        thread.start()
        assert begun.wait(60)
        quick = world.sent("quick@example.org")
        context = replace(world.context, store=store)
        taken = exporting.export(
            context, "every-type", "csv", exporting.Reason.CHECK, "staff:1"
        )
        table = b"".join(taken.chunks).decode()
        thread.join()
    found = [
        table.find(each) for each in (first.reference, "SLOW2345", quick.reference)
    ]
    assert sorted(found) == found
    assert found[0] > 0


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


def test_cleaning_away_takes_no_turn_of_those_who_write(store):
    done = threading.Event()
    busy = [threading.Event() for _ in range(PostgresEngine.writers)]

    def occupy(begun):
        def job(db):
            begun.set()
            done.wait(60)

        store.write(job)

    threads = [threading.Thread(target=occupy, args=[begun]) for begun in busy]
    for thread, begun in zip(threads, busy, strict=True):
        thread.start()
        assert begun.wait(60)
    assert store.checkpoint() is True
    done.set()
    for thread in threads:
        thread.join()


def test_a_search_is_planned_for_its_words_each_time(store):
    """A plan for any word reads a million rows for a rare one."""

    def job(db):
        for _ in range(10):
            queue.queue(db, Filter(text="zanzibar"), 50)
            number_of_staff(db)
        kept = db.execute("SELECT statement FROM pg_prepared_statements").fetchall()
        return [row[0] for row in kept]

    kept = store.read(job)
    assert any("FROM staff" in statement for statement in kept)
    assert not any("@@" in statement for statement in kept)


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
        with closing(connect(url)) as alone:
            alone.at_once(postgres_engine.ALONE)
            with pytest.raises(psycopg.errors.LockNotAvailable):
                engine.begin(db)


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


def test_a_server_without_a_standby_says_what_may_be_lost(store):
    assert "has no synchronous standby" in store.risk()


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
    assert "whole, 3 entries" in run("doctor")[1]
    assert run("mail", "status")[0] == run("audit", "verify")[0] == 0
    assert run("purge")[0] == 0
    assert "forms_reader reads 0 views and nothing else" in run("readers")[1]
    file = tmp_path / "copy"
    code, said = run("backup", str(file))
    assert (code, f"0 submissions in {file}, checked." in said) == (0, True)
    code, said = run("restore", "--yes", str(file))
    assert (code, f"Restored from {file}: 0 submissions." in said) == (0, True)
    assert "The replaced data is in" in said
    (tmp_path / "of a file").write_bytes(empty_database())
    told = "nothing was restored: it is of the other kind"
    assert told in run("restore", "--yes", str(tmp_path / "of a file"))[1]


def test_a_server_that_cannot_be_used_is_told_in_one_sentence(run, cluster, tmp_path):
    nowhere = f"postgresql://tests@/forms?host={tmp_path}"
    said = run("purge", FORMS_DATABASE_URL=nowhere)
    assert said[0] == 1
    told = "Error: no database can be used: OperationalError (connection "
    assert said[1].startswith(told)
    assert said[1].count("\n") == 1
    said = run("doctor", FORMS_DATABASE_URL=nowhere)
    told = "ILL  database: damaged or out of reach: OperationalError (connection "
    assert (said[0], told in said[1]) == (1, True)
    weak = f"postgresql://tests@/forms?host={cluster.folder}"
    weak += "&options=-c%20synchronous_commit%3Doff"
    code, told = run("purge", FORMS_DATABASE_URL=weak)
    assert (code, "synchronous_commit is off" in told) == (os.EX_CONFIG, True)
    code, told = run("purge", FORMS_DATABASE_URL="mysql://x")
    assert (code, "FORMS_DATABASE_URL: write postgresql://" in told) == (1, True)
