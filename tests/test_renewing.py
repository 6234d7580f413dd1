"""Members of a register are asked after a year whether they stay, and their answer."""

from datetime import UTC, datetime
from functools import partial

import pytest

from forms_service.mail import kinds
from forms_service.mail.compose import paragraphs
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Status
from forms_service.workflow import (
    correcting,
    deciding,
    mail_delivery,
    purging,
    reminding,
    renewing,
)
from forms_service.workflow.renewing import RuleChanged
from forms_service.workflow.transitions import NotAllowed
from sample_content import REGISTER

pytest_plugins = ["life"]

MEMBER_KEPT = datetime(2032, 3, 1, 23, 0, tzinfo=UTC)


@pytest.fixture
def world(new_world):
    """A register: who was accepted is asked after a year, and again after 30 days."""
    return new_world(REGISTER)


def member(world, **more):
    """Return a request accepted on 1 March 2030."""
    row = (
        world.proven(**more)
        if more.get("email", "") is not None
        else world.sent(email=None)
    )
    if row.status is Status.UNVERIFIED:
        world.force("UPDATE submissions SET status = 'new' WHERE id = ?", row.id)
    accepted = deciding.decide(world.context, row.id, EventVerb.ACCEPT, "staff:1")
    world.clock.advance(hours=1)
    world.post()
    return accepted


def asked(world, row):
    """Do what the leader does each minute; return the mails that it sent to a row."""
    reminding.announce(world.context)
    return [mail.kind for mail in world.post() if mail.submission == row.id]


def say_yes(world, row, actor="citizen"):
    return renewing.renew(world.context, row.id, actor, world.form().fingerprint)


def test_a_year_of_silence_is_two_mails_and_the_promised_day(world):
    row = member(world)
    assert row.purge_after == MEMBER_KEPT

    world.clock.advance(days=363)
    assert asked(world, row) == []
    world.clock.advance(days=2)
    assert asked(world, row) == ["renewal"]
    assert asked(world, row) == [], "once"
    world.clock.advance(days=29)
    assert asked(world, row) == []
    world.clock.advance(days=1)
    assert asked(world, row) == ["renewal_reminder"]
    world.clock.advance(days=200)
    assert asked(world, row) == []

    silent = world.row(row)
    assert (silent.status, silent.asks) == (Status.ACCEPTED, 2)
    assert silent.purge_after == MEMBER_KEPT
    assert world.verbs(row).count("ask_renewal") == 2
    world.clock.now = MEMBER_KEPT
    assert [gone.id for gone in purging.purge(world.context)] == [row.id]


def test_yes_counts_from_that_day_and_is_asked_again_a_year_later(world):
    row = member(world)
    world.clock.advance(days=365)
    assert asked(world, row) == ["renewal"]

    yes = say_yes(world, row)

    assert yes == world.row(row)
    assert (yes.status, yes.asks, yes.asked_at) == (Status.ACCEPTED, 0, None)
    assert yes.renewed_at == world.clock()
    assert yes.decided_at == row.decided_at
    assert yes.purge_after == datetime(2033, 3, 1, 23, 0, tzinfo=UTC)
    assert world.verbs(row)[-1] == "renew"
    world.clock.advance(days=365)
    assert asked(world, row) == [], "2032 is a leap year"
    world.clock.advance(days=1)
    assert asked(world, row) == ["renewal"]


def test_a_yes_before_the_mail_leaves_keeps_it_back(world):
    row = member(world)
    world.clock.advance(days=365)
    reminding.announce(world.context)
    say_yes(world, row)
    assert world.post() == []


def test_who_changes_something_when_asked_stays_by_it(world):
    row = member(world)
    world.clock.advance(days=365)
    asked(world, row)

    changed = correcting.correct(
        world.context, world.form(), row.id, world.answers(nome="Ánh")
    )

    assert (changed.status, changed.name) == (Status.ACCEPTED, "Ánh")
    assert (changed.asks, changed.renewed_at) == (0, world.clock())
    assert changed.decided_at == row.decided_at
    assert changed.purge_after == datetime(2033, 3, 1, 23, 0, tzinfo=UTC)


def test_a_correction_before_is_no_answer_and_takes_back_no_acceptance(world):
    row = world.proven()
    row = deciding.decide(world.context, row.id, EventVerb.ACCEPT, "staff:1")
    world.clock.advance(minutes=5)

    changed = correcting.correct(
        world.context, world.form(), row.id, world.answers(nome="Ánh")
    )

    assert (changed.status, changed.renewed_at) == (Status.ACCEPTED, None)
    assert changed.purge_after == row.purge_after
    assert "accepted" in [mail.kind for mail in world.post()]


