"""Events: a reminder the day before, one mail for each change, to who takes part."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from icalendar import Calendar

from forms_service.content.loading import EventFiles
from forms_service.mail.transport import FileTransport
from forms_service.store import announcements, outbox
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Seat
from forms_service.workers import MailRoute, each_look, send_due
from forms_service.workflow import deciding, mail_delivery, reminding
from sample_content import copied, problems_of
from test_workers import BASE, SENDER, Postman, post

pytest_plugins = ["life"]

STAFF = "staff:1"
FORM = "forms/every-type.yml"
EVENT = "events/incontro.yml"
OPEN = (FORM, "closes: 2030-10-20", "closes: null")
LINK = "https://video.example/watch?v=abc"
# The event is on Monday 28 October 2030, 17:30 to 19:00; the clocks change on the 27th.
NINE = datetime(2030, 10, 27, 8, 0, tzinfo=UTC)
BEGINS = datetime(2030, 10, 28, 16, 30, tzinfo=UTC)


@pytest.fixture
def party(new_world):
    """A world whose content may be changed, and which has looked at its event once."""
    world = new_world(OPEN)
    world.files = EventFiles(world.context.content)
    look(world)
    return world


def look(world, times=2):
    """Let the loop look at the files: once to see a change, once to find it settled."""
    for _ in range(times):
        each_look(world.context, world.files)


def write(world, *changes):
    """Change the event's file as an editor does."""
    file = world.folder / "content" / EVENT
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")


def link(world, address=LINK):
    write(world, ('livestream: ""', f"livestream: {address}"))


def kinds(world, submission):
    """Return the mails about a request but the first, which has nothing left to say."""
    return [mail.kind for mail in world.mails(submission) if mail.kind != "verify"]


def delivered(world) -> list[tuple[str, EmailMessage]]:
    postman = Postman()
    send_due(world.context, post(postman))
    return postman.taken


def last_mail(world) -> EmailMessage:
    return delivered(world)[-1][1]


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content()


def entry_of(message):
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_param("method") == "PUBLISH"
    assert attached.get_filename() == "incontro.ics"
    (entry,) = Calendar.from_ical(attached.get_payload(decode=True)).walk("VEVENT")
    return entry


# --- the receipt


def test_the_receipt_brings_the_calendar_file_and_what_is_known(party):
    party.proven()
    receipt = last_mail(party)
    entry = entry_of(receipt)
    assert (entry["UID"], entry["SEQUENCE"]) == ("incontro@forms.example", 0)
    assert entry["URL"] == f"{BASE}/"
    said = text_of(receipt)
    assert "Quando: lunedì 28 ottobre 2030, dalle 17:30 alle 19:00" in said
    assert "Dove: Sala Inventata" in said
    assert "Il link della diretta non è ancora noto." in said
    assert "Il giorno prima ti mandiamo un promemoria." in said


def test_the_calendar_file_leads_to_the_page_of_the_event_where_there_is_one(party):
    page = party.folder / "content" / "it" / "incontro.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text("---\ntitle: Incontro\n---\n", encoding="utf-8")
    party.proven(lang="en")
    assert entry_of(last_mail(party))["URL"] == f"{BASE}/incontro/"


def test_the_receipt_speaks_the_language_of_the_form(party):
    party.proven(lang="en")
    receipt = last_mail(party)
    assert entry_of(receipt)["SUMMARY"] == "Test meeting"
    assert "Where: Invented Hall" in text_of(receipt)


def test_who_waits_for_a_place_has_no_appointment_until_it_comes(party):
    party.proven(people=6)
    waiting = party.proven(people=6)
    assert waiting.place is Seat.WAITING
    assert not list(last_mail(party).iter_attachments())
    deciding.promote(party.context, waiting.id, STAFF)
    promoted = last_mail(party)
    assert entry_of(promoted)["SUMMARY"] == "Incontro di prova"
    assert "Si è liberato un posto" in text_of(promoted)


def test_after_the_reminder_the_receipt_has_the_link_and_promises_no_other(party):
    link(party)
    look(party)
    party.clock.now = NINE
    look(party)
    submission = party.proven()
    receipt = last_mail(party)
    assert LINK in text_of(receipt)
    assert "promemoria" not in text_of(receipt)
    party.clock.advance(hours=1)
    look(party)
    assert kinds(party, submission) == ["receipt"]


