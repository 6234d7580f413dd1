"""Looking for what needs attention, each minute, and telling it once: log and mail.

Every process looks for itself. What all of them find in the same rows has no source;
what one alone can find is raised under its name, and only that one ends it: what is
true of its machine, and, while it leads, of the database as a whole.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from socket import gethostname

from ..mail import kinds
from ..store import alarms, counts, log_check, outbox, staff
from ..store.alarms import Alarm, AlarmKind
from ..store.connection import Connection, StorageUnavailable
from .context import WorkflowContext
from .mail_queue import DAY, HOUR, queue_for_staff

# A mail that has not left by then is somebody's trouble.
LONGEST_WAIT = HOUR
MANY_FAILURES = 5
FULL = 0.8
# `backup` leaves its time here; copies are made each night.
LAST_COPY = "last-copy"
COPY_AGE = timedelta(days=2)
# What goes on is noted so often, and what nobody notes any more is over.
NOTED_EVERY = timedelta(minutes=5)
FORGOTTEN = timedelta(minutes=20)

log = logging.getLogger(__name__)


class AlarmWatch:
    """One process looking, known by its data folder; `own` is what only it can know."""

    def __init__(
        self,
        context: WorkflowContext,
        data_dir: Path,
        own: Callable[[], Sequence[Alarm]] = tuple,
    ) -> None:
        self._context, self._data_dir, self._own = context, data_dir, own
        self._machine = f"{gethostname()}:{data_dir.absolute()}"
        self._whole: list[Alarm] = []
        self._looked: datetime | None = None
        self._unwritten = False

    def look(self) -> None:
        """Raise what is found, end what is over, mail it; tell a database that refuses.

        What reads the whole log is looked for once an hour, by who leads.
        """
        context, now = self._context, self._context.clock()
        here = [*self._of_machine(now), *_of_clock(context), *self._own()]
        try:
            if not context.store.leading:
                self._whole, self._looked = [], None
            elif self._looked is None or now - self._looked >= HOUR:
                self._whole, self._looked = _of_the_whole(context), now
            _raise(context, "", context.store.read(lambda db: [*_of_mails(db, now)]))
            here += _of_server(context)
            _raise(context, self._machine, [*here, *self._whole])
            queue_mail(context)
        except StorageUnavailable as error:
            if not self._unwritten:
                said = AlarmKind.DATABASE.happened.format(reason=error)
                log.warning("alarm %s: %s", AlarmKind.DATABASE, said)
            self._unwritten = True
            raise
        self._unwritten = False

    def _of_machine(self, now: datetime) -> Iterator[Alarm]:
        total, used, free = shutil.disk_usage(self._data_dir)
        if used > FULL * (used + free):
            yield Alarm(AlarmKind.DISK, {"percent": 100 * used // (used + free)})
        if self._context.folder.ledger.unusable():
            yield Alarm(AlarmKind.LEDGER)
        file = self._data_dir / LAST_COPY
        if file.exists():
            made = datetime.fromtimestamp(file.stat().st_mtime, now.tzinfo)
            # Under a clock that is ahead every copy looks old.
            now = min(now, self._context.destroying())
            if now - made > COPY_AGE:
                yield Alarm(AlarmKind.COPY_OLD, {"days": (now - made).days})


def _of_mails(db: Connection, now: datetime) -> Iterator[Alarm]:
    since, totals = outbox.waits_since(db), outbox.totals(db)
    if since and now - since > LONGEST_WAIT:
        yield Alarm(AlarmKind.MAIL_WAITS)
    if totals["held"]:
        yield Alarm(AlarmKind.MAIL_HELD, {"n": totals["held"]})
    if (failed := alarms.failed_since(db, now - DAY)) >= MANY_FAILURES:
        yield Alarm(AlarmKind.MAIL_FAILED, {"n": failed})
    if named := alarms.mailboxes_of(db, kinds.verify_many.name, now - DAY):
        yield Alarm(AlarmKind.ADDRESS_NAMED_OFTEN, {"n": named})


def _of_clock(context: WorkflowContext) -> Iterator[Alarm]:
    if context.timekeeper and context.timekeeper.line.apart:
        yield Alarm(AlarmKind.CLOCK)


def _of_server(context: WorkflowContext) -> Iterator[Alarm]:
    if reason := context.store.unfit():
        yield Alarm(AlarmKind.UNFIT, {"reason": reason})


def _of_the_whole(context: WorkflowContext) -> list[Alarm]:
    found = []
    keys, kept = context.folder.log_keys, context.folder.head.read()
    looking = log_check.LogCheck(keys, kept)
    while context.store.read(looking.look):
        continue
    if wrong := context.store.read(looking.compare).findings:
        entry = wrong[0].entries[0]
        found.append(Alarm(AlarmKind.LOG_BROKEN, {"entry": entry}))
    if context.store.read(counts.miscounted):
        found.append(Alarm(AlarmKind.COUNTS_WRONG))
    return found


def _raise(context: WorkflowContext, source: str, found: Sequence[Alarm]) -> None:
    """Bring what is raised up to date; a reader asks first whether anything changes."""
    now, ids = context.clock(), {alarm.kind.value for alarm in found}

    def unchanged(db: Connection) -> bool:
        going_on = alarms.raised(db)
        same = {alarm.kind.value for alarm in going_on if alarm.source == source} == ids
        noted = alarms.seen(db, source)
        late = noted is not None and now - noted >= NOTED_EVERY
        return same and not late and not alarms.forgotten(db, now - FORGOTTEN)

    def job(db: Connection) -> tuple[list[Alarm], list[str]]:
        new = [alarm for alarm in found if alarms.raise_(db, alarm, source, now)]
        return new, alarms.clear(db, source, ids, now, now - FORGOTTEN)

    if context.store.read(unchanged):
        return
    raised, ended = context.store.write(job)
    for alarm in raised:
        happened = alarm.kind.happened.format(**alarm.detail)
        log.warning("alarm %s: %s", alarm.kind, happened)
    for name in ended:
        log.info("alarm %s is over", name)


def queue_mail(context: WorkflowContext) -> int:
    """Queue the mail about what is raised, one a day; return how many.

    It goes to `alarms_to:` of the project, or to the administrators.
    """
    now = context.clock()

    def due(db: Connection) -> bool:
        told = alarms.mailed(db)
        return bool(alarms.raised(db)) and (told is None or now - told >= DAY)

    def job(db: Connection) -> int:
        db.hold("alarms")
        # Another process may have been quicker.
        still = due(db)
        addresses = [
            (email, staff_id)
            for email, staff_id in _recipients(context, db)
            if still and not outbox.waits(db, kinds.alarms.name, email)
        ]
        for email, staff_id in addresses:
            queue_for_staff(db, kinds.alarms, email, now, staff_id)
        alarms.note_mailed(db, now)
        return len(addresses)

    return context.store.write(job) if context.store.read(due) else 0


def _recipients(
    context: WorkflowContext, db: Connection
) -> list[tuple[str, int | None]]:
    if named := context.content.project.alarms_to:
        return [(email, None) for email in named]
    return [(m.email, m.id) for m in staff.administrators(db)]
