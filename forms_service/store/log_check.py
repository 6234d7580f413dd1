"""The log looked through: what was changed in it, taken out of it, cut off its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from .connection import Connection
from .sealing import ENTRY, NEW_KEY, Head, KeptHead, LogKeys, replaced, waiting

# Whatever is written is sealed by then.
LATE = timedelta(minutes=1)
_ROWS = 2000


class Fault(Enum):
    """What can be wrong with a log, and what is said of it."""

    EDITED = "entry {} was changed after it was sealed"
    REMOVED = "entries {} to {} are missing; the next one cannot be checked"
    OTHER_KEY = "entry {} is sealed with another key than the one before it"
    NOT_OUR_KEY = "entry {} has a key that is not given: nothing after it is sealed"
    CUT = "entries {} to {} were cut off: the head of {day} knows them"
    EMPTIED = "all {} entries were taken out: the head of {day} knows them"
    OLDER = "ends at entry {}, the head of {day} at {}: an old copy of the database"
    EXCHANGED = (
        "entry {} is not the one that the head of {day} knows: another database, or a "
        "log that was written anew"
    )
    UNSEALED = "{} entries wait for their seal since {day}: the service does not run"


class Finding(NamedTuple):
    """One thing that is wrong, with the numbers of the entries."""

    fault: Fault
    entries: tuple[int, ...]
    day: str = ""

    def __str__(self) -> str:
        return self.fault.value.format(*self.entries, day=self.day)


@dataclass(slots=True)
class LogReport:
    """How a log stands: its head, what is wrong, and what could not be looked at."""

    head: Head = Head()
    findings: list[Finding] = field(default_factory=list)
    unknown: int = 0
    """Entries whose key is not among those given."""
    lost: list[KeptHead] = field(default_factory=list)
    """Heads of what a copy that was put back has replaced."""

    @property
    def whole(self) -> bool:
        """Nothing is wrong, as far as could be looked at."""
        return not self.findings


def check(
    db: Connection,
    keys: LogKeys,
    kept: Sequence[KeptHead] = (),
    now: datetime | None = None,
) -> LogReport:
    """Look through the whole log, and compare it with heads that were kept elsewhere.

    With `now` also whether what was written is sealed.
    """
    looking = LogCheck(keys, kept)
    while looking.look(db):
        continue
    return looking.compare(db, now)


class LogCheck:
    """Looking through the whole log in steps, so that no snapshot is kept for long."""

    def __init__(self, keys: LogKeys, kept: Sequence[KeptHead] = ()) -> None:
        self._keys, self._kept = keys, kept
        self._report = LogReport()
        self._found: dict[int, str] = dict.fromkeys((head.number for head in kept), "")

    def look(self, db: Connection) -> bool:
        """Look at the next entries; return whether there were any."""
        rows = db.execute(
            f"SELECT number, seal, {ENTRY} FROM events WHERE number > ? "
            f"ORDER BY number LIMIT {_ROWS}",
            [self._report.head.number],
        ).fetchall()
        for entry in rows:
            _check_entry(self._report, self._keys, entry)
            if entry["number"] in self._found:
                self._found[entry["number"]] = entry["seal"]
        return bool(rows)

    def compare(self, db: Connection, now: datetime | None = None) -> LogReport:
        """Compare what was seen with the heads; return what is wrong."""
        report = self._report
        _compare(db, report, self._kept, self._found)
        if report.head.key and report.head.key not in self._keys:
            report.findings.append(Finding(Fault.NOT_OUR_KEY, (report.head.number,)))
        number, since = waiting(db)
        if now and since and now - since > LATE:
            day = f"{since:%Y-%m-%d %H:%M}Z"
            report.findings.append(Finding(Fault.UNSEALED, (number,), day))
        return report


def _check_entry(report: LogReport, keys: LogKeys, entry: Any) -> None:
    """Compare an entry with its seal; go on from what stands there."""
    before, here = report.head, Head(entry["number"], entry["seal"])
    report.head = here
    if here.number != before.number + 1:
        missing = (before.number + 1, here.number - 1)
        report.findings.append(Finding(Fault.REMOVED, missing))
    elif here.key != before.key and entry["verb"] not in NEW_KEY:
        report.findings.append(Finding(Fault.OTHER_KEY, (here.number,)))
    elif here.key and here.key not in keys:
        report.unknown += 1
    elif here.seal != keys.seal(here.key, before, tuple(entry)[2:]):
        report.findings.append(Finding(Fault.EDITED, (here.number,)))


def _compare(
    db: Connection,
    report: LogReport,
    kept: Sequence[KeptHead],
    found: Mapping[int, str],
) -> None:
    """Compare the log with its heads; a copy put back has lost what came after it."""
    apart = [head for head in kept if found.get(head.number) != head.seal]
    gone = replaced(db) if apart else []
    beyond: list[KeptHead] = []
    for head in apart:
        if any(after < head.number <= old.number for after, old in gone):
            report.lost.append(head)
        elif head.number > report.head.number:
            beyond.append(head)
        else:
            exchanged = Finding(Fault.EXCHANGED, (head.number,), head.day)
            report.findings.append(exchanged)
    if beyond:
        furthest = max(beyond, key=lambda head: head.number)
        report.findings.append(_beyond(db, report.head.number, furthest))


def _beyond(db: Connection, last: int, head: KeptHead) -> Finding:
    """Say how a log came to end before its head: ids that are gone were cut off."""
    given = db.dialect.last_number(db, "events", "id")
    row = db.execute("SELECT id FROM events WHERE number = ?", [last]).fetchone()
    end = row[0] if row else 0
    later = db.execute("SELECT count(*) FROM events WHERE id > ?", [end]).fetchone()[0]
    if given and not end:
        return Finding(Fault.EMPTIED, (head.number,), head.day)
    if given - end > later:
        return Finding(Fault.CUT, (last + 1, head.number), head.day)
    return Finding(Fault.OLDER, (last, head.number), head.day)
