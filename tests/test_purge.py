"""Erasure: on the promised day, everywhere, and only then."""

import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from forms_service.clock import utc_text
from forms_service.definition.retention import Anchor, Period, Unit
from forms_service.store import queue, removal, revisions, search, staff
from forms_service.store.events import EventVerb
from forms_service.store.filters import Filter
from forms_service.store.postgres import connect
from forms_service.store.postgres_engine import RENEWED_TODAY
from forms_service.store.submissions import NotFound, Status
from forms_service.workflow import (
    correcting,
    deciding,
    mail_delivery,
    mail_queue,
    maintenance,
    purging,
)

pytest_plugins = ["life"]

STAFF = "staff:1"
FORGOTTEN = "somebody is erased: no file of ours holds a word of it"
FILE = "forms/every-type.yml"
EVENT = "events/incontro.yml"
COPY = (EVENT, "sequence: 0", "sequence: 1")
MARKERS = (
    "Xylofonia",
    "Quetzalina",
    "jaguar@example.org",
    "+390564484111",
    "violazzurro",
)


def midnight(year, month, day):
    """Return the beginning of a day in Rome, in winter."""
    return datetime(year, month, day, tzinfo=UTC) - timedelta(hours=1)


def decide(world, submission, verb):
    return deciding.decide(world.context, submission.id, verb, STAFF, reason="why")


def lively(world):
    """A submission that has left traces in every table it can."""
    name, ente, email, phone, word = MARKERS
    submission = world.proven(
        email, nome=name, telefono=phone, profilo="ente", ente=ente, note=word
    )
    maintenance.update_search(world.context)
    answers = world.answers(
        email, nome=f"{name} bis", telefono=phone, profilo="ente", ente=ente, note=word
    )
    correcting.correct(world.context, world.form(), submission.id, answers)
    deciding.add_note(world.context, submission.id, world.clerk.id, f"{word} {name}")
    world.post()
    return world.row(submission)


def files_with(world, marker):
    """Name the files of the database that hold a text, as bytes.

    The index folds capitals and leaves out what a word shares with the one before.
    """
    wanted = {marker.encode(), marker.lower().encode(), marker.lower()[3:].encode()}
    found = []
    for file in sorted(Path(world.folder).glob("forms.sqlite*")):
        content = file.read_bytes()
        if any(text in content for text in wanted):
            found.append(file.name)
    return found


def crowd(world):
    """Other people, so that erased text is not alone on its pages."""
    for index in range(30):
        world.proven(f"b{index}@example.org", nome=f"Persona {index}")
    maintenance.update_search(world.context)


@pytest.mark.parametrize("how", ["erase", "purge"])
@pytest.mark.engine("sqlite")
@pytest.mark.promise("P14", FORGOTTEN)
def test_nothing_of_an_erased_person_is_in_any_file(world, how, figure):
    crowd(world)
    submission = lively(world)
    crowd(world)
    # The control: before, every text is found, so the search finds what is there.
    assert all(files_with(world, marker) for marker in MARKERS)
    if how == "erase":
        deciding.erase(world.context, submission.id, STAFF)
    else:
        world.force(
            "UPDATE submissions SET purge_after = created_at WHERE id = ?",
            submission.id,
        )
        assert [gone.id for gone in purging.purge(world.context)] == [submission.id]
    assert {marker: files_with(world, marker) for marker in MARKERS} == {
        marker: [] for marker in MARKERS
    }
    for table in ("revisions", "notes", "outbox"):
        rows = world.sql(f"SELECT 1 FROM {table} WHERE submission = ?", submission.id)
        assert rows == []
    assert world.verbs(submission)[-1] == how
    assert world.sql("SELECT count(*) FROM submissions")[0][0] == 60
    figure(f"{len(MARKERS)} of their texts in our files before, 0 after")


