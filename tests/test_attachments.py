"""Scans as rows: bound in one unit, read with a trace, gone without one."""

import sqlite3
from datetime import date, timedelta

import pytest

from forms_service.intake.scan import Scan
from forms_service.store import attachments, submissions
from forms_service.store.submissions import NotFound, Proof, Source
from forms_service.workflow import attaching, deciding, desk_entry, purging
from forms_service.workflow.attaching import MOST, ScanGone, TooManyScans
from forms_service.workflow.desk_entry import DeskEntry

pytest_plugins = ["life"]

HEAD, TAIL = b"canary at the head", b"canary at the tail"
CANARY = HEAD + bytes(range(256)) * 64 + TAIL
CARLA, OTHER = "staff:1", "staff:2"


def scan(data=CANARY, kind="png"):
    return Scan(data, kind, 1, ())


def entered(world, scans=()):
    entry = DeskEntry(Source.PAPER, date(2030, 3, 1), Proof.SIGNATURE)
    return desk_entry.enter(
        world.context, world.form(), world.answers(), entry, CARLA, scans=scans
    )


def stored(world):
    return world.sql("SELECT id, submission, data FROM attachments ORDER BY rowid")


def kept_of(world, submission):
    return world.store.read(lambda db: attachments.of_submission(db, submission.id))


def on_disk(world):
    """Return every byte of the database and its log."""
    files = sorted(world.folder.glob("forms.sqlite*"))
    return b"".join(file.read_bytes() for file in files)


def test_a_scan_waits_for_its_form_and_is_bound_when_the_row_is_stored(world):
    first, second = attaching.keep(
        world.context, [scan(), scan(b"\xff\xd8\xff", "jpeg")], 1
    )
    assert [row["submission"] for row in stored(world)] == [None, None]

    submission = entered(world, [first, second])

    found = kept_of(world, submission)
    assert [(a.id, a.kind, a.pages, a.size, a.staff) for a in found] == [
        (first, "png", 1, len(CANARY), 1),
        (second, "jpeg", 1, 3, 1),
    ]
    assert world.verbs(submission) == ["enter", "attach"]
    assert world.events(submission)[1].detail == {"attachments": [first, second]}


def test_a_row_whose_scan_is_gone_is_not_stored_at_all(world):
    (key,) = attaching.keep(world.context, [scan()], 1)
    with pytest.raises(ScanGone):
        entered(world, [key, "unknown"])
    assert world.sql("SELECT * FROM submissions") == []
    assert [row["submission"] for row in stored(world)] == [None]
    assert world.sql("SELECT * FROM events") == []
    entered(world, [key])


def test_only_who_uploaded_a_scan_may_look_at_it_or_bind_it(world):
    (key,) = attaching.keep(world.context, [scan()], 1)
    assert [a.id for a in attaching.waiting(world.context, [key], 1)] == [key]
    assert attaching.waiting(world.context, [key], 2) == []
    assert attaching.read_waiting(world.context, key, 1) == CANARY
    with pytest.raises(ScanGone):
        attaching.read_waiting(world.context, key, 2)
    submission = entered(world, [key])
    with pytest.raises(ScanGone):
        attaching.read_waiting(world.context, key, 1)
    with pytest.raises(ScanGone):
        entered(world, [key])
    assert len(kept_of(world, submission)) == 1


@pytest.mark.parametrize(("minutes", "left"), [(60, 1), (61, 0)])
def test_what_nobody_binds_within_the_hour_is_deleted(world, minutes, left):
    (bound, _) = attaching.keep(world.context, [scan(), scan()], 1)
    submission = entered(world, [bound])
    world.clock.advance(minutes=minutes)
    assert [row["submission"] for row in stored(world)] == [submission.id, None]
    purging.purge(world.context)
    assert len(stored(world)) == 1 + left
    assert len(kept_of(world, submission)) == 1


def test_scans_are_added_read_and_removed_with_their_trace(world):
    submission = world.proven()
    attaching.attach(world.context, submission.id, [scan(), scan(b"two")], 1, CARLA)
    first, second = (a.id for a in kept_of(world, submission))

    found, data = attaching.read(world.context, submission.id, second, OTHER)
    assert (found.id, data) == (second, b"two")
    attaching.remove(world.context, submission.id, first, CARLA)

    assert [a.id for a in kept_of(world, submission)] == [second]
    logged = [(e.actor, e.verb, e.detail) for e in world.events(submission)[-3:]]
    assert logged == [
        (CARLA, "attach", {"attachments": [first, second]}),
        (OTHER, "read_attachment", {"attachments": [second]}),
        (CARLA, "detach", {"attachments": [first]}),
    ]


