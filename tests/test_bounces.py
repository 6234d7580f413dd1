"""Refusals that come back, with a real postfix and a real dovecot on this machine."""

import os
import shutil
import signal
import smtplib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from tempfile import mkdtemp

import pytest

from forms_service.mail.mailbox import Mailbox, Maildir, mailbox_of
from forms_service.mail.smtp import smtp_transport
from forms_service.store import replies
from forms_service.workers import MailRoute, send_due
from forms_service.workflow import mail_queue
from forms_service.workflow.incoming_mail import ReturnsLoop

pytest_plugins = ["life"]
pytestmark = pytest.mark.slow

SENDER = "moduli@example.org"
NOBODY = 65534
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.org
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ moduli@example.org=moduli/, anh@example.org=anh/ }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
recipient_delimiter = +
# As behind a relay: it takes every mail, and refuses later.
smtpd_reject_unlisted_recipient = no
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
DOVECOT = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = no
mail_location = maildir:{folder}/mail/moduli
first_valid_uid = 1
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
passdb {{
  driver = static
  args = password=a/secret
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mail
}}
"""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def until(done: Callable[[], object]) -> None:
    """Wait for what another program does."""
    ends = time.monotonic() + 120
    while not done():
        assert time.monotonic() < ends, "it never happened"
        time.sleep(0.1)


def answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


class MailServers:
    """Postfix, which delivers into Maildirs, and dovecot, which shows one of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.smtp, self.imap = free_port(), free_port()
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        folder = self.folder
        for name in ("etc", "spool", "data", "mail"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        os.chown(folder / "mail", NOBODY, NOBODY)
        words = {"folder": folder}
        (folder / "etc/main.cf").write_text(MAIN.format(**words))
        (folder / "etc/master.cf").write_text(MASTER.format(port=self.smtp))
        conf = folder / "dovecot.conf"
        conf.write_text(DOVECOT.format(port=self.imap, **words))
        postfix = ["/usr/sbin/postfix", "-c", str(folder / "etc")]
        subprocess.run([*postfix, "check"], check=True, capture_output=True)
        for command in ([*postfix, "start-fg"], ["dovecot", "-F", "-c", str(conf)]):
            self.running.append(subprocess.Popen(command, start_new_session=True))
        until(lambda: answers(self.smtp) and answers(self.imap))

    def stop(self) -> None:
        # Its master has a session of its own.
        config = str(self.folder / "etc")
        subprocess.run(["/usr/sbin/postfix", "-c", config, "stop"], check=False)
        for process in self.running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.running:
            process.wait(60)

    def delivered(self, name: str) -> list[Path]:
        return sorted((self.folder / "mail" / name / "new").glob("*"))

    def write(self, to: str, **headers: str) -> None:
        """Let Ánh write a mail."""
        mail = EmailMessage()
        mail["From"], mail["To"] = "anh@example.org", to
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content("Grazie mille")
        with smtplib.SMTP("127.0.0.1", self.smtp) as server:
            server.send_message(mail, to_addrs=[to])


@pytest.fixture
def servers() -> Iterator[MailServers]:
    folder = Path(mkdtemp(prefix="mail-"))
    folder.chmod(0o755)
    made = MailServers(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


@pytest.mark.parametrize("way", ["imap", "maildir"])
@pytest.mark.engine("sqlite")
@pytest.mark.promise(
    "P11",
    "postfix refuses later, a machine and a person answer",
    without=(
        "the sender’s own address on the envelope",
        "workers.py",
        'return_path=back if route.mailbox else ""',
        'return_path=""',
    ),
)
def test_a_refusal_a_machine_and_a_person_come_back_through_real_servers(
    world, servers, way, figure
):
    named = f"imap://moduli:a%2Fsecret@127.0.0.1:{servers.imap}/INBOX"
    box: Mailbox = Maildir(servers.folder / "mail/moduli")
    if way == "imap":
        found = mailbox_of(named)
        assert found is not None
        box = found
    url = f"smtp://127.0.0.1:{servers.smtp}"
    route = MailRoute(smtp_transport(url, SENDER), SENDER, "", box)
    nobody, anh = world.sent("nobody@example.org"), world.sent("anh@example.org")
    assert send_due(world.context, route) == 2

    until(lambda: servers.delivered("anh") and servers.delivered("moduli"))
    raw = servers.delivered("anh")[0].read_bytes()
    came = message_from_bytes(raw)
    back = came["Return-Path"].strip("<>")
    assert back.startswith("moduli+b")
    subject = "Re: Conferma"
    servers.write(SENDER, Subject=subject, In_Reply_To=came["Message-ID"])
    servers.write(back, Subject="Assente", Auto_Submitted="auto-replied")
    servers.write(SENDER, Subject="Nothing to do with any mail")
    until(lambda: len(servers.delivered("moduli")) == 4)

    # What is only looked at is still unread.
    box.look()
    loop = ReturnsLoop(world.context, box)
    loop()
    loop()
    assert loop.failing_for == 0

    def refused(submission):
        return world.store.read(lambda db: mail_queue.undeliverable(db, submission))

    assert (refused(nobody), refused(anh)) == ("550 5.1.1", "")
    (reply,) = world.store.read(replies.newest)
    assert (reply.submission, reply.subject) == (anh.id, subject)
    assert reply.text == "Grazie mille"
    left = list((servers.folder / "mail/moduli").glob("[cn]*/*"))
    left = [file for file in left if file.parent.name in ("new", "cur")]
    assert len(left) == 1, "what is not ours stays"
    assert "S" in left[0].name.partition(":2,")[2]
    figure("IMAP and Maildir: the refusal told with its reason, the answer kept")
