"""What has happened to a request and what became of its mails, in plain words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...shapes import naming
from ...store.events import Event
from ...store.outbox import HELD, Mail
from ...words import N_, Words

READS = ("read", "read_attachment")
VERBS: Mapping[str, str] = {
    "send": N_("Request sent"),
    "enter": N_("Request entered by staff"),
    "confirm": N_("Address confirmed"),
    "resend": N_("Asked for the confirmation email again"),
    "change_address": N_("Email address changed"),
    "lost_link": N_("Asked for a new personal link"),
    "request_code": N_("Asked for a code by email"),
    "accept": N_("Request accepted"),
    "decline": N_("Request declined"),
    "ask_correction": N_("Correction asked for"),
    "correct": N_("Answers corrected"),
    "withdraw": N_("Request withdrawn"),
    "reopen": N_("Request opened again"),
    "promote": N_("Place given"),
    "release": N_("Place lost: the address was not confirmed in time"),
    "note": N_("Note written"),
    "sent": N_("Email sent"),
    "failed": N_("Email not delivered"),
    "erase_fields": N_("Some answers erased, as promised"),
    "attach": N_("Scan added"),
    "detach": N_("Scan removed"),
    "read": N_("Answers opened"),
    "read_attachment": N_("Scan opened"),
}
ACTORS: Mapping[str, str] = {
    "citizen": N_("the person"),
    "service": N_("the service"),
    "mail": N_("the service"),
    "command": N_("the administrator"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: when, what, and who did it."""

    at: datetime
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class Post:
    """One mail: what it is about, where it stands, and whether that is bad."""

    about: str
    state: str
    failed: bool


def told(events: Sequence[Event], staff: Mapping[int, str], words: Words) -> list[Line]:
    """Return the history, newest first."""
    return [
        Line(event.at, _what(event, words), who(event.actor, staff, words))
        for event in reversed(events)
    ]


def _what(event: Event, words: Words) -> str:
    text = words.say(VERBS.get(event.verb, event.verb))
    kind = event.detail.get("kind")
    if isinstance(kind, str):
        return f"{text}: {naming.name_of(naming.MAIL, kind, words)}"
    return text


def who(actor: str, staff: Mapping[int, str], words: Words) -> str:
    """Return who did something, as staff know them."""
    kind, _, number = actor.partition(":")
    if kind == "staff":
        return staff.get(int(number), words.say("a former member of staff"))
    return words.say(ACTORS.get(actor, actor))


def post(mails: Sequence[Mail], now: datetime, words: Words) -> list[Post]:
    """Return where each mail stands, newest first."""
    return [
        Post(
            naming.name_of(naming.MAIL, mail.kind, words),
            _state(mail, now, words),
            mail.sent_at is None and mail.reason is not None,
        )
        for mail in reversed(mails)
    ]


def _state(mail: Mail, now: datetime, words: Words) -> str:
    if mail.sent_at:
        return words.say("sent on {when}", when=words.moment(mail.sent_at))
    if mail.failed_at and mail.reason == HELD:
        when = words.moment(mail.failed_at)
        return words.say("held since the data were restored on {when}", when=when)
    if mail.failed_at:
        return words.say(
            "given up on {when}: {reason}",
            when=words.moment(mail.failed_at),
            reason=mail.reason or "",
        )
    if mail.reason:
        return words.say(
            "not delivered yet ({reason}), next try on {when}",
            when=words.moment(mail.not_before),
            reason=mail.reason,
        )
    if mail.not_before > now:
        return words.say("leaves on {when}", when=words.moment(mail.not_before))
    return words.say("about to leave")