def test_a_scan_is_found_only_under_its_own_request(world):
    submission, other = world.proven(), world.proven("b@example.org")
    attaching.attach(world.context, submission.id, [scan()], 1, CARLA)
    (key,) = (a.id for a in kept_of(world, submission))
    for verb in (attaching.read, attaching.remove):
        with pytest.raises(ScanGone):
            verb(world.context, other.id, key, CARLA)
    assert "read_attachment" not in world.verbs(other)
    assert len(stored(world)) == 1


def test_a_request_keeps_so_many_files_and_no_more(world):
    submission = world.proven()
    attaching.attach(world.context, submission.id, [scan()] * MOST, 1, CARLA)
    with pytest.raises(TooManyScans):
        attaching.attach(world.context, submission.id, [scan()], 1, CARLA)
    assert len(stored(world)) == MOST
    keys = attaching.keep(world.context, [scan()] * (MOST + 1), 1)
    with pytest.raises(TooManyScans):
        entered(world, keys)
    with pytest.raises(NotFound):
        attaching.attach(world.context, "unknown", [scan()], 1, CARLA)


def test_a_scan_goes_with_the_single_answer_that_it_shows(world):
    shows = world.proven(nascita="01/02/1980")
    other = world.proven("b@example.org")
    for item in (shows, other):
        attaching.attach(world.context, item.id, [scan()], 1, CARLA)
    (key,) = (a.id for a in kept_of(world, shows))

    world.clock.advance(days=271)
    assert purging.erase_fields(world.context) == 0
    world.clock.advance(days=1)
    assert purging.erase_fields(world.context) == 1

    assert kept_of(world, shows) == []
    assert len(kept_of(world, other)) == 1
    logged = {"fields": ["nascita"], "attachments": [key]}
    assert world.events(shows)[-1].detail == logged


def test_a_scan_added_after_an_answer_was_erased_does_not_bring_it_back(world):
    submission = world.proven(nascita="01/02/1980")
    world.clock.advance(days=272)
    assert purging.erase_fields(world.context) == 1
    assert purging.erase_fields(world.context) == 0
    attaching.attach(world.context, submission.id, [scan()], 1, CARLA)
    assert purging.erase_fields(world.context) == 1
    assert kept_of(world, submission) == []
    assert purging.erase_fields(world.context) == 0


@pytest.mark.parametrize("way", ["erase", "purge", "detach", "late"])
@pytest.mark.engine("sqlite")
def test_no_byte_of_a_scan_outlives_it(world, way):
    submission = world.proven()
    if way == "late":
        attaching.keep(world.context, [scan()], 1)
    else:
        attaching.attach(world.context, submission.id, [scan()], 1, CARLA)
    world.store.checkpoint()
    # Control: it is there before.
    assert HEAD in on_disk(world)
    assert TAIL in on_disk(world)

    match way:
        case "erase":
            deciding.erase(world.context, submission.id, CARLA)
        case "purge":
            world.clock.now = submission.purge_after + timedelta(seconds=1)
            purging.purge(world.context)
        case "detach":
            attaching.remove(
                world.context, submission.id, kept_of(world, submission)[0].id, CARLA
            )
        case "late":
            world.clock.advance(hours=2)
            purging.purge(world.context)

    assert stored(world) == []
    assert HEAD not in on_disk(world)
    assert TAIL not in on_disk(world)


@pytest.mark.engine("sqlite")
def test_a_deleted_row_takes_its_scans_even_past_everything_of_ours(world):
    submission = world.proven()
    attaching.attach(world.context, submission.id, [scan()], 1, CARLA)
    world.force("DELETE FROM submissions WHERE id = ?", submission.id)
    assert stored(world) == []
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        world.force(
            "INSERT INTO attachments (id, submission, staff, kind, pages, size, "
            "added_at, data) VALUES ('x', 'unknown', 1, 'png', 1, 1, '', x'00')"
        )


@pytest.mark.engine("sqlite")
def test_a_scan_of_an_unknown_kind_is_refused_by_the_table(world):
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        attaching.keep(world.context, [scan(kind="gif")], 1)


@pytest.mark.engine("sqlite")
def test_a_list_of_scans_reads_none_of_them(world):
    submission = world.proven()
    attaching.attach(world.context, submission.id, [scan()], 1, CARLA)
    said = []

    def job(db):
        db.set_trace_callback(said.append)
        attachments.of_submission(db, submission.id)
        db.set_trace_callback(None)

    world.store.read(job)
    assert said
    assert not any("data" in line.partition("FROM")[0] for line in said)
    assert world.store.read(lambda db: submissions.get(db, submission.id)) == submission
