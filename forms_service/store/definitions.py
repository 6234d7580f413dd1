"""Published forms: append-only documents, and one SQL view per form over its rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..clock import utc_text
from .connection import Connection
from .queue import path_of
from .schema import quoted


@dataclass(frozen=True, slots=True)
class Published:
    """One version of a form as it was published."""

    form_id: str
    version: str
    fingerprint: str
    document: dict[str, Any]


def publish(
    db: Connection,
    form_id: str,
    fingerprint: str,
    version: str,
    document: str,
    now: datetime,
) -> None:
    """Keep a version for ever; publishing it again changes nothing."""
    db.execute(
        "INSERT OR IGNORE INTO definitions VALUES (?, ?, ?, ?, ?)",
        [form_id, fingerprint, version, document, utc_text(now)],
    )


def publish_text(
    db: Connection,
    form_id: str,
    fingerprint: str,
    lang: str,
    text_hash: str,
    overlay: str,
    now: datetime,
) -> None:
    """Keep the texts of one language of a version; again changes nothing."""
    db.execute(
        "INSERT OR IGNORE INTO definition_texts VALUES (?, ?, ?, ?, ?, ?)",
        [form_id, fingerprint, lang, text_hash, overlay, utc_text(now)],
    )


def published(db: Connection) -> list[Published]:
    """Return every version ever published, oldest first."""
    rows = db.execute(
        "SELECT form_id, version, fingerprint, document FROM definitions "
        "ORDER BY published_at, version"
    )
    return [Published(r[0], r[1], r[2], json.loads(r[3])) for r in rows]


def document(db: Connection, form_id: str, fingerprint: str) -> dict[str, Any] | None:
    """Return the document of a version, or None."""
    row = db.execute(
        "SELECT document FROM definitions WHERE form_id = ? AND fingerprint = ?",
        [form_id, fingerprint],
    ).fetchone()
    return json.loads(row[0]) if row else None


def overlay(
    db: Connection, form_id: str, fingerprint: str, lang: str, text_hash: str
) -> dict[str, Any] | None:
    """Return the texts of a language of a version, or None for the main one."""
    row = db.execute(
        "SELECT overlay FROM definition_texts WHERE form_id = ? AND fingerprint = ? "
        "AND lang = ? AND text_hash = ?",
        [form_id, fingerprint, lang, text_hash],
    ).fetchone()
    return json.loads(row[0]) if row else None


def rebuild_view(
    db: Connection, form_id: str, field_ids: Sequence[str], filterable: Sequence[str]
) -> None:
    """Make the view of a form with a column per field, and an index per filter."""
    view = quoted(f"form_{form_id}")
    columns = "".join(f", {path_of(f)} AS {quoted('answer_' + f)}" for f in field_ids)
    owner = form_id.replace("'", "''")
    db.execute(f"DROP VIEW IF EXISTS {view}")
    db.execute(
        f"CREATE VIEW {view} AS SELECT reference, status, place, source, lang, "
        f"created_at, verified_at, decided_at, purge_after{columns} "
        f"FROM submissions WHERE form_id = '{owner}'"
    )
    for field_id in filterable:
        # Not partial: with a bound form id the planner would pass over it. Forms that
        # share a field id share its index.
        db.execute(
            f"CREATE INDEX IF NOT EXISTS {quoted(f'answer_{field_id}')} "
            f"ON submissions (form_id, {path_of(field_id)}, number)"
        )
