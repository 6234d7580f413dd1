"""Who of the staff sees to a request: one person, or nobody."""

from functools import partial

import pytest

from clerk import log, prove, row, send
from forms_service.mail.compose import preview
from forms_service.store import queue, staff, staff_rights
from forms_service.store.filters import NOBODY, Filter
from forms_service.store.staff_rights import EVERYTHING, Grant, StaffRole
from forms_service.store.visibility import ALL_FORMS
from forms_service.workflow import accounts, assigning, mail_queue
from forms_service.workflow.assigning import AssignedMeanwhile, NoSuchColleague

pytest_plugins = ["life"]
BRUNO = "bruno@example.org"


def colleague(world, email):
    made = world.store.write(
        partial(staff.invite, email=email, now=world.clock(), expires=world.clock())
    )
    generation = made.setup_generation
    world.store.write(lambda db: staff.set_password(db, made.id, generation, "x"))
    world.store.write(lambda db: staff_rights.grant(db, made.id, EVERYTHING))
    return made


def found(world, assignee):
    wanted = Filter(assignee=assignee)
    rows = world.store.read(lambda db: queue.queue(db, wanted, 9))
    return [submission.id for submission in rows]


def test_a_request_is_taken_over_passed_on_and_given_back(world):
    submission, other = world.proven(), world.proven(email="b@example.org")
    bruno = colleague(world, BRUNO)

    def give(to, seen):
        return assigning.assign(world.context, submission.id, to, "staff:1", seen)

    assert give(bruno.id, None).assignee == bruno.id
    assert give(bruno.id, None).assignee == bruno.id  # pressed twice
    with pytest.raises(AssignedMeanwhile):
        give(None, None)
    with pytest.raises(NoSuchColleague):
        give(world.clerk.id, bruno.id)  # invited, without a password yet
    dora = colleague(world, "dora@example.org")
    for grant in (Grant(StaffRole.REVIEWER), Grant(StaffRole.READER, ALL_FORMS)):
        world.store.write(partial(staff_rights.grant, staff_id=dora.id, given=grant))
        with pytest.raises(NoSuchColleague):
            give(dora.id, bruno.id)  # does not see the form, or does not decide
    assert found(world, bruno.id) == [submission.id]
    assert found(world, NOBODY) == [other.id]
    assert give(None, bruno.id).assignee is None
    kept = [e.detail for e in world.events(submission) if e.verb == "assign"]
    assert kept == [{"staff": bruno.id}, {}]


def test_it_changes_nothing_that_a_decision_rests_on(world):
    submission = world.proven()
    before = world.row(submission).revision
    bruno = colleague(world, BRUNO)
    assigning.assign(world.context, submission.id, bruno.id, "staff:1", None)
    assert world.row(submission).revision == before


def test_what_a_removed_member_saw_to_is_nobodys(world):
    submission, bruno = world.proven(), colleague(world, BRUNO)
    assigning.assign(world.context, submission.id, bruno.id, "staff:1", None)
    accounts.remove(world.context, BRUNO)
    assert world.row(submission).assignee is None


def test_the_hourly_mail_says_how_many_are_of_the_reader(world):
    mine, bruno = world.proven(), colleague(world, BRUNO)
    world.proven(email="b@example.org")
    assigning.assign(world.context, mine.id, bruno.id, "staff:1", None)
    for member in (world.clerk.id, bruno.id):
        accounts.want_mail(world.context, member, True)
    world.post()
    mail_queue.queue_digests(world.context)
    texts = {mail.email: preview(world.message(mail)).text for mail in world.post()}
    assert "Ci sono 2 richieste da esaminare. 1 è tua." in texts[BRUNO]
    assert "Ci sono 2 richieste da esaminare.\n" in texts[world.clerk.email]


def test_the_page_of_a_request_hands_it_over_and_the_list_shows_it(
    service, clerk, new_clerk
):
    submission = prove(service, send(service))
    prove(service, send(service, email="altra@example.org", nome_completo="Altra"))
    bruno = new_clerk(BRUNO)
    bruno.sign_in()
    here = clerk.submission(submission.id)
    stale = bruno.get(here)

    take, pass_on = by_ending(clerk.get(here), "/assegna")
    assert clerk.post(*take).status == 303
    page = clerk.get(here)
    assert "Ora la richiesta è tua." in page.text
    assert "Te ne occupi tu." in page.text
    assert "Tua" in badges(clerk.get("/staff/?chi=1"))
    assert "carla" in badges(bruno.get("/staff/?chi=1"))
    assert "Altra" not in clerk.get("/staff/?chi=1").text
    assert "Altra" in clerk.get("/staff/?chi=nessuno").text

    late = bruno.post(*by_ending(stale, "/assegna")[0])
    assert (late.status, row(service, submission).assignee) == (409, 1)
    assert "Ora se ne occupa un’altra persona" in late.text
    assert "Se ne occupa carla@example.org." in late.text

    back, pass_on = by_ending(page, "/assegna")
    assert clerk.post(*pass_on).status == 303
    assert row(service, submission).assignee == 2
    back, _ = by_ending(bruno.get(here), "/assegna")
    assert bruno.post(*back).status == 303
    assert row(service, submission).assignee is None
    given = [event for event in log(service) if event[1] == "assign"]
    assert given == [
        ("staff:1", "assign", '{"staff": 1}'),
        ("staff:1", "assign", '{"staff": 2}'),
        ("staff:2", "assign", "{}"),
    ]


def by_ending(page, ending):
    """Return address and values of each form that posts to an address."""
    forms = [f for f in page.find("//main//form") if ending in f.get("action")]
    return [(form.get("action"), page.sent_by(form)) for form in forms]


def badges(page):
    return [badge.text_content() for badge in page.find("//*[@class='badge']")]
