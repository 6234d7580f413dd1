"""Mails: which leave, when, to whom, in which order, and what becomes of them."""

from datetime import timedelta

import pytest

from forms_service.mail import kinds
from forms_service.mail.compose import preview
from forms_service.store import outbox, staff, stopped
from forms_service.store.events import EventVerb
from forms_service.store.submissions import NotFound, Proof, Source
from forms_service.workflow import (
    correcting,
    deciding,
    desk_entry,
    mail_delivery,
    mail_queue,
    sending,
    verification,
    verification_for_many,
)
from forms_service.workflow.correcting import Why
from forms_service.workflow.desk_entry import DeskEntry
from forms_service.workflow.sending import AlreadyConfirmed, LinkExpired
from forms_service.workflow.verification import CodeWrong
from forms_service.workflow.verification_for_many import ReferenceWrong

pytest_plugins = ["life"]

STAFF = "staff:1"
HOUR = timedelta(hours=1)


def decide(world, submission, verb):
    return deciding.decide(world.context, submission.id, verb, STAFF, reason="why")


def names(mails):
    return [mail.kind for mail in mails]


def wants(world, wants_mail=True):
    world.store.write(lambda db: staff.set_wants_mail(db, world.clerk.id, wants_mail))


def test_a_mail_of_a_kind_that_a_newer_program_has_queued_is_left_to_it(world):
    now = world.clock()
    newer = ["k", "newer", "anh@example.org", now, now]
    world.store.write(lambda db: outbox.put(db, *newer))
    world.send("bruno@example.org")
    assert [mail.email for mail in world.post()] == ["bruno@example.org"]
    assert mail_delivery.claim(world.context) is None
    (left,) = world.sql("SELECT attempts, lease_until FROM outbox WHERE key = 'k'")
    assert tuple(left) == (0, None)


# --- limits a day


@pytest.mark.promise(
    "P21",
    "strangers name the address of somebody nine times",
    without=(
        "each put off by itself",
        "workflow/mail_queue.py",
        "if kind.to is Recipient.UNPROVEN and leaves > now:",
        "if not kind:",
    ),
)
def test_an_address_gets_three_mails_a_day_and_then_one_for_all_that_wait(
    world, figure
):
    sent = [world.send() for _ in range(9)]
    now, later = world.clock(), world.clock() + timedelta(days=1)
    assert [mail.mail_leaves for mail in sent] == [now] * 3 + [later] * 6
    assert len(world.post()) == 3
    again = sending.open_sent(
        world.context, sending.sent_token(world.context, sent[3].submission)
    )
    assert again.mail_leaves == later
    world.clock.advance(hours=23, minutes=59)
    assert world.post() == []
    world.clock.advance(minutes=1)
    (mail,) = world.post()
    assert (mail.kind, mail.email, mail.submission) == (
        "verify_many", "anh@example.org", None,
    )  # fmt: skip
    assert sending.resend(world.context, sent[4].submission.id) == world.clock()
    figure("3 mails that day, 1 for the other six the next")


def test_however_an_address_is_written_its_mailbox_is_counted_once(world):
    for email in ("Anh.Ho+a@gmail.com", "anhho@GoogleMail.com", "a.n.hho@gmail.com"):
        world.send(email)
    assert world.send("anh.ho@gmail.com").mail_leaves > world.clock()
    for email in ("x+1@example.org", "x+2@example.org", "X@example.org"):
        world.send(email)
    assert world.send("x+3@example.org").mail_leaves > world.clock()
    assert world.send("x.y@example.org").mail_leaves == world.clock()


def test_tags_that_somebody_invents_do_not_keep_the_owner_waiting(world):
    for n in range(20):
        world.send(f"anh+{n}@example.org")
    sent = world.send("anh@example.org")
    assert len(world.post()) == 3
    world.clock.advance(days=1)
    world.clock.advance(minutes=1)
    gone = world.post()
    assert len(gone) == 3
    assert gone[0].email == sent.submission.email
    world.clock.advance(days=1)
    assert len(world.post()) == 3


