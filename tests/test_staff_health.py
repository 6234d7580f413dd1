"""The page of staff that says whether all is well, and what to do where it is not."""

import sqlite3
from contextlib import closing

import pytest

from clerk import prove, send
from forms_service.clock import Machine
from forms_service.store import alarms, events
from forms_service.store.alarms import Alarm, AlarmKind
from forms_service.store.events import EventVerb
from forms_service.web.staff import health
from forms_service.workflow.alarm_watch import LAST_COPY
from forms_service.workflow.timekeeper import Timekeeper


def facts(page):
    rows = page.find("//dl[@class='summary']/div")
    return {row[0].text_content(): row[1].text_content() for row in rows}


def test_nothing_is_wrong_and_the_facts_say_how_it_stands(service, clerk):
    prove(service, send(service))
    page = clerk.get("/staff/salute")
    assert "Niente richiede attenzione." in page.text
    said = facts(page)
    assert said["Email in uscita"] == "in attesa: 2, non consegnate: 0, trattenute: 0"
    assert said["Ultima copia dei dati"] == "qui non ne è stata fatta ancora nessuna"
    assert said["Richieste da cancellare nei prossimi 7 giorni"] == "0"
    assert "Lingue che nessuno ha ancora controllato" in said
    failed = "UPDATE outbox SET failed_at = '2020-06-20T00:00:00Z', reason = 'x'"
    service.context.store.write(lambda db: db.execute(f"{failed} WHERE id = 1"))
    page = clerk.get("/staff/salute")
    assert "Niente richiede attenzione." not in page.text
    assert "1 email non è stata consegnata." in page.text


def test_an_alarm_says_what_happened_since_when_and_what_to_do(service, clerk):
    alarm, now = Alarm(AlarmKind.DISK, {"percent": 91}), service.clock.now
    service.context.store.write(lambda db: alarms.raise_(db, alarm, "host:/x", now))
    page = clerk.get("/staff/salute")
    assert "Niente richiede attenzione." not in page.text
    assert "Il disco dei dati è pieno al 91 %." in page.text
    assert "(disk)" in page.text
    assert "host:/x" in page.text


@pytest.mark.engine("sqlite")  # one lock for all that write
def test_who_is_signed_in_reads_that_nothing_can_be_written(service, clerk):
    service.clock.advance(minutes=2)
    with closing(sqlite3.connect(service.config.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        page = clerk.get("/staff/salute")
    assert page.status == 200
    assert "La banca dati rifiuta di scrivere (BUSY: others are writing)" in page.text
    assert "Fai posto sul suo disco" in page.text
    assert "Dal 20 giugno 2020, ore 10:02 (database)." in page.text
    assert "rifiuta di scrivere" not in clerk.get("/staff/salute").text


def test_a_clock_in_doubt_is_told_with_both_times_and_nothing_is_due_by_it(
    service, clerk
):
    send(service)
    machine = Machine(service.clock, lambda: 5.0, lambda: True)
    keeper = Timekeeper(service.context.store, machine)
    object.__setattr__(service.context, "timekeeper", keeper)
    service.clock.advance(days=4000)
    keeper.look(None)
    clerk.sign_in()
    late = prove(service, send(service, nome_completo="Bruno"))
    assert "Orologio in dubbio" in clerk.get("/staff/").text
    said = "L’orologio del server era già in dubbio quando"
    assert said in clerk.get(clerk.submission(late.id)).text
    said = facts(clerk.get("/staff/salute"))
    assert said["Orologio di sistema"] == (
        "dice 3 giugno 2031, ore 10:00; secondo il tempo trascorso è 20 giugno 2020, "
        "ore 10:00"
    )
    assert said["Richieste da cancellare nei prossimi 7 giorni"] == "0"


def test_a_copy_that_was_put_back_is_told_with_what_came_of_it(service, clerk):
    about, now = {"held": 2, "erased": 1}, service.clock()
    service.context.store.write(
        lambda db: events.record(db, now, "command", EventVerb.RESTORE, None, about)
    )
    assert facts(clerk.get("/staff/salute"))["È stata ripristinata una copia"] == (
        "20 giugno 2020, ore 10:00; cancellate di nuovo: 1, email trattenute: 2"
    )


def test_the_last_copy_and_what_is_erased_soon_are_told(service, clerk, monkeypatch):
    monkeypatch.setattr(health, "MANY", 1)
    for number in range(2):
        send(service, email=f"n{number}@example.org")
    service.clock.advance(days=25)
    clerk.sign_in()
    (service.config.data_dir / LAST_COPY).touch()
    said = facts(clerk.get("/staff/salute"))
    assert "nessuna" not in said["Ultima copia dei dati"]
    assert said["Richieste da cancellare nei prossimi 7 giorni"] == "> 1"
