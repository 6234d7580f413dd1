"""The log: nothing changed, nothing cut out, nothing about people in it."""

import json
import sqlite3

import pytest

from forms_service.store import sealing
from forms_service.store.backup import backup, restore
from forms_service.store.database import Store
from forms_service.store.events import EventVerb
from forms_service.store.log_check import Fault
from forms_service.store.sealing import Head, KeptHead, LogKeys, NotOurKey, kept_in
from forms_service.workflow import correcting, deciding, log_sealing, verification
from service import LOG_KEYS

pytest_plugins = ["life"]

CANARIES = ("Canaria Canarini", "canary@example.org", "+390564484111", "crimson text")
NEW_KEYS = [*LOG_KEYS, "a newer key of the log, long enough"]


def lived(world, number=4):
    """A few lives, so that the log has something to be damaged in; sealed."""
    for index in range(number):
        world.proven(f"a{index}@example.org")
    world.seal()
    return world


def past_the_triggers(world, *statements):
    """Damage the log as somebody with the file in hand can."""

    def job(db):
        for name in ("events_stay", "events_last"):
            db.execute(f"DROP TRIGGER IF EXISTS {name}")
        for statement in statements:
            db.execute(statement)

    world.store.write(job)


def faults(world, *kept, **more):
    """Return what is wrong with the log: the fault and its entries."""
    return [(f.fault, f.entries) for f in world.check_log(*kept, **more).findings]


def head(world):
    """Return the head as somebody keeps it elsewhere."""
    return KeptHead("2030-03-01", *world.store.read(sealing.head))


def change_keys(world, keys):
    """Let the service go on with these keys."""
    world.context.folder.log_keys = LogKeys(keys)


def test_an_empty_log_is_whole(world):
    world.seal()
    assert world.check_log().whole
    assert world.check_log().head == Head()


def test_a_log_that_nobody_touched_is_whole(world):
    report = lived(world).check_log()
    # The first entry says that there was nothing before the key.
    assert (report.whole, report.head.number) == (True, 9)
    assert world.sql("SELECT verb FROM events WHERE number = 1")[0][0] == "log_key"


def test_entries_are_sealed_in_the_order_in_which_they_were_written(world):
    lived(world)
    world.proven("later@example.org")
    world.seal()
    rows = world.sql("SELECT id FROM events WHERE number > 1 ORDER BY number")
    numbers = [row[0] for row in rows]
    assert numbers == sorted(numbers)
    assert len(numbers) == 10


def test_what_waits_longer_than_a_minute_for_its_seal_is_told(world):
    world.sent()
    assert world.store.read(sealing.waiting) == (1, world.clock())
    assert world.check_log().whole
    world.clock.advance(minutes=1, seconds=1)
    assert faults(world) == [(Fault.UNSEALED, (1,))]
    world.seal()
    assert world.check_log().whole
    assert world.store.read(sealing.waiting) == (0, None)


def test_many_entries_are_sealed_in_steps(world, monkeypatch):
    monkeypatch.setattr(sealing, "STEP", 3)
    report = lived(world).check_log()
    assert (report.whole, report.head.number) == (True, 9)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "99"),
        ("at", "'2030-01-01T00:00:00+00:00'"),
        ("actor", "'staff:9'"),
        ("verb", "'accept'"),
        ("submission", "'another'"),
        ("detail", "'{}'"),
    ],
)
@pytest.mark.engine("sqlite")
def test_a_changed_entry_is_named(world, column, value):
    lived(world)
    past_the_triggers(world, f"UPDATE events SET {column} = {value} WHERE number = 5")
    assert faults(world) == [(Fault.EDITED, (5,))]


@pytest.mark.engine("sqlite")
def test_a_changed_seal_does_not_fit_the_next_entry_either(world):
    lived(world)
    key = world.context.folder.log_keys.newest
    past_the_triggers(
        world, f"UPDATE events SET seal = '{key}-{'f' * 64}' WHERE number = 5"
    )
    assert faults(world) == [(Fault.EDITED, (5,)), (Fault.EDITED, (6,))]


@pytest.mark.engine("sqlite")
def test_an_entry_taken_out_is_named(world):
    lived(world)
    past_the_triggers(world, "DELETE FROM events WHERE number IN (5, 6)")
    assert faults(world) == [(Fault.REMOVED, (5, 6))]


