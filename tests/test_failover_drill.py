"""The primary dies under load and its standby takes over: the services follow.

Two services as processes, people who press until they are told "received", real
servers on loopback. The control loses what a standby that lagged behind had not got.
"""

import secrets
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from urllib.parse import urlencode

import pytest
from lxml import html

from citizen import VOLUNTEER
from sample_content import SAMPLE
from servers import DATABASE, Server, in_step
from service import LOG_KEYS
from test_cli_serve import KEYS, Process

pytestmark = pytest.mark.drill

FORM = "/moduli/it/volontari"
WHAT = "the primary of a PostgreSQL dies under load, its standby takes over"
PEOPLE = 8
LOAD_SECONDS = 6
FIRST_ANSWER_SECONDS = 15


class Person:
    """Sends the form again and again, to whichever service answers, as somebody new."""

    def __init__(self, bases):
        self.hosts = [base.removeprefix("http://") for base in bases]
        self.headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.received: list[tuple[float, str, str]] = []
        self.refusals = Counter()

    def run(self, stop):
        while not stop.is_set():
            email = f"{secrets.token_hex(8)}@{secrets.token_hex(4)}.example.org"
            # A network of its own: many people are not one who sends much.
            network = ".".join(str(byte) for byte in secrets.token_bytes(3))
            self.headers["X-Forwarded-For"] = f"10.{network}"
            typed = VOLUNTEER | {"email": email, "nome_completo": f"Anh {email[:8]}"}
            status, page = self.until(200, f"{FORM}/riepilogo", typed)
            form = html.document_fromstring(page).xpath("//main//form")[0]
            fields = form.form_values()
            _, where = self.until(303, f"{FORM}/conferma", fields)
            self.received.append((time.monotonic(), email, where))

    def until(self, wanted, path, typed):
        """Press until the answer comes; nobody is told anything else than to wait."""
        body = urlencode(typed, doseq=True)
        ends = time.monotonic() + 120
        while time.monotonic() < ends:
            self.hosts.reverse()
            line = HTTPConnection(self.hosts[0], timeout=40)
            try:
                line.request("POST", path, body, self.headers)
                answer = line.getresponse()
                said = answer.read().decode()
            except (OSError, HTTPException):
                continue
            finally:
                line.close()
            if answer.status == wanted:
                return wanted, answer.headers.get("Location") or said
            self.refusals[answer.status] += 1
            # Nothing can be written; or it is not the turn of so many in a minute.
            assert answer.status in (503, 409), said
            time.sleep(0.1)
        raise AssertionError("no answer within two minutes")


@pytest.fixture
def servers(tmp_path):
    """A primary with the service's database, and its standby."""
    primary = Server()
    primary.start()
    primary.execute(f"CREATE DATABASE {DATABASE}")
    standby = Server(standby_of=primary, name="second")
    standby.start()
    yield primary, standby
    standby.remove()
    primary.remove()


@pytest.fixture
def services(servers, tmp_path):
    """Two services, each of which knows both servers."""
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    settings = {
        "FORMS_DATABASE_URL": f"postgresql://tests@{hosts}/{DATABASE}",
        "FORMS_TRUSTED_PROXIES": "127.0.0.0/8",
        "FORMS_SECRET_KEYS": KEYS,
        "FORMS_LOG_KEYS": LOG_KEYS[0],
        "FORMS_SUMMARY_SECONDS": "0",
    }
    started = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        started.append(Process(folder, SAMPLE, "serve", **settings))
        started[-1].wait_for("Staff:", 120)
    yield started
    for service in started:
        service.end()


def sent_while(services, disaster):
    """Have people send before, during and after a disaster; return what they heard."""
    stop = Event()
    people = [Person([each.base for each in services]) for _ in range(PEOPLE)]
    threads = [Thread(target=person.run, args=[stop]) for person in people]
    for thread in threads:
        thread.start()
    time.sleep(LOAD_SECONDS)
    promoted = disaster()
    time.sleep(LOAD_SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    received = sorted(each for person in people for each in person.received)
    refused = sum((person.refusals for person in people), Counter())
    return promoted, received, refused


def fail_over(primary, standby):
    """Kill the primary as a power cut does and promote its standby."""
    primary.stop()
    if not standby.running:
        standby.start()
    standby.promote()
    return time.monotonic()


def faults(server, received):
    """Return what the promoted server has lost or doubled of what people were told."""
    rows = "SELECT email, count(*) FROM submissions GROUP BY email"
    stored = dict(server.execute(rows, DATABASE))
    lost = [email for _, email, _ in received if email not in stored]
    doubled = [email for email, number in stored.items() if number > 1]
    mails = (
        "SELECT count(*) FROM submissions WHERE 1 <> "
        "(SELECT count(*) FROM outbox WHERE submission = submissions.id)"
    )
    ((without_mail,),) = server.execute(mails, DATABASE)
    return lost, doubled, without_mail


@pytest.mark.promise("P27", WHAT)
def test_a_synchronous_standby_takes_over_and_nothing_is_lost(
    servers, services, tmp_path, figure
):
    primary, standby = servers
    primary.configure(synchronous_standby_names="second")
    in_step(primary)
    promoted, received, refused = sent_while(
        services, lambda: fail_over(primary, standby)
    )
    after = [moment for moment, _, _ in received if moment > promoted]
    before = len(received) - len(after)
    first = after[0] - promoted
    figure(
        f"{before} received before, {len(after)} after, 0 lost; the first {first:.1f} "
        f"s after the promotion; {refused[503]} told to wait"
    )
    assert faults(standby, received) == ([], [], 0)
    assert before > 20
    assert first <= FIRST_ANSWER_SECONDS
    new = f"postgresql://tests@127.0.0.1:{standby.port}/{DATABASE}"
    audit = Process(
        tmp_path, SAMPLE, "audit", "verify",
        FORMS_DATABASE_URL=new, FORMS_LOG_KEYS=LOG_KEYS[0],
    )  # fmt: skip
    assert audit.ended() == 0, audit.said


@pytest.mark.promise("P27", WHAT, control=True)
def test_a_standby_that_lagged_behind_loses_and_the_drill_sees_it(
    servers, services, figure
):
    primary, standby = servers

    def disaster():
        standby.stop()
        time.sleep(LOAD_SECONDS)
        return fail_over(primary, standby)

    _, received, _ = sent_while(services, disaster)
    lost, doubled, without_mail = faults(standby, received)
    assert len(lost) > 5
    figure(control=f"a standby that lagged behind: {len(lost)} lost")
    assert (doubled, without_mail) == ([], 0)
