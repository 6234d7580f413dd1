"""The indexes that keep the list quick at a million rows: its orders, and its needs."""

from typing import Any

from .queue import DUE, OPEN, RECEIVED

_DROPPED = ("submissions_queue", "submissions_status")
_MADE = (
    f"submissions_queue ON submissions (form_id, status, {RECEIVED}, number)",
    f"submissions_status ON submissions (status, {RECEIVED}, number)",
    f"submissions_received ON submissions ({RECEIVED}, number)",
    f"submissions_form_received ON submissions (form_id, {RECEIVED}, number)",
    f"submissions_due ON submissions (status, {DUE}, number) WHERE {OPEN}",
    # One column more than is asked for, so that SQLite takes it before that of states.
    "submissions_unproven ON submissions (status, proof, number) "
    "WHERE status = 'new' AND proof = 'none'",
    "events_asked ON events (submission) WHERE verb = 'ask_correction'",
)


def make(db: Any) -> None:
    """Make them in place of those that went by number, the order of typing."""
    for name in _DROPPED:
        db.execute(f"DROP INDEX {name}")
    for index in _MADE:
        db.execute(f"CREATE INDEX {index}")
