"""A service for tests: real store, real content, real server, a clock that obeys.

`service` answers in memory; its `address` starts waitress on a free port at first use.
"""

import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from limits import RateLimitItem
from lxml import html
from werkzeug.routing import Rule

from conftest import ROOT, unmeasured
from engines import Where
from forms_service import wsgi
from forms_service.config import Config
from forms_service.content import load_content
from forms_service.content.page_reading import load_pages
from forms_service.content.pages import Pages
from forms_service.store.log_check import LogReport, check
from forms_service.store.moving import move
from forms_service.store.schema import migrate
from forms_service.store.sealing import KeptHead, LogKeys
from forms_service.web.core.access import network_of
from forms_service.workflow.context import WorkflowContext
from sample_content import SAMPLE

LOG_KEYS = ["a-key-for-the-log-that-is-long-enough"]


class Clock:
    """Time that stands still until a test moves it."""

    def __init__(self, now: datetime = datetime(2020, 6, 20, 8, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        """Move on by hours=…, days=… and so on."""
        self.now += timedelta(**parts)


class VisitedPage:
    """An answer as a visitor sees it; pages of ours are checked while being read."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.body = response.get_data()
        response.close()
        self.location = response.headers.get("Location", "")
        self.html = None
        if response.mimetype == "text/html" and self.body:
            self.html = html.document_fromstring(response.get_data(as_text=True))
            assert faults(self.html) == []

    @property
    def text(self) -> str:
        """The words of the main part, white space collapsed."""
        (main,) = self.find("//main")
        return " ".join(main.text_content().split())

    @property
    def title(self) -> str:
        """The title of the page."""
        return str(self.html.findtext(".//title"))

    def find(self, xpath: str) -> list[Any]:
        """Find elements or texts."""
        return list(self.html.xpath(xpath))

    def controls(self, index: int = 0) -> dict[str, list[str]]:
        """Return what the browser would send from the n-th form of the main part."""
        return self.sent_by(self.find("//main//form")[index])

    def sent_by(self, form: Any) -> dict[str, list[str]]:
        """Return what the browser would send from a form."""
        values: dict[str, list[str]] = {}
        areas = {area.get("name") for area in form.iter("textarea")}
        for name, value in form.form_values():
            # A browser drops the line break that follows the tag.
            typed = value.removeprefix("\n") if name in areas else value
            values.setdefault(name, []).append(typed)
        return values

    def button(self, label: str) -> tuple[str, dict[str, Any]]:
        """Return where the button with this text posts to, and what goes along."""
        for index, form in enumerate(self.find("//main//form")):
            for button in form.iter("button"):
                if " ".join(button.text_content().split()) != label:
                    continue
                address = button.get("formaction") or form.get("action")
                values: dict[str, Any] = dict(self.controls(index))
                if name := button.get("name"):
                    values[name] = button.get("value")
                return address.partition("#")[0], values
        raise AssertionError(f"no button {label!r} on the page: {self.text}")


EMAIL = re.compile(r"\S+@\S+\.\w+")


def translatable(page: Any, value: "str | re.Pattern[str]") -> list[str]:
    """Return the texts with this value that a browser would translate."""
    pattern = re.compile(re.escape(value)) if isinstance(value, str) else value
    texts = page.xpath(
        "//body//text()[not(ancestor::*[@translate='no'] or ancestor::textarea"
        " or ancestor::option or ancestor::script)]"
    )
    return [text.strip() for text in texts if pattern.search(text)]


def faults(page: Any) -> list[str]:
    """Return what is wrong with a page, whatever it is about."""
    ids = page.xpath("//@id")
    twice = {element_id for element_id in ids if ids.count(element_id) > 1}
    found = [f"id {item} is there twice" for item in sorted(twice)]
    for name in ("for", "aria-describedby", "aria-labelledby"):
        for value in page.xpath(f"//@{name}"):
            found += [
                f"{name}={part} leads nowhere"
                for part in value.split()
                if part not in ids
            ]
    for form in page.xpath("//form[not(@action)]"):
        found.append(f"a form without action: {form.attrib}")
    if len(page.xpath("//h1")) != 1:
        found.append("not exactly one h1")
    if not page.xpath("/html/@lang"):
        found.append("no language")
    if page.xpath("//@maxlength"):
        found.append("maxlength, which cuts pasted text without a word")
    found += [f"“{text}” may be translated" for text in translatable(page, EMAIL)]
    if page.xpath("//*[@style or @onclick or @onsubmit]"):
        found.append("inline style or script, which the policy refuses")
    return found


class Service:
    """One running service with its own data; only the first start is measured."""

    measured = False

    def __init__(
        self,
        config: Config,
        clock: Clock,
        pages: Pages | None,
        compiled: Path,
        database: bytes,
    ) -> None:
        self.config = config
        self.clock = clock
        self.app: Flask
        self.context: WorkflowContext
        config.data_dir.mkdir(parents=True)
        if isinstance(config.database, Path):
            config.database.write_bytes(database or empty_database())
        elif database:
            file = config.data_dir / "before.sqlite"
            file.write_bytes(database)
            move(file, config.database, lambda done, of: None)
        with unmeasured() if Service.measured else nullcontext():
            self.app, self.context = wsgi.build(config, clock, pages)
        Service.measured = True
        self.app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
        self.client: FlaskClient = self.app.test_client()
        self._server: Any = None

    def get(self, path: str, **options: Any) -> VisitedPage:
        """Open a page."""
        return VisitedPage(self.client.get(path, **options))

    def post(self, path: str, data: Any = None, **options: Any) -> VisitedPage:
        """Send a form."""
        return VisitedPage(self.client.post(path, data=data or {}, **options))

    def use_up(
        self, limit: RateLimitItem, left: int = 0, peer: str = "127.0.0.1"
    ) -> None:
        """Let a network do all that a limit lets it do, but for what is left."""
        limiter, network = self.app.extensions["limiter"], network_of(peer)
        remaining = limiter.get_window_stats(limit, network).remaining
        assert limiter.hit(limit, network, cost=remaining - left)

    def press(self, page: VisitedPage, label: str, **typed: Any) -> VisitedPage:
        """Press the button with this text, with some boxes filled in first."""
        address, values = page.button(label)
        return self.post(address, {**values, **typed})

    @cached_property
    def address(self) -> str:
        """The address of a real server, started now."""
        anywhere = replace(self.config, listen=("127.0.0.1", 0))
        self._server = wsgi.server(self.app, wsgi.doors(anywhere)[0])
        threading.Thread(target=self._server.run, daemon=True).start()
        return f"http://127.0.0.1:{self._server.effective_port}"

    def rows(self) -> list[tuple[Any, ...]]:
        """Return every row of every table, to see whether anything changed."""

        def job(db: Any) -> list[tuple[Any, ...]]:
            names = db.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
                if self.config.database_url
                else "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            ).fetchall()
            return [
                (name, *row)
                for (name,) in names
                for row in db.execute(f'SELECT * FROM "{name}"').fetchall()
            ]

        return self.context.store.read(job)

    def close(self) -> None:
        """Stop the server and close the data."""
        if self._server is not None:
            self._server.close()
        self.app.extensions["receipts"].stop()
        self.context.store.close()


@cache
def pages_of_repository(folder: Path) -> Pages:
    """Read a content folder that no test changes, once a worker."""
    return load_pages(load_content(folder))


def compile_once() -> None:
    """Let werkzeug compile each address of ours once a worker: a third of a start."""
    compiled: dict[object, Any] = {}
    compile_rule = Rule._compile_builder

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        assert not rule.defaults
        key = (tuple(rule._trace), append_unknown)
        if key not in compiled:
            compiled[key] = compile_rule(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]


compile_once()


@cache
def empty_database() -> bytes:
    """Return a database with this version's schema, made once a worker."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "forms.sqlite"
        migrate(file)
        return file.read_bytes()


@pytest.fixture
def clock() -> Clock:
    """Saturday 20 June 2020, ten in the morning in Rome."""
    return Clock()


@pytest.fixture
def project() -> Path:
    """The content that a service runs with unless a test names another."""
    return SAMPLE


def log_report(
    context: WorkflowContext,
    kept: Sequence[KeptHead] = (),
    keys: Sequence[str] = LOG_KEYS,
) -> LogReport:
    """Look through the log as it is now, with its head, as `audit verify` does."""
    heads = [*context.folder.head.read(), *kept]
    return context.store.read(
        lambda db: check(db, LogKeys(keys), heads, context.clock())
    )


@pytest.fixture
def start_service(
    tmp_path: Path, clock: Clock, run_folder: Path, project: Path, where: Where
) -> Iterator[Callable[..., Service]]:
    """Start services; content folder, database and any setting may be given."""
    started: list[Service] = []

    def start(
        content: Path = project, database: bytes = b"", **settings: Any
    ) -> Service:
        folder = tmp_path / f"service{len(started)}"
        site = folder / "site"
        site.mkdir(parents=True)
        shutil.copytree(content / "assets", site / "assets")
        environment = {
            "FORMS_DATA_DIR": str(folder / "var"),
            "FORMS_CONTENT_DIR": str(content),
            "FORMS_SITE_DIR": str(site),
            "FORMS_SECRET_KEYS": "a-key-for-tests-that-is-long-enough-0001",
            "FORMS_LOG_KEYS": LOG_KEYS[0],
            "FORMS_MAIL_FROM": "moduli@example.org",
            "FORMS_DATABASE_URL": where(),
        }
        # The pace of a hall is the matter of `test_pace`; programs read at once.
        pace = {"summary_seconds": 0, "hourly_limit": 100_000}
        settings = {**pace, **settings}
        config = replace(Config.from_environment(environment), **settings)
        read = None
        if content.is_relative_to(ROOT):
            read = pages_of_repository(content)
            # A test may take a form out of its own service.
            own = replace(read.content, forms={**read.content.forms})
            read = replace(read, content=own)
        started.append(Service(config, clock, read, run_folder, database))
        return started[-1]

    yield start
    for service in started:
        service.close()


@pytest.fixture
def service(start_service: Callable[..., Service]) -> Service:
    """The service with the sample project."""
    return start_service()
