"""One mail for all requests that wait for an address: each is confirmed by itself.

Whoever sent one knows its reference; the mail lists none, so a flood of requests that
somebody else sent makes it no longer, and confirms none of them.
"""

from ..store import outbox, queue, submissions
from ..store.connection import Connection
from ..store.outbox import StoredMail
from ..store.submissions import Proof, Submission
from ..tokens import read_code
from . import mail_queue
from .context import WorkflowContext
from .new_rows import REFERENCE_LENGTH
from .sending import LinkExpired, unproven
from .verification import CODE_TRIES, CodeWrong, prove


class ReferenceWrong(CodeWrong):
    """No request of this address that waits has the typed reference."""


def for_many(context: WorkflowContext, token: str) -> bool:
    """Say whether a link was mailed for several requests; raise `TokenInvalid`."""
    kind, *_ = context.tokens.read("r", token)
    return bool(kind == "m")


def open_for_many(context: WorkflowContext, token: str) -> str:
    """Return the language of the newest request that such a link can confirm.

    Nothing changes. Raise `LinkExpired` when it is over, or none waits any more.
    """

    def job(db: Connection) -> str:
        newest = queue.newest_waiting(db, _mail(context, db, token).email)
        if newest is None:
            raise LinkExpired(token)
        return newest.lang

    return context.store.read(job)


def _mail(context: WorkflowContext, db: Connection, token: str) -> StoredMail:
    _, key, _ = context.tokens.read("r", token)
    mail = outbox.by_key(db, key)
    if not mail or context.destroying() > mail.due_at + mail_queue.LINK_LIFE:
        raise LinkExpired(token)
    return mail


def confirm_for_many(
    context: WorkflowContext, token: str, reference: str
) -> Submission:
    """Prove the mailbox for the one request whose reference is typed; five wrong tries.

    Raise `ReferenceWrong`, `AlreadyConfirmed` or `LinkExpired`. A link never proves an
    address that it did not go to.
    """

    def job(db: Connection) -> Submission | int:
        mail = _mail(context, db, token)
        left = outbox.count_try(db, mail.id, CODE_TRIES)
        if left is None:
            return 0
        submission = queue.by_reference(
            db, mail.email, read_code(reference, REFERENCE_LENGTH)
        )
        if submission is None:
            return left
        outbox.give_back_try(db, mail.id)
        submission = unproven(submissions.get(db, submission.id))
        return prove(context, db, submission, Proof.MAIL)

    result = context.store.write(job)
    if isinstance(result, int):
        raise ReferenceWrong(result)
    return result