def test_after_the_event_a_receipt_is_only_a_receipt(party):
    party.clock.now = BEGINS + timedelta(hours=2)
    party.proven()
    assert not list(last_mail(party).iter_attachments())


def test_a_delicate_form_says_the_hour_and_not_what_it_is(new_world):
    world = new_world((FORM, "delicate: false", "delicate: true"))
    world.files = EventFiles(world.context.content)
    look(world)
    world.proven()
    assert not list(last_mail(world).iter_attachments())
    world.clock.now = NINE
    look(world)
    message = last_mail(world)
    said = message.as_string() + text_of(message)
    assert not list(message.iter_attachments())
    assert "lunedì 28 ottobre 2030" in said
    assert "Incontro" not in said
    assert "Inventata" not in said


# --- the day before


def test_the_reminder_leaves_at_nine_of_the_day_before_and_once(party):
    submission = party.proven()
    delivered(party)
    party.clock.now = NINE - timedelta(seconds=1)
    look(party)
    assert kinds(party, submission) == ["receipt"]
    party.clock.now = NINE
    look(party)
    look(party)
    assert kinds(party, submission)[1:] == ["reminder"]
    reminder = last_mail(party)
    assert reminder["Subject"] == "Promemoria del tuo appuntamento"
    assert "Il link della diretta non è ancora noto." in text_of(reminder)
    assert f"{BASE}/r/{party.personal(submission)}" in text_of(reminder)
    assert entry_of(reminder)["SEQUENCE"] == 0


def test_the_reminder_has_the_link_as_it_is_when_it_leaves(party):
    party.proven()
    delivered(party)
    party.clock.now = NINE
    look(party)
    party.context.take_events(with_link(party))
    assert LINK in text_of(last_mail(party))


def with_link(world):
    """Return the events with a link that nobody has announced yet."""
    link(world)
    files = EventFiles(world.context.content)
    files.changed()
    return files.changed()


@pytest.mark.parametrize(
    ("day", "nine"),
    [
        # Summer time begins on 31 March 2030 and ends on 27 October 2030.
        ("2030-03-31", datetime(2030, 3, 30, 8, tzinfo=UTC)),
        ("2030-04-01", datetime(2030, 3, 31, 7, tzinfo=UTC)),
        ("2030-10-27", datetime(2030, 10, 26, 7, tzinfo=UTC)),
        ("2030-10-28", datetime(2030, 10, 27, 8, tzinfo=UTC)),
    ],
)
def test_nine_is_nine_in_rome_also_when_the_clocks_change(new_world, day, nine):
    world = new_world(OPEN, (EVENT, "date: 2030-10-28", f"date: {day}"))
    world.files = EventFiles(world.context.content)
    look(world)
    submission = world.proven()
    world.clock.now = nine - timedelta(seconds=1)
    look(world)
    assert "reminder" not in kinds(world, submission)
    world.clock.now = nine
    look(world)
    assert kinds(world, submission)[-1] == "reminder"


def test_a_service_that_was_off_reminds_late_but_not_of_what_has_begun(party, tmp_path):
    submission = party.proven()
    party.clock.now = BEGINS - timedelta(minutes=1)
    look(party)
    assert kinds(party, submission)[-1] == "reminder"


def test_nobody_is_reminded_of_what_has_begun(party):
    submission = party.proven()
    party.clock.now = BEGINS
    look(party)
    assert "reminder" not in kinds(party, submission)
    party.clock.now = BEGINS + timedelta(days=1)
    look(party)
    assert "reminder" not in kinds(party, submission)


def test_a_day_without_an_hour_is_reminded_of_until_it_is_over(new_world):
    world = new_world(
        (EVENT, 'begins: "17:30"', "begins: unknown"),
        (EVENT, 'ends: "19:00"', "ends: unknown"),
    )
    world.files = EventFiles(world.context.content)
    look(world)
    submission = world.proven()
    world.clock.now = BEGINS
    look(world)
    assert kinds(world, submission)[-1] == "reminder"
    assert "L’ora non è ancora nota." in text_of(last_mail(world))


