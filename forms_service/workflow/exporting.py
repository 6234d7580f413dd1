"""Taking a form's submissions out as a table, with its trace in the log.

The file is complete before its first byte leaves: a fault becomes a page of its own,
never half a table.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import BinaryIO
from zoneinfo import ZoneInfo

from ..content import stored_form
from ..definition import FormDefinition, Source
from ..shapes import labels
from ..shapes.table import spreadsheet
from ..shapes.table.columns import columns, moment, row
from ..store import definitions, events, submissions
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Seat, Status, Submission
from ..words import N_, Words
from .work import Work


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
    work: Work,
    form_id: str,
    format_id: str,
    reason: Reason,
    actor: str,
    status: Status | None = None,
) -> Export:
    """Write all submissions of a form, or those in one state, into a nameless file.

    Raise `KeyError` for an unknown format or form.
    """
    form = work.content.form(form_id)
    wanted = spreadsheet.FORMATS[format_id]
    words = Words(work.content.main_language, work.zone)
    target: BinaryIO = tempfile.TemporaryFile()

    told = words if wanted.for_people else None

    def job(db: Connection) -> _Counted:
        table = columns([form, *earlier_versions(work, db, form)], words)
        counted = _Counted(work, db, form_id, status)
        cells = (
            row(table, work.form_of(db, one, words.lang), one.answers, meta, told)
            for one, meta in counted.rows(words)
        )
        for chunk in wanted.write(table, cells, words, str(form.title)):
            target.write(chunk)
        return counted

    counted = work.store.read(job)
    about = {
        "form": form_id,
        "format": format_id,
        "count": counted.number,
        "reason": reason.value,
        "status": status.value if status else "",
    }
    work.store.write(
        lambda db: events.record(db, work.clock(), actor, EventVerb.EXPORT, None, about)
    )
    target.seek(0)
    name = file_name(work, form_id, format_id)
    return Export(target, name, wanted.media_type, counted.number, counted.unconfirmed)


def file_name(work: Work, form_id: str, format_id: str) -> str:
    """Return what a table of a form is called today."""
    return f"{form_id}-{work.today.isoformat()}{spreadsheet.FORMATS[format_id].suffix}"


def earlier_versions(
    work: Work, db: Connection, form: FormDefinition
) -> list[FormDefinition]:
    """Return the published versions of a form but today's, newest first."""
    main = work.content.main_language
    return [
        stored_form(Source(form.id, version.document, main, (main,), main, None))
        for version in reversed(definitions.published(db))
        if version.form_id == form.id and version.fingerprint != form.fingerprint
    ]


class _Counted:
    """The rows of one export, and how many there were."""

    def __init__(
        self, work: Work, db: Connection, form_id: str, status: Status | None
    ) -> None:
        self._work, self._db = work, db
        self._form_id, self._status = form_id, status
        self.number = self.unconfirmed = 0

    def rows(self, words: Words) -> Iterator[tuple[Submission, dict[str, str]]]:
        for one in submissions.each_of_form(self._db, self._form_id):
            if self._status in (None, one.status):
                self.number += 1
                self.unconfirmed += one.status is Status.UNVERIFIED
                form = self._work.form_of(self._db, one, words.lang)
                yield one, _meta(one, form, words)


@cache
def own_name(lang: str, zone: ZoneInfo) -> str:
    """Return the name of a language in itself; the same for thousands of rows."""
    return Words(lang, zone).own_name


def _meta(one: Submission, form: FormDefinition, words: Words) -> dict[str, str]:
    return {
        "reference": one.reference,
        "status": labels.name_of(labels.STATUS, one.status, words),
        # A form without places has nothing to say here, not "no place".
        "place": ""
        if form.capacity is None and one.place is Seat.NONE
        else labels.name_of(labels.PLACE, one.place, words),
        "source": labels.name_of(labels.SOURCE, one.source, words),
        "proof": labels.name_of(labels.PROOF, one.proof, words),
        "sent": moment(one.created_at, words.zone),
        "received": one.received_on or "",
        "confirmed": moment(one.verified_at, words.zone),
        "decided": moment(one.decided_at, words.zone),
        "language": own_name(one.lang, words.zone),
        "helped": words.say("Yes") if one.on_behalf_of else "",
        "version": form.version,
        "erased": one.purge_after.astimezone(words.zone).date().isoformat(),
    }
