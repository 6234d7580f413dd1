"""What comes back for our mails: refusals end a mail, people's answers are kept.

Whoever can name a mail of ours has got it: its signed envelope sender, or its
Message-ID. Anything else changes nothing.
"""

import logging
import time
from datetime import timedelta
from hashlib import sha256

from ..mail.incoming import IncomingMail, Nature, read_incoming
from ..mail.mailbox import BATCH, Mailbox, MailboxUnreachable
from ..mail.return_path import returned_mail
from ..store import deliveries, events, outbox, replies
from ..store.connection import Connection, StorageUnavailable
from ..store.events import EventVerb
from ..store.outbox import StoredMail
from ..store.replies import Reply
from .context import WorkflowContext

REPLIES_KEPT = timedelta(days=30)
# Of one request, or of none: who sends more than that fills a disk.
MOST_REPLIES = 50
READ_EVERY = 60.0
SELDOM = 3600.0

log = logging.getLogger(__name__)


def receive(context: WorkflowContext, raw: bytes) -> bool:
    """Act on a mail that came back; say whether it is ours and was understood."""
    came, now = read_incoming(raw), context.clock()
    named = [
        number
        for address in came.recipients
        if (number := returned_mail(context.tokens, address, context.destroying()))
    ]

    def job(db: Connection) -> bool:
        mail = _mail(db, named, came)
        if mail is None:
            return False
        # Others may know the Message-ID of a mail, and have a sender of one long gone.
        if came.nature is Nature.REFUSAL and mail.id in named:
            if deliveries.bounced(db, mail.id, now, came.reason) and mail.submission:
                about = {"kind": mail.kind}
                events.record(db, now, "mail", EventVerb.FAILED, mail.submission, about)
        elif came.nature is Nature.PERSON:
            if replies.number(db, mail.submission) >= MOST_REPLIES:
                return False
            reply = Reply(
                mail.submission, "", came.sender, came.subject, came.text, now
            )
            replies.add(db, sha256(raw).hexdigest(), reply)
        return True

    return context.store.write(job)


def _mail(db: Connection, named: list[int], came: IncomingMail) -> StoredMail | None:
    """Return the mail that came back or is answered."""
    found = [outbox.by_id(db, number) for number in named]
    found += [outbox.by_key(db, key) for key in came.answers]
    return next(filter(None, found), None)


def read_replies(context: WorkflowContext, actor: str) -> None:
    """Note in the log that somebody has read the answers."""
    now = context.clock()
    context.store.write(
        lambda db: events.record(db, now, actor, EventVerb.READ_REPLIES)
    )


class ReturnsLoop:
    """Read what came back, again and again; know since when that is not possible."""

    def __init__(self, context: WorkflowContext, mailbox: Mailbox | None) -> None:
        self._context, self._mailbox = context, mailbox
        self._failing_since: float | None = None

    @property
    def failing_for(self) -> float:
        """For how many seconds the mailbox could not be read; 0 if it can."""
        since = self._failing_since
        return time.monotonic() - since if since is not None else 0.0

    def __call__(self) -> float:
        """Read once and return the seconds until the next time."""
        if self._mailbox is None:
            return SELDOM
        if not self._context.store.leading:
            self._failing_since = None
            return READ_EVERY
        try:
            read = self._mailbox.read(self._take)
        except MailboxUnreachable as error:
            if self._failing_since is None:
                self._failing_since = time.monotonic()
                log.warning("the mailbox of FORMS_BOUNCES: %s", error)
            return READ_EVERY
        self._failing_since = None
        return 0.0 if read == BATCH else READ_EVERY

    def _take(self, raw: bytes) -> bool:
        try:
            return receive(self._context, raw)
        except StorageUnavailable:
            raise
        except Exception as error:
            # One mail that cannot be read must not stop the others.
            log.error("a mail that came back: %s", type(error).__name__)
            return False
