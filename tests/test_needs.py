"""What needs something of staff, whatever its state."""

from datetime import date, timedelta
from functools import partial

import pytest

from clerk import prove, send
from forms_service.store import needs as need_rows
from forms_service.store import submissions
from forms_service.store.events import EventVerb
from forms_service.store.needs import Need, Situation
from forms_service.store.submissions import Proof, Source, Status
from forms_service.workflow import (
    assigning,
    correcting,
    deciding,
    desk_entry,
    mail_delivery,
    needed,
    renewing,
)
from sample_content import REGISTER
from test_staff_queue import badges, first_names, follow, tabs

pytest_plugins = ["life"]


def found(world):
    return world.store.read(partial(needed.find, world.context))


def fail(world, submission):
    """Let the newest mail of a request come back."""
    while mail := mail_delivery.claim(world.context):
        refused = mail.submission == submission.id
        if refused:
            mail_delivery.report_failure(world.context, mail, "550 no", permanent=True)
        else:
            mail_delivery.report_sent(world.context, mail)


def test_a_request_that_is_on_its_way_needs_nothing(world):
    world.proven(telefono="0564 484111")
    world.sent("b@example.org", telefono="0564 484112")
    assert found(world) == {}


def test_a_failed_mail_needs_somebody_until_a_note_or_another_mail(world):
    first, other = world.proven(), world.proven("b@example.org")
    world.post()
    for row in (first, other):
        deciding.decide(world.context, row.id, EventVerb.ACCEPT, "staff:1")
    world.clock.advance(minutes=5)
    fail(world, first)
    assert found(world) == {first.number: [Need.MAIL]}
    deciding.decide(world.context, first.id, EventVerb.WITHDRAW, "staff:1")
    assert found(world) == {}
    fail(world, first)
    assert found(world) == {first.number: [Need.MAIL]}
    deciding.add_note(world.context, first.id, world.clerk.id, "Avvisata per telefono")
    assert found(world) == {}


def test_a_correction_that_has_come_back_is_to_be_seen(world):
    submission = world.proven()
    asked = {"fields": ["note"], "reason": "Manca"}
    verb = EventVerb.ASK_CORRECTION
    deciding.decide(world.context, submission.id, verb, "staff:1", **asked)
    assert found(world) == {}
    answers = world.answers(note="Ecco")
    correcting.correct(world.context, world.form(), submission.id, answers)
    assert found(world) == {submission.number: [Need.CORRECTED]}
    deciding.decide(world.context, submission.id, EventVerb.ACCEPT, "staff:1")
    assert found(world) == {}


def test_a_correction_that_is_waited_for_no_more_has_not_come_back(world):
    submission = world.proven()
    for verb in (EventVerb.ASK_CORRECTION, EventVerb.STOP_WAITING):
        deciding.decide(world.context, submission.id, verb, "staff:1", fields=["note"])
    assert found(world) == {}


@pytest.mark.parametrize(
    ("left", "status", "presses"),
    [
        (8, Status.NEW, False),
        (7, Status.NEW, True),
        (-9, Status.CORRECTION_ASKED, True),
        (-9, Status.ACCEPTED, False),
        (None, Status.NEW, False),
    ],
)
def test_what_is_due_within_a_week_or_late_presses(world, left, status, presses):
    submission = world.proven()
    day = None if left is None else date(2030, 3, 1) + timedelta(days=left)
    world.store.write(
        lambda db: submissions.change(db, submission, status=status, due_on=day)
    )
    assert found(world) == ({submission.number: [Need.DUE]} if presses else {})


def test_who_is_not_known_and_has_a_phone_is_phoned(world):
    def enter(proof, **more):
        entry = desk_entry.DeskEntry(Source.PAPER, date(2030, 3, 1), proof)
        given = world.answers(None, **more)
        return desk_entry.enter(world.context, world.form(), given, entry, "staff:1")

    unknown = enter(Proof.NONE, telefono="0564 484111")
    enter(Proof.NONE)
    enter(Proof.IN_PERSON, telefono="0564 484111")
    unproven = world.sent(telefono="0564 484112")
    assert found(world) == {unknown.number: [Need.UNPROVEN]}
    world.clock.advance(days=1)
    assert found(world) == {
        unknown.number: [Need.UNPROVEN],
        unproven.number: [Need.UNPROVEN],
    }


