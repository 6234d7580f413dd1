"""The log of what happened: append-only; `sealing` chains its entries a second later.

An event holds ids, verb, actor and time, never an address, an answer or free text, so
it may outlive the submission.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from ..clock import from_utc_text, utc_text
from ..i18n import N_
from .connection import Connection

# Made once: `dumps` makes another for each text that it does not write its own way.
_write_detail = json.JSONEncoder(sort_keys=True).encode


class EventVerb(StrEnum):
    """What can happen, and what staff read of it in the history of a submission.

    Without a label are those that no history shows: staff, mails and exports as a
    whole, and the end of a submission.
    """

    label: str

    def __new__(cls, name: str, label: str = "") -> Self:
        """Keep the label beside the stored name."""
        verb = str.__new__(cls, name)
        verb._value_, verb.label = name, label
        return verb

    SEND = "send", N_("Request sent")
    ENTER = "enter", N_("Request entered by staff")
    CONFIRM = "confirm", N_("Address confirmed")
    RESEND = "resend", N_("Asked for the confirmation email again")
    CHANGE_ADDRESS = "change_address", N_("Email address changed")
    LOST_LINK = "lost_link", N_("Asked for a new personal link")
    REQUEST_CODE = "request_code", N_("Asked for a code by email")
    ACCEPT = "accept", N_("Request accepted")
    DECLINE = "decline", N_("Request declined")
    ASK_CORRECTION = "ask_correction", N_("Correction asked for")
    CORRECT = "correct", N_("Answers corrected")
    REPAIR = "repair", N_("Answers corrected by staff")
    MEND_ADDRESS = "mend_address", N_("Email address corrected by staff")
    STOP_WAITING = "stop_waiting", N_("Correction no longer waited for")
    PROVE = "prove", N_("Identity proven")
    RETRY = "retry", N_("Emails sent again")
    TELL = "tell", N_("Told by phone")
    TELL_BACK = "tell_back", N_("Call taken back: still to be made")
    WITHDRAW = "withdraw", N_("Request withdrawn")
    REOPEN = "reopen", N_("Request opened again")
    UNDO = "undo", N_("Decision taken back")
    SETTLE = "settle", N_("Place passed on")
    PROMOTE = "promote", N_("Place given")
    ASK_RENEWAL = "ask_renewal", N_("Asked whether they stay in the register")
    RENEW = "renew", N_("Stays in the register")
    CONTACT = "contact", N_("Contacted")
    RELEASE = "release", N_("Place lost: the address was not confirmed in time")
    NOTE = "note", N_("Note written")
    MESSAGE = "message", N_("Message to many queued")
    MESSAGE_BACK = "message_back", N_("Message taken back")
    ASSIGN = "assign", N_("Person in charge changed")
    SENT = "sent", N_("Email sent")
    FAILED = "failed", N_("Email not delivered")
    ERASE_FIELDS = "erase_fields", N_("Some answers erased, as promised")
    ATTACH = "attach", N_("Scan added")
    DETACH = "detach", N_("Scan removed")
    READ = "read", N_("Answers opened")
    READ_ATTACHMENT = "read_attachment", N_("Scan opened")
    ERASE = "erase"
    PURGE = "purge"
    REMINDER = "reminder"
    EVENT_CHANGED = "event_changed"
    EXPORT = "export", N_("Copy made for the person")
    SEARCH_REGISTER = "search_register"
    MEETING = "meeting"
    ATTENDANCE = "attendance"
    FIX_REPORT = "fix_report"
    READ_REPLIES = "read_replies"
    RESTORE = "restore"
    MAIL_RETRY = "mail_retry"
    MAIL_RELEASE = "mail_release"
    INVITE = "invite"
    ASK_PASSWORD = "ask_password", ""
    SET_UP = "set_up"
    CHANGE_PASSWORD = "change_password", ""
    GRANT = "grant"
    SET_UP_FACTOR = "set_up_factor"
    RESET_FACTOR = "reset_factor"
    REMOVE_STAFF = "remove_staff"
    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_BLOCKED = "sign_in_blocked"
    SIGN_OUT = "sign_out"
    REFUSED = "refused"
    CLOSE_SESSIONS = "close_sessions"
    CLOCK_ACCEPT = "clock_accept"
    CLOCK_BACK = "clock_back"
    LOG_KEY = "log_key"
    LOG_RESTART = "log_restart"


# What changes nothing that a decision rests on: a look, a mail or call, the wish for
# one, and who of the staff sees to it.
WITHOUT_CHANGE = (
    EventVerb.ASSIGN,
    EventVerb.MESSAGE,
    EventVerb.MESSAGE_BACK,
    EventVerb.READ,
    EventVerb.READ_ATTACHMENT,
    EventVerb.SENT,
    EventVerb.FAILED,
    EventVerb.RESEND,
    EventVerb.LOST_LINK,
    EventVerb.REQUEST_CODE,
    EventVerb.ASK_RENEWAL,
    EventVerb.CONTACT,
    EventVerb.EXPORT,
    EventVerb.TELL,
    EventVerb.TELL_BACK,
)
# What keeps the answers before it as a revision.
REPLACING = (EventVerb.CORRECT, EventVerb.REPAIR, EventVerb.MEND_ADDRESS)
# Done by whoever sent the form, or for them at the desk: news for staff.
BY_PERSON = (EventVerb.SEND, EventVerb.ENTER, EventVerb.CONFIRM, EventVerb.CORRECT)


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry of the log; its verb may be one of an older version."""

    id: int
    at: datetime
    actor: str
    verb: str
    submission: str | None
    detail: dict[str, Any]


def label_of(verb: str) -> str:
    """Return what staff read of a stored verb; one that is unknown reads as it is."""
    labels: Mapping[str, str] = {known: known.label for known in EventVerb}
    return labels.get(verb) or verb


def record(
    db: Connection,
    now: datetime,
    actor: str,
    verb: EventVerb,
    submission: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append an entry inside the transaction of what it tells; it is sealed later."""
    db.execute(
        "INSERT INTO events (at, actor, verb, submission, detail) "
        "VALUES (?, ?, ?, ?, ?)",
        [utc_text(now), actor, verb, submission, _write_detail(dict(detail or {}))],
    )


def readers(db: Connection, submission_id: str, since: datetime) -> dict[str, datetime]:
    """Return who of the staff reads a submission since when, if no other meanwhile."""
    rows = db.execute(
        "SELECT actor, min(at) FROM events AS seen WHERE submission = ? "
        "AND verb = ? AND at >= ? AND substr(actor, 1, 6) = 'staff:' "
        "AND NOT EXISTS (SELECT 1 FROM events AS other WHERE other.id > seen.id "
        "AND other.actor = seen.actor AND other.verb = seen.verb "
        "AND other.submission <> seen.submission) "
        "GROUP BY actor ORDER BY 2, 1",
        [submission_id, EventVerb.READ, utc_text(since)],
    )
    return {row[0]: from_utc_text(row[1]) for row in rows}


def of_submission(db: Connection, submission_id: str) -> list[AuditEvent]:
    """Return the history of a submission, oldest first."""
    rows = db.execute(
        "SELECT id, at, actor, verb, submission, detail FROM events "
        "WHERE submission = ? ORDER BY id",
        [submission_id],
    )
    return [
        AuditEvent(r[0], from_utc_text(r[1]), r[2], r[3], r[4], json.loads(r[5]))
        for r in rows
    ]
