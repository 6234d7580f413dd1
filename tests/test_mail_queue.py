"""Mails: which leave, when, to whom, in which order, and what becomes of them."""

from datetime import timedelta

import pytest

from forms_service.mail import kinds
from forms_service.mail.compose import preview
from forms_service.store import outbox, staff
from forms_service.store.events import EventVerb
from forms_service.store.submissions import NotFound, Proof, Source
from forms_service.workflow import (
    deciding,
    desk_entry,
    mail_delivery,
    mail_queue,
    sending,
    verification,
)
from forms_service.workflow.desk_entry import Entry

pytest_plugins = ["life"]

STAFF = "staff:1"


def decide(world, one, verb):
    return deciding.decide(world.work, one.id, verb, STAFF, reason="why")


def names(mails):
    return [mail.kind for mail in mails]


def wants(world, wants_mail=True):
    world.store.write(lambda db: staff.set_wants_mail(db, world.clerk.id, wants_mail))


# --- limits a day


def test_an_address_nobody_has_proven_gets_three_mails_a_day(world):
    sent = [world.send() for _ in range(4)]
    now = world.clock()
    assert [one.mail_leaves for one in sent] == [now] * 3 + [now + timedelta(days=1)]
    assert len(world.post()) == 3
    again = sending.open_sent(
        world.work, sending.sent_token(world.work, sent[3].submission)
    )
    assert again.mail_leaves == now + timedelta(days=1)
    world.clock.advance(hours=23, minutes=59)
    assert world.post() == []
    world.clock.advance(minutes=1)
    assert [mail.submission for mail in world.post()] == [sent[3].submission.id]


def test_the_line_of_waiting_mails_keeps_three_a_day(world):
    leaves = [world.send().mail_leaves for _ in range(9)]
    days = [(leave - world.clock()).days for leave in leaves]
    assert days == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_capitals_do_not_make_another_address(world):
    for email in ("Anh@example.org", "aNh@example.org", "anH@example.org"):
        world.send(email)
    assert world.send("ANH@example.org").mail_leaves > world.clock()
    assert world.send("other@example.org").mail_leaves == world.clock()


def test_a_proven_address_gets_thirty_mails_a_day_for_thirty_days(world):
    world.proven()
    leaves = [world.send().mail_leaves for _ in range(30)]
    assert [leave > world.clock() for leave in leaves] == [False] * 29 + [True]
    world.clock.advance(days=30)
    assert [world.send().mail_leaves > world.clock() for _ in range(4)] == [
        False,
        False,
        False,
        True,
    ]


def test_every_kind_that_anybody_can_cause_counts(world):
    one = world.sent()
    sending.change_address(world.work, one.id, "b@example.org")
    sending.change_address(world.work, one.id, "anh@example.org")
    world.post()
    sending.resend(world.work, one.id)
    world.post()
    assert sending.resend(world.work, one.id) == world.clock() + timedelta(days=1)


def test_asking_a_hundred_times_queues_one_mail(world):
    one = world.sent()
    for _ in range(100):
        assert sending.resend(world.work, one.id) == world.clock()
    assert names(world.mails(one)) == ["verify"]


def test_decisions_receipts_and_codes_are_never_held_back(world):
    one = world.sent()
    for _ in range(5):
        world.send()
    verification.confirm_link(world.work, world.link(one))
    verification.request_code(world.work, one.id)
    decide(world, one, EventVerb.ACCEPT)
    about_one = [m for m in world.post() if m.submission == one.id]
    assert names(about_one) == ["receipt", "code", "accepted"]


def test_a_mail_that_has_to_wait_does_not_hold_up_the_receipt(world):
    for _ in range(3):
        world.send()
    world.post()
    sent = world.send()
    assert sent.mail_leaves > world.clock()
    one = sent.submission
    code = world.work.tokens.code("verify", f"{one.id}:{one.link_generation}")
    verification.confirm_by_code(world.work, one.id, code)
    assert names(world.post()) == ["receipt"]
    world.clock.advance(days=2)
    assert world.post() == []
    assert names(world.mails(one)) == ["receipt"]


# --- what a mail says


