"""An event that is cancelled, postponed, moved or takes place after all: told once."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar

from forms_service.content.loading import EventFiles
from forms_service.definition import EventStatus
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Seat, Source, Status
from forms_service.workflow import (
    appointments,
    capacity,
    deciding,
    maintenance,
    verification,
)
from forms_service.workflow.capacity import Availability, FormClosed
from forms_service.workflow.desk_entry import DeskEntry, enter
from forms_service.workflow.transitions import NoEvent
from sample_content import copied, problems_of
from test_reminding import (
    BASE,
    BEGINS,
    EVENT,
    FORM,
    NINE,
    OPEN,
    STAFF,
    delivered,
    kinds,
    last_mail,
    look,
    text_of,
    write,
)
from test_reminding import party as party

pytest_plugins = ["life"]

PLANNED = "date: 2030-10-28"
WHY = "La sala è allagata."
CANCELLED = (PLANNED, f"{PLANNED}\nstatus: cancelled\nreason: {WHY}")
POSTPONED = (PLANNED, f"{PLANNED}\nstatus: postponed")


def change(world, *changes):
    write(world, *changes)
    look(world)


def calendar_of(message):
    """Return the method and the entry of the calendar file in a mail."""
    (attached,) = message.iter_attachments()
    calendar = Calendar.from_ical(attached.get_payload(decode=True))
    assert attached.get_param("method") == calendar["METHOD"]
    (entry,) = calendar.walk("VEVENT")
    return calendar["METHOD"], entry


def on_site(world, lang="it"):
    """Return the entry that the service sends at the address of the site."""
    octets = world.store.read(
        lambda db: appointments.calendar(world.context, db, "incontro", lang, BASE)
    )
    calendar = Calendar.from_ical(octets)
    assert calendar["METHOD"] == "PUBLISH"
    (entry,) = calendar.walk("VEVENT")
    return entry


def test_a_cancelled_event_is_told_once_in_words_and_calendar(party):
    submission = party.proven()
    delivered(party)
    change(party, CANCELLED)
    look(party, 3)
    assert kinds(party, submission)[1:] == ["event_changed"]
    message = last_mail(party)
    said = text_of(message)
    assert "L’evento è stato annullato." in said
    assert f"Motivo: {WHY}" in said
    assert "Era previsto per: lunedì 28 ottobre 2030" in said
    assert "toglie la data dal tuo calendario" in said
    assert "Quando:" not in said
    assert "promemoria" not in said
    method, entry = calendar_of(message)
    assert (method, entry["STATUS"]) == ("CANCEL", "CANCELLED")
    assert "ORGANIZER" in entry
    assert entry["SEQUENCE"] == 1
    assert entry.to_ical() == on_site(party).to_ical()


def test_a_reason_that_is_written_later_is_no_second_mail(party):
    submission = party.proven()
    delivered(party)
    change(party, (PLANNED, f"{PLANNED}\nstatus: cancelled"))
    change(party, ("status: cancelled", f"status: cancelled\nreason: {WHY}"))
    assert kinds(party, submission)[1:] == ["event_changed"]
    assert f"Motivo: {WHY}" in text_of(last_mail(party))


@pytest.mark.parametrize("off", [CANCELLED, POSTPONED])
def test_nobody_is_reminded_of_what_does_not_take_place(party, off):
    submission = party.proven()
    delivered(party)
    change(party, off)
    party.clock.now = NINE
    look(party, 3)
    assert kinds(party, submission)[1:] == ["event_changed"]


def test_a_reminder_that_has_not_left_when_it_is_cancelled_is_dropped(party):
    submission = party.proven()
    delivered(party)
    party.clock.now = NINE
    look(party)
    assert kinds(party, submission)[-1] == "reminder"
    change(party, CANCELLED)
    subjects = [mail["Subject"] for _, mail in delivered(party)]
    assert subjects == ["Novità sul tuo appuntamento"]


def test_a_postponed_event_gets_its_new_date_told_also_after_the_planned_day(party):
    submission = party.proven()
    delivered(party)
    change(party, POSTPONED)
    said = text_of(postponed := last_mail(party))
    assert "L’evento è stato rinviato. La nuova data non si sa ancora." in said
    assert "Ti scriviamo quando c’è una nuova data." in said
    assert calendar_of(postponed)[1]["STATUS"] == "CANCELLED"
    party.clock.now = BEGINS + timedelta(days=40)
    look(party)
    back = f"date: 2031-02-10\nmoved_from: 2030-10-28\nreason: {WHY}"
    change(party, (POSTPONED[1], back))
    message = last_mail(party)
    said = text_of(message)
    assert "L’evento si fa." in said
    assert "L’evento è stato spostato. Era previsto per lunedì 28 ottobre 2030." in said
    assert "Quando: lunedì 10 febbraio 2031" in said
    method, entry = calendar_of(message)
    assert (method, entry["STATUS"]) == ("PUBLISH", "CONFIRMED")
    assert (entry["SEQUENCE"], entry["DTSTART"].dt.date()) == (2, date(2031, 2, 10))
    assert kinds(party, submission)[1:] == ["event_changed"] * 2


def test_a_postponed_event_that_is_given_up_after_its_day_is_told(party):
    submission = party.proven()
    delivered(party)
    change(party, POSTPONED)
    delivered(party)
    party.clock.now = BEGINS + timedelta(days=40)
    change(party, ("status: postponed", "status: cancelled"))
    assert "annullato" in text_of(last_mail(party))
    assert kinds(party, submission)[1:] == ["event_changed"] * 2


def test_an_event_that_takes_place_after_all_is_told_once_and_reminded_of(party):
    submission = party.proven()
    delivered(party)
    change(party, CANCELLED)
    delivered(party)
    change(party, CANCELLED[::-1])
    message = last_mail(party)
    assert "L’evento si fa." in text_of(message)
    assert "Quando: lunedì 28 ottobre 2030" in text_of(message)
    assert calendar_of(message)[1]["STATUS"] == "CONFIRMED"
    assert on_site(party)["SEQUENCE"] == 2
    change(party, ("17:30", "17:45"))
    assert "L’evento si fa." not in text_of(last_mail(party))
    party.clock.now = NINE
    look(party)
    assert kinds(party, submission)[1:] == ["event_changed"] * 3 + ["reminder"]


def test_cancelled_after_the_event_nobody_is_told(party):
    submission = party.proven()
    delivered(party)
    party.clock.now = BEGINS + timedelta(days=1)
    change(party, CANCELLED)
    assert kinds(party, submission) == ["receipt"]


def test_site_and_mails_share_one_number_that_rises_and_a_moment_that_never_falls(
    party,
):
    party.proven()
    delivered(party)
    mailed, moments = [], []
    changes = [
        (PLANNED, "date: 2030-09-01"),
        ("date: 2030-09-01", "date: 2030-12-01"),
        ("17:30", "17:45"),
        ("date: 2030-12-01", "date: 2030-12-01\nstatus: postponed"),
        ("status: postponed", "status: cancelled"),
        ("\nstatus: cancelled", ""),
    ]
    for made in changes:
        party.clock.advance(hours=1)
        change(party, made)
        _, entry = calendar_of(last_mail(party))
        assert entry.to_ical() == on_site(party).to_ical()
        assert on_site(party, "en")["SEQUENCE"] == entry["SEQUENCE"]
        mailed.append(entry["SEQUENCE"])
        moments.append(entry["DTSTAMP"].dt)
    assert mailed == [1, 2, 3, 4, 5, 6]
    assert moments == sorted(set(moments))
    party.clock.advance(hours=-30)
    change(party, ("17:45", "17:30"))
    assert on_site(party)["DTSTAMP"].dt == moments[-1], "the clock went back, not this"


def test_the_site_never_tells_a_change_under_the_number_before_it(party):
    write(party, ("17:30", "17:45"))
    party.files.changed()
    party.context.take_events(party.files.changed())
    told_early = on_site(party)
    look(party)
    assert told_early["SEQUENCE"] == on_site(party)["SEQUENCE"] == 1


def test_a_day_mistyped_into_the_past_and_mended_only_raises_the_number(party):
    submission = party.proven()
    delivered(party)
    change(party, (PLANNED, "date: 2020-10-28"))
    assert on_site(party)["SEQUENCE"] == 1
    change(party, ("date: 2020-10-28", PLANNED))
    assert on_site(party)["SEQUENCE"] == 2
    assert kinds(party, submission) == ["receipt"]


def test_who_only_wanted_the_reminder_or_waits_hears_that_it_is_cancelled(new_world):
    world = new_world(
        OPEN, (FORM, "event: incontro\n", "event: incontro\ntell_when: "
        "{field: interessi, includes: musica}\n")
    )  # fmt: skip
    world.files = EventFiles(world.context.content)
    look(world)
    first = world.proven(people=6)
    waits = world.proven("bruno@example.org", people=6)
    unproven = world.sent("carla@example.org")
    assert waits.place is Seat.WAITING
    delivered(world)
    change(world, CANCELLED)
    mails = dict(delivered(world))
    assert kinds(world, first)[-1] == kinds(world, waits)[-1] == "event_changed"
    assert kinds(world, unproven) == []
    waiting = mails["bruno@example.org"]
    assert "Sei ancora in lista d’attesa." in text_of(waiting)
    assert not list(waiting.iter_attachments())
    change(world, CANCELLED[::-1])
    assert "L’evento si fa." in text_of(dict(delivered(world))["bruno@example.org"])


def test_a_delicate_form_says_neither_name_nor_reason(new_world):
    world = new_world((FORM, "delicate: false", "delicate: true"))
    world.files = EventFiles(world.context.content)
    look(world)
    world.proven()
    delivered(world)
    change(world, CANCELLED)
    message = last_mail(world)
    assert "L’evento è stato annullato." in text_of(message)
    assert WHY not in text_of(message)
    assert "Incontro" not in message.as_string()
    assert not list(message.iter_attachments())


# --- forms and places


@pytest.mark.parametrize(
    ("off", "availability"),
    [(CANCELLED, Availability.CANCELLED), (POSTPONED, Availability.POSTPONED)],
)
def test_its_form_takes_nothing_on_any_way_until_it_takes_place(
    party, off, availability
):
    key = party.key()
    change(party, off)
    assert capacity.form_state(party.context, party.form()).availability is availability
    with pytest.raises(FormClosed) as refused:
        party.send(key=key)
    assert refused.value.availability is availability
    assert "L’evento è stato" in refused.value.why
    assert (WHY in refused.value.why) is (off is CANCELLED)
    entry = DeskEntry(Source.PAPER, date(2030, 2, 1), "signature")
    with pytest.raises(FormClosed):
        enter(party.context, party.form(), party.answers(), entry, STAFF)
    change(party, off[::-1])
    assert party.send(key=key).submission.status is Status.UNVERIFIED


def test_who_has_sent_in_time_may_still_prove_the_address_and_reads_it(party):
    submission = party.sent()
    change(party, CANCELLED)
    proven = verification.confirm_link(party.context, party.link(submission))
    assert proven.status is Status.NEW
    said = text_of(last_mail(party))
    assert "Abbiamo ricevuto" in said
    assert "L’evento è stato annullato." in said


def test_a_freed_place_is_given_to_nobody_while_it_does_not_take_place(new_world):
    world = new_world(OPEN, (FORM, "promotion: staff", "promotion: automatic"))
    world.files = EventFiles(world.context.content)
    look(world)
    first = world.proven(people=6)
    waits = world.proven("bruno@example.org", people=6)
    change(world, CANCELLED)
    deciding.decide(world.context, first.id, EventVerb.WITHDRAW, "citizen")
    maintenance.release_lapsed(world.context)
    with pytest.raises(NoEvent):
        deciding.promote(world.context, waits.id, STAFF)
    assert world.row(waits).place is Seat.WAITING
    change(world, CANCELLED[::-1])
    maintenance.release_lapsed(world.context)
    assert world.row(waits).place is Seat.HELD


# --- how long it is kept


def test_cancelled_counts_from_the_planned_day_and_postponed_at_most_a_year_more(party):
    submission = party.proven()
    accepted = deciding.decide(
        party.context, submission.id, EventVerb.ACCEPT, STAFF
    ).purge_after
    change(party, CANCELLED)
    assert party.row(submission).purge_after == accepted
    change(party, ("status: cancelled", "status: postponed"))
    longest = party.row(submission).purge_after
    assert longest.astimezone(party.context.zone).date() == date(2031, 11, 28)
    new_date = "date: 2031-01-10\nstatus: planned"
    change(party, (f"{PLANNED}\nstatus: postponed\nreason: {WHY}", new_date))
    assert party.row(submission).purge_after < longest
    moved = party.row(submission).purge_after.astimezone(party.context.zone).date()
    assert moved == date(2031, 2, 10)


# --- what the file may say


@pytest.mark.parametrize(
    ("new", "advice"),
    [
        ("status: canceled", 'status: unknown “canceled” (did you mean "cancelled"?)'),
        (f"reason: {WHY}", "reason: write status: cancelled or postponed, or "
         "moved_from, or no reason"),
        ("moved_from: 2030-10-28", "moved_from: write the day before it was moved, "
         "date is the new"),
        ("moved_from: ieri", "moved_from: write a date as 2020-07-01"),
    ],
)  # fmt: skip
def test_a_mistake_about_its_status_is_told_at_its_key(tmp_path, new, advice):
    problems = problems_of(copied(tmp_path, (EVENT, PLANNED, f"{PLANNED}\n{new}")))
    assert f"content/{EVENT}: {advice}" in problems


def test_an_event_without_a_status_is_planned(party):
    event = party.context.event("incontro")
    assert (event.status, event.takes_place) == (EventStatus.PLANNED, True)
    assert event.retention_day == event.date
