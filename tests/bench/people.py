"""What the people of a crowd do: the requests of a browser, made of ready bytes.

Each person has a mailbox and a network of their own, as in a town: no limit is hit.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from forms_service import urls
from forms_service.cli.demo import invented
from forms_service.clock import system_clock
from forms_service.config import Config
from forms_service.content import load_content
from forms_service.definition import FormDefinition, raw_of
from forms_service.i18n import Translator
from forms_service.tokens import Tokens

from .client import Answer, Journey, Step
from .load import Journeys

MAILBOX = "nobody@example.org"
TYPED = b"application/x-www-form-urlencoded"


def network(number: int) -> bytes:
    """Return an address in a network that nobody else has."""
    parts = (20 + number // 65536 % 100, number // 256 % 256, number % 256, 9)
    return b"%d.%d.%d.%d" % parts


def get(path: str, number: int = 0, more: bytes = b"") -> bytes:
    """Return the bytes of a GET."""
    return b"GET %s HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: %s\r\n%s\r\n" % (
        path.encode(),
        network(number),
        more,
    )


def post(path: str, number: int, body: bytes, more: bytes = b"") -> bytes:
    """Return the bytes of a POST as a page of ours sends it."""
    return (
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: %s\r\n"
        b"Sec-Fetch-Site: same-origin\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
        b"%s\r\n%s"
    ) % (path.encode(), network(number), TYPED, len(body), more, body)


PACKED = b"Accept-Encoding: gzip\r\n"


def single(
    name: str, request: Callable[[int], bytes], status: bytes = b"200"
) -> Journeys:
    """Return journeys of one request each."""

    def journeys(numbers: Iterator[int]) -> Iterator[Journey]:
        return (journey(number) for number in numbers)

    def journey(number: int) -> Journey:
        yield Step(name, request(number), status)

    return journeys


def open_form(config: Config) -> FormDefinition:
    """Return a form of the project that is open, counts no places and asks by mail."""
    content = load_content(config.content_dir)
    today = system_clock().date()
    return next(
        form
        for form in map(content.form, content.forms)
        if form.contact_by_phone is False
        and form.capacity is None
        and (form.opens or today) <= today <= (form.closes or today)
        and any(field.role == "email" for field in form.fields)
    )


class People:
    """Those who send the form of a project."""

    def __init__(self, config: Config, form: FormDefinition) -> None:
        self.form = form
        self._tokens = Tokens(config.secret_keys)
        zone = load_content(config.content_dir).project.zone
        raw = raw_of(form, invented(form, 1, Translator(form.lang, zone)))
        mailbox = next(field.id for field in form.fields if field.role == "email")
        # Invented numbers belong to nobody: each is confirmed as it stands.
        phones = [field.id for field in form.fields if field.type == "phone"]
        raw |= {f"{phone}-kept": raw[phone] for phone in phones if phone in raw}
        typed = urlencode({**raw, mailbox: [MAILBOX]}, doseq=True)
        self._typed = typed.encode()
        self.page = urls.online_form(form.id, form.lang)
        self._summary = urls.summary(form.id, form.lang)
        self._confirm = urls.confirm(form.id, form.lang)

    def typed(self, number: int) -> bytes:
        """Return what somebody typed."""
        return self._typed.replace(b"nobody", b"p%d" % number)

    def form_page(self, number: int) -> bytes:
        """Open the form, as every browser does: packed."""
        return get(self.page, number, PACKED)

    def summary(self, number: int) -> bytes:
        """Send the filled form to be read once more."""
        return post(self._summary, number, self.typed(number))

    def invalid(self, number: int) -> bytes:
        """Send an empty form, which comes back with all that is missing."""
        return post(self._summary, number, b"")

    def confirm(self, number: int) -> bytes:
        """Send what was read, with the key of a summary page."""
        payload = [self.form.id, self.form.fingerprint, f"nonce-{number}"]
        key = self._tokens.make("form-key", payload).encode()
        return self._confirm_with(number, key)

    def _confirm_with(self, number: int, key: bytes) -> bytes:
        body = self.typed(number) + b"&form-key=" + key
        return post(self._confirm, number, body)

    def journeys(self, numbers: Iterator[int]) -> Iterator[Journey]:
        """From the empty form to the proven mailbox, one for each person."""
        return map(self.journey, numbers)

    def journey(self, number: int) -> Journey:
        """Do what a person does, and follow the link of the mail."""
        yield Step("form", self.form_page(number))
        summary = yield Step("summary", self.summary(number))
        key = hidden(summary, b"form-key")
        sending = Step("confirm", self._confirm_with(number, key), b"303")
        sent = (yield sending).header(b"Location").decode()
        yield Step("sent", get(sent, number))
        submission = self._tokens.read("sent", sent.rpartition("/")[2])
        link = urls.mail_link(self._tokens.make("r", ["v", submission, 0]))
        yield Step("verify page", get(link, number))
        yield Step("verify", post(f"{link}/conferma", number, b""))

    def receipts(self, submissions: list[str]) -> Journeys:
        """Return journeys that ask for a code, and with it for a receipt."""

        def journeys(numbers: Iterator[int]) -> Iterator[Journey]:
            return map(self._receipt, numbers, submissions)

        return journeys

    def _receipt(self, number: int, submission: str) -> Journey:
        link = urls.mail_link(self._tokens.make("r", ["p", submission, 1]))
        yield Step("code", post(f"{link}/codice", number, b""), b"303")
        code = self._tokens.code("open", f"{submission}:1").encode()
        receipt = yield Step(
            "receipt", post(f"{link}/ricevuta", number, b"code=" + code)
        )
        if not receipt.body.startswith(b"%PDF"):
            raise RuntimeError("a receipt is no PDF")


def hidden(page: Answer, name: bytes) -> bytes:
    """Return the value of a hidden control."""
    _, _, rest = page.body.partition(b'name="%s" value="' % name)
    return rest.partition(b'"')[0]


def stored(database: Path) -> dict[str, int]:
    """Count the rows and the mails of people who came, not those of other programs."""
    mine = "LIKE 'p%@example.org'"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        counts = {
            "rows": f"SELECT count(*) FROM submissions WHERE email {mine}",
            "verified": f"SELECT count(*) FROM submissions WHERE email {mine} "
            "AND verified_at IS NOT NULL",
            "mails": f"SELECT count(*) FROM outbox WHERE address {mine}",
        }
        return {name: db.execute(sql).fetchone()[0] for name, sql in counts.items()}


def proven(database: Path, count: int) -> list[str]:
    """Return the ids of some who have proven their mailbox."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT id FROM submissions WHERE verified_at IS NOT NULL "
            "AND code_generation = 0 ORDER BY number DESC LIMIT ?",
            [count],
        )
        return [row[0] for row in rows]
