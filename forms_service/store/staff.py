"""Staff members and their sessions, as rows."""

from dataclasses import dataclass
from datetime import datetime

from ..clock import from_utc_text, utc_text
from . import staff_rights
from .connection import Connection, Row
from .staff_rights import Grant, StaffRole


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person who may read and decide."""

    id: int
    email: str
    password: str | None
    setup_generation: int
    setup_expires_at: datetime | None
    wants_mail: bool
    digest_at: datetime | None
    disabled_at: datetime | None
    role: StaffRole
    signed_in_at: datetime | None
    wants_keys: bool


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in; only the digest of its secret is stored."""

    staff: StaffMember
    grant: Grant
    factor: bool
    """Whether the member has a second factor: then no session opens without it."""
    created_at: datetime
    seen_at: datetime


_COLUMNS = (
    "staff.id, email, password, setup_generation, setup_expires_at, wants_mail, "
    "digest_at, disabled_at, role, signed_in_at, wants_keys"
)


def _when(text: str | None) -> datetime | None:
    return from_utc_text(text) if text else None


def _member(row: Row) -> StaffMember:
    return StaffMember(
        row["id"],
        row["email"],
        row["password"],
        row["setup_generation"],
        _when(row["setup_expires_at"]),
        bool(row["wants_mail"]),
        _when(row["digest_at"]),
        _when(row["disabled_at"]),
        StaffRole(row["role"]),
        _when(row["signed_in_at"]),
        bool(row["wants_keys"]),
    )


def any_account(db: Connection) -> bool:
    """Say whether anybody can sign in."""
    row = db.execute(
        "SELECT 1 FROM staff WHERE password IS NOT NULL AND disabled_at IS NULL LIMIT 1"
    ).fetchone()
    return row is not None


def invite(db: Connection, email: str, now: datetime, expires: datetime) -> StaffMember:
    """Add a member, or give an existing one a new set-up link; older links end."""
    row = db.execute(
        "INSERT INTO staff (email, setup_generation, setup_expires_at, created_at) "
        "VALUES (?, 1, ?, ?) ON CONFLICT (email) DO UPDATE SET "
        "setup_generation = staff.setup_generation + 1, "
        "setup_expires_at = excluded.setup_expires_at, disabled_at = NULL "
        f"RETURNING {_COLUMNS}",
        [email, utc_text(expires), utc_text(now)],
    ).fetchone()
    return _member(row)


def by_email(db: Connection, email: str) -> StaffMember | None:
    """Return the member with an address, whatever its capitals, or None."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM staff WHERE email = ? AND disabled_at IS NULL",
        [email],
    ).fetchone()
    return _member(row) if row else None


def get(db: Connection, staff_id: int) -> StaffMember | None:
    """Return a member, or None."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM staff WHERE id = ?",
        [staff_id],
    ).fetchone()
    return _member(row) if row else None


