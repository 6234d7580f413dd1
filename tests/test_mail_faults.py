"""Mails through servers that lie, hang up, lose answers and stall: the others leave.

Time is the world's clock; a test waits only where a server is silent, and then its
outcome does not depend on how long.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from forms_service import workers
from forms_service.mail import smtp
from forms_service.mail.smtp import SmtpTransport, smtp_transport
from forms_service.mail.transport import RecipientRefused, Unreachable
from forms_service.store import outbox, stopped
from forms_service.store.alarms import AlarmKind
from forms_service.workers import (
    SENDERS,
    SMOOTH_SENDERS,
    Breaker,
    MailLoop,
    MailRoute,
    Workers,
    send_due,
)
from forms_service.workflow import mail_delivery
from test_transport import SENDER, SmtpInbox, mail, mail_server

pytest_plugins = ["life"]

SWALLOWED = "a relay never answers three mails of ten"
PEOPLE = [f"p{n}@example.org" for n in range(10)]
BAD = PEOPLE[3]


class HangsUp(SmtpInbox):
    """Ends the connection when it has the mail of one address, and keeps nothing."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if BAD in envelope.rcpt_tos:
            server.transport.abort()
            return "250 OK"
        return await super().handle_DATA(server, session, envelope)


class LosesAnswers(SmtpInbox):
    """Takes every mail; of the first ten it confirms only seven."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.asked += 1
        if self.asked in (1, 4, 7):
            server.transport.abort()
        return await super().handle_DATA(server, session, envelope)


class Drips(SmtpInbox):
    """Answers about one address without an end: no single read is ever late."""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        while address == BAD:
            server.transport.write(b"2")
            await asyncio.sleep(0.01)
        return await super().handle_RCPT(server, session, envelope, address, options)


class SaysGoodbye(SmtpInbox):
    """Wants no second mail in a connection, and says so in between."""

    async def handle_NOOP(self, server, session, envelope, arg):  # noqa: N802
        return "421 4.4.2 idle"


class BlamesTheWay:
    """The control: every failure is taken for one of the relay, as it once was."""

    def __init__(self, transport) -> None:
        self.transport = transport

    @contextmanager
    def session(self):
        with self.transport.session() as self.inner:
            yield self

    def send(self, message, recipient, patient=False, return_path=""):
        try:
            self.inner.send(message, recipient, patient, return_path)
        except RecipientRefused as error:
            raise Unreachable(error.reason) from error


def way(port):
    return smtp_transport(f"smtp://127.0.0.1:{port}", SENDER)


def one_minute(world, transport):
    """Let all senders do their rounds for a minute of the world's clock."""
    route = MailRoute(transport, SENDER, "https://forms.example")
    breaker = Breaker(lambda: world.clock().timestamp())
    loops = [
        MailLoop(world.context, route, breaker, smooth=number < SMOOTH_SENDERS)
        for number in range(SENDERS)
    ]
    for _ in range(60):
        for loop in loops:
            loop()
        world.clock.advance(seconds=1)


def reached(mailbox):
    return {address for envelope in mailbox.taken for address in envelope.rcpt_tos}


def in_trouble(world):
    return {mail.email: mail.reason for mail in world.store.read(stopped.failures)}


@pytest.fixture
def queued(world):
    """The world with ten mails that wait, the fourth for the bad address."""
    for email in PEOPLE:
        world.sent(email)
    return world


def test_an_address_that_hangs_up_keeps_no_other_mail_waiting(queued):
    with mail_server(mailbox := HangsUp()) as port:
        one_minute(queued, way(port))

    assert reached(mailbox) == {*PEOPLE} - {BAD}
    assert in_trouble(queued) == {BAD: "hung up at DATA"}


@pytest.mark.promise("P20", SWALLOWED, control=True)
def test_the_control_keeps_all_mails_behind_the_bad_one_waiting(queued, figure):
    with mail_server(mailbox := HangsUp()) as port:
        one_minute(queued, BlamesTheWay(way(port)))

    assert reached(mailbox) == {*PEOPLE[:3]}
    late = len(PEOPLE) - len(reached(mailbox))
    figure(control=f"the relay blamed for a mail: {late} of {len(PEOPLE)} still wait")


