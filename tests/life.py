"""A world for tests of store and workflow: all that lies below the web, no pages.

A test runs on SQLite and on PostgreSQL, as `engines` says.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cluster import PATIENCE
from engines import Where
from forms_service.content import Content, load_content
from forms_service.definition import Channel, FormDefinition, clean
from forms_service.mail import kinds
from forms_service.mail.message import MailMessage
from forms_service.store import events, outbox, staff, staff_rights, submissions
from forms_service.store.data_folder import DataFolder
from forms_service.store.database import Store
from forms_service.store.events import AuditEvent
from forms_service.store.log_check import LogReport
from forms_service.store.outbox import StoredMail
from forms_service.store.sealing import KeptHead
from forms_service.store.submissions import Submission
from forms_service.tokens import Tokens
from forms_service.workflow import (
    log_sealing,
    mail_delivery,
    publishing,
    sending,
    verification,
)
from forms_service.workflow.context import WorkflowContext
from forms_service.workflow.deciding import staff_actor
from forms_service.workflow.sending import IdempotencyKey, Sent
from sample_content import copied, every_type
from service import LOG_KEYS, Clock, empty_database, log_report

FORM = "every-type"
CARLA = "carla@comune.example"
TYPED = {
    "nome": "Nguyễn Thị Ánh",
    "profilo": "persona",
    "persone": "1",
    "interessi": "orto",
    "maggiorenne": "true",
    "informativa": "true",
}


class World:
    """One database, one content folder that a test may change, one clock."""

    def __init__(
        self, folder: Path, *changes: tuple[str, str, str], where: str = ""
    ) -> None:
        self.folder = folder
        self.path = folder / "forms.sqlite"
        self.clock = Clock(datetime(2030, 3, 1, 9, 0, tzinfo=UTC))
        if not where:
            self.path.write_bytes(empty_database())
        self.store = Store(where, PATIENCE) if where else Store(self.path)
        self.context: WorkflowContext
        self.start(load_content(copied(folder, *changes)) if changes else every_type())
        invited = partial(
            staff.invite, email=CARLA, now=self.clock(), expires=self.clock()
        )
        self.clerk = self.store.write(invited)
        self.store.write(
            lambda db: staff_rights.grant(db, self.clerk.id, staff_rights.EVERYTHING)
        )
        assert staff_actor(self.clerk.id) == "staff:1"

    def read_content(self, content: Path, publish: bool = False) -> None:
        """Read a folder and start again with it."""
        self.start(load_content(content), publish)

    def start(self, content: Content, publish: bool = False) -> None:
        """Compare the content as a start does; in production it publishes too."""
        tokens = Tokens(["a key for tests that is long enough"])
        folder = DataFolder(self.folder, LOG_KEYS)
        self.context = WorkflowContext(self.store, content, tokens, self.clock, folder)
        publishing.start(self.context, publish)

    def edit(self, *changes: tuple[str, str, str]) -> None:
        """Change texts in the content folder and start again."""
        self.read_content(copied(self.folder, *changes))

    def form(self, lang: str = "it") -> FormDefinition:
        return self.context.content.form(FORM, lang)

    def key(self, lang: str = "it") -> IdempotencyKey:
        form = self.form(lang)
        return sending.read_form_key(
            self.context, sending.new_form_key(self.context, form)
        )

    def answers(self, email: str | None = "anh@example.org", **more: Any) -> Any:
        """Return cleaned answers; without an address as a form by phone has them."""
        typed = TYPED | {"email": email or "nobody@example.org"} | more
        raw = {name: [value] for name, value in typed.items()}
        cleaned = clean(self.form(), raw, Channel.WEB, today=date(2030, 3, 1))
        assert cleaned.ok, cleaned
        values = dict(cleaned.answers)
        if email is None:
            del values["email"]
        return values

    def send(
        self,
        email: str | None = "anh@example.org",
        people: int = 1,
        key: IdempotencyKey | None = None,
        lang: str = "it",
        **more: Any,
    ) -> Sent:
        return sending.send(
            self.context,
            self.form(lang),
            self.answers(email, persone=str(people), **more),
            key or self.key(lang),
        )

    def sent(self, *args: Any, **more: Any) -> Submission:
        """Send and return the row, unproven."""
        return self.send(*args, **more).submission

    def proven(self, *args: Any, **more: Any) -> Submission:
        """Send, press the button in the mail, return the row."""
        return verification.confirm_link(
            self.context, self.link(self.sent(*args, **more))
        )

    def link(self, submission: Submission) -> str:
        """Return the token of the link that proves an address."""
        return mail_delivery.link_for(self.context, submission, kinds.verify).split(
            "/"
        )[-1]

    def personal(self, submission: Submission) -> str:
        """Return the token of the personal link."""
        return mail_delivery.link_for(self.context, submission, kinds.receipt).split(
            "/"
        )[-1]

    def post(self) -> list[StoredMail]:
        """Let the mail worker send all that is due; return it."""
        gone = []
        while mail := mail_delivery.claim(self.context):
            mail_delivery.report_sent(self.context, mail)
            gone.append(mail)
        return gone

    def message(self, mail: StoredMail, base_url: str = "") -> MailMessage:
        """Return what a mail says."""
        return mail_delivery.message_of(self.context, mail, base_url)

    def row(self, submission: Submission) -> Submission:
        return self.store.read(lambda db: submissions.get(db, submission.id))

    def mails(self, submission: Submission) -> list[StoredMail]:
        return self.store.read(lambda db: outbox.of_submission(db, submission.id))

    def events(self, submission: Submission) -> list[AuditEvent]:
        return self.store.read(lambda db: events.of_submission(db, submission.id))

    def verbs(self, submission: Submission) -> list[str]:
        return [event.verb for event in self.events(submission)]

    def seal(self) -> None:
        """Seal the log as the service does each second."""
        log_sealing.seal_log(self.context)

    def check_log(self, *kept: KeptHead, keys: Sequence[str] = LOG_KEYS) -> LogReport:
        """Look through the log as it is now, as `audit verify` does."""
        return log_report(self.context, kept, keys)

    def log_is_whole(self) -> bool:
        """Seal what waits and look through the log."""
        self.seal()
        return self.check_log().whole

    def sql(self, statement: str, *values: object) -> list[Any]:
        """Ask the database directly, past everything of ours."""
        return self.store.read(lambda db: db.execute(statement, values).fetchall())

    def plan(self, ask: Callable[[Any], Any]) -> list[str]:
        """Return how SQLite answers the statements of a job, one after the other."""
        said: list[str] = []

        def job(db: Any) -> list[str]:
            # The search has statements of its own when it is first asked.
            ask(db)
            db.set_trace_callback(said.append)
            ask(db)
            db.set_trace_callback(None)
            plans = (
                db.execute(f"EXPLAIN QUERY PLAN {asked}")
                for asked in said
                if asked[:6] == "SELECT"
            )
            return [row["detail"] for found in plans for row in found]

        return self.store.read(job)

    def force(self, statement: str, *values: object) -> None:
        """Change the database directly: a test that plants a fault."""
        self.store.write(lambda db: db.execute(statement, values))

    def at_once(self, number: int, job: Callable[[int], Any]) -> list[Any]:
        """Run a job in many threads that begin together; return what each got."""
        results: list[Any] = [None] * number
        barrier = threading.Barrier(number)

        def run(index: int) -> None:
            barrier.wait()
            try:
                results[index] = job(index)
            except Exception as error:
                results[index] = error

        threads = [threading.Thread(target=run, args=[n]) for n in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results


@pytest.fixture
def new_store(tmp_path: Path, where: Where) -> Iterator[Callable[..., Store]]:
    """Open stores, each on an empty database of its own; patience may be given."""
    opened: list[Store] = []

    def open_store(**options: Any) -> Store:
        path, url = tmp_path / f"store{len(opened)}.sqlite", where()
        if url:
            options = {"patience": PATIENCE} | options
        else:
            path.write_bytes(empty_database())
        opened.append(Store(url or path, **options))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


@pytest.fixture
def new_world(tmp_path: Path, where: Where) -> Iterator[Callable[..., World]]:
    """Make worlds; texts of the content folder may be changed beforehand."""
    made: list[World] = []

    def make(*changes: tuple[str, str, str]) -> World:
        folder = tmp_path / f"world{len(made)}"
        folder.mkdir()
        made.append(World(folder, *changes, where=where()))
        return made[-1]

    yield make
    for world in made:
        world.store.close()


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    """The world with the form that has every field type, ten places, no hurry."""
    return new_world()
