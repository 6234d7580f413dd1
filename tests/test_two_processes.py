"""Two services on one database: what one promises they promise together."""

import threading
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from forms_service.store import submissions
from forms_service.store.database import Store
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Seat
from forms_service.tokens import Tokens
from forms_service.workflow import (
    capacity,
    deciding,
    mail_delivery,
    reminding,
    sending,
)
from forms_service.workflow.context import WorkflowContext
from forms_service.workflow.transitions import NotAllowed, RevisionConflict

pytest_plugins = ["life"]

PEOPLE, SEATS = 50, 10


@pytest.fixture
def contexts(new_world):
    """Return what makes a world, and of a world the context of each service."""
    stores = []

    def of(*changes):
        world = new_world(*changes)
        # Whoever waits here waits for fifty others, on whatever machine.
        stores.extend(Store(world.store.where, patience=60) for _ in range(2))
        tokens = Tokens(["a key for tests that is long enough"])
        return world, [
            WorkflowContext(store, world.context.content, tokens, world.clock)
            for store in stores
        ]

    yield of
    for store in stores:
        store.close()


def all_rows(world):
    return world.store.read(lambda db: list(submissions.each_of_form(db, "every-type")))


def test_the_last_places_go_to_the_first_and_the_others_stand_in_one_line(contexts):
    world, services = contexts()
    answers = [world.answers(f"p{n}@example.org") for n in range(PEOPLE)]
    keys = [world.key() for _ in range(PEOPLE)]

    def send(n):
        return sending.send(services[n % 2], world.form(), answers[n], keys[n])

    sent = world.at_once(PEOPLE, send)
    assert {type(answer) for answer in sent} == {sending.Sent}
    rows = all_rows(world)
    waiting = PEOPLE - SEATS
    assert [row.place for row in rows] == [Seat.HELD] * SEATS + [Seat.WAITING] * waiting
    line = world.store.read(lambda db: [capacity.position(db, row) for row in rows])
    assert line == [None] * SEATS + [*range(1, waiting + 1)]
    assert world.log_is_whole()
    assert world.check_log().head.number == PEOPLE + 1


def test_one_key_is_one_submission_whoever_takes_it(contexts):
    world, services = contexts()
    answers, key = world.answers(), world.key()
    sent = world.at_once(
        20, lambda n: sending.send(services[n % 2], world.form(), answers, key)
    )
    assert len({answer.submission.reference for answer in sent}) == 1
    assert len(all_rows(world)) == 1


def test_each_mail_is_sent_by_one_of_them(contexts):
    world, services = contexts()
    for n in range(20):
        world.sent(f"p{n}@host{n}.example.org")

    def send_all(n):
        taken = []
        while mail := mail_delivery.claim(services[n % 2]):
            mail_delivery.report_sent(services[n % 2], mail)
            taken.append(mail.id)
        return taken

    taken = Counter(mail for mails in world.at_once(4, send_all) for mail in mails)
    assert (len(taken), set(taken.values())) == (20, {1})


class Beaten(Store):
    """Whenever it is about to write, another service has just done the same."""

    def write(self, job):
        reminding.announce(self.other)
        return super().write(job)


def test_a_reminder_is_queued_by_one_of_them(contexts):
    world, (service, _) = contexts(
        ("forms/every-type.yml", "closes: 2030-10-20", "closes: null")
    )
    submission = world.proven()
    reminding.announce(world.context)
    world.clock.now = datetime(2030, 10, 27, 8, 0, tzinfo=UTC)
    with closing(Beaten(world.store.where)) as store:
        store.other = service
        assert reminding.announce(replace(service, store=store)) == 0
    kinds = [mail.kind for mail in world.mails(submission)]
    assert kinds.count("reminder") == 1


def test_one_of_two_decisions_on_what_was_read_is_taken(contexts):
    world, services = contexts()
    submission = world.proven()
    revision = world.row(submission).revision
    verbs = [EventVerb.ACCEPT, EventVerb.DECLINE]
    decided = world.at_once(
        2,
        lambda n: deciding.decide(
            services[n], submission.id, verbs[n], "staff:1", revision=revision
        ),
    )
    refused = [each for each in decided if isinstance(each, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], RevisionConflict | NotAllowed)
    assert sum(verb in verbs for verb in world.verbs(submission)) == 1


def test_who_reads_on_by_number_misses_nobody_who_was_slow(contexts):
    """A slow sender has a number before a quick one, and commits after it would."""
    world, services = contexts()
    begun, go, pages = threading.Event(), threading.Event(), []

    def slow(db):
        columns = {name: getattr(first, name) for name in submissions.COLUMNS}
        del columns["number"], columns["revision"]
        new = columns | {"id": "slow", "reference": "SLOW2345", "form_key": None}
        submissions.insert(db, new)
        begun.set()
        assert go.wait(60)

    def quick():
        sending.send(services[1], world.form(), answers, key)

    def read_on():
        after = pages[-1] if pages else 0
        pages.extend(row.number for row in all_rows(world) if row.number > after)

    first = world.sent()
    answers, key = world.answers("quick@example.org"), world.key()
    threads = [threading.Thread(target=partial(services[0].store.write, slow))]
    threads[0].start()
    assert begun.wait(60)
    threads.append(threading.Thread(target=quick))
    threads[1].start()
    read_on()
    go.set()
    for thread in threads:
        thread.join()
        read_on()
    assert pages == [row.number for row in all_rows(world)]
    assert len(pages) == 3


def test_a_number_once_given_is_never_given_again(contexts):
    world, services = contexts()
    given = [world.sent().number for _ in range(3)]
    for row in all_rows(world):
        deciding.erase(services[0], row.id, "staff:1")
    given.append(world.sent().number)
    assert given == sorted(set(given))


def test_a_store_that_opens_while_another_writes_waits_for_nobody(contexts):
    world, services = contexts()

    def job(db):
        with closing(Store(world.store.where)) as other:
            return other.read(lambda db: db.execute("SELECT 1").fetchone()[0])

    assert services[0].store.write(job) == 1