@pytest.mark.engine("postgresql")
def test_an_erased_person_can_no_longer_be_read_and_the_index_is_made_anew(world):
    def vacuums():
        name = "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = "
        return world.sql(f"{name}'submissions' AND schemaname = current_schema()")[0][0]

    crowd(world)
    submission = lively(world)
    before = vacuums()
    deciding.erase(world.context, submission.id, STAFF)
    for table in ("submissions", "revisions", "notes", "outbox"):
        rows = world.sql(f"SELECT CAST({table} AS text) FROM {table}")
        assert not any(marker in row[0] for row in rows for marker in MARKERS)
    purging.purge(world.context)
    # With many rows it takes minutes: who asks to be erased does not wait for it.
    assert vacuums() == before + 1
    with closing(connect(world.store.where)) as db:
        [(renewed, _)] = db.execute(RENEWED_TODAY).fetchall()
    assert renewed
    # Once a day: it takes a while where there are millions.
    world.store.renew_search()


# What a server that others use at the same time still holds open is left for later.
@pytest.mark.slow
@pytest.mark.engine("postgresql")
def test_an_erased_person_leaves_the_files_of_the_server(world, cluster):
    """Its words at the next purge; bytes of freed places when others take them."""

    def names_with_any():
        cluster.execute("CHECKPOINT")
        paths = world.sql(
            "SELECT relname, pg_relation_filepath(oid) FROM pg_class "
            "WHERE relkind IN ('r', 'i', 't')"
        )
        texts = [marker.lower().encode() for marker in MARKERS]
        return {
            name
            for name, path in paths
            if path and (file := cluster.folder / "data" / path).exists()
            if any(text in file.read_bytes().lower() for text in texts)
        }

    crowd(world)
    submission = lively(world)
    crowd(world)
    assert names_with_any() >= {"submissions", "submissions_words", "outbox", "notes"}
    deciding.erase(world.context, submission.id, STAFF)
    assert "submissions_words" in names_with_any()
    purging.purge(world.context)
    assert "submissions_words" not in names_with_any()
    with closing(connect(world.store.where)) as db:
        for table in ("submissions", "revisions", "notes", "outbox"):
            db.at_once(f"VACUUM FULL {table}")
    world.store.renew_search()
    assert names_with_any() == set()


@pytest.mark.engine("sqlite")
@pytest.mark.promise("P14", FORGOTTEN, control=True)
def test_without_tidying_the_index_would_remember(world, figure):
    submission = lively(world)
    world.store.write(lambda db: removal.erase(db, submission.id))
    assert world.store.checkpoint()
    assert (found := files_with(world, "Xylofonia"))
    figure(control=f"without tidying the index: in {len(found)} files")


@pytest.mark.engine("sqlite")
def test_a_reader_in_the_way_is_made_up_for_by_the_next_purge(world):
    submission = lively(world)
    reading, done = threading.Event(), threading.Event()

    def look(db):
        db.execute("SELECT count(*) FROM submissions").fetchone()
        reading.set()
        done.wait(30)

    reader = threading.Thread(target=lambda: world.store.read(look))
    reader.start()
    assert reading.wait(30)
    world.force(
        "UPDATE submissions SET purge_after = created_at WHERE id = ?", submission.id
    )
    began = time.monotonic()
    assert len(purging.purge(world.context)) == 1
    assert time.monotonic() - began < 2
    assert files_with(world, "Xylofonia")
    done.set()
    reader.join()
    assert purging.purge(world.context) == []
    assert files_with(world, "Xylofonia") == []


# --- the promised day


def test_an_unproven_request_goes_after_thirty_days(world):
    submission = world.sent()
    assert submission.purge_after == datetime(2030, 3, 31, 22, tzinfo=UTC)
    world.clock.now = submission.purge_after - timedelta(seconds=1)
    assert purging.purge(world.context) == []
    world.clock.now = submission.purge_after
    assert [gone.id for gone in purging.due(world.context)] == [submission.id]
    assert world.row(submission) == submission
    assert [gone.id for gone in purging.purge(world.context)] == [submission.id]
    with pytest.raises(NotFound):
        world.row(submission)


