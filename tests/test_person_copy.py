"""A copy of all that is held, for who asks: nothing of the row is left out."""

import json
import re
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from clerk import log, prove, send
from forms_service.i18n import Translator
from forms_service.store import contacts, meetings, replies, schema
from forms_service.store.contacts import ContactNote, ContactOutcome, Means
from forms_service.store.replies import Reply
from forms_service.workflow import correcting, deciding, person_copy
from forms_service.workflow.correcting import Why

pytest_plugins = ["life"]
STAFF = "staff:1"
# What hangs on a request, and under which name a copy has it.
COPIED = {
    "revisions": "earlier_answers",
    "notes": "notes",
    "contacts": "contacts",
    "attendance": "meetings",
    "outbox": "emails",
    "replies": "replies",
    "attachments": "scans",
    "events": "history",
    # Who was called the history says.
    "calls": None,
    # Which act was on many requests says nothing of this one that its history does not.
    "bulk_rows": None,
}


def with_everything(world):
    submission = world.proven()
    world.post()
    answers = {**submission.answers, "nome": "Ánh Nguyễn"}
    correcting.repair(world.context, submission.id, answers, STAFF, Why.PHONE)
    deciding.add_note(world.context, submission.id, 1, "Ha chiamato lunedì")
    now = world.clock()

    def job(db):
        contact = ContactNote(now, 1, Means.PHONE, ContactOutcome.YES, "Festa")
        contacts.add(db, submission.id, contact)
        meeting = meetings.add(db, "every-type", date(2030, 3, 1), "Primo incontro")
        meetings.record(db, meeting, {submission.id: True})
        replies.add(
            db, "d", Reply(submission.id, "", "anh@example.org", "Re", "Grazie", now)
        )

    world.store.write(job)
    return world.row(submission)


def copy(world, submission):
    words = Translator("it", world.context.zone)
    return world.store.read(
        lambda db: person_copy.held(world.context, db, submission, words)
    )


def test_a_copy_holds_all_that_hangs_on_the_row(world):
    submission = with_everything(world)
    held = json.loads(json.dumps(copy(world, submission)))
    assert held["reference"] == submission.reference
    assert "Ánh Nguyễn" in str(held["answers"])
    assert "Nguyễn Thị Ánh" in str(held["earlier_answers"])
    assert held["notes"][0]["text"] == "Ha chiamato lunedì"
    assert held["contacts"][0]["for"] == "Festa"
    assert held["meetings"] == [
        {"at": "2030-03-01", "title": "Primo incontro", "present": True}
    ]
    assert held["replies"][0]["text"] == "Grazie"
    assert [mail["to"] for mail in held["emails"]] == [submission.email] * 2
    assert held["scans"] == []
    assert held["history"][-1]["by"] == "staff"
    # Of the staff nobody is named.
    assert world.clerk.email not in str(held)
    # A newer program has written there, and an older one goes on after it.
    world.force("UPDATE outbox SET kind = 'of_tomorrow'")
    emails = copy(world, submission)["emails"]
    assert {mail["about"] for mail in emails} == {"of_tomorrow"}


def test_every_table_that_hangs_on_a_request_is_in_the_copy(world):
    submission = with_everything(world)
    hanging = {
        table
        for table in schema.TABLES
        if world.store.read(
            lambda db, table=table: "submission" in columns_of(db, table)
        )
    }
    assert hanging == COPIED.keys()
    assert {name for name in COPIED.values() if name} <= copy(world, submission).keys()


def columns_of(db, table):
    found = db.execute(f"SELECT * FROM {table} LIMIT 0")
    return [column[0] for column in found.description]


def test_a_copy_is_logged_and_makes_no_page_old(world):
    submission = world.row(world.proven())
    person_copy.log_copy(world.context, submission, STAFF, format="json")
    event = world.events(submission)[-1]
    assert (event.verb, event.actor) == ("export", STAFF)
    assert event.detail == {"form": "every-type", "format": "json"}
    assert world.row(submission).revision == submission.revision


def visited(db, submission):
    """Keep that somebody was called, and was at a meeting."""
    now = submission.created_at
    contact = ContactNote(now, 1, Means.PHONE, ContactOutcome.YES, "Festa")
    contacts.add(db, submission.id, contact)
    meeting = meetings.add(db, submission.form_id, now.date(), "Primo incontro")
    meetings.record(db, meeting, {submission.id: True})


def asking(clerk, submission):
    page = clerk.get(clerk.submission(submission.id, "/copia"))
    refused = clerk.send(page, "/copia")
    assert (refused.status, refused.headers["Content-Type"][:9]) == (422, "text/html")
    return refused


def test_the_copy_for_a_program_is_what_was_stored(service, clerk):
    submission = prove(service, send(service))
    deciding.add_note(service.context, submission.id, 1, "Nota <b>")
    page = asking(clerk, submission)
    done = clerk.send(page, "/copia", identity="document", format="json")
    assert done.status == 200
    held = json.loads(done.body)
    assert held["notes"][0]["text"] == "Nota <b>"
    assert submission.reference in done.headers["Content-Disposition"]
    detail = [json.loads(entry[2]) for entry in log(service) if entry[1] == "export"]
    assert detail == [{"form": "volontari", "format": "json", "identity": "document"}]
    history = clerk.get(clerk.submission(submission.id))
    assert "Copia fatta per la persona" in history.text


@pytest.mark.slow
def test_the_copy_to_be_read_says_all_of_it(service, clerk):
    submission = prove(service, send(service))
    answers = {**submission.answers, "nome_completo": "Ánh Nguyễn"}
    correcting.repair(service.context, submission.id, answers, STAFF, Why.TYPING)
    deciding.add_note(service.context, submission.id, 1, "Ha chiamato lunedì")
    service.context.store.write(lambda db: visited(db, submission))
    done = clerk.send(asking(clerk, submission), "/copia", identity="signature")
    reader = PdfReader(BytesIO(done.body))
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))
    for said in (
        "la persona",
        "l’ufficio",
        "Per telefono Sì Festa",
        "Presente",
        "Copia dei dati",
        "Risposte di prima",
        "Ha chiamato lunedì",
        "Ánh Nguyễn",
        "Nguyễn Thị Ánh",
        "Che cosa è successo",
    ):
        assert said in text, said
    assert "autentica" not in text


def test_a_session_that_ended_gives_no_copy(service, clerk):
    submission = prove(service, send(service))
    page = clerk.get(clerk.submission(submission.id, "/copia"))
    clerk.send(clerk.get("/staff/"), "/esci")
    clerk.sign_in()
    again = clerk.send(page, "/copia", identity="document", format="json")
    assert again.status == 400
    assert clerk.send(again, "/copia").status == 200
