"""A decision settles after some minutes; until then it can be undone."""

import pytest

from forms_service import workers
from forms_service.content.loading import EventFiles
from forms_service.store import events, waiting_list
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Seat, Status
from forms_service.workflow import correcting, deciding, settling
from forms_service.workflow.transitions import RevisionConflict, Settled
from test_reminding import OPEN, kinds, link, look

pytest_plugins = ["life"]

CARLA = "staff:1"
DELAY = ("project.yml", "decision_delay: 0", "decision_delay: 5")
ACCEPT, DECLINE, WITHDRAW = EventVerb.ACCEPT, EventVerb.DECLINE, EventVerb.WITHDRAW


@pytest.fixture
def world(new_world):
    """The world in which a decision can be undone for five minutes."""
    return new_world(DELAY)


def decide(world, submission, verb=ACCEPT):
    return deciding.decide(world.context, submission.id, verb, CARLA, reason="Perché")


def undo(world, submission):
    shown = world.row(submission).revision
    return settling.undo(world.context, submission.id, CARLA, shown)


def until(world, submission):
    row = world.row(submission)
    return world.store.read(lambda db: settling.settles_at(world.context, db, row))


def told(world, submission):
    row = world.row(submission)
    return world.store.read(lambda db: settling.visible(world.context, db, row))


@pytest.mark.parametrize("verb", [ACCEPT, DECLINE])
def test_all_is_as_before_and_the_mail_never_leaves(world, verb):
    submission = world.proven()
    world.post()
    before = world.row(submission)
    decide(world, submission, verb)
    assert told(world, submission) == before != world.row(submission)
    assert world.post() == []
    world.clock.advance(minutes=4, seconds=59)
    assert undo(world, submission) == before
    world.clock.advance(days=1)
    assert world.post() == []
    assert world.verbs(submission)[-1] == EventVerb.UNDO
    assert world.log_is_whole()


def test_after_its_time_the_mail_leaves_and_nothing_can_be_undone(world):
    submission = world.proven()
    world.post()
    decide(world, submission)
    assert until(world, submission) is not None
    world.clock.advance(minutes=5)
    assert until(world, submission) is None
    assert [mail.kind for mail in world.post()] == ["accepted"]
    assert told(world, submission).status is Status.ACCEPTED
    with pytest.raises(Settled):
        undo(world, submission)


@pytest.mark.parametrize("verb", [ACCEPT, DECLINE])
def test_a_withdrawal_overtakes_a_decision_whose_mail_never_leaves(world, verb):
    submission = world.proven(people=6)
    waiting = world.proven(people=6, email="bo@example.org")
    world.post()
    decide(world, submission, verb)
    deciding.decide(world.context, submission.id, WITHDRAW, "citizen")
    assert world.row(submission).status is Status.WITHDRAWN
    assert world.row(submission).place is Seat.NONE
    assert world.row(waiting).place is Seat.WAITING
    world.clock.advance(minutes=10)
    assert [mail.kind for mail in world.post()] == ["withdrawn"]
    with pytest.raises(Settled):
        undo(world, submission)


@pytest.mark.parametrize("verb", [ACCEPT, DECLINE])
def test_a_correction_overtakes_a_decision_and_ends_the_way_back(world, verb):
    submission = world.proven()
    world.post()
    decided = decide(world, submission, verb)
    answers = {**submission.answers, "nome": "Altra"}
    correcting.correct(world.context, world.form(), submission.id, answers)
    assert world.row(submission).status is Status.NEW
    with pytest.raises(RevisionConflict):
        settling.undo(world.context, submission.id, CARLA, decided.revision)
    with pytest.raises(Settled):
        undo(world, submission)
    assert [mail.kind for mail in world.post()] == ["corrected"]
    world.clock.advance(minutes=4)
    decide(world, submission)
    world.clock.advance(minutes=4)
    assert world.post() == []
    world.clock.advance(minutes=1)
    assert [mail.kind for mail in world.post()] == ["accepted"]


def test_a_mail_that_is_on_its_way_cannot_be_called_back(world):
    submission = world.proven()
    world.post()
    decide(world, submission)
    world.force("UPDATE outbox SET lease_until = '2031-01-01' WHERE kind = 'accepted'")
    with pytest.raises(Settled):
        undo(world, submission)
    assert world.row(submission).status is Status.ACCEPTED


