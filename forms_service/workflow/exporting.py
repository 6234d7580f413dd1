"""Taking a form's submissions out as a table, with its trace in the log.

The file leaves as it is written, a hundred rows at a time, each read in a moment of
its own: no reader holds anybody up. A fault on the way breaks the download off.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from ..clock import from_utc_text
from ..content import stored_form
from ..definition import FormDefinition, FormDocument
from ..i18n import N_, Translator, own_name
from ..shapes import sentences
from ..shapes.table import spreadsheet
from ..shapes.table.columns import (
    META,
    Cell,
    Cells,
    Column,
    Once,
    Write,
    columns,
    moment,
    writers,
)
from ..store import counts, definitions, events, tables
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Seat, Status
from ..store.tables import Batch
from .context import WorkflowContext

# Lengths of "2030-03-27" and "2030-03-27T18:30", and what ends a minute as stored.
_DAY, _MINUTE = 10, 16
_UTC = ":00+00:00"


class Reason(StrEnum):
    """Why a table is taken out; a list, so that no name can be written in the log."""

    HANDLING = "handling"
    STATISTICS = "statistics"
    CHECK = "check"
    COMMAND = "command"


REASONS = {
    Reason.HANDLING: N_("To handle the requests"),
    Reason.STATISTICS: N_(
        "For statistics (the file holds names: erase it when you have counted)"
    ),
    Reason.CHECK: N_("For a check asked for by law or by the funder"),
}


@dataclass(frozen=True, slots=True)
class Export:
    """A table on its way out: its bytes as they are asked for, its name and its rows.

    `unconfirmed` are those of the rows whose address nobody has confirmed yet. Both
    numbers are of the moment when the export began: what is erased or changes its state
    on the way is not in the file.
    """

    chunks: Iterator[bytes]
    name: str
    media_type: str
    count: int
    unconfirmed: int


def export(
    context: WorkflowContext,
    form_id: str,
    format_id: str,
    reason: Reason,
    actor: str,
    status: Status | None = None,
    progress: Callable[[int], object] = lambda rows: None,
    only: Sequence[int] | None = None,
    shown: Collection[str] = (),
) -> Export:
    """Take out all submissions of a form, or those in one state, as they are now.

    `only` are the numbers of some rows, `shown` the `choices` of some columns. The log
    says so before the first byte leaves. `progress` is told of each step how many rows
    it has written. Raise `KeyError` for an unknown format or form.
    """
    form = context.content.form(form_id)
    wanted = spreadsheet.FORMATS[format_id]
    translator = Translator(context.content.main_language, context.zone)

    def begin(db: Connection) -> tuple[int, Mapping[Status, int], list[Column]]:
        stored = counts.of_status(db).items()
        by_status = {
            each: number
            for (of, each), number in stored
            if of == form_id and status in (None, each)
        }
        return tables.newest_number(db, form_id), by_status, _all(context, db, form)

    last, by_status, table = context.store.read(begin)
    # Nobody who was slow comes before a row that has left already.
    context.store.settle(last)
    count = sum(by_status.values()) if only is None else len(only)
    unconfirmed = by_status.get(Status.UNVERIFIED, 0)
    about = {
        "form": form_id,
        "format": format_id,
        "count": count,
        "reason": reason.value,
        "status": status.value if status else "",
        # And no value that rows were filtered by.
        "filtered": only is not None,
        "columns": sorted(shown),
    }
    context.store.write(
        lambda db: events.record(
            db, context.clock(), actor, EventVerb.EXPORT, None, about
        )
    )
    kept = [n for n, each in enumerate(choices(table)) if not shown or each in shown]
    rows = _Rows(context, form_id, status, table, translator, wanted.for_people, kept)
    taken = rows.up_to(last, progress) if only is None else rows.of(only, progress)
    chunks = wanted.write(
        [table[n] for n in kept], taken, translator, str(form.title), count
    )
    name = file_name(context, form_id, format_id)
    return Export(chunks, name, wanted.media_type, count, unconfirmed)


def log_sheet(context: WorkflowContext, form_id: str, count: int, actor: str) -> None:
    """Say in the log that names left on a sheet to be signed."""
    about = {
        "form": form_id,
        "format": "attendance",
        "count": count,
        "reason": Reason.HANDLING.value,
        "status": Status.ACCEPTED.value,
    }
    context.store.write(
        lambda db: events.record(
            db, context.clock(), actor, EventVerb.EXPORT, None, about
        )
    )


def offered(context: WorkflowContext, form_id: str) -> list[tuple[str, str]]:
    """Return the columns of a form that can be chosen: their choice and header."""
    form = context.content.form(form_id)
    table = context.store.read(lambda db: _all(context, db, form))
    headers = [column.header for column in table]
    return list(zip(choices(table), headers, strict=True))


def choices(table: Sequence[Column]) -> list[str]:
    """Return what each column is chosen by: a field may be called like another."""
    return [
        f"{'about' if n < len(META) else 'answer'}:{column.id}"
        for n, column in enumerate(table)
    ]


def _all(
    context: WorkflowContext, db: Connection, form: FormDefinition
) -> list[Column]:
    translator = Translator(context.content.main_language, context.zone)
    return columns([form, *earlier_versions(context, db, form)], translator)


def file_name(context: WorkflowContext, form_id: str, format_id: str) -> str:
    """Return what a table of a form is called today."""
    return (
        f"{form_id}-{context.today.isoformat()}{spreadsheet.FORMATS[format_id].suffix}"
    )


def earlier_versions(
    context: WorkflowContext, db: Connection, form: FormDefinition
) -> list[FormDefinition]:
    """Return the kept versions of a form but today's, newest first."""
    main = context.content.main_language
    return [
        stored_form(FormDocument(form.id, version.document, main, (main,), main, None))
        for version in reversed(definitions.kept(db))
        if version.form_id == form.id and version.fingerprint != form.fingerprint
    ]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one export, as cells."""

    context: WorkflowContext
    form_id: str
    status: Status | None
    table: Sequence[Column]
    translator: Translator
    for_people: bool
    kept: Sequence[int]

    def of(
        self, numbers: Sequence[int], progress: Callable[[int], object]
    ) -> Iterator[Cells]:
        """Yield the cells of some rows, a hundred of them at a time."""
        versions: dict[str, _Version] = {}
        for at in range(0, len(numbers), tables.STEP):
            some = numbers[at : at + tables.STEP]
            find = partial(tables.batches_of, form_id=self.form_id, numbers=some)
            yield from self._cells(self.context.store.read(find), versions, progress)

    def up_to(self, last: int, progress: Callable[[int], object]) -> Iterator[Cells]:
        """Yield the cells of a hundred rows at a time, up to a row's number."""
        versions: dict[str, _Version] = {}
        done = 0
        while batches := self._after(done, last):
            yield from self._cells(batches, versions, progress)
            done = batches[-1].last

    def _cells(
        self,
        batches: Sequence[Batch],
        versions: dict[str, "_Version"],
        progress: Callable[[int], object],
    ) -> Iterator[Cells]:
        for batch in batches:
            if batch.fingerprint not in versions:
                versions[batch.fingerprint] = self._version(batch.fingerprint)
            cells = versions[batch.fingerprint].cells(batch)
            yield [cells[n] for n in self.kept]
            progress(len(batch.answers))

    def _after(self, number: int, last: int) -> list[Batch]:
        """Read the next rows in a moment of their own."""
        status = self.status or ""
        return self.context.store.read(
            lambda db: tables.batches(db, self.form_id, status, (number, last))
        )

    def _version(self, fingerprint: str) -> "_Version":
        form = self.context.store.read(
            lambda db: self.context.version_of(db, self.form_id, fingerprint)
        )
        people = self.translator if self.for_people else None
        return _Version(form, self.translator, writers(self.table, form, people))


