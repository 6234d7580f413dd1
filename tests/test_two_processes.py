"""Two services on one database: what one promises they promise together."""

from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from forms_service.store import counts
from forms_service.store.database import Store
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Seat
from forms_service.tokens import Tokens
from forms_service.workflow import (
    capacity,
    deciding,
    mail_delivery,
    mail_queue,
    reminding,
    sending,
)
from forms_service.workflow.context import WorkflowContext
from forms_service.workflow.transitions import NotAllowed, RevisionConflict
from stored import rows_of

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
            WorkflowContext(
                store, world.context.content, tokens, world.clock, world.context.folder
            )
            for store in stores
        ]

    yield of
    for store in stores:
        store.close()


def all_rows(world):
    return world.store.read(lambda db: rows_of(db, "every-type"))


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


def test_no_more_mails_leave_to_a_mailbox_than_in_one(contexts):
    world, services = contexts()
    number = 8
    answers, keys = world.answers(), [world.key() for _ in range(number)]
    sent = world.at_once(
        number, lambda n: sending.send(services[n % 2], world.form(), answers, keys[n])
    )
    assert {type(answer) for answer in sent} == {sending.Sent}
    kinds = Counter(row[0] for row in world.sql("SELECT kind FROM outbox"))
    assert kinds == {"verify": mail_queue.PROOFS_A_DAY, "verify_many": 1}


def test_places_that_go_back_and_forth_are_counted_by_all(contexts):
    """Some withdraw while others send: never more than there are, none left over."""
    world, services = contexts(
        ("forms/every-type.yml", "promotion: staff", "promotion: automatic")
    )
    holders = [world.sent(f"h{n}@example.org") for n in range(SEATS)]
    keys = [world.key() for _ in range(SEATS)]

    def act(n):
        service = services[n % 4 // 2]
        if n % 2:
            withdraw = EventVerb.WITHDRAW
            return deciding.decide(service, holders[n // 2].id, withdraw, "citizen")
        answers = world.answers(f"w{n}@example.org")
        return sending.send(service, world.form(), answers, keys[n // 2])

    done = world.at_once(2 * SEATS, act)
    assert not [each for each in done if isinstance(each, Exception)]
    places = [row.place for row in all_rows(world)]
    assert places == [Seat.NONE] * SEATS + [Seat.HELD] * SEATS
    assert world.store.read(counts.miscounted) == []


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