def test_with_three_of_ten_answers_lost_every_mail_leaves_within_a_minute(queued):
    with mail_server(mailbox := LosesAnswers()) as port:
        one_minute(queued, way(port))

    assert reached(mailbox) == {*PEOPLE}
    assert queued.store.read(outbox.totals)["sent"] == len(PEOPLE)
    assert len(mailbox.taken) == len(PEOPLE) + 3
    keys = {mail.content.partition(b"Message-ID: ")[2][:32] for mail in mailbox.taken}
    # Who got a mail twice can tell that it is the same one.
    assert len(keys) == len(PEOPLE)


def test_a_try_ends_although_the_server_goes_on_talking(monkeypatch):
    monkeypatch.setattr(smtp, "TRY_SECONDS", 1.0)
    with mail_server(Drips()) as port, way(port).session() as session:
        with pytest.raises(RecipientRefused, match="not done within 1 s, at RCPT"):
            # Patient: the silence between two answers is never the reason.
            session.send(mail("p3"), BAD, patient=True)


def test_a_try_is_over_when_connecting_took_all_its_time(monkeypatch):
    """A name that is long looked up: there is no connection yet to hang up."""
    connect = socket.create_connection
    with mail_server(mailbox := SmtpInbox()) as port, way(port).session() as session:

        def slowly(*args, **more):
            session._hang_up()
            return connect(*args, **more)

        monkeypatch.setattr(socket, "create_connection", slowly)
        with pytest.raises(Unreachable, match="not done within"):
            session.send(mail("p3"), BAD, patient=True)
        monkeypatch.undo()
        session.send(mail("p4"), PEOPLE[4])
    assert reached(mailbox) == {PEOPLE[4]}


@contextmanager
def dripping(greeting: bytes = b"") -> Iterator[int]:
    """A server that begins with TLS, and says a byte of it now and then."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            opened, _ = listening.accept()
            with opened, suppress(OSError):
                opened.sendall(greeting)
                if greeting:
                    opened.recv(1000)
                    opened.sendall(b"250-mx.example.org\r\n250 STARTTLS\r\n")
                    opened.recv(1000)
                    opened.sendall(b"220 go on\r\n")
                # A record of 16 KiB, which never comes to its end.
                opened.sendall(b"\x16\x03\x03\x40\x00")
                while True:
                    opened.sendall(b"\0")
                    time.sleep(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        yield int(listening.getsockname()[1])
        thread.join()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_try_ends_although_tls_never_comes_about(monkeypatch, at_once):
    """A handshake byte by byte keeps every timeout of a single read waiting."""
    monkeypatch.setattr(smtp, "TRY_SECONDS", 0.5)
    with dripping(b"" if at_once else b"220 mx.example.org\r\n") as port:
        slow = SmtpTransport("localhost", port, "", "", at_once, SENDER)
        if not at_once:
            monkeypatch.setattr(smtp, "is_loopback", lambda host: False)
        with slow.session() as session, pytest.raises(Unreachable, match="not done"):
            session.send(mail("p3"), BAD, patient=True)


def test_what_a_sender_reports_whose_lease_was_over_counts_no_more(world):
    submission = world.sent(BAD)
    stopped = mail_delivery.claim(world.context)
    world.clock.advance(minutes=3)
    other = mail_delivery.claim(world.context)
    assert (other.id, other.attempts) == (stopped.id, 2)
    mail_delivery.put_back(world.context, stopped, "connection")
    mail_delivery.report_failure(world.context, stopped, "450")
    mail_delivery.report_failure(world.context, stopped, "550", permanent=True)
    assert mail_delivery.claim(world.context) is None, "the other one has it"
    mail_delivery.report_sent(world.context, other)
    assert world.verbs(submission) == ["send", "sent"]


def test_a_mail_that_left_in_spite_of_a_later_refusal_is_sent_and_not_failed(world):
    submission = world.sent(BAD)
    stopped = mail_delivery.claim(world.context)
    world.clock.advance(minutes=3)
    other = mail_delivery.claim(world.context)
    mail_delivery.report_failure(world.context, other, "550", permanent=True)
    mail_delivery.report_sent(world.context, stopped)
    ((failed,),) = world.sql("SELECT failed_at FROM outbox")
    assert failed is None
    totals = world.store.read(outbox.totals)
    assert totals == {"waiting": 0, "sent": 1, "failed": 0, "held": 0}
    assert world.verbs(submission) == ["send", "failed", "sent"]


def test_a_mail_is_not_begun_so_late_that_its_lease_ends_under_way(world, monkeypatch):
    monkeypatch.setattr(workers, "TO_BEGIN", -1.0)
    world.sent(BAD)
    with mail_server(mailbox := SmtpInbox()) as port:
        send_due(world.context, MailRoute(way(port), SENDER, "https://forms.example"))
    assert reached(mailbox) == set()
    assert in_trouble(world) == {BAD: "not begun within -1 s"}


STOPPED = """
import sys
from email import message_from_bytes
from email.policy import SMTP
from forms_service.mail import smtp
smtp.TRY_SECONDS = float(sys.argv[2])
mail = message_from_bytes(b"To: a@example.org\\r\\n\\r\\nHello", policy=SMTP)
way = smtp.smtp_transport(f"smtp://127.0.0.1:{sys.argv[1]}", "m@example.org")
with way.session() as session:
    try:
        session.send(mail, "a@example.org", patient=True)
    except smtp.RecipientRefused as error:
        print(error.reason)