@pytest.mark.engine("sqlite")
def test_numbers_given_anew_hide_nothing(world):
    lived(world)
    past_the_triggers(
        world,
        "DELETE FROM events WHERE number = 5",
        "UPDATE events SET number = -number WHERE number > 5",
        "UPDATE events SET number = -number - 1 WHERE number < 0",
    )
    assert (Fault.EDITED, (5,)) in faults(world)


@pytest.mark.engine("sqlite")
def test_a_plain_hash_seals_nothing_once_there_is_a_key(world):
    lived(world)
    row = world.sql("SELECT * FROM events WHERE number = 9")[0]
    before = Head(8, world.sql("SELECT seal FROM events WHERE number = 8")[0][0])
    entry = [row["id"], row["at"], "staff:9", *tuple(row)[3:6]]
    forged = LogKeys(LOG_KEYS).seal("", before, entry)
    past_the_triggers(
        world,
        f"UPDATE events SET actor = 'staff:9', seal = '{forged}' WHERE number = 9",
    )
    world.context.folder.head.path.unlink()
    assert faults(world) == [(Fault.OTHER_KEY, (9,))]


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (["DELETE FROM events WHERE number > 5"], (Fault.CUT, (6, 9))),
        (["DELETE FROM events"], (Fault.EMPTIED, (9,))),
        (
            ["DELETE FROM events WHERE number > 5",
             "UPDATE sqlite_sequence SET seq = 4 WHERE name = 'events'"],
            (Fault.OLDER, (5, 9)),
        ),
    ],
)  # fmt: skip
def test_a_cut_at_the_end_shows_against_the_head(world, damage, expected):
    lived(world)
    past_the_triggers(world, *damage)
    assert faults(world) == [expected]
    kept = world.context.folder.head
    # The next entry hides nothing: the head stays until somebody has looked.
    world.sent("later@example.org")
    world.seal()
    assert kept.read()[0].number == 9
    assert not world.check_log().whole
    # The control: without any head nobody would know.
    kept.path.unlink()
    assert world.check_log().whole


@pytest.mark.engine("sqlite")
def test_another_database_in_the_place_of_ours_is_named(new_world):
    ours, other = new_world(), new_world()
    lived(ours)
    lived(other, 6)
    assert faults(other, head(ours)) == [(Fault.EXCHANGED, (9,))]
    assert faults(ours, head(other))[0][0] is Fault.OLDER


