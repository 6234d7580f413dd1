"""Telling a mail server that refuses everybody from one mailbox that is refused.

A refusal for reasons of policy (5.7.x, RFC 3463) may be about the mailbox, or about us:
a relay that does not know this machine any more says the same to every mail.
"""

import re
from threading import Lock

from ..definition.contact import mailbox_key
from .transport import RecipientRefused

_POLICY = re.compile(r"5\d\d 5\.7\.\d+")
# So many mailboxes one after the other, of more than one domain, and none was taken.
MAILBOXES, DOMAINS = 3, 2


def by_policy(error: RecipientRefused) -> bool:
    """Say whether a mail was refused for good, and not for lack of a mailbox."""
    return error.permanent and _POLICY.fullmatch(error.reason) is not None


class PolicyRefusals:
    """Mails refused by policy since the server last took one, of all senders."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._row: dict[int, str] = {}
        # What waits because nobody was taken; and of that, what somebody has escaped.
        self._aside: set[int] = set()
        self._judged: set[int] = set()

    def taken(self, mail: int) -> None:
        """Note that the server takes mails: those that it refuses next are at fault."""
        with self._lock:
            self._judged |= self._aside
            self._judged.discard(mail)
            self._aside.clear()
            self._row.clear()

    def refused(self, mail: int, email: str) -> list[int]:
        """Note a refusal; return the mails to keep if it is one of all, else none."""
        with self._lock:
            if mail in self._judged:
                self._judged.discard(mail)
                return []
            self._row[mail] = mailbox_key(email)
            mailboxes = {*self._row.values()}
            domains = {mailbox.rpartition("@")[2] for mailbox in mailboxes}
            if len(mailboxes) < MAILBOXES or len(domains) < DOMAINS:
                return []
            self._aside |= {*self._row}
            return [*self._row]
