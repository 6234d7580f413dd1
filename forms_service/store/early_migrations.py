"""The first changes of the tables, up to the searches of staff: then `migrations`."""

from pathlib import Path

from sqlite_utils import Database, Migrations

from . import alarms, announcements, attachments, counts, search, timeline
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
