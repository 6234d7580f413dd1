"""The pages of numbers and of reports: bars, tables, what is hidden, what is fixed."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from clerk import prove, send
from forms_service.store.events import EventVerb
from forms_service.workflow import deciding

HERE, REPORTS = "/staff/numeri", "/staff/numeri/rapporti"
WINTER = "modulo=every-type&dal=2030-01-01&al=2030-04-01"


@pytest.fixture
def desk(with_places):
    """Carla, in April, and seven requests of March: one in English, two decided."""
    service, clerk = with_places
    for n in range(7):
        lang = "en" if n == 0 else "it"
        sent = send(service, "every-type", lang, email=f"p{n}@example.org")
        prove(service, sent)
        service.clock.advance(days=1)
        if not n:
            prove(service, send(service, email="volontaria@example.org"))
        if n < 2:
            verb = EventVerb.ACCEPT if n else EventVerb.DECLINE
            deciding.decide(service.context, sent.id, verb, "staff:1")
    service.clock.now = datetime(2030, 4, 2, 9, tzinfo=UTC)
    clerk.sign_in()
    return clerk


def rows(page, title):
    """Return the table with a caption as a dictionary."""
    (table,) = page.find(f"//table[caption='{title}']")
    cells = (row.xpath("./th|./td") for row in table.xpath("./tbody/tr"))
    return {label.text_content(): number.text_content() for label, number in cells}


def test_every_chart_has_a_title_a_description_and_the_same_numbers_in_a_table(desk):
    page = desk.get(f"{HERE}?modulo=every-type&dal=2030-03-01&al=2030-03-31")
    assert "7 richieste arrivate, 7 di questo periodo conservate oggi" in page.text
    assert rows(page, "Lingua della persona") == {
        "Italiano": "6", "English": "1", "العربية": "0",
    }  # fmt: skip
    assert rows(page, "Decisioni") == {"Accolta": "1", "Non accolta": "1"}
    assert rows(page, "Posti") == {"Occupati": "6", "In attesa": "0"}
    assert "La metà entro 1 giorno, il 90 % entro 1 giorno dall’arrivo." in page.text
    assert rows(page, "Richieste arrivate") == {
        "dal 1 marzo 2030": "0", "dal 4 marzo 2030": "0", "dal 11 marzo 2030": "0",
        "dal 18 marzo 2030": "5", "dal 25 marzo 2030": "2",
    }  # fmt: skip
    for chart in page.find("//*[local-name()='svg']"):
        named = [
            page.find(f"//*[@id='{name}']")[0]
            for name in chart.get("aria-labelledby").split()
        ]
        title, description = (element.text_content() for element in named)
        said = [": ".join(pair) for pair in rows(page, title).items()]
        assert description == "; ".join(said)


def test_the_page_shows_this_month_unless_another_period_is_asked_for(desk):
    now = desk.get(HERE)
    assert "1 aprile 2030 – 2 aprile 2030: 0 richieste arrivate" in now.text
    assert now.find("//a[contains(@href, 'dal=2030-03-01&al=2030-03-31')]")
    assert not now.find("//a[contains(@href, 'dal=2030-05-01')]")
    year = desk.get(f"{HERE}?modulo=every-type&dal=2030-04-02&al=2029-06-10")
    months = rows(year, "Richieste arrivate")
    assert (months["marzo 2030"], months["giugno 2029"], len(months)) == ("7", "0", 11)
    years = desk.get(f"{HERE}?dal=1999-01-01&al=2030-12-31&modulo=nulla")
    assert rows(years, "Richieste arrivate")["2030"] == "8"
    assert len(rows(years, "Richieste arrivate")) == 11
    assert desk.get(f"{HERE}?dal=ieri").status == 200


def test_a_report_is_looked_at_fixed_printed_and_taken_as_a_table(desk):
    seen = desk.get(f"{REPORTS}?{WINTER}")
    assert "Non è ancora fissato" in seen.text
    assert "Ancora nessuno." in seen.text
    assert desk.send(seen, "/fissa").location == f"{REPORTS}/1"
    page = desk.get(f"{REPORTS}/1")
    assert "gennaio 2030 – marzo 2030" in page.text
    assert "Fissato il 2 aprile 2030" in page.text
    assert rows(page, "Lingua della persona") == {
        "Italiano": "nascosto", "English": "nascosto", "العربية": "nascosto",
        "In tutto": "7",
    }  # fmt: skip
    assert rows(page, "Come sono arrivate")["Online"] == "7"
    book = load_workbook(BytesIO(desk.client.get(f"{REPORTS}/1.xlsx").data))
    lines = [[*row] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert lines[1] == ["Richieste ricevute e confermate", None, 7]
    assert ["Lingua della persona", "English", "nascosto"] in lines
    assert f"{REPORTS}/1" in desk.get(REPORTS).find("//ul[@class='plain']//a/@href")
    for missing in (f"{REPORTS}/2", f"{REPORTS}/2.xlsx"):
        assert desk.get(missing).status == 404


def test_what_cannot_be_reported_is_said_or_is_not_there(desk):
    few = f"{REPORTS}?{WINTER.replace('every-type', 'volontari')}"
    assert "meno di 5 richieste" in desk.get(few).text
    seen = desk.get(f"{REPORTS}?{WINTER}")
    sent = desk.send(seen, "/fissa", modulo="volontari")
    assert "meno di 5 richieste" in desk.get(sent.location).text
    for wrong in ({"modulo": "nulla"}, {"dal": "ieri"}, {"al": "2030-03-31"}):
        assert desk.send(seen, "/fissa", **wrong).status == 404
    for query in ("modulo=every-type", "dal=2030-01-01&al=2030-04-01", "dal=x"):
        assert "Fissa il rapporto" not in desk.get(f"{REPORTS}?{query}").text
    turned = desk.get(f"{REPORTS}?modulo=every-type&dal=2030-01-01&al=2030-01-01").text
    assert "La fine viene prima dell’inizio." in turned
    open_quarter = WINTER.replace("01-01", "04-01").replace("al=2030-04", "al=2030-07")
    assert "Fissa il rapporto" not in desk.get(f"{REPORTS}?{open_quarter}").text


def test_a_form_that_is_gone_leaves_a_report_that_still_reads(desk):
    desk.send(desk.get(f"{REPORTS}?{WINTER}"), "/fissa")
    del desk.service.context.content.forms["every-type"]
    page = desk.get(f"{REPORTS}/1")
    assert "every-type, gennaio 2030" in page.text
    assert rows(page, "answer:profilo")["persona"] == "7"


def test_reasons_of_refusals_are_counted_for_their_own_form(desk):
    service = desk.service
    for reasons in (["altrove"], ["altrove", "chiarire"], []):
        sent = prove(service, send(service, "barriere"))
        verb = EventVerb.DECLINE
        deciding.decide(service.context, sent.id, verb, "staff:1", reasons=reasons)
        deciding.erase(service.context, sent.id, "staff:1")
    form = service.context.content.forms["barriere"]["it"]
    fewer = replace(form, reasons=form.reasons[:1])
    service.context.content.forms["barriere"] = {"it": fewer}
    assert rows(desk.get(f"{HERE}?modulo=barriere"), "Motivi dei rifiuti") == {
        "Non è una nostra pagina": "2", "chiarire": "1",
    }  # fmt: skip
    assert "Motivi dei rifiuti" not in desk.get(HERE).text
    assert "Motivi dei rifiuti" not in desk.get(f"{HERE}?modulo=every-type").text
