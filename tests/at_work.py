"""The whole service at work, as a process: people who send, their mailboxes, staff.

Everybody presses again until they are answered, through whatever happens, and writes
down what they were told. `broken` then compares that with what is stored.
"""

import re
import secrets
import signal
import sqlite3
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import html

from citizen import VOLUNTEER
from clerk import PASSWORD
from sample_content import ROOT, SAMPLE
from servers import free_port
from service import LOG_KEYS
from test_cli_serve import KEYS, Process
from test_transport import SENDER, SmtpInbox, mail_server

FORM = "/moduli/it/volontari"
CLERK = "clerk@example.org"
PATIENCE = 120.0
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.MULTILINE)
KEY = re.compile(r'name="(form-key)"[^>]* value="([^"]*)"')
LINK = re.compile(r"/r/[\w.-]+")
CODE = re.compile(r"^\s*([A-Z0-9]{6})\s*$", re.MULTILINE)
REQUEST = re.compile(r"/staff/richiesta/([\w-]+)")
LABOUR = {"FORMS_SUMMARY_SECONDS": "0", "FORMS_HOURLY_LIMIT": "100000000"}
SETTINGS = LABOUR | {
    "FORMS_TRUSTED_PROXIES": "127.0.0.0/8",
    "FORMS_SECRET_KEYS": KEYS,
    "FORMS_LOG_KEYS": LOG_KEYS[0],
    "FORMS_MAIL_FROM": SENDER,
}


class Gone(Exception):
    """The service will not be there again."""


class Visitor:
    """A browser from a network of its own; it keeps cookies, page and connection."""

    def __init__(self, base: str, network: str = "", gone: Event | None = None) -> None:
        self._connect = partial(HTTPConnection, urlsplit(base).netloc, timeout=60)
        if base.startswith("https"):
            tls = ssl._create_unverified_context()  # noqa: S323 - our own, on loopback
            self._connect = partial(HTTPSConnection, *self._connect.args, context=tls)
        self.network = network
        self._cookies: dict[str, str] = {}
        self._line: HTTPConnection | None = None
        self._gone = gone or Event()
        self.page, self.location = "", ""
        self.refused: Counter[int] = Counter()

    def ask(self, path: str, typed: Any = None) -> int:
        """Open a page or send a form; return the status. Raise when nobody answers."""
        parts = ".".join(str(byte) for byte in secrets.token_bytes(3))
        headers = {
            "X-Forwarded-For": self.network or f"10.{parts}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "Cookie": "; ".join(f"{n}={v}" for n, v in self._cookies.items()),
        }
        body = None if typed is None else urlencode(typed, doseq=True)
        line = self._line or self._connect()
        self._line = None
        try:
            line.request("GET" if body is None else "POST", path, body, headers)
            answer = line.getresponse()
            self.page = answer.read().decode("utf-8", "replace")
        except BaseException:
            line.close()
            raise
        self._line = line
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        self.location = answer.headers.get("Location", "")
        return answer.status

    def until(self, wanted: int, path: str, typed: Any = None, or_: int = 0) -> None:
        """Ask again until this is the answer; meanwhile nobody hears but "later"."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            try:
                status = self.ask(path, typed)
            except (OSError, HTTPException):
                self.wait()
                continue
            if status in (wanted, or_):
                return
            self.refused[status] += 1
            if status not in (503, 502):
                raise AssertionError(f"{path}: {status} {self.page[-3000:]}")
            time.sleep(0.05)
        raise AssertionError(f"{path}: no answer within two minutes")

    def wait(self) -> None:
        """Wait a moment for a service that does not answer; raise `Gone`."""
        if self._gone.wait(0.02):
            raise Gone

    def close(self) -> None:
        """Leave."""
        if self._line:
            self._line.close()
        self._line = None

    def fields(self, ending: str) -> dict[str, str]:
        """Return what the browser would send from the form that goes to an address."""
        forms = html.document_fromstring(self.page).forms
        (form,) = [f for f in forms if f.action.partition("?")[0].endswith(ending)]
        return dict(form.form_values())


class Post(SmtpInbox):
    """A mail server that puts what it takes into the mailboxes; it counts all."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
        self.ids: Counter[str] = Counter()
        self.reached: set[str] = set()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        head, _, _ = envelope.content.partition(b"\r\n\r\n")
        self.ids[MESSAGE_ID.search(head)[1].decode()] += 1
        self.reached.update(envelope.rcpt_tos)
        self.mails.put((envelope.rcpt_tos[0], envelope.content))
        return "250 OK"


class Told:
    """What people and staff were told, each with the moment after they were."""

    def __init__(self) -> None:
        self.received: dict[str, float] = {}
        self.confirmed: dict[str, float] = {}
        self.erased: dict[str, float] = {}
        # Whoever has pressed to be erased, whether they were told of it or not.
        self.erasing: set[str] = set()
        self.decided: dict[str, float] = {}


