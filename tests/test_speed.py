"""The benchmark's verdicts, and that docs/speed.md says what was measured."""

import json
import re

import pytest

from bench import scale
from bench.report import figures, length, merged, picture, written_into
from bench.results import Results
from bench.targets import LONG, MET, MISSED, TARGETS, Target, verdicts
from conftest import ROOT

DOCS = ROOT / "docs"
AT_LEAST = Target("rate", "Journeys", 300, "/s")
AT_MOST = Target("wait", "Waiting", 2, "s", most=True)


@pytest.mark.parametrize(
    ("target", "figure", "verdict"),
    [
        (AT_LEAST, 300, MET),
        (AT_LEAST, 299.9, MISSED),
        (AT_MOST, 2, MET),
        (AT_MOST, 2.01, MISSED),
        (AT_MOST, None, "not measured"),
        (AT_MOST, "no compiler", "failed: no compiler"),
    ],
)
def test_a_missed_target_is_flagged(target, figure, verdict):
    assert target.verdict(figure) == verdict


def test_what_is_twice_as_good_has_twice_the_bar():
    assert AT_LEAST.share(600) == AT_MOST.share(1) == 2
    assert length(4) == 2 * length(2) == -length(0.25) > 0
    assert length(0) == -1
    assert AT_MOST.share(0) == 2


def test_each_line_has_a_key_of_its_own():
    for lines in (TARGETS, LONG):
        assert len({target.key for target in lines}) == len(lines)


def test_a_part_that_fails_says_why_and_keeps_what_it_measured():
    results = Results()
    results.figure("form", 0.9)
    results.fail(TARGETS, "RuntimeError: nobody answers")
    said = {
        target.key: verdict for target, _, verdict in verdicts(results.data["figures"])
    }
    assert said["form"] == MET
    assert said["store"] == "failed: RuntimeError: nobody answers"


@pytest.fixture
def measured():
    return json.loads((DOCS / "speed.json").read_text(encoding="utf-8"))


def test_the_page_says_what_the_json_beside_it_says(measured):
    page = (DOCS / "speed.md").read_text(encoding="utf-8")
    assert written_into(page, measured) == page
    assert figures(measured) in page


def test_a_short_run_keeps_what_the_last_long_one_found(measured):
    run, later = Results(), Results()
    run.figure("wagtail", 4.7)
    long = merged(measured, run.data, long=True)
    assert long == measured | {"long": run.data}
    short = merged(long, later.data, long=False)
    assert short == later.data | {"long": run.data}
    assert "form page of Wagtail, per CPU second | 4.7 | ≥ 15 | missed |" in figures(
        short
    )


def test_what_is_reckoned_for_a_country_rests_on_what_was_measured(measured):
    page = (DOCS / "scale.md").read_text(encoding="utf-8")
    assert scale.written_into(page, measured) == page
    dearer = [[key, what, value * 10] for key, what, value in measured["notes"]]
    assert scale.reckoned(measured | {"notes": dearer}) != scale.reckoned(measured)
    city = scale.Day("a city", 100_000, 10, 5, 4)
    assert (city.requests, round(city.rate, 2), city.machines(10)) == (10_000, 0.56, 1)
    assert city.cells()[-1] == pytest.approx(10_000 * 4 / 2**20)


def test_a_figure_written_by_hand_is_seen(measured):
    page = (DOCS / "speed.md").read_text(encoding="utf-8")
    forged = page.replace("| missed |", "| met |", 1).replace("| met |", "| good |")
    assert forged != page
    assert written_into(forged, measured) == page


def test_the_picture_is_made_from_the_same_json_and_says_it_in_words(measured):
    drawn = (DOCS / "speed.svg").read_text(encoding="utf-8")
    assert drawn == picture(measured)
    assert 'aria-labelledby="title desc"' in drawn
    assert re.search(r'<title id="title">\d+ of \d+ targets', drawn)
    said = re.search(r'<desc id="desc">(.+)</desc>', drawn)
    assert said
    assert all(target.what in said[1] for target in TARGETS)
