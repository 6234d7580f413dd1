"""The seal of the log: a chain over its entries, made a second after they are written.

No writer waits for another: an entry is written in its transaction without a link.
`seal` gives the next number, and a MAC over entry, number and the seal before, to what
is committed by then. Who wrote later than somebody saw is never sealed before: ids are
given in that order. The key is in no database; a seal begins with its name. Before
there were keys, entries had a plain hash.
"""

import hmac
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlite_utils import Database

from ..clock import from_utc_text
from .connection import Connection
from .events import EventVerb, record

# Sealed in one transaction at most: a few milliseconds.
STEP = 200
GENESIS = "0" * 64
NAME = 8
ENTRY = "id, at, actor, verb, submission, detail"
# An entry is written once and sealed once.
_STAYS = " OR ".join(
    ["old.seal IS NOT NULL"]
    + [f"new.{name} IS DISTINCT FROM old.{name}" for name in ENTRY.split(", ")]
)
ON_SQLITE = (
    f"CREATE TRIGGER events_stay BEFORE UPDATE ON events WHEN {_STAYS} "
    "BEGIN SELECT RAISE (ABORT, 'events are append-only'); END",
)
ON_POSTGRESQL = (
    f"CREATE TRIGGER events_stay BEFORE UPDATE ON events FOR EACH ROW WHEN ({_STAYS}) "
    "EXECUTE FUNCTION append_only('events')",
    "CREATE TRIGGER events_last BEFORE DELETE ON events "
    "FOR EACH ROW EXECUTE FUNCTION append_only('events')",
)
# With these alone a log goes on under another key.
NEW_KEY = (EventVerb.LOG_KEY, EventVerb.LOG_RESTART)
# As in the index, letter by letter, so that it is used: a log is never read for them.
_REPLACING = "verb IN ('restore', 'log_restart')"
INDEX = f"CREATE INDEX events_replacing ON events (id) WHERE {_REPLACING}"
_KEPT = re.compile(r"\b(\d{4}-\d\d-\d\d)\s+(\d+)\s+((?:[0-9a-f]{8}-)?[0-9a-f]{64})\b")


class NotOurKey(Exception):
    """The log is sealed with a newer key, which is not among those given."""


class Head(NamedTuple):
    """The last seal and its number: a log that ends before it was cut."""

    number: int = 0
    seal: str = GENESIS

    @property
    def key(self) -> str:
        """The name of the key; nothing where it is a plain hash."""
        return self.seal.rpartition("-")[0]


