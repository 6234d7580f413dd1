"""The log: nothing changed, nothing cut out, nothing about people in it."""

import json
import sqlite3
from datetime import datetime

import pytest

from forms_service.store import events
from forms_service.store.events import GENESIS, Broken, EventVerb
from forms_service.workflow import deciding, verification

pytest_plugins = ["life"]

CANARIES = ("Canaria Canarini", "canary@example.org", "+390564484111", "crimson text")


def verify(world):
    return world.store.read(events.verify)


def lived(world, number=4):
    """A few lives, so that the log has something to be damaged in."""
    for index in range(number):
        world.proven(f"a{index}@example.org")
    return world


def past_the_triggers(world, statement, *values):
    """Damage the log as somebody with the file in hand can."""

    def job(db):
        for name in ("events_stay", "events_last"):
            db.execute(f"DROP TRIGGER IF EXISTS {name}")
        db.execute(statement, values)

    world.store.write(job)


def test_an_empty_log_is_whole(world):
    assert verify(world) == (0, None)
    assert world.store.read(events.head) == GENESIS


def test_a_log_that_nobody_touched_is_whole(world):
    assert verify(lived(world)) == (8, None)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2030-01-01T00:00:00+00:00"),
        ("actor", "staff:9"),
        ("verb", "accept"),
        ("submission", "another"),
        ("detail", "{}"),
        ("previous", "0" * 64),
        ("hash", "f" * 64),
    ],
)
@pytest.mark.engine("sqlite")
def test_a_changed_entry_is_named(world, column, value):
    lived(world)
    past_the_triggers(world, f"UPDATE events SET {column} = ? WHERE id = 5", value)
    assert verify(world) == (4, Broken(5))


@pytest.mark.engine("sqlite")
def test_an_entry_taken_out_is_seen_at_the_next(world):
    lived(world)
    past_the_triggers(world, "DELETE FROM events WHERE id = 5")
    assert verify(world) == (4, Broken(6))


@pytest.mark.engine("sqlite")
def test_a_recomputed_entry_breaks_the_next(world):
    lived(world)
    row, *later = world.sql("SELECT * FROM events WHERE id >= 5 ORDER BY id")
    past_the_triggers(world, "DELETE FROM events WHERE id >= 5")

    def forge(db):
        about = json.loads(row["detail"])
        verb = EventVerb(row["verb"])
        at = datetime.fromisoformat(row["at"])
        events.record(db, at, "staff:9", verb, row["submission"], about)
        db.execute("UPDATE events SET id = 5 WHERE id > 5")
        for entry in later:
            db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entry)

    world.store.write(forge)
    assert verify(world) == (5, Broken(6))


@pytest.mark.engine("sqlite")
def test_a_cut_at_the_end_shows_only_against_a_kept_head(world):
    lived(world)
    kept = world.store.read(events.head)
    past_the_triggers(world, "DELETE FROM events WHERE id > 5")
    assert verify(world) == (5, None)
    assert world.store.read(events.head) != kept


@pytest.mark.engine("sqlite")
def test_the_log_refuses_to_be_changed(world):
    lived(world)
    for statement in ("UPDATE events SET actor = 'x'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            world.force(statement)
    assert verify(world) == (8, None)


def test_parallel_verbs_make_one_chain(world):
    world.at_once(20, lambda index: world.proven(f"a{index}@example.org"))
    assert verify(world) == (40, None)


def test_no_event_holds_an_address_an_answer_or_a_text(world):
    name, email, phone, text = CANARIES
    submission = world.proven(email, nome=name, telefono=phone, note=text)
    world.post()
    deciding.add_note(world.context, submission.id, world.clerk.id, text)
    verification.request_code(world.context, submission.id)
    deciding.decide(
        world.context, submission.id, EventVerb.ACCEPT, "staff:1", reason=text
    )
    answers = world.answers(f"2{email}", nome=name, note=text)
    deciding.correct(world.context, world.form(), submission.id, answers, "citizen")
    deciding.decide(
        world.context, submission.id, EventVerb.WITHDRAW, "citizen", reason=text
    )
    verification.lost_link(world.context, email)
    deciding.erase(world.context, submission.id, "staff:1")
    logged = json.dumps([list(row) for row in world.sql("SELECT * FROM events")])
    assert all(canary not in logged for canary in CANARIES)
    assert "erase" in logged


def test_the_history_of_a_submission_is_its_own(world):
    submission, other = world.proven(), world.proven("other@example.org")
    assert world.verbs(submission) == ["send", "confirm"]
    event = world.events(submission)[0]
    assert (event.actor, event.submission, event.detail) == (
        "citizen",
        submission.id,
        {"form": "every-type"},
    )
    assert event.at == world.clock()
    assert {e.submission for e in world.events(other)} == {other.id}
