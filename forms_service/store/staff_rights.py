"""The role of each member of staff and the forms they may see, as rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from . import audit_trail, oldest_program
from .connection import Connection
from .visibility import ALL_FORMS, EVERY, VisibleForms


class StaffRole(StrEnum):
    """How far a member may go, from the least on."""

    READER = "reader"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a member may do: a role, and with which forms; as it stands, nothing."""

    role: StaffRole = StaffRole.READER
    forms: VisibleForms = VisibleForms()


EVERYTHING = Grant(StaffRole.ADMINISTRATOR, ALL_FORMS)
MIGRATION = 30


def make(db: Any) -> None:
    """Let whoever is there go on with everything, and be told; who comes has nothing.

    A program from before knows no roles: it may run while none but these are there.
    """
    for column in (
        "role TEXT NOT NULL DEFAULT 'reader'",
        # Whether the member is still to be told what has become of the account.
        "untold INTEGER NOT NULL DEFAULT 0",
        "signed_in_at TEXT",
    ):
        db.execute(f"ALTER TABLE staff ADD COLUMN {column}")
    db.execute("ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT ''")
    of_staff = "staff INTEGER NOT NULL REFERENCES staff (id) ON DELETE CASCADE"
    db.execute(
        f"CREATE TABLE staff_forms ({of_staff}, form_id TEXT NOT NULL, "
        "PRIMARY KEY (staff, form_id)) WITHOUT ROWID"
    )
    db.execute(
        f"CREATE TABLE factors ({of_staff}, secret TEXT NOT NULL, "
        "since TEXT NOT NULL, used_at TEXT NOT NULL, PRIMARY KEY (staff)) WITHOUT ROWID"
    )
    db.execute(
        f"CREATE TABLE recovery_codes ({of_staff}, digest TEXT NOT NULL, "
        "PRIMARY KEY (staff, digest)) WITHOUT ROWID"
    )
    db.execute(audit_trail.INDEX)
    there = "disabled_at IS NULL"
    db.execute(f"UPDATE staff SET role = 'administrator', untold = 1 WHERE {there}")
    db.execute(f"INSERT INTO staff_forms SELECT id, '{EVERY}' FROM staff WHERE {there}")


def grant(db: Connection, staff_id: int, given: Grant) -> None:
    """Replace what a member may do.

    A program that knows no rights would let them do everything: it runs no more.
    """
    if given != EVERYTHING:
        oldest_program.require(db, MIGRATION)
    db.execute("UPDATE staff SET role = ? WHERE id = ?", [given.role, staff_id])
    db.execute("DELETE FROM staff_forms WHERE staff = ?", [staff_id])
    for form_id in sorted(given.forms.ids):
        db.execute("INSERT INTO staff_forms VALUES (?, ?)", [staff_id, form_id])


def forms_of(db: Connection, staff_ids: Iterable[int]) -> dict[int, VisibleForms]:
    """Return which forms each of these members may see."""
    ids = list(staff_ids)
    marks = ", ".join("?" * len(ids)) or "NULL"
    rows = db.execute(
        f"SELECT staff, form_id FROM staff_forms WHERE staff IN ({marks})", ids
    )
    found: dict[int, set[str]] = {staff_id: set() for staff_id in ids}
    for staff_id, form_id in rows:
        found[staff_id].add(form_id)
    return {key: VisibleForms(frozenset(forms)) for key, forms in found.items()}


def note_told(db: Connection, staff_id: int) -> bool:
    """Note that a member is told what has become of the account; False: it was so."""
    row = db.execute(
        "UPDATE staff SET untold = 0 WHERE id = ? AND untold = 1 RETURNING id",
        [staff_id],
    ).fetchone()
    return row is not None