@pytest.mark.engine("sqlite")
def test_the_log_refuses_to_be_changed(world):
    lived(world)
    world.sent("unsealed@example.org")
    for statement in (
        "UPDATE events SET actor = 'x'",
        "UPDATE events SET seal = 'x' WHERE number = 2",
        "UPDATE events SET number = 99, verb = 'x' WHERE seal IS NULL",
        "DELETE FROM events",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            world.force(statement)
    world.seal()
    assert world.check_log().whole


def test_parallel_verbs_make_one_chain(world):
    world.at_once(20, lambda index: world.proven(f"a{index}@example.org"))
    world.seal()
    assert (world.check_log().whole, world.check_log().head.number) == (True, 41)


def test_a_new_key_goes_on_from_what_the_old_one_sealed(world):
    lived(world)
    before = world.store.read(sealing.head)
    change_keys(world, NEW_KEYS)
    world.sent("later@example.org")
    world.seal()
    row = world.sql("SELECT number, detail FROM events WHERE number = 10")[0]
    told = {"entries": 9, "seal": before.seal, "whole": True}
    assert json.loads(row["detail"]) == told
    assert world.check_log(keys=NEW_KEYS).whole
    # Whoever has only the old key seals nothing more, and sees it.
    assert faults(world) == [(Fault.NOT_OUR_KEY, (11,))]
    change_keys(world, LOG_KEYS)
    world.sent("last@example.org")
    with pytest.raises(NotOurKey):
        world.seal()
    # Without the old key what is under the new one is checked.
    report = world.check_log(keys=NEW_KEYS[1:])
    assert (report.whole, report.unknown) == (True, 9)


def test_a_new_key_seals_at_once_also_where_nothing_waits(world):
    lived(world)
    change_keys(world, NEW_KEYS)
    world.seal()
    last = world.store.read(sealing.head)
    assert (last.number, last.key) == (10, LogKeys(NEW_KEYS).newest)
    world.seal()
    assert world.store.read(sealing.head) == last


def test_a_log_whose_key_was_lost_is_begun_again_and_says_so(world, caplog):
    lived(world)
    before = world.store.read(sealing.head)
    assert log_sealing.restart(world.context, "command") == ("", None)
    change_keys(world, NEW_KEYS[1:])
    world.sent("later@example.org")
    with pytest.raises(NotOurKey):
        world.seal()
    for _ in range(3):
        log_sealing.keep_sealed(world.context)
    assert log_sealing.restart(world.context, "command") == (before.key, None)
    log_sealing.keep_sealed(world.context)
    said = [line.message for line in caplog.records if before.key in line.message]
    assert len(said) == 1
    report = world.check_log(*world.context.folder.head.read(), keys=NEW_KEYS[1:])
    assert (report.whole, report.unknown, report.head.number) == (True, 9, 11)
    (row,) = world.sql("SELECT actor, detail FROM events WHERE verb = 'log_restart'")
    told = {"entries": 9, "seal": before.seal, "key": before.key}
    assert (row["actor"], json.loads(row["detail"])) == ("command", told)
    # The control: with the key that was lost, all of it is whole.
    assert world.check_log(keys=NEW_KEYS).unknown == 0


def test_a_head_that_never_fits_is_told_once_and_gone_on_from(world, caplog):
    lived(world)
    lost = world.context.folder.head.read()[0]._replace(number=12, seal="f" * 64)
    world.context.folder.head.write(world.clock(), sealing.Head(lost.number, lost.seal))
    for number in range(2):
        world.sent(f"later{number}@example.org")
        world.seal()
    said = [r.message for r in caplog.records if "does not go on" in r.message]
    assert len(said) == 1
    world.sent("more@example.org")
    world.sent("and.more@example.org")
    assert faults(world)
    world.seal()
    assert faults(world)[0] == (Fault.EXCHANGED, (12,))
    assert log_sealing.restart(world.context, "command") == ("", lost)
    world.seal()
    report = world.check_log(lost)
    assert (report.whole, report.lost) == (True, [lost])
    # Another head that does not fit is none that was given up.
    assert faults(world, lost._replace(number=11)) == [(Fault.EXCHANGED, (11,))]
    assert log_sealing.restart(world.context, "command") == ("", None)


@pytest.mark.engine("sqlite")
def test_a_new_key_says_that_the_log_before_it_was_damaged(world):
    lived(world)
    past_the_triggers(world, "UPDATE events SET actor = 'staff:9' WHERE number = 5")
    change_keys(world, NEW_KEYS)
    world.sent("later@example.org")
    world.seal()
    (row,) = world.sql("SELECT detail FROM events WHERE number = 10")
    assert json.loads(row["detail"])["whole"] is False
    assert faults(world, keys=NEW_KEYS) == [(Fault.EDITED, (5,))]


@pytest.mark.engine("sqlite")
def test_a_copy_that_is_put_back_says_which_log_it_has_replaced(world, tmp_path):
    lived(world)
    early, copy = head(world), tmp_path / "copy.sqlite"
    backup(world.path, copy)
    world.proven("later@example.org")
    world.seal()
    late = head(world)
    world.store.close()
    kept = world.context.folder.head
    restore(copy, world.path, world.clock(), world.context.folder)
    world.store = Store(world.path)
    world.start(world.context.content)
    assert world.check_log().whole
    world.proven("again@example.org")
    world.seal()
    assert kept.read() == [head(world)]
    report = world.check_log(early, late)
    assert (report.whole, report.lost) == (True, [late])
    # The control: a copy put back by hand is an old database.
    assert faults(world, late._replace(number=20))[0][0] is Fault.OLDER


@pytest.mark.engine("sqlite")
def test_a_head_is_found_in_any_text_that_holds_it(world, tmp_path):
    kept = head(lived(world))
    assert kept_in(f"Dear all,\r\n  the log: {kept}.\r\n") == [kept]
    assert world.context.folder.head.read() == [kept]
    assert world.check_log(kept).whole
    assert faults(world, kept._replace(seal="f" * 64)) == [(Fault.EXCHANGED, (9,))]


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
    correcting.correct(world.context, world.form(), submission.id, answers)
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
