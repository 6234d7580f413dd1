"""A form's submissions as columns, whatever file they are written to.

Columns come from every published version, so a row never changes its shape. What turns
answers into cells is made once for each version and takes a column of many rows at a
time: nothing is looked up for a single cell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from ...definition import Answer, Control, Field, FormDefinition, exported, type_of
from ...definition.field_type import FieldType
from ...i18n import N_, Translator

Cell = str | int
# The cells of some rows, column by column.
Cells = Sequence[Sequence[Cell]]
Answers = Sequence[Mapping[str, Answer]]
Write = Callable[[Answers], Sequence[Cell]]


class CellKind(StrEnum):
    """What the cells of a column are, for a file that knows more than text.

    A day is written 2030-03-27, a moment 2030-03-27 18:30+01:00; a cell that is not
    what its column says stays text.
    """

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"


# Values of a column that are kept as they are written.
MOST_KEPT = 10_000

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
_META_KINDS = {
    **dict.fromkeys(("sent", "confirmed", "decided"), CellKind.MOMENT),
    **dict.fromkeys(("received", "erased"), CellKind.DAY),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its permanent id, its header, and what its cells are."""

    id: str
    header: str
    kind: CellKind = CellKind.TEXT


def columns(forms: Sequence[FormDefinition], translator: Translator) -> list[Column]:
    """Return the columns of a form from all its versions, the newest first.

    Fields of the newest version stand in its order; fields that only older ones had
    follow. Two fields with the same label are told apart by their ids.
    """
    fields: dict[str, Field] = {}
    for field in (field for form in forms for field in form.fields):
        if type_of(field).asks:
            fields.setdefault(field.id, field)
    headers = [str(field.label) for field in fields.values()]
    headers += [translator.gettext(header) for header in META.values()]
    twice = {header for header in headers if headers.count(header) > 1}
    by_field = [
        Column(
            field.id,
            f"{field.label} ({field.id})" if field.label in twice else str(field.label),
            _kind_of(type_of(field)),
        )
        for field in fields.values()
    ]
    about = [
        Column(key, translator.gettext(header), _META_KINDS.get(key, CellKind.TEXT))
        for key, header in META.items()
    ]
    return [*about, *by_field]


def _kind_of(kind: FieldType) -> CellKind:
    if kind.control is Control.DATE:
        return CellKind.DAY
    return CellKind.NUMBER if kind.numeric else CellKind.TEXT


def writers(
    table: Sequence[Column], form: FormDefinition, translator: Translator | None = None
) -> list[Write]:
    """Return what writes each column of answers, for rows that answered this version.

    With `translator` for people: a notice that was read is told as such, without its
    hash.
    """
    fields = {field.id: field for field in form.fields}
    return [
        _writer(column, fields.get(column.id), translator)
        for column in table[len(META) :]
    ]


def _writer(
    column: Column, field: Field | None, translator: Translator | None
) -> Write:
    field_id, number = column.id, column.kind is CellKind.NUMBER

    def cell(answer: Answer | None) -> Cell:
        if answer is None or (number and isinstance(answer, int)):
            return "" if answer is None else answer
        return exported(field, answer, translator) if field else str(answer)

    if field is None:
        return lambda answers: [cell(each.get(field_id)) for each in answers]
    if type(type_of(field)).export is FieldType.export and not type_of(field).numeric:
        # The answer is the cell.
        return lambda answers: [each.get(field_id) or "" for each in answers]
    if type_of(field).multiple:
        chosen = Once(lambda options: cell([*options] or None))
        return lambda answers: [chosen[*each.get(field_id) or (),] for each in answers]
    if type_of(field).versioned:
        read = Once(lambda items: cell(dict(items) or None))
        return lambda answers: [
            read[*(each.get(field_id) or {}).items(),] for each in answers
        ]
    written = Once(cell)
    return lambda answers: [written[each.get(field_id)] for each in answers]


class Once(dict[Any, Cell]):
    """The cells of values that are among a few: each is written once."""

    def __init__(self, write: Callable[[Any], Cell]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, value: Any) -> Cell:
        if len(self) >= MOST_KEPT:
            self.clear()
        cell = self[value] = self._write(value)
        return cell


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """Write a moment in the project's zone with its offset; nothing for None."""
    return at.astimezone(zone).isoformat(" ", "minutes") if at else ""