def test_every_transition_computes_the_day_again(world):
    submission = world.proven()
    assert submission.purge_after == midnight(2031, 3, 2)
    world.clock.advance(days=10)
    assert decide(world, submission, EventVerb.DECLINE).purge_after.date() == date(
        2030, 9, 11
    )
    reopened = decide(world, submission, EventVerb.REOPEN)
    assert reopened.purge_after == midnight(2031, 3, 2)
    accepted = decide(world, submission, EventVerb.ACCEPT)
    # Thirty days after the event of 28 October.
    assert accepted.purge_after == midnight(2030, 11, 28)
    withdrawn = decide(world, submission, EventVerb.WITHDRAW)
    assert withdrawn.purge_after.date() == date(2030, 4, 10)


def test_a_correction_long_after_never_brings_the_day_forward(new_world):
    long = "accepted: {years: 4, after: decision}"
    world = new_world((FILE, "accepted: {days: 30, after: event}", long))
    submission = world.proven()
    accepted = decide(world, submission, EventVerb.ACCEPT)
    world.clock.advance(days=500)
    answers = world.answers(nome="Ánh Nguyễn")
    corrected = correcting.correct(world.context, world.form(), submission.id, answers)
    assert corrected.purge_after == accepted.purge_after
    decide(world, submission, EventVerb.DECLINE)
    reopened = decide(world, submission, EventVerb.REOPEN)
    assert reopened.purge_after > world.clock()
    assert purging.purge(world.context) == []


def test_a_leap_day_ends_on_the_last_day_of_february(new_world):
    world = new_world(
        (FILE, "opens: 2030-02-01", "opens: 2028-02-01"),
        (
            FILE,
            "open: {months: 12, after: sending}",
            "open: {years: 1, after: sending}",
        ),
    )
    world.clock.now = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert world.proven().purge_after == midnight(2029, 3, 1)


def test_a_row_sent_late_in_the_evening_counts_from_its_day_in_rome(world):
    world.clock.now = datetime(2030, 3, 31, 22, 30, tzinfo=UTC)
    # There it is already 1 April: thirty days later is 1 May.
    assert world.sent().purge_after == datetime(2030, 5, 1, 22, tzinfo=UTC)


@pytest.mark.parametrize(("to", "day"), [("2030-12-01", 31), ("2030-06-01", 1)])
def test_a_moved_event_moves_the_day_of_erasure(new_world, to, day):
    world = new_world(COPY)
    submission = world.proven()
    decide(world, submission, EventVerb.ACCEPT)
    waiting = world.proven()
    world.edit((EVENT, "date: 2030-10-28", f"date: {to}"))
    # The purge asks for itself: nobody has to remember to.
    assert purging.purge(world.context) == []
    moved = world.row(submission).purge_after
    last = (moved - timedelta(hours=12)).date()
    assert last == date.fromisoformat(to) + timedelta(days=30)
    assert last.day == day
    assert world.row(waiting).purge_after == waiting.purge_after
    assert purging.refresh_retention(world.context) == 0


def test_a_purge_after_the_event_was_put_off_erases_nobody_early(new_world):
    world = new_world(COPY)
    submission = world.proven()
    accepted = decide(world, submission, EventVerb.ACCEPT)
    world.clock.now = accepted.purge_after
    world.edit((EVENT, "date: 2030-10-28", "date: 2031-01-28"))
    assert purging.purge(world.context) == []
    assert world.row(submission).status is Status.ACCEPTED


def test_a_form_that_points_to_another_event_follows_it(new_world):
    world = new_world(COPY)
    submission = world.proven()
    decide(world, submission, EventVerb.ACCEPT)
    other = world.folder / "content" / "events" / "altro.yml"
    first = (world.folder / "content" / EVENT).read_text(encoding="utf-8")
    other.write_text(
        first.replace("date: 2030-10-28", "date: 2031-01-28"), encoding="utf-8"
    )
    world.edit((FILE, "event: incontro", "event: altro"))
    assert purging.refresh_retention(world.context) == 1
    assert world.row(submission).purge_after == midnight(2031, 2, 28)


def test_many_rows_go_in_batches_of_two_hundred(world):
    world.sent()
    world.force(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)"
        " INSERT INTO submissions (id, reference, form_id, fingerprint, lang,"
        " text_hash, source, status, place, proof, answers, created_at, purge_after,"
        " link_expires_at) SELECT 'id' || i, 'R' || i, form_id, fingerprint, lang,"
        " text_hash, source, status, 'none', proof, answers, created_at,"
        " '2030-02-01T00:00:00+00:00', link_expires_at FROM submissions, n"
    )
    assert len(purging.purge(world.context)) == 450
    assert world.sql("SELECT count(*) FROM submissions")[0][0] == 1