def test_a_mail_is_written_when_it_leaves(world):
    one = world.sent()
    (mail,) = world.post()
    assert (mail.kind, mail.address) == ("verify", "anh@example.org")
    proof = world.message(mail)
    assert (proof.kind, proof.link) == (kinds.verify, f"/r/{world.link(one)}")
    verification.confirm_by_code(world.work, one.id, proof.code)
    receipt = world.message(*world.post())
    assert receipt.link == f"/r/{world.personal(world.row(one))}"
    assert receipt.code == ""
    verification.request_code(world.work, one.id)
    code = world.message(*world.post())
    assert verification.check_code(world.work, one.id, code.code)


def test_a_mail_to_an_address_that_was_changed_is_not_sent(world):
    one = world.sent("first@example.org")
    sending.change_address(world.work, one.id, "second@example.org")
    assert [mail.address for mail in world.post()] == ["second@example.org"]
    assert len(world.mails(one)) == 1


def test_a_code_that_is_over_is_not_sent(world):
    one = world.proven()
    world.post()
    verification.request_code(world.work, one.id)
    world.clock.advance(minutes=31)
    assert world.post() == []


@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        (EventVerb.ACCEPT, "accepted"),
        (EventVerb.DECLINE, "declined"),
        (EventVerb.WITHDRAW, "withdrawn"),
    ],
)
def test_a_decision_taken_back_before_its_mail_left_is_not_told(world, verb, kind):
    one = world.proven()
    decide(world, one, verb)
    assert names(world.mails(one))[-1] == kind
    decide(world, one, EventVerb.REOPEN)
    assert names(world.post()) == ["receipt"]


def test_a_decision_taken_back_and_made_again_is_told_once(world):
    one = world.proven()
    world.post()
    decide(world, one, EventVerb.ACCEPT)
    decide(world, one, EventVerb.REOPEN)
    assert "accepted" not in names(world.mails(one))
    decide(world, one, EventVerb.ACCEPT)
    assert names(world.post()) == ["accepted"]


def test_a_mail_that_is_just_being_sent_is_not_taken_back(world):
    one = world.proven()
    world.post()
    decide(world, one, EventVerb.ACCEPT)
    claimed = mail_delivery.claim(world.work)
    decide(world, one, EventVerb.REOPEN)
    mail_delivery.report_sent(world.work, claimed)
    assert (world.mails(one)[-1].kind, world.mails(one)[-1].sent_at) == (
        "accepted",
        world.clock(),
    )


def test_a_place_given_and_lost_again_is_not_told(world):
    world.proven(people=6)
    one = world.proven(people=6)
    world.post()
    deciding.promote(world.work, one.id, STAFF)
    decide(world, one, EventVerb.WITHDRAW)
    assert names(world.post()) == ["withdrawn"]


def test_a_mail_of_an_erased_row_goes_with_it(world):
    one = world.sent()
    deciding.erase(world.work, one.id, "citizen")
    assert world.post() == []
    assert world.sql("SELECT count(*) FROM outbox")[0][0] == 0


def test_a_row_erased_between_claim_and_writing_has_no_message(world):
    one = world.sent()
    mail = mail_delivery.claim(world.work)
    deciding.erase(world.work, one.id, "citizen")
    with pytest.raises(NotFound):
        world.message(mail)


# --- claims, leases, retries


def test_two_workers_never_take_the_same_mail(world):
    for number in range(20):
        world.send(f"a{number}@example.org")
    taken = world.at_once(20, lambda _: mail_delivery.claim(world.work).id)
    assert len(set(taken)) == 20
    assert mail_delivery.claim(world.work) is None


def test_a_mail_whose_sender_died_is_taken_again_after_two_minutes(world):
    one = world.sent()
    first = mail_delivery.claim(world.work)
    world.clock.advance(seconds=119)
    assert mail_delivery.claim(world.work) is None
    world.clock.advance(seconds=1)
    second = mail_delivery.claim(world.work)
    assert (second.key, second.attempts) == (first.key, 2)
    mail_delivery.report_sent(world.work, second)
    # The first sender was only slow: what it reports now changes nothing.
    mail_delivery.report_failure(world.work, first, "timeout")
    mail_delivery.report_failure(world.work, first, "550", permanent=True)
    (mail,) = world.mails(one)
    assert (mail.sent_at, mail.failed_at) == (world.clock(), None)
    world.clock.advance(days=1)
    assert mail_delivery.claim(world.work) is None


