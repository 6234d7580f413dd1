"""Places: given in order of arrival, nobody overtakes, nobody is counted twice."""

from dataclasses import replace

import pytest

from forms_service.definition import Channel, clean, raw_of
from forms_service.i18n import Translator
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Proof, Seat, Source, Status
from forms_service.workflow import (
    capacity,
    correcting,
    deciding,
    desk_entry,
    maintenance,
    purging,
    sending,
    verification,
)
from forms_service.workflow.capacity import (
    Availability,
    FormClosed,
    FormState,
    Occupancy,
)
from forms_service.workflow.correcting import Why
from forms_service.workflow.transitions import NotFirst
from sample_content import copied

pytest_plugins = ["life"]

STAFF = "staff:1"
FILE = "forms/every-type.yml"
AUTOMATIC = (FILE, "promotion: staff", "promotion: automatic")
NO_LINE = (FILE, "waiting_list: true", "waiting_list: false")
BY_ROW = (FILE, "count: people, limit: 10", "count: rows, limit: 2")
NO_EVENT = (
    (FILE, "event: incontro", "event: null"),
    (FILE, "accepted: {days: 30, after: event}", "accepted: {days: 30}"),
    (FILE, "erase_after: {days: 30, after: event}", "erase_after: {days: 30}"),
)
NO_LIMIT = (
    FILE,
    "capacity: {count: people, limit: 10, waiting_list: true, place_hold: 72, "
    "promotion: staff}",
    "capacity: null",
)


def state(world):
    return capacity.form_state(world.context, world.form())


def position(world, submission):
    row = world.row(submission)
    return world.store.read(lambda db: capacity.position(db, row))


def occupancy(world, submission):
    return world.store.read(
        lambda db: capacity.occupancy_with(world.context, db, submission)
    )


def withdraw(world, submission):
    return deciding.decide(world.context, submission.id, EventVerb.WITHDRAW, "citizen")


def seats(world):
    return {
        row["place"]: row["n"]
        for row in world.sql(
            "SELECT place, sum(seats) AS n FROM submissions GROUP BY place"
        )
    }


def test_a_place_is_held_while_people_fit_and_nobody_waits(world):
    first = world.sent(people=6)
    too_many = world.sent(people=5)
    would_fit = world.sent(people=4)
    assert [submission.place for submission in (first, too_many, would_fit)] == [
        Seat.HELD,
        Seat.WAITING,
        Seat.WAITING,
    ]
    assert [
        position(world, submission) for submission in (first, too_many, would_fit)
    ] == [
        None,
        1,
        2,
    ]
    assert state(world) == FormState(Availability.FULL, 0, 2)


def test_places_are_counted_down_and_then_the_form_is_full(world):
    assert state(world) == FormState(Availability.OPEN, 10, 0)
    world.sent(people=6)
    assert state(world) == FormState(Availability.OPEN, 4, 0)
    world.sent(people=4)
    assert state(world) == FormState(Availability.FULL, 0, 0)


def test_a_form_counted_in_rows_does_not_count_people(new_world):
    world = new_world(BY_ROW)
    assert [world.sent(people=6).place for _ in range(3)] == [
        Seat.HELD,
        Seat.HELD,
        Seat.WAITING,
    ]


def test_a_form_without_capacity_gives_no_places(new_world):
    world = new_world(NO_LIMIT)
    submission = world.sent(people=6)
    assert (submission.place, submission.line) == (Seat.NONE, 0)
    assert state(world) == FormState(Availability.OPEN, None, 0)
    assert maintenance.release_lapsed(world.context) == 0
    assert withdraw(world, submission).place is Seat.NONE


def test_a_form_that_is_closed_is_not_called_full(world):
    world.sent(people=6)
    world.sent(people=6)
    world.clock.advance(days=300)
    assert state(world).availability is Availability.CLOSED


def test_without_a_waiting_list_a_full_form_takes_nobody(new_world):
    world = new_world(NO_LINE)
    world.sent(people=6)
    with pytest.raises(FormClosed) as caught:
        world.send(people=5)
    assert caught.value.availability is Availability.FULL
    entry = desk_entry.DeskEntry(Source.DESK, world.clock().date(), Proof.IN_PERSON)
    with pytest.raises(FormClosed):
        desk_entry.enter(
            world.context, world.form(), world.answers(persone="5"), entry, STAFF
        )
    assert world.sent(people=4).place is Seat.HELD


