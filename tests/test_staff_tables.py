"""Taking a table out: what was typed stands in it, and the log knows who took it."""

import csv
import io
import json
from datetime import datetime

import openpyxl
import pytest

from clerk import log, prove, send
from forms_service.shapes.table import spreadsheet, workbook
from forms_service.store import submissions, tables
from forms_service.store.events import EventVerb
from forms_service.store.removal import erase
from forms_service.workflow import deciding, exporting
from forms_service.workflow.exporting import Reason
from service import log_report
from stored import rows_of

LONG = "Prima riga, con virgola; e punto e virgola.\n" + "x" * 500 + "\nTerza"
TEXTS = {
    "nome_completo": "D’Angelo",
    "come_chiamarti": "=1+1",
    "telefono": "+39 0564 484111",
    "competenze": LONG,
}


OWN = ("number", "revision", "id", "reference", "form_key")
COPIED = [name for name in submissions.COLUMNS if name not in OWN]


def take(new_clerk, kind="xlsx", form_id="volontari", **more):
    page = new_clerk.get(f"/staff/tabelle/{form_id}")
    values = {"format": kind, "reason": "handling", **more}
    return new_clerk.send(page, f"/{form_id}", **values)


def read_xlsx(answer):
    sheet = openpyxl.load_workbook(io.BytesIO(answer.body)).active
    header, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_csv(answer):
    text = answer.body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_excel_holds_what_was_typed_cell_by_cell(service, clerk):
    submission = prove(service, send(service, **TEXTS, aree=["sociale", "culturale"]))
    prove(
        service, send(service, nome_completo="مريم", email="m@example.org", lang="en")
    )

    answer = take(clerk)

    first, second = read_xlsx(answer)
    assert first["Nome e cognome"] == "D’Angelo"
    assert first["Come vuoi che ti chiamiamo"] == "=1+1"
    assert first["Telefono"] == "+390564484111"
    assert first["Che cosa sai fare"] == LONG
    assert first["Aree di attività"] == "Sociale | Culturale"
    assert first["Comune dove vuoi fare attività"] == "Esempio al Monte"
    assert first["Numero di riferimento"] == submission.reference
    assert first["Stato"] == "Da esaminare"
    assert first["Inviata"] == datetime(2020, 6, 20, 10, 0)
    assert first["Lingua"] == "Italiano"
    assert second["Nome e cognome"] == "مريم"
    assert second["Lingua"] == "English"
    assert second["Come vuoi che ti chiamiamo"] is None


def test_csv_for_excel_holds_the_same_and_runs_nothing(service, clerk):
    send(service, **TEXTS)
    answer = take(clerk, "csv")
    assert answer.body.startswith(b'\xef\xbb\xbf"Numero di riferimento";"Stato"')
    assert b'"\t=1+1"' in answer.body
    (line,) = read_csv(answer)
    assert line["Come vuoi che ti chiamiamo"] == "\t=1+1"
    assert line["Telefono"] == "+390564484111"
    assert line["Che cosa sai fare"] == LONG


def test_csv_for_programs_is_raw_and_says_so_in_its_name(service, clerk):
    send(service, **TEXTS)
    answer = take(clerk, "csv_raw")
    assert answer.headers["Content-Disposition"].endswith(
        "volontari-2020-06-20_raw.csv"
    )
    (line,) = csv.DictReader(io.StringIO(answer.body.decode(), newline=""))
    assert line["come_chiamarti"] == "=1+1"
    assert line["competenze"] == LONG


def test_a_notice_that_was_read_is_told_to_people_and_proven_to_programs(
    service, clerk
):
    send(service)
    label = "Ho letto e compreso l'informativa sulla privacy"
    shown = "Letta, versione 1.0"
    assert read_xlsx(take(clerk))[0][label] == shown
    assert read_csv(take(clerk, "csv"))[0][label] == shown
    raw = io.StringIO(take(clerk, "csv_raw").body.decode(), newline="")
    assert next(csv.DictReader(raw))["presa_visione_privacy"].startswith("1.0 ")


