"""A form's submissions as a table: XLSX, CSV for Excel, and CSV for machines.

Columns come from every published version, so a row never changes its shape. Every
cell is text unless the field is a number: Excel must not guess at phones, codes and
formulas. All three writers stream and keep their memory flat.
"""

import csv
import io
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook

from ..definition import Answer, Field, FormDefinition, exported
from ..definition.contact import PhoneRefused, clean_phone
from ..words import N_, Words

Cell = str | int
BOM = "\ufeff"
CHUNK = 64 * 1024
# More than Excel keeps in one cell; the rest is on the page of the request.
CELL_LENGTH = 32_767
CUT = N_("… (the rest is on the page of the request)")

WAS_READ = N_("Read, version {version}")

# What each row says beside the answers, by key and header.
META: Mapping[str, str] = {
    "reference": N_("Reference number"),
    "status": N_("State"),
    "place": N_("Place"),
    "source": N_("Came in"),
    "proof": N_("Confirmed by"),
    "sent": N_("Sent"),
    "received": N_("Received on (paper)"),
    "confirmed": N_("Address confirmed"),
    "decided": N_("Decided"),
    "language": N_("Language"),
    "helped": N_("Sent by a helper"),
    "version": N_("Version of the form"),
    "erased": N_("Will be erased"),
}

TAB_LENGTH = 31
_NO_TAB = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_FORMULA = "=+-@"
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
# Only spaces between the digits: "+39-0564" would be a subtraction.
_PHONE = re.compile(r"\+\d[\d ]*\d")
_UNSEEN = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its permanent id, its header, and whether it holds numbers."""

    id: str
    header: str
    number: bool = False


def columns(forms: Sequence[FormDefinition], words: Words) -> list[Column]:
    """Return the columns of a form from all its versions, the newest first.

    Fields of the newest version stand in its order; fields that only older ones had
    follow. Two fields with the same label are told apart by their ids.
    """
    fields: dict[str, Field] = {}
    for field in (field for form in forms for field in form.fields):
        if field.type != "static":
            fields.setdefault(field.id, field)
    headers = [str(field.label) for field in fields.values()]
    headers += [words.say(header) for header in META.values()]
    twice = {header for header in headers if headers.count(header) > 1}
    asked = [
        Column(
            field.id,
            f"{field.label} ({field.id})" if field.label in twice else str(field.label),
            field.type == "number",
        )
        for field in fields.values()
    ]
    about = [Column(key, words.say(header)) for key, header in META.items()]
    return [*about, *asked]


def row(
    table: Sequence[Column],
    form: FormDefinition,
    answers: Mapping[str, Answer],
    meta: Mapping[str, str],
    words: Words | None = None,
) -> list[Cell]:
    """Return the cells of one submission, read with the version it answered.

    With `words` for people: a notice that was read is told as such, without its hash.
    """
    fields = {field.id: field for field in form.fields}
    cells: list[Cell] = [meta[column.id] for column in table[: len(META)]]
    for column in table[len(META) :]:
        field, answer = fields.get(column.id), answers.get(column.id)
        if column.number and isinstance(answer, int):
            cells.append(answer)
        elif words and answer and field and field.type == "acknowledgement":
            cells.append(words.say(WAS_READ, version=answer["version"]))
        elif field is not None:
            cells.append(exported(field, answer))
        else:
            cells.append("" if answer is None else str(answer))
    return cells


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """Write a moment in the project's zone with its offset; nothing for None."""
    return at.astimezone(zone).isoformat(" ", "minutes") if at else ""