def test_no_is_a_withdrawal_that_ends_the_questions(world):
    row = member(world)
    world.clock.advance(days=365)
    asked(world, row)
    deciding.decide(world.context, row.id, EventVerb.WITHDRAW, "citizen")
    world.clock.advance(days=30)
    assert "renewal_reminder" not in asked(world, row)
    with pytest.raises(NotAllowed):
        say_yes(world, row)


def test_who_has_no_proven_address_is_to_be_called_at_once(world):
    row = member(world, email=None)
    world.clock.advance(days=365)
    assert asked(world, row) == []
    assert world.row(row).asks == 2
    say_yes(world, row, "staff:1")
    assert world.row(row).asks == 0


def test_an_acceptance_that_has_not_settled_is_not_renewed(new_world):
    world = new_world(
        REGISTER, ("project.yml", "decision_delay: 0", "decision_delay: 5")
    )
    row = world.proven()
    deciding.decide(world.context, row.id, EventVerb.ACCEPT, "staff:1")
    with pytest.raises(NotAllowed):
        say_yes(world, row)


def test_who_is_accepted_anew_was_never_asked(world):
    row = member(world)
    world.clock.advance(days=365)
    asked(world, row)
    say_yes(world, row)
    deciding.decide(world.context, row.id, EventVerb.REOPEN, "staff:1", reason="why")
    anew = deciding.decide(world.context, row.id, EventVerb.ACCEPT, "staff:1")
    assert (anew.renewed_at, anew.promise, anew.asks) == (None, "", 0)


def test_yes_accepts_the_rule_that_was_read_and_silence_keeps_the_old_one(world):
    silent, row = member(world, email="silent@example.org"), member(world)
    world.edit(
        ("forms/every-type.yml", 'version: "1.0"', 'version: "1.1"'),
        (
            "forms/every-type.yml",
            "{years: 2, after: renewal}",
            "{months: 18, after: renewal}",
        ),
    )
    world.clock.advance(days=365)
    asked(world, row)
    with pytest.raises(RuleChanged):
        renewing.renew(world.context, row.id, "citizen", row.fingerprint)

    yes = say_yes(world, row)

    assert (yes.fingerprint, yes.promise) == (row.fingerprint, world.form().fingerprint)
    assert yes.purge_after == datetime(2032, 9, 1, 22, 0, tzinfo=UTC)
    assert (
        world.context.store.read(lambda db: world.context.promise_of(db, yes)).version
        == "1.1"
    )
    assert world.row(silent).purge_after == MEMBER_KEPT


def test_two_who_ask_at_once_send_one_mail(world):
    row = member(world)
    world.clock.advance(days=365)
    world.at_once(4, lambda n: renewing.ask(world.context))
    assert [mail.kind for mail in world.post()] == ["renewal"]
    assert world.verbs(row).count("ask_renewal") == 1


def test_who_has_answered_since_they_were_found_is_not_asked(world):
    stays, leaves, gone = (
        member(world, email=f"{name}@example.org") for name in ("a", "b", "c")
    )
    world.clock.advance(days=365)
    about = world.form().register
    due = partial(renewing._due, world.context, "every-type", about, 0)
    found = world.store.read(due)
    assert len(found) == 3
    say_yes(world, stays)
    deciding.decide(world.context, leaves.id, EventVerb.WITHDRAW, "citizen")
    deciding.erase(world.context, gone.id, "citizen")
    assert world.store.write(partial(renewing._ask, world.context, about, found)) == 0
    assert "renewal" not in [mail.kind for mail in world.post()]


def test_more_than_one_step_is_asked_to_the_last(world):
    rows = [member(world, email=f"p{n}@example.org", people=1) for n in range(3)]
    world.force(
        "UPDATE submissions SET decided_at = '2029-03-01T10:00:00+00:00' WHERE id = ?",
        rows[0].id,
    )
    assert renewing.ask(world.context) == 1
    world.clock.advance(days=365)
    # The first is to be called by now.
    assert renewing.ask(world.context) == 3
    assert [world.row(row).asks for row in rows] == [2, 1, 1]


def test_the_mail_asks_in_the_words_of_today_and_leads_to_the_page(world):
    row = member(world)
    world.clock.advance(days=365)
    reminding.announce(world.context)
    mail = mail_delivery.claim(world.context)

    said = paragraphs(world.message(mail, "https://example.org"))

    texts = [part.text for part in said]
    assert "Vuoi restare nel registro?" in texts
    assert f"https://example.org/r/{world.personal(row)}/resto" in [
        p.link for p in said
    ]
    assert mail.kind == kinds.renewal.name


def test_a_form_that_keeps_no_register_asks_nobody(new_world):
    world = new_world()
    row = member(world)
    world.clock.advance(days=400)
    assert asked(world, row) == []
    assert world.context.register_of("gone") is None
