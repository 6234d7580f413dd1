"""What people answered to our mails: text alone, for a month."""

from flask.typing import ResponseReturnValue

from ...store import replies
from ...workflow.incoming_mail import REPLIES_KEPT, read_replies
from ..core import WebContext
from . import session
from .layout import show


def replies_page(web: WebContext) -> ResponseReturnValue:
    """Show the answers, newest first; the log keeps that they were read."""
    found = web.context.store.read(replies.newest)
    if found:
        read_replies(web.context, session.actor())
    read = bool(web.config.bounces)
    return show(
        web, "staff/replies.html", replies=found, read=read, days=REPLIES_KEPT.days
    )