def xlsx(
    table: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    words: Words,
    title: str = "",
) -> Iterator[bytes]:
    """Yield an Excel workbook; every cell is a string, but those of number fields.

    Its one sheet is called by the title, as far as Excel allows.
    Its parts are gathered on disk in a folder of their own, gone when it is written.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.xlsx"
        options = {"constant_memory": True, "tmpdir": folder}
        with Workbook(str(file), options) as book:
            _fill(book, table, rows, words, tab_name(title))
        with file.open("rb") as written:
            while chunk := written.read(CHUNK):
                yield chunk


def tab_name(title: str) -> str | None:
    """Return a title as the name of a sheet, None when Excel has to choose one.

    Excel allows 31 characters (UTF-16 units), some not at all, and keeps "History".
    """
    allowed = " ".join(_NO_TAB.sub(" ", title).split()).encode("utf-16-le")
    name = allowed[: 2 * TAB_LENGTH].decode("utf-16-le", "ignore").strip(" '")
    return None if name.lower() in ("", "history") else name


def _fill(
    book: Any,
    table: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    words: Words,
    name: str | None,
) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    lines = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    whole = book.add_format({"valign": "top", "num_format": "0"})
    sheet.set_column(0, len(table) - 1, 22)
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(table):
        sheet.write_string(0, place, column.header, bold)
    last = 0
    for last, cells in enumerate(rows, start=1):
        for place, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(last, place, cell, whole)
            elif cell:
                sheet.write_string(last, place, _fitting(cell, words), lines)
    sheet.autofilter(0, 0, last, len(table) - 1)


def _fitting(cell: str, words: Words) -> str:
    # The library drops a longer text without a word.
    if len(cell) <= CELL_LENGTH:
        return cell
    cut = words.say(CUT)
    return cell[: CELL_LENGTH - len(cut)] + cut


def csv_excel(
    table: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    words: Words,
    title: str = "",
) -> Iterator[bytes]:
    """Yield CSV as Excel opens it where the comma is decimal: BOM, semicolon, CRLF.

    A text that a spreadsheet would run as a formula gets a tab before it (OWASP CSV
    injection); nothing is taken away.
    """
    headers = [column.header for column in table]
    guarded = ([guard(cell) for cell in cells] for cells in rows)
    yield BOM.encode()
    yield from _csv([[guard(h) for h in headers]], ";", csv.QUOTE_ALL)
    yield from _csv(guarded, ";", csv.QUOTE_ALL)


def csv_plain(
    table: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    words: Words,
    title: str = "",
) -> Iterator[bytes]:
    """Yield CSV for machines (RFC 4180): ids as headers, every answer as it is."""
    yield from _csv([[column.id for column in table]], ",", csv.QUOTE_MINIMAL)
    yield from _csv(rows, ",", csv.QUOTE_MINIMAL)


def _csv(
    rows: Iterable[Sequence[Cell]], delimiter: str, quoting: Literal[0, 1]
) -> Iterator[bytes]:
    line = io.StringIO(newline="")
    writer = csv.writer(
        line, delimiter=delimiter, quoting=quoting, lineterminator="\r\n"
    )
    for cells in rows:
        writer.writerow(cells)
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def guard(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet runs: a tab is added where it might."""
    if isinstance(cell, int):
        return cell
    folded = _UNSEEN.sub("", unicodedata.normalize("NFKC", cell))
    if folded[:1] not in _FORMULA or not folded or _is_plain(cell):
        return cell
    return "\t" + cell


def _is_plain(cell: str) -> bool:
    """Say whether a text is a number, or a phone number with its prefix."""
    if _NUMBER.fullmatch(cell):
        return True
    if not _PHONE.fullmatch(cell):
        return False
    try:
        clean_phone(cell, "zz")
    except PhoneRefused:
        return False
    return True


Writer = Callable[
    [Sequence[Column], Iterable[Sequence[Cell]], Words, str], Iterator[bytes]
]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: what it is called, its ending and media type, its writer.

    `for_people` says that its cells are read and not counted by a program.
    """

    name: str
    suffix: str
    media_type: str
    write: Writer
    for_people: bool = True


FORMATS: Mapping[str, Format] = {
    "xlsx": Format(
        N_("Excel (XLSX)"),
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        xlsx,
    ),
    "csv": Format(
        N_("CSV for Excel"),
        ".csv",
        "text/csv; charset=utf-8; header=present",
        csv_excel,
    ),
    "csv_raw": Format(
        N_("CSV for programs, unguarded"),
        "_raw.csv",
        "text/csv; charset=utf-8; header=present",
        csv_plain,
        for_people=False,
    ),
}