def test_a_reminder_that_cannot_leave_in_time_is_dropped(party):
    submission = party.proven()
    delivered(party)
    party.clock.now = NINE
    look(party)
    party.clock.now = BEGINS + timedelta(hours=2)
    assert delivered(party) == []
    assert kinds(party, submission) == ["receipt"]


@pytest.mark.parametrize("verb", [EventVerb.DECLINE, EventVerb.WITHDRAW])
def test_who_no_longer_takes_part_is_not_reminded(party, verb):
    early, late = party.proven(), party.proven("bruno@example.org")
    delivered(party)
    deciding.decide(party.context, early.id, verb, STAFF)
    party.clock.now = NINE
    look(party)
    assert "reminder" not in kinds(party, early)
    # Also who goes while the mail waits.
    assert kinds(party, late)[1] == "reminder"
    deciding.decide(party.context, late.id, verb, STAFF)
    delivered(party)
    assert "reminder" not in kinds(party, late)


@pytest.mark.parametrize("verb", [EventVerb.ACCEPT, EventVerb.ASK_CORRECTION])
def test_who_has_been_answered_takes_part_like_who_has_not(party, verb):
    submission = party.proven()
    deciding.decide(party.context, submission.id, verb, STAFF)
    party.clock.now = NINE
    look(party)
    assert kinds(party, submission)[-1] == "reminder"


def test_who_has_proven_nothing_or_waits_is_not_reminded(party):
    party.proven(people=6)
    unproven, waiting = party.sent(people=1), party.proven(people=6)
    by_phone = party.sent(email=None)
    party.clock.now = NINE
    look(party)
    assert "reminder" not in kinds(party, waiting)
    assert kinds(party, unproven) == []
    assert kinds(party, by_phone) == []


# --- changes


def test_a_link_is_told_once_with_a_higher_revision(party):
    submission = party.proven()
    delivered(party)
    link(party)
    look(party, 1)
    assert kinds(party, submission) == ["receipt"], "a second look finds it settled"
    look(party, 5)
    assert kinds(party, submission)[1:] == ["event_changed"]
    message = last_mail(party)
    assert message["Subject"] == "Novità sul tuo appuntamento"
    assert LINK in text_of(message)
    entry = entry_of(message)
    assert (entry["UID"], entry["SEQUENCE"]) == ("incontro@forms.example", 1)
    assert entry["URL"] == LINK


@pytest.mark.parametrize(
    ("old", "new", "wording"),
    [
        ("date: 2030-10-28", "date: 2030-11-04", True),
        ('begins: "17:30"', 'begins: "18:00"', True),
        ('ends: "19:00"', 'ends: "20:00"', True),
        ("place: Sala Inventata", "place: Sala Nuova", True),
        ("online: true", "online: false", True),
        ("title: Incontro di prova", "title: Incontro", False),
        ("source: inventato", "source: altrove", False),
        ("recording: unknown", f"recording: {LINK}", False),
    ],
)
def test_only_what_people_plan_by_is_told(party, old, new, wording):
    submission = party.proven()
    delivered(party)
    write(party, (old, new))
    look(party, 3)
    assert kinds(party, submission)[1:] == ["event_changed"] * wording


def test_each_change_has_a_revision_of_its_own(party):
    party.proven()
    delivered(party)
    revisions = []
    for old, new in [("17:30", "17:45"), ("17:45", "17:30"), ("sequence: 0", "x")]:
        changes = (
            [(old, new)] if new != "x" else [(old, "sequence: 7"), ("17:30", "18:00")]
        )
        write(party, *changes)
        look(party)
        revisions.append(entry_of(last_mail(party))["SEQUENCE"])
    assert revisions == [1, 2, 7]


def test_changes_that_nobody_has_heard_of_yet_are_one_mail(party):
    submission = party.proven()
    write(party, ("17:30", "17:45"))
    look(party)
    link(party)
    look(party)
    # The receipt has not left: it tells everything by itself.
    assert kinds(party, submission) == ["receipt"]
    assert LINK in text_of(last_mail(party))
    write(party, ("17:45", "18:00"))
    look(party)
    write(party, ("18:00", "18:15"))
    look(party)
    assert kinds(party, submission)[1:] == ["event_changed"]
    assert "18:15" in text_of(last_mail(party))


