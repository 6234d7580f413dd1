"""Sending, proving, deciding: the verbs of a submission's life."""

from dataclasses import astuple, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from forms_service.store import notes as note_rows
from forms_service.store import revisions, submissions
from forms_service.store.events import EventVerb
from forms_service.store.submissions import NotFound, Proof, Source, Status
from forms_service.tokens import TokenInvalid
from forms_service.workflow import (
    capacity,
    correcting,
    deciding,
    desk_entry,
    mail_queue,
    new_rows,
    sending,
    verification,
)
from forms_service.workflow.capacity import Availability, FormClosed
from forms_service.workflow.correcting import Why
from forms_service.workflow.desk_entry import DeskEntry
from forms_service.workflow.mail_queue import TooManyCodes
from forms_service.workflow.sending import (
    AlreadyConfirmed,
    FormChanged,
    LinkExpired,
    TooManyChanges,
)
from forms_service.workflow.transitions import NotAllowed, RevisionConflict
from forms_service.workflow.verification import CodeWrong

pytest_plugins = ["life"]

STAFF = "staff:1"


def test_sending_stores_row_event_and_mail_together(world):
    sent = world.send()
    submission = world.row(sent.submission)
    assert submission.status is Status.UNVERIFIED
    assert (submission.name, submission.email, submission.people) == (
        "Nguyễn Thị Ánh",
        "anh@example.org",
        1,
    )
    assert world.verbs(submission) == ["send"]
    assert [mail.kind for mail in world.mails(submission)] == ["verify"]
    assert sent.mail_leaves == world.clock()


def draft(world):
    return new_rows.draft_row(
        world.context, world.form(), world.answers(), Status.NEW, world.clock()
    )


def test_a_job_that_fails_after_the_row_leaves_no_row(world):
    def job(db):
        row = new_rows.new_row(world.context, db, world.form(), draft(world))
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
        50, lambda _: sending.send(world.context, world.form(), answers, key)
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
        sending.read_form_key(world.context, "made-up")


def test_a_reference_that_is_taken_is_drawn_again(world):
    taken = world.sent().reference
    draws = iter([taken, taken, "FREE2345"])
    drafted = new_rows.made_ahead(
        lambda: draft(world) | {"source": Source.WEB, "reference": next(draws)}
    )

    def row(db):
        return new_rows.new_row(world.context, db, world.form(), drafted())

    stored, is_new = world.store.write(lambda db: sending.store_once(db, None, row))
    assert (stored.reference, is_new) == ("FREE2345", True)
    assert world.row(stored) == stored


def test_what_is_returned_after_sending_is_what_is_stored(world):
    world.clock.advance(microseconds=987_654)
    for email in ("anh@example.org", None):
        stored = world.send(email=email, telefono="0564 484111").submission
        read = world.row(stored)
        assert stored == read
        assert [type(v) for v in astuple(stored)] == [type(v) for v in astuple(read)]


def test_who_sends_again_after_the_form_has_closed_sees_the_same_request(world):
    key = world.key()
    stored = world.send(key=key).submission
    world.clock.advance(days=4000)
    assert world.send(key=key).submission == stored
    with pytest.raises(FormClosed):
        world.send()


def test_a_request_by_phone_only_is_new_at_once_and_gets_no_mail(world):
    sent = world.send(email=None, telefono="0564 484111")
    assert sent.submission.status is Status.NEW
    assert sent.submission.proof is Proof.NONE
    assert sent.submission.phone == "+390564484111"
    assert sent.mail_leaves is None
    assert world.mails(sent.submission) == []
    with pytest.raises(NotAllowed):
        sending.change_address(
            world.context, sent.submission.id, "somebody@example.org"
        )


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
    state = capacity.form_state(world.context, world.form()).availability
    assert state is (door or Availability.OPEN)


