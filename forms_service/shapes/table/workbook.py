"""An Excel workbook that leaves while its rows are read, in constant memory.

xlsxwriter makes all of it but the rows: it writes a workbook with the headers and one
row, the model of all others, and in its place ours go straight into the archive.
No file is made on disk, and the first bytes leave at once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from ...i18n import N_, Translator
from .columns import Cell, CellKind, Cells, Column

# More than Excel keeps in one cell; the rest is on the page of the request.
CELL_LENGTH = 32_767
CUT = N_("… (the rest is on the page of the request)")
TAB_LENGTH = 31
# Excel reads 1,048,576 rows of a sheet.
SHEET_ROWS = 1_000_000
# With more rows their part of the archive may outgrow 2 GiB, which an archive says in a
# way that few programs need to know.
MANY_ROWS = 500_000

_NO_TAB = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_SHEET = "xl/worksheets/sheet1.xml"
_MODEL_CELL = re.compile(r'<c r="([A-Z]+)\d+" s="(\d+)"')
# What XML cannot hold, and what reads like the escape of it (ECMA-376-1, 22.9.2.19).
_ESCAPE = re.compile("_(?=x[0-9a-fA-F]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
# Days are counted from here; before March 1900 Excel counts one that never was.
_EPOCH = datetime(1899, 12, 30)
_FIRST_DAY = datetime(1900, 3, 1)
_DAY_LENGTH, _MOMENT_LENGTH = len("2030-03-27"), len("2030-03-27 18:30")
_FORMATS: Mapping[CellKind, Mapping[str, Any]] = {
    CellKind.TEXT: {"text_wrap": True, "valign": "top", "num_format": "@"},
    CellKind.NUMBER: {"valign": "top", "num_format": "0"},
    # As the reader's own Excel writes days, and days with hours.
    CellKind.DAY: {"valign": "top", "num_format": 14},
    CellKind.MOMENT: {"valign": "top", "num_format": 22},
}


def xlsx(
    table: Sequence[Column],
    batches: Iterable[Cells],
    translator: Translator,
    title: str,
    count: int,
    sheet_rows: int = SHEET_ROWS,
) -> Iterator[bytes]:
    """Yield an Excel workbook; a cell is text, a whole number, a day or a moment.

    Its sheet is called by the title, as far as Excel allows; another one takes what is
    more than `sheet_rows`. `count` says how many rows there are at most.
    """
    names = tab_names(title, max(1, -(-count // sheet_rows)))
    sheets = [f"xl/worksheets/sheet{n}.xml" for n in range(1, len(names) + 1)]
    last = min(count, sheet_rows) + 1
    frame, coming = _frame(table, names, last), iter(batches)
    cut, sink = translator.gettext(CUT), _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for name in frame.namelist():
            if name not in sheets:
                with archive.open(name, "w") as part:
                    part.write(frame.read(name))
        for name in sheets:
            xml = _sheet(
                frame.read(name).decode(), table, coming, cut, last, sheet_rows
            )
            with archive.open(name, "w", force_zip64=count > MANY_ROWS) as part:
                for lines in xml:
                    part.write(lines.encode())
                    yield sink.taken()
    yield sink.taken()


def _sheet(
    frame: str,
    table: Sequence[Column],
    coming: Iterator[Cells],
    cut: str,
    last: int,
    most: int,
) -> Iterator[str]:
    """Yield the XML of a sheet; it takes no more batches once it has `most` rows.

    `last` is the number of its last row.
    """
    before, _, model = frame.rpartition("<row ")
    model, _, after = model.partition("</row>")
    cells = _MODEL_CELL.findall(model)
    letters, styles = zip(*cells, strict=True)
    yield before.replace(f":{letters[-1]}2", f":{letters[-1]}{last}", 1)
    first = 2
    # Asked in this order, a full sheet takes no batch that it does not write.
    while first <= most + 1 and (batch := next(coming, None)):
        columns = [
            _column(column.kind, cells, style, cut)
            for column, cells, style in zip(table, batch, styles, strict=True)
        ]
        yield _lines(columns, letters, first)
        first += len(batch[0])
    yield after


class _Sink(BytesIO):
    """Where an archive is written that leaves bit by bit: nobody goes back in it."""

    def tell(self) -> int:
        """Refuse, as a pipe does."""
        raise OSError

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        data = self.getvalue()
        self.seek(0)
        self.truncate()
        return data


def _frame(table: Sequence[Column], names: Sequence[str], last: int) -> ZipFile:
    """Return a workbook with headers, and as its only row the model of all rows."""
    # Loaded by the first who exports: whoever only serves forms never needs it.
    from xlsxwriter import Workbook

    target, right = BytesIO(), len(table) - 1
    with Workbook(target, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        formats = {kind: book.add_format(how) for kind, how in _FORMATS.items()}
        for name in names:
            sheet = book.add_worksheet(name)
            sheet.set_column(0, right, 22)
            sheet.freeze_panes(1, 1)
            for place, column in enumerate(table):
                sheet.write_string(0, place, column.header, bold)
                sheet.write_number(1, place, 0, formats[column.kind])
            sheet.autofilter(0, 0, last - 1, right)
    return ZipFile(target)


def tab_names(title: str, count: int) -> list[str]:
    """Return a title as the names of so many sheets; several are numbered.

    Excel allows 31 characters (UTF-16 units), some not at all, no name twice, and keeps
    "History".
    """
    numbered = count > 1 or _tab_name(title).lower() in ("", "history")
    ends = [f" {number}" if numbered else "" for number in range(1, count + 1)]
    return [f"{_tab_name(title, len(end))}{end}".strip() for end in ends]


def _tab_name(title: str, reserved: int = 0) -> str:
    allowed = " ".join(_NO_TAB.sub(" ", title).split()).encode("utf-16-le")
    length = 2 * (TAB_LENGTH - reserved)
    return allowed[:length].decode("utf-16-le", "ignore").strip(" '")


def _lines(
    columns: Sequence[Sequence[Cell]], letters: Sequence[str], first: int
) -> str:
    """Return rows of cells as XML; the first has the number `first`."""
    lines = []
    for row, cells in enumerate(zip(*columns, strict=True), first):
        filled = [
            f'<c r="{letter}{row}{cell}'
            for letter, cell in zip(letters, cells, strict=True)
            if cell
        ]
        lines.append(f'<row r="{row}">{"".join(filled)}</row>')
    return "".join(lines)


def _column(
    kind: CellKind, cells: Sequence[Cell], style: str, cut: str
) -> Sequence[Cell]:
    """Return the XML of the cells of a column from their row number on."""

    def xml(cell: Cell) -> str:
        if isinstance(cell, int):
            return f'" s="{style}"><v>{cell}</v></c>'
        if cell and (number := _serial(kind, cell)):
            return f'" s="{style}"><v>{number}</v></c>'
        if not cell:
            return ""
        space = ' xml:space="preserve"' if cell != cell.strip() else ""
        text = _escaped(_fitting(cell, cut))
        return f'" s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'

    written = {cell: xml(cell) for cell in set(cells)}
    return [written[cell] for cell in cells]


def _serial(kind: CellKind, cell: str) -> str:
    """Return a day or a moment as Excel counts it; empty for what is none."""
    length = {CellKind.DAY: _DAY_LENGTH, CellKind.MOMENT: _MOMENT_LENGTH}.get(kind)
    if length is None:
        return ""
    try:
        at = datetime.fromisoformat(cell[:length])
    except ValueError:
        return ""
    return f"{(at - _EPOCH) / timedelta(days=1):.16g}" if at >= _FIRST_DAY else ""


def _fitting(cell: str, cut: str) -> str:
    """Return a text that is not longer than Excel keeps, in UTF-16 units."""
    if len(cell) <= CELL_LENGTH // 2:
        return cell
    units = cell.encode("utf-16-le")
    if len(units) <= 2 * CELL_LENGTH:
        return cell
    return units[: 2 * (CELL_LENGTH - len(cut))].decode("utf-16-le", "ignore") + cut


def _escaped(text: str) -> str:
    """Return a text as it stands in XML."""
    text = _ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
