"""Requests that may come from the same person."""

from ..definition.contact import phone_end
from .connection import Connection
from .submissions import SELECT, Submission, from_row


def same_person(db: Connection, submission: Submission) -> list[Submission]:
    """Return other submissions to the same form with the same address or phone.

    Extensions are of one phone: it rings at the same place.
    """
    # With OR, or with a bare form_id, SQLite reads every row of the form: 8 ms each
    # time at 20,000 rows, and the queue asks fifty times.
    rows = db.execute(
        f"{SELECT} WHERE number IN ("
        "SELECT number FROM submissions WHERE email = ? "
        "UNION SELECT number FROM submissions WHERE phone_end = ?) "
        "AND form_id || '' = ? AND id <> ? ORDER BY number DESC LIMIT 20",
        [
            submission.email,
            phone_end(submission.phone),
            submission.form_id,
            submission.id,
        ],
    )
    return [from_row(row) for row in rows]
