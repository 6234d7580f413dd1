"""Delivering queued mails: the next is claimed, written, and its outcome reported.

What a mail tells is read when it leaves. One that has nothing left to say (address
proven meanwhile, decision taken back, code over) is dropped.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from ..definition import FormDefinition, Text
from ..mail import kinds, message
from ..mail.kinds import KINDS
from ..mail.message import MailKind, MailMessage, Recipient
from ..store import (
    announcements,
    deliveries,
    events,
    queue,
    stopped,
    submissions,
)
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.outbox import StoredMail
from ..store.submissions import NotFound, Submission
from ..urls import behind_link, mail_link
from . import (
    capacity,
    correcting,
    declining,
    mail_queue,
    mail_to_staff,
    messaging,
    renewing,
    settling,
)
from .appointments import appointment, is_over
from .context import WorkflowContext

HORIZON = timedelta(hours=72)
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=15)


def claim(context: WorkflowContext, smooth: bool = False) -> StoredMail | None:
    """Take the next mail to send, by `deliveries.claim`; None when none is due."""
    now = context.clock()
    if not context.store.read(partial(deliveries.waits, now=now, kinds=KINDS)):
        return None
    take = partial(deliveries.claim, now=now, kinds=KINDS, smooth=smooth)
    while mail := context.store.write(take):
        if not context.store.read(partial(_still_true, context, mail)):
            context.store.write(partial(_drop, mail))
            continue
        may_leave = _PACED.get(mail.kind)
        if may_leave is None or context.store.write(partial(may_leave, mail, now)):
            return mail
    return None


def _drop(mail: StoredMail, db: Connection) -> None:
    messaging.unsent(db, mail)
    deliveries.drop(db, mail.id)


def _one_of_many(mail: StoredMail, now: datetime, db: Connection) -> bool:
    """Say whether a mail may leave, or put it off: of many spellings one leaves first.

    The mailbox is held meanwhile, and what another sender has claimed counts.
    """
    leaves = mail_queue.allowed(db, mail.email, kinds.verify_many, now, mail.id)
    if leaves <= now:
        return True
    deliveries.postpone(db, mail.id, mail_queue.in_turn(mail.email, leaves))
    return False


# What may have to wait although it is due, however many were due at once.
_PACED = {kinds.verify_many.name: _one_of_many, kinds.message.name: messaging.in_turn}


def _still_true(context: WorkflowContext, mail: StoredMail, db: Connection) -> bool:
    """Say whether what a mail tells is still so when it is about to leave."""
    kind = KINDS[mail.kind]
    if kind.to is Recipient.STAFF:
        return mail_to_staff.still_true(mail, db, context.clock())
    if mail.submission is None:
        return queue.newest_waiting(db, mail.email) is not None
    submission = submissions.find(db, mail.submission)
    # Only who is told that we no longer write there reads it at another address.
    elsewhere = kind.to is Recipient.FORMER
    if submission is None or (submission.email != mail.email) is not elsewhere:
        return False
    if kind is kinds.message and messaging.is_overtaken(db, mail, submission):
        return False
    submission = settling.visible(context, db, submission)
    return kind.still(submission, context.clock()) and _still_ahead(
        context, submission, kind, mail
    )


def _still_ahead(
    context: WorkflowContext, submission: Submission, kind: MailKind, mail: StoredMail
) -> bool:
    """Say whether a mail about an event still helps: put off, its reminder does not."""
    if not kind.about_event:
        return True
    form = context.form_today(submission.form_id)
    event = context.event_of(form) if form else None
    reminds = kind is kinds.reminder
    if event is None or not announcements.registered(submission, waiting=not reminds):
        return False
    if not event.takes_place:
        return not reminds
    early = mail.created_at < event.reminder_at(context.zone)
    return not is_over(context, event) and not (early and reminds)


def message_of(
    context: WorkflowContext, mail: StoredMail, base_url: str
) -> MailMessage:
    """Return what a claimed mail says, in the language of its form.

    Raise `NotFound` when the submission was erased meanwhile.
    """

    def job(db: Connection) -> MailMessage:
        kind, main = KINDS[mail.kind], context.content.project
        if kind is kinds.message_test:
            return messaging.claimed(context, db, mail, None, "")
        if kind.to is Recipient.STAFF:
            return mail_to_staff.message_of(context, db, mail, base_url)
        if mail.submission is None:
            return _to_many(context, db, mail, base_url)
        submission = settling.visible(context, db, submissions.get(db, mail.submission))
        if kind is kinds.message:
            link = base_url + link_for(context, submission, kind)
            return messaging.claimed(context, db, mail, submission, link)
        form, path = (
            _form_for(context, db, submission, kind),
            link_for(context, submission, kind),
        )
        fields = correcting.last_changed(db, submission.id, mail.created_at)
        # Who waits for a place is told what becomes of the event, and no more.
        is_change = kind is kinds.event_changed
        return message.about(
            kind,
            submission,
            form,
            context.content.projects.get(form.lang, main),
            email=mail.email,
            link=base_url + path if path else "",
            code=code_for(context, submission, kind),
            key=mail.key,
            position=capacity.position(db, submission),
            appointment=appointment(context, db, submission, form, base_url, is_change),
            reasons=declining.reasons_in_mail(context, db, submission, kind),
            addition=Text(mail.addition, main.lang) if mail.addition else None,
            fields=[field.label for field in form.fields if field.id in fields],
        )

    return context.store.read(job)


def _form_for(
    context: WorkflowContext, db: Connection, submission: Submission, kind: MailKind
) -> FormDefinition:
    """Return the form as it was answered; whether one stays is asked as of today."""
    today = context.content.forms.get(submission.form_id, {})
    if kind in renewing.MAILS and submission.lang in today:
        return today[submission.lang]
    return context.form_of(db, submission)


def _to_many(
    context: WorkflowContext, db: Connection, mail: StoredMail, base_url: str
) -> MailMessage:
    """Return the message for all requests of an address, in the newest's language."""
    newest = queue.newest_waiting(db, mail.email)
    if newest is None:
        raise NotFound(mail.key)
    return message.to_mailbox(
        KINDS[mail.kind],
        mail.email,
        context.content.projects.get(newest.lang, context.content.project),
        base_url + mail_link(context.tokens.make("r", ["m", mail.key, 0])),
        context.tokens.code("verify-many", mail.key),
        mail.due_at + mail_queue.LINK_LIFE,
        mail.key,
    )