class Town:
    """A service on a data folder, and all who have to do with it."""

    def __init__(self, folder: Path, program: Path = ROOT, **settings: str) -> None:
        self.folder, self.program, self.content = folder, program, SAMPLE
        self.data = folder / "var"
        self.database = self.data / "forms.sqlite"
        self.post, self.told = Post(), Told()
        self.refused: Counter[int] = Counter()
        self.faults: list[str] = []
        self.now: Callable[[], float] = time.monotonic
        self._stop, self._gone = Event(), Event()
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        own = {"FORMS_LISTEN": f"127.0.0.1:{port}", "FORMS_BASE_URL": self.base}
        self.settings = SETTINGS | own | settings
        self.process: Process

    def command(self, *arguments: str, **settings: str) -> Process:
        """Start a command on these data."""
        given = self.settings | settings
        given |= {"FORMS_CONTENT_DIR": str(self.content)}
        return Process(self.folder, SAMPLE, *arguments, program=self.program, **given)

    def done(self, *arguments: str, code: int = 0, **settings: str) -> str:
        """Run a command; return what it said."""
        command = self.command(*arguments, **settings)
        assert command.ended(120) == code, command.said
        return command.said

    def start(self, page: str = FORM, **settings: str) -> float:
        """Serve; return after how many seconds somebody was answered."""
        begun = time.monotonic()
        self.process = self.command("serve", **settings)
        visitor = Visitor(self.base)
        while time.monotonic() < begun + PATIENCE:
            with suppress(OSError, HTTPException), closing(visitor):
                if visitor.ask(page) == 200:
                    return time.monotonic() - begun
            assert self.process.running.poll() is None, self.process.said
            time.sleep(0.02)
        raise AssertionError(self.process.said)

    def kill(self) -> None:
        """End the service in the middle of whatever it does."""
        self.process.running.send_signal(signal.SIGKILL)
        self.process.running.wait()

    def die(self) -> None:
        """End the service for good: nobody waits for it any more."""
        self.kill()
        self._gone.set()

    def staff(self) -> Visitor:
        """Return the browser of a member of staff who has signed in."""
        clerk = Visitor(self.base, "192.0.2.7", self._gone)
        link = urlsplit(self.done("staff", "add", CLERK).split()[-1]).path
        clerk.until(200, link)
        typed = {"password": PASSWORD, "again": PASSWORD}
        assert clerk.ask(link, clerk.fields(link) | typed) == 303, clerk.page
        clerk.until(200, "/staff/accedi")
        typed = {"email": CLERK, "password": PASSWORD}
        typed = clerk.fields("/accedi") | typed
        assert clerk.ask("/staff/accedi", typed) == 303, clerk.page
        return clerk

    @contextmanager
    def working(
        self,
        people: int = 4,
        staff: bool = True,
        share: int = 4,
        erase: int = 0,
        patient: bool = False,
    ) -> Iterator[None]:
        """Have everybody at work meanwhile.

        One of `share` confirms the address, and one of `erase` of these erases what
        was sent; at 0 no mail is read until later. Who is `patient` sends again when
        the mail has come: on a busy machine more is sent than mailed, and what waits
        for a mail waits longer and longer.
        """
        self._stop.clear()
        jobs: list[tuple[Visitor, Callable[[Visitor], None]]] = [
            (Visitor(self.base, gone=self._gone), partial(self._send, patient=patient))
            for _ in range(people)
        ]
        if share:
            reader = partial(self._read_mails, share=share, erase=erase)
            jobs.append((Visitor(self.base, gone=self._gone), reader))
        if staff:
            jobs.append((self.staff(), self._decide))
        threads = [Thread(target=self._do, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
        assert not self.faults, self.faults

    def _do(self, visitor: Visitor, job: Callable[[Visitor], None]) -> None:
        try:
            with closing(visitor), suppress(Gone):
                job(visitor)
        except BaseException as error:
            self.faults.append(repr(error))
            self._stop.set()
        self.refused += visitor.refused

    def _send(self, visitor: Visitor, patient: bool) -> None:
        while not self._stop.is_set():
            email = self.send(visitor)
            while patient and not (email in self.post.reached or self._stop.is_set()):
                visitor.wait()

    def send(self, visitor: Visitor, domain: str = "") -> str:
        """Send a form as somebody new; return the address of mail that was given."""
        domain = domain or f"{secrets.token_hex(4)}.example.org"
        email = f"{secrets.token_hex(6)}@{domain}"
        typed = VOLUNTEER | {"email": email, "nome_completo": f"Anh {email[:8]}"}
        visitor.until(200, f"{FORM}/riepilogo", typed)
        visitor.until(303, f"{FORM}/conferma", typed | dict(KEY.findall(visitor.page)))
        assert "/inviata/" in visitor.location
        self.told.received[email] = self.now()
        return email

    def _read_mails(self, visitor: Visitor, share: int, erase: int) -> None:
        personal: dict[str, str] = {}
        while not self._stop.is_set():
            with suppress(Empty):
                address, octets = self.post.mails.get(timeout=0.1)
                if address == CLERK or int(address[:4], 16) % share:
                    continue
                mail = message_from_bytes(octets, policy=default)
                text = mail.get_body(("plain",)).get_content()
                link, code = LINK.search(text), CODE.search(text)
                if link and address not in self.told.confirmed:
                    visitor.until(200, f"{link[0]}/conferma", {})
                    self.told.confirmed[address] = self.now()
                elif erase and int(address[4:8], 16) % erase == 0:
                    if address not in personal and link:
                        personal[address] = link[0]
                        visitor.until(303, f"{link[0]}/codice", {})
                    elif code and address not in self.told.erased:
                        self.told.erasing.add(address)
                        path = f"{personal[address]}/cancella/conferma"
                        visitor.until(200, path, {"code": code[1]}, or_=410)
                        self.told.erased[address] = self.now()

    def _decide(self, clerk: Visitor) -> None:
        """Accept what is new, the oldest first."""
        while not self._stop.is_set():
            clerk.until(200, "/staff/?stato=new")
            for request in dict.fromkeys(REQUEST.findall(clerk.page)):
                if request in self.told.decided or self._stop.is_set():
                    continue
                self._accept(clerk, f"/staff/richiesta/{request}/esito/accept")
                self.told.decided[request] = self.now()
            time.sleep(0.05)

    def _accept(self, clerk: Visitor, path: str) -> None:
        while True:
            try:
                status = clerk.ask(path)
                if status == 200:
                    status = clerk.ask(path, clerk.fields("/accept"))
            except (OSError, HTTPException):
                clerk.wait()
                continue
            # 409: it was accepted, and the answer did not arrive; 404: its sender has
            # erased it meanwhile.
            if status in (303, 409, 404):
                return
            clerk.refused[status] += 1
            assert status == 503, (status, clerk.page[-3000:])
            time.sleep(0.05)

    def wait_for_mails(self) -> None:
        """Wait until all mails have left, those too whose sender was killed."""
        waiting = "SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1"
        self.wait_for(lambda: not self.sql(waiting), 10 * PATIENCE)

    def wait_for(self, fact: Callable[[], bool], seconds: float = 2 * PATIENCE) -> None:
        """Wait until something is so; the service must run meanwhile."""
        ends = time.monotonic() + seconds
        while not fact():
            assert self.process.running.poll() is None, self.process.said
            assert time.monotonic() < ends, self.process.said
            time.sleep(0.1)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database directly."""
        uri = f"{self.database.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as db:
            return db.execute(statement, values).fetchall()

    def stop(self) -> None:
        """End the service as an administrator does."""
        assert self.process.end(seconds=60) == 0, self.process.said


@contextmanager
def in_town(
    folder: Path, program: Path = ROOT, post: Post | None = None, **settings: str
) -> Iterator[Town]:
    """Make a town with its mail server; whatever happens, the service ends with it."""
    town = Town(folder, program, **settings)
    town.post = post or town.post
    with mail_server(town.post) as port:
        town.settings.setdefault("FORMS_SMTP_URL", f"smtp://127.0.0.1:{port}")
        try:
            yield town
        finally:
            if town.process.running.poll() is None:
                town.kill()


def broken(database: Path, told: Told, until: float = float("inf")) -> list[str]:
    """Return what is not as people were told until a moment."""
    try:
        return _broken(database, told, until)
    except sqlite3.DatabaseError as error:
        # Nobody can read it any more.
        return [f"{email} is lost: {error}" for email in told.received]


def _broken(database: Path, told: Told, until: float) -> list[str]:
    with closing(sqlite3.connect(database)) as db:
        (whole,) = db.execute("PRAGMA integrity_check").fetchone()
        found = [] if whole == "ok" else [str(whole)]
        if db.execute("PRAGMA foreign_key_check").fetchone():
            found.append("a row refers to nothing")
        rows = db.execute("SELECT email, id, status FROM submissions").fetchall()
        stored = {email: status for email, _, status in rows}
        by_id = {id_: status for _, id_, status in rows}
        number = Counter(email for email, *_ in rows)
        mails = dict(
            db.execute(
                "SELECT submission, count(*) FROM outbox WHERE kind = 'verify' "
                "GROUP BY submission"
            )
        )
        sent = dict(
            db.execute(
                "SELECT submission, count(*) FROM events WHERE verb = 'send' GROUP BY 1"
            )
        )
    erased = {email for email, at in told.erased.items() if at <= until}
    maybe = told.erased.keys() - erased
    found += [
        f"{email} is lost"
        for email, at in told.received.items()
        if at <= until and email not in stored and email not in told.erased
    ]
    found += [f"{email} is {n} rows" for email, n in number.items() if n > 1]
    found += [f"{email} came back" for email in erased if email in stored]
    for id_, status in by_id.items():
        # One that came when its link was used already is not sent once more.
        if (number_of := mails.get(id_, 0)) != 1 and status == "unverified":
            found.append(f"{id_} has {number_of} mails")
        if (number_of := sent.get(id_, 0)) != 1:
            found.append(f"{id_} has {number_of} events")
    found += [
        f"{email} was confirmed, and is not"
        for email, at in told.confirmed.items()
        if at <= until and stored.get(email) == "unverified" and email not in maybe
    ]
    found += [
        f"{id_} was accepted, and is {by_id[id_]}"
        for id_, at in told.decided.items()
        if at <= until and by_id.get(id_, "accepted") != "accepted"
    ]
    return found
