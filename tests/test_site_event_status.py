"""What the site says of an event that is cancelled, postponed or moved."""

from datetime import UTC, date, datetime

import pytest
from lxml import etree, html

from blocks import Blocks
from event_view import event_news
from form_status import closed_forms, form_status
from forms_service.content import load_content
from forms_service.definition import EventStatus, Text
from pages import site_pages
from sample_content import SAMPLE
from stage import feed
from test_site_days import AFTER, BEFORE, HOURS, LIVE, card, plan_at

WHY = {"reason": Text("La sala è allagata.", "it")}
CANCELLED = {"status": EventStatus.CANCELLED, **WHY}
POSTPONED = {"status": EventStatus.POSTPONED}
MOVED = {"moved_from": date(2020, 6, 24)}
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def content():
    return load_content(SAMPLE)


def pages_of(plan, lang="it"):
    return {page.name: page for page in site_pages(plan, lang)}


@pytest.mark.parametrize(
    ("changes", "lang", "shown"),
    [
        (CANCELLED, "it", "L’evento è stato annullato."),
        (CANCELLED, "en", "The event has been cancelled."),
        (CANCELLED, "ar", "أُلغي اللقاء."),
        (POSTPONED, "it", "L’evento è stato rinviato."),
        (POSTPONED, "ar", "أُجّل اللقاء."),
        (MOVED, "it", "Era previsto per mercoledì 24 giugno 2020."),
        (MOVED, "en", "It was planned for Wednesday, 24 June 2020."),
    ],
)
def test_its_card_says_it_in_words_and_offers_nothing_that_is_not(
    content, changes, lang, shown
):
    text = card(plan_at(content, BEFORE, livestream=LIVE, **HOURS, **changes), lang)
    assert shown in text
    assert (LIVE in text) is (changes is MOVED)
    assert "/documenti/" in text, "a calendar takes the change from there"
    if changes is CANCELLED and lang != "it":
        assert '<span lang="it"' in text, "the reason is in the language it is in"


def test_a_cancelled_event_is_never_said_to_have_taken_place(content):
    text = card(plan_at(content, AFTER, **HOURS, **CANCELLED))
    assert "Annullato" in text
    assert "Si è svolto" not in text
    assert ".ics" not in text
    past = [event.title for event in Blocks.of(
        plan_at(content, AFTER, **HOURS, **CANCELLED), "it")._past()]  # fmt: skip
    assert "Assemblea dell’orto" not in past


def test_a_moved_event_that_is_over_only_took_place(content):
    text = card(plan_at(content, AFTER, **HOURS, **MOVED))
    assert "Si è svolto" in text
    assert "spostato" not in text


def test_a_postponed_event_is_still_news_after_the_planned_day(content):
    late = datetime(2020, 9, 1, tzinfo=UTC)
    assert "Rinviato" in card(plan_at(content, late, **POSTPONED))
    assert event_news(plan_at(content, late, **POSTPONED), "it")
    assert not event_news(plan_at(content, late, **CANCELLED), "it")
    assert not event_news(plan_at(content, late, **MOVED), "it")
    assert not event_news(plan_at(content, BEFORE), "it")


@pytest.mark.parametrize(
    ("changes", "status", "previous"),
    [
        ({}, "EventScheduled", None),
        (CANCELLED, "EventCancelled", None),
        (POSTPONED, "EventPostponed", None),
        (MOVED, "EventRescheduled", "2020-06-24"),
        (CANCELLED | MOVED, "EventCancelled", "2020-06-24"),
    ],
)
def test_search_engines_are_told_its_status(content, changes, status, previous):
    for name in ("index", "assemblea"):
        (data,) = pages_of(plan_at(content, BEFORE, **changes))[name].structured
        assert data["eventStatus"] == f"https://schema.org/{status}"
        assert data["startDate"] == "2020-07-01"
        assert data.get("previousStartDate") == previous


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        (CANCELLED, "Annullato: Assemblea dell’orto"),
        (POSTPONED, "Rinviato: Assemblea dell’orto"),
        (MOVED, "Spostato: Assemblea dell’orto"),
    ],
)
def test_feed_and_news_begin_with_it(content, changes, title):
    plan = plan_at(content, BEFORE, **changes)
    root = etree.fromstring(feed(plan, "it"))
    first = root.find("a:entry", ATOM)
    assert first.findtext("a:title", namespaces=ATOM) == title
    assert first.find("a:link", ATOM).get("href") == "https://we.example/assemblea/"
    ids = [item.text for item in root.findall("a:entry/a:id", ATOM)]
    assert len(ids) == len(set(ids))
    news = pages_of(plan)["notizie"].body
    first_line = html.fromstring(news).xpath("//li")[0].text_content().strip()
    assert first_line.startswith(title)


def test_another_state_of_the_same_event_is_another_entry_of_the_feed(content):
    marks = {
        event_news(plan_at(content, BEFORE, **changes), "it")[0].mark
        for changes in (CANCELLED, POSTPONED, MOVED)
    }
    assert len(marks) == 3


@pytest.mark.parametrize(
    ("changes", "word"),
    [(CANCELLED, "Evento annullato"), (POSTPONED, "Evento rinviato")],
)
def test_the_page_of_its_form_says_why_it_is_closed(content, changes, word):
    plan = plan_at(content, BEFORE, **changes)
    sign = form_status(content.form("assemblea"), plan, plan.translator("it"))
    assert sign.word == word
    assert sign.when.startswith("L’evento è stato")
    assert closed_forms(plan) == closed_forms(plan_at(content, BEFORE)) | {"assemblea"}
    page = pages_of(plan)["partecipa/assemblea"]
    assert "/moduli/it/assemblea" not in page.top + page.body
    assert ("La sala è allagata." in page.body) is (changes is CANCELLED)
    home = pages_of(plan)["index"].top
    assert "/documenti/it/assemblea.pdf" not in home