def link_for(context: WorkflowContext, submission: Submission, kind: MailKind) -> str:
    """Return the path of the link in a mail: the proof, or the personal page.

    Empty for an address that was left: its owner may be somebody else by now.
    """
    if kind.to is Recipient.FORMER:
        return ""
    if kind.to is Recipient.UNPROVEN:
        return mail_link(
            context.tokens.make("r", ["v", submission.id, submission.link_generation])
        )
    token = context.tokens.make(
        "r", ["p", submission.id, submission.personal_generation]
    )
    return behind_link(token, "stay" if kind in renewing.MAILS else "")


def code_for(context: WorkflowContext, submission: Submission, kind: MailKind) -> str:
    """Return the code in a mail; empty for kinds without one."""
    if kind.to is Recipient.UNPROVEN:
        return context.tokens.code(
            "verify", f"{submission.id}:{submission.link_generation}"
        )
    if kind is kinds.code:
        return context.tokens.code(
            "open", f"{submission.id}:{submission.code_generation}"
        )
    return ""


def report_sent(context: WorkflowContext, mail: StoredMail) -> None:
    """Report that the mail server has taken a mail."""
    now = context.clock()

    def job(db: Connection) -> None:
        deliveries.sent(db, mail.id, now)
        _record(db, now, mail, EventVerb.SENT)

    context.store.write(job)


def put_back(context: WorkflowContext, mail: StoredMail, reason: str) -> None:
    """Report that no mail could leave at all: this one keeps its turn."""
    context.store.write(partial(deliveries.put_back, mail=mail, reason=reason))


def set_aside(context: WorkflowContext, mails: list[int], reason: str) -> None:
    """Keep mails that a server has refused as it refuses all: no mailbox is at fault.

    They come after the others, so that each try is for a mail that was not refused.
    """
    later = context.clock() + LONGEST_PAUSE
    context.store.write(
        partial(deliveries.set_aside, mails=mails, not_before=later, reason=reason)
    )


def report_failure(
    context: WorkflowContext, mail: StoredMail, reason: str, permanent: bool = False
) -> None:
    """Report a refused mail: try again later, or give up after 72 hours or a 5xx.

    The 72 hours count from when it was first to leave, by running time. The reason may
    hold a status code and the class of a fault, never an address.
    """
    now, late = context.clock(), context.destroying() - HORIZON
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(mail.attempts - 1, 8))

    def job(db: Connection) -> None:
        if permanent or deliveries.too_old(db, mail.id, late):
            if deliveries.fail(db, mail, now, reason):
                _record(db, now, mail, EventVerb.FAILED)
        else:
            deliveries.retry(db, mail, now + pause, reason)

    context.store.write(job)


def _record(db: Connection, now: datetime, mail: StoredMail, verb: EventVerb) -> None:
    if mail.submission:
        events.record(db, now, "mail", verb, mail.submission, {"kind": mail.kind})


def retry(context: WorkflowContext, actor: str) -> int:
    """Queue every failed mail again; return how many."""
    return _again(context, actor, EventVerb.MAIL_RETRY, stopped.retry_failed)


def release(context: WorkflowContext, actor: str) -> int:
    """Let go the mails that a restore has held; return how many."""
    return _again(context, actor, EventVerb.MAIL_RELEASE, stopped.release)


def _again(
    context: WorkflowContext,
    actor: str,
    verb: EventVerb,
    change: Callable[[Connection, datetime], int],
) -> int:
    now = context.clock()

    def job(db: Connection) -> int:
        if number := change(db, now):
            events.record(db, now, actor, verb, None, {"mails": number})
        return number

    return context.store.write(job)
