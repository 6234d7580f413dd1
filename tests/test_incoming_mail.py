"""What comes back: refusals are told, people are listed, machines get no answer."""

import logging
import re
import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_service.config import ConfigError
from forms_service.i18n import Translator
from forms_service.mail.incoming import LONGEST, Nature, read_incoming
from forms_service.mail.mailbox import (
    ImapMailbox,
    MailboxUnreachable,
    Maildir,
    mailbox_of,
)
from forms_service.mail.return_path import LIFE, return_path, returned_mail
from forms_service.store import outbox, replies
from forms_service.store.connection import StorageUnavailable
from forms_service.store.database import Store
from forms_service.tokens import Tokens
from forms_service.web.staff.history import reason_in_words
from forms_service.workers import MailRoute, send_due
from forms_service.workflow import (
    deciding,
    incoming_mail,
    mail_queue,
    purging,
    sending,
)
from forms_service.workflow.incoming_mail import ReturnsLoop
from returned_mails import HTML, MACHINES, PERSON, POSTFIX, REFUSALS
from test_workers import Postman

pytest_plugins = ["life"]

SENDER = "moduli@example.org"
TOKENS = Tokens(["a key for tests that is long enough"])


# --- what it is


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_known_by_its_code(name):
    text, reason = REFUSALS[name]
    came = read_incoming(text.encode())
    assert (came.nature, came.reason) == (Nature.REFUSAL, reason)
    assert came.text == "", "what a server wrote goes no further"


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_no_person_and_no_refusal(name):
    assert read_incoming(MACHINES[name].encode()).nature is Nature.MACHINE


def test_a_person_is_read_as_text():
    came = read_incoming(PERSON.encode())
    assert came.nature is Nature.PERSON
    assert (came.sender, came.subject) == ("anh@example.org", "Re: Conferma")
    assert came.text.startswith("Non riesco ad aprire il link, l’errore è")
    came = read_incoming(HTML.format(back="x@example.org").encode())
    assert came.text == "Grazie mille & ciao"
    long = PERSON.replace("Grazie", "Grazie " * LONGEST)
    assert len(read_incoming(long.encode()).text) == LONGEST


def test_a_person_who_forwards_a_refusal_is_a_person():
    inner = "Content-Type: message/rfc822\n\n" + POSTFIX
    mail = (
        "From: anh@example.org\nContent-Type: multipart/mixed; boundary=x\n\n"
        f"--x\nContent-Type: text/plain\n\nCosa vuol dire?\n--x\n{inner}\n--x--\n"
    )
    came = read_incoming(mail.encode())
    assert (came.nature, came.text) == (Nature.PERSON, "Cosa vuol dire?")


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\x00\xff",
        b"Content-Type: multipart/report\n\n--",
        b"Content-Type: message/delivery-status\n\nAction: failed",
        b"Content-Type: text/plain; charset=hex\n\nab\x00\x07c",
        b"Content-Type: text/plain; charset=punycode\n\n\xff-\xff",
        b"Subject: =?nonsense?q?a?=\nFrom: <<>>\nContent-Type: image/png\n\nx",
        b"Subject: =?utf-7?b?2AA=?= \xff\nTo: \xff@\xff\n\nx",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Disposition: attachment\n\nhidden\n--b--",
    ],
)
def test_whatever_comes_is_read(mail):
    came = read_incoming(mail)
    for text in (came.sender, came.subject, came.text):
        assert "\0" not in text
        text.encode()


@given(st.binary(max_size=300), st.sampled_from(sorted(REFUSALS)))
def test_damaged_mails_are_read(noise, name):
    raw = REFUSALS[name][0].encode()
    read_incoming(raw[: len(noise)] + noise + raw[len(noise) :])
    read_incoming(noise)


# --- the envelope sender


def test_an_envelope_sender_names_its_mail_for_thirty_days(clock):
    back = return_path(TOKENS, SENDER, 1234567, clock())
    assert re.fullmatch(r"moduli\+b1234567-\d+-[a-z2-7]{16}@example\.org", back)
    assert returned_mail(TOKENS, back.upper(), clock() + LIFE) == 1234567
    assert returned_mail(TOKENS, back, clock() + LIFE + timedelta(days=1)) is None
    assert returned_mail(Tokens(["older", *TOKENS._keys]), back, clock()) == 1234567


def test_no_other_envelope_sender_is_believed(clock):
    back = return_path(TOKENS, SENDER, 7, clock())
    forged = [SENDER, "", "moduli+b7@example.org", back.replace("+b7-", "+b8-")]
    other = return_path(Tokens(["another key"]), SENDER, 7, clock())
    for address in (*forged, other, back.replace("-", "-1", 1)):
        assert returned_mail(TOKENS, address, clock()) is None