def test_a_member_who_gives_no_answer_is_called_and_a_change_is_seen(new_world):
    world = new_world(REGISTER)
    submission = world.proven()
    deciding.decide(world.context, submission.id, EventVerb.ACCEPT, "staff:1")
    answers = world.answers(note="Ecco")
    correcting.correct(world.context, world.form(), submission.id, answers)
    assert found(world) == {submission.number: [Need.CHANGED]}
    deciding.read_by_staff(world.context, submission.id, "staff:1")
    assert found(world) == {}
    for days in (365, 30):
        world.clock.advance(days=days)
        renewing.ask(world.context)
        world.post()
    assert found(world) == {submission.number: [Need.RENEWAL]}
    mark = world.form().fingerprint
    renewing.renew(world.context, submission.id, "staff:1", mark)
    assert found(world) == {}


def test_a_freed_place_is_for_the_first_in_line_that_fits(new_world):
    world = new_world()
    holder = world.proven(people=6)
    first = world.proven("b@example.org", people=6)
    world.proven("c@example.org", people=2)
    assert found(world) == {}
    deciding.decide(world.context, holder.id, EventVerb.WITHDRAW, "staff:1")
    assert found(world) == {first.number: [Need.PLACE]}
    deciding.promote(world.context, first.id, "staff:1")
    assert [*found(world).values()] == [[Need.PLACE]]
    world.clock.advance(days=500)
    assert not any(Need.PLACE in kinds for kinds in found(world).values())


def test_of_a_form_that_gives_places_by_itself_nobody_has_to(new_world):
    world = new_world(
        ("forms/every-type.yml", "promotion: staff", "promotion: automatic")
    )
    for number in range(3):
        world.proven(f"n{number}@example.org", people=6)
    world.force("UPDATE submissions SET place = 'none' WHERE number = 1")
    assert found(world) == {}


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("kind", "indexes"),
    [
        (Need.MAIL, ["outbox_stopped"]),
        (Need.CORRECTED, ["events_asked", "autoindex_submissions"]),
        (Need.CHANGED, ["events_corrected", "autoindex_submissions"]),
        (Need.DUE, ["submissions_due"]),
        (Need.UNPROVEN, ["submissions_unproven", "submissions_status"]),
        (Need.RENEWAL, ["submissions_to_call"]),
    ],
)
def test_each_kind_is_found_by_an_index_of_its_own(world, kind, indexes):
    at = Situation(world.clock(), date(2030, 3, 1))
    steps = world.plan(lambda db: need_rows.find(db, at, [kind]))
    for index in indexes:
        assert any(index in step for step in steps), steps
    assert not [s for s in steps if s == "SCAN submissions"], steps


def test_the_tabs_count_and_show_what_needs_something_and_what_is_mine(service, clerk):
    late = prove(service, send(service, "barriere", nome_completo="Amina"))
    mine = prove(service, send(service, nome_completo="Bruno"))
    colleague = service.context.store.read(assigning.colleagues)[0]
    assigning.assign(service.context, mine.id, colleague.id, "staff:1", None)
    assert {"Serve qualcosa 0", "Mie 1"} <= set(tabs(clerk.get("/staff/")))
    page = clerk.get("/staff/?stato=mie")
    assert first_names(page) == ["Bruno"]
    (link,) = page.find("//main//li[@class='request']//a/@href")
    assert "stato=mie" in link
    service.clock.advance(days=25)
    clerk.sign_in()
    page = clerk.get("/staff/?stato=serve")
    assert "Serve qualcosa 1" in tabs(page)
    assert first_names(page) == ["Amina"]
    assert page.find("//ul[@class='tabs']//a[@aria-current='page']/@href") == [
        "/staff/?stato=serve"
    ]
    assert "Serve qualcosa 0" in tabs(clerk.get("/staff/?modulo=volontari"))
    # What is one's own is not narrowed to who sees to it: figure and list agree.
    for other in ("nessuno", "99"):
        page = clerk.get(f"/staff/?stato=tutte&chi={other}")
        assert "Mie 1" in tabs(page)
        page = follow(clerk, page, "Mie 1")
        assert "Mie 1" in tabs(page)
        assert first_names(page) == ["Bruno"]
        page = clerk.get(f"/staff/?stato=mie&chi={other}")
        assert ("Mie 1" in tabs(page), first_names(page)) == (True, ["Bruno"])
        assert not page.find("//select[@id='chi']")
    deciding.decide(service.context, late.id, EventVerb.ACCEPT, "staff:1")
    deciding.decide(service.context, mine.id, EventVerb.ACCEPT, "staff:1")
    assert {"Serve qualcosa 0", "Mie 0"} <= set(tabs(clerk.get("/staff/")))


def test_the_list_says_that_a_place_is_free(with_places):
    service, clerk = with_places
    holder, _ = (
        prove(service, send(service, "every-type", persone="6", email=email))
        for email in ("a@example.org", "b@example.org")
    )
    deciding.decide(service.context, holder.id, EventVerb.WITHDRAW, "staff:1")
    page = clerk.get("/staff/?stato=serve")
    assert badges(page)[1] == "Posto libero, prima in lista"