def test_what_another_sender_is_sending_counts_in_the_mailbox_too(world):
    for n in range(20):
        world.send(f"anh+{n}@example.org")
    world.post()
    world.clock.advance(days=1, minutes=1)
    for _ in range(2):
        mail_delivery.report_sent(world.context, mail_delivery.claim(world.context))
    assert mail_delivery.claim(world.context).kind == "verify_many"
    assert mail_delivery.claim(world.context) is None


def test_tags_that_were_put_off_do_not_keep_the_owner_waiting_either(world):
    for n in range(20):
        world.send(f"anh+{n}@example.org")
    world.post()
    world.clock.advance(days=1, minutes=1)
    assert len(world.post()) == 3
    sent = world.send("anh@example.org")
    assert sent.mail_leaves > world.clock()
    world.clock.now = sent.mail_leaves + timedelta(minutes=5)
    assert sent.submission.email in [mail.email for mail in world.post()]


def test_what_only_an_owner_can_ask_for_does_not_wait_behind_strangers(world):
    submission = world.proven()
    for _ in range(20):
        world.send()
    world.post()
    verification.lost_link(world.context, "anh@example.org")
    assert "lost_link" in names(world.post())
    for _ in range(40):
        world.post()
        verification.lost_link(world.context, "anh@example.org")
    links = [mail for mail in world.mails(submission) if mail.kind == "lost_link"]
    assert len([mail for mail in links if mail.sent_at]) == mail_queue.LINKS_A_DAY


def test_every_kind_that_anybody_can_cause_counts(world):
    submission = world.sent()
    sending.change_address(world.context, submission.id, "b@example.org")
    sending.change_address(world.context, submission.id, "anh@example.org")
    world.post()
    sending.resend(world.context, submission.id)
    world.post()
    sending.resend(world.context, submission.id)
    world.post()
    assert sending.resend(world.context, submission.id) == world.clock() + timedelta(
        days=1
    )


# --- one mail for several requests


@pytest.fixture
def flooded(world):
    """An address that strangers have named often, and what its owner sent after."""
    strangers = [world.sent() for _ in range(6)]
    owner = world.sent()
    world.post()
    world.clock.advance(days=1)
    (mail,) = world.post()
    return strangers, owner, mail


def token_of(world, mail):
    return world.message(mail).link.rpartition("/")[2]


def test_the_mail_for_several_lists_none_of_them(world, flooded):
    strangers, owner, mail = flooded
    told = world.message(mail, "https://forms.example")
    said = preview(told).text
    assert told.link.startswith("https://forms.example/r/")
    assert told.code in said
    for request in (*strangers, owner):
        assert request.reference not in said
    assert "Ánh" not in said


def test_its_link_confirms_the_request_whose_reference_is_typed_and_no_other(
    world, flooded
):
    strangers, owner, mail = flooded
    token = token_of(world, mail)
    elsewhere = world.sent("other@example.org")
    assert verification_for_many.for_many(world.context, token)
    assert verification_for_many.open_for_many(world.context, token) == "it"
    for typed, left in ((elsewhere.reference, 4), ("", 3)):
        with pytest.raises(ReferenceWrong) as wrong:
            verification_for_many.confirm_for_many(world.context, token, typed)
        assert wrong.value.left == left
    spaced = f"n. {owner.reference[:4]} {owner.reference[4:].lower()}"
    verification_for_many.confirm_for_many(world.context, token, spaced)
    assert world.row(owner).proven
    assert not any(world.row(stranger).proven for stranger in strangers)
    with pytest.raises(AlreadyConfirmed):
        verification_for_many.confirm_for_many(world.context, token, owner.reference)


def test_a_reference_is_tried_five_times(world, flooded):
    _, owner, mail = flooded
    token = token_of(world, mail)
    for _ in range(5):
        with pytest.raises(ReferenceWrong):
            verification_for_many.confirm_for_many(world.context, token, "22222222")
    with pytest.raises(ReferenceWrong) as over:
        verification_for_many.confirm_for_many(world.context, token, owner.reference)
    assert over.value.left == 0


