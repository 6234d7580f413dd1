"""What has happened to a request and what became of its mails, in plain words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ...i18n import N_, Translator
from ...mail.kinds import KINDS
from ...shapes.answer_summary import Change, changes
from ...shapes.chrome import verbatim
from ...store import events, revisions
from ...store.connection import Connection
from ...store.events import AuditEvent, EventVerb
from ...store.outbox import HELD, StoredMail
from ...store.submissions import Submission
from ...workflow.context import WorkflowContext
from ...workflow.correcting import WHY

READS = (EventVerb.READ, EventVerb.READ_ATTACHMENT)
ACTORS: Mapping[str, str] = {
    "citizen": N_("the person"),
    "service": N_("the service"),
    "mail": N_("the service"),
    "command": N_("the administrator"),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
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


def history_lines(
    happened: Sequence[AuditEvent],
    staff: Mapping[int, str],
    translator: Translator,
    reasons: Mapping[str, str],
) -> list[HistoryLine]:
    """Return the history, newest first; `reasons` are labels of those for a refusal."""
    return [
        HistoryLine(
            event.at,
            _what(event, translator, reasons),
            who(event.actor, staff, translator),
        )
        for event in reversed(happened)
    ]


def _what(event: AuditEvent, translator: Translator, reasons: Mapping[str, str]) -> str:
    text = translator.gettext(events.label_of(event.verb))
    if ids := event.detail.get("reasons"):
        return f"{text}: {translator.format_list(reasons.get(id_, id_) for id_ in ids)}"
    kind = event.detail.get("kind")
    if isinstance(kind, str):
        return f"{text}: {_mail(kind, translator)}"
    if why := WHY.get(event.detail.get("why", "")):
        return f"{text}: {translator.gettext(why)}"
    return text


def _mail(kind: str, translator: Translator) -> str:
    return translator.gettext(KINDS[kind].label) if kind in KINDS else kind


def who(actor: str, staff: Mapping[int, str], translator: Translator) -> str:
    """Return who did something, as staff know them."""
    kind, _, number = actor.partition(":")
    if kind == "staff":
        email = staff.get(int(number), "")
        return verbatim(email) or translator.gettext("a former member of staff")
    return translator.gettext(ACTORS.get(actor, actor))


def mail_lines(
    mails: Sequence[StoredMail], now: datetime, translator: Translator
) -> list[MailLine]:
    """Return where each mail stands, newest first."""
    return [
        MailLine(
            _mail(mail.kind, translator),
            _state(mail, now, translator),
            mail.sent_at is None and mail.reason is not None and not mail.told_at,
        )
        for mail in reversed(mails)
    ]


# What servers say for good, by their codes (RFC 3463), in this order.
REASONS = (
    (r"\.1\.[0-9]+$", N_("the mailbox does not exist")),
    (r"\.2\.1$", N_("the mailbox is closed")),
    (r"\.2\.2$|^552$", N_("the mailbox is full")),
    (r"\.(?:2\.3|3\.4)$", N_("the message is too big for the server")),
    (r"\.4\.[0-9]+$", N_("the server could not be reached for days")),
    (r"\.7\.[0-9]+(?: at AUTH)?$", N_("the server refuses our messages")),
    (r"^55[013]$", N_("the mailbox does not exist, or the server refuses us")),
    (r"^4", N_("the server has put it off again and again")),
    (r" at [a-z]+$| s, at ", N_("the server could not be reached")),
    (r"^SMTPUTF8", N_("our server cannot write to addresses in this alphabet")),
    (r"^5", N_("the server refuses it")),
)


def reason_in_words(reason: str, translator: Translator) -> str:
    """Return why a mail did not arrive, with the code; an unknown one is as it is."""
    for pattern, words in REASONS:
        if re.search(pattern, reason):
            return f"{translator.gettext(words)} ({reason})"
    return reason


def failure_in_words(mail: StoredMail | None, translator: Translator) -> str:
    """Say which mail did not arrive, why, and how long it was tried."""
    if mail is None or mail.failed_at is None:
        return ""
    said = translator.gettext(
        "“{about}” did not arrive: {reason}.",
        about=_mail(mail.kind, translator),
        reason=reason_in_words(mail.reason or "", translator),
    )
    if mail.refused:
        return said
    tried = translator.gettext(
        "It was tried from {since} to {until}.",
        since=translator.format_datetime(mail.due_at),
        until=translator.format_datetime(mail.failed_at),
    )
    return f"{said} {tried}"


def _state(mail: StoredMail, now: datetime, translator: Translator) -> str:
    if mail.sent_at:
        return translator.gettext(
            "sent on {when}", when=translator.format_datetime(mail.sent_at)
        )
    if mail.failed_at and mail.reason == HELD:
        when = translator.format_datetime(mail.failed_at)
        return translator.gettext(
            "held since the data were restored on {when}", when=when
        )
    if mail.told_at:
        when = translator.format_datetime(mail.told_at)
        return translator.gettext("did not arrive, told by phone on {when}", when=when)
    if mail.failed_at:
        return translator.gettext(
            "given up on {when}: {reason}",
            when=translator.format_datetime(mail.failed_at),
            reason=reason_in_words(mail.reason or "", translator),
        )
    if mail.reason:
        return translator.gettext(
            "not delivered yet ({reason}), next try on {when}",
            when=translator.format_datetime(mail.not_before),
            reason=reason_in_words(mail.reason, translator),
        )
    if mail.not_before > now:
        return translator.gettext(
            "leaves on {when}", when=translator.format_datetime(mail.not_before)
        )
    return translator.gettext("about to leave")


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction: its moment and the answers it changed."""

    at: datetime
    changes: list[Change]


def corrections(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> list[Correction]:
    """Return what each correction has changed, newest first."""
    newer = (context.form_of(db, submission, translator.lang), submission.answers)
    found = []
    for old in reversed(revisions.of_submission(db, submission.id)):
        then = replace(
            submission,
            fingerprint=old.fingerprint,
            lang=old.lang,
            text_hash=old.text_hash,
        )
        older = (context.form_of(db, then, translator.lang), old.answers)
        found.append(Correction(old.replaced_at, changes(older, newer, translator)))
        newer = older
    return found
