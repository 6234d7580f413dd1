"""The log of what happened: append-only, each entry carries the hash of the one before.

An event holds ids, verb, actor and time, never an address, an answer or free text, so
it may outlive the submission. A cut at the end shows only against a hash kept
elsewhere: `head` is what to keep.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log."""

    id: int
    at: datetime
    actor: str
    verb: str
    submission: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that does not fit the one before it."""

    event: int


def record(
    db: Connection,
    now: datetime,
    actor: str,
    verb: str,
    submission: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append an entry inside the transaction of what it tells."""
    at, words = utc_text(now), json.dumps(dict(detail or {}), sort_keys=True)
    previous = head(db)
    db.execute(
        "INSERT INTO events (at, actor, verb, submission, detail, previous, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            at,
            actor,
            verb,
            submission,
            words,
            previous,
            _hash(previous, at, actor, verb, submission, words),
        ],
    )


def head(db: Connection) -> str:
    """Return the hash of the last entry."""
    row = db.execute("SELECT hash FROM events ORDER BY id DESC LIMIT 1").fetchone()
    return str(row[0]) if row else GENESIS


def of_submission(db: Connection, submission_id: str) -> list[Event]:
    """Return the history of a submission, oldest first."""
    rows = db.execute(
        "SELECT id, at, actor, verb, submission, detail FROM events "
        "WHERE submission = ? ORDER BY id",
        [submission_id],
    )
    return [
        Event(r[0], from_utc_text(r[1]), r[2], r[3], r[4], json.loads(r[5]))
        for r in rows
    ]


def verify(db: Connection) -> tuple[int, Broken | None]:
    """Check the whole chain; return its length and the first broken entry."""
    previous, number = GENESIS, 0
    for row in db.execute(
        "SELECT id, at, actor, verb, submission, detail, previous, hash "
        "FROM events ORDER BY id"
    ):
        expected = _hash(previous, *row[1:6])
        if row["previous"] != previous or row["hash"] != expected:
            return number, Broken(row["id"])
        previous, number = row["hash"], number + 1
    return number, None


def _hash(previous: str, *parts: str | None) -> str:
    return sha256(json.dumps([previous, *parts]).encode()).hexdigest()