def test_a_mail_that_is_just_leaving_does_not_count_as_told(party):
    submission = party.proven()
    delivered(party)
    write(party, ("17:30", "17:45"))
    look(party)
    assert mail_delivery.claim(party.context).kind == "event_changed"
    link(party)
    look(party)
    assert kinds(party, submission)[1:] == ["event_changed"] * 2


def test_what_changes_on_the_last_day_is_one_mail_and_no_reminder(party):
    submission = party.proven()
    delivered(party)
    party.clock.now = NINE - timedelta(days=7)
    write(party, ("date: 2030-10-28", "date: 2030-10-21"))
    look(party, 4)
    assert kinds(party, submission)[1:] == ["event_changed"]


def test_a_link_after_the_reminder_is_told(party):
    submission = party.proven()
    party.clock.now = NINE
    look(party)
    delivered(party)
    link(party)
    look(party)
    assert kinds(party, submission)[1:] == ["reminder", "event_changed"]


def test_an_event_that_is_put_off_is_reminded_of_again(party):
    submission = party.proven()
    delivered(party)
    party.clock.now = NINE
    look(party)
    write(party, ("date: 2030-10-28", "date: 2030-11-28"))
    look(party)
    # The reminder of the old day had not left yet: it would only confuse.
    assert [message["Subject"] for _, message in delivered(party)] == [
        "Novità sul tuo appuntamento"
    ]
    party.clock.now = NINE + timedelta(days=31)
    look(party)
    assert kinds(party, submission)[1:] == ["event_changed", "reminder"]


def test_an_event_that_is_over_is_told_no_more(party):
    submission = party.proven()
    delivered(party)
    party.clock.now = BEGINS + timedelta(hours=2)
    link(party)
    look(party)
    assert kinds(party, submission) == ["receipt"]
    # Put off on its own evening, it is news again.
    write(party, ("date: 2030-10-28", "date: 2030-11-28"))
    look(party)
    assert kinds(party, submission)[1:] == ["event_changed"]


def test_a_date_mistyped_into_the_past_tells_nobody_and_erases_nothing(party):
    submission = party.proven()
    delivered(party)
    accepted = deciding.decide(party.context, submission.id, EventVerb.ACCEPT, STAFF)
    write(party, ("date: 2030-10-28", "date: 2020-10-28"))
    look(party)
    assert party.row(submission).purge_after == accepted.purge_after
    write(party, ("date: 2020-10-28", "date: 2030-10-28"))
    look(party)
    assert kinds(party, submission)[1:] == ["accepted"]


def test_the_day_of_erasure_follows_the_event_at_once(party):
    submission = party.proven()
    before = deciding.decide(
        party.context, submission.id, EventVerb.ACCEPT, STAFF
    ).purge_after
    write(party, ("date: 2030-10-28", "date: 2030-11-28"))
    look(party)
    assert party.row(submission).purge_after == before + timedelta(days=31)


def test_a_change_while_the_service_was_off_is_told_when_it_starts(party):
    submission = party.proven()
    delivered(party)
    link(party)
    party.read_content(party.folder / "content")
    reminding.announce(party.context)
    reminding.announce(party.context)
    assert kinds(party, submission)[1:] == ["event_changed"]


def test_a_crash_while_telling_tells_nobody_and_the_next_start_everybody(
    party, monkeypatch
):
    submission = party.proven()
    delivered(party)
    link(party)
    with monkeypatch.context() as patched:
        patched.setattr(announcements, "keep", _dies)
        with pytest.raises(KeyboardInterrupt):
            look(party)
    assert kinds(party, submission) == ["receipt"]
    look(party)
    assert kinds(party, submission)[1:] == ["event_changed"]


def _dies(*_):
    raise KeyboardInterrupt


def test_a_broken_file_stays_as_it_was_and_the_log_holds_nothing_of_it(party, caplog):
    submission = party.proven()
    delivered(party)
    write(party, ("date: 2030-10-28", "date: the-secret"))
    look(party, 3)
    assert [record.getMessage() for record in caplog.records] == [
        "events/incontro.yml cannot be read: its last good version stays"
    ]
    party.clock.now = NINE
    look(party)
    assert kinds(party, submission)[-1] == "reminder"
    write(party, ("date: the-secret", "date: 2030-11-04"))
    look(party)
    assert kinds(party, submission)[-1] == "event_changed"


