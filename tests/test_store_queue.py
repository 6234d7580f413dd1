"""The staff queue: filters, words, pages, counts."""

from datetime import date

import pytest

from forms_service.store import (
    counts,
    queue,
    removal,
    search,
    submissions,
    waiting_list,
)
from forms_service.store.events import EventVerb
from forms_service.store.filters import Chosen, Filter
from forms_service.store.possible_duplicates import same_person
from forms_service.store.submissions import Status
from forms_service.workflow import correcting, deciding, maintenance, sending

pytest_plugins = ["life"]

# Raises when the index holds anything else than the rows.
WHOLE = (
    "INSERT INTO submissions_fts (submissions_fts, rank) VALUES ('integrity-check', 1)"
)


@pytest.fixture
def people(world):
    """Four submissions by name."""
    return {
        "anh": world.proven(),
        "dora": world.proven(
            "dora@example.org", nome="Dora D’Angelo", profilo="ente", ente="Caritas"
        ),
        "jose": world.sent("jose@example.org", nome="José Müller", people=3),
        "sara": world.proven(
            "sara@example.org", nome="سارة", interessi="musica", people=2
        ),
    }


def names(world, **wanted):
    maintenance.update_search(world.context)
    found = world.store.read(lambda db: queue.queue(db, Filter(**wanted), 50))
    by_status = world.store.read(lambda db: queue.by_status(db, Filter(**wanted)))
    status = wanted.get("status")
    assert len(found) == sum(n for s, n in by_status.items() if status in (None, s))
    return [finding.name.split()[0] for finding in found]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["سارة", "José", "Dora", "Nguyễn"]),
        ({"form_id": "every-type"}, ["سارة", "José", "Dora", "Nguyễn"]),
        ({"form_id": "other"}, []),
        ({"status": "unverified"}, ["José"]),
        ({"status": "new"}, ["سارة", "Dora", "Nguyễn"]),
        ({"text": "nguyen"}, ["Nguyễn"]),
        ({"text": "Nguyễn Ánh"}, ["Nguyễn"]),
        # As typed on a Mac: letter and accent apart.
        ({"text": "A\u0301nh"}, ["Nguyễn"]),
        ({"text": "d’ang"}, ["Dora"]),
        ({"text": "carit"}, ["Dora"]),
        ({"text": "mull"}, ["José"]),
        ({"text": "سار"}, ["سارة"]),
        ({"text": "سَارَه"}, ["سارة"]),
        ({"text": "dangelo"}, ["Dora"]),
        ({"text": "D ANGELO dora"}, ["Dora"]),
        ({"text": "angelo"}, ["Dora"]),
        ({"text": "de"}, []),
        ({"text": "anh@EXAM"}, ["Nguyễn"]),
        ({"text": "dora@example.org"}, ["Dora"]),
        ({"text": "example.org"}, []),
        ({"text": "anh@example.com"}, []),
        ({"text": "dora josé"}, []),
        ({"text": "\"* OR NEAR( ' --"}, []),
        (
            {"answers": (Chosen("profilo", ("ente", "persona")),)},
            ["سارة", "José", "Dora", "Nguyễn"],
        ),
        (
            {"answers": (
                Chosen("profilo", ("persona",)),
                Chosen("interessi", ("orto", "musica"), True),
                Chosen("persone", ("2", "3")),
            )},
            ["سارة", "José"],
        ),
        ({"numbers": frozenset()}, []),
        ({"numbers": frozenset({1, 4, 99}), "status": "new"}, ["سارة", "Nguyễn"]),
        ({"open": True}, ["سارة", "Dora", "Nguyễn"]),
        ({"text": "!?"}, ["سارة", "José", "Dora", "Nguyễn"]),
        ({"answers": (Chosen("profilo", ("ente",)),)}, ["Dora"]),
        ({"answers": (Chosen("profilo", ("' OR 1=1 --",)),)}, []),
        ({"answers": (Chosen("persone", ("3",)),)}, ["José"]),
        ({"answers": (Chosen("persone", ("9",)),) * 40}, []),
        ({"answers": (Chosen("interessi", ("musica",), True),)}, ["سارة"]),
        (
            {"form_id": "every-type", "status": "new", "text": "dora",
             "answers": (Chosen("profilo", ("ente",)),)},
            ["Dora"],
        ),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("people")
