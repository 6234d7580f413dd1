"""The mailbox into which refused mails and answers come: a Maildir, or one by IMAP.

What was understood is removed; all else stays for whoever looks after the mailbox,
marked as read.
"""

import imaplib
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from ..config import ConfigError
from .smtp import is_loopback

# Of a longer mail the beginning says what it is.
MOST_BYTES = 256 * 1024
# Mails read in one round.
BATCH = 100
SECONDS = 30.0
STARTTLS_PORT = 143
TLS_PORT = 993
SEEN = "2,S"

Take = Callable[[bytes], bool]


class MailboxUnreachable(Exception):
    """The mailbox cannot be read; the message names the fault, and no address."""


class Mailbox(Protocol):
    """A mailbox that is read again and again."""

    def read(self, take: Take) -> int:
        """Offer each unread mail; remove those taken; return how many were read."""

    def look(self) -> None:
        """Go as far as reading, and change nothing; raise `MailboxUnreachable`."""


@dataclass(frozen=True, slots=True)
class Maildir:
    """A folder of mails, as postfix and dovecot write it."""

    folder: Path

    def look(self) -> None:
        """Look whether mails can be read and moved; raise `MailboxUnreachable`."""
        for part in (self.folder / "new", self.folder / "cur"):
            if not part.is_dir():
                raise MailboxUnreachable(f"there is no folder {part}")
            if not os.access(part, os.R_OK | os.W_OK | os.X_OK):
                raise MailboxUnreachable(f"{part} may not be read and written")

    def read(self, take: Take) -> int:
        """Offer what is in `new`; what is not taken goes to `cur`."""
        try:
            files = sorted((self.folder / "new").iterdir())[:BATCH]
            for file in files:
                with file.open("rb") as opened:
                    content = opened.read(MOST_BYTES)
                if take(content):
                    file.unlink(missing_ok=True)
                else:
                    file.rename(self.folder / "cur" / f"{file.name}:{SEEN}")
        except OSError as error:
            why = f"{type(error).__name__}, {error.strerror}"
            raise MailboxUnreachable(why) from error
        return len(files)


@dataclass(frozen=True)
class ImapMailbox:
    """A mailbox on a server; only on this machine it is spoken to in the clear."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    tls_at_once: bool

    def look(self) -> None:
        """Sign in and open the folder for reading alone; raise `MailboxUnreachable`."""
        try:
            with self._open(readonly=True):
                pass
        except (imaplib.IMAP4.error, OSError) as error:
            raise MailboxUnreachable(type(error).__name__) from error

    def read(self, take: Take) -> int:
        """Offer what is unread; raise `MailboxUnreachable`."""
        try:
            with self._open() as server:
                _, found = server.uid("SEARCH", "UNSEEN")
                numbers = (found[0] or b"").split()[:BATCH]
                for number in numbers:
                    self._offer(server, number.decode(), take)
                server.expunge()
        except (imaplib.IMAP4.error, OSError) as error:
            raise MailboxUnreachable(type(error).__name__) from error
        return len(numbers)

    def _offer(self, server: imaplib.IMAP4, number: str, take: Take) -> None:
        _, parts = server.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        content = next((part[1] for part in parts if isinstance(part, tuple)), b"")
        flag = r"(\Deleted)" if take(content) else r"(\Seen)"
        server.uid("STORE", number, "+FLAGS", flag)

    @contextmanager
    def _open(self, readonly: bool = False) -> Iterator[imaplib.IMAP4]:
        context = ssl.create_default_context()
        server: imaplib.IMAP4
        if self.tls_at_once:
            server = imaplib.IMAP4_SSL(
                self.host, self.port, ssl_context=context, timeout=SECONDS
            )
        else:
            server = imaplib.IMAP4(self.host, self.port, timeout=SECONDS)
        try:
            if not self.tls_at_once and not is_loopback(self.host):
                server.starttls(context)
            server.login(self.user, self.password)
            status, _ = server.select(self.folder, readonly)
            if status != "OK":
                raise imaplib.IMAP4.error("no such folder")
            yield server
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()


def mailbox_of(text: str) -> Mailbox | None:
    """Read FORMS_BOUNCES; None without one; raise `ConfigError` if it cannot be one."""
    if not text:
        return None
    if text.startswith("/"):
        return Maildir(Path(text))
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("imap", "imaps") or not parts.username or port == 0:
        # The address is not repeated: it may hold a password.
        raise ConfigError(
            "FORMS_BOUNCES: write imaps://user:password@host/INBOX, or the folder of "
            "a Maildir"
        )
    at_once = parts.scheme == "imaps"
    return ImapMailbox(
        host=parts.hostname or "",
        port=port or (TLS_PORT if at_once else STARTTLS_PORT),
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        tls_at_once=at_once,
    )