def test_a_file_that_is_gone_or_unreadable_changes_nothing(party):
    submission = party.proven()
    (party.folder / "content" / EVENT).unlink()
    (party.folder / "content" / "events" / "cartella.yml").mkdir()
    look(party, 3)
    assert kinds(party, submission) == ["receipt"]
    assert party.context.event_of(party.form()).title == "Incontro di prova"


def test_without_an_event_nobody_is_told_anything(new_world):
    event = (FORM, "event: incontro", "event: null")
    erasing = (FORM, "accepted: {days: 30, after: event}", "accepted: {days: 30}")
    field = (FORM, "erase_after: {days: 30, after: event}", "erase_after: {days: 30}")
    world = new_world(event, erasing, field)
    submission = world.proven()
    assert reminding.announce(world.context) == 0
    assert not list(last_mail(world).iter_attachments())
    assert kinds(world, submission) == ["receipt"]


def test_a_mail_about_an_event_that_the_form_has_left_is_dropped(party):
    submission = party.proven()
    delivered(party)
    link(party)
    look(party)
    party.edit(
        (FORM, "event: incontro", "event: null"),
        (FORM, "accepted: {days: 30, after: event}", "accepted: {days: 30}"),
        (FORM, "erase_after: {days: 30, after: event}", "erase_after: {days: 30}"),
        (FORM, 'version: "1.0"', 'version: "1.1"'),
    )
    assert delivered(party) == []
    assert kinds(party, submission) == ["receipt"]


def test_the_log_tells_how_many_were_told(party):
    for n in range(3):
        party.proven(f"p{n}@example.org")
    delivered(party)
    link(party)
    look(party)
    (row,) = party.sql("SELECT * FROM events WHERE verb = 'event_changed'")
    assert (row["actor"], row["submission"]) == ("service", None)
    assert row["detail"] == '{"form": "every-type", "mails": 3}'


def test_erasing_a_request_takes_its_mails_along(party):
    submission = party.proven()
    party.clock.now = NINE
    look(party)
    deciding.erase(party.context, submission.id, "citizen")
    assert party.store.read(outbox.totals)["waiting"] == 0
    assert "anh@" not in str(
        [tuple(r) for r in party.sql("SELECT * FROM announcements")]
    )


def test_mails_that_become_files_are_read_by_any_mail_program(party, tmp_path):
    party.proven()
    folder = tmp_path / "mail"
    shown = []
    send_due(
        party.context, MailRoute(FileTransport(folder, shown.append), SENDER, BASE)
    )
    assert len(list(folder.glob("*.eml"))) == 1
    assert f"{BASE}/r/" in shown[0], "the personal link is the one that is shown"


ASKED = (
    FORM,
    "event: incontro\n",
    "event: incontro\nremind_when: {field: interessi, includes: orto}\n"
    "tell_when: {field: interessi, includes: musica}\n",
)


def test_people_get_the_mails_they_asked_for_and_no_others(new_world):
    world = new_world(OPEN, ASKED)
    world.files = EventFiles(world.context.content)
    look(world)
    reminded = world.proven("orto@example.org", interessi="orto")
    wording = world.proven("musica@example.org", interessi="musica")
    first, second = (text_of(mail) for _, mail in delivered(world))
    assert ("promemoria" in first, "Se cambiano" in first) == (True, False)
    assert ("promemoria" in second, "Se cambiano" in second) == (False, True)
    link(world)
    look(world)
    world.clock.now = NINE
    look(world)
    assert kinds(world, reminded) == ["receipt", "reminder"]
    assert kinds(world, wording) == ["receipt", "event_changed"]
    assert all(LINK in text_of(mail) for _, mail in delivered(world))


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("interessi, includes: orto", "interesi, includes: orto", "there is no field"),
        ("interessi, includes: orto", "interessi, is: orto", "write includes"),
        ("field: interessi, includes: orto", "x: y", "write {field: ID, is: VALUE}"),
        ("event: incontro", "event: null", "remind_when: this form has no event"),
    ],
)
def test_who_is_reminded_is_checked_with_the_form(tmp_path, old, new, advice):
    folder = copied(tmp_path, ASKED, (FORM, old, new))
    assert any(advice in problem for problem in problems_of(folder))