def test_a_sender_with_a_name_too_long_for_a_tag_stays_as_it_is(clock):
    long = "m" * 40 + "@example.org"
    assert return_path(TOKENS, long, 7, clock()) == long


# --- what it changes


def sent_mail(world, email="anh@example.org"):
    """Send a request and its mail; return both, and where the mail comes back to."""
    submission = world.sent(email)
    mail = next(m for m in world.post() if m.submission == submission.id)
    return submission, mail, back_to(world, mail)


def back_to(world, mail):
    return return_path(world.context.tokens, SENDER, mail.id, world.clock())


def receive(world, text, back, key="0" * 32):
    raw = text.replace("{back}", back).replace("{key}", key).encode()
    return incoming_mail.receive(world.context, raw)


def refused(world, submission):
    return world.store.read(lambda db: mail_queue.refused(db, submission))


def why(world, submission):
    return world.store.read(lambda db: mail_queue.undeliverable(db, submission))


def kept(world):
    return world.store.read(replies.newest)


def test_a_refusal_that_comes_later_is_told_once(world):
    submission, mail, back = sent_mail(world)
    assert (refused(world, submission), why(world, submission)) == (False, "")
    assert receive(world, POSTFIX, back)
    assert receive(world, POSTFIX, back)
    assert (refused(world, submission), why(world, submission)) == (True, "550 5.1.1")
    token = sending.sent_token(world.context, submission)
    assert sending.open_sent(world.context, token).refused
    assert world.verbs(submission) == ["send", "sent", "failed"]
    assert world.store.read(outbox.totals)["failed"] == 1
    renewed = sending.change_address(world.context, submission.id, "b@example.org")
    world.post()
    other = world.row(submission)
    assert (refused(world, other), why(world, other)) == (False, "")
    assert renewed


@pytest.mark.promise(
    "P11",
    "somebody forges that a mail came back",
    without=(
        "signatures not looked at",
        "mail/return_path.py",
        'if tokens.is_tag("bounce", payload, tag)',
        "if payload or tag",
    ),
)
def test_only_an_envelope_sender_of_ours_changes_anything(world, figure):
    submission, mail, back = sent_mail(world)
    before = world.sql("SELECT * FROM outbox")[0]
    number, day, tag = back.removeprefix("moduli+b").split("-")
    for forged in (f"{number}1-{day}-{tag}", f"{number}-{int(day) + 1}-{tag}"):
        assert not receive(world, POSTFIX, f"moduli+b{forged}")
    assert not receive(world, POSTFIX, SENDER, mail.key)
    # Whoever has got the mail knows its key; a refusal has to come to its sender.
    thread = POSTFIX.replace("Subject:", f"In-Reply-To: <{mail.key}@x>\nSubject:", 1)
    assert receive(world, thread, SENDER)
    gone = return_path(world.context.tokens, SENDER, mail.id + 1, world.clock())
    assert receive(world, thread, gone)
    world.clock.advance(days=31)
    assert not receive(world, POSTFIX, back)
    assert tuple(world.sql("SELECT * FROM outbox")[0]) == tuple(before)
    assert not refused(world, submission)
    figure("forged, without a tag, in a thread, 31 days old: nothing changes")


@pytest.mark.parametrize("name", MACHINES)
def test_nothing_answers_a_machine_and_nothing_is_kept_of_it(world, name):
    submission, mail, back = sent_mail(world)
    assert receive(world, MACHINES[name], back, mail.key)
    assert not refused(world, submission)
    assert kept(world) == [] == world.post()


def test_the_mail_for_many_requests_is_told_to_those_without_their_own(world):
    rows = [world.sent() for _ in range(4)]
    world.post()
    world.clock.advance(days=1)
    (mail,) = world.post()
    assert receive(world, POSTFIX, back_to(world, mail))
    assert [refused(world, row) for row in rows] == [False, False, False, True]


def test_one_refused_at_once_is_told_with_the_mail_for_many_too(world):
    rows = [world.sent() for _ in range(4)]
    world.post()
    world.clock.advance(days=1)
    world.force("UPDATE outbox SET failed_at = created_at, reason = '550 5.1.1' "
                "WHERE kind = 'verify_many'")  # fmt: skip
    assert refused(world, rows[3])


