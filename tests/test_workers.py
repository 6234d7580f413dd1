"""What runs beside the web: each mail once, each fault survived, each promise kept."""

import logging
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from email.message import EmailMessage
from functools import partial

import pytest

from forms_service.content.loading import EventFiles
from forms_service.loops import AFTER_A_FAULT, one_round
from forms_service.mail.breaker import LONGEST_SILENCE, Breaker
from forms_service.mail.transport import FileTransport, RecipientRefused, Unreachable
from forms_service.store import outbox, staff, staff_rights, stopped
from forms_service.store.backup import BEFORE, backup, copy_name
from forms_service.store.connection import StorageUnavailable
from forms_service.store.events import EventVerb
from forms_service.store.staff_rights import EVERYTHING
from forms_service.workers import (
    BATCH,
    MAIL_EVERY,
    MailLoop,
    MailRoute,
    Workers,
    each_hour,
    each_look,
    each_minute,
    send_due,
)
from forms_service.workflow import accounts, deciding, mail_delivery
from forms_service.workflow.context import ROWS, SECONDS, one_step

pytest_plugins = ["life"]
pytestmark = pytest.mark.engine("sqlite")

BASE = "https://forms.example"
SENDER = "moduli@example.org"


class Postman:
    """A transport that keeps what it takes; `answers` are raised first, in order."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.taken: list[tuple[str, EmailMessage]] = []
        self.paths: list[str] = []

    @contextmanager
    def session(self):
        yield self

    def send(
        self,
        message: EmailMessage,
        recipient: str,
        patient: bool = False,
        return_path: str = "",
    ) -> None:
        if self.answers and (answer := self.answers.pop(0)):
            raise answer
        self.taken.append((recipient, message))
        self.paths.append(return_path)

    @property
    def subjects(self) -> list[str]:
        return [message["Subject"] for _, message in self.taken]


def post(transport) -> MailRoute:
    return MailRoute(transport, SENDER, BASE)


def failures(world):
    return world.store.read(stopped.failures)


def totals(world):
    return world.store.read(outbox.totals)


def test_a_sent_form_becomes_one_mail_with_its_link(world):
    submission, postman = world.sent("anh@example.org"), Postman()

    assert send_due(world.context, post(postman)) == 1
    assert send_due(world.context, post(postman)) == 0

    ((recipient, message),) = postman.taken
    assert recipient == "anh@example.org"
    text = message.get_body(("plain",)).get_content()
    assert f"{BASE}/r/{world.link(submission)}" in text
    assert (
        world.context.tokens.code(
            "verify", f"{submission.id}:{submission.link_generation}"
        )
        in text
    )
    assert totals(world) == {"waiting": 0, "sent": 1, "failed": 0, "held": 0}


def test_mails_speak_the_language_of_the_form_that_was_sent(world):
    world.sent(lang="en")
    postman = Postman()

    send_due(world.context, post(postman))

    assert postman.subjects == ["Confirm your email address"]


def test_mails_about_a_language_that_is_gone_still_leave(world):
    world.sent(lang="en")
    del world.context.content.projects["en"]
    postman = Postman()

    assert send_due(world.context, post(postman)) == 1
    assert postman.subjects == ["Confirm your email address"]


def test_a_receipt_tells_the_position_in_the_line(world):
    for n in range(6):
        world.proven(f"p{n}@example.org", people=2)
    postman = Postman()

    send_due(world.context, post(postman))

    last = postman.taken[-1][1].get_body(("plain",)).get_content()
    assert "il tuo numero nella lista è 1" in last


def test_a_refused_mail_stops_no_other_and_leaves_later(world):
    world.sent("anh@example.org")
    world.sent("bruno@example.org")
    postman = Postman(RecipientRefused("451 4.7.1"))

    assert send_due(world.context, post(postman)) == 2
    assert [who for who, _ in postman.taken] == ["bruno@example.org"]
    assert [mail.reason for mail in failures(world)] == ["451 4.7.1"]

    world.clock.advance(minutes=1)
    assert send_due(world.context, post(postman)) == 1
    assert postman.taken[-1][0] == "anh@example.org"


def test_a_mail_refused_for_good_is_not_tried_again(world):
    world.sent()
    postman = Postman(RecipientRefused("550 5.1.1", permanent=True))

    send_due(world.context, post(postman))
    world.clock.advance(days=2)

    assert send_due(world.context, post(postman)) == 0
    assert totals(world)["failed"] == 1


def test_a_letter_that_cannot_be_written_stops_no_other(world, caplog):
    submission = world.sent("anh@example.org")
    world.sent("bruno@example.org")
    world.force("DROP TRIGGER definitions_stay")
    world.force(
        "UPDATE submissions SET lang = 'xx', text_hash = 'secret' WHERE id = ?",
        submission.id,
    )
    postman = Postman()

    assert send_due(world.context, post(postman)) == 2

    assert [who for who, _ in postman.taken] == ["bruno@example.org"]
    assert len(failures(world)) == 1
    assert "anh@" not in caplog.text


def test_without_a_server_the_first_mail_is_enough_to_know(world):
    world.sent("anh@example.org")
    world.sent("bruno@example.org")

    with pytest.raises(Unreachable):
        send_due(world.context, post(Postman(Unreachable("ConnectionRefusedError"))))

    (mail,) = failures(world)
    assert (mail.email, mail.reason) == ("anh@example.org", "ConnectionRefusedError")
    # It was no fault of this mail: its turn is not lost, no try is counted.
    assert (mail.attempts, mail.not_before) == (0, mail.created_at)
    assert mail_delivery.claim(world.context).key == mail.key


@pytest.mark.slow
@pytest.mark.promise(
    "P6",
    "the mail server is gone for four days",
    without=(
        "the same three days for a server as for a mail",
        "workers.py",
        "mail_delivery.put_back(context, mail, error.reason)",
        "mail_delivery.report_failure(context, mail, error.reason)",
    ),
)
def test_all_leave_when_the_server_is_back_after_four_days(world, figure):
    for n in range(5):
        world.sent(f"p{n}@example.org")
    away = post(Postman(*[Unreachable("ConnectionRefusedError")] * 400))
    for _ in range(400):
        with pytest.raises(Unreachable):
            send_due(world.context, away)
        world.clock.advance(minutes=15)
    postman = Postman()

    send_due(world.context, post(postman))

    assert sorted(who for who, _ in postman.taken) == [
        f"p{n}@example.org" for n in range(5)
    ]
    figure(f"{len(postman.taken)} of 5 mails leave when it is back")


def test_all_senders_keep_silent_without_a_server_and_one_tries_it(world, caplog):
    world.sent()
    away = [Unreachable("ConnectionRefusedError")] * 11
    postman = Postman(*away)
    breaker = Breaker(lambda: world.clock().timestamp())
    loops = [MailLoop(world.context, post(postman), breaker) for _ in range(3)]

    for _ in away:
        left = len(postman.answers)
        assert [loop() for loop in loops] == [MAIL_EVERY] * 3
        assert len(postman.answers) == left - 1
        world.clock.advance(seconds=LONGEST_SILENCE)
    silences = [int(text.split()[-2]) for text in caplog.messages]
    assert silences == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, LONGEST_SILENCE]

    with breaker.turn() as mine, breaker.turn() as second:
        assert (mine, second) == (True, False)
    assert loops[1]() == MAIL_EVERY
    assert len(postman.taken) == 1
    with breaker.turn() as mine, breaker.turn() as second:
        assert (mine, second) == (True, True)


def test_connections_that_fail_together_are_one_failure(caplog):
    breaker = Breaker(lambda: 0.0)

    breaker.failed("ConnectionRefusedError")
    breaker.failed("ConnectionRefusedError")

    assert len(caplog.messages) == 1


def test_a_full_batch_is_followed_at_once_by_the_next(world):
    for n in range(BATCH + 1):
        world.sent(f"p{n}@example.org")
    postman = Postman()
    again = MailLoop(world.context, post(postman), Breaker())

    assert (again(), again()) == (0.0, MAIL_EVERY)
    assert len(postman.taken) == BATCH + 1


@pytest.mark.promise(
    "P7",
    "a sender dies after the server took a mail, before it is noted",
    without=(
        "a Message-ID for each try",
        "mail/compose.py",
        "<{message.key}@",
        "<{__import__('secrets').token_hex(8)}@",
    ),
)
def test_a_crash_after_sending_repeats_the_same_mail(world, figure):
    world.sent()
    postman = Postman()
    world.force(
        "CREATE TRIGGER planted BEFORE UPDATE OF sent_at ON outbox "
        "BEGIN SELECT RAISE (ABORT, 'planted'); END"
    )
    with pytest.raises(sqlite3.IntegrityError, match="planted"):
        send_due(world.context, post(postman))
    world.force("DROP TRIGGER planted")
    assert send_due(world.context, post(postman)) == 0

    world.clock.advance(minutes=3)
    send_due(world.context, post(postman))

    (_, first), (_, second) = postman.taken
    assert first["Message-ID"] == second["Message-ID"]
    bodies = {
        submission.get_body(("plain",)).get_content() for submission in (first, second)
    }
    assert len(bodies) == 1
    figure("the mail twice, with one Message-ID and text")


def test_several_workers_send_each_mail_once(world):
    for n in range(30):
        world.sent(f"p{n}@example.org")
    postman = Postman()
    threads = [
        threading.Thread(target=send_due, args=[world.context, post(postman), smooth])
        for smooth in (True, True, False, False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    recipients = [who for who, _ in postman.taken]
    assert sorted(recipients) == sorted({f"p{n}@example.org" for n in range(30)})


def test_decisions_are_told_in_the_words_of_the_version_that_was_answered(world):
    submission = world.proven()
    world.edit(
        ("forms/every-type.yml", 'version: "1.0"', 'version: "2.0"'),
    )
    deciding.decide(world.context, submission.id, EventVerb.ACCEPT, "staff:1")
    postman = Postman()

    send_due(world.context, post(postman))

    own = world.form().texts.accepted.paragraphs[0]
    wording = postman.taken[-1][1].get_body(("plain",)).get_content()
    assert own in wording


def test_staff_who_want_it_get_a_count_and_nothing_else(world):
    world.proven("anh@example.org")
    member = world.store.write(
        lambda db: staff.invite(db, "carla@example.org", world.clock(), world.clock())
    )
    world.store.write(lambda db: staff.set_wants_mail(db, member.id, True))
    world.store.write(lambda db: staff_rights.grant(db, member.id, EVERYTHING))
    postman = Postman()
    send_due(world.context, post(postman))

    each_minute(world.context)
    send_due(world.context, post(postman))

    recipient, message = postman.taken[-1]
    assert recipient == "carla@example.org"
    text = message.get_body(("plain",)).get_content()
    assert "C’è 1 richiesta da esaminare." in text
    assert f"{BASE}/staff/" in text
    assert "anh" not in message.as_string().casefold()


def test_every_minute_places_that_nobody_proved_become_free(world):
    submission = world.sent(people=2)
    world.clock.advance(hours=world.form().capacity.place_hold, minutes=1)

    each_minute(world.context)

    assert world.row(submission).place == "none"


def test_a_minute_with_nothing_to_do_never_asks_for_the_writer(world):
    """Also while another program keeps the database: nobody waits, nothing fails."""
    world.proven(people=1)
    look = partial(each_look, world.context, EventFiles(world.context.content))
    look()
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        each_minute(world.context)
        look()
        other.execute("ROLLBACK")
        accounts.want_mail(world.context, world.clerk.id, True)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable):
            each_minute(world.context)


def test_an_act_on_many_rows_comes_in_steps_of_rows_and_of_time():
    assert list(one_step(range(500))) == list(range(ROWS))
    assert list(one_step([])) == []
    slow = []
    for number in one_step(range(500)):
        time.sleep(SECONDS / 2)
        slow.append(number)
    assert 1 <= len(slow) <= 2


def test_every_hour_what_is_due_is_erased_and_the_rest_stays(world, caplog):
    old = world.sent("anh@example.org")
    world.clock.advance(days=15)
    young = world.sent("bruno@example.org")
    world.clock.now = world.row(old).purge_after

    with caplog.at_level(logging.INFO):
        each_hour(world.context, world.folder)

    assert [row["id"] for row in world.sql("SELECT id FROM submissions")] == [young.id]
    assert "erased 1 submissions" in caplog.text


def test_every_hour_automatic_copies_older_than_promised_are_deleted(world):
    kept = world.context.content.project.privacy.backups_days
    copy = copy_name(world.path, BEFORE, world.clock())
    backup(world.path, copy)
    written = copy.stat().st_mtime
    world.clock.now = world.clock.now.fromtimestamp(written, world.clock.now.tzinfo)

    world.clock.advance(days=kept - 1)
    each_hour(world.context, world.folder)
    there = copy.exists()
    world.clock.advance(days=2)
    each_hour(world.context, world.folder)

    assert (there, copy.exists()) == (True, False)


@pytest.mark.parametrize(
    "fault",
    [StorageUnavailable("SQLITE_BUSY"), sqlite3.OperationalError("anh@example.org")],
)
def test_a_loop_survives_any_fault_and_logs_no_message(fault, caplog):
    def step() -> float:
        raise fault

    assert one_round("mail", step) == AFTER_A_FAULT
    assert caplog.text
    assert "anh@" not in caplog.text


def test_a_message_has_the_whole_address_of_the_link(world):
    submission = world.sent()
    mail = mail_delivery.claim(world.context)

    assert world.message(mail, BASE).link == f"{BASE}/r/{world.link(submission)}"


def test_threads_send_and_stop_when_they_are_asked(world, tmp_path):
    world.sent()
    shown: list[str] = []
    workers = Workers(
        world.context, post(FileTransport(tmp_path / "mail", shown.append)), tmp_path
    )

    workers.start()
    deadline = time.monotonic() + 60
    while not shown and time.monotonic() < deadline:
        time.sleep(0.01)

    # By themselves they would sleep for a minute, or an hour.
    assert workers.stop(30)
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1
    assert f"{BASE}/r/" in shown[0]
