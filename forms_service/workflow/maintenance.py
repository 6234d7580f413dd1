"""What the service does by itself: publish versions, keep promises of erasure."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from ..definition import (
    TYPES,
    Anchor,
    ContentError,
    Field,
    FormDefinition,
    Period,
    Role,
    type_of,
)
from ..definition.publishing import (
    PublishedVersion,
    compare,
    document_json,
    overlay_json,
)
from ..store import attachments, definitions, erasure, events, outbox, submissions
from ..store import staff as staff_rows
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Submission
from . import attaching, feedback
from .capacity import MACHINE
from .deciding import remove
from .work import Work

BATCH = 200
PAUSE_SECONDS = 0.05
DIGESTS_KEPT = timedelta(days=30)


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
            rebuild_view(db, form)

    work.store.write(job)


def rebuild_view(db: Connection, form: FormDefinition) -> None:
    """Give the view of a form the fields of all its versions, in order."""
    ids: dict[str, None] = {f.id: None for f in form.fields if type_of(f).asks}
    for version in definitions.published(db):
        if version.form_id == form.id:
            fields = chain(*(part["fields"] for part in version.document["sections"]))
            ids |= {f["id"]: None for f in fields if TYPES[f["type"]].asks}
    # An index over lists of ticks would help no search for one of them.
    single = [f for f in form.fields if f.filterable and not type_of(f).multiple]
    definitions.rebuild_view(db, form.id, list(ids), [f.id for f in single])


def due(work: Work) -> list[Submission]:
    """Return every submission whose promised day of erasure has come."""
    refresh_retention(work)
    everything = -1
    return work.store.read(
        lambda db: erasure.due_for_purge(db, work.clock(), everything)
    )


def _ignore(number: int) -> None:
    """Show no progress."""


def purge(work: Work, gone: Callable[[int], None] = _ignore) -> list[Submission]:
    """Erase every submission whose promised day has come; return them.

    At most 200 rows a transaction with a pause, so that nobody sending waits long;
    `gone` is called after each with the number of rows.
    """
    refresh_retention(work)
    done: list[Submission] = []
    while batch := work.store.write(partial(_purge_batch, work)):
        done += batch
        gone(len(batch))
        time.sleep(PAUSE_SECONDS)
    erase_fields(work)
    attaching.drop_waiting(work)
    feedback.purge(work)
    long_ago = work.clock() - DIGESTS_KEPT
    work.store.write(partial(outbox.drop_digests, sent_before=long_ago))
    # Also when nothing went: the last run may have found a reader in the way.
    work.store.checkpoint()
    return done


def _purge_batch(work: Work, db: Connection) -> Sequence[Submission]:
    batch = erasure.due_for_purge(db, work.clock(), BATCH)
    for one in batch:
        remove(work, db, one, MACHINE, EventVerb.PURGE)
    if batch:
        erasure.tidy_search(db)
    return batch


def erase_fields(work: Work) -> int:
    """Erase single answers whose own period is over, and the scans that show them.

    Return how many rows changed.
    """

    def needed(work: Work, db: Connection, one: Submission) -> bool:
        return bool(_over(work, db, one)) or _shown_again(db, one)

    return _change_rows(work, needed, _erase_fields)


def _over(work: Work, db: Connection, one: Submission) -> list[Field]:
    """Return the answered fields of a row, now or in a revision, whose time is up."""
    form = work.form_of(db, one)
    return [
        field
        for field in form.fields
        if field.erase_after
        and _is_over(work, form, field.erase_after, one)
        and erasure.answered(db, one.id, field.id)
    ]


def _shown_again(db: Connection, one: Submission) -> bool:
    """Say whether a scan was added after answers that it may show were erased."""
    if not attachments.of_submission(db, one.id):
        return False
    # The scans of that time went with the answers: these are later ones.
    return any(
        e.verb == EventVerb.ERASE_FIELDS for e in events.of_submission(db, one.id)
    )


def _is_over(work: Work, form: FormDefinition, period: Period, one: Submission) -> bool:
    if period.after in (Anchor.DECISION, Anchor.RENEWAL) and one.decided_at is None:
        return False
    end = work.period_end(form, period, one.created_at, one.decided_at)
    return end <= work.clock()


def _erase_fields(work: Work, db: Connection, one: Submission) -> None:
    over = _over(work, db, one)
    erasure.erase_answers(db, one.id, [field.id for field in over])
    # The picture of a sheet shows these answers too, and cannot be erased in part.
    scans = [scan.id for scan in attachments.of_submission(db, one.id)]
    for scan_id in scans:
        attachments.remove(db, scan_id)
    columns = {field.role.value: None for field in over if field.role}
    submissions.change(db, one.id, **columns)
    if Role.EMAIL.value in columns:
        outbox.forget_address(db, one.id)
    if columns:
        erasure.tidy_search(db)
    about = {"fields": sorted(field.id for field in over)}
    if scans:
        about["attachments"] = scans
    events.record(db, work.clock(), MACHINE, EventVerb.ERASE_FIELDS, one.id, about)


def refresh_retention(work: Work) -> int:
    """Compute the day of erasure again where it hangs on an event; return changes.

    An event may be moved after people have sent their forms.
    """
    return _change_rows(work, _moved, _refresh)


def _moved(work: Work, db: Connection, one: Submission) -> datetime | None:
    """Return the new day of erasure of a row, None if it stays.

    A date that lies so far back that everything would be erased at once is mistyped,
    or comes too late to break the promise with.
    """
    form = work.form_of(db, one)
    if form.privacy.retention.of(one.status).after is not Anchor.EVENT:
        return None
    end = work.retention_end(form, one.status, one.created_at, one.decided_at)
    stays = end == one.purge_after or end <= work.clock() < one.purge_after
    return None if stays else end


def _refresh(work: Work, db: Connection, one: Submission) -> None:
    submissions.change(db, one.id, purge_after=_moved(work, db, one))


def _change_rows(
    work: Work,
    needed: Callable[[Work, Connection, Submission], object],
    change: Callable[[Work, Connection, Submission], None],
) -> int:
    """Change the rows that need it; return how many.

    They are found by a reader and looked at again inside the transaction, because
    their owners go on working meanwhile; at most 200 a commit with a pause.
    """

    def find(db: Connection) -> list[str]:
        rows = (
            one
            for form_id in submissions.form_ids(db)
            for one in submissions.each_of_form(db, form_id)
        )
        return [one.id for one in rows if needed(work, db, one)]

    def batch(ids: Sequence[str], db: Connection) -> int:
        rows = (submissions.find(db, submission_id) for submission_id in ids)
        still = [one for one in rows if one and needed(work, db, one)]
        for one in still:
            change(work, db, one)
        return len(still)

    found, changed = work.store.read(find), 0
    for start in range(0, len(found), BATCH):
        changed += work.store.write(partial(batch, found[start : start + BATCH]))
        time.sleep(PAUSE_SECONDS)
    return changed


def drop_sessions(work: Work, idle: datetime, begun: datetime) -> int:
    """End staff sessions that nobody uses any more."""
    return work.store.write(lambda db: staff_rows.drop_old_sessions(db, idle, begun))
