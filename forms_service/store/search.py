"""The search of staff: its index, and the question that its box asks.

The index holds the words of the column `search`, which `words_of` writes in one
spelling; so its tokenizer only parts them at spaces. New rows come into it a little
later, many at a time: alone, they would cost who sends half of the writing.
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlite_utils import Database

from ..definition import TYPES
from ..definition.contact import phone_end, phone_ends
from ..definition.folding import fold, index_words, query_words
from .connection import Connection, Words
from .sqlite import SEARCH

# Rows that come into the index in one transaction at most.
BATCH = 200
# What `untidy` says: words were erased, and the index is being merged since.
_ERASED, _MERGING = 1, 2
# Begins the digits of a phone, backwards: no word that is typed can have it.
_PHONE = "\ue000"


def words_of(
    names: Iterable[str | None],
    texts: Iterable[str],
    email: str | None,
    end_of_phone: str | None,
) -> str:
    """Return the words by which a row is found: names, texts, address and phone."""
    found = [index_words(filter(None, names), texts)]
    if email:
        found.append(_joined(email))
    if end_of_phone:
        found.append(_PHONE + end_of_phone)
    return " ".join(found)


def parse_query(typed: str, country: str = "") -> Words:
    """Return what a row must have that is found by what was typed; empty for all.

    Found are words, all of them and each by its beginning, an e-mail address by its
    beginning and a phone number, of a country where it names none, by its end.
    """
    words = query_words(typed)
    if not words:
        return []
    whole = [[_joined(typed)]]
    address = [] if " " in typed or words == whole else [whole]
    return [words, *address, *([[_PHONE + end]] for end in phone_ends(typed, country))]


def _joined(text: str) -> str:
    return fold(text).replace(" ", "")


def behind(db: Connection) -> bool:
    """Say whether there are rows that are not in the index yet."""
    row = db.execute(
        "SELECT 1 FROM submissions "
        "WHERE number > (SELECT upto FROM search_progress) LIMIT 1"
    ).fetchone()
    return row is not None


def add_new(db: Connection) -> int:
    """Take the next rows into the index; return how many, `BATCH` at most."""
    upto = db.execute("SELECT upto FROM search_progress").fetchone()[0]
    number, last = db.execute(
        "SELECT count(*), max(number) FROM (SELECT number FROM submissions "
        "WHERE number > ? ORDER BY number LIMIT ?) AS next",
        [upto, BATCH],
    ).fetchone()
    if number:
        db.execute(
            f"INSERT INTO {SEARCH} (rowid, search) SELECT number, search "
            "FROM submissions WHERE number > ? AND number <= ?",
            [upto, last],
        )
        db.execute("UPDATE search_progress SET upto = ?", [last])
    return int(number)


def untidy(db: Connection) -> bool:
    """Say whether the index may hold words of rows that were erased or changed."""
    return bool(db.execute("SELECT untidy FROM search_progress").fetchone()[0])


def tidy(db: Connection) -> None:
    """Do a step of leaving no erased word in the index."""
    begin = db.execute("SELECT untidy FROM search_progress").fetchone()[0] == _ERASED
    more = db.dialect.tidy(db, begin)
    db.execute("UPDATE search_progress SET untidy = ?", [_MERGING if more else 0])


def make(db: Database) -> None:
    """Make the full text search with all rows that are there."""
    remove = (
        f"INSERT INTO {SEARCH} ({SEARCH}, rowid, search) "
        "VALUES ('delete', old.number, old.search);"
        f"UPDATE search_progress SET untidy = {_ERASED};"
    )
    add = f"INSERT INTO {SEARCH} (rowid, search) VALUES (new.number, new.search);"
    known = "WHEN old.number <= (SELECT upto FROM search_progress)"
    for statement in (
        f"CREATE VIRTUAL TABLE {SEARCH} USING fts5 (search, "
        # Which words a row has is all that is asked, and mostly by their beginning.
        "tokenize='ascii', content='submissions', detail=none, columnsize=0, "
        # Of longer beginnings the lists of all their words are put together.
        "prefix='1 2 3 4 5')",
        f"INSERT INTO {SEARCH} ({SEARCH}) VALUES ('rebuild')",
        "CREATE TABLE search_progress (upto INTEGER NOT NULL, untidy INTEGER NOT NULL)",
        "INSERT INTO search_progress "
        "SELECT coalesce(max(number), 0), 0 FROM submissions",
        f"CREATE TRIGGER submissions_ad AFTER DELETE ON submissions {known} "
        f"BEGIN {remove} END",
        # A change of state leaves the index alone.
        f"CREATE TRIGGER submissions_au AFTER UPDATE OF search ON submissions {known} "
        f"BEGIN {remove} {add} END",
    ):
        db.execute(statement)


def drop(db: Database) -> None:
    """Drop the full text search of an earlier version, and what kept it."""
    for trigger in ("submissions_ai", "submissions_ad", "submissions_au"):
        db.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    db.execute(f"DROP TABLE IF EXISTS {SEARCH}")


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
            "email, phone, answers FROM submissions WHERE number > ? "
            "ORDER BY number LIMIT ?",
            [last, BATCH],
        ).fetchall()
        if not rows:
            return
        for number, form_id, fingerprint, *names, email, phone, answers in rows:
            given = json.loads(answers)
            fields = written[form_id, fingerprint]
            texts = [given[field] for field in fields if field in given]
            end = phone_end(phone)
            columns = [words_of(names, texts, email, end), end]
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
