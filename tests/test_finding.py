"""Finding a request: its reference, and the words that stay with a session."""

import pytest

from forms_service.store import queue, removal, staff
from forms_service.store.filters import Filter
from forms_service.store.searches import KEPT
from forms_service.workflow import finding, sessions

pytest_plugins = ["life"]

SECRET = "the secret of a session"


def opened(world, secret=SECRET):
    digest, now = sessions.digest(secret), world.clock()
    world.store.write(lambda db: staff.open_session(db, digest, world.clerk.id, now))


def test_the_last_words_of_a_session_are_kept_under_their_numbers(world):
    opened(world)
    numbers = [
        finding.remember(world.context, SECRET, f"word {n}") for n in range(KEPT + 1)
    ]
    assert numbers == list(range(1, KEPT + 2))
    told = [finding.words_of_search(world.context, SECRET, n) for n in numbers]
    assert told == ["", *(f"word {n}" for n in range(1, KEPT + 1))]
    opened(world, "another")
    assert finding.words_of_search(world.context, "another", 2) == ""
    assert finding.words_of_search(world.context, "", 2) == ""


def test_words_go_with_their_session(world):
    opened(world)
    finding.remember(world.context, SECRET, "anh")
    world.store.write(lambda db: staff.close_session(db, sessions.digest(SECRET)))
    assert world.sql("SELECT 1 FROM searches") == []
    assert finding.remember(world.context, SECRET, "it has just ended") == 0


@pytest.mark.engine("postgresql")
def test_searches_of_one_session_at_once_get_a_number_each(world):
    opened(world)
    got = world.at_once(8, lambda n: finding.remember(world.context, SECRET, f"w{n}"))
    assert sorted(got) == list(range(1, 9))


def test_a_reference_is_found_in_every_spelling(world):
    submission = world.sent()
    first, second = submission.reference[:4], submission.reference[4:]
    for typed in (
        submission.reference,
        f" {first.lower()} {second}",
        f"{first}-{second}",
    ):
        assert finding.by_reference(world.context, typed) == submission.id
    assert finding.by_reference(world.context, "QQQQQQQQ") == ""


@pytest.mark.parametrize(
    ("typed", "misread"),
    [("QK2E BQ70", True), ("qk2e-bq7l", True), ("QK2EBQ7V", False),
     ("illusion", False), ("05641234", False), ("QK2", False), ("QK2EBQ7Ñ", False)],
)  # fmt: skip
def test_a_sign_that_no_reference_has_is_noticed(typed, misread):
    assert finding.is_misread(typed) is misread


def test_what_follows_a_place_in_the_list_is_counted_up_to_a_limit(world):
    numbers = [world.sent(email=f"n{n}@example.org").number for n in range(4)]

    def count(most, **wanted):
        return world.store.read(lambda db: queue.count(db, Filter(**wanted), most))

    assert count(9, after=numbers[0]) == 3
    assert count(9, before=numbers[3], status="unverified") == 3
    assert count(2, after=numbers[0]) == 2
    assert count(9, status="new") == 0


def test_the_list_is_narrowed_by_way_language_and_day(world):
    early = world.sent(email="a@example.org", lang="en")
    world.clock.advance(days=1)
    late = world.sent(email="b@example.org")
    middle = late.created_at.isoformat()

    def found(**wanted):
        rows = world.store.read(lambda db: queue.queue(db, Filter(**wanted), 9))
        return [row.number for row in rows]

    assert found(lang="en") == [early.number]
    assert found(source="web", since=middle) == [late.number]
    assert found(until=middle) == [early.number]
    assert found(source="paper") == []


def test_what_is_erased_soon_is_counted_up_to_a_limit(world):
    for number in range(3):
        world.sent(email=f"n{number}@example.org")
    last = max(row["purge_after"] for row in world.sql("SELECT * FROM submissions"))
    until = queue.from_utc_text(last)
    assert world.store.read(lambda db: removal.count_due(db, until, 9)) == 3
    assert world.store.read(lambda db: removal.count_due(db, until, 2)) == 2
    assert world.store.read(lambda db: removal.count_due(db, world.clock(), 9)) == 0


@pytest.mark.parametrize(
    ("typed", "reference"),
    [("qk2e bq7v", "QK2EBQ7V"), ("QK2EBQ70", ""), ("23456789", ""), ("rossi", "")],
)
def test_a_reference_that_no_request_has_is_recognised(typed, reference):
    assert finding.unknown_reference(typed) == reference
