"""Who read, decided and took out, by person and day: a page for administrators."""

from datetime import UTC, datetime, timedelta

import pytest

from clerk import CARLA, decision, prove, send
from forms_service.store import audit_trail, events
from forms_service.store.events import EventVerb
from forms_service.store.staff_rights import Grant, StaffRole
from forms_service.store.visibility import VisibleForms

pytest_plugins = ["life"]

PAGE = "/staff/attivita"


def lines(page):
    """Return the cells of each line of the table."""
    return [
        [" ".join(cell.text_content().split()) for cell in row.iterchildren()]
        for row in page.find("//tbody/tr")
    ]


def test_what_was_read_decided_and_taken_out_is_counted_by_person_and_day(
    service, clerk, new_clerk
):
    submission = prove(service, send(service))
    bruno = new_clerk("bruno@example.org")
    service.clock.advance(hours=13, minutes=59)  # five to midnight in Rome
    bruno.sign_in()
    bruno.get(bruno.submission(submission.id))
    service.clock.advance(minutes=2)
    bruno.send(decision(bruno, submission, "accept"), "/accept")
    table = bruno.get("/staff/tabelle/volontari")
    bruno.send(table, "/volontari", format="csv", reason="check")

    clerk.sign_in()
    page = clerk.get(PAGE)
    assert lines(page) == [
        ["21 giugno 2020"],
        [CARLA, "0", "0", "0", "1"],
        ["bruno@example.org", "1", "1", "1", "0"],
        ["20 giugno 2020"],
        [CARLA, "0", "0", "0", "2"],
        ["bruno@example.org", "1", "0", "0", "2"],
    ]
    (link,) = page.find("//tbody[1]/tr[3]//a/@href")
    day = clerk.get(link)
    said = [" ".join(line.text_content().split()) for line in day.find("//main//li")]
    title = service.context.content.form("volontari").title
    assert said[0] == f"00:01 Tabella o copia esportata {title}, 1 richiesta"
    assert said[1] == f"00:01 Richiesta accolta {submission.reference} {title}"
    assert day.find(f"//main//a[@href='{clerk.submission(submission.id)}']")
    # Nobody who sent a request is named.
    assert "Nguyễn" not in page.text + day.text


def test_a_day_of_many_acts_and_older_days_are_paged(service, clerk):
    def job(db):
        for second in range(450):
            at = service.clock() + timedelta(seconds=second)
            events.record(db, at, "staff:1", EventVerb.READ, None)

    service.context.store.write(job)
    here, found = f"{PAGE}?chi=1&giorno=2020-06-20", []
    while here:
        page = clerk.get(here)
        found += page.find("//main//li")
        here = next(iter(page.find("//main//a[@rel='next']/@href")), "")
    assert len(found) == 452  # the password and the sign-in too
    (earlier,) = clerk.get(PAGE).find("//main//a[contains(., 'precedenti')]/@href")
    older = clerk.get(earlier)
    assert "nessuno ha fatto niente" in older.text
    assert (
        "Niente in questo giorno" in clerk.get(f"{PAGE}?chi=9&giorno=2020-06-20").text
    )
    for odd in (
        "?giorno=x",
        "?fino=9999-12-31",
        "?fino=0001-01-01",
        "?giorno=2020-02-31",
    ):
        assert clerk.get(PAGE + odd).status == 404
    assert clerk.get(f"{PAGE}?chi=x&prima=-1").status == 200


@pytest.mark.slow
def test_an_administrator_of_some_forms_learns_no_reference_of_another(
    service, clerk, new_clerk
):
    submission = prove(service, send(service))
    clerk.get(clerk.submission(submission.id))
    grant = Grant(StaffRole.ADMINISTRATOR, VisibleForms(frozenset({"corso"})))
    dora = new_clerk("dora@example.org", grant)
    dora.sign_in()
    page = dora.get(f"{PAGE}?chi=1&giorno=2020-06-20")
    assert "Risposte lette" in page.text
    assert submission.reference not in page.text
    title = service.context.content.form("volontari").title
    assert title not in page.text


@pytest.mark.engine("sqlite")
def test_only_entries_of_staff_are_read_for_it(world):
    since = datetime(2030, 3, 1, tzinfo=UTC)
    until = since + timedelta(days=1)
    for ask in (
        lambda db: audit_trail.totals(db, since, until),
        lambda db: audit_trail.acts(db, "staff:1", (since, until), 0, 9),
    ):
        assert any("events_staff" in step for step in world.plan(ask))


def test_entries_are_counted_and_listed_for_those_on_the_staff(world):
    submission = world.proven()
    now = world.clock()

    def job(db):
        for actor in ("staff:1", "staff:1", "citizen", "staff:2"):
            events.record(db, now, actor, EventVerb.READ, submission.id)

    world.store.write(job)
    day = (now, now + timedelta(hours=1))
    counted = world.store.read(lambda db: audit_trail.totals(db, *day))
    assert sorted(counted) == [("staff:1", "read", 2), ("staff:2", "read", 1)]
    first, second = world.store.read(
        lambda db: audit_trail.acts(db, "staff:1", day, 0, 9)
    )
    assert (first.reference, first.form_id) == (submission.reference, "every-type")
    (older,) = world.store.read(
        lambda db: audit_trail.acts(db, "staff:1", day, first.id, 9)
    )
    assert older == second
