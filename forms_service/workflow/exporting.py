"""Taking a form's submissions out as a table, with its trace in the log.

The file is complete before its first byte leaves: a fault becomes a page of its own,
never half a table.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from ..content import stored_form
from ..definition import FormDefinition, FormDocument
from ..i18n import N_, Translator, own_name
from ..shapes import labels
from ..shapes.table import spreadsheet
from ..shapes.table.columns import columns, moment, row
from ..store import definitions, events, submissions
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Seat, Status, Submission
from .context import WorkflowContext


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
    """A written table: the open file at its beginning, its name and its rows.

    `unconfirmed` are those of the rows whose address nobody has confirmed yet.
    """

    file: BinaryIO
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
) -> Export:
    """Write all submissions of a form, or those in one state, into a nameless file.

    Raise `KeyError` for an unknown format or form.
    """
    form = context.content.form(form_id)
    wanted = spreadsheet.FORMATS[format_id]
    translator = Translator(context.content.main_language, context.zone)
    target: BinaryIO = tempfile.TemporaryFile()

    cell_translator = translator if wanted.for_people else None

    def job(db: Connection) -> _Counted:
        table = columns([form, *earlier_versions(context, db, form)], translator)
        counted = _Counted(context, db, form_id, status)
        cells = (
            row(
                table,
                context.form_of(db, submission, translator.lang),
                submission.answers,
                meta,
                cell_translator,
            )
            for submission, meta in counted.rows(translator)
        )
        for chunk in wanted.write(table, cells, translator, str(form.title)):
            target.write(chunk)
        return counted

    counted = context.store.read(job)
    about = {
        "form": form_id,
        "format": format_id,
        "count": counted.number,
        "reason": reason.value,
        "status": status.value if status else "",
    }
    context.store.write(
        lambda db: events.record(
            db, context.clock(), actor, EventVerb.EXPORT, None, about
        )
    )
    target.seek(0)
    name = file_name(context, form_id, format_id)
    return Export(target, name, wanted.media_type, counted.number, counted.unconfirmed)


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


class _Counted:
    """The rows of one export, and how many there were."""

    def __init__(
        self,
        context: WorkflowContext,
        db: Connection,
        form_id: str,
        status: Status | None,
    ) -> None:
        self._work, self._db = context, db
        self._form_id, self._status = form_id, status
        self.number = self.unconfirmed = 0

    def rows(
        self, translator: Translator
    ) -> Iterator[tuple[Submission, dict[str, str]]]:
        for submission in submissions.each_of_form(self._db, self._form_id):
            if self._status in (None, submission.status):
                self.number += 1
                self.unconfirmed += submission.status is Status.UNVERIFIED
                form = self._work.form_of(self._db, submission, translator.lang)
                yield submission, _meta(submission, form, translator)


def _meta(
    submission: Submission, form: FormDefinition, translator: Translator
) -> dict[str, str]:
    return {
        "reference": submission.reference,
        "status": labels.name_of(labels.STATUS, submission.status, translator),
        # A form without places has nothing to say here, not "no place".
        "place": ""
        if form.capacity is None and submission.place is Seat.NONE
        else labels.name_of(labels.PLACE, submission.place, translator),
        "source": labels.name_of(labels.SOURCE, submission.source, translator),
        "proof": labels.name_of(labels.PROOF, submission.proof, translator),
        "sent": moment(submission.created_at, translator.zone),
        "received": submission.received_on or "",
        "confirmed": moment(submission.verified_at, translator.zone),
        "decided": moment(submission.decided_at, translator.zone),
        "language": own_name(submission.lang),
        "helped": translator.gettext("Yes") if submission.on_behalf_of else "",
        "version": form.version,
        "erased": submission.purge_after.astimezone(translator.zone).date().isoformat(),
    }