# --- single answers


def test_a_single_answer_goes_when_its_own_time_is_over(world):
    submission = world.proven(nascita="01/02/1980")
    decide(world, submission, EventVerb.ACCEPT)
    assert world.row(submission).answers["nascita"] == "1980-02-01"
    world.clock.now = midnight(2030, 11, 28)
    world.force(
        "UPDATE submissions SET purge_after = ?", utc_text(midnight(2031, 1, 1))
    )
    assert purging.erase_fields(world.context) == 1
    row = world.row(submission)
    assert "nascita" not in row.answers
    assert row.answers == {
        k: v for k, v in submission.answers.items() if k != "nascita"
    }
    assert world.events(submission)[-1].detail == {"fields": ["nascita"]}
    assert purging.erase_fields(world.context) == 0


def test_a_single_answer_goes_out_of_earlier_answers_too(world):
    submission = world.proven(nascita="01/02/1980")
    answers = world.answers()
    correcting.correct(world.context, world.form(), submission.id, answers)
    assert "nascita" not in world.row(submission).answers
    world.clock.now = midnight(2030, 11, 28)
    assert purging.erase_fields(world.context) == 1
    (revision,) = world.store.read(
        lambda db: revisions.of_submission(db, submission.id)
    )
    assert "nascita" not in revision.answers
    assert revision.answers["nome"] == submission.answers["nome"]


@pytest.mark.parametrize("role", ["email", "telefono", "nome"])
def test_an_erased_answer_leaves_its_column_and_its_mails_too(new_world, role):
    ids = {"email": "email", "telefono": "phone", "nome": "name"}
    world = new_world(
        (
            FILE,
            f"role: {ids[role]}",
            f"role: {ids[role]}\n        erase_after: {{days: 5, after: decision}}",
        )
    )
    name, _, email, phone, _ = MARKERS
    submission = world.proven(email, telefono=phone, nome=name)
    world.post()
    world.clock.advance(days=20)
    # Not decided yet: five days after nothing is never.
    assert purging.erase_fields(world.context) == 0
    decide(world, submission, EventVerb.ACCEPT)
    world.clock.advance(days=6)
    purging.purge(world.context)
    row = world.row(submission)
    assert getattr(row, ids[role]) is None
    assert role not in row.answers
    marker = {"email": email, "telefono": phone, "nome": name}[role]
    assert files_with(world, marker) == []
    assert mail_delivery.claim(world.context) is None or role != "email"


@pytest.mark.engine("sqlite")
def test_an_erased_text_is_found_no_more_and_the_rest_is(new_world):
    erased = "erase_after: {days: 5, after: decision}"
    world = new_world((FILE, "id: note\n", f"id: note\n        {erased}\n"))
    *_, word = MARKERS
    submission = world.proven(note=f"Vicino al {word}")
    decide(world, submission, EventVerb.ACCEPT)

    def found(text):
        maintenance.update_search(world.context)
        wanted = Filter(text=text)
        return len(world.store.read(lambda db: queue.queue(db, wanted, 9)))

    assert (found(word), found("nguyen")) == (1, 1)
    assert files_with(world, word)
    world.clock.advance(days=6)
    purging.purge(world.context)
    assert (found(word), found("vicino"), found("nguyen")) == (0, 0, 1)
    assert files_with(world, word) == []


def test_an_answer_given_while_the_purge_looks_is_not_lost(world):
    """What is erased is looked for again inside the transaction."""
    submission = world.proven(nascita="01/02/1980")
    world.clock.now = midnight(2030, 11, 28)

    def job(index):
        if index:
            return purging.erase_fields(world.context)
        answers = world.answers(nome="Nome Nuovo")
        form = world.form()
        return correcting.correct(world.context, form, submission.id, answers)

    for result in world.at_once(2, job):
        assert not isinstance(result, Exception)
    purging.erase_fields(world.context)
    row = world.row(submission)
    assert row.answers["nome"] == row.name == "Nome Nuovo"
    assert "nascita" not in row.answers


