"""Who is told by phone what no mail tells: who waits for a call, and who was called."""

import sqlite3
from datetime import date, timedelta
from functools import partial

import pytest

from clerk import decision, notes, send
from forms_service.clock import utc_text
from forms_service.content.loading import EventFiles
from forms_service.i18n import Translator
from forms_service.store import calls, outbox, postgres_schema
from forms_service.store.calls import CallReason
from forms_service.store.events import EventVerb
from forms_service.store.needs import Need
from forms_service.store.submissions import Proof, Source, Status
from forms_service.web.staff import call_words
from forms_service.workflow import (
    calling,
    capacity,
    correcting,
    deciding,
    desk_entry,
    mail_delivery,
    maintenance,
    messaging,
    needed,
    settling,
    verification,
)
from forms_service.workflow.transitions import Settled
from test_bulk import DELAY, NO_LIMIT
from test_event_status import CANCELLED, POSTPONED, change
from test_messaging import ACT, EN, NONE, choice, written
from test_reminding import BEGINS, kinds, link, look
from test_reminding import party as party

pytest_plugins = ["life"]

STAFF = "staff:1"
TEL = "0564 484111"
CALL_ME = (
    "forms/every-type.yml",
    "contact: email\n",
    "contact: email\ncall_when: {field: interessi, includes: orto}\n",
)


@pytest.fixture
def world(new_world):
    """A world in which a decision can be taken back for five minutes."""
    return new_world(DELAY, NO_LIMIT)


def on_paper(world, email=None, **given):
    """Enter somebody at the desk who is known and has no mailbox."""
    entry = desk_entry.DeskEntry(Source.PAPER, date(2030, 3, 1), Proof.IN_PERSON)
    answers = world.answers(email, **{"telefono": TEL, **given})
    return desk_entry.enter(world.context, world.form(), answers, entry, STAFF)


def waiting(world):
    """Return the numbers of those who are to be called now."""
    found = world.store.read(partial(needed.find, world.context))
    return [number for number, needs in found.items() if Need.CALL in needs]


def decide(world, submission, verb, **more):
    deciding.decide(world.context, submission.id, verb, STAFF, **more)


def test_a_decision_that_no_email_tells_is_told_by_phone_once_it_has_settled(world):
    person, silent = on_paper(world), on_paper(world, telefono="")
    for one in (person, silent, world.proven(telefono=TEL)):
        decide(world, one, EventVerb.ACCEPT)
    assert waiting(world) == []
    world.clock.advance(minutes=5)
    assert waiting(world) == [person.number]
    assert calling.mark_called(world.context, person.id, STAFF)
    assert not calling.mark_called(world.context, person.id, STAFF)
    assert waiting(world) == []
    assert calling.unmark_called(world.context, person.id, STAFF)
    assert not calling.unmark_called(world.context, person.id, STAFF)
    assert not calling.unmark_called(world.context, silent.id, STAFF)
    assert waiting(world) == [person.number]
    assert world.verbs(person)[-2:] == [EventVerb.TELL, EventVerb.TELL_BACK]
    assert world.log_is_whole()


def test_a_decision_that_is_taken_back_or_overtaken_is_told_to_nobody(world):
    undone, withdrawn, reopened = (on_paper(world) for _ in range(3))
    for one in (undone, withdrawn, reopened):
        decide(world, one, EventVerb.DECLINE)
    settling.undo(world.context, undone.id, STAFF, None)
    world.clock.advance(minutes=5)
    assert waiting(world) == [withdrawn.number, reopened.number]
    decide(world, reopened, EventVerb.REOPEN, reason="x")
    decide(world, undone, EventVerb.ACCEPT)
    decide(world, undone, EventVerb.WITHDRAW)
    world.clock.advance(minutes=5)
    assert waiting(world) == [withdrawn.number]
    deciding.erase(world.context, withdrawn.id, STAFF)
    assert world.sql("SELECT * FROM calls") == []