def test_the_queue_shows_what_was_asked_for(world, wanted, found):
    assert names(world, **wanted) == found


def test_a_reference_finds_its_row(world, people):
    submission = people["dora"]
    assert names(world, text=submission.reference.lower()) == ["Dora"]


def test_a_corrected_address_is_found_and_the_wrong_one_no_more(world, people):
    for indexed in (True, False):
        submission = people["jose"] if indexed else world.sent("tipo@example.org")
        sending.change_address(world.context, submission.id, "right@example.net")
        assert len(names(world, text="right@example.net")) == (1 if indexed else 2)
        assert names(world, text=submission.email) == []


def test_a_text_is_found_by_its_words(world):
    world.sent(note="Vorrei l’orto di Łukasz,\nvicino al pozzo")
    for words in ("orto", "LUKASZ", "pozz vorrei", "ánh pozzo"):
        assert names(world, text=words) == ["Nguyễn"]
    for words in ("ortodi", "persona", "pozzo mare"):
        assert names(world, text=words) == []


def test_of_a_delicate_form_only_who_sent_it_is_found(new_world):
    file, purposes = "forms/every-type.yml", "- id: giro\n    label: Un giro\n"
    world = new_world(
        (file, "delicate: false", "delicate: true"),
        (file, f"purposes:\n  {purposes}    subject: Un giro\ntexts", "texts"),
        ("forms/every-type.en.yml", "purposes:\n  - subject: A walk\n", ""),
    )
    submission = world.sent(note="parolachiave", profilo="ente", ente="Caritas")
    for words in ("parolachiave", "orto"):
        assert names(world, text=words) == []
    for words in ("anh nguyen", "caritas", submission.reference, "anh@example.org"):
        assert names(world, text=words) == ["Nguyễn"]


@pytest.mark.parametrize(
    "typed",
    [
        "0564 484111",
        "+39 0564 484111",
        "0039 564 484111",
        "484111",
        "4111",
        "(0564) 48 41 11",
    ],
)
def test_a_phone_is_found_by_its_end(world, typed):
    world.sent(nome="Rosa", telefono="0564 484111 int. 23")
    world.sent("b@example.org", nome="Bruno", telefono="0564 484112")
    world.sent("c@example.org", nome="Carla")
    assert names(world, text=typed) == ["Rosa"]


@pytest.mark.parametrize("typed", ["111", "0564", "484", "484111 rosa"])
def test_fewer_than_four_digits_or_the_middle_of_a_number_find_nobody(world, typed):
    world.sent(nome="Rosa", telefono="0564 484111")
    assert names(world, text=typed) == []


def test_a_reference_is_found_in_two_parts(world, people):
    reference = people["dora"].reference
    for typed in (
        f"{reference[:4]} {reference[4:]}",
        f"{reference[:4].lower()}-{reference[4:]}",
    ):
        assert names(world, text=typed) == ["Dora"]


@pytest.mark.engine("sqlite")
def test_the_search_begins_in_its_index_and_sorts_nothing(world):
    wanted = Filter(text="0564 484111", status="new", before=9)
    steps = world.plan(lambda db: queue.queue(db, wanted, 50))
    assert steps[0].startswith("SCAN submissions_fts VIRTUAL TABLE INDEX")
    assert not [step for step in steps if "TEMP B-TREE" in step]


@pytest.mark.engine("sqlite")
def test_what_was_just_sent_is_found_after_the_next_step(world):
    number = world.sent(nome="Zenobia").number

    def found():
        wanted = Filter(text="zenobia")
        return [
            row.number
            for row in world.store.read(lambda db: queue.queue(db, wanted, 9))
        ]

    # Changed and erased before it came into the index, which holds only what is left.
    world.force("UPDATE submissions SET search = search || ' zenobiabis'")
    gone = world.sent(nome="Zenobia")
    world.store.write(lambda db: removal.erase(db, gone.id))
    assert (found(), world.store.read(search.behind)) == ([], True)
    maintenance.update_search(world.context)
    assert (found(), world.store.read(search.behind)) == ([number], False)
    maintenance.update_search(world.context)
    assert world.store.write(search.add_new) == 0
    world.force(WHOLE)


