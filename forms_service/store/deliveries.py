"""The outbox while mails leave: claimed with a lease, their outcome reported."""

from collections.abc import Collection
from datetime import datetime, timedelta

from ..clock import from_utc_text, utc_text
from ..definition.contact import mailbox_key
from .connection import Connection, literal
from .outbox import COLUMNS, StoredMail, mail_of

LEASE = timedelta(minutes=2)
# How many of the senders write to one domain at once: half of them.
TO_A_DOMAIN = 2
_UNSENT = "sent_at IS NULL AND failed_at IS NULL"
_DUE = f"{_UNSENT} AND not_before <= ? AND (lease_until IS NULL OR lease_until <= ?)"
_SMOOTH = (
    " AND attempts = 0 AND domain NOT IN (SELECT domain FROM outbox"
    f" WHERE {_UNSENT} AND attempts > 0 AND reason IS NOT NULL)"
)


def _known(kinds: Collection[str]) -> str:
    """Return the condition that the kind is one of these."""
    return f"kind IN ({', '.join(map(literal, kinds))})"


def waits(db: Connection, now: datetime, kinds: Collection[str]) -> bool:
    """Say whether any mail of these kinds is due that nobody is sending."""
    due = f"SELECT 1 FROM outbox WHERE {_DUE} AND {_known(kinds)} LIMIT 1"
    return db.execute(due, [utc_text(now), utc_text(now)]).fetchone() is not None


def claim(
    db: Connection, now: datetime, kinds: Collection[str], smooth: bool = False
) -> StoredMail | None:
    """Take the next due mail for two minutes, or None; what is new before what failed.

    None of a kind that a newer program beside this one has queued: it sends that.

    No domain is written to by more than two senders at once, and a `smooth` one takes
    nothing that was tried before, nor anything for a domain where something was: a
    server that keeps us waiting has never all of them.

    Mails about one submission to one address leave in order: a later one waits for
    the earlier, unless that one is only to leave later (a limit) or has failed for
    good.
    """
    moment = utc_text(now)
    row = db.execute(
        "UPDATE outbox SET lease_until = ?, attempts = attempts + 1 WHERE id = ("
        f" SELECT id FROM outbox AS mail WHERE {_DUE}"
        " AND domain NOT IN (SELECT domain FROM outbox WHERE lease_until > ?"
        "  GROUP BY domain HAVING count(*) >= ?)"
        f" AND {_known(kinds)}{_SMOOTH if smooth else ''}"
        " AND NOT EXISTS (SELECT 1 FROM outbox AS earlier"
        "  WHERE earlier.submission = mail.submission AND earlier.id < mail.id"
        "  AND earlier.address = mail.address"
        "  AND earlier.sent_at IS NULL AND earlier.failed_at IS NULL"
        # One that is due was passed over only because somebody is claiming it.
        "  AND (earlier.attempts > 0 OR earlier.not_before <= ?))"
        f" ORDER BY attempts, not_before, id LIMIT 1{db.dialect.free_mail})"
        f" RETURNING {COLUMNS}",
        [utc_text(now + LEASE), moment, moment, moment, TO_A_DOMAIN, moment],
    ).fetchone()
    return mail_of(row) if row else None


def sent(db: Connection, mail_id: int, now: datetime) -> None:
    """Report that the mail server has taken a mail, whoever has given it up since."""
    db.execute(
        "UPDATE outbox SET sent_at = ?, failed_at = NULL, lease_until = NULL, "
        "reason = NULL WHERE id = ?",
        [utc_text(now), mail_id],
    )


# What a sender reports that was stopped for longer than its lease counts no more:
# another has the mail, for its own attempt.
_OURS = "WHERE id = ? AND attempts = ? AND sent_at IS NULL"


def put_back(db: Connection, mail: StoredMail, reason: str) -> None:
    """Put a mail back untried, with what was in the way of all of them."""
    db.execute(
        "UPDATE outbox SET attempts = attempts - 1, lease_until = NULL, reason = ? "
        f"{_OURS}",
        [reason, mail.id, mail.attempts],
    )


def set_aside(
    db: Connection, mails: Collection[int], not_before: datetime, reason: str
) -> None:
    """Let mails wait, also those given up with this reason that nobody has told."""
    marks = ", ".join("?" * len(mails))
    db.execute(
        "UPDATE outbox SET failed_at = NULL, lease_until = NULL, attempts = 0, "
        f"not_before = ?, reason = ? WHERE id IN ({marks}) AND sent_at IS NULL "
        "AND told_at IS NULL AND (failed_at IS NULL OR reason = ?)",
        [utc_text(not_before), reason, *mails, reason],
    )


def postpone(db: Connection, mail_id: int, not_before: datetime) -> None:
    """Put a mail back untried, until it may leave; one tried before stays due since."""
    db.execute(
        "UPDATE outbox SET attempts = attempts - 1, lease_until = NULL, "
        "due_at = CASE WHEN attempts > 1 THEN due_at ELSE ? END, "
        "not_before = ? WHERE id = ?",
        [utc_text(not_before), utc_text(not_before), mail_id],
    )


def retry(db: Connection, mail: StoredMail, not_before: datetime, reason: str) -> None:
    """Put a mail back until later, with what the server said."""
    db.execute(
        f"UPDATE outbox SET not_before = ?, lease_until = NULL, reason = ? {_OURS}",
        [utc_text(not_before), reason, mail.id, mail.attempts],
    )


def fail(db: Connection, mail: StoredMail, now: datetime, reason: str) -> bool:
    """Give a mail up, with the reason that staff see; False if it is another's now."""
    changed = db.execute(
        f"UPDATE outbox SET failed_at = ?, lease_until = NULL, reason = ? {_OURS}",
        [utc_text(now), reason, mail.id, mail.attempts],
    )
    return changed.rowcount > 0


def bounced(db: Connection, mail_id: int, now: datetime, reason: str) -> bool:
    """Report that a mail came back after it had been taken; False if it is known."""
    changed = db.execute(
        "UPDATE outbox SET failed_at = ?, sent_at = NULL, reason = ? "
        "WHERE id = ? AND sent_at IS NOT NULL",
        [utc_text(now), reason, mail_id],
    )
    return changed.rowcount > 0


def drop(db: Connection, mail_id: int) -> None:
    """Remove a mail that has nothing left to say."""
    db.execute("DELETE FROM outbox WHERE id = ?", [mail_id])


def too_old(db: Connection, mail_id: int, due_before: datetime) -> bool:
    """Say whether a mail has been due for longer than the horizon, or is gone."""
    row = db.execute(
        "SELECT 1 FROM outbox WHERE id = ? AND due_at > ?",
        [mail_id, utc_text(due_before)],
    ).fetchone()
    return row is None


def recent(
    db: Connection,
    email: str,
    kinds: frozenset[str],
    since: datetime,
    now: datetime,
    but: int = 0,
) -> list[datetime]:
    """Return when mails of some kinds but one to a mailbox leave or left, oldest first.

    However its address was written; of those for many requests only what leaves now.
    """
    marks = ", ".join("?" * len(kinds))
    rows = db.execute(
        f"SELECT not_before FROM outbox WHERE mailbox = ? AND kind IN ({marks}) "
        "AND not_before > ? AND (sent_at IS NOT NULL OR submission IS NOT NULL "
        "OR lease_until > ?) AND id <> ? ORDER BY not_before",
        [mailbox_key(email), *sorted(kinds), utc_text(since), utc_text(now), but],
    )
    return [from_utc_text(row[0]) for row in rows]