def test_who_waits_for_a_call_goes_on_waiting_when_a_later_decision_is_undone(world):
    person = on_paper(world)
    world.store.write(
        lambda db: calls.want(db, person.id, CallReason.PLACE, world.clock())
    )
    world.clock.advance(minutes=1)
    decide(world, person, EventVerb.ACCEPT)
    settling.undo(world.context, person.id, STAFF, None)
    assert waiting(world) == [person.number]
    calling.mark_called(world.context, person.id, STAFF)
    decide(world, person, EventVerb.ACCEPT)
    world.clock.advance(minutes=5)
    assert waiting(world) == [person.number]


def test_a_call_taken_back_lets_the_decision_be_undone_and_one_that_stands_does_not(
    world,
):
    person = on_paper(world)
    decide(world, person, EventVerb.ACCEPT)
    shown = world.row(person).revision
    calling.mark_called(world.context, person.id, STAFF)
    with pytest.raises(Settled):
        settling.undo(world.context, person.id, STAFF, shown)
    calling.unmark_called(world.context, person.id, STAFF)
    settling.undo(world.context, person.id, STAFF, shown)
    assert world.row(person).status is Status.NEW
    assert world.sql("SELECT * FROM calls") == []


def test_a_decision_and_a_message_are_calls_of_their_own(world):
    person, other = on_paper(world), world.proven()
    messaging.send(world.context, written(world), choice(world, person, other))
    decide(world, person, EventVerb.ACCEPT)
    again = written(world, id=ACT[::-1])
    messaging.send(world.context, again, choice(world, person, other))
    assert reasons(world, person) == ["decision", "message", "message"]
    messaging.undo(world.context, ACT, world.clerk.id)
    assert reasons(world, person) == ["decision", "message"]
    settling.undo(world.context, person.id, STAFF, None)
    assert reasons(world, person) == ["message"]
    world.clock.advance(minutes=5)
    assert waiting(world) == [person.number]


def test_what_is_not_due_yet_is_not_called_about_with_what_is(world):
    person = on_paper(world)
    place = partial(calls.want, reason=CallReason.PLACE, since=world.clock())
    world.store.write(lambda db: place(db, person.id))
    decide(world, person, EventVerb.ACCEPT)
    calling.mark_called(world.context, person.id, STAFF)
    assert reasons(world, person) == ["decision"]
    world.clock.advance(minutes=1)
    calling.mark_called(world.context, person.id, STAFF)
    assert reasons(world, person) == []


def reasons(world, person):
    """Return what a person waits to be called about, now or later."""
    return [
        row[0]
        for row in world.sql(
            "SELECT reason FROM calls WHERE submission = ? AND called_at IS NULL "
            "ORDER BY reason",
            person.id,
        )
    ]


def test_who_has_no_mailbox_is_called_about_an_event_that_is_not_as_it_was(party):
    world = party
    person, mailed = on_paper(world), world.proven()
    on_paper(world, telefono="")
    declined = on_paper(world)
    decide(world, declined, EventVerb.DECLINE)
    calling.mark_called(world.context, declined.id, STAFF)
    world.post()
    world.clock.advance(minutes=1)
    link(world)
    look(world)
    assert reasons(world, person) == []
    change(world, ("17:30", "17:45"))
    assert waiting(world) == [person.number]
    assert "event_changed" in kinds(world, mailed)
    calling.mark_called(world.context, person.id, STAFF)
    calling.unmark_called(world.context, person.id, STAFF)
    assert waiting(world) == [person.number]
    calling.mark_called(world.context, person.id, STAFF)
    assert waiting(world) == []
    look(world)
    change(world, CANCELLED)
    assert waiting(world) == [person.number]
    assert world.log_is_whole()


