"""Kept forms: append-only documents, and one SQL view per form over its rows.

A version is published when a person has answered it. One that only invented rows have
answered is kept without a moment (`published_at` is empty), so that they can be read.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..clock import utc_text
from .connection import Connection, literal, quoted
from .filters import checked
from .queue_indexes import RECEIVED
from .readers import READER


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One version of a form, and whether it is published."""

    form_id: str
    version: str
    fingerprint: str
    document: dict[str, Any]
    published: bool


def keep(
    db: Connection,
    form_id: str,
    fingerprint: str,
    version: str,
    document: str,
    published_at: datetime | None,
) -> None:
    """Keep a version for ever; what is published stays so, from its first moment."""
    db.execute(
        "INSERT INTO definitions VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (form_id, fingerprint) DO UPDATE "
        "SET published_at = excluded.published_at "
        "WHERE definitions.published_at = ''",
        [form_id, fingerprint, version, document, _moment(published_at)],
    )


def keep_text(
    db: Connection,
    form_id: str,
    fingerprint: str,
    lang: str,
    text_hash: str,
    overlay: str,
    published_at: datetime | None,
) -> None:
    """Keep the texts of one language of a version; again changes nothing."""
    db.execute(
        "INSERT INTO definition_texts VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (form_id, fingerprint, lang, text_hash) DO NOTHING",
        [form_id, fingerprint, lang, text_hash, overlay, _moment(published_at)],
    )


def _moment(published_at: datetime | None) -> str:
    return utc_text(published_at) if published_at else ""


def is_published(db: Connection, form_id: str, fingerprint: str) -> bool:
    """Say whether a person has answered this version, or production has served it."""
    row = db.execute(
        "SELECT published_at FROM definitions WHERE form_id = ? AND fingerprint = ?",
        [form_id, fingerprint],
    ).fetchone()
    return bool(row and row[0])


def has_text(
    db: Connection, form_id: str, fingerprint: str, lang: str, text_hash: str
) -> bool:
    """Say whether the texts of one language of a version are kept."""
    row = db.execute(
        "SELECT 1 FROM definition_texts WHERE form_id = ? AND fingerprint = ? "
        "AND lang = ? AND text_hash = ?",
        [form_id, fingerprint, lang, text_hash],
    ).fetchone()
    return row is not None


def kept(db: Connection) -> list[KeptVersion]:
    """Return every version that any row may have answered, oldest first."""
    rows = db.execute(
        "SELECT form_id, version, fingerprint, document, published_at "
        "FROM definitions ORDER BY published_at, version"
    )
    return [KeptVersion(r[0], r[1], r[2], json.loads(r[3]), bool(r[4])) for r in rows]


def published(db: Connection) -> list[KeptVersion]:
    """Return every version ever published, oldest first."""
    return [version for version in kept(db) if version.published]


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
    columns = "".join(
        f", {db.dialect.answer(checked(f))} AS {quoted('answer_' + f)}"
        for f in field_ids
    )
    owner = literal(form_id)
    db.execute(f"DROP VIEW IF EXISTS {view}")
    db.execute(
        f"CREATE VIEW {view} AS SELECT reference, status, place, source, lang, "
        f"created_at, verified_at, decided_at, purge_after{columns} "
        f"FROM submissions WHERE form_id = {owner}"
    )
    if grant := db.dialect.grant_reading:
        db.execute(grant.format(view=view, role=READER))
    _index_answers(db, form_id, filterable)


def _index_answers(db: Connection, form_id: str, filterable: Sequence[str]) -> None:
    """Index these answers of a form, and no others: storing a row changes no more.

    The planner takes a partial index only where the form id stands in the statement.
    """
    wanted = {f"answers_{form_id}:{field_id}": field_id for field_id in filterable}
    rows = db.execute(db.dialect.indexes()).fetchall()
    # Those of earlier versions had one letter less, and another order.
    ours = (f"answers_{form_id}:", f"answer_{form_id}:")
    made = {row[0] for row in rows if row[0].startswith(ours)}
    for name in made - wanted.keys():
        db.execute(f"DROP INDEX {quoted(name)}")
    for name in wanted.keys() - made:
        answer, owner = db.dialect.answer(wanted[name]), literal(form_id)
        db.execute(
            f"CREATE INDEX {quoted(name)} ON submissions "
            f"({answer}, {RECEIVED}, number) WHERE form_id = {owner}"
        )
    db.dialect.learn_answers(db, form_id, filterable)
