"""Finding members of a register, and noting that they were contacted."""

import json
from datetime import date

import pytest

from forms_service.definition.checks import check_form
from forms_service.definition.problems import Problems
from forms_service.store import contacts, queue, register
from forms_service.store.contacts import ContactNote, ContactOutcome, Means
from forms_service.store.events import EventVerb
from forms_service.store.filters import Chosen, Filter
from forms_service.workflow import deciding, membership
from forms_service.workflow.transitions import NotAllowed
from sample_content import REGISTER, form_with

pytest_plugins = ["life"]

WALL, SHADE = Chosen("profilo", ("persona",)), Chosen("interessi", ("orto",), many=True)
SEEDS = Chosen("interessi", ("no", "orto"), many=True)
TODAY = date(2030, 3, 1)
FIELDS = "- {id: a, type: text, label: A, purpose: P}"
NOTE = ContactNote(None, None, Means.PHONE, ContactOutcome.LATER, "the garden")


@pytest.fixture
def world(new_world):
    return new_world(REGISTER)


def member(world, name, **answers):
    row = world.proven(f"{name}@example.org", nome=name, **answers)
    return deciding.decide(world.context, row.id, EventVerb.ACCEPT, "staff:1")


def names(found):
    return [row.name for row in found]


def test_members_are_found_by_answers_and_in_the_order_of_their_turn(world):
    anna, bruno = member(world, "anna"), member(world, "bruno", interessi="no")
    world.proven("new@example.org", nome="new")
    wanted = [WALL, SHADE]

    def found(*chosen, **more):
        return world.store.read(
            lambda db: names(
                register.members(db, "every-type", chosen, TODAY, 9, **more)
            )
        )

    assert found() == found(WALL, SEEDS) == ["anna", "bruno"]
    assert found(*wanted) == ["anna"]
    assert found(WALL, lacks=SHADE) == ["bruno"]
    near = world.store.read(
        lambda db: register.near(db, "every-type", wanted, TODAY, 9)
    )
    assert [(row.id, lacks) for row, lacks in near] == [(bruno.id, SHADE)]
    assert not world.store.read(
        lambda db: register.near(db, "every-type", wanted[1:], TODAY, 9)
    )
    # As the list of requests and its export find them.
    listed = Filter(form_id="every-type", status="accepted", answers=(WALL, SHADE))
    assert names(world.store.read(lambda db: queue.queue(db, listed, 9))) == ["anna"]
    membership.contacted(world.context, anna.id, 1, NOTE, None)
    assert found() == ["bruno", "anna"]


def test_who_has_no_time_is_said_apart_until_the_day_is_over(world):
    anna = member(world, "anna")
    membership.contacted(world.context, anna.id, 1, NOTE, TODAY)

    def search():
        return membership.search(world.context, "every-type", [SHADE], "staff:1")

    found = search()
    assert (names(found.hits), names(found.paused)) == ([], ["anna"])
    world.clock.advance(days=1)
    found = search()
    assert (names(found.hits), names(found.paused), found.more) == (["anna"], [], False)
    searches = world.sql(
        "SELECT detail FROM events WHERE verb = 'search_register' ORDER BY id"
    )
    assert [json.loads(detail) for (detail,) in searches] == [
        {"form": "every-type", "fields": ["interessi"], "hits": hits} for hits in (0, 1)
    ]


def test_a_contact_is_kept_with_the_row_and_leaves_with_it(world):
    anna = member(world, "anna")
    membership.contacted(world.context, anna.id, 1, NOTE, None)
    (kept,) = world.store.read(lambda db: contacts.of_submission(db, anna.id))
    assert (kept.at, kept.staff, kept.purpose) == (world.clock(), 1, "the garden")
    assert world.row(anna).revision == anna.revision + 1, "only the acceptance counts"
    assert world.verbs(anna)[-1] == "contact"
    new = world.proven("new@example.org")
    with pytest.raises(NotAllowed):
        membership.contacted(world.context, new.id, 1, NOTE, None)
    deciding.erase(world.context, anna.id, "staff:1")
    assert world.sql("SELECT * FROM contacts") == []


@pytest.mark.engine("sqlite")
def test_one_answer_of_few_finds_its_rows_by_its_own_index(world):
    def plan(*chosen):
        return world.plan(
            lambda db: register.members(db, "every-type", chosen, TODAY, 9)
        )

    assert "submissions_members" in plan(SHADE)[0]
    assert "every-type:profilo" in plan(WALL, SHADE)[0]
    asked = world.plan(
        lambda db: register.to_ask(db, "every-type", 0, world.clock(), 9)
    )
    assert "submissions_renewal" in asked[0]


NAMED = "name: R, question: Stay?, stay: I stay"


@pytest.mark.parametrize(
    ("keys", "problem"),
    [("show: [a], together: [a]", ""),
     ("show: [b]", "register.show: no field is called “b” (known: a)"),
     ("together: [b]", "register.together: no field is called “b” (known: a)"),
     ("renew: {months: 1}", "register.renew: renew and remind come together")],
)  # fmt: skip
def test_a_register_names_what_is_asked_and_is_no_new_version(keys, problem):
    form, found = form_with(FIELDS, f"register: {{{NAMED}, {keys}}}"), Problems("tiny")
    check_form(form, [], found)
    told = [str(finding).partition(": ")[2] for finding in found.found]
    assert [p for p in told if p.startswith("register")] == [problem][: bool(problem)]
    assert form.fingerprint == form_with(FIELDS).fingerprint