def test_a_right_reference_uses_up_no_try(world, flooded):
    strangers, owner, mail = flooded
    token = token_of(world, mail)
    with pytest.raises(ReferenceWrong):
        verification_for_many.confirm_for_many(world.context, token, "22222222")
    for request in (*strangers, owner):
        verification_for_many.confirm_for_many(world.context, token, request.reference)
        assert world.row(request).proven
    world.sent()
    with pytest.raises(ReferenceWrong) as wrong:
        verification_for_many.confirm_for_many(world.context, token, "22222222")
    assert wrong.value.left == 3


def test_its_code_confirms_the_request_on_whose_page_it_is_typed(world, flooded):
    strangers, owner, mail = flooded
    code = world.message(mail).code
    other = world.sent("other@example.org")
    with pytest.raises(CodeWrong):
        verification.confirm_by_code(world.context, other.id, code)
    verification.confirm_by_code(world.context, owner.id, code)
    assert world.row(owner).proven
    assert not any(world.row(stranger).proven for stranger in strangers)


def test_its_code_works_as_long_as_the_mail_says(world, flooded):
    strangers, owner, mail = flooded
    told = world.message(mail)
    world.clock.advance(hours=1)
    assert world.message(mail).link_until == told.link_until
    world.clock.now = told.link_until - HOUR
    verification.confirm_by_code(world.context, owner.id, told.code)
    world.clock.now = told.link_until + HOUR
    with pytest.raises(CodeWrong):
        verification.confirm_by_code(world.context, strangers[0].id, told.code)


def test_its_code_does_not_work_before_it_has_left(world):
    for _ in range(4):
        submission = world.sent()
    (waiting,) = world.store.read(
        lambda db: outbox.for_many(
            db, "anh@example.org", "verify_many", world.clock() - HOUR
        )
    )
    code = world.context.tokens.code("verify-many", waiting.key)
    with pytest.raises(CodeWrong):
        verification.confirm_by_code(world.context, submission.id, code)


def test_its_link_ends_after_two_weeks_and_when_nothing_waits(world, flooded):
    strangers, owner, mail = flooded
    token = token_of(world, mail)
    for request in (*strangers, owner):
        verification.confirm(world.context, request.id)
    with pytest.raises(LinkExpired):
        verification_for_many.open_for_many(world.context, token)
    world.sent()
    assert verification_for_many.open_for_many(world.context, token) == "it"
    assert verification.open_link(world.context, token) is None
    assert verification.confirm_link(world.context, token) is None
    world.clock.advance(days=14, minutes=1)
    with pytest.raises(LinkExpired):
        verification_for_many.open_for_many(world.context, token)


def test_it_is_not_sent_when_nothing_waits_any_more(world):
    sent = [world.sent() for _ in range(4)]
    world.post()
    for request in sent:
        verification.confirm(world.context, request.id)
    world.post()
    world.clock.advance(days=1)
    assert world.post() == []


def test_it_is_erased_with_the_last_request_of_its_address(world):
    sent = [world.sent() for _ in range(4)]
    mail = world.store.read(
        lambda db: outbox.for_many(
            db, "anh@example.org", "verify_many", world.clock() - HOUR
        )
    )[0]
    for request in sent:
        deciding.erase(world.context, request.id, "citizen")
    assert world.sql("SELECT count(*) FROM outbox")[0][0] == 0
    with pytest.raises(NotFound):
        world.message(mail)


def test_asking_a_hundred_times_queues_one_mail(world):
    submission = world.sent()
    for _ in range(100):
        assert sending.resend(world.context, submission.id) == world.clock()
    assert names(world.mails(submission)) == ["verify"]


def test_decisions_receipts_and_codes_are_never_held_back(world):
    submission = world.sent()
    for _ in range(5):
        world.send()
    verification.confirm_link(world.context, world.link(submission))
    verification.request_code(world.context, submission.id)
    decide(world, submission, EventVerb.ACCEPT)
    about_one = [m for m in world.post() if m.submission == submission.id]
    assert names(about_one) == ["receipt", "code", "accepted"]


