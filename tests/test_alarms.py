"""What needs attention is raised once, told in words everywhere, and ends by itself."""

import json
import logging
import os
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from cluster import PATIENCE
from conftest import ROOT
from forms_service.clock import Machine
from forms_service.mail.breaker import Breaker
from forms_service.mail.compose import preview
from forms_service.mail.transport import FileTransport
from forms_service.store import alarms, staff, stopped
from forms_service.store.alarms import Alarm, AlarmKind
from forms_service.store.connection import StorageUnavailable
from forms_service.store.database import Store
from forms_service.workers import MailRoute, Workers
from forms_service.workflow import mail_delivery
from forms_service.workflow.alarm_watch import COPY_AGE, LAST_COPY, AlarmWatch
from forms_service.workflow.timekeeper import Timekeeper
from sample_content import copied, problems_of
from test_cli import OPEN, Commands

pytest_plugins = ["life"]

FULL = shutil._ntuple_diskusage(100, 81, 19)


@pytest.fixture(autouse=True)
def disk(monkeypatch):
    """The disk of this machine is no concern of these tests."""
    roomy = shutil._ntuple_diskusage(2**40, 2**39, 2**39)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: roomy)


def ids(world) -> list[str]:
    return [alarm.kind.value for alarm in world.store.read(alarms.raised)]


@pytest.fixture
def watch(world, tmp_path):
    """A process that looks."""
    return AlarmWatch(world.context, tmp_path)


def test_nothing_is_wrong_and_nothing_is_written(world, watch):
    watch.look()
    assert ids(world) == [] == world.sql("SELECT * FROM alarms")


def test_a_mail_that_waits_is_raised_once_and_ends_when_it_leaves(world, watch, caplog):
    caplog.set_level(logging.INFO)
    world.sent()
    watch.look()
    world.clock.advance(hours=1, seconds=1)
    other = AlarmWatch(world.context, world.folder)
    for look in (watch.look, other.look, watch.look):
        look()
    assert ids(world) == ["mail-waits"]
    (raised,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert "alarm mail-waits: An email has been waiting" in raised.getMessage()
    world.post()
    watch.look()
    assert ids(world) == []
    assert "alarm mail-waits is over" in caplog.text
    world.sent("other@example.org")
    world.clock.advance(hours=2)
    watch.look()
    assert world.store.read(alarms.raised)[0].since == world.clock()


def test_failed_and_held_mails_and_an_address_named_often(world, watch):
    for n in range(6):
        world.sent(f"p{n}@example.org")
    for _ in range(5):
        mail = mail_delivery.claim(world.context)
        mail_delivery.report_failure(world.context, mail, "550", permanent=True)
    world.store.write(lambda db: stopped.hold(db, world.clock()))
    for _ in range(4):
        world.sent()
    watch.look()
    assert ids(world) == ["address-named-often", "mail-failed", "mail-held"]
    found = {alarm.kind: alarm.detail for alarm in world.store.read(alarms.raised)}
    assert found[AlarmKind.MAIL_FAILED] == {"n": 5}
    world.clock.advance(hours=24, seconds=1)
    watch.look()
    assert ids(world) == ["mail-held", "mail-waits"]


@pytest.mark.engine("sqlite")
def test_a_changed_log_and_wrong_counts_are_found_within_the_hour(world, watch):
    world.sent()
    world.seal()
    watch.look()
    world.force("DROP TRIGGER events_stay")
    world.force("UPDATE events SET actor = 'nobody' WHERE id = 1")
    world.force("UPDATE counts SET number = number + 1")
    world.post()
    watch.look()
    assert ids(world) == []
    world.clock.advance(hours=1)
    watch.look()
    assert ids(world) == ["counts-wrong", "log-broken"]


@pytest.mark.engine("postgresql")
def test_a_server_that_was_set_to_answer_before_it_keeps_is_told(world, watch, cluster):
    name = world.store.where.partition("?")[0].rpartition("/")[2]
    cluster.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    try:
        watch.look()
        (raised,) = world.store.read(alarms.raised)
    finally:
        cluster.execute(f'ALTER DATABASE "{name}" RESET synchronous_commit')
    assert raised.kind is AlarmKind.UNFIT
    assert "synchronous_commit is off" in raised.detail["reason"]
    watch.look()
    assert ids(world) == []


def test_a_full_disk_an_old_copy_and_what_only_the_process_knows(
    world, tmp_path, monkeypatch
):
    own = [Alarm(AlarmKind.STOPPED, {"part": "mail-0"})]
    watch = AlarmWatch(world.context, tmp_path, lambda: own)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: FULL)
    copy = tmp_path / LAST_COPY
    copy.touch()
    now = world.clock().timestamp()
    os.utime(copy, (now, now))
    watch.look()
    assert ids(world) == ["disk", "stopped"]
    world.clock.advance(seconds=COPY_AGE.total_seconds() + 1)
    own.clear()
    watch.look()
    assert ids(world) == ["copy-old", "disk"]
    (copy_old, disk) = world.store.read(alarms.raised)
    assert (copy_old.detail, disk.detail) == ({"days": 2}, {"percent": 81})
    assert disk.source.endswith(f":{tmp_path}")


