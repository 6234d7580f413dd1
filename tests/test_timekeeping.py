"""A clock that lies: the service goes on serving, and erases nothing early or for ever.

The machine is the test's: its system clock, how long it has run, and whether its kernel
calls the clock synchronised.
"""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from conftest import ROOT
from forms_service.clock import (
    Machine,
    kernel_synchronised,
    seconds_running,
    utc_text,
)
from forms_service.store import feedback, outbox, staff
from forms_service.store import timeline as rows
from forms_service.store.backup import backup, restore
from forms_service.store.data_folder import DataFolder
from forms_service.store.database import Store
from forms_service.store.events import EventVerb
from forms_service.store.schema import migrate
from forms_service.store.sqlite import connect
from forms_service.workers import each_minute
from forms_service.workflow import (
    deciding,
    mail_delivery,
    mail_queue,
    purging,
    sending,
    timekeeping,
    verification,
)
from forms_service.workflow.alarm_watch import AlarmWatch
from forms_service.workflow.sending import LinkExpired
from forms_service.workflow.timekeeper import Timekeeper

pytest_plugins = ["life"]

FILE = "forms/every-type.yml"
# Open whatever the year is.
ALWAYS = (
    (FILE, "opens: 2030-02-01", "opens: 2000-02-01"),
    (FILE, "closes: 2030-10-20", "closes: null"),
    (FILE, "contact: email\n", "contact: email\nanswer_within: {days: 30}\n"),
)
UNVERIFIED = timedelta(days=30)
DAY = timedelta(days=1)


class Host:
    """A machine and the service on it; `world.clock` is its system clock."""

    def __init__(self, world) -> None:
        self.world = world
        self.seconds = 1000.0
        self.synchronised = True
        self.restart()

    def restart(self) -> None:
        """Start the service, as `wsgi.build` does."""
        world = self.world
        machine = Machine(world.clock, lambda: self.seconds, lambda: self.synchronised)
        keeper = Timekeeper(world.store, machine)
        world.context = replace(
            world.context,
            store=world.store,
            clock=keeper.written,
            timekeeper=keeper,
        )
        timekeeping.tick(world.context)

    def runs(self, **parts: float) -> None:
        """Let time pass while the service looks at the clock now and then."""
        left = timedelta(**parts)
        while left > timedelta():
            step = min(left, timedelta(hours=12 if left > DAY else 4))
            left -= step
            self.world.clock.now += step
            self.seconds += step.total_seconds()
            timekeeping.tick(self.world.context)

    def off(self, **parts: float) -> None:
        """Stop the machine, and start it again later."""
        self.world.clock.advance(**parts)
        self.seconds = 20.0
        self.restart()

    def leaps(self, moment: datetime) -> None:
        """Set the system clock."""
        self.world.clock.now = moment
        timekeeping.tick(self.world.context)

    @property
    def line(self):
        return self.world.context.timekeeper.line


@pytest.fixture
def always(new_world):
    return new_world(*ALWAYS)


@pytest.fixture
def host(always):
    """A production service that has run for two days with a clock that is right."""
    made = Host(always)
    made.runs(days=2)
    return made


def erased(world):
    return [row.id for row in purging.purge(world.context)]


def serves(world) -> None:
    """Somebody sends a form, and the mail leaves at once."""
    sent = world.send("new@elsewhere.example")
    assert sent.mail_leaves is not None
    assert sent.submission.id in [mail.submission for mail in world.post()]
    assert abs(sent.submission.created_at - world.context.clock()) < timedelta(hours=1)


def test_the_machine_tells_how_long_it_runs_and_whether_its_clock_is_right() -> None:
    assert 0 < seconds_running() <= seconds_running()
    assert kernel_synchronised() in (True, False)


@pytest.mark.parametrize("days", [3, 40])
def test_a_machine_that_was_off_serves_at_once_and_erases_a_day_later(host, days):
    world = host.world
    submission = world.sent()
    host.runs(days=29)
    host.off(days=days)

    serves(world)
    assert world.context.clock() == world.clock()
    assert erased(world) == []
    host.runs(hours=23)
    assert (erased(world), str(host.line) == "ok") == ([], False)
    host.runs(hours=2)
    assert (erased(world), str(host.line)) == ([submission.id], "ok")


def test_a_link_outlives_the_time_that_the_machine_was_off_by_a_day(host):
    world = host.world
    submission = world.sent()
    host.runs(days=13)
    host.off(days=3)

    assert verification.open_link(world.context, world.link(submission))
    host.runs(hours=25)
    with pytest.raises(LinkExpired):
        verification.open_link(world.context, world.link(submission))


@pytest.mark.parametrize("days", [3, 40])
def test_the_control_without_a_second_time_erases_at_once(always, days):
    submission = always.sent()
    always.clock.advance(days=29)
    timekeeping.tick(always.context)
    always.clock.advance(days=days)

    assert erased(always) == [submission.id]
    assert timekeeping.accept(always.context, "command") is None