def test_a_mail_that_has_to_wait_does_not_hold_up_the_receipt(world):
    for _ in range(3):
        world.send()
    world.post()
    sent = world.send()
    assert sent.mail_leaves > world.clock()
    submission = sent.submission
    code = world.context.tokens.code(
        "verify", f"{submission.id}:{submission.link_generation}"
    )
    verification.confirm_by_code(world.context, submission.id, code)
    assert names(world.post()) == ["receipt"]


# --- what a mail says


def test_a_mail_is_written_when_it_leaves(world):
    submission = world.sent()
    (mail,) = world.post()
    assert (mail.kind, mail.email) == ("verify", "anh@example.org")
    proof = world.message(mail)
    assert (proof.kind, proof.link) == (kinds.verify, f"/r/{world.link(submission)}")
    verification.confirm_by_code(world.context, submission.id, proof.code)
    receipt = world.message(*world.post())
    assert receipt.link == f"/r/{world.personal(world.row(submission))}"
    assert receipt.code == ""
    verification.request_code(world.context, submission.id)
    code = world.message(*world.post())
    assert verification.check_code(world.context, submission.id, code.code)


def test_a_mail_to_an_address_that_was_changed_is_not_sent(world):
    submission = world.sent("first@example.org")
    sending.change_address(world.context, submission.id, "second@example.org")
    assert [mail.email for mail in world.post()] == ["second@example.org"]
    assert len(world.mails(submission)) == 1


def test_a_code_that_is_over_is_not_sent(world):
    submission = world.proven()
    world.post()
    verification.request_code(world.context, submission.id)
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
    submission = world.proven()
    decide(world, submission, verb)
    assert names(world.mails(submission))[-1] == kind
    decide(world, submission, EventVerb.REOPEN)
    assert names(world.post()) == ["receipt"]


def test_a_decision_taken_back_and_made_again_is_told_once(world):
    submission = world.proven()
    world.post()
    decide(world, submission, EventVerb.ACCEPT)
    decide(world, submission, EventVerb.REOPEN)
    assert "accepted" not in names(world.mails(submission))
    decide(world, submission, EventVerb.ACCEPT)
    assert names(world.post()) == ["accepted"]


def test_a_mail_that_is_just_being_sent_is_not_taken_back(world):
    submission = world.proven()
    world.post()
    decide(world, submission, EventVerb.ACCEPT)
    claimed = mail_delivery.claim(world.context)
    decide(world, submission, EventVerb.REOPEN)
    mail_delivery.report_sent(world.context, claimed)
    assert (world.mails(submission)[-1].kind, world.mails(submission)[-1].sent_at) == (
        "accepted",
        world.clock(),
    )


def test_a_place_given_and_lost_again_is_not_told(world):
    world.proven(people=6)
    submission = world.proven(people=6)
    world.post()
    deciding.promote(world.context, submission.id, STAFF)
    decide(world, submission, EventVerb.WITHDRAW)
    assert names(world.post()) == ["withdrawn"]


def test_a_mail_of_an_erased_row_goes_with_it(world):
    submission = world.sent()
    deciding.erase(world.context, submission.id, "citizen")
    assert world.post() == []
    assert world.sql("SELECT count(*) FROM outbox")[0][0] == 0


def test_a_row_erased_between_claim_and_writing_has_no_message(world):
    submission = world.sent()
    mail = mail_delivery.claim(world.context)
    deciding.erase(world.context, submission.id, "citizen")
    with pytest.raises(NotFound):
        world.message(mail)


# --- claims, leases, retries


@pytest.mark.promise(
    "P7",
    "twenty senders take from one queue",
    without=(
        "no lease",
        "store/deliveries.py",
        "utc_text(now + LEASE), moment",
        "moment, moment",
    ),
)
def test_two_workers_never_take_the_same_mail(world, figure):
    for number in range(20):
        world.send(f"a{number}@example.org")
    taken = world.at_once(20, lambda _: mail_delivery.claim(world.context).id)
    assert len(set(taken)) == 20
    assert mail_delivery.claim(world.context) is None
    figure("20 mails, each taken once")


