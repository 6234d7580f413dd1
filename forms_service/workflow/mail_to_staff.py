"""What a mail to a member of staff says when it leaves, and whether it is still so."""

from datetime import datetime

from ..mail import kinds, message
from ..mail.kinds import KINDS
from ..mail.message import MailMessage
from ..store import alarms, counts, queue, sealing, staff, staff_rights
from ..store.connection import Connection, within
from ..store.outbox import StoredMail
from ..store.submissions import Status
from ..urls import staff as staff_address
from ..urls import staff_setup
from .accounts import setup_token
from .context import WorkflowContext
from .mail_queue import wants_digest

# Mails that lead to where a password is chosen, and those that tell what has happened.
_OF_LINK = (kinds.invitation, kinds.new_password)
_PAST = (kinds.new_browser, kinds.factor_reset, kinds.message_test)


def still_true(mail: StoredMail, db: Connection, now: datetime) -> bool:
    """Say whether what a mail tells is still so when it is about to leave."""
    kind = KINDS[mail.kind]
    member = staff.get(db, mail.staff) if mail.staff is not None else None
    if member and member.disabled_at:
        return False
    if kind is kinds.alarms:
        return bool(alarms.raised(db))
    if member is None or kind in _PAST:
        return member is not None
    if kind in _OF_LINK:
        return member.setup_expires_at is not None and now < member.setup_expires_at
    return wants_digest(member) and _fresh(db, mail) > 0


def message_of(
    context: WorkflowContext, db: Connection, mail: StoredMail, base_url: str
) -> MailMessage:
    """Return what a mail says."""
    raised, kept = alarms.raised(db), str(sealing.keep(db, context.today))
    return message.to_staff(
        KINDS[mail.kind],
        mail.email,
        _fresh(db, mail),
        context.content.project,
        base_url + _path(context, db, mail),
        mail.key,
        raised,
        kept,
        queue.count_assigned(_seen(db, mail), mail.staff or 0, Status.NEW),
    )


def _path(context: WorkflowContext, db: Connection, mail: StoredMail) -> str:
    """Return where a mail leads."""
    kind, member = KINDS[mail.kind], staff.get(db, mail.staff or 0)
    if member and kind in _OF_LINK:
        return staff_setup(setup_token(context, member))
    return staff_address("attivita" if kind is kinds.factor_reset else "")


def _fresh(db: Connection, mail: StoredMail) -> int:
    """Return how many requests are new, of the forms that a member may see."""
    found = counts.of_status(_seen(db, mail))
    return sum(n for (_, status), n in found.items() if status is Status.NEW)


def _seen(db: Connection, mail: StoredMail) -> Connection:
    """Return the connection with what the reader of a mail may see."""
    member = mail.staff or 0
    return within(db, staff_rights.forms_of(db, [member])[member])
