"""Handing mails over to real servers on loopback, and to a folder."""

import re
import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from subprocess import run
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from forms_service.config import ConfigError
from forms_service.mail import smtp
from forms_service.mail.smtp import SmtpTransport, smtp_transport
from forms_service.mail.transport import (
    FileTransport,
    RecipientRefused,
    Transport,
    Unreachable,
)

SENDER = "moduli@example.org"
LINK = "https://forms.example/r/" + "T" * 100


class SmtpInbox:
    """A mail server's memory; `replies` overrides what it says after a command."""

    def __init__(self, **replies: str) -> None:
        self.replies = replies
        self.taken: list[Any] = []
        self.connections: set[Any] = set()

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        self.connections.add(session.peer)
        envelope.mail_from = address
        envelope.mail_options = options
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if "DATA" in self.replies:
            return self.replies["DATA"]
        self.taken.append(envelope)
        return "250 OK"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def mail_server(mailbox: SmtpInbox, **options: Any) -> Iterator[int]:
    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    server.start()
    try:
        yield port
    finally:
        server.stop()


def mail(username: str = "amina", domain: str = "example.org") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Una società", addr_spec=SENDER)
    message["To"] = Address(username=username, domain=domain)
    message["Subject"] = "Conferma"
    message["Date"] = datetime(2020, 6, 20, 8, 30, tzinfo=UTC)
    message["Message-ID"] = "<key1@example.org>"
    message.set_content(f"Apri:\n\n{LINK}\n", cte="quoted-printable")
    return message


def send(way: Transport, message: EmailMessage, recipient: str) -> None:
    """Hand over one mail, in a session of its own."""
    with way.session() as session:
        session.send(message, recipient)


def test_a_mail_reaches_its_one_recipient():
    mailbox = SmtpInbox()
    with mail_server(mailbox) as port:
        way = smtp_transport(f"smtp://127.0.0.1:{port}", SENDER)
        send(way, mail(), "amina@example.org")

    (taken,) = mailbox.taken
    assert taken.mail_from == SENDER
    assert taken.rcpt_tos == ["amina@example.org"]
    parsed = message_from_bytes(taken.content, policy=default)
    assert parsed["Message-ID"] == "<key1@example.org>"
    assert LINK in parsed.get_content()


@pytest.mark.parametrize(
    ("replies", "permanent", "reason"),
    [
        ({"RCPT": "550 5.1.1 amina@example.org unknown"}, True, "550 5.1.1"),
        ({"RCPT": "451 4.7.1 amina@example.org greylisted"}, False, "451 4.7.1"),
        ({"DATA": "554 no amina@example.org here"}, True, "554"),
        ({"DATA": "452 4.2.2 mailbox of amina@example.org full"}, False, "452 4.2.2"),
        ({"RCPT": "421 4.7.0 too much for amina@example.org"}, False, "421 4.7.0"),
        ({"DATA": "421 4.3.2 shutting down"}, False, "421 4.3.2"),
        ({"MAIL": "550 5.7.1 not you"}, False, "sender refused: 550 5.7.1"),
    ],
)
def test_a_refusal_keeps_the_code_and_never_the_address(replies, permanent, reason):
    with mail_server(SmtpInbox(**replies)) as port:
        way = smtp_transport(f"smtp://127.0.0.1:{port}", SENDER)
        with pytest.raises(RecipientRefused) as refusal:
            send(way, mail(), "amina@example.org")

    assert not isinstance(refusal.value, Unreachable)
    assert (refusal.value.permanent, refusal.value.reason) == (permanent, reason)


def test_no_server_is_unreachable():
    way = smtp_transport(f"smtp://127.0.0.1:{free_port()}", SENDER)

    with pytest.raises(Unreachable, match="connection refused"):
        send(way, mail(), "amina@example.org")


def test_a_silent_server_is_left_after_a_while(monkeypatch):
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        way = smtp_transport(f"smtp://127.0.0.1:{silent.getsockname()[1]}", SENDER)
        with pytest.raises(Unreachable, match="no answer at connect"):
            send(way, mail(), "amina@example.org")


def test_an_address_in_another_alphabet_needs_a_server_that_knows_them():
    knowing, plain = SmtpInbox(), SmtpInbox()
    with mail_server(knowing, enable_SMTPUTF8=True) as port:
        way = smtp_transport(f"smtp://127.0.0.1:{port}", SENDER)
        send(way, mail("用户"), "用户@example.org")
    with mail_server(plain, enable_SMTPUTF8=False) as port:
        way = smtp_transport(f"smtp://127.0.0.1:{port}", SENDER)
        with pytest.raises(RecipientRefused, match="SMTPUTF8") as refusal:
            send(way, mail("用户"), "用户@example.org")

    assert knowing.taken[0].rcpt_tos == ["用户@example.org"]
    assert "SMTPUTF8" in knowing.taken[0].mail_options
    assert refusal.value.permanent
    assert plain.taken == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