def test_all_says_how_many_have_not_confirmed_their_address(service, clerk):
    first = "//select[@name='status']/option[1]/text()"
    prove(service, send(service))
    assert clerk.get("/staff/tabelle/volontari").find(first) == ["Tutte"]
    send(service, email="b@example.org")
    assert clerk.get("/staff/tabelle/volontari").find(first) == [
        "Tutte, anche 1 con l’indirizzo non confermato"
    ]
    assert len(read_xlsx(take(clerk))) == 2


def test_a_table_is_a_private_download(service, clerk):
    send(service)
    answer = take(clerk)
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=volontari-2020-06-20.xlsx"
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_only_one_state_can_be_asked_for(service, clerk):
    submission = prove(service, send(service))
    prove(service, send(service, nome_completo="Bruno", email="b@example.org"))
    deciding.decide(service.context, submission.id, EventVerb.ACCEPT, "staff:1")
    rows = read_xlsx(take(clerk, status="accepted"))
    assert [row["Numero di riferimento"] for row in rows] == [submission.reference]


def test_the_log_keeps_who_took_what_and_why_and_nothing_personal(service, clerk):
    send(service)
    take(clerk, "csv", reason="statistics")
    actor, verb, detail = log(service)[-1]
    assert (actor, verb) == ("staff:1", "export")
    assert json.loads(detail) == {
        "form": "volontari",
        "format": "csv",
        "count": 1,
        "reason": "statistics",
        "status": "",
        "filtered": False,
        "columns": [],
    }
    assert log_report(service.context).whole


@pytest.mark.parametrize(
    "wrong",
    [{"reason": ""}, {"reason": "because"}, {"reason": "command"}, {"format": "exe"}],
)
def test_without_a_reason_or_a_format_there_is_no_table(service, clerk, wrong):
    send(service)
    before = len(log(service))
    (name,) = wrong
    page = take(clerk, **({"kind": wrong["format"]} if name == "format" else wrong))
    assert page.status == 422
    assert page.find("//*[@class='error-summary']//a/@href") == [f"#{name}"]
    assert len(log(service)) == before


def test_the_forms_are_listed_with_their_numbers(service, clerk):
    send(service)
    text = clerk.get("/staff/tabelle").text
    assert "Registro dei volontari 1 richiesta" in text
    assert "Corso di orto 0 richieste" in text


def test_an_unknown_form_has_no_table(service, clerk):
    assert clerk.get("/staff/tabelle/unknown").status == 404
    send(service)
    page = clerk.get("/staff/tabelle/volontari")
    values = {**page.controls(), "format": "xlsx", "reason": "handling"}
    assert clerk.post("/staff/tabelle/unknown", values).status == 404


def stored(service):
    return service.context.store.read(lambda db: rows_of(db, "volontari"))


# As many rows more as are asked for, each a copy of the only one.
COPIES = f"""
    WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?)
    INSERT INTO submissions ({", ".join(COPIED)}, id, reference, form_key)
    SELECT {", ".join(COPIED)}, id || x, reference || x, NULL FROM submissions, n
"""


@pytest.fixture
def exported(service):
    """Take out what is stored now; the bytes of the table come when they are asked."""

    def take_out(format_id="csv", **more):
        return exporting.export(
            service.context, "volontari", format_id, Reason.COMMAND, "command", **more
        )

    return take_out


def test_an_export_holds_what_was_there_when_it_began(service, exported):
    for number in range(4):
        send(service, email=f"n{number}@example.org")
    table = exported()
    gone = stored(service)[1]
    service.context.store.write(lambda db: erase(db, gone.id))
    send(service, email="late@example.org")
    data = b"".join(table.chunks)
    assert table.count == 4
    assert data.count(b"@example.org") == 3
    assert gone.reference.encode() not in data
    assert b"late@" not in data


def test_the_log_knows_of_an_export_before_its_first_byte(service, exported):
    send(service)
    exported()
    assert log(service)[-1][1] == "export"


@pytest.mark.parametrize("format_id", list(spreadsheet.FORMATS))
def test_the_first_bytes_leave_before_a_row_is_read(service, exported, format_id):
    send(service)
    shown = []
    chunks = exported(format_id, progress=shown.append).chunks
    assert next(chunks)
    assert shown == []
    assert b"".join(chunks)
    assert shown == [1]


