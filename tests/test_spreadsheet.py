"""Tables: what was typed stands in the cell, and nothing in it runs."""

import csv
import io
import sys
import tracemalloc
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from forms_service.definition import Channel, clean, exported
from forms_service.i18n import Translator
from forms_service.shapes import sentences
from forms_service.shapes.table import columns as table_columns
from forms_service.shapes.table import spreadsheet, workbook
from forms_service.shapes.table.columns import (
    META,
    CellKind,
    Column,
    columns,
    moment,
    writers,
)
from forms_service.store.submissions import Proof, Seat, Source, Status
from random_answers import answers as random_answers
from sample_content import every_type, form_with

ROME = ZoneInfo("Europe/Rome")
ITALIAN = Translator("it", ROME)
TEXTS = [
    "=1+1",
    "=HYPERLINK(\"http://example.org\")",
    "+39 0564 484111",
    "00123",
    "58100",
    "RSSMRA85T10A562S",
    "Nguyễn Thị Ánh",
    "D’Angelo",
    "مرحبا بالعالم",
    "Перша\nдруга; третя",
    'says "hello", twice',
    "  two spaces",
    "<b>&amp;</b>",
    "1e5",
    "01/02/2003",
    "TRUE",
    "x" * 600 + "\n" + "y" * 600,
    "🎉 fine",
]  # fmt: skip
TABLE = [Column("one", "Uno"), Column("two", "Due", CellKind.NUMBER)]


def cells_of(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [list(row) for row in book.active.iter_rows()]


def written(name, rows, table=TABLE):
    """Write rows as a file, in batches of two."""
    batches = [list(zip(*rows[n : n + 2], strict=True)) for n in range(0, len(rows), 2)]
    write = spreadsheet.FORMATS[name].write
    return b"".join(write(table, batches, ITALIAN, "", len(rows)))


def write_xlsx(rows, table=TABLE):
    return cells_of(written("xlsx", rows, table))


def write_csv(rows, table=TABLE):
    return written("csv", rows, table)


def cells_of_answers(form, answers, translator=None, table=None):
    """Return the cells of the answers of one row."""
    table = table or columns([form], ITALIAN)
    return [write([answers])[0] for write in writers(table, form, translator)]


@pytest.mark.parametrize("text", TEXTS)
def test_excel_reads_every_text_as_the_text_that_was_typed(text):
    header, cells = write_xlsx([[text, 7]])
    assert [cell.value for cell in header] == ["Uno", "Due"]
    assert (cells[0].value, cells[0].data_type) == (text, "s")


def test_only_number_fields_become_numbers():
    _, cells = write_xlsx([["12", 12]])
    assert (cells[0].value, cells[0].data_type) == ("12", "s")
    assert (cells[1].value, cells[1].data_type) == (12, "n")


def test_an_absent_answer_is_an_empty_cell():
    _, cells = write_xlsx([["", 1]])
    assert cells[0].value is None


def test_a_text_that_looks_like_an_escape_of_excel_is_escaped_once():
    _, cells = write_xlsx([["_x0041_", 1]])
    assert unescape(cells[0].value) == "_x0041_"


def test_a_text_too_long_for_excel_says_that_it_goes_on():
    _, cells = write_xlsx([["x" * 40_000, 1]])
    assert len(cells[0].value) == workbook.CELL_LENGTH
    assert cells[0].value.endswith(ITALIAN.gettext(workbook.CUT))


def test_a_table_without_rows_has_its_headers():
    assert [[cell.value for cell in row] for row in write_xlsx([])] == [["Uno", "Due"]]
    assert write_csv([]) == '\ufeff"Uno";"Due"\r\n'.encode()


def test_csv_for_excel_has_a_mark_semicolons_quotes_and_crlf():
    data = write_csv([['a "b"; c', 3], ["è\nù", ""]])
    assert data == (
        b'\xef\xbb\xbf"Uno";"Due"\r\n"a ""b""; c";"3"\r\n"\xc3\xa8\n\xc3\xb9";""\r\n'
    )


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", " =1+1", "\r\n=1+1", "\ufeff=1+1",
     "\u200b=1+1", "\u2066=1+1", "＝1+1", "－2+3", "+", "+39-0564-484111", "+39 0564=1",
     "-", "+1 (2)", "-0564 484111", "+٣+١", "=cmd|' /C calc'!A0"],
)  # fmt: skip
def test_csv_gets_a_tab_before_what_could_run_and_loses_nothing(text):
    assert spreadsheet.guard(text) == "\t" + text
    assert f'"\t{text}"'.encode() in write_csv([[text, 1]])


