"""What has happened to a request and what became of its mails, in plain words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...mail.kinds import KINDS
from ...store import events
from ...store.events import Event, EventVerb
from ...store.outbox import HELD, StoredMail
from ...words import N_, Words

READS = (EventVerb.READ, EventVerb.READ_ATTACHMENT)
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
class MailLine:
    """One mail: what it is about, where it stands, and whether that is bad."""

    about: str
    state: str
    failed: bool


def told(
    happened: Sequence[Event], staff: Mapping[int, str], words: Words
) -> list[Line]:
    """Return the history, newest first."""
    return [
        Line(event.at, _what(event, words), who(event.actor, staff, words))
        for event in reversed(happened)
    ]


def _what(event: Event, words: Words) -> str:
    text = words.say(events.label_of(event.verb))
    kind = event.detail.get("kind")
    if isinstance(kind, str):
        return f"{text}: {_mail(kind, words)}"
    return text


def _mail(kind: str, words: Words) -> str:
    return words.say(KINDS[kind].label) if kind in KINDS else kind


def who(actor: str, staff: Mapping[int, str], words: Words) -> str:
    """Return who did something, as staff know them."""
    kind, _, number = actor.partition(":")
    if kind == "staff":
        return staff.get(int(number), words.say("a former member of staff"))
    return words.say(ACTORS.get(actor, actor))


def post(mails: Sequence[StoredMail], now: datetime, words: Words) -> list[MailLine]:
    """Return where each mail stands, newest first."""
    return [
        MailLine(
            _mail(mail.kind, words),
            _state(mail, now, words),
            mail.sent_at is None and mail.reason is not None,
        )
        for mail in reversed(mails)
    ]


def _state(mail: StoredMail, now: datetime, words: Words) -> str:
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
