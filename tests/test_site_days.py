"""The site in time: before, on and after the day; built again only when it is due."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

import freshness
from blocks import Blocks
from form_status import form_status
from forms_service.content import load_content
from forms_service.content.page_reading import load_pages
from plan import Plan
from sample_content import SAMPLE

LIVE = "https://www.youtube.com/watch?v=AbC123dEf45"


@pytest.fixture(scope="module")
def content():
    return load_content(SAMPLE)


def plan_at(content, moment, **changes):
    """Return a plan at a moment, with the assembly changed."""
    events = {
        lang: replace(event, **changes)
        for lang, event in content.events["assemblea"].items()
    }
    changed = replace(content, events={**content.events, "assemblea": events})
    pages = replace(load_pages(content), content=changed)
    return Plan(changed, pages, "https://we.example", moment, {})


def card(plan, lang="it"):
    return " ".join(Blocks.of(plan, lang).event_card("assemblea", False).split())


HOURS = {"begins": time(10), "ends": time(12)}
BEFORE = datetime(2020, 6, 25, 8, 0, tzinfo=UTC)
DURING = datetime(2020, 7, 1, 8, 0, tzinfo=UTC)
AFTER = datetime(2020, 7, 1, 10, 0, tzinfo=UTC)


def test_before_the_day_a_missing_link_is_promised(content):
    text = card(plan_at(content, BEFORE))
    assert "Prossimo appuntamento" in text
    assert "mercoledì 1 luglio 2020" in text
    assert "Il link per guardare sarà qui." in text
    assert "/documenti/it/assemblea.ics" in text


def test_before_the_day_a_known_link_and_the_zone_are_shown(content):
    text = card(plan_at(content, BEFORE, livestream=LIVE, **HOURS))
    assert f'href="{LIVE}"' in text
    assert "dalle 10:00 alle 12:00 (ora di Roma)" in text
    assert "sarà qui" not in text


def test_during_the_event_the_livestream_is_the_first_link(content):
    text = card(plan_at(content, DURING, livestream=LIVE, **HOURS))
    assert "In corso adesso" in text
    assert "Guarda la diretta" in text
    assert text.index(LIVE) < text.index("assemblea.ics")


def test_on_a_day_without_hours_it_is_simply_today(content):
    assert "Oggi" in card(plan_at(content, DURING))


def test_after_the_event_nothing_is_offered_that_is_over(content):
    text = card(plan_at(content, AFTER, livestream=LIVE, **HOURS))
    assert "Si è svolto" in text
    assert LIVE not in text
    assert ".ics" not in text
    assert "Non sappiamo se esiste una registrazione" in text


def test_after_the_event_a_recording_is_linked(content):
    text = card(plan_at(content, AFTER, recording=LIVE, **HOURS), "en")
    assert "Watch the recording" in text
    assert LIVE in text
    assert "do not know" not in text


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (datetime(2020, 6, 17, tzinfo=UTC), "Apre giovedì 18 giugno 2020."),
        (BEFORE, "Aperto fino alla fine di mercoledì 1 luglio 2020."),
        (datetime(2020, 7, 1, 21, 59, tzinfo=UTC), "Aperto fino alla fine di"),
        (datetime(2020, 7, 1, 22, 0, tzinfo=UTC), "Chiuso dalla fine di mercoledì"),
    ],
)
def test_the_sign_of_a_form_follows_its_dates(content, moment, sentence):
    plan = plan_at(content, moment)
    sign = form_status(content.form("assemblea"), plan, plan.translator("it"))
    assert sign.when.startswith(sentence)


@pytest.mark.slow
def test_the_one_line_of_the_day_reaches_every_place(changeable):
    changeable.change("events/assemblea.yml", 'livestream: ""', f'livestream: "{LIVE}"')
    done = changeable.build(SITE_NOW="2020-07-01T10:30")
    assert done.returncode == 0, done.stderr
    for address in ("/", "/assemblea/", "/en/", "/en/assemblea/"):
        page = changeable.page(address)
        assert page.xpath("//main//a[@class='button']/@href")[0] == LIVE, address
        (data,) = page.xpath("//script[@type='application/ld+json']/text()")
        assert json.loads(data)["location"] == [
            {"@type": "VirtualLocation", "url": LIVE}
        ]


@pytest.mark.parametrize(
    ("link", "advice"),
    [
        pytest.param(
            "http://www.youtube.com/watch?v=1",
            "beginning with https://",
            marks=pytest.mark.slow,
        ),
        ("https://youtube.com.evil.example/1", "livestream_hosts"),
    ],
)
def test_a_link_that_is_not_safe_is_refused_and_the_site_stays(
    changeable, link, advice
):
    changeable.public.mkdir()
    changeable.change("events/assemblea.yml", 'livestream: ""', f'livestream: "{link}"')
    done = changeable.build()
    assert done.returncode == 1
    assert "content/events/assemblea.yml: line 10: livestream:" in done.stderr
    assert advice in done.stderr
    assert list(changeable.public.iterdir()) == []


def test_all_mistakes_of_pages_are_told_and_nothing_is_built(changeable):
    changeable.change("it/progetto.md", "(azioni.md)", "(azzioni.md)")
    changeable.change("it/domande.md", "(progetto.md)", "(form:alb)")
    done = changeable.build()
    assert done.returncode == 1
    assert "it/progetto.md: line " in done.stderr
    assert "it/domande.md: line " in done.stderr
    assert "Traceback" not in done.stderr
    assert not changeable.public.exists()


@pytest.mark.slow
def test_a_link_to_a_part_that_is_not_there_stops_the_build(small):
    link = '<a href="/vorhaben/#nichts">mehr</a>'
    small.change("de/index.md", "[Alle Formulare](partecipa.md)", link)
    done = small.build()
    assert done.returncode == 1
    assert 'content/de/index.md: line 22: <a href="/vorhaben/#nichts">' in done.stderr
    assert not small.public.exists()


@pytest.mark.slow
def test_a_build_is_due_when_a_day_ends_or_a_file_changes_and_not_before(small):
    assert small.build("--if-due", SITE_NOW="2031-02-01T10:00").returncode == 0
    first = small.public.resolve()
    assert "beginnt am 10. Februar" in small.text("/partecipa/lesepate/")

    small.build("--if-due", SITE_NOW="2031-02-09T23:59")
    assert small.public.resolve() == first

    small.build("--if-due", SITE_NOW="2031-02-10T00:00")
    second = small.public.resolve()
    assert second != first
    assert "beginnt am 10. Februar" not in small.text("/partecipa/lesepate/")

    small.change("de/vorhaben.md", "title: Das Vorhaben", "title: Ein Vorhaben")
    small.build("--if-due", SITE_NOW="2031-02-10T00:00")
    assert small.public.resolve() != second
    assert "Ein Vorhaben" in small.page("/vorhaben/").findtext(".//h1")


@pytest.mark.parametrize(
    ("moment", "change"),
    [
        (datetime(2020, 6, 20, tzinfo=UTC), datetime(2020, 6, 30, 22, tzinfo=UTC)),
        (DURING, datetime(2020, 7, 1, 10, tzinfo=UTC)),
    ],
)
def test_the_pages_of_an_event_change_with_its_day_and_its_hours(
    content, moment, change
):
    hours = HOURS if moment is DURING else {}
    assert freshness.next_change(plan_at(content, moment, **hours)) == change


def test_a_record_that_cannot_be_read_means_due(tmp_path, content):
    plan = plan_at(content, BEFORE)
    file = tmp_path / "record.json"
    assert freshness.is_due(file, plan, "x")
    freshness.write_record(file, plan, "x")
    assert not freshness.is_due(file, plan, "x")
    assert freshness.is_due(file, replace(plan, base_url="https://b.example"), "x")
    file.write_text("[]")
    assert freshness.is_due(file, plan, "x")


@pytest.mark.slow
def test_a_preview_of_another_moment_is_refused_in_production(changeable):
    settings = {"FORMS_ENV": "production", "SITE_NOW": "2020-06-25T10:00"}
    done = changeable.build(**settings)
    assert done.returncode == 1
    assert "SITE_NOW" in done.stderr


def test_production_refuses_what_the_body_has_not_given_yet(changeable):
    done = changeable.build(FORMS_ENV="production")
    assert done.returncode == 1
    assert "authorised_by" in done.stderr
    assert "assets/logo.svg" in done.stderr


@pytest.mark.slow
def test_a_moment_nobody_can_read_is_told(changeable):
    done = changeable.build(SITE_NOW="domani")
    assert done.returncode == 1
    assert "SITE_NOW: write it as" in done.stderr
