"""The one writer: many jobs in one commit, each for itself, nobody waits in vain."""

import ast
import logging
import os
import sqlite3
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pyotp
import pytest

from clerk import PASSWORD, join
from conftest import ROOT
from forms_service.clock import Machine
from forms_service.intake.scan import Scan
from forms_service.mail.return_path import return_path
from forms_service.moving_window import in_memory
from forms_service.store import calls, counts, events, flood, staff
from forms_service.store.alarms import Alarm, AlarmKind
from forms_service.store.calls import CallReason
from forms_service.store.connection import StorageUnavailable
from forms_service.store.contacts import ContactNote, ContactOutcome, Means
from forms_service.store.database import Store
from forms_service.store.events import EventVerb
from forms_service.store.filters import Chosen
from forms_service.store.messages import StaffMessage
from forms_service.store.schema import migrate
from forms_service.store.sealing import Head
from forms_service.store.sqlite import SqliteEngine, connect
from forms_service.store.staff_rights import EVERYTHING, Grant
from forms_service.store.submissions import Proof, Source
from forms_service.store.turns import Turns
from forms_service.store.writer import MOST, WriteInsideJob, Writer
from forms_service.tokens import Tokens
from forms_service.workflow import (
    accounts,
    attaching,
    bulk,
    calling,
    correcting,
    deciding,
    desk_entry,
    discarding,
    erasing,
    exporting,
    feedback,
    finding,
    incoming_mail,
    log_sealing,
    mail_delivery,
    mail_queue,
    maintenance,
    meetings,
    members,
    membership,
    messaging,
    newest_content,
    person_copy,
    purging,
    reaching,
    refusing,
    reminding,
    renewing,
    reports,
    second_factor,
    sending,
    sessions,
    settling,
    signing_in,
    timekeeping,
    verification,
    verification_for_many,
)
from forms_service.workflow.alarm_watch import AlarmWatch
from forms_service.workflow.timekeeper import Timekeeper
from returned_mails import PERSON, POSTFIX
from sample_content import REGISTER

pytest_plugins = ["life"]

DELAY = ("project.yml", "decision_delay: 0", "decision_delay: 5")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "forms.sqlite"
    migrate(path)
    return path


@pytest.fixture
def store(path):
    # Nobody leaves because a machine is slow.
    store = Store(path, patience=60)
    store.write(lambda db: db.execute("CREATE TABLE tally (n INTEGER)"))
    yield store
    store.close()


def add(number):
    return lambda db: db.execute("INSERT INTO tally VALUES (?)", [number]).rowcount


def numbers(store):
    rows = store.read(lambda db: db.execute("SELECT n FROM tally ORDER BY n"))
    return [row[0] for row in rows]


class Together:
    """Jobs that all wait while another one runs, so that they share a transaction."""

    def __init__(self, store):
        self.store, self.said, self.results = store, [], {}
        self._go, self._held = threading.Event(), threading.Event()
        self._threads = []
        self._start("first", self._hold)
        assert self._held.wait(60)

    def _hold(self, db):
        db.set_trace_callback(self.said.append)
        self._held.set()
        assert self._go.wait(60)

    def _start(self, name, job):
        def run():
            try:
                self.results[name] = self.store.write(job)
            except Exception as error:
                self.results[name] = error

        self._threads.append(threading.Thread(target=run))
        self._threads[-1].start()

    def until(self, waiting):
        """Return when so many wait: whoever is asked first is still busy."""
        while self.store.waiting() < waiting:
            time.sleep(0.001)

    def run(self, **jobs):
        """Queue the jobs in this order, let them go, return what each got."""
        for name, job in jobs.items():
            waiting = self.store.waiting()
            self._start(name, job)
            self.until(waiting + 1)
        self._go.set()
        for thread in self._threads:
            thread.join()
        self.results.pop("first")
        self.store.write(lambda db: db.set_trace_callback(None))
        # The first had a commit of its own; that of the last is not told any more.
        self.said = self.said[self.said.index("COMMIT") + 1 :]
        return self.results


