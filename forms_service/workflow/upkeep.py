"""What the service does by itself: publish versions, keep promises of erasure."""

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from ..definition import ContentError, FormDefinition
from ..definition.publishing import (
    PublishedVersion,
    compare,
    document_json,
    overlay_json,
)
from ..store import definitions, events, submissions
from ..store import staff as staff_rows
from ..store.connection import Connection
from ..store.submissions import Submission
from .deciding import remove
from .places import MACHINE
from .work import Work

BATCH = 200
PAUSE_SECONDS = 0.05


def publish(work: Work) -> None:
    """Keep today's versions for ever, make the views; raise `ContentError`.

    Refused are changes that would make old rows unreadable: see `publishing`.
    """
    now = work.clock()
    sources = work.content.sources
    known = work.store.read(definitions.published)
    versions = [
        PublishedVersion(p.form_id, p.version, p.fingerprint, p.document) for p in known
    ]
    main = work.content.main_language
    if problems := compare([s[main] for s in sources.values()], versions):
        raise ContentError(problems)

    def job(db: Connection) -> None:
        for form_id, by_lang in work.content.forms.items():
            form = by_lang[main]
            document = document_json(sources[form_id][main])
            definitions.publish(
                db, form_id, form.fingerprint, form.version, document, now
            )
            for lang, translated in by_lang.items():
                if overlay := overlay_json(sources[form_id][lang]):
                    definitions.publish_text(
                        db, form_id, form.fingerprint, lang, translated.text_hash,
                        overlay, now,
                    )  # fmt: skip
            rebuild_view(work, db, form)

    work.store.write(job)


def rebuild_view(work: Work, db: Connection, form: FormDefinition) -> None:
    """Give the view of a form the fields of all its versions, in order."""
    ids: dict[str, None] = {f.id: None for f in form.fields if f.type != "static"}
    for version in definitions.published(db):
        if version.form_id == form.id:
            for section in version.document.get("sections", ()):
                for field in section.get("fields", ()):
                    if field.get("type") != "static":
                        ids.setdefault(field["id"])
    wanted = [field.id for field in form.fields if field.filterable]
    definitions.rebuild_view(db, form.id, list(ids), wanted)


def purge(work: Work, dry_run: bool = False) -> list[Submission]:
    """Erase every submission whose promised day has come; return them.

    At most 200 rows a transaction with a pause, so that nobody sending waits long.
    """
    done: list[Submission] = []
    if dry_run:
        everything = 1_000_000
        return work.store.read(
            lambda db: submissions.due_for_purge(db, work.clock(), everything)
        )
    while batch := work.store.write(lambda db: _purge_batch(work, db)):
        done += batch
        time.sleep(PAUSE_SECONDS)
    erased = erase_fields(work)
    if done or erased:
        work.store.write(submissions.tidy_search)
        work.store.checkpoint()
    return done


def _purge_batch(work: Work, db: Connection) -> Sequence[Submission]:
    batch = submissions.due_for_purge(db, work.clock(), BATCH)
    for one in batch:
        remove(work, db, one, MACHINE, "purge")
    return batch


def erase_fields(work: Work) -> int:
    """Erase single answers whose own period is over; return how many rows changed."""
    changed = 0
    for form in work.forms:
        if any(field.erase_after for field in form.fields):
            rows = work.store.read(partial(_rows, form.id))
            changed += sum(
                work.store.write(partial(_erase_fields, work, one)) for one in rows
            )
    return changed


def _rows(form_id: str, db: Connection) -> list[Submission]:
    return list(submissions.each_of_form(db, form_id))


def _erase_fields(work: Work, one: Submission, db: Connection) -> int:
    form = work.form_of(db, one)
    over = [
        field
        for field in form.fields
        if field.erase_after
        and field.id in one.answers
        and work.period_end(form, field.erase_after, one.created_at, one.decided_at)
        <= work.clock()
    ]
    if not over:
        return 0
    gone = {field.id for field in over}
    columns = {field.role.value: None for field in over if field.role}
    answers = {key: value for key, value in one.answers.items() if key not in gone}
    submissions.change(db, one.id, answers=answers, **columns)
    submissions.erase_revisions(db, one.id)
    about = {"fields": sorted(gone)}
    events.record(db, work.clock(), MACHINE, "erase_fields", one.id, about)
    return 1


def refresh_retention(work: Work) -> int:
    """Compute the day of erasure again where it hangs on an event; return changes.

    An event may be moved after people have sent their forms.
    """
    return sum(
        work.store.write(partial(_refresh, work, form.id))
        for form in work.forms
        if form.event
    )


def _refresh(work: Work, form_id: str, db: Connection) -> int:
    changed = 0
    for one in _rows(form_id, db):
        form = work.form_of(db, one)
        end = work.retention_end(form, one.status, one.created_at, one.decided_at)
        if end != one.purge_after:
            submissions.change(db, one.id, purge_after=end)
            changed += 1
    return changed


def drop_sessions(work: Work, idle: datetime, begun: datetime) -> int:
    """End staff sessions that nobody uses any more."""
    return work.store.write(lambda db: staff_rows.drop_old_sessions(db, idle, begun))
