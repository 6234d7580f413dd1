"""The numbers of a period: what the log tells stays, what rows tell goes with them."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from forms_service.store import reports as rows
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Source
from forms_service.store.visibility import VisibleForms
from forms_service.workflow import deciding, feedback, figures, reports, settling
from forms_service.workflow.figures import IN_TIME, LATE, OPEN, OVERDUE
from forms_service.workflow.meetings import Places
from forms_service.workflow.suppression import TooFew

pytest_plugins = ["life"]

FORM, STAFF = "every-type", "staff:1"
MARCH = date(2030, 3, 1), date(2030, 3, 31)
WINTER, SPRING = (
    (date(2030, 1, 1), date(2030, 4, 1)),
    (date(2030, 4, 1), date(2030, 7, 1)),
)
ACCEPT, DECLINE = EventVerb.ACCEPT, EventVerb.DECLINE


def numbers(world, form_id=FORM, period=MARCH):
    return figures.of_period(world.context, form_id, *period)


def decide(world, submission, verb=ACCEPT):
    return deciding.decide(world.context, submission.id, verb, STAFF)


def test_what_the_log_tells_outlives_the_row(world):
    first, second, third = (world.proven(f"p{n}@example.org") for n in range(3))
    world.clock.advance(days=2)
    decide(world, first)
    world.clock.advance(days=8)
    why = ["late"]
    deciding.decide(world.context, second.id, DECLINE, STAFF, reasons=why)
    world.sent("later@example.org", lang="en")
    deciding.erase(world.context, first.id, STAFF)
    found = numbers(world)
    assert found.arrived == {date(2030, 3, 1): 3, date(2030, 3, 11): 1}
    assert found.decided == {"accept": 1, "decline": 1}
    assert found.reasons == {"late": 1}
    assert found.waits == [2, 10]
    assert [found.within(share) for share in (0.5, 0.9)] == [2, 10]
    assert found.held.total() == 3
    assert found.of("status") == {"declined": 1, "new": 1, "unverified": 1}
    assert found.of("lang") == {"it": 2, "en": 1}
    assert found.of("source") == {Source.WEB: 3}
    assert found.places == Places(2, 10, 0)
    assert numbers(world, "volontari").arrived == {}
    assert numbers(world, "").arrived.total() == 4
    assert numbers(world, period=(date(2030, 4, 1), date(2030, 4, 2))).waits == []


def test_a_form_that_may_not_be_seen_is_in_no_number(world):
    decide(world, world.proven())
    seen = world.store.of(VisibleForms(frozenset({"volontari"})))
    for form_id in ("", FORM):
        found = seen.read(
            lambda db, form_id=form_id: [
                list(count(db, form_id, "2030", "2031"))
                for count in (
                    figures.figures.arrivals,
                    figures.figures.decisions,
                    figures.figures.held,
                    figures.figures.promised,
                    figures.figures.stars,
                )
            ]
        )
        assert found == [[]] * 5


def test_a_decision_that_was_taken_back_is_none(new_world):
    world = new_world(("project.yml", "decision_delay: 0", "decision_delay: 5"))
    submission = world.proven()
    decide(world, submission)
    settling.undo(world.context, submission.id, STAFF, None)
    assert numbers(world).decided == {}
    decide(world, submission, DECLINE)
    assert numbers(world).decided == {"decline": 1}


def test_paper_waits_from_the_day_it_came_in_and_promises_are_kept_or_not(world):
    people = [world.proven(f"p{n}@example.org") for n in range(5)]
    due = ["2030-03-05", "2030-03-04", "2030-03-05", "2030-03-06", None]
    for submission, day in zip(people, due, strict=True):
        world.force(
            "UPDATE submissions SET due_on = ? WHERE id = ?", day, submission.id
        )
    came = "UPDATE submissions SET received_on = '2030-02-20' WHERE id = ?"
    world.force(came, people[0].id)
    # Half past midnight of the sixth, in Rome.
    world.clock.now = datetime(2030, 3, 5, 23, 30, tzinfo=UTC)
    decide(world, people[1])
    world.clock.now = datetime(2030, 3, 5, 22, 30, tzinfo=UTC)
    decide(world, people[0])
    world.clock.now = datetime(2030, 3, 6, 9, tzinfo=UTC)
    found = numbers(world)
    assert found.waits == [5, 13]
    assert found.in_time == {IN_TIME: 1, LATE: 1, OVERDUE: 1, OPEN: 1}


def test_opinions_are_of_their_days(world):
    for stars in (5, 5, 2):
        mark = feedback.new_mark(world.context, FORM)
        feedback.rate(world.context, FORM, mark, stars)
    assert numbers(world).stars == numbers(world, "").stars == Counter({5: 2, 2: 1})
    assert numbers(world, period=(date(2030, 4, 1), date(2030, 4, 2))).stars == {}


# --- reports


def winter(world, months=(3,), languages=("it",) * 6):
    """Let people send in some months of 2030."""
    for month in months:
        world.clock.now = datetime(2030, month, 5, 9, tzinfo=UTC)
        for n, lang in enumerate(languages):
            world.proven(f"p{month}.{n}@example.org", lang=lang)
    world.clock.now = datetime(2030, 7, 2, 9, tzinfo=UTC)


def fix(world, period=WINTER):
    return reports.fix(world.context, world.form(), period, STAFF)


def test_only_whole_quarters_that_are_over_can_be_reported(world):
    found = reports.quarters(date(2030, 7, 2))
    assert found[:3] == [SPRING, WINTER, (date(2029, 10, 1), date(2030, 1, 1))]
    assert len(found) == 12
    winter(world)
    assert reports.preview(world.context, world.form(), (WINTER[0], SPRING[1]))
    for wrong in (
        (date(2030, 7, 1), date(2030, 10, 1)),
        (date(2030, 1, 2), WINTER[1]),
        (WINTER[0], date(2030, 3, 1)),
        (SPRING[0], WINTER[0]),
    ):
        with pytest.raises(ValueError, match="2030"):
            fix(world, wrong)


def test_a_report_reads_the_same_when_its_people_are_erased(world):
    winter(world, languages=("it",) * 6 + ("en",))
    world.sent("never@example.org")
    report = fix(world)
    assert report.figures["total"] == 7
    assert report.figures["tables"]["lang"] == {"it": None, "en": None}
    assert report.figures["tables"]["source"]["web"] == 7
    assert report.figures["tables"]["answer:profilo"]["persona"] == 7
    for (submission,) in world.sql("SELECT id FROM submissions"):
        deciding.erase(world.context, submission, STAFF)
    assert fix(world) == report
    assert world.store.read(lambda db: rows.get(db, report.id)) == report
    assert world.store.read(lambda db: rows.get(db, 99)) is None
    seen = world.store.of(VisibleForms(frozenset({"volontari"})))
    assert seen.read(rows.every) == []
    told = world.sql("SELECT detail FROM events WHERE verb = 'fix_report'")
    assert [row[0] for row in told] == ['{"form": "every-type", "report": 1}']


def test_no_report_is_made_of_too_few(world):
    winter(world, languages=("it",) * 4)
    with pytest.raises(TooFew):
        fix(world)


def test_a_report_over_fixed_ones_is_added_up_from_them(world):
    winter(world, (3, 5), ("it",) * 6 + ("en",) * 5)
    first, second = fix(world), fix(world, SPRING)
    for (submission,) in world.sql("SELECT id FROM submissions"):
        deciding.erase(world.context, submission, STAFF)
    both = fix(world, (WINTER[0], SPRING[1]))
    assert both.figures["added_up"]
    assert not first.figures["added_up"]
    assert both.figures["total"] == 22
    assert both.figures["tables"]["lang"]["en"] == 10
    assert second.figures["tables"]["lang"]["en"] == 5


def test_the_difference_to_a_fixed_report_betrays_nobody(world):
    winter(world, (3,), ("it",) * 10 + ("en",) * 10)
    fix(world)
    winter(world, (5,), ("it",) * 12 + ("en",))
    both = fix(world, (WINTER[0], SPRING[1]))
    assert both.figures["tables"]["lang"] == {"it": None, "en": None}
    assert both.figures["total"] == 33


def test_what_a_fixed_report_did_not_count_is_not_added_up(world):
    winter(world, (3, 5), ("it",) * 6)
    fixed = [fix(world), fix(world, SPRING)]
    del fixed[0].figures["tables"]["answer:profilo"]
    whole = WINTER[0], SPRING[1]
    counted = reports.count(world.context, world.form(), whole)
    tables = reports.draw_up(counted, fixed, whole)["tables"]
    assert counted.keys() - tables.keys() == {"answer:profilo"}