def test_all_that_wait_share_one_commit(store):
    together = Together(store)
    got = together.run(**{f"job{n}": add(n) for n in range(20)})
    assert set(got.values()) == {1}
    assert numbers(store) == list(range(20))
    assert together.said.count("COMMIT") == 1
    # Who is alone needs none.
    assert together.said.count("SAVEPOINT job") == 20


def test_a_batch_has_a_bound(store):
    together = Together(store)
    got = together.run(**{f"job{n}": add(n) for n in range(MOST + 9)})
    assert set(got.values()) == {1}
    assert numbers(store) == list(range(MOST + 9))
    sizes = "".join(
        {"COMMIT": "|", "SAVEPOINT job": "."}.get(s, "") for s in together.said
    )
    assert max(map(len, sizes.split("|"))) == MOST


def test_a_job_that_fails_fails_alone(store):
    def half(db):
        add(100)(db)
        raise KeyError("planted")

    got = Together(store).run(before=add(1), bad=half, after=add(2))
    assert isinstance(got["bad"], KeyError)
    assert (got["before"], got["after"]) == (1, 1)
    assert numbers(store) == [1, 2]


def test_what_a_job_may_take_back_is_in_no_file(store):
    def job(db):
        db.execute("UPDATE tally SET n = n + 1")
        return [name for name in open_files() if "etilqs" in name]

    # More pages than SQLite keeps in memory by itself.
    store.write(
        lambda db: db.execute(
            "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t "
            "WHERE n < 20000) INSERT INTO tally SELECT n FROM t"
        )
    )
    assert Together(store).run(one=job, other=job) == {"one": [], "other": []}


def open_files():
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            yield os.readlink(file)


def test_a_transaction_that_ends_early_is_told_to_everybody_in_it(store, caplog):
    """Also to who would have heard of a full form: that may not be true any more."""

    def refused(db):
        raise KeyError("planted")

    def end(db):
        db.execute("ROLLBACK")

    got = Together(store).run(before=add(1), domain=refused, bad=end, after=add(2))
    assert {type(answer) for answer in got.values()} == {StorageUnavailable}
    assert numbers(store) == []
    assert "nothing of 4 jobs was stored" in caplog.text
    assert store.write(add(3)) == 1


def test_a_disk_that_is_full_stores_nothing_of_the_batch(store):
    def fill(db):
        db.execute("PRAGMA max_page_count = 1")
        db.execute("INSERT INTO tally VALUES (?)", ["x" * 10_000_000])

    got = Together(store).run(before=add(1), bad=fill)
    assert isinstance(got["bad"], StorageUnavailable)
    stored = numbers(store)
    # SQLite may take back the row alone or the whole: who hears what must fit.
    assert stored == ([1] if got["before"] == 1 else [])
    store.write(lambda db: db.execute("PRAGMA max_page_count = 1000000"))
    assert store.write(add(2)) == 1


def test_a_job_that_was_not_begun_in_time_is_never_done(path):
    store = Store(path, patience=0.2)
    store.write(lambda db: db.execute("CREATE TABLE tally (n INTEGER)"))
    slow, begun = threading.Event(), threading.Event()

    def hold(db):
        begun.set()
        assert slow.wait(60)
        return add(1)(db)

    got = []
    thread = threading.Thread(target=lambda: got.append(store.write(hold)))
    thread.start()
    assert begun.wait(60)
    with pytest.raises(StorageUnavailable, match="BUSY"):
        store.write(add(2))
    slow.set()
    thread.join()
    # Who was begun is waited for, however long it takes.
    assert got == [1]
    assert store.write(add(3)) == 1
    assert numbers(store) == [1, 3]
    store.close()


