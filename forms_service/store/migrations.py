"""Each change of the tables, numbered, in the order in which they are made.

A new one comes last, with the oldest program that may run beside it
(`oldest_program.NAMED`).
"""

from pathlib import Path
from typing import Any

from sqlite_utils import Database, Migrations

from . import (
    alarms,
    announcements,
    attachments,
    attempts,
    bulk,
    contacts,
    contents,
    counts,
    erasures,
    oldest_program,
    queue_indexes,
    replies,
    sealing,
    search,
    staff_rights,
    timeline,
)
from .connection import quoted

MIGRATIONS = Migrations("forms_service")

_M001 = Path(__file__).with_name("first_tables.sql").read_text(encoding="utf-8")


@MIGRATIONS()
def m001_first_tables(db: Database) -> None:
    """Create the tables of the first version."""
    # `executescript` would commit the migration half-way.
    for statement in filter(str.strip, _M001.split(";\n")):
        db.execute(statement)


@MIGRATIONS()
def m002_feedback(db: Database) -> None:
    """Create the table of what people thought; without rowid it keeps no order."""
    db.execute(
        "CREATE TABLE feedback (key TEXT PRIMARY KEY, form_id TEXT NOT NULL, "
        "stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5), "
        "choice TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '', "
        "day TEXT NOT NULL) WITHOUT ROWID"
    )


@MIGRATIONS()
def m003_attachments(db: Database) -> None:
    """Create the table of scans; the bytes stand last, so that no list reads them."""
    attachments.make(db)


@MIGRATIONS()
def m004_announcements(db: Database) -> None:
    """Create the table of what was last told about events; it names no person."""
    db.execute(
        "CREATE TABLE announcements (form_id TEXT PRIMARY KEY, facts TEXT NOT NULL, "
        "sequence INTEGER NOT NULL, reminded TEXT NOT NULL) WITHOUT ROWID"
    )


@MIGRATIONS()
def m005_no_tags(db: Database) -> None:
    """Drop a column that nothing wrote, with the search that looked into it."""
    search.drop(db)
    db.execute("ALTER TABLE submissions DROP COLUMN tags")


@MIGRATIONS()
def m006_told_by_event(db: Database) -> None:
    """Key what was told by event, not by form: an event has one calendar file."""
    announcements.key_by_event(db)


@MIGRATIONS()
def m007_published_when_answered(db: Database) -> None:
    """Let a version that is kept be published later; nothing else of it changes."""
    db.execute("DROP TRIGGER definitions_stay")
    same = " OR ".join(
        f"new.{name} <> old.{name}"
        for name in ("form_id", "fingerprint", "version", "document")
    )
    db.execute(
        "CREATE TRIGGER definitions_stay BEFORE UPDATE ON definitions "
        f"WHEN old.published_at <> '' OR {same} "
        "BEGIN SELECT RAISE (ABORT, 'definitions are append-only'); END"
    )


@MIGRATIONS()
def m008_index_by_form(db: Database) -> None:
    """Index forms by arrival; the answers of each alone are indexed at the start."""
    answers = "SELECT name FROM sqlite_master WHERE type = 'index' AND name GLOB ?"
    for (name,) in db.execute(answers, ["answer_*"]).fetchall():
        db.execute(f"DROP INDEX {quoted(name)}")
    # A row's number is its rowid, which every index ends with.
    db.execute("CREATE INDEX submissions_form ON submissions (form_id)")


@MIGRATIONS()
def m009_one_spelling(db: Database) -> None:
    """Keep one column of words in one spelling, and phones by their end."""
    search.drop(db)
    db.execute("ALTER TABLE submissions ADD COLUMN search TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE submissions ADD COLUMN phone_end TEXT")
    db.execute("DROP INDEX submissions_phone")
    db.execute(
        "CREATE INDEX submissions_phone ON submissions (phone_end) "
        "WHERE phone_end IS NOT NULL"
    )


@MIGRATIONS()
def m010_mails_by_domain(db: Database) -> None:
    """Keep the domain of each mail, so that a bad one keeps no other waiting."""
    db.execute("ALTER TABLE outbox ADD COLUMN domain TEXT NOT NULL DEFAULT ''")
    db.execute(
        "UPDATE outbox SET domain = lower(substr(address, instr(address, '@') + 1))"
    )
    db.execute("DROP INDEX outbox_due")
    db.execute(
        "CREATE INDEX outbox_due ON outbox (attempts, not_before, id) "
        "WHERE sent_at IS NULL AND failed_at IS NULL"
    )
    db.execute(
        "CREATE INDEX outbox_leases ON outbox (lease_until) "
        "WHERE lease_until IS NOT NULL"
    )


@MIGRATIONS()
def m011_counts(db: Database) -> None:
    """Keep how many rows there are of each kind: counting a million takes a second."""
    counts.make(db)