def test_an_alarm_under_a_wrong_clock_does_not_silence_the_mails_about_later_ones(host):
    world, far = host.world, host.world.clock() + timedelta(days=4000)
    right = world.clock()
    host.leaps(far)
    watch = AlarmWatch(world.context, world.folder)
    watch.look()
    host.leaps(right)
    assert world.context.clock() - right < timedelta(hours=1)
    ((raised, mailed),) = world.sql("SELECT raised_at, mailed_at FROM alarms")
    assert max(raised, mailed or raised) < utc_text(right + timedelta(hours=1))
    watch.look()
    ((raised,),) = world.sql("SELECT count(*) FROM alarms WHERE cleared_at IS NULL")
    assert raised == 0


def test_a_machine_that_was_off_for_a_night_erases_when_it_is_promised(host):
    submission = host.world.sent()
    host.runs(days=30)
    host.off(days=1.5)

    assert erased(host.world) == [submission.id]


def test_a_laptop_that_slept_has_lost_no_time(host):
    world, before = host.world, host.line.destroying
    host.seconds += 9 * 3600
    world.clock.advance(hours=9)
    timekeeping.tick(world.context)

    assert str(host.line) == "ok"
    assert host.line.destroying - before == timedelta(hours=9)
    serves(world)


def test_a_clock_twelve_years_ahead_erases_nothing_and_is_put_right(host, caplog):
    world = host.world
    old = world.sent()
    host.synchronised = False
    host.leaps(world.clock.now + timedelta(days=12 * 365))

    assert "the clock says 2042" in caplog.text
    serves(world)
    late = world.sent("late@example.org")
    kept = sending.change_address(world.context, late.id, "later@example.org")
    assert kept == world.context.clock()
    world.store.write(
        lambda db: feedback.add(db, "key", "every-type", 5, world.context.today)
    )
    host.runs(days=32)
    # Whose days are over by running time has had them; nobody lost 12 years.
    assert erased(world) == [old.id]

    right = world.clock.now - timedelta(days=12 * 365)
    host.leaps(right)
    assert str(host.line) == "ok"
    assert world.context.clock() - right < timedelta(minutes=1)
    row = world.row(late)
    assert abs(row.created_at - (right - timedelta(days=32))) < timedelta(hours=2)
    assert abs(row.purge_after - (row.created_at + UNVERIFIED)) <= DAY
    assert row.link_expires_at - row.created_at <= mail_queue.LINK_LIFE
    assert abs((row.due_on - row.created_at.date()).days - 30) <= 1
    for mail in world.mails(late):
        assert mail.created_at < right
    (day,) = world.sql("SELECT day FROM feedback")[0]
    assert day.startswith("2030")
    assert late.id in erased(world)
    assert world.sql("SELECT verb FROM events WHERE verb = 'clock_back'")
    serves(world)


def test_what_came_in_or_was_decided_in_doubt_is_marked_until_the_clock_is_believed(
    host,
):
    world = host.world
    decided, before = world.proven(), world.sent("b@example.org")
    host.runs(hours=1)
    right = world.clock.now
    host.leaps(right + timedelta(days=400))
    late = world.sent("c@example.org")
    deciding.decide(world.context, decided.id, EventVerb.ACCEPT, "staff:1")

    def marked():
        every = (decided, before, late)
        rows = [world.row(submission) for submission in every]
        return [timekeeping.in_doubt(world.context, row) for row in rows]

    assert marked() == [True, False, True]
    host.leaps(right)
    assert marked() == [False, False, False]


def test_what_was_promised_before_a_leap_stays_when_the_clock_is_put_right(host):
    world, right = host.world, host.world.clock.now
    tomorrow = right + timedelta(days=1)

    def promise(db, now, name):
        staff.invite(db, f"{name}@comune.example", now, now + timedelta(days=1))
        outbox.put(db, name, "digest", "d@e.example", now, now + timedelta(days=1))

    world.store.write(partial(promise, now=right, name="early"))
    failing = world.sent("f@elsewhere.example")
    mail = mail_delivery.claim(world.context)
    host.runs(hours=1)
    host.leaps(right + timedelta(days=400))
    mail_delivery.report_failure(world.context, mail, "451")
    world.store.write(partial(promise, now=world.clock(), name="late"))
    host.leaps(right + timedelta(hours=1))
    (still,) = world.mails(failing)
    assert (still.failed_at, still.due_at) == (None, right)
    for name, column in (("early", tomorrow), ("late", tomorrow + timedelta(hours=1))):
        kept = world.store.read(partial(outbox.by_key, key=name))
        member = world.store.read(
            partial(staff.by_email, email=f"{name}@comune.example")
        )
        moments = {kept.not_before, kept.due_at, member.setup_expires_at}
        assert all(abs(moment - column) <= timedelta(minutes=1) for moment in moments)


