"""After a flood: unproven requests looked at and discarded together, nothing else."""

from contextlib import closing
from dataclasses import replace

import pytest

from clerk import log, prove, send
from forms_service.store import flood, submissions
from forms_service.store.postgres import connect
from forms_service.workflow import discarding

pytest_plugins = ["life"]

PAGE = "/staff/non-confermate"


def there(service, submission):
    return service.context.store.read(
        lambda db: submissions.is_there(db, submission.id)
    )


def test_an_hour_is_looked_at_and_discarded_together(service, clerk, clock):
    early = send(service, email="early@example.org")
    for _ in range(3):
        clock.advance(minutes=20)
        clerk.get(PAGE)
    rows = [send(service, email=f"p{number}@example.org") for number in range(5)]
    kept = prove(service, rows.pop())

    listed = clerk.get(PAGE)
    assert len(listed.find("//tbody/tr")) == 2
    (link,) = listed.find("//tbody//a[contains(@href, 'volontari')]/@href")[:1]
    shown = clerk.get(link)
    assert "p0@example.org" in shown.text
    assert "early@example.org" not in shown.text
    # It comes after the page was read.
    later = send(service, email="later@example.org")

    done = clerk.send(shown, "/non-confermate")
    assert (done.status, done.location) == (303, PAGE)
    assert "4 richieste sono scartate." in clerk.get(PAGE).text
    assert not any(there(service, row) for row in rows)
    assert all(there(service, row) for row in (early, kept, later))
    assert len([verb for _, verb, _ in log(service) if verb == "erase"]) == 4


@pytest.mark.engine("postgresql")
def test_only_those_of_one_step_are_held_while_they_are_discarded(world):
    numbers = [world.sent(f"p{n}@example.org").number for n in range(4)]
    [hour] = world.store.read(flood.hours)

    def held(db):
        found = [row.number for row in flood.of_hour(db, hour, 2)]
        free = "SELECT number FROM submissions ORDER BY number FOR UPDATE SKIP LOCKED"
        with closing(connect(world.store.where)) as other:
            return found, [row[0] for row in other.execute(free)]

    assert world.store.write(held) == (numbers[:1:-1], numbers[:2])


def test_without_any_there_is_nothing_to_discard(service, clerk):
    assert "Nessuna richiesta." in clerk.get(PAGE).text
    assert clerk.get(f"{PAGE}?modulo=x&ora=y").status == 200


@pytest.mark.parametrize("last", ["", "x", "9" * 20, "²"])
def test_what_no_page_of_ours_sends_discards_nothing(service, clerk, last):
    row = send(service)
    page = clerk.get(PAGE)
    hour = service.context.store.read(flood.hours)[0]
    page = clerk.get(f"{PAGE}?modulo={hour.form_id}&ora={hour.begins}")
    assert clerk.send(page, "/non-confermate", ultima=last).status == 404
    assert there(service, row)


def test_of_another_form_or_hour_nothing_is_discarded(service):
    row = send(service)
    (hour,) = service.context.store.read(flood.hours)
    for other in (
        replace(hour, form_id="corso"),
        replace(hour, begins="2020-01-01T00"),
        replace(hour, last=0),
    ):
        assert discarding.discard(service.context, other, "staff:1") == 0
    assert there(service, row)
    assert discarding.discard(service.context, hour, "staff:1") == 1