def test_nobody_gets_a_turn_while_another_program_writes(path, caplog):
    """Who has left is never done, and who asks after the other has ended is served."""
    other, begun, left = connect(path), threading.Event(), threading.Event()
    other.execute("CREATE TABLE tally (n INTEGER)")
    writer = Writer(SqliteEngine(path), patience=0.2)

    def lock(db):
        other.execute("BEGIN IMMEDIATE")
        begun.set()
        assert left.wait(60)

    thread = threading.Thread(target=lambda: writer.run(lock, alone=True))
    thread.start()
    assert begun.wait(60)
    with pytest.raises(StorageUnavailable, match="BUSY"):
        writer.run(add(1))
    # It has left before the writer comes to it, and that finds the lock.
    left.set()
    thread.join()
    asked = 0
    while not caplog.messages and (asked := asked + 1) < 50:
        with pytest.raises(StorageUnavailable, match="BUSY"):
            writer.run(add(2))
    assert "nothing of 1 jobs was stored: SQLITE_BUSY" in caplog.messages
    other.execute("ROLLBACK")
    assert writer.run(add(3)) == 1
    assert [n for (n,) in other.execute("SELECT n FROM tally")] == [3]
    writer.close()
    other.close()


def test_processes_stand_in_line_and_none_is_before_another_twice(path):
    """As two processes would: each store has a place of its own in the line."""
    stores = [Store(path, patience=60) for _ in range(2)]
    stores[0].write(lambda db: db.execute("CREATE TABLE tally (n INTEGER)"))
    line, order = Turns(path), []
    with line.take():
        # Who knocks at the door of the database alone would get in.
        with closing(connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")

        def come(store, number):
            def job(db):
                order.append(number)
                return add(number)(db)

            thread = threading.Thread(target=store.write, args=[job])
            thread.start()
            return thread

        waiting = [come(stores[0], 0)]
        until(lambda: in_line(path) == 1)
        waiting.append(come(stores[1], 1))
        until(lambda: in_line(path) == 2)
        assert order == []
    for thread in waiting:
        thread.join()
    assert order == [0, 1]
    for store in stores:
        store.close()
    line.close()


def test_of_several_stores_on_a_machine_one_leads(path):
    first, second = Store(path), Store(path, may_lead=False)
    for store in (first, second):
        store.attend(print, print)
    assert (first.leading, first.leader()) == (True, "this")
    assert (second.leading, second.leader()) == (False, "another")
    # What it is asked to do, it does all the same.
    assert second.write(lambda db: db.execute("SELECT 7").fetchone()[0]) == 7
    for store in (first, second):
        store.close()


def in_line(path):
    """Return how many wait for a lock of the line, as the kernel tells."""
    files = {Path(f"{path}-{name}").stat().st_ino for name in ("next", "turn")}
    locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    blocked = [int(words[6].rpartition(":")[2]) for words in locks if words[1] == "->"]
    return sum(inode in files for inode in blocked)


def until(fact):
    ends = time.monotonic() + 60
    while not fact():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_where_there_can_be_no_line_the_database_alone_decides(path):
    store = Store(path)
    Path(f"{path}-turn").mkdir()
    store.write(lambda db: db.execute("CREATE TABLE tally (n INTEGER)"))
    assert store.write(add(1)) == 1
    assert numbers(store) == [1]
    store.close()


def test_a_transaction_that_cannot_be_rolled_back_is_when_it_can(store, caplog):
    """SQLite refuses to commit and to roll back, until the refusal is taken away."""

    def refuse(action, word, *_):
        ends = action == sqlite3.SQLITE_TRANSACTION and word in ("COMMIT", "ROLLBACK")
        return sqlite3.SQLITE_DENY if ends else sqlite3.SQLITE_OK

    writing = []

    def plant(db):
        writing.append(db)
        db.set_authorizer(refuse)
        return add(1)(db)

    for job in (plant, add(2)):
        with pytest.raises(StorageUnavailable):
            store.write(job)
    assert caplog.messages.count("not rolled back: DatabaseError") == 2
    writing[0].set_authorizer(None)
    with pytest.raises(StorageUnavailable):
        store.write(add(3))
    assert store.write(add(4)) == 1
    assert numbers(store) == [4]


def test_a_job_that_writes_through_the_store_fails_at_once(store):
    with pytest.raises(WriteInsideJob):
        store.write(lambda db: store.write(add(1)))
    with pytest.raises(WriteInsideJob):
        store.write(lambda db: store.checkpoint())
    assert store.write(add(2)) == 1
    assert numbers(store) == [2]


def test_an_error_of_waiting_that_a_job_raises_itself_arrives(store):
    def job(db):
        raise TimeoutError("planted")

    with pytest.raises(TimeoutError, match="planted"):
        store.write(job)


def test_closing_does_what_waits_and_then_nobody_writes(path):
    # What another test has left open is not this store's.
    before = {*threading.enumerate()}
    store = Store(path)
    store.write(lambda db: db.execute("CREATE TABLE tally (n INTEGER)"))
    together = Together(store)
    waiting = threading.Thread(target=lambda: store.write(add(1)))
    waiting.start()
    together.until(1)
    threading.Timer(0.3, together._go.set).start()
    store.close()
    waiting.join()
    with pytest.raises(StorageUnavailable, match="ended"):
        store.write(add(2))
    again = Store(path)
    assert numbers(again) == [1]
    again.close()
    left = {*threading.enumerate()} - before
    assert not [t for t in left if t.name == "writer"]


def test_a_writer_that_has_ended_fails_the_health_check(service, clock):
    assert service.get("/healthz").status == 200
    clock.advance(seconds=1)
    service.context.store.close()
    assert service.get("/healthz").status == 503


def test_erased_text_leaves_the_log_also_while_everybody_sends(store):
    over = threading.Event()

    def send():
        while not over.is_set():
            store.write(add(1))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    done = [store.checkpoint() for _ in range(5)]
    over.set()
    for thread in threads:
        thread.join()
    assert done == [True] * 5


def test_the_log_stays_one_chain_while_commands_write_beside_the_service(world):
    """Another store stands for a command: its transactions come in between ours."""
    other = Store(world.store.where)
    # Nobody begins a round before all have written in the one before.
    rounds = threading.Barrier(8)

    def log(store, verb):
        job = partial(events.record, now=world.clock(), actor="command", verb=verb)
        for _ in range(50):
            rounds.wait(60)
            store.write(job)

    stores = [(other, EventVerb.EXPORT)] * 4 + [(world.store, EventVerb.SIGN_OUT)] * 4
    assert world.at_once(8, lambda n: log(*stores[n])) == [None] * 8
    other.close()
    assert world.log_is_whole()
    # Besides the entries, one that names the key.
    assert world.check_log().head.number == 401
    verbs = [row[0] for row in world.sql("SELECT verb FROM events ORDER BY id")]
    assert verbs.count("export") == verbs.count("sign_out") == 200
    assert verbs != sorted(verbs), "they came one after the other: nothing was proven"


# --- a job does nothing outside its transaction


WORKFLOW = ROOT / "forms_service" / "workflow"


class Twice(Store):
    """A store that runs each job, takes back what it did, and runs it again."""

    asked = frozenset()

    def write(self, job):
        frame = sys._getframe(1)
        while frame.f_code.co_name.startswith("<"):
            frame = frame.f_back
        asking = frame.f_code
        if Path(asking.co_filename).parent == WORKFLOW:
            Twice.asked |= {(Path(asking.co_filename).name, asking.co_name)}

        def twice(db):
            db.execute("SAVEPOINT rehearsal")
            try:
                job(db)
            except Exception:
                logging.getLogger(__name__).debug("raises the second time too")
            db.execute("ROLLBACK TO rehearsal")
            db.execute("RELEASE rehearsal")
            return job(db)

        return super().write(twice)


def all_that_write():
    """Return the functions of the workflow that ask the store to write."""
    found = set()
    for file in WORKFLOW.glob("*.py"):
        for function in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                asks = (
                    ast.unparse(node.func).endswith("store.write")
                    for node in ast.walk(function)
                    if isinstance(node, ast.Call)
                )
                found |= {(file.name, function.name)} if any(asks) else set()
    return found


def everything(world, kind):
    """Do every verb once in a store of this kind; return what the world is then."""
    world.store.close()
    world.store = kind(world.store.where)
    world.start(world.context.content)
    parts = (
        in_class,
        sent_and_proven,
        taken_back,
        corrected,
        decided,
        reached,
        at_the_desk,
        by_staff,
        of_rights,
        of_factors,
        many,
        for_many,
    )
    later = in_time, came_back, by_the_clock, in_register
    for part in (*parts, *later):
        part(world, world.context)
    tables = {
        "submissions": "status, place, line, seats, proof, email, link_tries, "
        "code_tries, code_generation, personal_generation, link_generation",
        "events": "actor, verb, detail LIKE '%form%'",
        "outbox": "kind, address, attempts, sent_at IS NULL, reason",
        "staff": "email, wants_mail, wants_keys, role, setup_generation",
        "staff_forms": "form_id",
        "factors": "since, used_at",
        "recovery_codes": "length(digest)",
        "meetings": "day, title, revision",
        "attendance": "present",
        "contacts": "means, outcome, purpose",
        "calls": "called_at IS NULL",
        "reports": "begins, ends, figures",
        "notes": "text",
        "revisions": "answers",
        "attachments": "size",
        "feedback": "stars, choice, text",
        "replies": "sender, subject, text",
        "alarms": "id, cleared_at IS NULL, mailed_at IS NULL",
        "announcements": "told, sequence, reminded",
        "search_progress": "untidy",
    }
    # A number that was taken back is not given again on PostgreSQL.
    staff = [row[0] for row in world.sql("SELECT id FROM staff ORDER BY id")]
    ranks = {f"staff:{number}": rank for rank, number in enumerate(staff)}
    # Who is removed has a number for an address.
    ranks |= {str(number): rank for rank, number in enumerate(staff)}
    rows = {
        table: [
            tuple(ranks.get(value, value) for value in row)
            for row in world.sql(f"SELECT {columns} FROM {table} {ordered(table)}")
        ]
        for table, columns in tables.items()
    }
    assert all(rows.values()), {t for t in rows if not rows[t]}
    assert world.log_is_whole()
    assert world.store.read(counts.miscounted) == []
    return rows


def ordered(table):
    """Return the order of a table that has one."""
    numbered = {"events", "outbox", "staff", "notes", "revisions", "meetings"}
    key = "number" if table == "submissions" else "id" if table in numbered else ""
    return key and f"ORDER BY {key}"


def sent_and_proven(world, work):
    key = world.key()
    first = world.send("a@example.org", key=key).submission
    assert world.send("a@example.org", key=key).submission == first
    sending.change_address(work, first.id, "b@example.org")
    with pytest.raises(verification.CodeWrong):
        verification.confirm_by_code(work, first.id, "WRONG2")
    world.post()
    sending.resend(work, first.id)
    verification.confirm_link(work, world.link(world.row(first)))
    verification.confirm(work, world.sent("c@example.org").id)
    verification.request_code(work, first.id)
    row = world.row(first)
    code = work.tokens.code("open", f"{row.id}:{row.code_generation}")
    verification.check_code(work, row.id, code)
    verification.lost_link(work, "b@example.org")
    mail = mail_delivery.claim(work)
    mail_delivery.report_failure(work, mail, "550", permanent=True)
    mail_delivery.retry(work, "command")
    mail_delivery.release(work, "command")


def for_many(world, work):
    """Confirm by a mail for many requests, which could not leave at first."""
    rows = [world.sent("q@example.org") for _ in range(7)]
    mail_delivery.put_back(work, mail_delivery.claim(work), "connection")
    world.post()
    world.clock.advance(days=1)
    mail = world.post()[-1]
    token = world.message(mail).link.rpartition("/")[2]
    verification_for_many.confirm_for_many(work, token, rows[-1].reference)


def corrected(world, work):
    row = world.proven("d@example.org")
    form, actor = world.form(), deciding.staff_actor(world.clerk.id)
    correcting.correct(work, form, row.id, world.answers("e@example.org"))
    deciding.add_note(work, row.id, world.clerk.id, "A note")
    deciding.read_by_staff(work, row.id, actor)


def reached(world, work):
    """Put right what a person wrote, know them, and reach them."""
    actor = deciding.staff_actor(world.clerk.id)
    row = world.proven("e1@example.org")
    told = world.answers("e1@example.org", nome="Ánh")
    correcting.repair(work, row.id, told, actor, correcting.Why.PHONE)
    correcting.mend_address(work, row.id, "e2@example.org", actor)
    row = world.sent("e3@example.org")
    world.post()
    mail_delivery.set_aside(work, [m.id for m in world.mails(row)], "550 5.7.1")
    reaching.resend(work, row.id, actor)
    reaching.prove(work, row.id, Proof.PHONE, actor)
    for settled in (reaching.retry, calling.mark_called):
        mail = mail_delivery.claim(work)
        mail_delivery.report_failure(work, mail, "550", permanent=True)
        assert settled(work, row.id, actor) == 1
    assert calling.unmark_called(work, row.id, actor)
    assert calling.mark_called(work, row.id, actor)


def taken_back(world, work):
    actor = deciding.staff_actor(world.clerk.id)
    row = world.proven("s@example.org")
    deciding.decide(work, row.id, EventVerb.ACCEPT, actor)
    settling.undo(work, row.id, actor, world.row(row).revision)
    deciding.decide(work, row.id, EventVerb.DECLINE, actor)
    world.clock.advance(minutes=6)
    assert settling.settle(work) == 1
    world.sent("t@example.org")
    newest = world.store.read(flood.hours)[0]
    assert discarding.discard(work, newest, actor) > 0


def decided(world, work):
    actor = deciding.staff_actor(world.clerk.id)

    def do(verb, **more):
        return deciding.decide(work, row.id, verb, actor, **more)

    row = world.proven("f@example.org")
    do(EventVerb.ASK_CORRECTION, fields=["note"], reason="Please")
    do(EventVerb.STOP_WAITING, reason="Known")
    do(EventVerb.DECLINE)
    do(EventVerb.REOPEN, reason="A mistake")
    do(EventVerb.ACCEPT)
    do(EventVerb.WITHDRAW)
    world.proven("g@example.org", people=5)
    waits = world.proven("h@example.org", people=4)
    deciding.promote(work, waits.id, actor)
    deciding.erase(work, world.proven("i@example.org").id, actor)


def at_the_desk(world, work):
    clerk, actor = world.clerk.id, deciding.staff_actor(world.clerk.id)
    scan = Scan(b"%PDF-", "pdf", 1, ())
    ids = attaching.keep(work, [scan], clerk)
    entry = desk_entry.DeskEntry(Source.PAPER, date(2030, 3, 1), Proof.SIGNATURE)
    answers = world.answers("l@example.org")
    row = desk_entry.enter(work, world.form(), answers, entry, actor, world.key(), ids)
    attaching.read(work, row.id, ids[0], actor)
    attaching.attach(work, row.id, [scan], clerk, actor)
    attaching.remove(work, row.id, ids[0], actor)
    attaching.keep(work, [scan], clerk)
    mark = feedback.new_mark(work, "every-type")
    feedback.rate(work, "every-type", mark, 4)
    feedback.explain(work, "every-type", mark, "clear", "Fine")
    person_copy.log_copy(work, row, actor, format="json")


def in_class(world, work):
    """Write down who was at a meeting, take it back, and print the sheet."""
    form, actor = "every-type", deciding.staff_actor(world.clerk.id)
    row = world.proven("class@example.org")
    deciding.decide(work, row.id, EventVerb.ACCEPT, actor)
    first = meetings.add(work, form, date(2030, 3, 1), "First", actor)
    meetings.record(work, form, (first, 0), [row.id], actor)
    meetings.record(work, form, (first, 1), [], actor)
    meetings.take_back(work, form, (first, 2), actor)
    second = meetings.add(work, form, date(2030, 3, 8), "Second", actor)
    meetings.remove(work, form, second, actor)
    exporting.log_sheet(work, form, 1, actor)


def by_staff(world, work):
    failures = in_memory(work.clock)
    member = join(work, "m@example.org")
    accounts.want_mail(work, member.id, True)
    accounts.want_keys(work, member.id, False)
    accounts.ask_password(work, member.email)
    who = (work, failures, "m@example.org")
    secret = signing_in.sign_in(*who, PASSWORD, "192.0.2.0/24").secret
    finding.remember(work, secret, "Ánh")
    world.clock.advance(minutes=2)
    member = sessions.session_of(work, secret).staff
    stopped = Alarm(AlarmKind.STOPPED, {"part": "mail"})
    AlarmWatch(work, world.folder, lambda: [stopped]).look()
    accounts.change_password(work, member, PASSWORD, PASSWORD + " nuove", secret)
    refusing.note_refusal(work, failures, member.id, "health")
    sessions.sign_out(work, secret)
    sessions.close_all_sessions(work, member.id, deciding.staff_actor(member.id))
    for refusal in [signing_in.SignInRefused] * 3 + [signing_in.TooManyFailures]:
        with pytest.raises(refusal):
            signing_in.sign_in(*who, "wrong", "192.0.2.0/24")
    assert mail_queue.queue_digests(work) == 1
    accounts.remove(work, accounts.invite(work, "n@example.org") and "n@example.org")


def of_rights(world, work):
    """Invite by mail, change what a colleague may do, end a session, remove."""
    actor, who = deciding.staff_actor(world.clerk.id), "rights@example.org"
    members.invite(work, who, EVERYTHING, actor)
    member = world.store.read(lambda db: staff.by_email(db, who))
    accounts.set_up(work, accounts.setup_token(work, member), PASSWORD)
    members.change_grant(work, member.id, Grant(), actor)
    signing_in.sign_in(work, in_memory(work.clock), who, PASSWORD, "192.0.2.0/24")
    (opened,) = members.one(work, member.id).sessions
    sessions.close_one(work, member.id, opened.digest)
    members.remove(work, member.id, actor)


def of_factors(world, work):
    member = join(work, "factor@example.org")

    def set_up():
        secret = second_factor.new_secret()
        code = pyotp.TOTP(secret).at(world.clock())
        return secret, second_factor.set_up(work, member, secret, code, "")

    secret, codes = set_up()
    code = pyotp.TOTP(secret).at(world.clock() + timedelta(seconds=30))
    for typed in (code, codes[0]):
        second_factor.check_code(work, member, typed)
        with pytest.raises(second_factor.CodeRefused):
            second_factor.check_code(work, member, typed)
    second_factor.reset(work, member.id, deciding.staff_actor(world.clerk.id))
    set_up()
    newer = Tokens(["a key for tests that is long enough", "a newer key"])
    second_factor.seal_again(replace(work, tokens=newer))


def many(world, work):
    clerk = world.clerk.id
    helper = join(work, "q@example.org")
    people = [world.proven(f"{name}@example.org") for name in ("v", "w")]
    read = [bulk.chosen(world.row(one)) for one in people]
    bulk.assign(work, "a" * 16, read, helper.id, clerk)
    bulk.decide(work, "b" * 16, [*read, *read], EventVerb.DECLINE, clerk, "Full")
    deciding.add_note(work, people[1].id, clerk, "Note")  # and so it stays
    bulk.undo(work, "b" * 16, clerk)
    made = "every-type", "giro", {"it": "Ciao"}, "", 0, work.clock()
    messaging.try_out(work, StaffMessage("c" * 16, clerk, *made), "q@example.org")
    read = [bulk.chosen(world.row(one)) for one in people]
    messaging.send(work, StaffMessage("d" * 16, clerk, *made), read)
    messaging.undo(work, "d" * 16, clerk)


def in_time(world, work):
    world.sent("o@example.org")
    reminding.announce(work)
    world.post()
    world.clock.advance(hours=80)
    maintenance.release_lapsed(work)
    world.clock.advance(days=40)
    purging.refresh_retention(work)
    purging.purge(work)
    maintenance.drop_sessions(work, work.clock(), work.clock())
    assert newest_content.is_newest(work)
    row = world.sent("r@example.org")
    maintenance.update_search(work)
    deciding.erase(work, row.id, "staff:1")
    back = world.sent("u@example.org")
    work.folder.ledger.add(work.today, [back.id])
    assert erasing.erase_again(work) == 1
    exporting.export(work, "every-type", "csv", exporting.Reason.COMMAND, "command")
    world.seal()
    # A head that the log does not go on from, as after a failover.
    work.folder.head.write(work.clock(), Head(10_000, "f" * 64))
    assert all(log_sealing.restart(work, "command")[1:])


def came_back(world, work):
    row = world.sent("u@example.org")
    mail = next(m for m in world.post() if m.submission == row.id)
    back = return_path(work.tokens, "moduli@example.org", mail.id, work.clock())
    for text in (PERSON, POSTFIX):
        raw = text.replace("{back}", back).replace("{key}", mail.key)
        assert incoming_mail.receive(work, raw.encode())
    incoming_mail.read_replies(work, "staff:1")


def by_the_clock(world, work):
    """Send while the clock is far ahead, put it right, and believe it."""
    machine = Machine(work.clock, lambda: 1000.0, lambda: True)
    keeper = Timekeeper(world.store, machine)
    told = replace(work, clock=keeper.written, timekeeper=keeper)
    timekeeping.tick(told)
    world.clock.advance(days=30)
    world.sent("s@example.org")
    world.clock.advance(days=-30)
    timekeeping.tick(told)
    timekeeping.accept(told, "command")
    row = world.sent("t@example.org", nascita="01/02/1980")
    world.clock.advance(days=300)
    assert purging.erase_fields(work) == 1
    about = partial(calls.want, reason=CallReason.EVENT, since=work.clock())
    world.store.write(partial(about, submission_id=row.id))
    calling.forget_past_events(work)
    world.seal()


def in_register(world, work):
    """Make a register of who was there; find, contact and ask; report the quarter."""
    actor, file = deciding.staff_actor(world.clerk.id), "forms/every-type.yml"
    world.edit(REGISTER, (file, 'version: "1.0"', 'version: "2.0"'))
    work, chosen = world.context, Chosen("interessi", ("orto",), many=True)
    (member,) = membership.search(work, "every-type", [chosen], actor).hits
    note = ContactNote(work.clock(), None, Means.PHONE, ContactOutcome.YES, "Wall")
    membership.contacted(work, member.id, world.clerk.id, note, work.today)
    world.clock.advance(days=60)
    assert renewing.ask(work) == 1
    renewing.renew(work, member.id, "citizen", world.form().fingerprint)
    quarter = date(2030, 1, 1), date(2030, 4, 1)
    reports.fix(work, world.form(), quarter, actor)


def test_every_job_may_be_run_again_because_it_does_nothing_outside(new_world, engine):
    Twice.asked = frozenset()
    once, twice = (everything(new_world(DELAY), kind) for kind in (Store, Twice))
    assert once == twice
    if engine == "postgresql":
        # There the index of words is never behind, and needs no tidying; the counts
        # are put together when there are many.
        of_index = {
            ("maintenance.py", "fold_counts"),
            ("context.py", "forget_erased"),
            ("maintenance.py", "update_search"),
        }
        assert all_that_write() - Twice.asked == of_index
    done = {verb for _, verb, _ in once["events"]}
    # What is left: an entry in the log alone, or queued as the others are.
    assert {str(verb) for verb in EventVerb} - done == {
        "event_changed", "mail_release", "reminder", "restore",
    }  # fmt: skip


def test_a_job_that_remembers_would_be_found(new_world):
    world = new_world()
    world.store.close()
    world.store = Twice(world.store.where)
    seen = []
    world.store.write(seen.append)
    assert len(seen) == 2