# Europe/Rome on an ordinary day, when summer time ends, and when it begins.
@pytest.mark.parametrize(
    ("closes", "last"),
    [
        ("2030-10-20", "2030-10-20T22:59:59"),
        ("2030-10-26", "2030-10-26T22:59:59"),
        ("2030-10-27", "2030-10-27T23:59:59"),
        ("2030-03-30", "2030-03-30T23:59:59"),
        ("2030-03-31", "2030-03-31T22:59:59"),
    ],
)
def test_answers_are_taken_until_one_in_the_night_whoever_sends_them(
    new_world, closes, last
):
    world = new_world(
        ("forms/every-type.yml", "closes: 2030-10-20", f"closes: {closes}")
    )
    world.clock.now = datetime.fromisoformat(last).replace(tzinfo=UTC)
    assert world.sent(key=world.key()).status is Status.UNVERIFIED
    world.clock.advance(seconds=1)
    with pytest.raises(FormClosed) as caught:
        world.send()
    assert caught.value.availability is Availability.CLOSED


def test_a_key_of_the_version_before_still_opens(world):
    form = world.form()
    before = [form.id, form.fingerprint, "2030-03-01T09:00:00+00:00", "nonce"]
    key = sending.read_form_key(
        world.context, world.context.tokens.make("form-key", before)
    )
    assert world.sent(key=key).form_key == "nonce"


def test_the_page_after_sending_ends_after_three_days(world):
    sent = world.send()
    token = sending.sent_token(world.context, sent.submission)
    world.clock.advance(hours=72)
    assert sending.open_sent(world.context, token) == sent
    world.clock.advance(seconds=1)
    with pytest.raises(LinkExpired):
        sending.open_sent(world.context, token)


def test_the_page_after_sending_by_phone_ends_after_an_hour(world):
    submission = world.sent(email=None)
    token = sending.sent_token(world.context, submission)
    world.clock.advance(minutes=60)
    assert sending.open_sent(world.context, token).submission == submission
    world.clock.advance(seconds=1)
    with pytest.raises(LinkExpired):
        sending.open_sent(world.context, token)


# --- proving the mailbox


def test_the_button_proves_the_mailbox_and_again_says_so(world):
    submission = world.sent()
    world.clock.advance(hours=1)
    confirmed = verification.confirm_link(world.context, world.link(submission))
    assert confirmed.status is Status.NEW
    assert confirmed.proof is Proof.MAIL
    assert confirmed.verified_at == world.clock()
    assert world.verbs(submission) == ["send", "confirm"]
    assert [mail.kind for mail in world.mails(submission)] == ["verify", "receipt"]
    with pytest.raises(AlreadyConfirmed):
        verification.confirm_link(world.context, world.link(submission))
    with pytest.raises(AlreadyConfirmed):
        verification.confirm(world.context, submission.id)


def test_opening_a_link_changes_nothing(world):
    submission = world.sent()
    before = world.sql("SELECT * FROM submissions"), world.sql("SELECT * FROM events")
    opened = verification.open_link(world.context, world.link(submission))
    assert (opened.submission, opened.personal) == (submission, False)
    after = world.sql("SELECT * FROM submissions"), world.sql("SELECT * FROM events")
    assert before == after


@pytest.mark.promise(
    "P10",
    "a link is opened on its last day and after it",
    without=(
        "no end",
        "workflow/verification.py",
        "context.destroying() > submission.link_expires_at",
        "False",
    ),
)
def test_a_link_lasts_fourteen_days_and_can_be_renewed(world, figure):
    submission = world.sent()
    token = world.link(submission)
    world.clock.advance(days=14)
    assert verification.open_link(world.context, token).submission == submission
    world.clock.advance(seconds=1)
    for look in (verification.open_link, verification.confirm_link):
        with pytest.raises(LinkExpired):
            look(world.context, token)
    assert verification.renewable(world.context, token) == submission.id
    sending.resend(world.context, submission.id)
    assert verification.confirm_link(world.context, token).status is Status.NEW
    figure("opens in its last second, not in the next; renewed at a press")


def test_a_used_link_still_says_that_it_was_used_after_its_time(world):
    submission = world.proven()
    world.clock.advance(days=15)
    assert verification.open_link(
        world.context, world.link(submission)
    ).submission.proven