def test_a_scan_added_since_ends_the_way_back_but_tells_nobody(world):
    submission = world.proven()
    decide(world, submission, DECLINE)
    world.store.write(
        lambda db: events.record(
            db, world.clock(), CARLA, EventVerb.ATTACH, submission.id
        )
    )
    assert told(world, submission).status is Status.NEW
    assert until(world, submission) is None
    with pytest.raises(Settled):
        undo(world, submission)


def test_a_note_does_not_end_it(world):
    submission = world.proven()
    decide(world, submission)
    deciding.add_note(world.context, submission.id, world.clerk.id, "Ha chiamato")
    assert undo(world, submission).status is Status.NEW


def test_a_place_is_passed_on_when_the_decision_settles_and_not_before(new_world):
    automatic = ("forms/every-type.yml", "promotion: staff", "promotion: automatic")
    world = new_world(DELAY, automatic)
    first, second = world.proven(people=6), world.proven(people=6, email="b@a.it")
    decide(world, first, DECLINE)
    workers.each_minute(world.context)
    assert world.row(second).place is Seat.WAITING
    undo(world, first)
    assert world.row(first).place is Seat.HELD

    decide(world, first, DECLINE)
    world.clock.advance(minutes=5)
    workers.each_minute(world.context)

    assert world.row(first).place is Seat.NONE
    assert world.row(second).place is Seat.HELD
    assert settling.settle(world.context) == 0
    assert world.verbs(first)[-1] == EventVerb.SETTLE


def test_who_waits_is_overtaken_by_nobody_before_the_refusal_settles(new_world):
    automatic = ("forms/every-type.yml", "promotion: staff", "promotion: automatic")
    world = new_world(DELAY, automatic)
    first, second, small = (
        world.proven(people=number, email=f"n{number}@a.it") for number in (6, 6, 3)
    )
    assert world.row(small).place is Seat.WAITING
    decide(world, second, DECLINE)
    workers.each_minute(world.context)
    assert world.row(small).place is Seat.WAITING
    undo(world, second)
    assert world.row(second).place is Seat.WAITING
    decide(world, second, DECLINE)
    world.clock.advance(minutes=5)
    workers.each_minute(world.context)
    assert world.row(second).place is Seat.NONE
    assert world.row(small).place is Seat.HELD


@pytest.mark.parametrize(("minutes", "told"), [(4, ["event_changed"]), (5, [])])
def test_an_event_that_changes_meanwhile_is_told_to_who_may_come_after_all(
    new_world, minutes, told
):
    world = new_world(DELAY, OPEN)
    world.files = EventFiles(world.context.content)
    look(world)
    submission = world.proven()
    world.post()
    decide(world, submission, DECLINE)
    world.clock.advance(minutes=minutes)
    before = kinds(world, submission)
    link(world)
    look(world)
    assert kinds(world, submission)[len(before) :] == told


def test_a_form_that_gives_no_places_any_more_keeps_none(world):
    submission = world.proven(people=6)
    decide(world, submission, DECLINE)
    world.edit(
        (
            "forms/every-type.yml",
            "capacity: {count: people, limit: 10, waiting_list: true, place_hold: 72, "
            "promotion: staff}",
            "capacity: null",
        )
    )
    world.clock.advance(minutes=5)
    assert settling.settle(world.context) == 1
    assert world.row(submission).place is Seat.NONE


@pytest.mark.engine("sqlite")
def test_each_minute_those_in_a_line_are_looked_through_and_nobody_else(world):
    steps = world.plan(lambda db: waiting_list.declined(db, world.clock()))
    assert "SCAN submissions USING INDEX submissions_line" in steps


def test_a_decision_of_another_version_cannot_be_undone(world):
    submission = world.proven()
    world.edit(("project.yml", "decision_delay: 5", "decision_delay: 0"))
    decide(world, submission)
    world.edit(("project.yml", "decision_delay: 0", "decision_delay: 5"))
    with pytest.raises(Settled):
        undo(world, submission)