def test_a_promised_day_is_counted_again_from_the_day_that_was_right(host):
    world = host.world
    host.synchronised = False
    ahead = timedelta(days=400, hours=13)
    host.leaps(world.clock.now.replace(hour=7) + ahead)
    serves(world)
    late = world.sent("late@example.org")
    host.leaps(world.clock.now - ahead)
    assert str(host.line) == "ok"
    row = world.row(late)
    received = row.created_at.astimezone(world.context.zone).date()
    assert row.due_on == received + timedelta(days=30)


def test_a_link_that_was_mailed_before_a_leap_goes_on_working_after_it(host):
    world = host.world
    before = world.sent("before@example.org")
    host.synchronised = False
    ahead = timedelta(days=400)
    host.leaps(world.clock.now + ahead)
    during = world.sent("during@example.org")
    host.leaps(world.clock.now - ahead)
    assert str(host.line) == "ok"
    for one in (before, during):
        row = world.row(one)
        assert row.link_expires_at - row.created_at == mail_queue.LINK_LIFE


def test_while_the_clock_is_behind_the_last_row_time_goes_on(host):
    world = host.world
    host.leaps(world.clock.now + timedelta(hours=3))
    last = world.sent().created_at
    host.leaps(world.clock.now - timedelta(hours=3))
    for _ in range(60):
        world.clock.advance(minutes=1)
        host.seconds += 60
        timekeeping.tick(world.context)

    passed = world.context.clock() - last
    assert timedelta(minutes=29) < passed < timedelta(minutes=31)


def test_a_first_start_in_2038_is_put_right_after_a_day(always):
    world = always
    world.force("DELETE FROM timeline")
    world.clock.now = datetime(2038, 1, 19, 3, 14, tzinfo=UTC)
    host = Host(world)
    first = world.sent()
    assert first.created_at.year == 2038
    host.runs(hours=5)
    host.leaps(datetime(2030, 3, 1, 9, tzinfo=UTC))

    assert world.context.clock().year == 2038
    serves(world)
    assert (erased(world), str(host.line) == "ok") == ([], False)
    host.runs(hours=25)

    assert str(host.line) == "ok"
    assert world.context.clock() == world.clock()
    row = world.row(first)
    assert timedelta() < world.clock() - row.created_at < timedelta(days=2)
    assert row.purge_after - row.created_at <= UNVERIFIED + DAY
    host.runs(days=31)
    assert first.id in erased(world)


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("old_version", [False, True])
def test_a_copy_a_month_old_serves_at_once_and_erases_a_day_later(host, old_version):
    world = host.world
    submission = world.sent()
    copy = world.folder / "copy.sqlite"
    backup(world.path, copy)
    if old_version:
        with closing(connect(copy)) as db:
            db.execute("DROP TABLE timeline")
            db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm013_timeline'")
    host.runs(days=33)
    assert erased(world) == [submission.id]
    world.store.close()
    # On a new machine, where no ledger says who was erased.
    restore(copy, world.path, world.clock(), DataFolder(world.folder / "new", ()))
    world.store = Store(world.path)
    host.restart()

    serves(world)
    assert erased(world) == []
    host.runs(hours=25)
    assert erased(world) == [submission.id]


def test_a_kernel_that_never_calls_the_clock_synchronised_leaves_it_to_a_person(host):
    world = host.world
    submission = world.sent()
    host.synchronised = False
    host.off(days=40)
    host.runs(days=10)
    assert erased(world) == []

    other = Timekeeper(world.store, Machine(world.clock, lambda: 0.0, lambda: False))
    command = replace(world.context, clock=other.written, timekeeper=other)
    assert timekeeping.accept(command, "command") >= timedelta(days=39)
    # The service finds it at its next look.
    timekeeping.tick(world.context)
    assert str(host.line) == "ok"
    assert erased(world) == [submission.id]
    assert world.sql("SELECT actor FROM events WHERE verb = 'clock_accept'")


def test_another_leap_within_the_day_makes_it_begin_again(host):
    world = host.world
    submission = world.sent()
    host.off(days=40)
    host.runs(hours=20)
    host.leaps(world.clock.now + timedelta(hours=1))
    host.runs(hours=20)
    assert erased(world) == []
    host.runs(hours=5)
    assert erased(world) == [submission.id]


def test_two_days_at_once_are_followed_and_no_more_of_them_the_same_day(host):
    world = host.world
    submission = world.sent()
    begun = host.line.destroying
    for _ in range(7):
        host.leaps(world.clock.now + timedelta(days=2))
        host.runs(minutes=1)
    assert host.line.destroying - begun < timedelta(days=2, hours=1)
    assert host.line.apart > timedelta(days=11)
    assert erased(world) == []
    host.runs(days=25)
    assert erased(world) == [submission.id]