def test_the_last_places_go_to_as_many_as_fit_however_many_send_at_once(world):
    answers = world.answers(persone="3")
    results = world.at_once(
        20, lambda _: sending.send(world.context, world.form(), answers, world.key())
    )
    rows = sorted((result.submission for result in results), key=lambda o: o.number)
    assert [row.place for row in rows] == [Seat.HELD] * 3 + [Seat.WAITING] * 17
    assert len({row.line for row in rows}) == 20
    assert [position(world, row) for row in rows[3:]] == list(range(1, 18))


def test_an_unproven_place_lapses_after_three_days_and_joins_the_line_again(world):
    submission = world.sent(people=6)
    waiting = world.proven(people=6)
    world.clock.advance(hours=71, minutes=59)
    assert maintenance.release_lapsed(world.context) == 0
    world.clock.advance(minutes=1)
    assert maintenance.release_lapsed(world.context) == 1
    assert world.row(submission).place is Seat.NONE
    assert world.verbs(submission) == ["send", "release"]
    # promotion: staff. The freed place waits for them, and nobody overtakes.
    assert world.row(waiting).place is Seat.WAITING
    confirmed = verification.confirm_link(world.context, world.link(submission))
    assert confirmed.place is Seat.WAITING
    assert (position(world, waiting), position(world, confirmed)) == (1, 2)


def test_a_lapsed_place_is_taken_again_when_nobody_waits(world):
    submission = world.sent(people=6)
    world.clock.advance(hours=72)
    maintenance.release_lapsed(world.context)
    assert (
        verification.confirm_link(world.context, world.link(submission)).place
        is Seat.HELD
    )


def test_somebody_in_line_who_proves_nothing_leaves_the_line(world):
    world.proven(people=6)
    waiting = world.sent(people=6)
    assert waiting.place is Seat.WAITING
    world.clock.advance(hours=72)
    assert maintenance.release_lapsed(world.context) == 1
    assert world.row(waiting).place is Seat.NONE


def test_who_comes_back_after_a_lapse_joins_a_full_form_without_a_line(new_world):
    world = new_world(NO_LINE)
    submission = world.sent(people=6)
    world.clock.advance(hours=72)
    maintenance.release_lapsed(world.context)
    world.proven(people=6)
    assert (
        verification.confirm_link(world.context, world.link(submission)).place
        is Seat.WAITING
    )


def test_a_proven_place_does_not_lapse(world):
    submission = world.proven(people=6)
    world.clock.advance(days=30)
    assert maintenance.release_lapsed(world.context) == 0
    assert world.row(submission).place is Seat.HELD


def test_staff_promote_the_first_in_line_and_no_other(world):
    world.proven(people=6)
    first, second = world.proven(people=6), world.proven(people=1)
    with pytest.raises(NotFirst):
        deciding.promote(world.context, second.id, STAFF)
    promoted = deciding.promote(world.context, first.id, STAFF)
    assert promoted.place is Seat.HELD
    assert world.mails(first)[-1].kind == "promoted"
    assert world.events(first)[-1].actor == STAFF
    assert deciding.promote(world.context, second.id, STAFF).place is Seat.HELD


def test_staff_know_how_many_places_a_promotion_makes(new_world):
    world = new_world(BY_ROW)
    holder, _, waiting = (world.proven() for _ in range(3))
    assert occupancy(world, waiting) == Occupancy(2, 2, 3)
    assert (occupancy(world, waiting).full, occupancy(world, waiting).over) == (
        True,
        True,
    )
    withdraw(world, holder)
    assert occupancy(world, waiting) == Occupancy(2, 1, 2)
    assert (occupancy(world, waiting).full, occupancy(world, waiting).over) == (
        False,
        False,
    )


def test_a_form_without_limit_is_never_crowded(new_world):
    world = new_world(NO_LIMIT)
    submission = world.proven()
    assert occupancy(world, submission) is None
    assert occupancy(world, replace(submission, form_id="gone")) is None


def test_freed_places_go_by_themselves_to_the_first_in_line(new_world):
    world = new_world(AUTOMATIC)
    holder = world.proven(people=6)
    big, small = world.proven(people=6), world.proven(people=2)
    assert [world.row(box).place for box in (big, small)] == [Seat.WAITING] * 2
    withdraw(world, holder)
    assert [world.row(box).place for box in (big, small)] == [Seat.HELD] * 2
    assert [world.mails(box)[-1].kind for box in (big, small)] == ["promoted"] * 2
    assert world.events(big)[-1].actor == "service"


