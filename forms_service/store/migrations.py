"""Each change of the tables, numbered, in the order in which they are made.

A new one comes last, with the oldest program that may run beside it
(`oldest_program.NAMED`).
"""

from typing import Any

from sqlite_utils import Database

from . import (
    announcements,
    attempts,
    bulk,
    calls,
    contacts,
    contents,
    erasures,
    meetings,
    messages,
    oldest_program,
    queue_indexes,
    replies,
    reports,
    sealing,
    staff_rights,
)
from .early_migrations import MIGRATIONS as MIGRATIONS


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
def m029_meetings(db: Database) -> None:
    """Keep meetings with who was there, and reports that read the same for ever."""
    meetings.make(db)
    reports.make(db)


@MIGRATIONS()
def m030_staff_rights(db: Database) -> None:
    """Keep what each member of staff may do, and their second factor."""
    staff_rights.make(db)


@MIGRATIONS()
def m031_received(db: Database) -> None:
    """Index the queue by receipt, which of paper is a day before it was typed."""
    queue_indexes.make(db)


@MIGRATIONS()
def m032_telling(db: Database) -> None:
    """Let news of an event be told in steps."""
    announcements.tell_in_steps(db)


@MIGRATIONS()
def m034_keys(db: Database) -> None:
    """Let a member turn off that single letters act."""
    db.execute("ALTER TABLE staff ADD COLUMN wants_keys INTEGER NOT NULL DEFAULT 1")


@MIGRATIONS()
def m035_bulk(db: Database) -> None:
    """Keep what became of each submission of an act on many."""
    bulk.make(db)


@MIGRATIONS()
def m036_messages(db: Database) -> None:
    """Keep what staff write to many at once, and which mail brings it."""
    messages.make(db)


@MIGRATIONS()
def m037_unproven(db: Database) -> None:
    """Find whom nothing shows in the order of their index, on PostgreSQL too."""
    queue_indexes.order_unproven(db)


@MIGRATIONS()
def m039_calls(db: Database) -> None:
    """Keep who is to be told by phone, and who was."""
    calls.make(db)


@MIGRATIONS()
def m040_reasons_to_call(db: Database) -> None:
    """Keep each reason to call by itself, and find the calls due before m039."""
    calls.part_reasons(db)


@MIGRATIONS()
def m043_replaced_logs(db: Database) -> None:
    """Find when copies were put back without reading the log."""
    db.execute(sealing.INDEX)