@pytest.mark.engine("sqlite")
def test_more_rows_than_one_step_takes_come_into_the_index(world):
    first = world.sent(nome="Zenobia")
    names_ = [n for n in submissions.COLUMNS if n not in ("number", "revision")]
    names_ += ["search", "phone_end"]
    copied = ", ".join(
        f"'{{n}}' || {name}" if name in ("id", "form_key", "reference") else name
        for name in names_
    )
    for n in range(2 * search.BATCH + 1):
        world.force(
            f"INSERT INTO submissions ({', '.join(names_)}) "
            f"SELECT {copied.format(n=n)} FROM submissions WHERE number = ?",
            first.number,
        )
    maintenance.update_search(world.context)
    wanted = Filter(text="zenobia")
    by_status = world.store.read(lambda db: queue.by_status(db, wanted))
    assert sum(by_status.values()) == 2 * search.BATCH + 2
    world.force(WHOLE)


def test_search_follows_a_correction_and_an_erasure(world, people):
    submission = people["dora"]
    answers = world.answers("dora@example.org", nome="Teodora Neri")
    correcting.correct(world.context, world.form(), submission.id, answers)
    assert names(world, text="angelo") == []
    assert names(world, text="neri") == ["Teodora"]
    deciding.erase(world.context, submission.id, "staff:1")
    assert names(world, text="neri") == []


def test_a_field_id_cannot_carry_sql(world):
    for field in ("a') OR 1=1 --", "nome completo", "età"):
        with pytest.raises(ValueError, match="field id"):
            names(world, answers=(Chosen(field, ("x",)),))


def test_pages_follow_each_other_in_both_directions(world):
    numbers = [world.sent().number for _ in range(7)][::-1]

    def page(**keys):
        found = world.store.read(lambda db: queue.queue(db, Filter(**keys), 3))
        return [finding.number for finding in found]

    assert page() == numbers[:3]
    assert page(before=numbers[2]) == numbers[3:6]
    assert page(before=numbers[5]) == numbers[6:]
    assert page(after=numbers[6]) == numbers[3:6]
    assert page(after=numbers[0]) == []


def test_counts_are_by_form_and_state(world, people):
    deciding.decide(world.context, people["dora"].id, EventVerb.DECLINE, "staff:1")
    assert world.store.read(counts.of_status) == {
        ("every-type", Status.NEW): 2,
        ("every-type", Status.UNVERIFIED): 1,
        ("every-type", Status.DECLINED): 1,
    }


def test_counts_follow_every_change_and_a_job_that_fails(world, people):
    def undone(db):
        db.execute("UPDATE submissions SET seats = 99, place = 'waiting'")
        raise KeyError("planted")

    for change in (
        "UPDATE submissions SET status = 'declined' WHERE name LIKE 'Dora%'",
        "UPDATE submissions SET place = 'waiting' WHERE name LIKE 'José%'",
        "UPDATE submissions SET seats = seats + 2",
        "INSERT INTO definitions SELECT 'another', fingerprint, version, document, "
        "published_at FROM definitions",
        "UPDATE submissions SET form_id = 'another' WHERE name LIKE 'Nguyễn%'",
        "DELETE FROM submissions WHERE name LIKE 'Dora%'",
    ):
        world.force(change)
        with pytest.raises(KeyError, match="planted"):
            world.store.write(undone)
        assert world.store.read(counts.miscounted) == [], change
    assert world.store.read(lambda db: waiting_list.length(db, "every-type")) == 1
    assert world.store.read(lambda db: waiting_list.seats_taken(db, "every-type")) == 4
    world.force("UPDATE counts SET number = 7 WHERE form_id = 'another'")
    assert world.store.read(counts.miscounted) == ["another"]
    world.store.write(counts.count_again)
    assert world.store.read(counts.miscounted) == []


