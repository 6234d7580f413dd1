"""What needs somebody's attention: raised once, whichever process sees it, and cleared.

A row holds numbers and names of the product's own parts, never anything of a person.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from ..clock import from_utc_text, utc_text
from ..i18n import N_
from .connection import Connection
from .outbox import HELD


class AlarmKind(StrEnum):
    """Everything that raises an alarm: its id, what happened, what to do."""

    happened: str
    todo: str

    def __new__(cls, name: str, happened: str = "", todo: str = "") -> Self:
        """Keep both sentences beside the id."""
        kind = str.__new__(cls, name)
        kind._value_, kind.happened, kind.todo = name, happened, todo
        return kind

    MAIL_WAITS = (
        "mail-waits",
        N_("An email has been waiting for more than an hour."),
        N_("“forms-service mail status” says why."),
    )
    MAIL_SERVER = (
        "mail-server",
        N_("No connection to the mail server has succeeded for {minutes} minutes."),
        N_("“forms-service doctor” says what it answers; nothing is lost meanwhile."),
    )
    MAIL_REFUSED = (
        "mail-refused",
        N_("The mail server has refused every email for {minutes} minutes ({reason})."),
        N_(
            "Ask who runs it to let this service send again. The emails wait "
            "meanwhile: nothing is lost."
        ),
    )
    MAIL_FAILED = (
        "mail-failed",
        N_("Emails given up in the last day: {n}."),
        N_(
            "“forms-service mail status” says why; “forms-service mail retry” sends "
            "them again."
        ),
    )
    MAIL_HELD = (
        "mail-held",
        N_("Emails held since a copy was restored: {n}."),
        N_("“forms-service mail release” lets them go."),
    )
    ADDRESS_NAMED_OFTEN = (
        "address-named-often",
        N_("Email addresses named by more than three requests in a day: {n}."),
        N_("Look at the requests without a confirmed address: they may be a joke."),
    )
    CLOCK = (
        "clock",
        N_("The system clock has leapt, and is not believed."),
        N_(
            "Is the clock wrong, set it right: that is all. Is it right, wait a day, "
            "or type “forms-service clock accept”. Nothing is erased early meanwhile."
        ),
    )
    DATABASE = (
        "database",
        N_("The database refuses to write ({reason}): nothing can be received."),
        N_(
            "Make room on its disk, or end the program that keeps it locked. Nobody "
            "is told “received” meanwhile, and nothing is lost."
        ),
    )
    UNFIT = (
        "database-unfit",
        N_("The database server was set otherwise: {reason}."),
        N_(
            "Set it right again. What is received meanwhile is kept safely; after a "
            "restart, or without its connection, the service would refuse the server."
        ),
    )
    DISK = (
        "disk",
        N_("The disk with the data is {percent} % full."),
        N_("Make room before nothing can be stored any more."),
    )
    FLOOD = (
        "flood",
        N_("{percent} % of the requests that an hour may bring have come."),
        N_("Look at the requests without a confirmed address; they can be discarded."),
    )
    LOG_BROKEN = (
        "log-broken",
        N_("The log of what was done does not fit together from entry {entry} on."),
        N_("Keep the files as they are; “forms-service audit verify” says more."),
    )
    LEDGER = (
        "ledger",
        N_("Nothing can be erased: the ledger of erasures cannot be written."),
        N_(
            "“forms-service doctor” names the folder; the service must be able to "
            "write there."
        ),
    )
    COUNTS_WRONG = (
        "counts-wrong",
        N_("The numbers of requests shown to staff do not fit the requests."),
        N_("Keep a copy of the database, then restore it: the counts are made anew."),
    )
    COPY_OLD = (
        "copy-old",
        N_("The last copy of the data was made {days} days ago."),
        N_("Look why none was made since, for example in the journal of forms-backup."),
    )
    BOUNCES = (
        "bounces",
        N_("The mailbox of refused emails could not be read for {minutes} minutes."),
        N_("Look at FORMS_BOUNCES: server, password, folder."),
    )
    STOPPED = (
        "stopped",
        N_("A part of the service stands still: {part}."),
        N_("Restart the service, and report this with its log."),
    )


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs attention, and the numbers in its sentence."""

    kind: AlarmKind
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RaisedAlarm(Alarm):
    """An alarm that was raised, has not ended, and where: empty for the database."""

    source: str = ""
    since: datetime = datetime.min