def test_a_mail_whose_sender_died_is_taken_again_after_two_minutes(world):
    submission = world.sent()
    first = mail_delivery.claim(world.context)
    world.clock.advance(seconds=119)
    assert mail_delivery.claim(world.context) is None
    world.clock.advance(seconds=1)
    second = mail_delivery.claim(world.context)
    assert (second.key, second.attempts) == (first.key, 2)
    mail_delivery.report_sent(world.context, second)
    # The first sender was only slow: what it reports now changes nothing.
    mail_delivery.report_failure(world.context, first, "timeout")
    mail_delivery.report_failure(world.context, first, "550", permanent=True)
    (mail,) = world.mails(submission)
    assert (mail.sent_at, mail.failed_at) == (world.clock(), None)
    world.clock.advance(days=1)
    assert mail_delivery.claim(world.context) is None


@pytest.mark.promise(
    "P8",
    "a server puts off one of a person’s mails",
    without=(
        "no waiting for earlier mails",
        "store/deliveries.py",
        "earlier.id < mail.id",
        "earlier.id < 0",
    ),
)
def test_mails_about_one_submission_leave_in_order(world, figure):
    submission = world.proven()
    decide(world, submission, EventVerb.ACCEPT)
    other = world.proven("other@example.org")
    receipt = mail_delivery.claim(world.context)
    assert (receipt.kind, receipt.submission) == ("receipt", submission.id)
    mail_delivery.report_failure(world.context, receipt, "451")
    # The accepted mail waits for the receipt; other people do not.
    assert [mail.submission for mail in world.post()] == [other.id]
    world.clock.advance(minutes=1)
    assert names(world.post()) == ["receipt", "accepted"]
    figure("the later one waits, other people do not")


def test_what_is_new_overtakes_what_failed(world):
    failed = world.sent("bad@one.example")
    mail_delivery.report_failure(
        world.context, mail_delivery.claim(world.context), "451"
    )
    world.clock.advance(days=1)
    new = world.sent("good@two.example")
    assert [mail.submission for mail in world.post()] == [new.id, failed.id]


def test_a_domain_never_has_more_than_two_senders(world):
    slow = [world.sent(f"p{n}@Slow.example").id for n in range(3)]
    other = world.sent("one@other.example")
    taken = [mail_delivery.claim(world.context) for _ in range(4)]
    assert [mail and mail.submission for mail in taken] == [*slow[:2], other.id, None]
    mail_delivery.report_sent(world.context, taken[1])
    assert mail_delivery.claim(world.context).submission == slow[2]


def test_half_of_the_senders_leave_alone_what_failed_and_where_it_went(world):
    failed = world.sent("bad@one.example")
    mail_delivery.report_failure(
        world.context, mail_delivery.claim(world.context), "no answer at DATA"
    )
    world.clock.advance(minutes=1)
    same_way, other = world.sent("new@one.example"), world.sent("new@two.example")
    smooth = [mail_delivery.claim(world.context, smooth=True) for _ in range(2)]
    assert [mail and mail.submission for mail in smooth] == [other.id, None]
    rest = [mail_delivery.claim(world.context).submission for _ in range(2)]
    assert rest == [same_way.id, failed.id]


def test_a_mail_that_no_server_could_be_found_for_keeps_its_turn(world):
    first, second = world.sent("a@one.example"), world.sent("b@two.example")
    mail_delivery.put_back(world.context, mail_delivery.claim(world.context), "451")
    assert [mail.submission for mail in world.post()] == [first.id, second.id]


def test_a_mail_is_tried_again_with_longer_pauses_for_three_days(world):
    submission = world.sent()
    pauses = []
    while claimed := mail_delivery.claim(world.context):
        mail_delivery.report_failure(world.context, claimed, "451")
        (mail,) = world.mails(submission)
        if mail.failed_at:
            break
        pauses.append((mail.not_before - world.clock()).total_seconds())
        world.clock.now = mail.not_before
    assert pauses[:8] == [15, 30, 60, 120, 240, 480, 900, 900]
    assert set(pauses[6:]) == {900}
    tried = mail.failed_at - mail.created_at
    assert timedelta(hours=72) <= tried <= timedelta(hours=72, minutes=15)
    assert mail.reason == "451"
    assert world.events(submission)[-1].verb == "failed"
    assert world.post() == []


