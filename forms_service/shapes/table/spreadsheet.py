"""A table as a file: XLSX, CSV for Excel, and CSV for machines.

Every cell is text unless the field is a number or a date: Excel must not guess at
phones, codes and formulas. All three leave as they are written, some hundred rows at a
time, and keep nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...definition.contact import PhoneRefused, read_phone
from ...i18n import N_, Translator
from .columns import CellKind, Cells, Column
from .workbook import xlsx

BOM = "\ufeff"
_SPECIAL = re.compile('[",\r\n]')
_FORMULA = "=+-@"
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
# Only spaces between the digits: "+39-0564" would be a subtraction.
_PHONE = re.compile(r"\+\d[\d ]*\d")
_UNSEEN = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")


def csv_excel(
    table: Sequence[Column],
    batches: Iterable[Cells],
    translator: Translator,
    title: str,
    count: int,
) -> Iterator[bytes]:
    """Yield CSV as Excel opens it where the comma is decimal: BOM, semicolon, CRLF.

    A text that a spreadsheet would run as a formula gets a tab before it (OWASP CSV
    injection); nothing is taken away.
    """
    yield BOM.encode() + _quoted(table, [[column.header] for column in table])
    for batch in batches:
        yield _quoted(table, batch)


def _quoted(table: Sequence[Column], batch: Cells) -> bytes:
    columns = []
    for texts in _texts(table, batch):
        # What starts with a letter or a digit runs nowhere (a test tries them all).
        doubtful = [
            text
            for text in set(texts)
            if text and (not text[0].isalnum() or '"' in text)
        ]
        changed = {text: guard(text).replace('"', '""') for text in doubtful}
        columns.append(_changed(texts, changed))
    lines = map('";"'.join, zip(*columns, strict=True))
    return "".join([f'"{line}"\r\n' for line in lines]).encode()


def csv_plain(
    table: Sequence[Column],
    batches: Iterable[Cells],
    translator: Translator,
    title: str,
    count: int,
) -> Iterator[bytes]:
    """Yield CSV for machines (RFC 4180): ids as headers, every answer as it is."""
    yield _plain(table, [[column.id] for column in table])
    for batch in batches:
        yield _plain(table, batch)


def _plain(table: Sequence[Column], batch: Cells) -> bytes:
    columns = []
    for texts in _texts(table, batch):
        special = filter(_SPECIAL.search, set(texts))
        quoted = {text: '"' + text.replace('"', '""') + '"' for text in special}
        columns.append(_changed(texts, quoted))
    lines = map(",".join, zip(*columns, strict=True))
    return "".join([f"{line}\r\n" for line in lines]).encode()


def _texts(table: Sequence[Column], batch: Cells) -> Iterator[Sequence[Any]]:
    for column, cells in zip(table, batch, strict=True):
        yield list(map(str, cells)) if column.kind is CellKind.NUMBER else cells


def _changed(texts: Sequence[str], changes: Mapping[str, str]) -> Sequence[str]:
    return [changes.get(text, text) for text in texts] if changes else texts


def guard(cell: str) -> str:
    """Return a cell that no spreadsheet runs: a tab is added where it might."""
    if _NUMBER.fullmatch(cell):
        return cell
    folded = _UNSEEN.sub("", unicodedata.normalize("NFKC", cell))
    runs = folded[:1] in _FORMULA and folded and not _is_phone(cell)
    return f"\t{cell}" if runs else cell


def _is_phone(cell: str) -> bool:
    """Say whether a text is a phone number with its prefix."""
    if not _PHONE.fullmatch(cell):
        return False
    try:
        read_phone(cell, "zz")
    except PhoneRefused:
        return False
    return True


# From columns, batches of cells, title and number of rows to the bytes of a file.
Writer = Callable[
    [Sequence[Column], Iterable[Cells], Translator, str, int], Iterator[bytes]
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
