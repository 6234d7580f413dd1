"""The answers that corrections have replaced, each with the version it answered."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..clock import from_utc_text, utc_text
from .connection import Connection
from .submissions import Submission, written


@dataclass(frozen=True, slots=True)
class Revision:
    """Answers that a correction has replaced, and the version they answered."""

    fingerprint: str
    lang: str
    text_hash: str
    answers: dict[str, Any]
    replaced_at: datetime


def keep(db: Connection, old: Submission, now: datetime) -> None:
    """Keep the answers that a correction replaces."""
    db.execute(
        "INSERT INTO revisions (submission, fingerprint, lang, text_hash, answers, "
        "replaced_at) VALUES (?, ?, ?, ?, ?, ?)",
        [
            old.id,
            old.fingerprint,
            old.lang,
            old.text_hash,
            written(old.answers),
            utc_text(now),
        ],
    )


def of_submission(db: Connection, submission_id: str) -> list[Revision]:
    """Return the answers that corrections have replaced, oldest first."""
    rows = db.execute(
        "SELECT fingerprint, lang, text_hash, answers, replaced_at FROM revisions "
        "WHERE submission = ? ORDER BY id",
        [submission_id],
    )
    return [
        Revision(r[0], r[1], r[2], json.loads(r[3]), from_utc_text(r[4])) for r in rows
    ]
