"""The envelope sender of a mail: it says which mail comes back, and is signed.

Servers may lose capitals and cut what is long, so it holds the number of the mail, the
day on which it ends and sixteen letters (RFC 3464 has refusals sent there).
"""

import re
from datetime import datetime, timedelta

from ..tokens import Tokens

LIFE = timedelta(days=30)
# RFC 5321, 4.5.3.1.1.
LONGEST_LOCAL_PART = 64
_TOKEN = re.compile(r"\+b(\d{1,15})-(\d{1,7})-([a-z2-7]{16})@", re.IGNORECASE)


def return_path(tokens: Tokens, sender: str, mail_id: int, now: datetime) -> str:
    """Return the address to which a mail comes back, a tag of the sender's own."""
    local, _, domain = sender.rpartition("@")
    payload = f"{mail_id}-{(now + LIFE).toordinal()}"
    tagged = f"{local}+b{payload}-{tokens.tag('bounce', payload)}"
    return f"{tagged}@{domain}" if len(tagged) <= LONGEST_LOCAL_PART else sender


def returned_mail(tokens: Tokens, recipient: str, now: datetime) -> int | None:
    """Return the number of the mail that came back to an address, if we signed it."""
    found = _TOKEN.search(recipient)
    if found is None or int(found[2]) < now.toordinal():
        return None
    payload, tag = f"{int(found[1])}-{int(found[2])}", found[3].lower()
    return int(found[1]) if tokens.is_tag("bounce", payload, tag) else None