@pytest.mark.parametrize(
    "text",
    ["+39 0564 484111", "+390564484111", "-12", "+3,5", "00123", "D’Angelo", "a=b", "",
     "مرحبا", "(=1)", "–1"],
)  # fmt: skip
def test_csv_leaves_phones_numbers_and_harmless_texts_alone(text):
    assert spreadsheet.guard(text) == text


def test_a_number_field_below_zero_is_left_alone():
    assert b'"a";"-5"' in write_csv([["a", -5]])


def test_what_begins_with_a_letter_or_a_digit_runs_in_no_script():
    letters = filter(str.isalnum, map(chr, range(sys.maxunicode + 1)))
    assert [c for c in letters if spreadsheet.guard(f"{c}1+1") != f"{c}1+1"] == []


def test_headers_are_guarded_too():
    assert b'"\t=1";"Due"' in write_csv([], [Column("a", "=1"), TABLE[1]])


def test_csv_for_programs_is_rfc_4180_and_raw():
    data = written("csv_raw", [["=1,\n", 3], ["é", ""]])
    assert data == 'one,two\r\n"=1,\n",3\r\né,\r\n'.encode()


def test_columns_are_the_union_of_all_versions_in_the_newest_order():
    first = form_with(
        "- {id: a, type: text, label: A}\n- {id: b, type: text, label: B}"
    )
    second = form_with(
        "- {id: c, type: number, label: C}\n- {id: s, type: static, text: Read}\n"
        "- {id: a, type: text, label: New A}"
    )
    table = columns([second, first], ITALIAN)[len(META) :]
    assert table == [
        Column("c", "C", CellKind.NUMBER),
        Column("a", "New A"),
        Column("b", "B"),
    ]


def test_equal_labels_are_told_apart_by_their_ids():
    form = form_with(
        "- {id: a, type: text, label: Altro}\n- {id: b, type: text, label: Altro}\n"
        f"- {{id: c, type: text, label: {ITALIAN.gettext('State')}}}"
    )
    headers = [column.header for column in columns([form], ITALIAN)]
    assert headers[-3:] == ["Altro (a)", "Altro (b)", f"{ITALIAN.gettext('State')} (c)"]
    assert len(set(headers)) == len(headers)


def test_a_row_has_the_same_columns_whatever_was_answered():
    form = every_type().form("every-type")
    assert cells_of_answers(form, {}) == [""] * len(
        columns([form], ITALIAN)[len(META) :]
    )


def test_every_field_type_is_written_as_its_type_exports_it():
    form = every_type().form("every-type")
    typed = {
        "nome": ["Nguye\u0302\u0303n Thị Ánh"],
        "email": ["amina@example.org"],
        "telefono": ["0564 484111"],
        "nascita-day": ["27"],
        "nascita-month": ["3"],
        "nascita-year": ["1985"],
        "profilo": ["ente"],
        "ente": ["=1+1"],
        "persone": ["2"],
        "paese": ["altro"],
        "interessi": ["si", "musica"],
        "strumento": ["+39 0564 484111"],
        "aiuto": ["true"],
        "note": ["uno\r\ndue"],
        "codice_fiscale": ["RSSMRA85T10A562S"],
        "documento": ["00123"],
        "maggiorenne": ["true"],
        "informativa": ["true"],
    }
    answers = clean(form, typed, Channel.DESK).answers
    ids = [column.id for column in columns([form], ITALIAN)[len(META) :]]
    cells = cells_of_answers(form, answers)
    named = {id_: cell for id_, cell in zip(ids, cells, strict=True) if cell}

    assert named.pop("informativa").startswith("1.0 ")
    people = cells_of_answers(form, answers, ITALIAN)
    shown = [new for old, new in zip(cells, people, strict=True) if new != old]
    assert shown == ["Letta, versione 1.0"]
    assert named == {
        "nome": unicodedata.normalize("NFC", "Nguyễn Thị Ánh"),
        "email": "amina@example.org",
        "telefono": "+390564484111",
        "nascita": "1985-03-27",
        "profilo": "Per un ente",
        "ente": "=1+1",
        "persone": 2,
        "paese": "Un altro paese",
        "interessi": "Sì a tutto | Musica",
        "strumento": "+39 0564 484111",
        "aiuto": "X",
        "note": "uno\ndue",
        "codice_fiscale": "RSSMRA85T10A562S",
        "documento": "00123",
        "maggiorenne": "X",
    }