def test_two_small_steps_of_the_clock_are_nothing(host):
    host.leaps(host.world.clock.now + timedelta(seconds=40))
    host.leaps(host.world.clock.now - timedelta(seconds=40))

    assert str(host.line) == "ok"


def test_the_written_time_is_never_earlier_than_the_last_row_and_is_caught_up(host):
    world = host.world
    last = world.sent().created_at
    host.leaps(world.clock.now - timedelta(hours=2))

    assert last <= world.context.clock() < last + timedelta(minutes=1)
    assert world.sent("b@example.org").created_at >= last
    host.restart()
    assert world.context.clock() >= last
    host.runs(hours=5)
    assert world.context.clock() == world.clock()


def test_a_clock_that_was_wrong_between_two_looks_leaves_no_row_in_the_future(host):
    world = host.world
    right = world.clock.now
    world.clock.now += timedelta(days=4000)
    row = world.sent()
    host.leaps(right)

    assert world.row(row).created_at <= right
    assert world.context.clock() == right


def test_rows_are_put_right_by_the_next_look_where_the_first_could_not_write(host):
    world, right = host.world, host.world.clock.now
    world.clock.now += timedelta(days=4000)
    row = world.sent()
    world.force("ALTER TABLE feedback RENAME TO away")
    with pytest.raises(Exception, match="feedback"):
        host.leaps(right)
    assert world.row(row).created_at > right
    world.force("ALTER TABLE away RENAME TO feedback")
    timekeeping.tick(world.context)
    assert world.row(row).created_at <= right
    assert world.context.clock() == right


def test_of_many_processes_the_one_that_leads_keeps_the_time_and_moves_rows(host):
    world = host.world
    right, kept = world.clock.now, world.store.read(rows.load)
    world.clock.now += timedelta(days=4000)
    row = world.sent()
    world.clock.now = right
    timekeeping.tick(world.context, leads=False)
    assert world.row(row).created_at > right
    assert world.store.read(rows.load) == kept

    timekeeping.tick(world.context)
    assert world.row(row).created_at <= right


class Interrupted(Store):
    """A store whose next write comes after something that another process does."""

    first = None

    def write(self, job):
        before, self.first = self.first, None
        if before:
            before()
        return super().write(job)


def test_a_clock_that_is_accepted_while_the_service_looks_stays_accepted(host):
    world = host.world
    host.leaps(world.clock() + 40 * DAY)
    command = replace(
        world.context,
        timekeeper=Timekeeper(world.store, Machine(world.clock, lambda: 5.0)),
    )
    with closing(Interrupted(world.store.where)) as store:
        service = replace(world.context, store=store)
        store.first = lambda: timekeeping.accept(command, "command")
        timekeeping.tick(service)
        assert host.line.apart
        timekeeping.tick(service)
    assert not host.line.apart
    assert not world.store.read(rows.load).apart


def test_the_hourly_mail_waits_where_its_hour_was_leapt_over(host):
    world = host.world
    world.store.write(lambda db: staff.set_wants_mail(db, world.clerk.id, True))
    world.proven()
    assert mail_queue.queue_digests(world.context) == 1
    world.post()
    host.leaps(world.clock.now + timedelta(days=40))
    world.proven("b@example.org")

    assert mail_queue.queue_digests(world.context) == 0
    host.runs(hours=2)
    assert mail_queue.queue_digests(world.context) == 1


def test_an_old_database_begins_where_its_log_ends(tmp_path):
    path = tmp_path / "forms.sqlite"
    path.write_bytes((ROOT / "tests" / "made_before" / "forms.sqlite").read_bytes())
    migrate(path)
    with closing(Store(path)) as store:
        line, last = store.read(lambda db: (rows.load(db), rows.last_row(db)))

    assert line.destroying == last


def test_a_database_without_a_log_begins_with_the_clock(always):
    always.force("DELETE FROM timeline")
    host = Host(always)

    assert host.line.destroying == always.clock()
    assert always.store.read(rows.load) == host.line


def test_health_says_that_the_clock_is_in_doubt(start_service, clock):
    service = start_service(production=True)
    assert json.loads(service.get("/healthz").body)["clock"] == "ok"
    clock.advance(days=365)
    each_minute(service.context)
    answer = json.loads(service.get("/healthz").body)

    assert answer["ok"]
    assert answer["clock"].startswith("the clock says 2021-06-20 08:00Z, by running")


def test_outside_production_nothing_is_asked(service, clock):
    clock.advance(days=365)
    each_minute(service.context)

    assert service.context.destroying() == clock()
    assert service.context.store.read(rows.load) is None
    assert json.loads(service.get("/healthz").body)["clock"] == "ok"
