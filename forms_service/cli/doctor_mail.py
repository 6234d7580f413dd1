"""What `doctor` looks at of mail: the way out, what waits, and what comes back."""

from ..clock import system_clock
from ..config import Config, ConfigError
from ..mail.mailbox import MailboxUnreachable, mailbox_of
from ..mail.smtp import smtp_transport
from ..mail.transport import Unreachable
from ..store import outbox
from ..store.database import exists, looked_into
from ..workflow.alarm_watch import LONGEST_WAIT
from .serve import sender
from .setup import Ill, counted


def server_of(config: Config) -> str:
    """Greet the mail server as before a mail."""
    if not config.smtp_url:
        return f"none: mails become files in {config.mail_dir}"
    try:
        smtp_transport(config.smtp_url, sender(config)).greet()
    except ConfigError as error:
        raise Ill(str(error)) from error
    except Unreachable as error:
        raise Ill(
            f"no mail leaves ({error.reason}): look at FORMS_SMTP_URL, or ask who runs "
            "it; mails wait meanwhile"
        ) from error
    return "it answers"


def mails_of(config: Config) -> str:
    """Count the mails in trouble."""
    if not exists(config.database):
        return "none yet"
    with looked_into(config.database) as db:
        totals, since = outbox.totals(db), outbox.waits_since(db)
    if since and system_clock() - since > LONGEST_WAIT:
        raise Ill(
            f"one waits since {since:%Y-%m-%d %H:%M}Z: forms-service mail status says "
            "why"
        )
    if totals["failed"]:
        failed = counted(totals["failed"], "mail")
        raise Ill(f"{failed} failed: forms-service mail status says why")
    return f"{totals['waiting']} waiting, {totals['held']} held"


def bounces_of(config: Config) -> str:
    """Look into the mailbox to which refused mails and answers come."""
    try:
        mailbox = mailbox_of(config.bounces)
        if mailbox is None:
            return "no mailbox: what comes back is not read"
        mailbox.look()
    except ConfigError as error:
        raise Ill(str(error)) from error
    except MailboxUnreachable as error:
        raise Ill(
            f"what comes back is not read ({error}): look at FORMS_BOUNCES, or ask who "
            "runs the mailbox; it waits there meanwhile"
        ) from error
    return "it can be read"