def test_links_are_kept_apart(world):
    submission = world.proven()
    with pytest.raises(TokenInvalid):
        verification.confirm_link(world.context, world.personal(submission))
    with pytest.raises(TokenInvalid):
        verification.renewable(world.context, world.personal(submission))
    with pytest.raises(TokenInvalid):
        verification.open_link(
            world.context, sending.sent_token(world.context, submission)
        )


def test_a_link_to_an_address_that_was_changed_proves_nothing(world):
    submission = world.sent("first@example.org")
    old = world.link(submission)
    sending.change_address(world.context, submission.id, "second@example.org")
    for look in (verification.open_link, verification.confirm_link):
        with pytest.raises(LinkExpired):
            look(world.context, old)
    changed = world.row(submission)
    assert changed.email == changed.answers["email"] == "second@example.org"
    assert not changed.proven
    assert verification.confirm_link(world.context, world.link(changed)).proven


def test_a_link_used_while_the_address_changes_never_proves_the_new_one(world):
    for _ in range(20):
        submission = world.sent("first@example.org")
        token = world.link(submission)
        jobs = [
            lambda t=token: verification.confirm_link(world.context, t),
            lambda i=submission.id: sending.change_address(
                world.context, i, "b@example.org"
            ),
        ]
        world.at_once(2, lambda index, jobs=jobs: jobs[index]())
        row = world.row(submission)
        assert row.proven == (row.email == "first@example.org")


def test_the_address_may_be_changed_three_times(world):
    submission = world.sent()
    for number in range(3):
        sending.change_address(world.context, submission.id, f"a{number}@example.org")
    with pytest.raises(TooManyChanges):
        sending.change_address(world.context, submission.id, "a4@example.org")


def test_a_proven_address_is_not_changed_or_written_to_again(world):
    submission = world.proven()
    with pytest.raises(AlreadyConfirmed):
        sending.change_address(world.context, submission.id, "other@example.org")
    with pytest.raises(AlreadyConfirmed):
        sending.resend(world.context, submission.id)


def test_a_withdrawn_request_is_not_proven_later(world):
    submission = world.sent()
    deciding.decide(world.context, submission.id, EventVerb.WITHDRAW, STAFF)
    with pytest.raises(NotAllowed):
        verification.confirm_link(world.context, world.link(submission))
    with pytest.raises(NotAllowed):
        sending.resend(world.context, submission.id)
    assert world.post() == []


def verify_code(world, submission):
    return world.context.tokens.code(
        "verify", f"{submission.id}:{submission.link_generation}"
    )


def test_the_code_typed_on_the_page_proves_the_mailbox(world):
    submission = world.sent()
    code = verify_code(world, submission)
    typed = f" {code[:3].lower()} - {code[3:]}"
    confirmed = verification.confirm_by_code(world.context, submission.id, typed)
    assert confirmed.proof is Proof.CODE
    with pytest.raises(AlreadyConfirmed):
        verification.confirm_by_code(
            world.context, submission.id, verify_code(world, submission)
        )


def test_five_wrong_codes_end_it_even_for_the_right_one(world):
    submission = world.sent()
    left = []
    for _ in range(6):
        with pytest.raises(CodeWrong) as caught:
            verification.confirm_by_code(world.context, submission.id, "222222")
        left.append(caught.value.left)
    assert left == [4, 3, 2, 1, 0, 0]
    with pytest.raises(CodeWrong):
        verification.confirm_by_code(
            world.context, submission.id, verify_code(world, submission)
        )
    assert not world.row(submission).proven


def test_twenty_guesses_at_once_are_five_tries(world):
    submission = world.sent()
    results = world.at_once(
        20,
        lambda _: verification.confirm_by_code(world.context, submission.id, "222222"),
    )
    assert sorted(result.left for result in results) == [0] * 16 + [1, 2, 3, 4]
    assert world.row(submission).link_tries == 5


