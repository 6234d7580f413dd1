"""Handing a mail over: to a mail server, or to a folder while there is none.

A reason for refusal holds codes and names of faults, never what the server wrote,
because servers repeat addresses. Nothing else in the product speaks SMTP.
"""

import os
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from ..config import ConfigError

# One step of the conversation; all of them together stay below the outbox lease.
STEP_SECONDS = 10.0
STARTTLS_PORT = 587
TLS_PORT = 465
SHUTTING_DOWN = 421
_LINK = re.compile(r"^https?://\S+$", re.MULTILINE)
_ENHANCED = re.compile(rb"^([245]\.\d{1,3}\.\d{1,3})\b")


class RecipientRefused(Exception):
    """The mail was not taken; `permanent` means that trying again is no use."""

    def __init__(self, reason: str, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class Unreachable(RecipientRefused):
    """The way to the mail server is broken: it would refuse every other mail too."""


class Transport(Protocol):
    """A way to hand mails over."""

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand a mail to one recipient; raise `RecipientRefused` or `Unreachable`."""


class FileTransport:
    """Write mails into a folder and show their link, for running without a server."""

    def __init__(self, folder: Path, show: Callable[[str], None]) -> None:
        self._folder = folder
        self._show = show

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Write the mail to a file that a mail program opens; again writes nothing."""
        key = str(message["Message-ID"]).strip("<>").partition("@")[0]
        moment = message["Date"].datetime
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(self._folder.glob(f"*-{key}.eml")):
                return
            file = self._folder / f"{moment:%Y%m%dT%H%M%S}-{key}.eml"
            _write_whole(file, message.as_bytes())
        except OSError as error:
            raise Unreachable(f"mail folder: {type(error).__name__}") from error
        self._show(_announcement(message, file))


def _write_whole(file: Path, content: bytes) -> None:
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as target:
        target.write(content)
    part.replace(file)


def _announcement(message: EmailMessage, file: Path) -> str:
    text = message.get_body(("plain",))
    link = _LINK.search(text.get_content().replace("\r", "")) if text else None
    return f"Mail written to {file}" + (f"\n  {link[0]}" if link else "")


@dataclass(frozen=True)
class SmtpTransport:
    """Hand mails to one server, over TLS with a checked certificate.

    Only a server on this machine may be spoken to in the clear.
    """

    host: str
    port: int
    user: str
    password: str
    tls_at_once: bool
    sender: str

    @property
    def in_the_clear(self) -> bool:
        """True for a server on this machine that is not addressed by smtps."""
        return not self.tls_at_once and is_loopback(self.host)

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand the mail over in a connection of its own, to this recipient only."""
        with _faults():
            server = self._connect()
        try:
            with _faults():
                self._greet(server)
            with _answers(recipient):
                server.send_message(message, self.sender, [recipient])
        finally:
            _leave(server)

    def greet(self) -> None:
        """Go as far as a mail would, and hand none over; raise `Unreachable`."""
        with _faults():
            server = self._connect()
        try:
            with _faults():
                self._greet(server)
                server.noop()
        finally:
            _leave(server)

    def _connect(self) -> smtplib.SMTP:
        if self.tls_at_once:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=STEP_SECONDS, context=context
            )
        return smtplib.SMTP(self.host, self.port, timeout=STEP_SECONDS)

    def _greet(self, server: smtplib.SMTP) -> None:
        if not (self.tls_at_once or self.in_the_clear):
            server.starttls(context=ssl.create_default_context())
        if self.user:
            server.login(self.user, self.password)


def smtp_transport(url: str, sender: str) -> SmtpTransport:
    """Read FORMS_SMTP_URL; raise `ConfigError` when it cannot be one."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == 0:
        # The address is not repeated: it may hold a password.
        raise ConfigError("FORMS_SMTP_URL: write smtp://user:password@host:587")
    at_once = parts.scheme == "smtps"
    return SmtpTransport(
        host=parts.hostname,
        port=port or (TLS_PORT if at_once else STARTTLS_PORT),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls_at_once=at_once,
        sender=sender,
    )


def is_loopback(host: str) -> bool:
    """Say whether a host name is this machine, without asking anybody."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _faults() -> Iterator[None]:
    """Turn what happens before the mail's own turn into `Unreachable`."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise Unreachable(_code(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(type(error).__name__) from error


@contextmanager
def _answers(recipient: str) -> Iterator[None]:
    """Turn what the server says about this one mail into `RecipientRefused`."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, text = error.recipients[recipient]
        raise _refusal(code, text) from error
    except smtplib.SMTPSenderRefused as error:
        # Our own address, not theirs: every other mail would meet the same.
        raise Unreachable(_code(error.smtp_code, error.smtp_error)) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise RecipientRefused("SMTPUTF8 not supported", permanent=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(type(error).__name__) from error


def _refusal(code: int, text: bytes | str) -> RecipientRefused:
    if code == SHUTTING_DOWN:
        return Unreachable(_code(code, text))
    return RecipientRefused(_code(code, text), permanent=code >= 500)


def _code(code: int, text: bytes | str) -> str:
    """Return `550 5.1.1`: the reply code and, where given, the enhanced one."""
    octets = text.encode() if isinstance(text, str) else text
    enhanced = _ENHANCED.match(octets)
    return f"{code} {enhanced[1].decode()}" if enhanced else str(code)


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; the mail is already taken or refused, so a fault changes nothing."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