def test_a_freed_place_of_a_form_without_an_event_is_given_at_any_time(new_world):
    world = new_world(AUTOMATIC, *NO_EVENT)
    holder, waiting = world.proven(people=6), world.proven(people=6)
    world.clock.advance(days=300)
    withdraw(world, holder)
    assert world.row(waiting).place is Seat.HELD


def test_a_freed_place_too_small_for_the_first_goes_to_nobody(new_world):
    world = new_world(AUTOMATIC)
    holders = [world.proven(people=5), world.proven(people=5)]
    big, small = world.proven(people=6), world.proven(people=1)
    withdraw(world, holders[0])
    assert [world.row(box).place for box in (big, small)] == [Seat.WAITING] * 2
    withdraw(world, holders[1])
    assert [world.row(box).place for box in (big, small)] == [Seat.HELD] * 2


FOUR = (FILE, "limit: 10", "limit: 4")
TOO_MANY = "I posti in tutto sono 4: scrivi un numero non più alto."


def test_a_party_larger_than_the_whole_form_is_told_so(new_world):
    world = new_world(FOUR)
    raw = raw_of(world.form(), world.answers()) | {"persone": ["5"]}
    day = world.clock().date()
    for where in (Channel.WEB, Channel.DESK):
        refused = clean(world.form(), raw, where, today=day)
        assert (
            Translator("it", world.context.zone).translate(refused.errors["persone"])
            == TOO_MANY
        )
    assert "persone" not in clean(world.form(), raw | {"persone": ["4"]}, where).errors


def test_a_form_counted_in_rows_takes_parties_of_any_size(new_world):
    world = new_world((FILE, "count: people, limit: 10", "count: rows, limit: 4"))
    assert world.sent(people=6).place is Seat.HELD


def test_a_party_that_has_become_too_large_holds_up_nobody(new_world):
    world = new_world(AUTOMATIC)
    holder, later = world.proven(people=6), world.proven(people=4)
    big, small = world.proven(people=5), world.proven(people=2)
    world.edit(FOUR)
    withdraw(world, holder)
    assert world.row(small).place is Seat.WAITING
    withdraw(world, later)
    places_now = [world.row(box).place for box in (big, small)]
    assert places_now == [Seat.WAITING, Seat.HELD]
    assert world.mails(small)[-1].kind == "promoted"


def test_the_first_in_line_is_not_overtaken_for_being_unproven(new_world):
    world = new_world(AUTOMATIC)
    holder = world.proven(people=6)
    unproven, proven = world.sent(people=6), world.proven(people=6)
    withdraw(world, holder)
    assert world.row(unproven).place is Seat.HELD
    assert world.row(proven).place is Seat.WAITING
    assert [mail.kind for mail in world.mails(unproven)] == ["verify"]
    # It holds the place as after sending: until the mailbox should be proven.
    world.clock.advance(hours=72)
    assert maintenance.release_lapsed(world.context) == 1
    assert world.row(proven).place is Seat.HELD


def test_a_raised_limit_lets_the_line_in(new_world):
    world = new_world(AUTOMATIC)
    world.proven(people=6)
    waiting = world.proven(people=6)
    world.edit((FILE, "limit: 10", "limit: 12"))
    assert maintenance.release_lapsed(world.context) == 0
    assert world.row(waiting).place is Seat.HELD


@pytest.mark.parametrize("how", ["decline", "erase", "purge"])
def test_declined_erased_and_purged_rows_free_the_place(new_world, how):
    world = new_world(AUTOMATIC)
    holder, waiting = world.proven(people=6), world.proven(people=6)
    if how == "decline":
        deciding.decide(world.context, holder.id, EventVerb.DECLINE, STAFF)
    elif how == "erase":
        deciding.erase(world.context, holder.id, "citizen")
    else:
        world.force(
            "UPDATE submissions SET purge_after = '2030-03-01T00:00:00+00:00' "
            "WHERE id = ?",
            holder.id,
        )
        purging.purge(world.context)
    assert world.row(waiting).place is Seat.HELD


def test_after_the_event_nobody_is_told_of_a_place(new_world):
    world = new_world(AUTOMATIC)
    holder, waiting = world.proven(people=6), world.proven(people=6)
    world.clock.now = world.clock.now.replace(month=10, day=28, hour=18)
    withdraw(world, holder)
    assert world.row(waiting).place is Seat.WAITING