def test_a_row_erased_while_the_purge_looks_is_passed_over(world):
    submission, looks = world.proven(nascita="01/02/1980"), []
    world.clock.now = midnight(2030, 11, 28)

    def clock():
        """Let the owner erase the row when the purge asks how late it is."""
        if not looks:
            looks.append(submission.id)
            world.store.write(lambda db: removal.erase(db, submission.id))
        return world.clock()

    assert purging.erase_fields(replace(world.context, clock=clock)) == 0
    assert looks == [submission.id]
    assert EventVerb.ERASE_FIELDS not in world.verbs(submission)
    with pytest.raises(NotFound):
        world.row(submission)


def test_mails_to_staff_are_forgotten_a_month_after_they_left(world):
    world.store.write(lambda db: staff.set_wants_mail(db, world.clerk.id, True))
    submission = world.proven()
    mail_queue.queue_digests(world.context)
    world.post()
    world.clock.advance(days=29)
    purging.purge(world.context)
    assert world.sql("SELECT count(*) FROM outbox WHERE staff = 1")[0][0] == 1
    world.clock.advance(days=1)
    purging.purge(world.context)
    assert [mail.kind for mail in world.mails(submission)] == ["receipt"]
    assert world.sql("SELECT count(*) FROM outbox")[0][0] == 1


def test_sessions_that_nobody_uses_are_dropped(world):
    for digest, seen in (("a", "2030-03-01T08:00:00"), ("b", "2030-03-01T08:59:00")):
        world.force(
            "INSERT INTO sessions (digest, staff, created_at, seen_at) "
            "VALUES (?, 1, ?, ?)",
            digest, f"{seen}+00:00", f"{seen}+00:00",
        )  # fmt: skip
    now = world.clock()
    gone = maintenance.drop_sessions(
        world.context, now - timedelta(minutes=30), now - timedelta(hours=8)
    )
    assert gone == 1
    assert [row[0] for row in world.sql("SELECT digest FROM sessions")] == ["b"]


@pytest.mark.engine("sqlite")
def test_erased_words_leave_a_large_index_in_steps_also_while_others_come(world):
    """Many small segments, so that one step does not merge them all."""
    with_words = "UPDATE submissions SET search = search || ' ' || ?"
    for word in range(40):
        crowded = " ".join(f"w{word}x{n}" for n in range(400))
        world.sent(f"p{word}@example.org", nome=f"Persona {word}")
        maintenance.update_search(world.context)
        world.force(f"{with_words} WHERE name = ?", crowded, f"Persona {word}")
    gone = world.sent("jaguar@example.org", nome="Xylofonia")
    maintenance.update_search(world.context)
    deciding.erase(world.context, gone.id, STAFF)
    world.force(f"{with_words} WHERE name = 'Persona 3'", "later")
    taken = 0
    while world.store.read(search.untidy):
        world.store.write(search.tidy)
        world.sent(f"q{taken}@example.org")
        maintenance.update_search(world.context)
        taken += 1
    assert taken > 1
    assert world.store.checkpoint()
    assert files_with(world, "Xylofonia") == []
    world.force(
        "INSERT INTO submissions_fts (submissions_fts, rank) "
        "VALUES ('integrity-check', 1)"
    )


def test_what_is_not_due_is_left_alone(world):
    """Each row is looked at again inside the transaction."""
    submission, context = world.proven(), world.context
    decided = Period(30, Unit.DAYS, Anchor.DECISION)

    def ask(job):
        return world.store.read(lambda db: job(db))

    form = world.form()
    assert not purging._is_over(context, form, decided, submission)
    assert not ask(lambda db: purging._shown_again(db, submission))
    assert ask(lambda db: purging._moved(context, db, submission)) is None
    answers = iter([True, False])
    changed = purging._change_rows(
        context,
        lambda context, db: iter([submission]),
        lambda context, db, row: next(answers),
        lambda context, db, row: None,
    )
    assert changed == 0
