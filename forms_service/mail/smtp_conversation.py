"""One connection to a mail server, which ends when its time is over."""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from math import inf
from socket import SHUT_RDWR, socket
from typing import Any

from ..clock import seconds_running

# Signing in sends the password as if it were a command.
_COMMANDS = frozenset("EHLO HELO STARTTLS AUTH NOOP MAIL RCPT DATA".split())


class Conversation(smtplib.SMTP):
    """A connection that can be hung up from the first moment, and knows its step.

    Nothing is said after `ends`: whoever was stopped meanwhile may have lost the mail
    to another sender.
    """

    step = "connect"
    ends = inf
    plain: socket | None = None

    def __init__(
        self, watch: Callable[["Conversation"], None], *args: Any, **more: Any
    ):
        watch(self)
        super().__init__(*args, **more)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        """Connect, and keep a handle of the connection that TLS does not take over."""
        opened = smtplib.SMTP._get_socket(self, host, port, timeout)  # type: ignore[attr-defined]
        self.plain = opened.dup()
        return self._secured(opened)

    def _secured(self, opened: socket) -> socket:
        return opened

    def send(self, s: Any) -> None:
        """Send bytes, while there is time."""
        if seconds_running() > self.ends:
            raise TimeoutError
        super().send(s)

    def hang_up(self) -> None:
        """End the connection, whatever another thread is waiting for on it."""
        if self.plain is not None:
            with suppress(OSError):
                self.plain.shutdown(SHUT_RDWR)

    def close(self) -> None:
        """Close both handles."""
        super().close()
        if self.plain is not None:
            self.plain.close()

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Send a command, and remember which."""
        if cmd.upper() in _COMMANDS:
            self.step = cmd.upper()
        super().putcmd(cmd, args)


class TlsConversation(Conversation, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""

    def _secured(self, opened: socket) -> socket:
        return self.context.wrap_socket(opened, server_hostname=self._host)  # type: ignore[attr-defined]
