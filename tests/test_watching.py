"""Two people on one request: who else reads it, who was faster, and no word lost."""

import pytest

from clerk import decision, prove, row, send
from forms_service.store import events
from forms_service.workflow import deciding

pytest_plugins = ["life"]
LUCA = "luca@example.org"


@pytest.fixture
def luca(new_clerk):
    made = new_clerk(LUCA)
    assert made.sign_in().status == 303
    return made


def watched(page):
    return [p.text_content() for p in page.find("//p[@class='watcher']")]


def test_who_reads_it_too_is_said_on_every_page_of_the_request(service, clerk, luca):
    submission = prove(service, send(service))
    here = clerk.submission(submission.id)
    assert watched(clerk.get(here)) == []
    service.clock.advance(minutes=3)
    luca.get(here)
    for tail in ("", "/esito/accept", "/correggi", "/indirizzo"):
        assert watched(luca.get(here + tail)) == [
            "La sta guardando anche carla@example.org, da 3 minuti."
        ]
    assert watched(clerk.get(here)) == [
        "La sta guardando anche luca@example.org, da 1 minuto."
    ]


def test_who_has_gone_on_to_another_or_has_left_is_not_named(service, clerk, luca):
    one, other = (prove(service, send(service, email=f"{n}@a.example")) for n in "ab")
    clerk.get(clerk.submission(one.id))
    clerk.get(clerk.submission(other.id))
    assert watched(luca.get(luca.submission(one.id))) == []
    assert len(watched(luca.get(luca.submission(other.id)))) == 1
    service.clock.advance(minutes=11)
    assert watched(luca.get(luca.submission(other.id))) == []


def test_the_readers_of_a_row_are_its_staff_of_late(world):
    one, other = world.proven(), world.proven("b@example.org")
    deciding.read_by_staff(world.context, one.id, "staff:1")
    deciding.read_by_staff(world.context, one.id, "staff:2")
    world.clock.advance(minutes=5)
    deciding.read_by_staff(world.context, one.id, "staff:1")
    deciding.read_by_staff(world.context, other.id, "staff:2")

    def readers(since):
        return world.store.read(lambda db: events.readers(db, one.id, since))

    now = world.clock()
    assert readers(now.replace(minute=0)) == {"staff:1": now.replace(minute=0)}
    assert readers(now) == {"staff:1": now}


def test_what_was_typed_is_spoken_of_only_where_something_was(service, clerk, luca):
    submission = prove(service, send(service))
    plain = decision(clerk, submission, "accept")
    typed = decision(clerk, submission, "decline")
    service.clock.advance(minutes=1)
    luca.send(
        decision(luca, submission, "ask_correction"),
        "/ask_correction",
        campo=["comune"],
    )
    refused = clerk.send(plain, "/accept")
    assert refused.status == 409
    assert "Chiesta una correzione luca@example.org" in refused.text
    assert "ancora qui" not in refused.text
    refused = clerk.send(typed, "/decline", motivo="Perché no")
    assert "Quello che hai scritto è ancora qui" in refused.text
    assert refused.controls()["motivo"] == ["Perché no"]
    assert row(service, submission).status == "correction_asked"


def test_a_page_about_an_error_has_the_menu_of_all_others(clerk, service):
    gone = clerk.get(clerk.submission("gone"))
    assert gone.status == 404
    links = "//nav[@aria-label='Menu principale']//a/@href"
    assert gone.find(links) == clerk.get("/staff/").find(links) != []
    outside = service.get("/staff/benvenuto/nobody")
    assert (outside.status, outside.find("//header//a[@href='/staff/']")) == (404, [])