def test_what_a_process_raised_that_has_ended_is_over_by_itself(
    world, watch, tmp_path, monkeypatch
):
    with monkeypatch.context() as planted:
        planted.setattr(shutil, "disk_usage", lambda _: FULL)
        AlarmWatch(world.context, world.folder / "elsewhere").look()
    watch.look()
    assert ids(world) == ["disk"]
    world.clock.advance(minutes=21)
    watch.look()
    assert ids(world) == []


def test_what_goes_on_is_noted_again_and_stays_as_old_as_it_is(world, watch):
    began = world.clock()
    world.sent()
    world.store.write(lambda db: stopped.hold(db, world.clock()))
    watch.look()
    for _ in range(5):
        world.clock.advance(minutes=6)
        watch.look()
    (held,) = world.store.read(alarms.raised)
    assert held.since == began
    assert world.store.read(lambda db: alarms.seen(db, "")) == world.clock()


def test_a_clock_that_is_not_believed_is_an_alarm(world, tmp_path):
    keeper = Timekeeper(world.store, Machine(world.clock, lambda: 0.0, lambda: False))
    context = replace(world.context, clock=keeper.written, timekeeper=keeper)
    world.clock.advance(days=40)
    keeper.look(None)
    # Made before the leap, and by running time just now.
    (tmp_path / LAST_COPY).touch()
    made = keeper.destroying().timestamp()
    os.utime(tmp_path / LAST_COPY, (made, made))
    AlarmWatch(context, tmp_path).look()
    assert ids(world) == ["clock"]
    # Another machine, whose clock is right, does not end it.
    AlarmWatch(world.context, world.folder).look()
    assert ids(world) == ["clock"]


class Following(Store):
    """The store of a process while another leads."""

    leading = False


def test_what_reads_the_whole_database_is_looked_for_by_who_leads(world, watch):
    world.sent()
    world.force("UPDATE counts SET number = number + 1")
    with closing(Following(world.store.where, PATIENCE)) as store:
        other = AlarmWatch(replace(world.context, store=store), world.folder)
        other.look()
        assert ids(world) == []
        watch.look()
        other.look()
        assert ids(world) == ["counts-wrong"]
        # Who leads no more leaves it to who does.
        world.force("UPDATE alarms SET cleared_at = seen_at")
        store.leading = True
        other.look()
        assert ids(world) == ["counts-wrong"]
        store.leading = False
        other.look()
        assert ids(world) == []


def test_an_alarm_of_another_version_is_not_shown(world):
    world.force(
        "INSERT INTO alarms VALUES ('older', '', '{}', ?, ?, NULL, NULL)",
        "2030-03-01T08:00:00+00:00",
        "2030-03-01T08:00:00+00:00",
    )
    assert ids(world) == []


# --- one mail a day


def held(world, watch):
    world.sent()
    world.store.write(lambda db: stopped.hold(db, world.clock()))
    watch.look()


def alarm_mails(world):
    return [mail for mail in world.post() if mail.kind == "alarms"]


def with_password(world):
    generation = world.clerk.setup_generation
    world.store.write(lambda db: staff.set_password(db, 1, generation, "$argon2id$x"))


def test_staff_get_one_mail_a_day_until_it_is_over(world, watch):
    with_password(world)
    held(world, watch)
    (mail,) = alarm_mails(world)
    assert (mail.email, mail.staff, mail.submission) == (world.clerk.email, 1, None)
    said = preview(world.message(mail))
    assert said.subject == "Qualcosa richiede attenzione"
    assert "Email trattenute da quando è stata ripristinata una copia: 1." in said.text
    assert re.search(r"Dal 1 marzo 2030, (ore )?10:00 \(mail-held\)\.", said.text)
    assert "«forms-service mail release» le lascia partire." in said.text
    world.clock.advance(hours=23)
    watch.look()
    assert alarm_mails(world) == []
    world.clock.advance(hours=1)
    watch.look()
    assert len(alarm_mails(world)) == 1
    mail_delivery.release(world.context, "command")
    world.post()
    world.clock.advance(hours=25)
    watch.look()
    assert alarm_mails(world) == []