def test_a_code_ends_with_its_link_and_with_its_address(world):
    submission = world.sent()
    old = verify_code(world, submission)
    sending.change_address(world.context, submission.id, "other@example.org")
    with pytest.raises(CodeWrong):
        verification.confirm_by_code(world.context, submission.id, old)
    world.clock.advance(days=14, seconds=1)
    with pytest.raises(CodeWrong):
        verification.confirm_by_code(
            world.context, submission.id, verify_code(world, world.row(submission))
        )


def test_new_tries_come_only_with_a_new_mail(world):
    submission = world.sent()
    for _ in range(5):
        with pytest.raises(CodeWrong):
            verification.confirm_by_code(world.context, submission.id, "222222")
    sending.resend(world.context, submission.id)
    assert world.row(submission).link_tries == 5
    assert world.row(submission).link_generation == submission.link_generation
    world.post()
    sending.resend(world.context, submission.id)
    with pytest.raises(CodeWrong) as caught:
        verification.confirm_by_code(
            world.context, submission.id, verify_code(world, submission)
        )
    assert caught.value.left == 4
    with pytest.raises(LinkExpired):
        verification.confirm_link(world.context, world.link(submission))
    new = verify_code(world, world.row(submission))
    assert verification.confirm_by_code(world.context, submission.id, new).proven


def test_a_mail_asked_for_again_without_wrong_tries_keeps_the_first_link(world):
    submission = world.sent()
    world.post()
    sending.resend(world.context, submission.id)
    assert verification.confirm_link(world.context, world.link(submission)).proven


# --- the personal link and its code


def test_a_personal_link_shows_until_the_day_of_erasure(world):
    submission = world.proven()
    token = world.personal(submission)
    assert verification.open_link(world.context, token).personal
    world.clock.now = submission.purge_after
    with pytest.raises(NotFound):
        verification.open_link(world.context, token)


def open_code(world, submission):
    return world.context.tokens.code(
        "open", f"{submission.id}:{submission.code_generation}"
    )


def test_a_mailed_code_opens_the_answers_for_half_an_hour(world):
    submission = world.proven()
    with pytest.raises(CodeWrong):
        verification.check_code(
            world.context, submission.id, open_code(world, submission)
        )
    verification.request_code(world.context, submission.id)
    code = open_code(world, world.row(submission))
    for _ in range(2):
        assert (
            verification.check_code(world.context, submission.id, code).id
            == submission.id
        )
    world.clock.advance(minutes=30, seconds=1)
    with pytest.raises(CodeWrong):
        verification.check_code(world.context, submission.id, code)
    assert world.verbs(submission)[-3:] == ["request_code", "read", "read"]


def test_a_new_code_ends_the_old_one_and_five_guesses_end_it_too(world):
    submission = world.proven()
    verification.request_code(world.context, submission.id)
    old = open_code(world, world.row(submission))
    verification.request_code(world.context, submission.id)
    with pytest.raises(CodeWrong) as caught:
        verification.check_code(world.context, submission.id, old)
    assert caught.value.left == 4
    results = world.at_once(
        10, lambda _: verification.check_code(world.context, submission.id, "222222")
    )
    assert sorted(result.left for result in results) == [0] * 7 + [1, 2, 3]
    with pytest.raises(CodeWrong):
        verification.check_code(
            world.context, submission.id, open_code(world, world.row(submission))
        )


def test_five_codes_an_hour_are_mailed(world):
    submission = world.proven()
    for _ in range(5):
        verification.request_code(world.context, submission.id)
    with pytest.raises(TooManyCodes):
        verification.request_code(world.context, submission.id)
    world.clock.advance(hours=1)
    verification.request_code(world.context, submission.id)


def test_a_code_is_good_for_its_own_submission_only(world):
    submission, other = world.proven(), world.proven()
    for each in (submission, other):
        verification.request_code(world.context, each.id)
    with pytest.raises(CodeWrong):
        verification.check_code(
            world.context, other.id, open_code(world, world.row(submission))
        )


