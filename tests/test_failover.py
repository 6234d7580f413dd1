"""PostgreSQL fails under the service: nothing is told that is not so, and it recovers.

Real servers on loopback are ended, frozen, made read-only and promoted.
"""

import signal
import time
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest

from citizen import VOLUNTEER
from forms_service import wsgi
from forms_service.config import Config
from forms_service.store import postgres_engine
from forms_service.store.database import Store
from forms_service.store.schema import migrate
from sample_content import SAMPLE
from servers import DATABASE, Server, in_step
from service import VisitedPage, pages_of_repository

pytestmark = pytest.mark.slow

FORM = "/moduli/it/volontari"
# Of what a person has typed, each must come back with a page about a fault.
WORDS = ("Nguyễn Thị Ánh", "E fare la spesa.")
ROWS = "SELECT count(*) FROM submissions"


@pytest.fixture
def primary():
    server = Server()
    server.start()
    server.execute(f"CREATE DATABASE {DATABASE}")
    migrate(f"postgresql://tests@127.0.0.1:{server.port}/{DATABASE}")
    yield server
    server.remove()


@pytest.fixture
def standby(primary):
    """A standby that every commit waits for."""
    server = Server(standby_of=primary, name="second")
    server.start()
    primary.configure(synchronous_standby_names="second")
    in_step(primary)
    yield server
    server.remove()


class Citizen:
    """Somebody who has read the summary, and presses the last button."""

    def __init__(self, app):
        self.client = app.test_client()
        summary = VisitedPage(self.client.post(f"{FORM}/riepilogo", data=VOLUNTEER))
        assert summary.status == 200
        self.typed = summary.controls()

    def press(self):
        return VisitedPage(self.client.post(f"{FORM}/conferma", data=self.typed))


@pytest.fixture
def app(primary, tmp_path, clock):
    """The service on the primary, as one process; whoever writes waits two seconds."""
    (tmp_path / "var").mkdir()
    config = Config.from_environment({
        "FORMS_DATA_DIR": str(tmp_path / "var"),
        "FORMS_CONTENT_DIR": str(SAMPLE),
        "FORMS_SECRET_KEYS": "a-key-for-tests-that-is-long-enough-0001",
        "FORMS_MAIL_FROM": "moduli@example.org",
        "FORMS_SUMMARY_SECONDS": "0",
        "FORMS_DATABASE_URL": f"postgresql://tests@127.0.0.1:{primary.port}/{DATABASE}",
    })  # fmt: skip
    read = pages_of_repository(SAMPLE)
    pages = replace(read, content=replace(read.content, forms={**read.content.forms}))
    app, context = wsgi.build(config, clock, pages)
    yield app
    context.store.close()


def refused(citizen):
    """Press, and expect a page that says try again and holds all that was typed."""
    page = citizen.press()
    assert page.status == 503
    assert page.headers["Retry-After"]
    assert all(word in page.body.decode() for word in WORDS)


def taken_soon(citizen):
    """Press again and again until it is taken, as somebody does who is told to."""
    for _ in range(60):
        if (page := citizen.press()).status == 303:
            return page
        assert page.status == 503
        time.sleep(0.5)
    raise AssertionError("it does not recover")


def test_a_server_that_is_gone_and_comes_back(primary, app):
    citizen = Citizen(app)
    primary.stop()
    refused(citizen)
    refused(citizen)
    assert app.test_client().get("/healthz").status_code == 503
    primary.start()
    taken_soon(citizen)
    assert app.test_client().get("/healthz").status_code == 200
    assert primary.execute(ROWS, DATABASE) == [(1,)]


def test_readers_are_served_soon_after_however_long_it_was_gone(primary, app):
    """Each try of the pool alone would wait twice as long as the one before."""
    client = app.test_client()
    primary.stop()
    ends = time.monotonic() + 25
    while time.monotonic() < ends:
        assert client.get("/moduli/stato.json").status_code == 503
    primary.start()
    begun = time.monotonic()
    while client.get("/moduli/stato.json").status_code != 200:
        assert time.monotonic() < begun + 10


def test_a_server_that_only_reads(primary, app):
    citizen = Citizen(app)
    primary.configure(default_transaction_read_only="on")
    refused(citizen)
    primary.configure(default_transaction_read_only="off")
    taken_soon(citizen)
    assert primary.execute(ROWS, DATABASE) == [(1,)]


@contextmanager
def holding(primary, statement):
    """Keep a transaction open that has done something."""
    with psycopg.connect(primary.address()) as db:
        db.execute(statement)
        yield
        db.rollback()


def test_a_table_that_somebody_keeps_for_himself(primary, app):
    citizen = Citizen(app)
    with holding(primary, "LOCK TABLE submissions, counts IN ACCESS EXCLUSIVE MODE"):
        refused(citizen)
        assert app.test_client().get("/moduli/stato.json").status_code == 503
    taken_soon(citizen)
    assert primary.execute(ROWS, DATABASE) == [(1,)]


def test_a_server_that_is_frozen(primary, app, monkeypatch):
    """What it did in the end nobody heard of: the same key finds it."""
    monkeypatch.setattr(postgres_engine, "SILENCE_SECONDS", 1.0)
    citizen, other = Citizen(app), Citizen(app)
    taken_soon(citizen)
    primary.each_process(signal.SIGSTOP)
    refused(other)
    refused(other)
    primary.each_process(signal.SIGCONT)
    assert taken_soon(other).location == taken_soon(other).location
    assert primary.execute(ROWS, DATABASE) == [(2,)]


def test_a_standby_that_is_gone_keeps_nobody_for_ever(
    primary, standby, app, monkeypatch
):
    """It is committed here and nowhere else: nobody is told that it is stored."""
    monkeypatch.setattr(postgres_engine, "SILENCE_SECONDS", 1.0)
    citizen = Citizen(app)
    taken_soon(Citizen(app))
    standby.stop()
    refused(citizen)
    refused(citizen)
    standby.start()
    taken_soon(citizen)
    assert primary.execute(ROWS, DATABASE) == [(2,)]
    assert standby.execute(ROWS, DATABASE) == [(2,)]


def test_a_setting_that_is_changed_meanwhile_is_told_and_weakens_no_commit(primary):
    url = f"postgresql://tests@127.0.0.1:{primary.port}/{DATABASE}"
    asked = "SELECT current_setting('synchronous_commit')"
    with closing(Store(url)) as store:
        assert store.unfit() == ""
        primary.configure(synchronous_commit="off")
        while not (said := store.unfit()):
            time.sleep(0.05)
        assert "synchronous_commit is off" in said
        assert store.write(lambda db: db.execute(asked).fetchone()[0]) == "on"
        # Who reads has promised nothing, and hears of it.
        assert store.read(lambda db: db.execute(asked).fetchone()[0]) == "off"
    primary.configure(synchronous_commit="on")


def test_a_server_that_came_in_its_place_must_keep_what_it_commits(primary, app):
    citizen = Citizen(app)
    primary.configure(synchronous_commit="off")
    primary.stop()
    primary.start()
    refused(citizen)
    primary.configure(synchronous_commit="on")
    taken_soon(citizen)