def test_the_same_person_is_found_by_address_or_phone(world):
    submission = world.sent("anh@example.org", telefono="0564 484111")
    by_mail = world.sent("ANH@example.org")
    by_phone = world.sent("other@example.org", telefono="+39 0564 484111")
    by_extension = world.sent("desk@example.org", telefono="0564 484111 int. 7")
    world.sent("third@example.org", telefono="0564 484112")
    found = world.store.read(lambda db: same_person(db, submission))
    assert [other.id for other in found] == [
        by_extension.id,
        by_phone.id,
        by_mail.id,
    ]


@pytest.fixture
def typed_late(world):
    """Paper of February, typed among what came in on the web in March."""
    rows = [world.sent(nome="Uno"), world.sent(nome="Due"), world.sent(nome="Tre")]
    for row, day in zip(rows[1:], ("2030-02-10", "2030-03-01"), strict=True):
        world.store.write(
            lambda db, r=row, d=day: submissions.change(db, r, received_on=d)
        )
    world.clock.advance(days=1)
    return [*rows, world.sent(nome="Quattro")]


def shown(world, most=9, **wanted):
    rows = world.store.read(lambda db: queue.queue(db, Filter(**wanted), most))
    return [row.name for row in rows]


@pytest.mark.parametrize("oldest_first", [True, False])
def test_paper_stands_where_it_was_received_and_not_where_it_was_typed(
    world, typed_late, oldest_first
):
    # 09:00 of the first of March, and noon of it for paper.
    expected = ["Due", "Uno", "Tre", "Quattro"]
    wanted = {"oldest_first": oldest_first}
    assert shown(world, **wanted) == expected[:: 1 if oldest_first else -1]
    for row in typed_late:
        at = expected.index(row.name)
        later = shown(world, after=row.number, **wanted)
        earlier = shown(world, before=row.number, **wanted)
        both = (earlier, later) if oldest_first else (earlier[::-1], later[::-1])
        assert both == (expected[:at], expected[at + 1 :])
    assert shown(world, since="2030-03-01T10:00:00+00:00", **wanted) == (
        expected[2:] if oldest_first else expected[:1:-1]
    )
    assert shown(world, until="2030-03-01T00:00:00+00:00") == ["Due"]


def test_a_place_in_the_list_outlives_its_row(world, typed_late):
    uno, *_, quattro = typed_late
    for row in (uno, quattro):
        world.store.write(lambda db, r=row: removal.erase(db, r.id))
    assert shown(world, before=quattro.number, oldest_first=True) == ["Due", "Tre"]
    assert shown(world, after=uno.number, oldest_first=True) == ["Due", "Tre"]


def test_what_presses_comes_first_and_what_has_no_day_last(world, typed_late):
    days = {"Uno": None, "Due": date(2030, 3, 9), "Tre": date(2030, 3, 5)}
    for row in typed_late:
        due = days.get(row.name)
        world.store.write(
            lambda db, r=row, d=due: submissions.change(
                db, r, status=Status.NEW, due_on=d
            )
        )
    wanted = {"status": "new", "by_due": True, "oldest_first": True}
    assert shown(world, **wanted) == ["Tre", "Due", "Uno", "Quattro"]
    due = typed_late[1].number
    assert shown(world, after=due, **wanted) == ["Uno", "Quattro"]
    assert shown(world, before=due, **wanted) == ["Tre"]
    assert shown(world, 1, after=due, **wanted) == ["Uno"]


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("place", [{}, {"before": 2}, {"after": 2}])
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "submissions_received"),
        ({"form_id": "every-type"}, "submissions_form_received"),
        ({"status": "new"}, "submissions_status"),
        ({"form_id": "every-type", "status": "new"}, "submissions_queue"),
        ({"status": "new", "by_due": True}, "submissions_due"),
    ],
)
def test_each_page_begins_in_an_index_and_sorts_nothing(
    world, typed_late, wanted, index, place
):
    steps = world.plan(lambda db: queue.queue(db, Filter(**wanted, **place), 50))
    page = steps[1 if place else 0]
    assert f"INDEX {index}" in page
    assert ("<expr>" in page) is bool(place)
    assert not [step for step in steps if "TEMP B-TREE" in step]