def test_reopened_without_a_place_joins_the_end_of_the_line(world):
    submission = world.proven(people=6)
    deciding.decide(world.context, submission.id, EventVerb.DECLINE, STAFF)
    world.proven(people=6)
    second = world.proven(people=6)
    reopened = deciding.decide(
        world.context, submission.id, EventVerb.REOPEN, STAFF, reason="why"
    )
    assert reopened.place is Seat.WAITING
    assert (position(world, second), position(world, submission)) == (1, 2)


def test_reopened_with_a_place_keeps_it(world):
    submission = world.proven(people=6)
    deciding.decide(world.context, submission.id, EventVerb.ACCEPT, STAFF)
    reopened = deciding.decide(
        world.context, submission.id, EventVerb.REOPEN, STAFF, reason="why"
    )
    assert (reopened.place, reopened.line) == (Seat.HELD, submission.line)


def test_reopened_where_places_are_free_has_one(world):
    submission = world.proven(people=6)
    withdraw(world, submission)
    reopened = deciding.decide(
        world.context, submission.id, EventVerb.REOPEN, STAFF, reason="why"
    )
    assert reopened.place is Seat.HELD


def correct(world, submission, people):
    answers = world.answers(persone=str(people))
    return correcting.correct(world.context, world.form(), submission.id, answers)


def repair(world, submission, people):
    answers = world.answers(persone=str(people))
    return correcting.repair(world.context, submission.id, answers, STAFF, Why.PHONE)


def test_more_people_are_welcome_while_they_fit_and_nobody_waits(world):
    submission = world.proven(people=2)
    grown = correct(world, submission, 6)
    assert (grown.place, grown.seats) == (Seat.HELD, 6)
    assert state(world).left == 4


def test_more_people_than_fit_change_nothing(world):
    submission = world.proven(people=2)
    world.proven(people=6)
    with pytest.raises(FormClosed) as caught:
        correct(world, submission, 5)
    assert caught.value.availability is Availability.FULL
    assert world.row(submission) == submission


def test_more_people_do_not_overtake_those_who_wait(world):
    submission = world.proven(people=2)
    world.proven(people=6)
    world.proven(people=3)
    with pytest.raises(FormClosed):
        correct(world, submission, 3)
    assert correct(world, submission, 2).place is Seat.HELD


def test_staff_may_let_more_people_in_than_the_limit(world):
    submission = world.proven(people=5)
    world.proven(people=5)
    assert repair(world, submission, 6).seats == 6
    assert state(world) == FormState(Availability.FULL, 0, 0)


def test_fewer_people_leave_room_for_the_first_in_line(new_world):
    world = new_world(AUTOMATIC)
    submission, waiting = world.proven(people=6), world.proven(people=6)
    assert correct(world, submission, 4).place is Seat.HELD
    assert world.row(waiting).place is Seat.HELD
    assert seats(world) == {"held": 10}


def test_who_waits_keeps_the_position_with_more_people(world):
    world.proven(people=6)
    submission = world.proven(people=5)
    grown = correct(world, submission, 6)
    assert (grown.place, position(world, grown)) == (Seat.WAITING, 1)


def test_a_correction_needs_no_place_where_the_form_has_none(new_world):
    world = new_world(NO_LIMIT)
    submission = world.proven(people=1)
    assert correct(world, submission, 6).place is Seat.NONE


def test_a_form_that_got_its_limit_later_gives_a_place_at_the_next_chance(new_world):
    world = new_world(NO_LIMIT)
    submission = world.sent(people=2)
    world.edit((FILE, NO_LIMIT[2], NO_LIMIT[1]))
    assert (
        verification.confirm_link(world.context, world.link(submission)).place
        is Seat.HELD
    )


def test_a_form_that_left_the_content_keeps_its_rows_alive(world):
    holder = world.proven(people=6)
    unproven = world.sent(people=6)
    folder = world.folder / "elsewhere"
    world.read_content(without_the_form(folder))
    assert maintenance.release_lapsed(world.context) == 0
    accepted = deciding.decide(world.context, holder.id, EventVerb.ACCEPT, STAFF)
    assert accepted.status is Status.ACCEPTED
    reopened = deciding.decide(
        world.context,
        withdraw(world, unproven).id,
        EventVerb.REOPEN,
        STAFF,
        reason="why",
    )
    assert reopened.place is Seat.NONE
    form = world.store.read(lambda db: world.context.form_of(db, reopened))
    grown = correcting.correct(
        world.context, form, holder.id, holder.answers | {"persone": 5}
    )
    assert grown.people == 5


def without_the_form(folder):
    """Copy the test content without its form."""
    folder.mkdir()
    content = copied(folder)
    for file in (content / "forms").iterdir():
        file.unlink()
    return content