"""


class Waits(SmtpInbox):
    """Answers MAIL when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.came, self.go_on = threading.Event(), threading.Event()

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        self.came.set()
        while not self.go_on.is_set():
            await asyncio.sleep(0.01)
        return await super().handle_MAIL(server, session, envelope, address, options)


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "taken"), [(2, 0), (100, 1)])
def test_a_sender_that_was_stopped_hands_over_nothing_once_its_time_is_over(
    seconds, taken
):
    with mail_server(mailbox := Waits()) as port:
        command = [sys.executable, "-c", STOPPED, str(port), str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as sender:
            assert mailbox.came.wait(60)
            os.kill(sender.pid, signal.SIGSTOP)
            mailbox.go_on.set()
            time.sleep(3)
            os.kill(sender.pid, signal.SIGCONT)
            said = sender.stdout.read().decode()
    assert len(mailbox.taken) == taken
    assert ("not done within" in said) is (not taken)


class Slow(SmtpInbox):
    """Needs its time for a mail."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        await asyncio.sleep(0.5)
        return await super().handle_DATA(server, session, envelope)


def test_a_mail_tried_again_may_wait_for_its_answer(world, monkeypatch):
    """A relay that needs longer than the patience of a first try is no dead one."""
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.2)
    world.sent(BAD)
    with mail_server(mailbox := Slow()) as port:
        route = MailRoute(way(port), SENDER, "https://forms.example")
        send_due(world.context, route)
        ((email, reason),) = in_trouble(world).items()
        assert (email, reason.startswith("no answer")) == (BAD, True)
        world.clock.advance(minutes=1)
        send_due(world.context, route)

    assert BAD in reached(mailbox)
    assert world.store.read(outbox.totals)["sent"] == 1


class RefusesByPolicy(SmtpInbox):
    """Says 550 5.7.1 to whoever it does not let pass, and counts how often."""

    def __init__(self, lets_pass=()) -> None:
        super().__init__()
        self.lets_pass, self.refused = lets_pass, 0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address not in self.lets_pass:
            self.refused += 1
            return "550 5.7.1 Relaying denied"
        return await super().handle_RCPT(server, session, envelope, address, options)


class Senders:
    """The senders of a service, on the world's clock."""

    def __init__(self, world, transport) -> None:
        self.world = world
        self.breaker = Breaker(lambda: world.clock().timestamp())
        route = MailRoute(transport, SENDER, "https://forms.example")
        self.loops = [MailLoop(world.context, route, self.breaker) for _ in range(2)]

    def work(self, minutes) -> None:
        for _ in range(minutes * 12):
            for loop in self.loops:
                loop()
            self.world.clock.advance(seconds=5)


PLACES = [f"p{n}@{'abc'[n % 3]}.example" for n in range(7)]


def test_a_relay_that_refuses_everybody_is_at_fault_and_no_mail_is_given_up(
    world, tmp_path
):
    for email in PLACES:
        world.sent(email)
    with mail_server(relay := RefusesByPolicy()) as port:
        senders = Senders(world, way(port))
        senders.work(minutes=16)
        assert set(in_trouble(world).values()) == {"550 5.7.1"}
        totals = world.store.read(outbox.totals)
        assert (totals["failed"], totals["waiting"]) == (0, len(PLACES))
        assert relay.refused < 20, "it is asked seldom"
        route = MailRoute(senders.loops[0]._route.transport, SENDER, "")
        there = Workers(world.context, route, tmp_path)
        there._breaker = senders.breaker
        refused = there.alarms()[-1]
        assert refused.kind is AlarmKind.MAIL_REFUSED
        assert refused.detail["reason"] == "550 5.7.1"
        relay.lets_pass = PLACES
        senders.work(minutes=31)
    assert sorted(e.rcpt_tos[0] for e in relay.taken) == sorted(PLACES)
    assert in_trouble(world) == {}
    assert senders.breaker.failing_for == 0


def test_mailboxes_that_are_refused_in_a_row_keep_nobody_waiting_and_are_given_up(
    world,
):
    for email in PLACES:
        world.sent(email)
    with mail_server(relay := RefusesByPolicy(lets_pass=PLACES[4:])) as port:
        senders = Senders(world, way(port))
        senders.work(minutes=1)
        assert reached(relay) == {*PLACES[4:]}
        senders.work(minutes=20)
    assert reached(relay) == {*PLACES[4:]}
    assert world.store.read(outbox.totals)["failed"] == 4
    assert set(in_trouble(world).values()) == {"550 5.7.1"}


def test_of_one_domain_that_refuses_each_mail_is_given_up_at_once(queued):
    with mail_server(relay := RefusesByPolicy()) as port:
        route = MailRoute(way(port), SENDER, "https://forms.example")
        assert send_due(queued.context, route) == len(PEOPLE)
    assert relay.refused == queued.store.read(outbox.totals)["failed"] == len(PEOPLE)


def test_one_connection_carries_many_mails(queued):
    with mail_server(mailbox := SmtpInbox()) as port:
        route = MailRoute(way(port), SENDER, "https://forms.example")
        assert send_due(queued.context, route) == len(PEOPLE)

    assert reached(mailbox) == {*PEOPLE}
    assert len(mailbox.connections) == 1


def test_a_connection_that_ends_between_two_mails_is_the_fault_of_neither(queued):
    with mail_server(mailbox := SaysGoodbye()) as port:
        route = MailRoute(way(port), SENDER, "https://forms.example")
        send_due(queued.context, route)

    assert reached(mailbox) == {*PEOPLE}
    assert len(mailbox.connections) == len(PEOPLE)
    assert in_trouble(queued) == {}


# --- at full length, with the threads of a service and the time of the wall


class Swallows(SmtpInbox):
    """Takes every mail; of each ten it never answers three, and keeps the line open.

    Of one address it answers nothing at all, and another's line it cuts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if BAD in envelope.rcpt_tos:
            server.transport.abort()
            return "250 OK"
        if STALLED in envelope.rcpt_tos:
            await asyncio.sleep(3600)
        self.asked += 1
        answer = await super().handle_DATA(server, session, envelope)
        if self.asked % 10 in (1, 4, 7):
            await asyncio.sleep(3600)
        return answer


STALLED = "stalled@tarpit.example"


@pytest.mark.drill
@pytest.mark.promise("P20", SWALLOWED)
def test_in_a_minute_forty_mails_pass_a_relay_that_swallows_three_of_ten_answers(
    world, figure
):
    people = [f"p{n}@town{n % 7}.example" for n in range(40)]
    for email in [BAD, STALLED, *people]:
        world.sent(email)
    with mail_server(mailbox := Swallows()) as port:
        route = MailRoute(way(port), SENDER, "https://forms.example")
        workers = Workers(world.context, route, world.folder)
        begun = time.monotonic()
        workers.start()
        while {*people} - reached(mailbox) and time.monotonic() - begun < 60:
            time.sleep(0.2)
        took = time.monotonic() - begun
        workers.stop(70)

    assert {*people} <= reached(mailbox), f"not all within {took:.0f} s"
    assert in_trouble(world)[BAD] == "hung up at DATA"
    figure(f"{len(people)} mails left within {took:.0f} s")
