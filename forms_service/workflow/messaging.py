"""Writing to many at once: a text of staff under a subject that the form has fixed.

Only proven addresses get it, one mail each and no more than thirty a minute; nothing
that anybody typed leaves about a delicate form.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from ..definition import Text
from ..definition.contact import INVENTED
from ..i18n import Translator
from ..mail import kinds, message
from ..mail.message import MailMessage
from ..store import bulk as rows
from ..store import calls, deliveries, events, messages, outbox
from ..store.bulk import BulkOutcome, BulkRow
from ..store.calls import CallReason
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.messages import StaffMessage
from ..store.outbox import StoredMail
from ..store.submissions import NotFound, Status, Submission
from . import bulk, calling, settling
from .bulk import BulkChoice
from .context import Also, WorkflowContext
from .deciding import staff_actor
from .transitions import Settled, as_read

MINUTE, A_MINUTE = timedelta(minutes=1), 30
APART = MINUTE / A_MINUTE
KEPT_FOR = timedelta(days=730)
TRIED_FOR = timedelta(days=1)


def send(
    context: WorkflowContext, written: StaffMessage, choice: list[BulkChoice]
) -> None:
    """Queue a message to each that is as it was read; nothing if it has begun."""
    first = partial(messages.add, written=written)
    one = partial(_queue, context, written)
    bulk.each(context, written.id, choice, EventVerb.MESSAGE, written.staff, one, first)


def _queue(
    context: WorkflowContext, written: StaffMessage, read: BulkChoice, also: Also
) -> None:
    now, delay = context.clock(), settling.delay_of(context)

    def job(db: Connection) -> Submission | None:
        submission = as_read(db, read.id, read.revision)
        of_form = submission.form_id == written.form_id
        if not of_form or not bulk.reached(context, submission):
            if of_form and bulk.purposes(context, written.form_id):
                about, since = CallReason.MESSAGE, now + delay
                calling.want(context, db, submission, about, since, False, written.id)
            return submission
        db.hold("messages")
        last = messages.last_leaves(db)
        leaves = max(now + delay, last + APART) if last else now + delay
        if not invented(submission):
            kind, email = kinds.message.name, submission.email or ""
            _put(db, kind, email, written.id, now, leaves, submission=submission.id)
        actor = staff_actor(written.staff)
        events.record(db, now, actor, EventVerb.MESSAGE, submission.id)
        messages.count(db, written.id, 1)
        also(db)
        return None

    if unreached := context.store.write(job):
        raise bulk.Unreached(EventVerb.MESSAGE, unreached)


def _put(
    db: Connection,
    kind: str,
    email: str,
    message_id: str,
    now: datetime,
    leaves: datetime,
    submission: str | None = None,
    staff: int | None = None,
) -> None:
    key = secrets.token_hex(16)
    outbox.put(db, key, kind, email, now, leaves, submission, staff)
    messages.name_in_mail(db, key, message_id)


def invented(submission: Submission) -> bool:
    """Say whether an address is of a demonstration: nothing is mailed there."""
    return (submission.email or "").endswith(INVENTED)


def try_out(context: WorkflowContext, written: StaffMessage, email: str) -> None:
    """Mail a message to whoever writes it, and to nobody else."""
    now = context.clock()

    def job(db: Connection) -> None:
        messages.add(db, written)
        kind = kinds.message_test.name
        _put(db, kind, email, written.id, now, now, staff=written.staff)

    context.store.write(job)


def undo(context: WorkflowContext, act_id: str, staff_id: int) -> None:
    """Take back the mails of a message that have not left, and the calls."""
    actor, now = staff_actor(staff_id), context.clock()

    def stop_calls(db: Connection) -> None:
        act = rows.get(db, act_id)
        due = act.began_at + settling.delay_of(context) if act else now
        for row in rows.rows(db, act_id) if now < due else ():
            if row.outcome is BulkOutcome.UNREACHED:
                calls.drop_reason(db, row.submission.id, CallReason.MESSAGE, act_id)

    context.store.write(stop_calls)
    bulk.undo_each(context, act_id, partial(_take_back, context, act_id, actor))


def _take_back(
    context: WorkflowContext, act_id: str, actor: str, row: BulkRow, also: Also
) -> None:
    now, submission = context.clock(), row.submission

    def job(db: Connection) -> None:
        removed = messages.take_back(db, act_id, submission.id, now)
        if not (removed or invented(submission)):
            raise Settled(EventVerb.UNDO, submission)
        messages.count(db, act_id, -1)
        events.record(db, now, actor, EventVerb.MESSAGE_BACK, submission.id)
        also(db)

    context.store.write(job)


def in_turn(mail: StoredMail, now: datetime, db: Connection) -> bool:
    """Say whether a message may leave now, or let all that are due wait in line.

    They were queued one after the other; after an outage they are due together.
    """
    db.hold("messages")
    gone = messages.leaving(db, now - MINUTE, now, mail.id)
    if len(gone) < A_MINUTE:
        messages.leaves(db, mail.id, now)
        return True
    deliveries.postpone(db, mail.id, now)
    leaves = gone[-A_MINUTE] + MINUTE
    for waiting in messages.waiting(db, now):
        leaves = max(leaves, waiting.not_before)
        messages.wait(db, waiting.id, leaves)
        leaves += APART
    return False


def is_overtaken(db: Connection, mail: StoredMail, submission: Submission) -> bool:
    """Say whether a person has withdrawn since a message was queued for them."""
    return submission.status is Status.WITHDRAWN and any(
        event.verb == EventVerb.WITHDRAW and event.at >= mail.created_at
        for event in events.of_submission(db, submission.id)
    )


def unsent(db: Connection, mail: StoredMail) -> None:
    """Let an act tell that one of its messages does not leave."""
    written = messages.of_mail(db, mail.id)
    if written and mail.submission:
        messages.count(db, written.id, -1)
        done, changed = BulkOutcome.DONE, BulkOutcome.CHANGED
        rows.mark(db, written.id, mail.submission, changed, before=done)


def language(
    context: WorkflowContext, texts: Mapping[str, str], submission: Submission
) -> str:
    """Return the language in which a person gets a message: theirs, or the main one."""
    return (
        submission.lang if texts.get(submission.lang) else context.content.main_language
    )


def message_of(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    written: StaffMessage,
    link: str = "",
    mail: StoredMail | None = None,
) -> MailMessage:
    """Return what a person reads; without a mail, as it will be."""
    lang = language(context, written.texts, submission)
    of = None if lang == submission.lang else lang
    made = message.about(
        kinds.message,
        submission,
        context.form_of(db, submission, of),
        context.content.projects.get(lang, context.content.project),
        email=mail.email if mail else "",
        link=link,
        key=mail.key if mail else "",
    )
    return _typed(context, made, written, lang)


def claimed(
    context: WorkflowContext,
    db: Connection,
    mail: StoredMail,
    submission: Submission | None,
    link: str,
) -> MailMessage:
    """Return what a claimed mail says, to a person or to who tries a message out.

    Raise `NotFound` when the message is forgotten.
    """
    written = messages.of_mail(db, mail.id)
    if written is None:
        raise NotFound(mail.key)
    if submission:
        return message_of(context, db, submission, written, link, mail)
    main, project = context.content.main_language, context.content.project
    form, words = context.form_today(written.form_id), Translator(main, context.zone)
    made = MailMessage(
        kinds.message_test, mail.key, mail.email, project, words, link, form
    )
    return _typed(context, made, written, main)


def _typed(
    context: WorkflowContext, made: MailMessage, written: StaffMessage, lang: str
) -> MailMessage:
    form = context.content.forms.get(written.form_id, {}).get(lang)
    known = form.purposes if form else ()
    subject = next((p.subject for p in known if p.id == written.purpose), "")
    return replace(made, subject=subject, typed=Text(written.texts[lang], lang))


def drop_old(context: WorkflowContext) -> None:
    """Forget acts on many after a month; of messages the text after two years."""
    bulk.drop_old(context)
    now = context.destroying()
    drop = partial(messages.drop_old, written=now - KEPT_FOR, tried=now - TRIED_FOR)
    context.store.write(drop)