@MIGRATIONS()
def m012_search_in_steps(db: Database) -> None:
    """Search addresses and phones with the words; new rows are added later."""
    search.drop(db)
    search.fill(db)
    search.make(db)


@MIGRATIONS()
def m013_timeline(db: Database) -> None:
    """Keep how far the time that erases has come, whatever the clock says."""
    timeline.make(db)


@MIGRATIONS()
def m014_mailboxes(db: Database) -> None:
    """Count mails by mailbox, however its address was written, and typed references."""
    db.execute("ALTER TABLE outbox ADD COLUMN mailbox TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE outbox ADD COLUMN tries INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE outbox SET mailbox = lower(address)")
    db.execute("DROP INDEX outbox_address")
    db.execute("CREATE INDEX outbox_mailbox ON outbox (mailbox, created_at)")


@MIGRATIONS()
def m015_alarms(db: Database) -> None:
    """Create the table of what needs attention."""
    alarms.make(db)


@MIGRATIONS()
def m016_searches(db: Database) -> None:
    """Keep what staff searched for with their session, out of every address."""
    db.execute(
        "CREATE TABLE searches (session TEXT NOT NULL "
        "REFERENCES sessions (digest) ON DELETE CASCADE, number INTEGER NOT NULL, "
        "text TEXT NOT NULL, PRIMARY KEY (session, number)) WITHOUT ROWID"
    )


@MIGRATIONS()
def m017_sealed_log(db: Database) -> None:
    """Seal entries of the log after they are written, so that no writer waits."""
    sealing.make(db)


@MIGRATIONS()
def m018_counts_appended(db: Any) -> None:
    """Append to the counts where many write; on SQLite one does."""
    if not isinstance(db, Database):
        from .postgres_schema import count_by_appending

        count_by_appending(db)


@MIGRATIONS()
def m019_replies(db: Database) -> None:
    """Create the table of what people answered to a mail."""
    replies.make(db)


@MIGRATIONS()
def m020_stopped_mails(db: Database) -> None:
    """Index mails that failed or are held: those that left are not read for them."""
    db.execute(
        "CREATE INDEX outbox_stopped ON outbox (reason) WHERE failed_at IS NOT NULL"
    )


@MIGRATIONS()
def m021_oldest_program(db: Database) -> None:
    """Keep which program may still run here."""
    oldest_program.make(db)


@MIGRATIONS()
def m022_erasing(db: Database) -> None:
    """Find what was erased, for ledgers that no restore replaces."""
    db.execute(erasures.INDEX)


@MIGRATIONS()
def m023_attempts(db: Database) -> None:
    """Count failed sign-ins per account; know who has signed in since the set-up."""
    attempts.make(db)
    db.execute("ALTER TABLE staff ADD COLUMN signed_in INTEGER NOT NULL DEFAULT 0")


@MIGRATIONS()
def m024_contents(db: Any) -> None:
    """Keep which content came last, where several processes serve one database."""
    contents.make(db)


@MIGRATIONS()
def m025_due(db: Database) -> None:
    """Keep until when an answer is promised, and what staff add to a mail."""
    db.execute("ALTER TABLE submissions ADD COLUMN due_on TEXT")
    db.execute("ALTER TABLE outbox ADD COLUMN addition TEXT NOT NULL DEFAULT ''")


@MIGRATIONS()
def m026_told_by_phone(db: Database) -> None:
    """Keep when the person heard by phone what a mail that failed was to say."""
    db.execute("ALTER TABLE outbox ADD COLUMN told_at TEXT")


@MIGRATIONS()
def m027_register(db: Any) -> None:
    """Keep who stays in a register, who was asked, and who was contacted about what."""
    contacts.make(db)


@MIGRATIONS()
def m028_assignee(db: Database) -> None:
    """Keep who of the staff sees to a request."""
    # Without a reference: on PostgreSQL this table is made before that of staff, whose
    # rows are never deleted.
    db.execute("ALTER TABLE submissions ADD COLUMN assignee INTEGER")
    db.execute(
        "CREATE INDEX submissions_assignee ON submissions (assignee, number) "
        "WHERE assignee IS NOT NULL"
    )


@MIGRATIONS()
def m030_staff_rights(db: Database) -> None:
    """Keep what each member of staff may do, and their second factor."""
    staff_rights.make(db)


@MIGRATIONS()
def m031_received(db: Database) -> None:
    """Index the queue by receipt, which of paper is a day before it was typed."""
    queue_indexes.make(db)


@MIGRATIONS()
def m034_keys(db: Database) -> None:
    """Let a member turn off that single letters act."""
    db.execute("ALTER TABLE staff ADD COLUMN wants_keys INTEGER NOT NULL DEFAULT 1")


@MIGRATIONS()
def m035_bulk(db: Database) -> None:
    """Keep what became of each submission of an act on many."""
    bulk.make(db)