def make(db: Any) -> None:
    """Create the table."""
    db.execute(
        "CREATE TABLE alarms (id TEXT NOT NULL, source TEXT NOT NULL, "
        "detail TEXT NOT NULL, raised_at TEXT NOT NULL, seen_at TEXT NOT NULL, "
        "cleared_at TEXT, mailed_at TEXT, PRIMARY KEY (id, source))"
    )


def raised(db: Connection) -> list[RaisedAlarm]:
    """Return what is raised, oldest first; not what another version called an alarm."""
    rows = db.execute(
        "SELECT id, source, detail, raised_at FROM alarms WHERE cleared_at IS NULL "
        "ORDER BY raised_at, id, source"
    ).fetchall()
    known = set(AlarmKind)
    return [
        RaisedAlarm(AlarmKind(id_), json.loads(detail), source, from_utc_text(at))
        for id_, source, detail, at in map(tuple, rows)
        if id_ in known
    ]


def raise_(db: Connection, alarm: Alarm, source: str, now: datetime) -> bool:
    """Raise an alarm, or note that it goes on; say whether it is new."""
    at, detail = utc_text(now), json.dumps(alarm.detail)
    new = db.execute(
        "INSERT INTO alarms (id, source, detail, raised_at, seen_at) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (id, source) DO UPDATE SET "
        "detail = excluded.detail, raised_at = excluded.raised_at, "
        "seen_at = excluded.seen_at, cleared_at = NULL "
        "WHERE alarms.cleared_at IS NOT NULL RETURNING id",
        [alarm.kind, source, detail, at, at],
    ).fetchone()
    if new is None:
        db.execute(
            "UPDATE alarms SET detail = ?, seen_at = ? WHERE id = ? AND source = ?",
            [detail, at, alarm.kind, source],
        )
    return new is not None


def clear(
    db: Connection,
    source: str,
    found: Collection[str],
    now: datetime,
    unseen_since: datetime,
) -> list[str]:
    """End what a source does not find any more, and what nobody has seen for long.

    Return the ids.
    """
    kept = ["", *found]
    marks = ", ".join("?" * len(kept))
    rows = db.execute(
        "UPDATE alarms SET cleared_at = ? WHERE cleared_at IS NULL AND (seen_at < ? "
        f"OR (source = ? AND id NOT IN ({marks}))) RETURNING id",
        [utc_text(now), utc_text(unseen_since), source, *kept],
    ).fetchall()
    return sorted(row[0] for row in rows)


def seen(db: Connection, source: str) -> datetime | None:
    """Return when a source last noted what goes on; None when nothing does."""
    row = db.execute(
        "SELECT min(seen_at) FROM alarms WHERE cleared_at IS NULL AND source = ?",
        [source],
    ).fetchone()
    return from_utc_text(row[0]) if row[0] else None


def forgotten(db: Connection, unseen_since: datetime) -> bool:
    """Say whether anything is raised that nobody has noted for long."""
    row = db.execute(
        "SELECT 1 FROM alarms WHERE cleared_at IS NULL AND seen_at < ? LIMIT 1",
        [utc_text(unseen_since)],
    ).fetchone()
    return row is not None


def mailed(db: Connection) -> datetime | None:
    """Return when somebody was last told by mail."""
    row = db.execute("SELECT max(mailed_at) FROM alarms").fetchone()
    return from_utc_text(row[0]) if row[0] else None


def note_mailed(db: Connection, now: datetime) -> None:
    """Remember that what is raised was told by mail."""
    db.execute(
        "UPDATE alarms SET mailed_at = ? WHERE cleared_at IS NULL", [utc_text(now)]
    )


# What is counted to see whether anything is wrong.


def failed_since(db: Connection, since: datetime) -> int:
    """Return how many mails were given up since a moment; not those that are held."""
    row = db.execute(
        "SELECT count(*) FROM outbox WHERE failed_at > ? AND reason IS DISTINCT FROM ?",
        [utc_text(since), HELD],
    ).fetchone()
    return int(row[0])


def mailboxes_of(db: Connection, kind: str, since: datetime) -> int:
    """Return to how many mailboxes mails of a kind were queued since a moment."""
    row = db.execute(
        "SELECT count(DISTINCT mailbox) FROM outbox WHERE kind = ? AND created_at > ?",
        [kind, utc_text(since)],
    ).fetchone()
    return int(row[0])
