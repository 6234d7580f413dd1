"""Speaking SMTP: one connection carries many mails, and every try has an end.

What goes wrong before the server has let us in is the fault of the way; what comes
after it is the fault of that mail, and the next one goes on. A reason holds codes,
commands and names of faults, never what the server wrote, because servers repeat
addresses. Nothing else in the product speaks SMTP.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from math import inf
from threading import Timer
from urllib.parse import unquote, urlsplit

from ..clock import seconds_running
from ..config import ConfigError
from .smtp_conversation import Conversation, TlsConversation
from .transport import RecipientRefused, Unreachable

# One try, from the connection to the last answer; it stays below the outbox lease.
TRY_SECONDS = 60.0
CONNECT_SECONDS = 10.0
# A mail that was never tried waits no longer for one answer: others wait behind it.
ANSWER_SECONDS = 5.0
STARTTLS_PORT = 587
TLS_PORT = 465
# What a person reads of a fault; any other is named as Python does.
FAULTS: dict[type[Exception], str] = {
    ConnectionRefusedError: "connection refused",
    socket.gaierror: "no such host",
    ssl.SSLCertVerificationError: "certificate not valid",
    smtplib.SMTPServerDisconnected: "hung up",
}
_ENHANCED = re.compile(rb"^([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class SmtpTransport:
    """The way to one server, over TLS with a checked certificate.

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

    @contextmanager
    def session(self) -> Iterator["SmtpSession"]:
        """Open a session; it connects for its first mail, and leaves at the end."""
        session = SmtpSession(self)
        try:
            yield session
        finally:
            session.leave()

    def greet(self) -> None:
        """Go as far as a mail would, and hand none over; raise `Unreachable`."""
        with self.session() as session:
            session.greet()


class SmtpSession:
    """Mails handed over one after another, on one connection while it stands."""

    def __init__(self, way: SmtpTransport) -> None:
        self._way = way
        self._server: Conversation | None = None
        self._over, self._ends = False, inf

    def send(
        self,
        message: EmailMessage,
        recipient: str,
        patient: bool = False,
        return_path: str = "",
    ) -> None:
        """Hand a mail to one recipient; raise `RecipientRefused` or `Unreachable`.

        An answer may take as long as the whole try when `patient`.
        """
        with self._until_the_end():
            server = self._standing() or self._connected()
            if self._over:
                # The time ended before there was anything to hang up.
                raise Unreachable(self._broken(TimeoutError()))
            _wait(server, None if patient else ANSWER_SECONDS)
            with self._answers(recipient):
                sender = return_path or self._way.sender
                server.send_message(message, sender, [recipient])

    def greet(self) -> None:
        """Connect and be let in; raise `Unreachable`."""
        with self._until_the_end(), self._faults():
            self._connected().noop()

    def leave(self) -> None:
        """Say goodbye and wait for no answer: every mail has had its own."""
        if self._server and self._server.sock:
            with suppress(smtplib.SMTPException, OSError):
                self._server.putcmd("quit")
        self._drop()

    def _standing(self) -> Conversation | None:
        """Return the connection of the mail before if the server still answers.

        One that ended between two mails is the fault of neither.
        """
        if self._server and self._server.sock:
            with suppress(smtplib.SMTPException, OSError):
                _wait(self._server, ANSWER_SECONDS)
                if self._server.noop()[0] == 250:
                    return self._server
        self._drop()
        return None

    def _connected(self) -> Conversation:
        way, place = self._way, (self._way.host, self._way.port)
        with self._faults():
            if way.tls_at_once:
                return self._let_in(
                    TlsConversation(
                        self._watch,
                        *place,
                        timeout=CONNECT_SECONDS,
                        context=ssl.create_default_context(),
                    )
                )
            server = Conversation(self._watch, *place, timeout=CONNECT_SECONDS)
            if not way.in_the_clear:
                server.starttls(context=ssl.create_default_context())
            return self._let_in(server)

    def _let_in(self, server: Conversation) -> Conversation:
        if self._way.user:
            server.login(self._way.user, self._way.password)
        else:
            server.ehlo_or_helo_if_needed()
        return server

    def _watch(self, server: Conversation) -> None:
        self._server, server.ends = server, self._ends

    def _drop(self) -> None:
        if self._server:
            self._server.close()
        self._server = None

    @contextmanager
    def _until_the_end(self) -> Iterator[None]:
        """Hang up when the time of a try is over, whatever it is waiting for."""
        self._over, self._ends = False, seconds_running() + TRY_SECONDS
        if self._server:
            self._server.ends = self._ends
        timer = Timer(TRY_SECONDS, self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _hang_up(self) -> None:
        self._over = True
        if self._server:
            self._server.hang_up()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what happens before the mail's own turn into `Unreachable`."""
        try:
            yield
        except smtplib.SMTPResponseException as error:
            step = getattr(self._server, "step", "connect")
            refusal = self._refusal(error, error.smtp_code, error.smtp_error)
            self._drop()
            raise Unreachable(f"{refusal.reason} at {step}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(self._broken(error)) from error

    @contextmanager
    def _answers(self, recipient: str) -> Iterator[None]:
        """Turn whatever happens to this one mail into `RecipientRefused`."""
        try:
            yield
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refusal(error, *error.recipients[recipient]) from error
        except smtplib.SMTPSenderRefused as error:
            # It is our own address: no mail is given up for it, but each is told.
            refusal = self._refusal(error, error.smtp_code, error.smtp_error)
            raise RecipientRefused(f"sender refused: {refusal.reason}") from error
        except smtplib.SMTPResponseException as error:
            refusal = self._refusal(error, error.smtp_code, error.smtp_error)
            raise refusal from error
        except smtplib.SMTPNotSupportedError as error:
            raise RecipientRefused("SMTPUTF8 not supported", permanent=True) from error
        except (smtplib.SMTPException, OSError) as error:
            raise RecipientRefused(self._broken(error)) from error

    def _refusal(
        self, error: Exception, code: int, text: bytes | str
    ) -> RecipientRefused:
        if self._over:
            # Half a line at the end of the time looks like an answer.
            return RecipientRefused(self._broken(error))
        return RecipientRefused(_code(code, text), permanent=code >= 500)

    def _broken(self, error: Exception) -> str:
        """Say what ended a conversation, and at which step; it is not gone on with."""
        step = getattr(self._server, "step", "connect")
        self._drop()
        if self._over or seconds_running() > self._ends:
            return f"not done within {TRY_SECONDS:g} s, at {step}"
        if isinstance(error, TimeoutError) or isinstance(
            error.__context__, TimeoutError
        ):
            return f"no answer at {step}"
        said = (words for kind, words in FAULTS.items() if isinstance(error, kind))
        return f"{next(said, type(error).__name__)} at {step}"


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


def _wait(server: smtplib.SMTP, seconds: float | None) -> None:
    """Let one answer take so long, or whatever time the try has left."""
    if server.sock:
        server.sock.settimeout(seconds)


def _code(code: int, text: bytes | str) -> str:
    """Return `550 5.1.1`: the reply code and, where given, the enhanced one."""
    octets = text.encode() if isinstance(text, str) else text
    enhanced = _ENHANCED.match(octets)
    return f"{code} {enhanced[1].decode()}" if enhanced else str(code)
