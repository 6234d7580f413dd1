"""Several processes on one PostgreSQL: one leads, all hear of mails, none is needed."""

import subprocess
import sys
import threading
import time
from contextlib import closing
from itertools import takewhile

import pytest

from cluster import PATIENCE
from forms_service.store import counts, oldest_program, postgres_watch
from forms_service.store.database import Store
from forms_service.store.postgres import connect
from forms_service.store.postgres_engine import PostgresEngine
from forms_service.workflow import maintenance
from forms_service.workflow.leading import Round

pytest_plugins = ["life"]
pytestmark = pytest.mark.engine("postgresql")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(postgres_watch, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(postgres_watch, "AGAIN_SECONDS", 0.05)


@pytest.fixture
def processes(new_database):
    """Two stores on one database, as two processes have them."""
    url = new_database()
    with closing(Store(url, PATIENCE)) as one, closing(Store(url, PATIENCE)) as two:
        yield one, two


def until(condition):
    """Wait for what a thread of the store brings about."""
    tick = threading.Event()
    for _ in range(6000):
        if condition():
            return
        tick.wait(0.01)
    pytest.fail("it has not happened within a minute")


def attend(store):
    heard = threading.Event()
    store.attend(heard.set, pytest.fail)
    assert heard.wait(60), "who begins looks for what was queued before"
    return heard


def test_a_command_leads_itself_and_of_many_services_one(processes):
    one, two = processes
    assert one.leading
    assert one.leader() == "this"
    attend(one)
    until(lambda: one.leading)
    attend(two)
    assert not two.leading
    assert (one.leader(), two.leader()) == ("this", "another")


def test_who_leads_no_more_is_followed_by_another(processes):
    one, two = processes
    attend(one)
    until(lambda: one.leading)
    attend(two)
    one.close()
    until(lambda: two.leading)


def test_who_may_not_lead_gives_it_to_another_and_may_again(processes):
    one, two = processes
    attend(one)
    until(lambda: one.leading)
    attend(two)
    one.let_lead(False)
    until(lambda: two.leading)
    assert not one.leading
    two.let_lead(False)
    until(lambda: one.leader() == "none")
    one.let_lead(True)
    until(lambda: one.leading)


def test_a_lost_connection_loses_the_lead_and_is_made_again(cluster, processes):
    one, two = processes
    attend(one)
    until(lambda: one.leading)
    heard = attend(two)
    heard.clear()
    name = one.where.partition("?")[0].rpartition("/")[2]
    cluster.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{name}'"
    )
    # Made again, it looks for what was queued meanwhile.
    assert heard.wait(60)
    until(lambda: one.leading != two.leading)


def test_who_waits_for_mails_hears_of_them_after_the_commit(world):
    with closing(Store(world.store.where)) as other:
        heard = attend(other)
        heard.clear()
        world.sent()
        assert heard.wait(60)


def test_what_is_queued_right_after_others_were_told_is_looked_for_too(world):
    with closing(Store(world.store.where)) as other:
        heard = attend(other)
        for name in "abc":
            heard.clear()
            world.sent(f"{name}@example.org")
            assert heard.wait(60)


def test_of_many_mails_others_are_told_once_in_a_pause(new_database):
    engine = PostgresEngine(url := new_database())
    with closing(engine), closing(connect(url)) as other:
        other.at_once(f"LISTEN {postgres_watch.MAILS}; LISTEN the_end")
        with closing(engine.writing(PATIENCE)) as db:
            began = time.monotonic()
            for _ in range(100):
                db.wake_senders()
                engine.committed(db)
            most = 1 + (time.monotonic() - began) / postgres_watch.PAUSE_SECONDS
            db.at_once("NOTIFY the_end")
        told = [*takewhile(lambda n: n.channel != "the_end", other.notifies())]
    assert 1 <= len(told) <= most


def test_who_serves_when_a_newer_program_forbids_it_is_told_once(processes):
    one, two = processes
    told = []
    one.attend(lambda: None, told.append)
    until(lambda: one.leading)
    two.write(lambda db: oldest_program.require(db, 999))
    until(lambda: told)
    assert "must know step 999; install the newer again" in told[0]
    until(lambda: not one.leading)
    assert len(told) == 1


def test_a_commit_is_one_also_where_nobody_can_be_told(new_database):
    engine = PostgresEngine(new_database())
    with closing(engine), closing(engine.writing(PATIENCE)) as db:
        db.wake_senders()
        db.close()
        engine.committed(db)
    assert not db.wakes


def test_a_round_is_done_by_who_leads_and_by_all_where_it_must(processes):
    one, two = processes
    attend(one)
    until(lambda: one.leading)
    attend(two)
    done = []
    pauses = [
        Round(store, lambda n=n: done.append(n), 60.0, everywhere)()
        for n, store in enumerate(processes)
        for everywhere in (False, True)
    ]
    assert done == [0, 0, 1]
    assert pauses == [60.0, 60.0, 5.0, 5.0]


def test_counts_are_folded_when_there_are_many(world, monkeypatch):
    for mailbox in "abc":
        world.sent(f"{mailbox}@example.org")
    before = world.store.read(counts.unfolded)
    assert 0 < before < maintenance.FOLDED_FROM
    maintenance.fold_counts(world.context)
    assert world.store.read(counts.unfolded) == before
    monkeypatch.setattr(maintenance, "FOLDED_FROM", 1)
    maintenance.fold_counts(world.context)
    assert world.store.read(counts.unfolded) == 0


def test_a_watch_on_a_server_that_is_not_there_waits_for_it(tmp_path, caplog):
    nowhere = f"postgresql://tests@/forms?host={tmp_path}"
    with closing(PostgresEngine(nowhere).watch(print, print, print)) as watch:
        until(lambda: "connection lost (StorageUnavailable)" in caplog.text)
        assert not watch.leading


def test_the_lock_of_who_leads_is_seen(world):
    with closing(connect(world.store.where)) as db:
        assert not postgres_watch.is_led(db)
        db.execute(f"SELECT pg_advisory_lock({postgres_watch.LEADING})")
        assert postgres_watch.is_led(db)


LEADER = """
import sys, time
from forms_service.store.database import Store
store = Store(sys.argv[1])
store.attend(lambda: None, print)
while not store.leading:
    time.sleep(0.05)
print("leads", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_an_heir_leads_within_thirty_seconds_after_the_leader_was_killed(processes):
    heir, _ = processes
    with subprocess.Popen(
        [sys.executable, "-c", LEADER, heir.where],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as leader:
        assert leader.stdout.readline() == "leads\n"
        attend(heir)
        assert heir.leader() == "another"
        killed = time.monotonic()
        leader.kill()
        until(lambda: heir.leading)
        assert time.monotonic() - killed < 30