def test_rows_are_read_in_steps_that_hold_nobody_up(service, exported):
    send(service)
    service.context.store.write(lambda db: db.execute(COPIES, [tables.STEP + 1]))
    shown = []
    chunks = exported(progress=shown.append).chunks
    next(chunks)
    next(chunks)
    # Between two steps no reader keeps the log from being folded into the file.
    assert service.context.store.checkpoint()
    assert b"".join(chunks).count(b"\r\n") == 2
    assert shown == [tables.STEP, 2]


def test_whoever_counts_is_told_that_the_file_holds_names(clerk):
    page = clerk.get("/staff/tabelle/volontari")
    assert "Per statistiche (il file contiene i nomi: cancellalo" in page.text


def test_the_sheet_is_called_as_the_form_and_no_place_is_made_up(service, clerk):
    send(service)
    answer = take(clerk)
    title = str(service.context.content.form("volontari").title)
    book = openpyxl.load_workbook(io.BytesIO(answer.body))
    assert book.sheetnames == [title[:31].strip()]
    (line,) = read_xlsx(answer)
    assert line["Posto"] is None


@pytest.mark.parametrize(
    ("title", "name"),
    [("Chi: dove/quando?", "Chi dove quando"), ("'a'", "a"), ("History", "History 1"),
     ("", "1"), ("🎉" * 20, "🎉" * 15)],
)  # fmt: skip
def test_a_title_becomes_a_name_that_excel_takes(title, name):
    assert workbook.tab_names(title, 1) == [name]


def test_a_table_of_the_list_has_its_rows_and_the_columns_that_were_chosen(
    service, clerk
):
    monte = [prove(service, send(service, email=f"m{n}@example.org")) for n in "ab"]
    prove(service, send(service, email="c@example.org", comune="mare"))
    send(service, email="unproven@example.org")
    page = clerk.get("/staff/?modulo=volontari&risposta=comune:monte")
    (link,) = page.find("//a[text()='Esporta questo elenco']/@href")
    asked = clerk.get(link)
    assert "2 richieste, come filtra l’elenco." in asked.text
    offered = asked.find("//input[@name='colonna']/@value")
    assert asked.find("//input[@name='colonna'][@checked]/@value") == offered
    typed = {"format": "csv", "colonna": [], "reason": "handling"}
    none = clerk.send(asked, "/volontari", segna="nessuna", **typed)
    assert none.find("//input[@name='colonna'][@checked]/@value") == []
    assert none.find("//input[@name='format'][@checked]/@value") == ["csv"]
    every = clerk.send(none, "/volontari", segna="tutte")
    assert every.find("//input[@name='colonna'][@checked]/@value") == offered
    chosen = ["about:reference", "answer:comune"]
    values = {"format": "csv", "reason": "handling", "colonna": chosen}
    rows = read_csv(clerk.send(asked, "/volontari", **values))
    header = {"Numero di riferimento", "Comune dove vuoi fare attività"}
    assert [set(row) for row in rows] == [header] * 2
    assert [row["Numero di riferimento"] for row in rows] == [
        submission.reference for submission in monte
    ]
    kept = json.loads(log(service)[-1][2])
    assert (kept["count"], kept["filtered"], kept["columns"]) == (2, True, chosen)


def test_a_table_of_the_boxes_has_their_rows_alone(service, clerk):
    people = [prove(service, send(service, email=f"{n}@example.org")) for n in "abc"]
    page = clerk.get("/staff/")
    boxes = page.find("//input[@name='bulk-scelta']/@value")
    chosen = [box for box in boxes if not box.startswith(people[1].id)]
    asked = clerk.send(
        page, "/insieme", fare="export", **{"bulk-scelta": " ".join(chosen)}
    )
    assert "2 richieste, quelle che hai scelto." in asked.text
    taken = clerk.send(asked, "/volontari", format="csv", reason="handling")
    found = {row["Numero di riferimento"] for row in read_csv(taken)}
    assert found == {people[0].reference, people[2].reference}
    gone = {"fare": "export", "bulk-scelta": "nobody:1:0"}
    assert clerk.send(page, "/insieme", **gone).status == 404
