"""The search of staff: its index, and the question that its box asks.

The index holds the words of the column `search`, which `workflow.sending.derived`
writes in one spelling; so its tokenizer only parts them at spaces.
"""

import json
from typing import Any

from sqlite_utils import Database

from ..definition import TYPES
from ..definition.contact import phone_end, phone_ends
from ..definition.folding import index_words, query_words
from .connection import Connection
from .sqlite import SEARCH

_BATCH = 200
# Comes after everything that an address, or a number, begins with.
_LAST_LETTER, _LAST_DIGIT = "\U0010ffff", ":"


def condition(db: Connection, typed: str) -> tuple[str, list[str]]:
    """Return the SQL condition for what was typed, and its values; empty for nothing.

    Found are words, all of them and each by its beginning, an e-mail address by its
    beginning and a phone number by its end.
    """
    words = query_words(typed)
    if not words:
        return "", []
    by_word, matching = db.dialect.words(words)
    found, values = [by_word], [matching]
    if " " not in typed:
        found.append("SELECT number FROM submissions WHERE email >= ? AND email < ?")
        values += [typed, typed + _LAST_LETTER]
    for end in phone_ends(typed):
        found.append(
            "SELECT number FROM submissions WHERE phone_end >= ? AND phone_end < ?"
        )
        values += [end, end + _LAST_DIGIT]
    return f"number IN ({' UNION '.join(found)})", values


def tidy(db: Connection) -> None:
    """Leave no erased word in the index."""
    for statement in db.dialect.tidy():
        db.execute(statement)


def make(db: Database, *columns: str) -> None:
    """Make the full text search over columns of submissions, and fill it."""
    names, new, old = (
        ", ".join(prefix + column for column in columns)
        for prefix in ("", "new.", "old.")
    )
    add = f"INSERT INTO {SEARCH} (rowid, {names}) VALUES (new.rowid, {new});"
    remove = (
        f"INSERT INTO {SEARCH} ({SEARCH}, rowid, {names}) "
        f"VALUES ('delete', old.rowid, {old});"
    )
    for statement in (
        f"CREATE VIRTUAL TABLE {SEARCH} USING fts5 ({names}, "
        # Which words a row has is all that is asked, and mostly by their beginning.
        "tokenize='ascii', content='submissions', detail=none, columnsize=0, "
        "prefix='1 2 3')",
        f"INSERT INTO {SEARCH} ({SEARCH}) VALUES ('rebuild')",
        f"CREATE TRIGGER submissions_ai AFTER INSERT ON submissions BEGIN {add} END",
        f"CREATE TRIGGER submissions_ad AFTER DELETE ON submissions BEGIN {remove} END",
        # A change of state leaves the index alone.
        f"CREATE TRIGGER submissions_au AFTER UPDATE OF {names} ON submissions "
        f"BEGIN {remove} {add} END",
    ):
        db.execute(statement)


def drop(db: Database) -> None:
    """Drop the full text search and what keeps it up to date."""
    for trigger in ("submissions_ai", "submissions_ad", "submissions_au"):
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute(f"DROP TABLE {SEARCH}")


def fill(db: Database) -> None:
    """Write the columns by which staff find a row, for rows of an earlier version."""
    written = {
        (form_id, fingerprint): _written(json.loads(document))
        for form_id, fingerprint, document in db.execute(
            "SELECT form_id, fingerprint, document FROM definitions"
        )
    }
    last = 0
    while True:
        rows = db.execute(
            "SELECT number, form_id, fingerprint, reference, name, organisation, "
            "phone, answers FROM submissions WHERE number > ? ORDER BY number LIMIT ?",
            [last, _BATCH],
        ).fetchall()
        if not rows:
            return
        for number, form_id, fingerprint, *names, phone, answers in rows:
            given = json.loads(answers)
            fields = written[form_id, fingerprint]
            texts = [given[field] for field in fields if field in given]
            columns = [index_words(filter(None, names), texts), phone_end(phone)]
            db.execute(
                "UPDATE submissions SET search = ?, phone_end = ? WHERE number = ?",
                [*columns, number],
            )
        last = rows[-1][0]


def _written(document: dict[str, Any]) -> list[str]:
    """Return the fields of a published form whose answers are searched."""
    if document.get("delicate"):
        return []
    return [
        field["id"]
        for section in document["sections"]
        for field in section["fields"]
        if (kind := TYPES.get(field["type"])) and kind.searched
    ]
