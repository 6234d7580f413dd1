"""The indexes that keep the list quick at a million rows: its orders, and its needs.

A query takes one when it asks for the very expressions that stand in it.
"""

from typing import Any

# When paper came in is known as a day: it stands at noon of it, in every zone.
_NOON = "T12:00:00+00:00"
RECEIVED = f"coalesce(received_on || '{_NOON}', created_at)"
# What no answer is promised for comes after everything that has a day.
_NEVER = "9999-12-31"
DUE = f"coalesce(due_on, '{_NEVER}')"
# What a day presses for.
OPEN = "status IN ('new', 'correction_asked')"
# The order of whom nothing shows, which no other index has.
UNPROVEN = "proof || ''"

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


def order_unproven(db: Any) -> None:
    """Give the index of whom nothing shows an order that no other has.

    PostgreSQL takes state and proof to have nothing to do with each other: expecting
    many rows with both, it looked for them among all rows.
    """
    db.execute("DROP INDEX submissions_unproven")
    db.execute(
        f"CREATE INDEX submissions_unproven ON submissions (status, ({UNPROVEN}), "
        "number) WHERE status = 'new' AND proof = 'none'"
    )
