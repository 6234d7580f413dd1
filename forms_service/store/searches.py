"""What staff have searched for, as rows of their session, and gone with it."""

from .connection import Connection

# Of a session; of older ones the pages are no longer gone back to.
KEPT = 10


def add(db: Connection, digest: str, text: str) -> int:
    """Store words under the next number of a session, and forget the oldest.

    Return 0 for a session that has just ended.
    """
    # Its row is locked: until then nobody else searches in it, or ends it.
    held = db.execute(
        "UPDATE sessions SET seen_at = seen_at WHERE digest = ?", [digest]
    )
    if not held.rowcount:
        return 0
    row = db.execute(
        "INSERT INTO searches (session, number, text) "
        "SELECT ?, coalesce(max(number), 0) + 1, ? FROM searches WHERE session = ? "
        "RETURNING number",
        [digest, text, digest],
    ).fetchone()
    db.execute(
        "DELETE FROM searches WHERE session = ? AND number <= ?",
        [digest, row[0] - KEPT],
    )
    return int(row[0])


def get(db: Connection, digest: str, number: int) -> str:
    """Return the words under a number of a session; nothing when they are gone."""
    row = db.execute(
        "SELECT text FROM searches WHERE session = ? AND number = ?", [digest, number]
    ).fetchone()
    return str(row[0]) if row else ""