def test_a_lost_link_is_mailed_for_every_submission_and_ends_the_old_ones(world):
    first, second = world.proven(), world.proven()
    unproven = world.sent()
    world.post()
    verification.lost_link(world.context, "ANH@example.org")
    kinds = [(letter.kind, letter.submission) for letter in world.post()]
    assert sorted(kinds) == sorted(
        [("lost_link", first.id), ("lost_link", second.id), ("verify", unproven.id)]
    )
    for submission in (first, second):
        with pytest.raises(LinkExpired):
            verification.open_link(world.context, world.personal(submission))
        new = world.personal(world.row(submission))
        assert verification.open_link(world.context, new).personal
    link = world.link(world.row(unproven))
    assert verification.confirm_link(world.context, link).status is Status.NEW


def test_a_lost_link_of_an_unproven_address_is_mailed_no_more_than_any_proof(world):
    unproven, withdrawn = world.sent(), world.sent()
    deciding.decide(world.context, withdrawn.id, EventVerb.WITHDRAW, "citizen")
    for _ in range(9):
        verification.lost_link(world.context, "anh@example.org")
    # The first proof has not even left.
    assert [mail.kind for mail in world.mails(unproven)] == ["verify"]
    world.post()
    for _ in range(9):
        verification.lost_link(world.context, "anh@example.org")
        world.post()
    mails = [*world.mails(unproven), *world.mails(withdrawn)]
    assert sum(mail.sent_at is not None for mail in mails) == 3
    assert world.mails(withdrawn) == []


def test_a_lost_link_ends_the_old_one_while_time_goes_on(world):
    def ticking():
        world.clock.advance(microseconds=1)
        return world.clock()

    submission = world.proven()
    world.post()
    verification.lost_link(replace(world.context, clock=ticking), submission.email)
    assert [letter.kind for letter in world.post()] == ["lost_link"]
    with pytest.raises(LinkExpired):
        verification.open_link(world.context, world.personal(submission))
    assert verification.open_link(
        world.context, world.personal(world.row(submission))
    ).personal


def test_asking_for_lost_links_again_and_again_ends_no_link(world):
    submission = world.proven()
    world.post()
    verification.lost_link(world.context, submission.email)
    token = world.personal(world.row(submission))
    for _ in range(10):
        verification.lost_link(world.context, submission.email)
    assert verification.open_link(world.context, token).personal
    assert len(world.post()) == 1


def test_a_lost_link_that_has_to_wait_leaves_the_old_one_working(world):
    submission = world.proven()
    world.post()
    for _ in range(mail_queue.LINKS_A_DAY):
        verification.lost_link(world.context, submission.email)
        world.post()
    token = world.personal(world.row(submission))
    verification.lost_link(world.context, submission.email)
    assert world.post() == []
    assert verification.open_link(world.context, token).personal


def test_an_unknown_address_leaves_the_same_trace_without_saying_which(world):
    verification.lost_link(world.context, "unknown@example.org")
    ((verb, submission, detail),) = world.sql(
        "SELECT verb, submission, detail FROM events"
    )
    assert (verb, submission, detail) == ("lost_link", None, "{}")


# --- deciding


def test_accepting_keeps_place_and_sends_the_mail(world):
    submission = world.proven()
    accepted = deciding.decide(
        world.context,
        submission.id,
        EventVerb.ACCEPT,
        STAFF,
        world.row(submission).revision,
    )
    assert accepted.status is Status.ACCEPTED
    assert accepted.decided_at == world.clock()
    assert accepted.place == submission.place
    assert world.mails(submission)[-1].kind == "accepted"
    event = world.events(submission)[-1]
    assert (event.verb, event.actor, event.at) == ("accept", STAFF, world.clock())


def test_two_decisions_at_once_are_one(world):
    submission = world.proven()
    verbs, read = [EventVerb.ACCEPT, EventVerb.DECLINE], world.row(submission).revision
    results = world.at_once(
        2,
        lambda index: deciding.decide(
            world.context, submission.id, verbs[index], STAFF, read
        ),
    )
    assert sum(isinstance(result, RevisionConflict) for result in results) == 1
    assert len(world.verbs(submission)) == 3