def test_what_people_answer_is_kept_for_a_month_and_erased_with_the_request(world):
    submission, mail, back = sent_mail(world)
    other, other_mail, _ = sent_mail(world, "b@example.org")
    for _ in range(2):
        assert receive(world, PERSON, back)
    assert receive(world, PERSON, SENDER, other_mail.key)
    assert not receive(world, PERSON, SENDER)
    first, second = sorted(kept(world), key=lambda reply: reply.reference)
    assert {first.submission, second.submission} == {submission.id, other.id}
    assert (first.sender, "Grazie" in first.text) == ("anh@example.org", True)
    deciding.erase(world.context, other.id, "citizen")
    assert [reply.submission for reply in kept(world)] == [submission.id]
    world.clock.advance(days=29)
    purging.purge(world.context)
    assert world.sql("SELECT count(*) FROM replies")[0][0] == len(kept(world))
    world.clock.advance(days=1)
    purging.purge(world.context)
    assert kept(world) == []


def test_an_answer_to_a_mail_about_no_request_is_kept_without_one(world):
    for _ in range(4):
        world.sent()
    world.post()
    world.clock.advance(days=1)
    (mail,) = world.post()
    assert receive(world, PERSON, SENDER, mail.key)
    (reply,) = kept(world)
    assert (reply.submission, reply.reference) == (None, "")
    assert receive(world, POSTFIX, back_to(world, mail))


def test_who_answers_without_end_fills_no_disk(world):
    _, mail, back = sent_mail(world)
    took = [
        receive(world, PERSON.replace("Grazie", f"Grazie {n}"), back)
        for n in range(incoming_mail.MOST_REPLIES + 2)
    ]
    assert took == [True] * incoming_mail.MOST_REPLIES + [False] * 2


def test_a_request_without_address_has_no_mail_that_came_back(world):
    submission = world.sent(None)
    assert (refused(world, submission), why(world, submission)) == (False, "")


# --- the mailbox


def maildir(folder):
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return Maildir(folder)


def test_a_maildir_is_emptied_of_what_is_ours_and_keeps_the_rest(world, tmp_path):
    submission, mail, back = sent_mail(world)
    box = maildir(tmp_path / "box")
    (box.folder / "new" / "1.host").write_text(POSTFIX.replace("{back}", back), "utf-8")
    (box.folder / "new" / "2.host").write_text("From: a@b.it\n\nHello", "utf-8")
    loop = ReturnsLoop(world.context, box)
    assert loop() == 60
    assert refused(world, submission)
    assert list((box.folder / "new").iterdir()) == []
    (left,) = (box.folder / "cur").iterdir()
    assert (left.name, left.read_text("utf-8")[-5:]) == ("2.host:2,S", "Hello")
    assert ReturnsLoop(world.context, None)() == 3600


@pytest.mark.engine("sqlite")
def test_one_mail_that_cannot_be_taken_stops_no_other(world, tmp_path, caplog):
    submission, mail, back = sent_mail(world)
    _, other, other_back = sent_mail(world, "b@example.org")
    box = maildir(tmp_path / "box")
    for name, to in (("1", back), ("2", other_back)):
        text = PERSON.replace("{back}", to)
        (box.folder / "new" / name).write_text(text, "utf-8")
    world.force(
        "CREATE TRIGGER planted BEFORE INSERT ON replies "
        f"WHEN new.submission = '{submission.id}' "
        "BEGIN SELECT RAISE (ABORT, 'planted'); END"
    )
    ReturnsLoop(world.context, box)()
    assert [reply.sender for reply in kept(world)] == ["anh@example.org"]
    assert len(list((box.folder / "cur").iterdir())) == 1
    assert "a mail that came back: IntegrityError" in caplog.text