def test_mails_about_one_submission_leave_in_order(world):
    one = world.proven()
    decide(world, one, EventVerb.ACCEPT)
    other = world.proven("other@example.org")
    receipt = mail_delivery.claim(world.work)
    assert (receipt.kind, receipt.submission) == ("receipt", one.id)
    mail_delivery.report_failure(world.work, receipt, "451")
    # The accepted mail waits for the receipt; other people do not.
    assert [mail.submission for mail in world.post()] == [other.id]
    world.clock.advance(minutes=1)
    assert names(world.post()) == ["receipt", "accepted"]


def test_a_mail_is_tried_again_with_longer_pauses_for_three_days(world):
    one = world.sent()
    pauses = []
    while claimed := mail_delivery.claim(world.work):
        mail_delivery.report_failure(world.work, claimed, "451")
        (mail,) = world.mails(one)
        if mail.failed_at:
            break
        pauses.append((mail.not_before - world.clock()).total_seconds())
        world.clock.now = mail.not_before
    assert pauses[:8] == [15, 30, 60, 120, 240, 480, 900, 900]
    assert set(pauses[6:]) == {900}
    tried = mail.failed_at - mail.created_at
    assert timedelta(hours=72) <= tried <= timedelta(hours=72, minutes=15)
    assert mail.reason == "451"
    assert world.events(one)[-1].verb == "failed"
    assert world.post() == []


def test_the_three_days_begin_when_a_waiting_mail_may_leave(world):
    for _ in range(16):
        world.send()
    one = world.sent()
    world.clock.advance(days=5)
    world.post()
    world.force("UPDATE outbox SET sent_at = NULL WHERE submission = ?", one.id)
    claimed = mail_delivery.claim(world.work)
    mail_delivery.report_failure(world.work, claimed, "451")
    assert world.mails(one)[0].failed_at is None


def test_a_permanent_refusal_ends_at_once_and_can_be_tried_again_by_hand(world):
    one = world.sent()
    mail_delivery.report_failure(
        world.work, mail_delivery.claim(world.work), "550", True
    )
    (mail,) = world.store.read(outbox.failures)
    assert (mail.submission, mail.reason) == (one.id, "550")
    assert world.store.read(outbox.totals)["failed"] == 1
    world.clock.advance(days=10)
    retry = world.store.write(lambda db: outbox.retry_failed(db, world.clock()))
    assert retry == 1
    # A try by hand has three days of its own.
    mail_delivery.report_failure(world.work, mail_delivery.claim(world.work), "451")
    world.clock.advance(minutes=1)
    assert names(world.post()) == ["verify"]
    assert world.store.read(outbox.totals)["sent"] == 1
    assert world.store.read(outbox.failures) == []


def test_a_sent_mail_leaves_its_kind_in_the_log_and_no_address(world):
    one = world.sent()
    world.post()
    event = world.events(one)[-1]
    assert (event.actor, event.verb, event.detail) == (
        "mail",
        "sent",
        {"kind": "verify"},
    )


# --- the hourly mail to staff


def test_staff_who_want_it_are_told_once_an_hour_of_something_new(world):
    assert mail_queue.queue_digests(world.work) == 0
    world.proven(people=1)
    world.post()
    assert mail_queue.queue_digests(world.work) == 0
    wants(world)
    assert mail_queue.queue_digests(world.work) == 1
    (mail,) = world.post()
    digest = world.message(mail)
    assert (digest.kind, digest.waiting, mail.submission) == (kinds.digest, 1, None)
    assert (digest.address, digest.link) == (world.clerk.email, "/staff/")
    world.clock.advance(minutes=30)
    world.proven(people=1)
    world.post()
    assert mail_queue.queue_digests(world.work) == 0
    world.clock.advance(minutes=30)
    assert mail_queue.queue_digests(world.work) == 1
    assert [world.message(mail).waiting for mail in world.post()] == [2]
    world.clock.advance(hours=5)
    assert mail_queue.queue_digests(world.work) == 0


def test_a_corrected_submission_is_something_new(world):
    wants(world)
    one = world.proven()
    mail_queue.queue_digests(world.work)
    decide(world, one, EventVerb.ASK_CORRECTION)
    world.post()
    world.clock.advance(hours=2)
    assert mail_queue.queue_digests(world.work) == 0
    form, answers = world.form(), world.answers()
    deciding.correct(world.work, form, one.id, answers, "citizen")
    assert mail_queue.queue_digests(world.work) == 1