def test_a_verb_that_is_no_decision_is_refused(world):
    submission = world.proven()
    for verb in (
        EventVerb.CONFIRM,
        EventVerb.CORRECT,
        EventVerb.PROMOTE,
        EventVerb.ERASE,
    ):
        with pytest.raises(ValueError, match=verb.value):
            deciding.decide(world.context, submission.id, verb, STAFF)


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
    submission, now = world.proven(people=6), world.clock()
    ahead = world.store.read(
        lambda db: deciding.outcome(world.context, db, submission, verb, now)
    )
    if verb is EventVerb.PROMOTE:
        done = deciding.promote(world.context, submission.id, STAFF)
    else:
        done = deciding.decide(world.context, submission.id, verb, STAFF)
    assert done == replace(submission, **ahead) != submission


def test_asking_for_a_correction_is_no_end(world):
    submission = world.proven()
    field = deciding.decide(
        world.context, submission.id, EventVerb.ASK_CORRECTION, STAFF
    )
    assert field.status is Status.CORRECTION_ASKED
    assert field.decided_at is None


def test_reopening_needs_a_reason_which_is_kept_as_a_note(world):
    submission = world.proven()
    deciding.decide(world.context, submission.id, EventVerb.DECLINE, STAFF)
    with pytest.raises(ValueError, match="reason"):
        deciding.decide(
            world.context, submission.id, EventVerb.REOPEN, STAFF, reason=" "
        )
    reopened = deciding.decide(
        world.context, submission.id, EventVerb.REOPEN, STAFF, reason="It was a mistake"
    )
    assert (reopened.status, reopened.decided_at) == (Status.NEW, None)
    assert world.sql("SELECT staff, text FROM notes")[0][:] == (1, "It was a mistake")
    assert "mistake" not in str(world.events(submission))
    deciding.decide(
        world.context, submission.id, EventVerb.WITHDRAW, "citizen", reason="I moved"
    )
    assert world.sql("SELECT staff, text FROM notes")[1][:] == (None, "I moved")


def test_notes_and_reading_leave_a_trace_without_words(world):
    submission = world.proven()
    deciding.add_note(world.context, submission.id, 1, "Called on Monday")
    deciding.decide(
        world.context, submission.id, EventVerb.WITHDRAW, "citizen", reason="I moved"
    )
    written = world.store.read(lambda db: note_rows.of_submission(db, submission.id))
    assert [(note.author, note.text) for note in written] == [
        (world.clerk.email, "Called on Monday"),
        ("", "I moved"),
    ]
    assert written[0].created_at == world.clock()
    assert deciding.read_by_staff(world.context, submission.id, STAFF) == world.row(
        submission
    )
    assert world.verbs(submission)[-3:] == ["note", "withdraw", "read"]
    assert "Monday" not in str(world.events(submission))


def test_a_correction_keeps_the_old_answers_and_is_examined_again(world):
    submission = world.proven()
    deciding.decide(world.context, submission.id, EventVerb.ACCEPT, STAFF)
    answers = world.answers(nome="Ánh Nguyễn", persone="1")
    corrected = correcting.correct(world.context, world.form(), submission.id, answers)
    assert (corrected.status, corrected.name) == (Status.NEW, "Ánh Nguyễn")
    assert corrected.proven
    (revision,) = world.store.read(
        lambda db: revisions.of_submission(db, submission.id)
    )
    assert revision.answers == submission.answers
    assert revision.fingerprint == submission.fingerprint
    # What it told is no longer so: the mail that had not left never does.
    kinds = [mail.kind for mail in world.mails(submission)]
    assert kinds[-2:] == ["receipt", "corrected"]