def test_the_project_names_who_is_told_and_an_invited_member_is_not(new_world):
    world = new_world(
        (
            "project.yml",
            "nav: [",
            "alarms_to: [chief@example.org, b@example.org]\nnav: [",
        )
    )
    watch = AlarmWatch(world.context, world.folder)
    held(world, watch)
    assert [mail.email for mail in alarm_mails(world)] == [
        "chief@example.org",
        "b@example.org",
    ]


def test_mails_do_not_pile_up_and_one_that_is_too_late_is_dropped(world, watch):
    with_password(world)
    held(world, watch)
    world.clock.advance(days=1)
    watch.look()
    queued = "SELECT count(*) FROM outbox WHERE kind = 'alarms' AND sent_at IS NULL"
    assert world.sql(queued)[0][0] == 1
    world.force("DELETE FROM outbox WHERE kind <> 'alarms'")
    watch.look()
    world.force("UPDATE alarms SET cleared_at = raised_at")
    assert alarm_mails(world) == []
    assert world.sql(queued)[0][0] == 0


def test_who_was_disabled_meanwhile_is_not_told(world, watch):
    with_password(world)
    held(world, watch)
    world.force("UPDATE staff SET disabled_at = '2030-03-01T09:00:00+00:00'")
    assert alarm_mails(world) == []


def test_nobody_to_tell_is_no_fault(world, watch):
    held(world, watch)
    assert alarm_mails(world) == []


# --- where it is shown


def test_health_and_figures_name_ids_and_no_person(service):
    assert json.loads(service.get("/healthz").body)["alarms"] == []
    now = service.clock()
    raised = Alarm(AlarmKind.MAIL_HELD, {"n": 2})
    service.context.store.write(lambda db: alarms.raise_(db, raised, "", now))
    service.clock.advance(seconds=1)
    answer = json.loads(service.get("/healthz").body)
    assert (answer["alarms"], set(answer)) == (
        ["mail-held"],
        {"ok", "database", "free_megabytes", "clock", "log", "alarms", "leader"}
        | {"unfolded"},
    )
    figures = service.client.get("/metrics").text
    assert 'forms_alarm{id="mail-held"} 1' in figures
    assert 'forms_alarm{id="disk"} 0' in figures
    assert "forms_log_waiting 0" in figures
    assert "forms_writes_waiting 0" in figures


def test_doctor_says_what_the_service_has_raised(tmp_path):
    run = Commands(tmp_path, copied(tmp_path, OPEN))
    run("demo", "1")
    run.sql(
        "INSERT INTO alarms VALUES ('disk', 'host:/var', '{\"percent\": 91}', "
        "'2030-03-01T08:00:00+00:00', '2030-03-01T08:00:00+00:00', NULL, NULL)"
    )
    assert (
        "ALARM disk (host:/var): since 2030-03-01 08:00Z. The disk with the data is 91 "
        "% full. Make room" in run("doctor", code=1).output
    )


def test_the_readme_lists_every_alarm():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("## Alarms") : readme.index("## What is kept")]
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    assert rows == [(kind.value, kind.happened, kind.todo) for kind in AlarmKind]


# --- what the threads know


def test_no_server_for_a_quarter_of_an_hour_and_a_thread_that_stands_still(
    world, tmp_path
):
    route = MailRoute(FileTransport(tmp_path, print), "moduli@example.org", "")
    workers = Workers(world.context, route, tmp_path)
    (stopped,) = workers.alarms()
    assert stopped.detail["part"].startswith("mail-0, mail-1"), "not started yet"
    seconds = [0.0]
    breaker = Breaker(lambda: seconds[0])
    assert breaker.failing_for == 0
    for _ in range(10):
        breaker.failed("no answer at connect")
        seconds[0] += 100
    assert breaker.failing_for == 1000
    workers._breaker = breaker
    assert [a.kind for a in workers.alarms()] == [
        AlarmKind.STOPPED,
        AlarmKind.MAIL_SERVER,
    ]
    breaker.succeeded()
    assert breaker.failing_for == 0


@pytest.mark.engine("sqlite")
def test_a_database_that_refuses_is_told_once_by_the_log(world, watch, caplog):
    held(world, watch)
    world.store.write(lambda db: stopped.release(db, world.clock()))
    with (
        closing(Store(world.path, patience=0.01)) as store,
        closing(sqlite3.connect(world.path)) as other,
    ):
        hasty = AlarmWatch(replace(world.context, store=store), world.folder)
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                hasty.look()
    assert caplog.text.count("alarm database: The database refuses to write") == 1
    watch.look()
    assert ids(world) == []


def test_who_is_told_needs_a_mailbox(tmp_path):
    wrong = ("project.yml", "nav: [", "alarms_to: [nobody]\nnav: [")
    (problem,) = problems_of(copied(tmp_path, wrong))
    assert "alarms_to: “nobody”" in problem