def one_cell(column, field, answer, translator):
    """Write one cell by itself."""
    if column.kind is CellKind.NUMBER and isinstance(answer, int):
        return answer
    return exported(field, answer, translator)


def excel_cell(column, cell):
    if column.kind is CellKind.DAY and cell:
        return datetime.fromisoformat(cell)
    return cell or None


@pytest.mark.parametrize("translator", [None, ITALIAN], ids=["programs", "people"])
def test_columns_of_many_rows_hold_what_each_cell_by_itself_would(translator):
    form = every_type().form("every-type")
    table = columns([form], ITALIAN)
    asked = table[len(META) :]
    typed = [random_answers(form, f"row {n}") for n in range(40)]
    rows = [clean(form, raw, Channel.DESK).answers for raw in typed]
    expected = [
        [one_cell(c, form.field(c.id), answers.get(c.id), translator) for c in asked]
        for answers in [*rows, {}]
    ]
    found = [write([*rows, {}]) for write in writers(table, form, translator)]
    assert list(map(list, zip(*found, strict=True))) == expected

    batches = [found]
    plain, quoted = io.StringIO(newline=""), io.StringIO(newline="")
    csv.writer(plain).writerows([[c.id for c in asked], *expected])
    csv.writer(quoted, delimiter=";", quoting=csv.QUOTE_ALL).writerows(
        [spreadsheet.guard(str(cell)) for cell in cells]
        for cells in [[c.header for c in asked], *expected]
    )
    made = [
        b"".join(write(asked, batches, ITALIAN, "", 41)).decode()
        for write in (spreadsheet.csv_plain, spreadsheet.csv_excel)
    ]
    assert made == [plain.getvalue(), spreadsheet.BOM + quoted.getvalue()]
    _, *lines = cells_of(b"".join(spreadsheet.xlsx(asked, batches, ITALIAN, "", 41)))
    shown = [[cell.value for cell in line] for line in lines]
    # A row without a cell is none for whoever reads the sheet.
    assert shown == [
        [excel_cell(*pair) for pair in zip(asked, cells, strict=True)]
        for cells in expected[:-1]
    ]


def test_days_and_moments_are_days_and_moments_in_excel():
    table = [Column("a", "A", CellKind.DAY), Column("b", "B", CellKind.MOMENT)]
    rows = [
        ["1985-03-27", "2026-07-01 10:30+02:00"],
        ["1899-12-31", "2026-01-02 00:30+01:00"],
        ["non so", ""],
    ]
    _, first, early, none = write_xlsx(rows, table)
    assert first[0].value == datetime(1985, 3, 27)
    assert first[1].value == datetime(2026, 7, 1, 10, 30)
    assert (first[0].is_date, first[1].is_date) == (True, True)
    # Excel has no days before 1900.
    assert [cell.value for cell in early] == ["1899-12-31", datetime(2026, 1, 2, 0, 30)]
    assert [cell.value for cell in none] == ["non so", None]


def test_a_field_that_changed_its_type_keeps_the_cells_of_old_rows():
    old = form_with(
        "- {id: a, type: number, label: A}\n- {id: b, type: text, label: B}"
    )
    new = form_with(
        "- {id: a, type: text, label: A}\n- {id: c, type: number, label: C}"
    )
    table = columns([new, old], ITALIAN)
    assert [column.id for column in table[len(META) :]] == ["a", "c", "b"]
    assert cells_of_answers(old, {"a": 3, "b": "x"}, None, table) == ["3", "", "x"]
    assert cells_of_answers(new, {"a": "y", "c": 4}, None, table) == ["y", 4, ""]
    # What no version asked is not lost either.
    assert cells_of_answers(new, {"b": 5}, None, table) == ["", "", "5"]
    back = columns([old, new], ITALIAN)
    assert cells_of_answers(new, {"a": "y"}, None, back) == ["y", "", ""]