class LogKeys:
    """The keys of the log by name, the newest last."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {
            sha256(f"forms log {key}".encode()).hexdigest()[:NAME]: key.encode()
            for key in keys
        }

    def __contains__(self, name: str) -> bool:
        return name in self._keys

    @property
    def newest(self) -> str:
        """The name of the key that seals from now on."""
        return list(self._keys)[-1]

    def seal(self, name: str, before: Head, entry: Sequence[Any]) -> str:
        """Return the seal of an entry behind another; without a name the plain hash."""
        if not name:
            return sha256(json.dumps([before.seal, *entry[1:]]).encode()).hexdigest()
        sealed = json.dumps([before.number + 1, before.seal, *entry]).encode()
        return f"{name}-{hmac.digest(self._keys[name], sealed, 'sha256').hex()}"


def head(db: Connection) -> Head:
    """Return the last seal."""
    row = db.execute(
        "SELECT number, seal FROM events WHERE number IS NOT NULL "
        "ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return Head(*row) if row else Head()


def waiting(db: Connection) -> tuple[int, datetime | None]:
    """Return how many entries are not sealed yet, and since when."""
    number, since = db.execute(
        "SELECT count(*), min(at) FROM events WHERE seal IS NULL"
    ).fetchone()
    return number, from_utc_text(since) if since else None


def seal(
    db: Connection, keys: LogKeys, now: datetime, whole: bool | None = None
) -> int:
    """Seal the next entries; return how many.

    The first entry under another key says how the log ended before it, and whether it
    was found `whole`. Raise `NotOurKey`.
    """
    db.hold("log")
    first = last = head(db)
    if last.key != keys.newest:
        if last.key and last.key not in keys:
            raise NotOurKey(last.key)
        about = {"entries": last.number, "seal": last.seal, "whole": whole}
        record(db, now, "service", EventVerb.LOG_KEY, None, about)
        last = _seal(db, keys, last, f"AND verb = '{EventVerb.LOG_KEY}'")
    last = _seal(db, keys, last, f"ORDER BY id LIMIT {STEP}")
    return last.number - first.number


def _seal(db: Connection, keys: LogKeys, last: Head, which: str) -> Head:
    """Seal some of those that wait; return the last seal."""
    found = f"SELECT {ENTRY} FROM events WHERE seal IS NULL {which}"
    values: list[Any] = []
    for entry in db.execute(found).fetchall():
        last = Head(last.number + 1, keys.seal(keys.newest, last, tuple(entry)))
        values += (entry["id"], *last)
    if values:
        rows = ", ".join(
            ["(CAST(? AS bigint), CAST(? AS bigint), ?)"] * (len(values) // 3)
        )
        db.execute(
            "UPDATE events SET number = sealed.column2, seal = sealed.column3 "
            f"FROM (VALUES {rows}) AS sealed WHERE id = sealed.column1",
            values,
        )
    return last


class KeptHead(NamedTuple):
    """A head that was kept outside the database, and the day it is of."""

    day: str
    number: int
    seal: str

    def __str__(self) -> str:
        return f"{self.day} {self.number} {self.seal}"


def keep(db: Connection, day: date) -> KeptHead:
    """Return the head with its day, as it is kept elsewhere."""
    return KeptHead(str(day), *head(db))


def kept_in(text: str) -> list[KeptHead]:
    """Return the heads that stand in a text, which may be a mail."""
    return [
        KeptHead(day, int(number), seal) for day, number, seal in _KEPT.findall(text)
    ]


def goes_on(db: Connection, last: Head) -> bool:
    """Say whether an entry of the log still has its seal."""
    row = db.execute(
        "SELECT seal FROM events WHERE number = ?", [last.number]
    ).fetchone()
    return bool(row and row[0] == last.seal)


def fits(db: Connection, kept: KeptHead) -> bool:
    """Say whether the log goes on from a head, or says which copy has replaced it."""
    last = Head(kept.number, kept.seal)
    return goes_on(db, last) or kept in [old for _, old in replaced(db)]


def replaced(db: Connection) -> list[tuple[int, KeptHead]]:
    """Return the heads that copies have replaced, and the last entry of each copy.

    Of a log that was begun again from another one nobody knows where they parted.
    """
    query = f"SELECT number, verb, detail FROM events WHERE {_REPLACING} ORDER BY id"
    rows = db.execute(query).fetchall()
    last = head(db).number
    found = []
    for row in rows:
        for old in kept_in(json.loads(row["detail"]).get("replaced", "")):
            after = row["number"] - 1 if row["number"] else last
            is_copy = row["verb"] == EventVerb.RESTORE
            found.append((after if is_copy else old.number - 1, old))
    return found


def restored(db: Connection) -> tuple[datetime, dict[str, Any]] | None:
    """Return when a copy was put back last, and what came of it."""
    row = db.execute(
        f"SELECT at, detail FROM events WHERE {_REPLACING} AND verb = ? "
        "ORDER BY id DESC LIMIT 1",
        [EventVerb.RESTORE],
    ).fetchone()
    return (from_utc_text(row[0]), json.loads(row[1] or "{}")) if row else None


def restart(
    db: Connection, keys: LogKeys, now: datetime, actor: str, kept: Sequence[KeptHead]
) -> tuple[str, KeptHead | None]:
    """Go on where a key is lost, or where a head does not fit; the log says which.

    Return the name of the key and the head: neither where the log goes on by itself.
    """
    db.hold("log")
    last = head(db)
    key = "" if last.key in keys else last.key
    unfit = next((head for head in kept if not fits(db, head)), None)
    if key or unfit:
        about: dict[str, Any] = {"entries": last.number, "seal": last.seal, "key": key}
        if unfit:
            about["replaced"] = str(unfit)
        record(db, now, actor, EventVerb.LOG_RESTART, None, about)
        _seal(db, keys, last, f"AND verb = '{EventVerb.LOG_RESTART}'")
    return key, unfit


def make(db: Any) -> None:
    """Make room for numbers and seals; what was chained at once keeps its hash."""
    on_sqlite = isinstance(db, Database)
    db.execute("DROP TRIGGER events_stay" + ("" if on_sqlite else " ON events"))
    db.execute("ALTER TABLE events ADD COLUMN number BIGINT")
    db.execute("ALTER TABLE events ADD COLUMN seal TEXT")
    db.execute(
        "UPDATE events SET seal = hash, number = counted.place FROM (SELECT id AS one, "
        "row_number() OVER (ORDER BY id) AS place FROM events) AS counted "
        "WHERE id = counted.one"
    )
    db.execute("ALTER TABLE events DROP COLUMN previous")
    db.execute("ALTER TABLE events DROP COLUMN hash")
    db.execute("CREATE UNIQUE INDEX events_number ON events (number)")
    db.execute("CREATE INDEX events_waiting ON events (id) WHERE seal IS NULL")
    for trigger in ON_SQLITE if on_sqlite else ON_POSTGRESQL:
        db.execute(trigger)