@pytest.mark.parametrize(
    ("off", "few", "more"),
    [
        (CANCELLED, "Annullato: Incontro di prova", "lunedì 28 ottobre 2030"),
        (POSTPONED, "Rinviato: Incontro di prova", "lunedì 28 ottobre 2030"),
        (("17:30", "17:45"), "Cambiato: Incontro di prova", "dalle 17:45 alle 19:00"),
    ],
)
def test_staff_read_what_became_of_the_event(party, off, few, more):
    person = on_paper(party)
    party.clock.advance(minutes=1)
    change(party, off)
    words = Translator("it", party.context.zone)
    ask = partial(call_words.due_about, party.context)
    assert party.store.read(lambda db: ask(db, person, words)) == [few]
    ask = partial(call_words.call_state, party.context)
    (said,) = party.store.read(lambda db: ask(db, person, words)).about
    assert said.startswith(f"{few}, ")
    assert more in said


def test_nobody_is_called_about_an_event_once_its_day_is_over(party):
    world = party
    person = on_paper(world)
    world.clock.advance(minutes=1)
    change(world, POSTPONED)
    world.clock.now = BEGINS + timedelta(days=1)
    look(world)
    assert waiting(world) == [person.number]
    change(world, ("status: postponed", "status: cancelled"))
    assert waiting(world) == []


def test_who_proves_an_address_reads_in_the_receipt_how_the_event_stands(party):
    world = party
    world.edit(CALL_ME)
    told, asked = (
        on_paper(world, f"{name}@example.org", interessi=liked)
        for name, liked in (("a", "musica"), ("b", "orto"))
    )
    world.files = EventFiles(world.context.content)
    look(world)
    world.clock.advance(minutes=1)
    change(world, CANCELLED)
    assert waiting(world) == [told.number, asked.number]
    for one in (told, asked):
        verification.confirm(world.context, one.id)
    assert waiting(world) == [asked.number]


def test_calls_from_before_they_were_kept_are_listed_once(world):
    """As a database of the version before has them, and one of before that."""
    made, kept, old, noted, proven = (on_paper(world) for _ in range(5))
    decide(world, old, EventVerb.ACCEPT)
    world.clock.advance(days=31)
    for one in (made, kept, noted, proven):
        decide(world, one, EventVerb.DECLINE)
    world.clock.advance(minutes=6)
    deciding.add_note(world.context, noted.id, world.clerk.id, "Chiamata lunedì")
    now = utc_text(world.clock())
    world.force("UPDATE submissions SET email = 'a@example.org', verified_at = ? "
                "WHERE id = ?", now, proven.id)  # fmt: skip
    before = "INSERT INTO calls (submission, since, called_at) VALUES (?, ?, ?)"

    def job(db):
        on_file = isinstance(db, sqlite3.Connection)
        steps = db if on_file else postgres_schema._Stepping(db)
        steps.execute("DROP TABLE calls")
        calls.make(steps)
        steps.execute(before, [made.id, now, now])
        calls.part_reasons(steps)

    world.store.write(job)
    assert waiting(world) == [kept.number]
    rows = world.sql("SELECT submission, reason FROM calls")
    assert {tuple(row) for row in rows} == {
        (made.id, "decision"),
        (kept.id, "decision"),
    }


def test_who_gets_a_place_and_has_no_mailbox_is_called(new_world):
    world = new_world()
    person = on_paper(world)
    world.store.write(
        lambda db: capacity.give(world.context, db, person, capacity.MACHINE)
    )
    assert waiting(world) == [person.number]


def test_who_has_just_sent_is_called_about_a_place_only_if_nobody_proves_it(new_world):
    world = new_world()
    proves, lapses = world.sent(telefono=TEL), world.sent("b@example.org", telefono=TEL)
    for one in (proves, lapses):
        give = partial(capacity.give, world.context, actor=capacity.MACHINE)
        world.store.write(partial(give, submission=world.row(one)))
    assert waiting(world) == []
    verification.confirm(world.context, proves.id)
    world.clock.advance(days=2)
    assert waiting(world) == [lapses.number]
    world.clock.advance(days=2)
    assert maintenance.release_lapsed(world.context) == 1
    assert waiting(world) == []