def test_the_three_days_begin_when_a_waiting_mail_may_leave(world):
    for _ in range(4):
        world.send()
    world.post()
    world.clock.advance(days=5)
    claimed = mail_delivery.claim(world.context)
    assert claimed.kind == "verify_many"
    world.force("UPDATE outbox SET due_at = ?", "2030-03-04T10:00:00+00:00")
    mail_delivery.report_failure(world.context, claimed, "451")
    assert world.store.read(outbox.totals)["failed"] == 0


def test_a_permanent_refusal_ends_at_once_and_can_be_tried_again_by_hand(world):
    submission = world.sent()
    mail_delivery.report_failure(
        world.context, mail_delivery.claim(world.context), "550", True
    )
    (mail,) = world.store.read(stopped.failures)
    assert (mail.submission, mail.reason) == (submission.id, "550")
    assert world.store.read(outbox.totals)["failed"] == 1
    world.clock.advance(days=10)
    retry = world.store.write(lambda db: stopped.retry_failed(db, world.clock()))
    assert retry == 1
    # A try by hand has three days of its own.
    mail_delivery.report_failure(
        world.context, mail_delivery.claim(world.context), "451"
    )
    world.clock.advance(minutes=1)
    assert names(world.post()) == ["verify"]
    assert world.store.read(outbox.totals)["sent"] == 1
    assert world.store.read(stopped.failures) == []


def test_a_sent_mail_leaves_its_kind_in_the_log_and_no_address(world):
    submission = world.sent()
    world.post()
    event = world.events(submission)[-1]
    assert (event.actor, event.verb, event.detail) == (
        "mail",
        "sent",
        {"kind": "verify"},
    )


# --- the hourly mail to staff


def test_staff_who_want_it_are_told_once_an_hour_of_something_new(world):
    assert mail_queue.queue_digests(world.context) == 0
    world.proven(people=1)
    world.post()
    assert mail_queue.queue_digests(world.context) == 0
    wants(world)
    assert mail_queue.queue_digests(world.context) == 1
    (mail,) = world.post()
    digest = world.message(mail)
    assert (digest.kind, digest.waiting, mail.submission) == (kinds.digest, 1, None)
    assert (digest.email, digest.link) == (world.clerk.email, "/staff/")
    world.clock.advance(minutes=30)
    world.proven(people=1)
    world.post()
    assert mail_queue.queue_digests(world.context) == 0
    world.clock.advance(minutes=30)
    assert mail_queue.queue_digests(world.context) == 1
    assert [world.message(mail).waiting for mail in world.post()] == [2]
    world.clock.advance(hours=5)
    assert mail_queue.queue_digests(world.context) == 0


def test_a_corrected_submission_is_something_new(world):
    wants(world)
    submission = world.proven()
    mail_queue.queue_digests(world.context)
    decide(world, submission, EventVerb.ASK_CORRECTION)
    world.post()
    world.clock.advance(hours=2)
    assert mail_queue.queue_digests(world.context) == 0
    form, answers = world.form(), world.answers()
    correcting.correct(world.context, form, submission.id, answers)
    assert mail_queue.queue_digests(world.context) == 1


def test_what_came_in_the_second_of_the_last_mail_is_told(world):
    wants(world)
    world.proven(people=1)
    mail_queue.queue_digests(world.context)
    world.proven(people=1)
    world.post()
    world.clock.advance(hours=1)
    assert mail_queue.queue_digests(world.context) == 1


def test_a_mail_to_staff_that_could_not_leave_is_not_repeated(world):
    wants(world)
    world.proven(people=1)
    assert mail_queue.queue_digests(world.context) == 1
    world.clock.advance(hours=1)
    world.proven(people=1)
    assert mail_queue.queue_digests(world.context) == 0
    assert "digest" in names(world.post())