def test_a_corrected_address_has_to_be_proven_again(world):
    submission = world.proven()
    verification.request_code(world.context, submission.id)
    code = open_code(world, world.row(submission))
    old = world.personal(submission)
    answers = world.answers("new@example.org")
    moved = correcting.correct(world.context, world.form(), submission.id, answers)
    assert not moved.proven
    assert moved.proof is Proof.NONE
    assert [mail.kind for mail in world.mails(submission)][-2:] == [
        "verify",
        "address_left",
    ]
    with pytest.raises(CodeWrong):
        verification.check_code(world.context, submission.id, code)
    with pytest.raises(NotAllowed):
        verification.request_code(world.context, submission.id)
    # Until the new address is proven the old link shows the state, and only that.
    assert verification.open_link(world.context, old).personal
    proven = verification.confirm_link(world.context, world.link(moved))
    assert proven.status is Status.NEW
    with pytest.raises(LinkExpired):
        verification.open_link(world.context, old)


@pytest.mark.parametrize(
    ("actor", "kind"), [("citizen", "verify"), (STAFF, "address_check")]
)
def test_who_gave_the_new_address_decides_how_it_is_asked_for(world, actor, kind):
    submission = world.proven()
    answers = world.answers("new@example.org")
    if actor == STAFF:
        correcting.repair(world.context, submission.id, answers, actor, Why.PHONE)
    else:
        correcting.correct(world.context, world.form(), submission.id, answers)
    world.post()
    sending.resend(world.context, submission.id)
    field = [
        mail.kind for mail in world.mails(submission) if mail.kind != "address_left"
    ]
    assert field[-2:] == [kind, kind]


def test_who_sent_online_is_asked_again_though_the_first_mail_was_dropped(world):
    submission = world.sent()
    deciding.decide(world.context, submission.id, EventVerb.WITHDRAW, "citizen")
    assert world.post() == []
    deciding.decide(
        world.context, submission.id, EventVerb.REOPEN, STAFF, reason="Error"
    )
    sending.resend(world.context, submission.id)
    assert [mail.kind for mail in world.mails(submission)] == ["verify"]


def test_a_signature_stays_proof_when_the_address_is_corrected(world):
    entry = DeskEntry(Source.PAPER, date(2030, 3, 1), Proof.SIGNATURE)
    submission = desk_entry.enter(
        world.context, world.form(), world.answers(), entry, STAFF
    )
    answers = world.answers("new@example.org")
    moved = correcting.repair(world.context, submission.id, answers, STAFF, Why.PHONE)
    assert moved.proof is Proof.SIGNATURE
    proven = verification.confirm_link(world.context, world.link(moved))
    assert (proven.proof, proven.proven) == (Proof.SIGNATURE, True)


# --- the desk


def enter(world, received=date(2030, 3, 1), email="anh@example.org", key=None):
    entry = DeskEntry(Source.PAPER, received, Proof.SIGNATURE)
    answers = world.answers(email)
    return desk_entry.enter(world.context, world.form(), answers, entry, STAFF, key)


def test_a_paper_form_is_new_and_its_address_gets_only_the_check(world):
    submission = enter(world)
    assert (submission.status, submission.proof, submission.source) == (
        "new",
        "signature",
        "paper",
    )
    assert submission.received_on == "2030-03-01"
    deciding.decide(world.context, submission.id, EventVerb.ACCEPT, STAFF)
    assert [mail.kind for mail in world.mails(submission)] == ["address_check"]
    assert [letter.kind for letter in world.post()] == ["address_check"]
    assert sending.resend(world.context, submission.id) == world.clock()
    assert world.mails(submission)[-1].kind == "address_check"


def test_the_owner_of_an_address_typed_by_staff_proves_it(world):
    submission = enter(world)
    confirmed = verification.confirm_link(world.context, world.link(submission))
    assert (confirmed.status, confirmed.proof) == (Status.NEW, Proof.SIGNATURE)
    assert confirmed.proven
    assert world.mails(submission)[-1].kind == "receipt"


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
    submission = world.proven()
    deciding.decide(world.context, submission.id, EventVerb.ACCEPT, STAFF)
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
