"""Sending, proving, deciding: the verbs of a submission's life."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from forms_service.store import staff, submissions
from forms_service.store.events import EventVerb
from forms_service.store.submissions import NotFound, Proof, Source, Status
from forms_service.tokens import TokenInvalid
from forms_service.workflow import deciding, desk_entry, sending, verification
from forms_service.workflow.capacity import Availability, FormClosed
from forms_service.workflow.deciding import Changed
from forms_service.workflow.desk_entry import Entry
from forms_service.workflow.mail_queue import TooManyCodes
from forms_service.workflow.sending import (
    AlreadyConfirmed,
    FormChanged,
    LinkExpired,
    TooManyChanges,
)
from forms_service.workflow.transitions import NotAllowed
from forms_service.workflow.verification import CodeWrong

pytest_plugins = ["life"]

STAFF = "staff:1"


def test_sending_stores_row_event_and_mail_together(world):
    sent = world.send()
    one = world.row(sent.submission)
    assert one.status is Status.UNVERIFIED
    assert (one.name, one.email, one.people) == ("Nguyễn Thị Ánh", "anh@example.org", 1)
    assert world.verbs(one) == ["send"]
    assert [mail.kind for mail in world.mails(one)] == ["verify"]
    assert sent.mail_leaves == world.clock()


def test_a_job_that_fails_after_the_row_leaves_no_row(world):
    def job(db):
        row = sending.new_row(
            world.work, db, world.form(), world.answers(), Status.NEW, world.clock()
        )
        extra = {"source": "web", "status": "new", "place": "none"}
        submissions.insert(db, {**row, **extra, "purge_after": world.clock()})
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted"):
        world.store.write(job)
    assert world.sql("SELECT count(*) FROM submissions")[0][0] == 0


def test_fifty_sends_with_one_key_at_once_are_one_submission(world):
    key = world.key()
    answers = world.answers()
    results = world.at_once(
        50, lambda _: sending.send(world.work, world.form(), answers, key)
    )
    assert len({result.submission.reference for result in results}) == 1
    assert len({result.mail_leaves for result in results}) == 1
    assert [
        world.sql(f"SELECT count(*) FROM {table}")[0][0]
        for table in ("submissions", "outbox", "events")
    ] == [1, 1, 1]


def test_a_key_of_another_version_is_refused(world):
    old = world.key()
    world.edit(
        ("forms/every-type.yml", 'version: "1.0"', 'version: "1.1"'),
        ("forms/every-type.yml", "Nome e cognome", "Come ti chiami"),
    )
    with pytest.raises(FormChanged):
        world.send(key=old)


def test_a_key_that_is_not_ours_is_refused(world):
    with pytest.raises(TokenInvalid):
        sending.read_form_key(world.work, "made-up")


def test_a_reference_that_is_taken_is_drawn_again(world):
    taken = world.sent().reference
    draws = iter([taken, taken, "FREE2345"])
    reference = world.store.write(
        lambda db: sending.free_reference(db, lambda: next(draws))
    )
    assert reference == "FREE2345"


def test_a_request_by_phone_only_is_new_at_once_and_gets_no_mail(world):
    sent = world.send(email=None, telefono="0564 484111")
    assert sent.submission.status is Status.NEW
    assert sent.submission.proof is Proof.NONE
    assert sent.submission.phone == "+390564484111"
    assert sent.mail_leaves is None
    assert world.mails(sent.submission) == []
    with pytest.raises(NotAllowed):
        sending.change_address(world.work, sent.submission.id, "somebody@example.org")


@pytest.mark.parametrize(
    ("opens", "closes", "now", "door"),
    [
        ("2030-02-01", "2030-10-20", "2030-01-31T22:59:59", Availability.NOT_OPEN),
        ("2030-02-01", "2030-10-20", "2030-01-31T23:00:00", None),
        # 20 October is summer time: midnight in Rome is 22:00 UTC.
        ("2030-02-01", "2030-10-20", "2030-10-20T21:59:59", None),
        ("2030-02-01", "2030-10-20", "2030-10-20T22:00:00", Availability.CLOSED),
        # The days on which the clocks change have 23 and 25 hours.
        ("2030-02-01", "2030-03-31", "2030-03-31T21:59:59", None),
        ("2030-02-01", "2030-03-31", "2030-03-31T22:00:00", Availability.CLOSED),
        ("2030-02-01", "2030-10-27", "2030-10-27T22:59:59", None),
        ("2030-02-01", "2030-10-27", "2030-10-27T23:00:00", Availability.CLOSED),
        ("2030-03-31", "2030-10-20", "2030-03-30T22:59:59", Availability.NOT_OPEN),
        ("2030-03-31", "2030-10-20", "2030-03-30T23:00:00", None),
        ("null", "null", "2030-05-05T12:00:00", Availability.NOT_OPEN),
        ("2030-02-01", "null", "2099-05-05T12:00:00", None),
    ],
)
def test_the_door_opens_and_closes_at_midnight_in_rome(
    new_world, opens, closes, now, door
):
    world = new_world(
        ("forms/every-type.yml", "opens: 2030-02-01", f"opens: {opens}"),
        ("forms/every-type.yml", "closes: 2030-10-20", f"closes: {closes}"),
    )
    world.clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    if door is None:
        assert world.sent().status is Status.UNVERIFIED
    else:
        with pytest.raises(FormClosed) as caught:
            world.send()
        assert caught.value.availability is door


@pytest.mark.parametrize(("minutes", "stored"), [(60, True), (61, False)])
def test_a_summary_reached_in_time_may_be_confirmed_for_an_hour(world, minutes, stored):
    world.clock.now = datetime(2030, 10, 20, 21, 59, tzinfo=UTC)
    key = world.key()
    world.clock.advance(minutes=minutes)
    if stored:
        assert world.sent(key=key)
    else:
        with pytest.raises(FormClosed):
            world.send(key=key)


def test_a_summary_reached_too_late_has_no_grace(world):
    world.clock.now = datetime(2030, 10, 20, 22, 0, tzinfo=UTC)
    with pytest.raises(FormClosed):
        world.send()


def test_the_page_after_sending_ends_after_three_days(world):
    sent = world.send()
    token = sending.sent_token(world.work, sent.submission)
    world.clock.advance(hours=72)
    assert sending.open_sent(world.work, token) == sent
    world.clock.advance(seconds=1)
    with pytest.raises(LinkExpired):
        sending.open_sent(world.work, token)


def test_the_page_after_sending_by_phone_ends_after_an_hour(world):
    one = world.sent(email=None)
    token = sending.sent_token(world.work, one)
    world.clock.advance(minutes=60)
    assert sending.open_sent(world.work, token).submission == one
    world.clock.advance(seconds=1)
    with pytest.raises(LinkExpired):
        sending.open_sent(world.work, token)


# --- proving the mailbox


def test_the_button_proves_the_mailbox_and_again_says_so(world):
    one = world.sent()
    world.clock.advance(hours=1)
    confirmed = verification.confirm_link(world.work, world.link(one))
    assert confirmed.status is Status.NEW
    assert confirmed.proof is Proof.MAIL
    assert confirmed.verified_at == world.clock()
    assert world.verbs(one) == ["send", "confirm"]
    assert [mail.kind for mail in world.mails(one)] == ["verify", "receipt"]
    with pytest.raises(AlreadyConfirmed):
        verification.confirm_link(world.work, world.link(one))
    with pytest.raises(AlreadyConfirmed):
        verification.confirm(world.work, one.id)


def test_opening_a_link_changes_nothing(world):
    one = world.sent()
    before = world.sql("SELECT * FROM submissions"), world.sql("SELECT * FROM events")
    opened = verification.open_link(world.work, world.link(one))
    assert (opened.submission, opened.personal) == (one, False)
    after = world.sql("SELECT * FROM submissions"), world.sql("SELECT * FROM events")
    assert before == after


def test_a_link_lasts_fourteen_days_and_can_be_renewed(world):
    one = world.sent()
    token = world.link(one)
    world.clock.advance(days=14)
    assert verification.open_link(world.work, token).submission == one
    world.clock.advance(seconds=1)
    for look in (verification.open_link, verification.confirm_link):
        with pytest.raises(LinkExpired):
            look(world.work, token)
    assert verification.renewable(world.work, token) == one.id
    sending.resend(world.work, one.id)
    assert verification.confirm_link(world.work, token).status is Status.NEW


def test_a_used_link_still_says_that_it_was_used_after_its_time(world):
    one = world.proven()
    world.clock.advance(days=15)
    assert verification.open_link(world.work, world.link(one)).submission.proven


def test_links_are_kept_apart(world):
    one = world.proven()
    with pytest.raises(TokenInvalid):
        verification.confirm_link(world.work, world.personal(one))
    with pytest.raises(TokenInvalid):
        verification.renewable(world.work, world.personal(one))
    with pytest.raises(TokenInvalid):
        verification.open_link(world.work, sending.sent_token(world.work, one))


def test_a_link_to_an_address_that_was_changed_proves_nothing(world):
    one = world.sent("first@example.org")
    old = world.link(one)
    sending.change_address(world.work, one.id, "second@example.org")
    for look in (verification.open_link, verification.confirm_link):
        with pytest.raises(LinkExpired):
            look(world.work, old)
    changed = world.row(one)
    assert changed.email == changed.answers["email"] == "second@example.org"
    assert not changed.proven
    assert verification.confirm_link(world.work, world.link(changed)).proven


def test_a_link_used_while_the_address_changes_never_proves_the_new_one(world):
    for _ in range(20):
        one = world.sent("first@example.org")
        token = world.link(one)
        jobs = [
            lambda t=token: verification.confirm_link(world.work, t),
            lambda i=one.id: sending.change_address(world.work, i, "b@example.org"),
        ]
        world.at_once(2, lambda index, jobs=jobs: jobs[index]())
        row = world.row(one)
        assert row.proven == (row.email == "first@example.org")


def test_the_address_may_be_changed_three_times(world):
    one = world.sent()
    for number in range(3):
        sending.change_address(world.work, one.id, f"a{number}@example.org")
    with pytest.raises(TooManyChanges):
        sending.change_address(world.work, one.id, "a4@example.org")


def test_a_proven_address_is_not_changed_or_written_to_again(world):
    one = world.proven()
    with pytest.raises(AlreadyConfirmed):
        sending.change_address(world.work, one.id, "other@example.org")
    with pytest.raises(AlreadyConfirmed):
        sending.resend(world.work, one.id)


def test_a_withdrawn_request_is_not_proven_later(world):
    one = world.sent()
    deciding.decide(world.work, one.id, EventVerb.WITHDRAW, STAFF)
    with pytest.raises(NotAllowed):
        verification.confirm_link(world.work, world.link(one))
    with pytest.raises(NotAllowed):
        sending.resend(world.work, one.id)
    assert world.post() == []


def verify_code(world, one):
    return world.work.tokens.code("verify", f"{one.id}:{one.link_generation}")


def test_the_code_typed_on_the_page_proves_the_mailbox(world):
    one = world.sent()
    typed = f" {verify_code(world, one)[:3].lower()} - {verify_code(world, one)[3:]}"
    confirmed = verification.confirm_by_code(world.work, one.id, typed)
    assert confirmed.proof is Proof.CODE
    with pytest.raises(AlreadyConfirmed):
        verification.confirm_by_code(world.work, one.id, verify_code(world, one))


def test_five_wrong_codes_end_it_even_for_the_right_one(world):
    one = world.sent()
    left = []
    for _ in range(6):
        with pytest.raises(CodeWrong) as caught:
            verification.confirm_by_code(world.work, one.id, "222222")
        left.append(caught.value.left)
    assert left == [4, 3, 2, 1, 0, 0]
    with pytest.raises(CodeWrong):
        verification.confirm_by_code(world.work, one.id, verify_code(world, one))
    assert not world.row(one).proven


def test_twenty_guesses_at_once_are_five_tries(world):
    one = world.sent()
    results = world.at_once(
        20, lambda _: verification.confirm_by_code(world.work, one.id, "222222")
    )
    assert sorted(result.left for result in results) == [0] * 16 + [1, 2, 3, 4]
    assert world.row(one).link_tries == 5


def test_a_code_ends_with_its_link_and_with_its_address(world):
    one = world.sent()
    old = verify_code(world, one)
    sending.change_address(world.work, one.id, "other@example.org")
    with pytest.raises(CodeWrong):
        verification.confirm_by_code(world.work, one.id, old)
    world.clock.advance(days=14, seconds=1)
    with pytest.raises(CodeWrong):
        verification.confirm_by_code(
            world.work, one.id, verify_code(world, world.row(one))
        )


def test_new_tries_come_only_with_a_new_mail(world):
    one = world.sent()
    for _ in range(5):
        with pytest.raises(CodeWrong):
            verification.confirm_by_code(world.work, one.id, "222222")
    sending.resend(world.work, one.id)
    assert world.row(one).link_tries == 5
    assert world.row(one).link_generation == one.link_generation
    world.post()
    sending.resend(world.work, one.id)
    with pytest.raises(CodeWrong) as caught:
        verification.confirm_by_code(world.work, one.id, verify_code(world, one))
    assert caught.value.left == 4
    with pytest.raises(LinkExpired):
        verification.confirm_link(world.work, world.link(one))
    new = verify_code(world, world.row(one))
    assert verification.confirm_by_code(world.work, one.id, new).proven


def test_a_mail_asked_for_again_without_wrong_tries_keeps_the_first_link(world):
    one = world.sent()
    world.post()
    sending.resend(world.work, one.id)
    assert verification.confirm_link(world.work, world.link(one)).proven


# --- the personal link and its code


def test_a_personal_link_shows_until_the_day_of_erasure(world):
    one = world.proven()
    token = world.personal(one)
    assert verification.open_link(world.work, token).personal
    world.clock.now = one.purge_after
    with pytest.raises(NotFound):
        verification.open_link(world.work, token)


def open_code(world, one):
    return world.work.tokens.code("open", f"{one.id}:{one.code_generation}")


def test_a_mailed_code_opens_the_answers_for_half_an_hour(world):
    one = world.proven()
    with pytest.raises(CodeWrong):
        verification.check_code(world.work, one.id, open_code(world, one))
    verification.request_code(world.work, one.id)
    code = open_code(world, world.row(one))
    for _ in range(2):
        assert verification.check_code(world.work, one.id, code).id == one.id
    world.clock.advance(minutes=30, seconds=1)
    with pytest.raises(CodeWrong):
        verification.check_code(world.work, one.id, code)
    assert world.verbs(one)[-3:] == ["request_code", "read", "read"]


def test_a_new_code_ends_the_old_one_and_five_guesses_end_it_too(world):
    one = world.proven()
    verification.request_code(world.work, one.id)
    old = open_code(world, world.row(one))
    verification.request_code(world.work, one.id)
    with pytest.raises(CodeWrong) as caught:
        verification.check_code(world.work, one.id, old)
    assert caught.value.left == 4
    results = world.at_once(
        10, lambda _: verification.check_code(world.work, one.id, "222222")
    )
    assert sorted(result.left for result in results) == [0] * 7 + [1, 2, 3]
    with pytest.raises(CodeWrong):
        verification.check_code(world.work, one.id, open_code(world, world.row(one)))


def test_five_codes_an_hour_are_mailed(world):
    one = world.proven()
    for _ in range(5):
        verification.request_code(world.work, one.id)
    with pytest.raises(TooManyCodes):
        verification.request_code(world.work, one.id)
    world.clock.advance(hours=1)
    verification.request_code(world.work, one.id)


def test_a_code_is_good_for_its_own_submission_only(world):
    one, other = world.proven(), world.proven()
    for each in (one, other):
        verification.request_code(world.work, each.id)
    with pytest.raises(CodeWrong):
        verification.check_code(world.work, other.id, open_code(world, world.row(one)))


def test_a_lost_link_is_mailed_for_every_submission_and_ends_the_old_ones(world):
    first, second = world.proven(), world.proven()
    unproven = world.sent()
    world.post()
    verification.lost_link(world.work, "ANH@example.org")
    kinds = [(letter.kind, letter.submission) for letter in world.post()]
    assert sorted(kinds) == sorted(("lost_link", one.id) for one in (first, second))
    for one in (first, second):
        with pytest.raises(LinkExpired):
            verification.open_link(world.work, world.personal(one))
        new = world.personal(world.row(one))
        assert verification.open_link(world.work, new).personal
    assert [mail.kind for mail in world.mails(unproven)] == ["verify"]


def test_a_lost_link_ends_the_old_one_while_time_goes_on(world):
    def ticking():
        world.clock.advance(microseconds=1)
        return world.clock()

    one = world.proven()
    world.post()
    verification.lost_link(replace(world.work, clock=ticking), one.email)
    assert [letter.kind for letter in world.post()] == ["lost_link"]
    with pytest.raises(LinkExpired):
        verification.open_link(world.work, world.personal(one))
    assert verification.open_link(world.work, world.personal(world.row(one))).personal


def test_asking_for_lost_links_again_and_again_ends_no_link(world):
    one = world.proven()
    world.post()
    verification.lost_link(world.work, one.email)
    token = world.personal(world.row(one))
    for _ in range(10):
        verification.lost_link(world.work, one.email)
    assert verification.open_link(world.work, token).personal
    assert len(world.post()) == 1


def test_a_lost_link_that_has_to_wait_leaves_the_old_one_working(world):
    one = world.proven()
    world.post()
    world.force("UPDATE submissions SET verified_at = '2029-01-01T00:00:00+00:00'")
    for _ in range(3):
        verification.lost_link(world.work, one.email)
        world.post()
    token = world.personal(world.row(one))
    verification.lost_link(world.work, one.email)
    assert world.post() == []
    assert verification.open_link(world.work, token).personal


def test_an_unknown_address_leaves_the_same_trace_without_saying_which(world):
    verification.lost_link(world.work, "unknown@example.org")
    ((verb, submission, detail),) = world.sql(
        "SELECT verb, submission, detail FROM events"
    )
    assert (verb, submission, detail) == ("lost_link", None, "{}")


# --- deciding


def test_accepting_keeps_place_and_sends_the_mail(world):
    one = world.proven()
    accepted = deciding.decide(world.work, one.id, EventVerb.ACCEPT, STAFF, Status.NEW)
    assert accepted.status is Status.ACCEPTED
    assert accepted.decided_at == world.clock()
    assert accepted.place == one.place
    assert world.mails(one)[-1].kind == "accepted"
    event = world.events(one)[-1]
    assert (event.verb, event.actor, event.at) == ("accept", STAFF, world.clock())


def test_two_decisions_at_once_are_one(world):
    one = world.proven()
    verbs = [EventVerb.ACCEPT, EventVerb.DECLINE]
    results = world.at_once(
        2,
        lambda index: deciding.decide(
            world.work, one.id, verbs[index], STAFF, Status.NEW
        ),
    )
    assert sum(isinstance(result, Changed) for result in results) == 1
    assert len(world.verbs(one)) == 3


def test_a_verb_that_is_no_decision_is_refused(world):
    one = world.proven()
    for verb in (
        EventVerb.CONFIRM,
        EventVerb.CORRECT,
        EventVerb.PROMOTE,
        EventVerb.ERASE,
    ):
        with pytest.raises(ValueError, match=verb.value):
            deciding.decide(world.work, one.id, verb, STAFF)


@pytest.mark.parametrize(
    "verb",
    [
        EventVerb.ACCEPT,
        EventVerb.ASK_CORRECTION,
        EventVerb.DECLINE,
        EventVerb.WITHDRAW,
        EventVerb.PROMOTE,
    ],
)
def test_what_a_preview_shows_is_what_the_decision_does(world, verb):
    if verb is EventVerb.PROMOTE:
        world.proven(people=6)
    one, now = world.proven(people=6), world.clock()
    ahead = world.store.read(
        lambda db: deciding.outcome(world.work, db, one, verb, now)
    )
    if verb is EventVerb.PROMOTE:
        done = deciding.promote(world.work, one.id, STAFF)
    else:
        done = deciding.decide(world.work, one.id, verb, STAFF)
    assert done == replace(one, **ahead) != one


def test_asking_for_a_correction_is_no_end(world):
    one = world.proven()
    asked = deciding.decide(world.work, one.id, EventVerb.ASK_CORRECTION, STAFF)
    assert asked.status is Status.CORRECTION_ASKED
    assert asked.decided_at is None


def test_reopening_needs_a_reason_which_is_kept_as_a_note(world):
    one = world.proven()
    deciding.decide(world.work, one.id, EventVerb.DECLINE, STAFF)
    with pytest.raises(ValueError, match="reason"):
        deciding.decide(world.work, one.id, EventVerb.REOPEN, STAFF, reason=" ")
    reopened = deciding.decide(
        world.work, one.id, EventVerb.REOPEN, STAFF, reason="It was a mistake"
    )
    assert (reopened.status, reopened.decided_at) == (Status.NEW, None)
    assert world.sql("SELECT staff, text FROM notes")[0][:] == (1, "It was a mistake")
    assert "mistake" not in str(world.events(one))
    deciding.decide(world.work, one.id, EventVerb.WITHDRAW, "citizen", reason="I moved")
    assert world.sql("SELECT staff, text FROM notes")[1][:] == (None, "I moved")


def test_notes_and_reading_leave_a_trace_without_words(world):
    one = world.proven()
    deciding.add_note(world.work, one.id, 1, "Called on Monday")
    deciding.decide(world.work, one.id, EventVerb.WITHDRAW, "citizen", reason="I moved")
    written = world.store.read(lambda db: staff.notes(db, one.id))
    assert [(note.author, note.text) for note in written] == [
        (world.clerk.email, "Called on Monday"),
        ("", "I moved"),
    ]
    assert written[0].created_at == world.clock()
    assert deciding.read_by_staff(world.work, one.id, STAFF) == world.row(one)
    assert world.verbs(one)[-3:] == ["note", "withdraw", "read"]
    assert "Monday" not in str(world.events(one))


def test_a_correction_keeps_the_old_answers_and_is_examined_again(world):
    one = world.proven()
    deciding.decide(world.work, one.id, EventVerb.ACCEPT, STAFF)
    answers = world.answers(nome="Ánh Nguyễn", persone="1")
    corrected = deciding.correct(world.work, world.form(), one.id, answers, "citizen")
    assert (corrected.status, corrected.name) == (Status.NEW, "Ánh Nguyễn")
    assert corrected.proven
    (revision,) = world.store.read(lambda db: submissions.revisions(db, one.id))
    assert revision.answers == one.answers
    assert revision.fingerprint == one.fingerprint
    assert [mail.kind for mail in world.mails(one)][-1] == "accepted"


def test_a_corrected_address_has_to_be_proven_again(world):
    one = world.proven()
    verification.request_code(world.work, one.id)
    code = open_code(world, world.row(one))
    old = world.personal(one)
    answers = world.answers("new@example.org")
    moved = deciding.correct(world.work, world.form(), one.id, answers, "citizen")
    assert not moved.proven
    assert moved.proof is Proof.NONE
    assert [mail.kind for mail in world.mails(one)][-2:] == ["verify", "address_left"]
    with pytest.raises(CodeWrong):
        verification.check_code(world.work, one.id, code)
    with pytest.raises(NotAllowed):
        verification.request_code(world.work, one.id)
    # Until the new address is proven the old link shows the state, and only that.
    assert verification.open_link(world.work, old).personal
    proven = verification.confirm_link(world.work, world.link(moved))
    assert proven.status is Status.NEW
    with pytest.raises(LinkExpired):
        verification.open_link(world.work, old)


@pytest.mark.parametrize(
    ("actor", "kind"), [("citizen", "verify"), (STAFF, "address_check")]
)
def test_who_gave_the_new_address_decides_how_it_is_asked_for(world, actor, kind):
    one = world.proven()
    answers = world.answers("new@example.org")
    deciding.correct(world.work, world.form(), one.id, answers, actor)
    world.post()
    sending.resend(world.work, one.id)
    asked = [mail.kind for mail in world.mails(one) if mail.kind != "address_left"]
    assert asked[-2:] == [kind, kind]


def test_who_sent_online_is_asked_again_though_the_first_mail_was_dropped(world):
    one = world.sent()
    deciding.decide(world.work, one.id, EventVerb.WITHDRAW, "citizen")
    assert world.post() == []
    deciding.decide(world.work, one.id, EventVerb.REOPEN, STAFF, reason="Error")
    sending.resend(world.work, one.id)
    assert [mail.kind for mail in world.mails(one)] == ["verify"]


def test_a_signature_stays_proof_when_the_address_is_corrected(world):
    entry = Entry(Source.PAPER, date(2030, 3, 1), Proof.SIGNATURE)
    one = desk_entry.enter(world.work, world.form(), world.answers(), entry, STAFF)
    answers = world.answers("new@example.org")
    moved = deciding.correct(world.work, world.form(), one.id, answers, STAFF)
    assert moved.proof is Proof.SIGNATURE
    proven = verification.confirm_link(world.work, world.link(moved))
    assert (proven.proof, proven.proven) == (Proof.SIGNATURE, True)


# --- the desk


def enter(world, received=date(2030, 3, 1), email="anh@example.org", key=None):
    entry = Entry(Source.PAPER, received, Proof.SIGNATURE)
    answers = world.answers(email)
    return desk_entry.enter(world.work, world.form(), answers, entry, STAFF, key)


def test_a_paper_form_is_new_and_its_address_gets_only_the_check(world):
    one = enter(world)
    assert (one.status, one.proof, one.source) == ("new", "signature", "paper")
    assert one.received_on == "2030-03-01"
    deciding.decide(world.work, one.id, EventVerb.ACCEPT, STAFF)
    assert [mail.kind for mail in world.mails(one)] == ["address_check"]
    assert [letter.kind for letter in world.post()] == ["address_check"]
    assert sending.resend(world.work, one.id) == world.clock()
    assert world.mails(one)[-1].kind == "address_check"


def test_the_owner_of_an_address_typed_by_staff_proves_it(world):
    one = enter(world)
    confirmed = verification.confirm_link(world.work, world.link(one))
    assert (confirmed.status, confirmed.proof) == (Status.NEW, Proof.SIGNATURE)
    assert confirmed.proven
    assert world.mails(one)[-1].kind == "receipt"


def test_a_paper_form_without_an_address_gets_no_mail(world):
    assert world.mails(enter(world, email=None)) == []


def test_the_day_of_receipt_decides_whether_a_paper_form_met_the_deadline(world):
    world.clock.now = datetime(2030, 11, 5, 9, 0, tzinfo=UTC)
    assert enter(world, date(2030, 10, 20)).created_at == world.clock()
    with pytest.raises(FormClosed) as caught:
        enter(world, date(2030, 10, 21))
    assert caught.value.availability is Availability.CLOSED
    with pytest.raises(FormClosed):
        enter(world, date(2030, 1, 31))


def test_a_paper_form_of_today_is_judged_by_now(world):
    world.clock.now = datetime(2030, 2, 1, 9, 0, tzinfo=UTC)
    assert enter(world, date(2030, 2, 1))


def test_an_entry_sent_twice_from_the_desk_is_stored_once(world):
    key = world.key()
    first = enter(world, key=key)
    assert enter(world, key=key).id == first.id
    assert world.sql("SELECT count(*) FROM submissions")[0][0] == 1


def test_times_are_whole_seconds_in_utc_so_that_text_compares(world):
    world.clock.now += timedelta(microseconds=999_999)
    one = world.proven()
    deciding.decide(world.work, one.id, EventVerb.ACCEPT, STAFF)
    columns = [
        ("submissions", "created_at, verified_at, decided_at, purge_after"),
        ("submissions", "link_expires_at"),
        ("outbox", "created_at, due_at, not_before"),
        ("events", "at"),
        ("definitions", "published_at"),
    ]
    for table, names in columns:
        for row in world.sql(f"SELECT {names} FROM {table}"):
            for value in row:
                moment = datetime.fromisoformat(value)
                assert moment.isoformat(timespec="seconds") == value
                assert value.endswith("+00:00")