def test_a_mailbox_that_cannot_be_read_is_told_once_and_for_how_long(
    world, tmp_path, caplog
):
    caplog.set_level(logging.WARNING)
    loop = ReturnsLoop(world.context, Maildir(tmp_path / "none"))
    assert loop.failing_for == 0
    assert (loop(), loop()) == (60, 60)
    assert loop.failing_for > 0
    assert caplog.text.count("the mailbox of FORMS_BOUNCES: FileNotFoundError") == 1
    with socket.socket() as taken:
        # Bound, and nobody listens.
        taken.bind(("127.0.0.1", 0))
        gone = mailbox_of(f"imap://me:secret@127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(MailboxUnreachable, match="ConnectionRefusedError"):
            gone.read(lambda raw: True)
    for folder in ("new", "cur"):
        (tmp_path / "none" / folder).mkdir(parents=True)
    assert loop() == 60
    assert loop.failing_for == 0


def test_the_setting_names_a_folder_or_a_server():
    assert mailbox_of("") is None
    assert mailbox_of("/var/mail/moduli") == Maildir(Path("/var/mail/moduli"))
    assert mailbox_of("imaps://a%40b:p%2Fw@mail.example/Returned") == ImapMailbox(
        "mail.example", 993, "a@b", "p/w", "Returned", True
    )
    assert mailbox_of("imap://a:b@127.0.0.1:1143") == ImapMailbox(
        "127.0.0.1", 1143, "a", "b", "INBOX", False
    )
    for wrong in ("x", "pop3://a:b@c", "imaps://host/INBOX", "imap://a:b@c:x"):
        with pytest.raises(ConfigError, match="FORMS_BOUNCES: write imaps"):
            mailbox_of(wrong)


def test_a_mail_leaves_with_its_own_envelope_sender_where_it_can_come_back(
    world, tmp_path
):
    world.sent()
    world.sent("b@example.org")
    way = Postman()
    send_due(world.context, MailRoute(way, SENDER, ""))
    assert way.paths == ["", ""]
    submission = world.sent("c@example.org")
    send_due(world.context, MailRoute(way, SENDER, "", Maildir(tmp_path)))
    (mail,) = world.mails(submission)
    assert returned_mail(world.context.tokens, way.paths[-1], world.clock()) == mail.id


# --- what is shown


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("550 5.1.1", "la casella non esiste (550 5.1.1)"),
        ("550 5.1.10", "la casella non esiste (550 5.1.10)"),
        ("552", "la casella è piena (552)"),
        ("550 5.2.1", "la casella è chiusa (550 5.2.1)"),
        ("550 4.4.1", "il server non risponde da giorni (550 4.4.1)"),
        ("554 5.7.1", "il server rifiuta i nostri messaggi (554 5.7.1)"),
        ("550", "la casella non esiste, o il server ci rifiuta (550)"),
        ("552 5.3.4", "il messaggio è troppo grande per il server (552 5.3.4)"),
        ("554", "il server la rifiuta (554)"),
        ("no answer at RCPT", "no answer at RCPT"),
        ("", ""),
    ],
)
def test_staff_read_the_reason_in_words(world, reason, words):
    assert reason_in_words(reason, Translator("it", world.context.zone)) == words


def test_staff_and_the_person_see_that_an_address_does_not_receive(
    service, citizen, clerk
):
    link = citizen.proven().link

    def came(text):
        mails = service.context.store.read(
            lambda db: outbox.of_submission(db, citizen.id)
        )
        back = return_path(
            service.context.tokens, SENDER, mails[-1].id, service.clock()
        )
        raw = text.replace("{back}", back).replace("{key}", mails[-1].key)
        assert incoming_mail.receive(service.context, raw.encode())

    assert "Non ha ancora risposto nessuno" in clerk.get("/staff/posta").text
    came(PERSON)
    page = clerk.get("/staff/posta")
    assert re.search("Re: Conferma.*Non riesco ad aprire il link", page.text)
    assert page.find(f"//a[contains(@href, '{citizen.id}')]")
    assert "non arriva" not in service.get(link).text
    came(POSTFIX)
    text = clerk.get(f"/staff/richiesta/{citizen.id}").text
    assert "Un’email non è arrivata" in text
    assert "la casella non esiste (550 5.1.1)" in text
    assert "L’email non arriva a questo indirizzo" in service.get(link).text
    read = service.context.store.read(
        lambda db: db.execute(
            "SELECT count(*) FROM events WHERE verb = 'read_replies'"
        ).fetchone()[0]
    )
    assert read == 1, "an empty list is nothing read"


def test_the_page_after_sending_tells_a_mail_that_came_back(service, citizen):
    citizen.take_mail()
    (mail,) = service.context.store.read(
        lambda db: outbox.of_submission(db, citizen.id)
    )
    back = return_path(service.context.tokens, SENDER, mail.id, service.clock())
    incoming_mail.receive(service.context, POSTFIX.replace("{back}", back).encode())
    assert "L’email non arriva a questo indirizzo" in citizen.page().text


class Following(Store):
    """The store of a process that another one leads."""

    leading = False


def test_of_many_processes_the_one_that_leads_reads_the_mailbox(world, tmp_path):
    loop = ReturnsLoop(world.context, Maildir(tmp_path / "none"))
    loop()
    assert loop.failing_for > 0
    with closing(Following(world.store.where)) as store:
        loop = ReturnsLoop(
            replace(world.context, store=store), Maildir(tmp_path / "none")
        )
        assert loop() == 60
        assert loop.failing_for == 0


@pytest.mark.engine("sqlite")
def test_a_mail_is_read_again_when_nothing_could_be_stored(world, tmp_path):
    submission, mail, back = sent_mail(world)
    box = maildir(tmp_path / "box")
    (box.folder / "new" / "1").write_text(POSTFIX.replace("{back}", back), "utf-8")
    with (
        closing(Store(world.path, patience=0.01)) as store,
        closing(sqlite3.connect(world.path)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable):
            ReturnsLoop(replace(world.context, store=store), box)()
    ReturnsLoop(world.context, box)()
    assert refused(world, submission)