def over_starttls(port: int) -> SmtpTransport:
    """Return a transport that treats loopback as the internet."""

    class Far(SmtpTransport):
        in_the_clear = False

    return Far("localhost", port, "amina", "pass word", False, SENDER)


def only_amina(server, session, envelope, mechanism, data):
    good = LoginPassword(b"amina", b"pass word")
    return AuthResult(success=data == good)


def test_starttls_and_sign_in_with_a_trusted_certificate(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    mailbox = SmtpInbox()
    options = {
        "tls_context": server_context(certificate),
        "require_starttls": True,
        "authenticator": only_amina,
        "auth_required": True,
    }
    with mail_server(mailbox, **options) as port:
        send(over_starttls(port), mail(), "amina@example.org")

    assert len(mailbox.taken) == 1


def test_a_wrong_password_stops_all_mails_and_none_for_good(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    options = {
        "tls_context": server_context(certificate),
        "authenticator": lambda *_: AuthResult(success=False, handled=False),
    }
    with (
        mail_server(SmtpInbox(), **options) as port,
        pytest.raises(Unreachable) as fault,
    ):
        send(over_starttls(port), mail(), "amina@example.org")

    assert fault.value.reason.startswith("535")


def test_an_unknown_certificate_is_not_spoken_to(certificate):
    mailbox = SmtpInbox()
    options = {"tls_context": server_context(certificate)}
    with mail_server(mailbox, **options) as port, pytest.raises(Unreachable) as fault:
        send(over_starttls(port), mail(), "amina@example.org")

    assert fault.value.reason == "certificate not valid at STARTTLS"
    assert mailbox.taken == []


def test_a_server_without_tls_is_not_spoken_to_over_the_internet():
    mailbox = SmtpInbox()
    with mail_server(mailbox) as port, pytest.raises(Unreachable):
        send(over_starttls(port), mail(), "amina@example.org")

    assert mailbox.taken == []


def knock(port: int) -> None:
    trusting = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", port)) as raw,
        trusting.wrap_socket(raw, server_hostname="localhost") as connection,
    ):
        connection.recv(100)


def test_smtps_speaks_tls_from_the_first_byte(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    mailbox = SmtpInbox()
    context = server_context(certificate)
    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port, ssl_context=context)
    # The controller's own way to wake its server would use the server's context.
    monkeypatch.setattr(server, "_trigger_server", lambda: knock(port))
    server.start()
    try:
        way = smtp_transport(f"smtps://localhost:{port}", SENDER)
        send(way, mail(), "amina@example.org")
    finally:
        server.stop()

    assert len(mailbox.taken) == 1


def test_the_address_of_the_server_is_read_whole():
    way = smtp_transport("smtp://us%40er:p%2Fw@mail.example", SENDER)

    assert (way.host, way.port) == ("mail.example", 587)
    assert (way.user, way.password) == ("us@er", "p/w")
    assert smtp_transport("smtps://mail.example", SENDER).port == 465


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("smtp://127.0.0.1:25", True),
        ("smtp://[::1]:25", True),
        ("smtp://localhost", True),
        ("smtps://localhost", False),
        ("smtp://mail.example", False),
        ("smtp://10.0.0.1", False),
    ],
)
def test_only_this_machine_is_spoken_to_in_the_clear(url, clear):
    assert smtp_transport(url, SENDER).in_the_clear is clear


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://u:secret@h:x"]
)
def test_an_unusable_address_is_refused_without_showing_the_password(url):
    with pytest.raises(ConfigError) as refusal:
        smtp_transport(url, SENDER)

    assert "FORMS_SMTP_URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_without_a_server_a_mail_is_a_file_and_its_link_is_shown_once(tmp_path):
    shown: list[str] = []
    way = FileTransport(tmp_path / "mail", shown.append)

    send(way, mail(), "amina@example.org")
    send(way, mail(), "amina@example.org")

    (file,) = (tmp_path / "mail").iterdir()
    assert re.fullmatch(r"20200620T083000-key1\.eml", file.name)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert LINK in message_from_bytes(file.read_bytes(), policy=default).get_content()
    assert shown == [f"Mail written to {file}\n  {LINK}"]


def test_a_folder_that_cannot_be_written_is_tried_again_later(tmp_path):
    (tmp_path / "mail").write_text("not a folder")
    way = FileTransport(tmp_path / "mail", lambda text: None)

    with pytest.raises(Unreachable):
        send(way, mail(), "amina@example.org")