def test_a_mail_that_failed_is_told_by_phone_and_taken_back(world):
    person = world.proven(telefono=TEL)
    world.post()
    decide(world, person, EventVerb.ACCEPT)
    world.clock.advance(minutes=6)
    mail = mail_delivery.claim(world.context)
    mail_delivery.report_failure(world.context, mail, "550", permanent=True)
    assert waiting(world) == [person.number]
    world.store.write(
        lambda db: calls.want(db, person.id, CallReason.PLACE, world.clock())
    )
    found = world.store.read(partial(needed.find, world.context))
    assert sorted(found[person.number]) == [Need.CALL, Need.MAIL]
    assert calling.mark_called(world.context, person.id, STAFF)
    assert waiting(world) == []
    world.clock.advance(minutes=1)
    assert calling.unmark_called(world.context, person.id, STAFF)
    told = world.store.read(lambda db: outbox.by_id(db, mail.id)).told_at
    assert (told, waiting(world)) == (None, [person.number])


def test_a_message_and_a_decision_take_back_no_call_of_each_other(world):
    told, decided, other = on_paper(world), on_paper(world), world.proven()
    read = choice(world, told, other)
    messaging.send(world.context, written(world), read)
    decide(world, decided, EventVerb.ACCEPT)
    world.clock.advance(minutes=1)
    decide(world, told, EventVerb.ACCEPT)
    settling.undo(world.context, told.id, STAFF, None)
    again = written(world, id=ACT[::-1])
    messaging.send(world.context, again, choice(world, decided, other))
    messaging.undo(world.context, again.id, world.clerk.id)
    world.clock.advance(minutes=10)
    messaging.undo(world.context, ACT, world.clerk.id)
    assert waiting(world) == [told.number, decided.number]


def test_who_asked_for_a_call_gets_it_though_the_address_is_proven_at_once(world):
    world.edit(CALL_ME)
    person = on_paper(world, "a@example.org")
    decide(world, person, EventVerb.ACCEPT)
    verification.confirm(world.context, person.id)
    world.clock.advance(minutes=5)
    assert waiting(world) == [person.number]
    calling.mark_called(world.context, person.id, STAFF)
    mend(world, person)
    verification.confirm(world.context, person.id)
    world.clock.advance(days=2)
    assert waiting(world) == []


def mend(world, person):
    correcting.mend_address(world.context, person.id, "nuova@example.org", STAFF)


@pytest.mark.parametrize("failed", [True, False])
def test_a_decision_that_went_to_a_wrong_address_is_told_at_the_right_one(
    world, failed
):
    person = world.proven(telefono=TEL)
    world.post()
    decide(world, person, EventVerb.DECLINE, addition="Ciao")
    if failed:
        world.clock.advance(minutes=6)
        mail = mail_delivery.claim(world.context)
        mail_delivery.report_failure(world.context, mail, "550", permanent=True)
    mend(world, person)
    verification.confirm(world.context, person.id)
    assert "declined" not in [mail.kind for mail in world.post()] or failed
    world.clock.advance(minutes=6)
    world.post()
    told = [mail for mail in world.mails(person) if mail.sent_at]
    told = [(m.email, m.addition) for m in told if m.kind == "declined"]
    assert told == [("nuova@example.org", "Ciao")]
    world.clock.advance(days=2)
    assert waiting(world) == []
    verification.confirm(world.context, world.sent("b@example.org").id)


def test_an_address_that_is_mended_and_mended_back_reads_a_decision_once(world):
    person = world.proven(telefono=TEL)
    world.post()
    decide(world, person, EventVerb.ACCEPT)
    mend(world, person)
    correcting.mend_address(world.context, person.id, person.email, STAFF)
    verification.confirm(world.context, person.id)
    world.clock.advance(minutes=6)
    assert [m.kind for m in world.post()].count("accepted") == 1


def test_who_does_not_prove_the_right_address_is_told_by_phone(world):
    person = world.proven(telefono=TEL)
    decide(world, person, EventVerb.ACCEPT)
    mend(world, person)
    world.clock.advance(hours=23)
    world.post()
    assert waiting(world) == []
    world.clock.advance(hours=2)
    assert waiting(world) == [person.number]