def everyone(db: Connection) -> list[StaffMember]:
    """Return all members that were not removed, by address."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM staff WHERE disabled_at IS NULL ORDER BY email"
    )
    return [_member(row) for row in rows]


def administrators(db: Connection) -> list[StaffMember]:
    """Return who can sign in and change what others may do, by address."""
    return [
        member
        for member in everyone(db)
        if member.password and member.role is StaffRole.ADMINISTRATOR
    ]


def remove(db: Connection, staff_id: int, now: datetime) -> None:
    """Empty a member's row for ever, and end sessions, set-up link and hourly mails;
    what they saw to is nobody's again.

    The number stays taken: in the log, given again, it would mean somebody else. It
    also stands in for the address, which must not be missing and differ from others.
    """
    close_sessions_of(db, staff_id)
    for table in ("staff_forms", "factors", "recovery_codes"):
        db.execute(f"DELETE FROM {table} WHERE staff = ?", [staff_id])
    db.execute("DELETE FROM outbox WHERE staff = ?", [staff_id])
    db.execute("UPDATE submissions SET assignee = NULL WHERE assignee = ?", [staff_id])
    db.execute(
        "UPDATE staff SET email = CAST(id AS TEXT), password = NULL, "
        "setup_expires_at = NULL, setup_generation = setup_generation + 1, "
        "wants_mail = 0, digest_at = NULL, role = 'reader', disabled_at = ? "
        "WHERE id = ?",
        [utc_text(now), staff_id],
    )


def let_set_up(db: Connection, staff_id: int, until: datetime) -> None:
    """Let a member choose a password until then, or as long as it was before."""
    db.execute(
        "UPDATE staff SET setup_expires_at = ? WHERE id = ? "
        "AND (setup_expires_at IS NULL OR setup_expires_at < ?)",
        [utc_text(until), staff_id, utc_text(until)],
    )


def set_password(db: Connection, staff_id: int, generation: int, password: str) -> bool:
    """Store a password hash and end the set-up link; False if the link is over."""
    done = db.execute(
        "UPDATE staff SET password = ?, setup_expires_at = NULL, signed_in = 0, "
        "setup_generation = setup_generation + 1 "
        "WHERE id = ? AND setup_generation = ? RETURNING id",
        [password, staff_id, generation],
    ).fetchone()
    return done is not None


def rehash(db: Connection, staff_id: int, password: str) -> None:
    """Replace a password hash by a stronger one, unless the member was removed."""
    db.execute(
        "UPDATE staff SET password = ? WHERE id = ? AND disabled_at IS NULL",
        [password, staff_id],
    )


def note_sign_in(db: Connection, member: StaffMember, now: datetime) -> bool | None:
    """Note that somebody signs in; say whether it is the first with this password.

    None for whoever was removed, or has another password, since the member was read.
    """
    row = db.execute(
        "UPDATE staff SET signed_in_at = ? WHERE id = ? AND setup_generation = ? "
        "AND disabled_at IS NULL RETURNING signed_in",
        [utc_text(now), member.id, member.setup_generation],
    ).fetchone()
    if row is None:
        return None
    db.execute("UPDATE staff SET signed_in = 1 WHERE id = ?", [member.id])
    return not row[0]


def set_wants_mail(db: Connection, staff_id: int, wants: bool) -> None:
    """Turn the hourly mail of a member on or off."""
    db.execute("UPDATE staff SET wants_mail = ? WHERE id = ?", [int(wants), staff_id])


def set_wants_keys(db: Connection, staff_id: int, wants: bool) -> None:
    """Turn the keys of the desk on or off for a member."""
    db.execute("UPDATE staff SET wants_keys = ? WHERE id = ?", [int(wants), staff_id])


def digest_sent(db: Connection, staff_id: int, now: datetime) -> None:
    """Remember when a member was last told."""
    db.execute("UPDATE staff SET digest_at = ? WHERE id = ?", [utc_text(now), staff_id])


def open_session(
    db: Connection, digest: str, staff_id: int, now: datetime, browser: str = ""
) -> None:
    """Store the digest of a session's secret, and what its browser is called."""
    at = utc_text(now)
    db.execute(
        "INSERT INTO sessions (digest, staff, created_at, seen_at, browser) "
        "VALUES (?, ?, ?, ?, ?)",
        [digest, staff_id, at, at, browser],
    )


def session(db: Connection, digest: str) -> Session | None:
    """Return the session with this digest, or None."""
    row = db.execute(
        f"SELECT {_COLUMNS}, sessions.created_at AS began, seen_at, "
        "(SELECT count(*) FROM factors WHERE factors.staff = staff.id) AS factor "
        "FROM sessions JOIN staff ON staff.id = sessions.staff WHERE digest = ?",
        [digest],
    ).fetchone()
    if row is None:
        return None
    member = _member(row)
    forms = staff_rights.forms_of(db, [member.id])[member.id]
    return Session(
        member,
        Grant(member.role, forms),
        bool(row["factor"]),
        from_utc_text(row["began"]),
        from_utc_text(row["seen_at"]),
    )


def touch_session(db: Connection, digest: str, now: datetime) -> None:
    """Remember that a session is in use."""
    db.execute(
        "UPDATE sessions SET seen_at = ? WHERE digest = ?", [utc_text(now), digest]
    )


def close_session(db: Connection, digest: str) -> None:
    """End one session."""
    db.execute("DELETE FROM sessions WHERE digest = ?", [digest])


def close_sessions_of(db: Connection, staff_id: int, but: str = "") -> None:
    """End every session of a member, but one."""
    db.execute("DELETE FROM sessions WHERE staff = ? AND digest <> ?", [staff_id, but])


def drop_old_sessions(db: Connection, idle: datetime, begun: datetime) -> int:
    """Delete sessions not seen since `idle` or begun before `begun`."""
    return db.execute(
        "DELETE FROM sessions WHERE seen_at <= ? OR created_at <= ?",
        [utc_text(idle), utc_text(begun)],
    ).rowcount
