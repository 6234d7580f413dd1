"""A table as a file: XLSX, CSV for Excel, and CSV for machines.

Every cell is text unless the field is a number: Excel must not guess at phones, codes
and formulas. All three writers stream and keep their memory flat.
"""

import csv
import io
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from xlsxwriter import Workbook

from ...definition.contact import PhoneRefused, clean_phone
from ...i18n import N_, Translator
from .columns import Cell, Column

BOM = "\ufeff"
CHUNK = 64 * 1024
# More than Excel keeps in one cell; the rest is on the page of the request.
CELL_LENGTH = 32_767
CUT = N_("… (the rest is on the page of the request)")

TAB_LENGTH = 31
_NO_TAB = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_FORMULA = "=+-@"
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
# Only spaces between the digits: "+39-0564" would be a subtraction.
_PHONE = re.compile(r"\+\d[\d ]*\d")
_UNSEEN = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")


def xlsx(
    table: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    translator: Translator,
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
            _fill(book, table, rows, translator, tab_name(title))
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
    translator: Translator,
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
                sheet.write_string(last, place, _fitting(cell, translator), lines)
    sheet.autofilter(0, 0, last, len(table) - 1)


def _fitting(cell: str, translator: Translator) -> str:
    # The library drops a longer text without a word.
    if len(cell) <= CELL_LENGTH:
        return cell
    cut = translator.gettext(CUT)
    return cell[: CELL_LENGTH - len(cut)] + cut


def csv_excel(
    table: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    translator: Translator,
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
    translator: Translator,
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
    [Sequence[Column], Iterable[Sequence[Cell]], Translator, str], Iterator[bytes]
]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A kind of file: what it is called, its ending and media type, its writer.

    `for_people` says that its cells are read and not counted by a program.
    """

    name: str
    suffix: str
    media_type: str
    write: Writer
    for_people: bool = True


FORMATS: Mapping[str, FileFormat] = {
    "xlsx": FileFormat(
        N_("Excel (XLSX)"),
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        xlsx,
    ),
    "csv": FileFormat(
        N_("CSV for Excel"),
        ".csv",
        "text/csv; charset=utf-8; header=present",
        csv_excel,
    ),
    "csv_raw": FileFormat(
        N_("CSV for programs, unguarded"),
        "_raw.csv",
        "text/csv; charset=utf-8; header=present",
        csv_plain,
        for_people=False,
    ),
}