def test_what_is_kept_of_the_values_of_a_column_has_a_bound():
    texts = table_columns.Once(str)
    assert [texts[n] for n in range(table_columns.MOST_KEPT + 1)][-1] == "10000"
    assert len(texts) == 1


def test_an_archive_of_very_many_rows_is_one_that_may_outgrow_two_gigabytes():
    batch = [["a"], [1]]
    many = workbook.MANY_ROWS + 1
    data = b"".join(spreadsheet.xlsx(TABLE, [batch], ITALIAN, "", many))
    assert [cell.value for cell in cells_of(data)[1]] == ["a", 1]


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Volontari", ["Volontari 1", "Volontari 2"]),
        ("Sheet2", ["Sheet2 1", "Sheet2 2"]),
        ("Moduli per il ritiro del pane 2", [
            "Moduli per il ritiro del pane 1", "Moduli per il ritiro del pane 2"
        ]),
        ("", ["1", "2"]),
    ],
)  # fmt: skip
def test_what_is_more_than_excel_reads_of_a_sheet_is_on_another(title, names):
    batches = [[[f"row {n}"], [n]] for n in range(8)]
    data = b"".join(spreadsheet.xlsx(TABLE, batches, ITALIAN, title, 8, sheet_rows=4))
    book = openpyxl.load_workbook(io.BytesIO(data))
    found = [[line[1] for line in sheet.values] for sheet in book]
    assert found == [["Due", 0, 1, 2, 3], ["Due", 4, 5, 6, 7]]
    assert book.sheetnames == names
    assert [sheet.auto_filter.ref for sheet in book] == ["A1:B5"] * 2


def test_a_sheet_says_how_large_it_is():
    data = written("xlsx", [["a", n] for n in range(3)])
    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True).active
    assert sheet.calculate_dimension() == "A1:B4"


def test_a_text_with_its_own_markup_stays_text():
    rows = [["<r><t>a</t></r>", 1], [" a & b ", 2], ["\x01_x0041_\ufffe", 3]]
    _, *lines = write_xlsx(rows)
    assert unescape(lines[0][0].value) == rows[0][0]
    assert unescape(lines[1][0].value) == rows[1][0]
    assert unescape(lines[2][0].value) == rows[2][0]


def test_a_text_is_cut_by_what_excel_counts():
    _, cells = write_xlsx([["🎉" * 20_000, 1]])
    text = cells[0].value
    assert len(text.encode("utf-16-le")) <= 2 * workbook.CELL_LENGTH
    assert text.endswith(ITALIAN.gettext(workbook.CUT))
    _, cells = write_xlsx([["é" * 20_000, 1]])
    assert cells[0].value == "é" * 20_000


def test_moments_carry_their_offset():
    summer = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
    winter = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    assert moment(summer, ROME) == "2026-07-01 10:30+02:00"
    assert moment(winter, ROME) == "2026-01-02 00:30+01:00"
    assert moment(None, ROME) == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["csv", "csv_raw", "xlsx"])
def test_memory_stays_flat_however_many_rows_there_are(name):
    write = spreadsheet.FORMATS[name].write
    few, many = (peak(write, rows) for rows in (300, 6000))
    assert many < few * 2 + 200_000


def peak(write, number):
    batches = ([[f"row {n} " + "x" * 200], [n]] for n in range(number))
    tracemalloc.start()
    for _ in write(TABLE, batches, ITALIAN, "", number):
        pass
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.mark.parametrize(
    ("table", "codes"),
    [(sentences.STATUS, Status), (sentences.PLACE, Seat), (sentences.SOURCE, Source),
     (sentences.PROOF, Proof)],
)  # fmt: skip
def test_every_stored_code_has_a_name_on_screen(table, codes):
    assert list(table) == [code.value for code in codes]
    for code in codes:
        assert sentences.name_of(table, code, Translator("en", ROME)) == table[code]
    assert sentences.name_of(table, "unknown", ITALIAN) == "unknown"