def test_what_came_in_the_second_of_the_last_mail_is_told(world):
    wants(world)
    world.proven(people=1)
    mail_queue.queue_digests(world.work)
    world.proven(people=1)
    world.post()
    world.clock.advance(hours=1)
    assert mail_queue.queue_digests(world.work) == 1


def test_a_mail_to_staff_that_could_not_leave_is_not_repeated(world):
    wants(world)
    world.proven(people=1)
    assert mail_queue.queue_digests(world.work) == 1
    world.clock.advance(hours=1)
    world.proven(people=1)
    assert mail_queue.queue_digests(world.work) == 0
    assert "digest" in names(world.post())


@pytest.mark.parametrize("change", ["unwanted", "disabled", "decided"])
def test_a_mail_to_staff_with_nothing_to_say_is_dropped(world, change):
    wants(world)
    one = world.proven()
    world.post()
    mail_queue.queue_digests(world.work)
    if change == "unwanted":
        wants(world, False)
    elif change == "disabled":
        world.force("UPDATE staff SET disabled_at = '2030-03-01T09:00:00+00:00'")
    else:
        decide(world, one, EventVerb.DECLINE)
    assert "digest" not in names(world.post())
    assert world.sql("SELECT count(*) FROM outbox WHERE staff = 1")[0][0] == 0


def test_a_disabled_member_gets_no_mail(world):
    wants(world)
    world.proven()
    world.force("UPDATE staff SET disabled_at = '2030-03-01T09:00:00+00:00'")
    assert mail_queue.queue_digests(world.work) == 0


def test_a_failing_mail_to_staff_leaves_no_event_about_a_submission(world):
    wants(world)
    world.proven()
    world.post()
    mail_queue.queue_digests(world.work)
    claimed = mail_delivery.claim(world.work)
    before = world.sql("SELECT count(*) FROM events")[0][0]
    mail_delivery.report_failure(world.work, claimed, "550", permanent=True)
    mail_delivery.report_sent(world.work, claimed)
    assert world.sql("SELECT count(*) FROM events")[0][0] == before


# --- an address that was left


def corrected(world, one, email, actor="citizen"):
    answers = world.answers(email)
    return deciding.correct(world.work, world.form(), one.id, answers, actor)


@pytest.mark.parametrize("actor", ["citizen", STAFF])
def test_the_address_that_was_left_is_told_without_any_link(world, actor):
    one = world.proven("old@example.org")
    world.post()
    corrected(world, one, "new@example.org", actor)
    asked, told = world.post()
    assert (told.kind, asked.address) == ("address_left", "new@example.org")
    message = world.message(told, "https://forms.example")
    assert (message.address, message.link, message.code) == ("old@example.org", "", "")
    said = preview(message).text
    assert "non scriviamo più a questo" in said
    assert one.reference in said
    for never in ("new@", "/r/", "https://forms.example", "Ánh"):
        assert never not in said


def test_an_address_that_nobody_had_proven_is_told_nothing(world):
    one = world.sent("typo@example.org")
    sending.change_address(world.work, one.id, "right@example.org")
    entry = Entry(Source.PAPER, world.work.today, Proof.SIGNATURE)
    paper = desk_entry.enter(
        world.work, world.form(), world.answers("typo@example.org"), entry, STAFF
    )
    corrected(world, paper, "right@example.org", STAFF)
    mails = world.post()
    assert {mail.address for mail in mails} == {"right@example.org"}
    assert "address_left" not in {mail.kind for mail in mails}


def test_who_goes_back_to_the_old_address_is_not_told_that_it_was_left(world):
    one = world.proven("old@example.org")
    world.post()
    corrected(world, one, "new@example.org")
    corrected(world, one, "old@example.org")
    assert names(world.post()) == ["verify"]


def test_other_capitals_are_no_other_mailbox(world):
    one = world.proven("Anh@example.org")
    world.post()
    corrected(world, one, "anh@example.org")
    assert names(world.post()) == ["verify"]


def test_a_mailbox_that_does_not_answer_does_not_keep_the_new_one_waiting(world):
    one = world.proven("old@example.org")
    world.post()
    moved = corrected(world, one, "new@example.org")
    mail_delivery.report_sent(world.work, mail_delivery.claim(world.work))
    mail_delivery.report_failure(world.work, mail_delivery.claim(world.work), "451")
    verification.confirm_link(world.work, world.link(moved))
    decide(world, one, EventVerb.ACCEPT)
    assert mail_delivery.claim(world.work).address == "new@example.org"