class _Version:
    """What writes rows that answered one version; made once in an export."""

    def __init__(
        self, form: FormDefinition, translator: Translator, answers: Sequence[Write]
    ) -> None:
        self._form, self._answers = form, answers
        self._helped = translator.gettext("Yes")

        def named(names: Mapping[str, str]) -> Once:
            return Once(lambda code: sentences.name_of(names, code, translator))

        self._status, self._place = named(sentences.STATUS), named(sentences.PLACE)
        # A form without places has nothing to say here, not "no place".
        self._place |= {} if form.capacity else {Seat.NONE.value: ""}
        self._source, self._proof = named(sentences.SOURCE), named(sentences.PROOF)
        self._lang = Once(own_name)
        # Seconds are not shown: the moments of one minute are written once.
        self._minute = Once(
            lambda at: moment(at and from_utc_text(at + _UTC), translator.zone)
        )

    def cells(self, batch: Batch) -> Cells:
        """Return the columns of some rows, those of `META` first and in its order."""
        stored = batch.columns

        def local(column: str) -> Sequence[Cell]:
            return [self._minute[at and at[:_MINUTE]] for at in stored[column]]

        return [
            stored["reference"],
            [*map(self._status.__getitem__, stored["status"])],
            [*map(self._place.__getitem__, stored["place"])],
            [*map(self._source.__getitem__, stored["source"])],
            [*map(self._proof.__getitem__, stored["proof"])],
            local("created_at"),
            [day or "" for day in stored["received_on"]],
            local("verified_at"),
            local("decided_at"),
            [*map(self._lang.__getitem__, stored["lang"])],
            [self._helped if behalf else "" for behalf in stored["on_behalf_of"]],
            [self._form.version] * len(batch.answers),
            [str(at)[:_DAY] for at in local("purge_after")],
            *(write(batch.answers) for write in self._answers),
        ]