def test_who_knows_a_decision_hears_it_once(world):
    person = world.proven()
    decide(world, person, EventVerb.ACCEPT)
    world.clock.advance(minutes=6)
    world.post()
    mend(world, person)
    verification.confirm(world.context, person.id)
    assert [mail.kind for mail in world.post()][-1] == "receipt"


def test_a_message_that_cannot_be_mailed_is_told_by_phone_unless_it_is_undone(world):
    person, gone = on_paper(world), on_paper(world)
    world.clock.advance(minutes=1)
    read = choice(world, person, gone)
    decide(world, gone, EventVerb.WITHDRAW)
    read[1] = choice(world, gone)[0]
    messaging.send(world.context, written(world), read)
    world.clock.advance(minutes=6)
    assert waiting(world) == [person.number]
    calling.mark_called(world.context, person.id, STAFF)
    again = written(world, id=ACT[::-1])
    messaging.send(world.context, again, choice(world, person, gone))
    messaging.undo(world.context, again.id, world.clerk.id)
    world.clock.advance(minutes=6)
    assert waiting(world) == []


def test_nobody_is_called_about_a_form_that_nothing_is_written_about(world):
    person = on_paper(world)
    world.edit(NONE, (EN, "purposes:\n  - subject: A walk\n", ""))
    messaging.send(world.context, written(world), choice(world, person))
    world.clock.advance(minutes=6)
    assert waiting(world) == []


def test_the_list_of_calls_is_ticked_off_with_one_press_and_undone(service, clerk):
    person = send(service, telefono=TEL)
    clerk.post(*prove_by_phone(clerk, person))
    page = decision(clerk, person, "accept")
    said = clerk.get(clerk.send(page, "/accept").location)
    assert f"Da avvisare per telefono: +39 {TEL}" in said.text
    page = clerk.get(clerk.submission(person.id))
    assert "Nessuna email glielo dice" in page.text

    placed = partial(calls.want, since=service.context.clock())
    for reason in (CallReason.PLACE, CallReason.UNKNOWN):
        service.context.store.write(
            partial(placed, submission_id=person.id, reason=reason)
        )
    page = clerk.get(clerk.submission(person.id))
    about = page.find("//div[p/a[@href='tel:+390564484111']]/ul/li/text()")
    assert about == ["L’esito", "Un posto"]
    page = clerk.get("/staff/?stato=chiamare")
    assert page.find("//li//a[@href='tel:+390564484111']")
    badges = page.find("//li[@class='request']//span[@class='badge badge--warning']")
    assert {"L’esito", "Un posto"} <= {badge.text for badge in badges}
    (tab,) = page.find("//ul[@class='tabs']//a[@aria-current]")
    assert " ".join(tab.text_content().split()) == "Da chiamare 1"
    done = clerk.send(page, f"{person.id}/persona", atto="told")
    listed = clerk.get(done.location)
    assert f"Avvisata per telefono: {person.name}" in listed.text
    assert not listed.find("//li[@class='request']")
    assert "Avvisata per telefono il" in clerk.get(clerk.submission(person.id)).text

    back = clerk.get(clerk.send(listed, f"{person.id}/persona", atto="untold").location)
    assert "di nuovo da chiamare" in back.text
    assert back.find("//li[@class='request']")
    acts = back.find("//select[@name='fare']/option/@value")
    assert (acts[0], "accept" in acts) == ("read", False)
    page = clerk.get(clerk.submission(person.id))
    done = clerk.post(*page.button("Ho chiamato"))
    called = clerk.get(done.location)
    assert "Avvisata per telefono il" in called.text
    again = clerk.get(clerk.post(*called.button("Annulla")).location)
    assert again.button("Ho chiamato")
    assert notes(service, person) == []


def prove_by_phone(clerk, person):
    page = clerk.get(clerk.submission(person.id))
    return page.button("Ha confermato per telefono")
