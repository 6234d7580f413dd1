"""After work and a kill, the numbers that staff read are those of rows and tables."""

import csv
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html

from at_work import in_town
from conftest import ROOT
from drill_table import twin

WHAT = "people send, confirm, erase, staff decide, the service is killed"
FORM = "volontari"
STATES = ("unverified", "new", "accepted")
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]
# A row that leaves goes on being counted.
MISCOUNTS = (
    "store/counts.py",
    '"counts_ad", "DELETE", less',
    '"counts_ad", "DELETE", "SELECT 1;"',
)


def shown(page):
    """Return the number behind each tab of the list."""
    tabs = html.document_fromstring(page).xpath("//ul[@class='tabs']//a")
    named = [parse_qs(urlsplit(tab.get("href")).query).get("stato") for tab in tabs]
    numbers = [int(tab.xpath("string(span)").replace(".", "")) for tab in tabs]
    return {name[0]: n for name, n in zip(named, numbers, strict=True) if name}


def told(folder, program):
    """Work, be killed; return what page, database and table say of each state."""
    with in_town(folder, program) as town:
        town.start()
        with town.working(share=2, erase=2):
            town.wait_for(
                lambda: min(len(town.told.erased), len(town.told.decided)) > 2
            )
            town.kill()
            town.start()
        with closing(town.staff()) as clerk:
            clerk.until(200, f"/staff/?modulo={FORM}&stato=tutte")
            page = shown(clerk.page)
        rows = town.sql("SELECT status, count(*) FROM submissions GROUP BY status")
        tables = {}
        for state in STATES:
            file = folder / f"{state}.csv"
            town.done(
                "export", FORM, "--status", state, "--format", "csv", "--out", str(file)
            )
            with file.open(encoding="utf-8-sig", newline="") as lines:
                tables[state] = sum(1 for _ in csv.reader(lines, delimiter=";")) - 1
        town.stop()
    here = {state: page.get(state, 0) for state in STATES}
    return here, {state: dict(rows).get(state, 0) for state in STATES}, tables


@pytest.mark.promise("P15", WHAT)
def test_page_database_and_table_say_the_same(tmp_path, figure):
    page, rows, tables = told(tmp_path, ROOT)
    assert page == rows == tables
    assert all(rows.values())
    figure(", ".join(f"{n} {state}" for state, n in rows.items()) + ": all three agree")


@pytest.mark.promise("P15", WHAT, control=True)
def test_a_number_that_does_not_follow_an_erasure_is_seen(tmp_path, figure):
    page, rows, tables = told(tmp_path, twin(tmp_path, MISCOUNTS))
    assert rows == tables
    more = sum(page.values()) - sum(rows.values())
    assert more > 0
    figure(control=f"erasures not counted: the page shows {more} too many")