@pytest.mark.parametrize("change", ["unwanted", "disabled", "decided"])
def test_a_mail_to_staff_with_nothing_to_say_is_dropped(world, change):
    wants(world)
    submission = world.proven()
    world.post()
    mail_queue.queue_digests(world.context)
    if change == "unwanted":
        wants(world, False)
    elif change == "disabled":
        world.force("UPDATE staff SET disabled_at = '2030-03-01T09:00:00+00:00'")
    else:
        decide(world, submission, EventVerb.DECLINE)
    assert "digest" not in names(world.post())
    assert world.sql("SELECT count(*) FROM outbox WHERE staff = 1")[0][0] == 0


def test_a_disabled_member_gets_no_mail(world):
    wants(world)
    world.proven()
    world.force("UPDATE staff SET disabled_at = '2030-03-01T09:00:00+00:00'")
    assert mail_queue.queue_digests(world.context) == 0


def test_a_failing_mail_to_staff_leaves_no_event_about_a_submission(world):
    wants(world)
    world.proven()
    world.post()
    mail_queue.queue_digests(world.context)
    claimed = mail_delivery.claim(world.context)
    before = world.sql("SELECT count(*) FROM events")[0][0]
    mail_delivery.report_failure(world.context, claimed, "550", permanent=True)
    mail_delivery.report_sent(world.context, claimed)
    assert world.sql("SELECT count(*) FROM events")[0][0] == before


# --- an address that was left


def corrected(world, submission, email, actor="citizen"):
    answers = world.answers(email)
    if actor == "citizen":
        return correcting.correct(world.context, world.form(), submission.id, answers)
    return correcting.repair(world.context, submission.id, answers, actor, Why.PHONE)


@pytest.mark.parametrize("actor", ["citizen", STAFF])
def test_the_address_that_was_left_is_told_without_any_link(world, actor):
    submission = world.proven("old@example.org")
    world.post()
    corrected(world, submission, "new@example.org", actor)
    mail, shown = world.post()
    assert (shown.kind, mail.email) == ("address_left", "new@example.org")
    message = world.message(shown, "https://forms.example")
    assert (message.email, message.link, message.code) == ("old@example.org", "", "")
    said = preview(message).text
    assert "non scriviamo più a questo" in said
    assert submission.reference in said
    for never in ("new@", "/r/", "https://forms.example", "Ánh"):
        assert never not in said


def test_an_address_that_nobody_had_proven_is_told_nothing(world):
    submission = world.sent("typo@example.org")
    sending.change_address(world.context, submission.id, "right@example.org")
    entry = DeskEntry(Source.PAPER, world.context.today, Proof.SIGNATURE)
    paper = desk_entry.enter(
        world.context, world.form(), world.answers("typo@example.org"), entry, STAFF
    )
    corrected(world, paper, "right@example.org", STAFF)
    mails = world.post()
    assert {mail.email for mail in mails} == {"right@example.org"}
    assert "address_left" not in {mail.kind for mail in mails}


def test_who_goes_back_to_the_old_address_is_not_told_that_it_was_left(world):
    submission = world.proven("old@example.org")
    world.post()
    corrected(world, submission, "new@example.org")
    corrected(world, submission, "old@example.org")
    assert names(world.post()) == ["verify"]


def test_other_capitals_are_no_other_mailbox(world):
    submission = world.proven("Anh@example.org")
    world.post()
    corrected(world, submission, "anh@example.org")
    assert names(world.post()) == ["verify"]


def test_a_mailbox_that_does_not_answer_does_not_keep_the_new_one_waiting(world):
    submission = world.proven("old@example.org")
    world.post()
    moved = corrected(world, submission, "new@example.org")
    mail_delivery.report_sent(world.context, mail_delivery.claim(world.context))
    mail_delivery.report_failure(
        world.context, mail_delivery.claim(world.context), "451"
    )
    verification.confirm_link(world.context, world.link(moved))
    decide(world, submission, EventVerb.ACCEPT)
    assert mail_delivery.claim(world.context).email == "new@example.org"
