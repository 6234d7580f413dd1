"""A form's submissions as columns and rows, whatever file they are written to.

Columns come from every published version, so a row never changes its shape.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ...definition import Answer, Field, FormDefinition, exported, type_of
from ...i18n import N_, Translator

Cell = str | int

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


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its permanent id, its header, and whether it holds numbers."""

    id: str
    header: str
    number: bool = False


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
            type_of(field).numeric,
        )
        for field in fields.values()
    ]
    about = [Column(key, translator.gettext(header)) for key, header in META.items()]
    return [*about, *by_field]


def row(
    table: Sequence[Column],
    form: FormDefinition,
    answers: Mapping[str, Answer],
    meta: Mapping[str, str],
    translator: Translator | None = None,
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
        elif field is not None:
            cells.append(exported(field, answer, translator))
        else:
            cells.append("" if answer is None else str(answer))
    return cells


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """Write a moment in the project's zone with its offset; nothing for None."""
    return at.astimezone(zone).isoformat(" ", "minutes") if at else ""
