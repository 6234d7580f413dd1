"""What a form page and a submission cost, beside Flask's "hello" and a bare commit.

    make bench

All four are measured in turn, round after round, in one process and on one disk, so
that a busy machine slows all of them; read the ratios, not the microseconds. The
values of each round are kept in build/bench.json for `pyperf compare_to`.
"""

import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlencode

import pyperf
from flask import Flask
from werkzeug.test import EnvironBuilder

import preview
from forms_service import urls, wsgi
from forms_service.cli.demo import invented
from forms_service.config import Config
from forms_service.definition import raw_of
from forms_service.definition.form import FormDefinition
from forms_service.i18n import Translator
from forms_service.store.schema import migrate
from forms_service.store.sqlite import connect
from forms_service.workflow import sending
from forms_service.workflow.capacity import Availability, availability_by_date
from forms_service.workflow.context import WorkflowContext

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "build" / "bench.json"
ROUNDS = 15
PAGES, WRITES = 200, 40

Wsgi = Callable[..., Any]
Figures = dict[str, list[tuple[float, float]]]


def call(app: Wsgi, environ: dict[str, Any]) -> str:
    """Answer one request without a server; return the status line."""
    said: list[str] = []
    body = app(environ, lambda status, headers, error=None: said.append(status))
    b"".join(body)
    return said[0]


def request(path: str, body: bytes = b"", client: str = "10.0.0.1") -> dict[str, Any]:
    """Return the environment of a request, made outside what is measured."""
    kind = "application/x-www-form-urlencoded" if body else None
    builder = EnvironBuilder(
        path=path,
        method="POST" if body else "GET",
        input_stream=io.BytesIO(body) if body else None,
        content_type=kind,
        content_length=len(body),
        environ_overrides={"REMOTE_ADDR": client},
    )
    return builder.get_environ()


class Confirms:
    """Ready-made requests that each store one submission."""

    def __init__(self, work: WorkflowContext, form: FormDefinition) -> None:
        self._work, self._form, self._number = work, form, 0
        self._words = Translator(form.lang, work.zone)

    def next(self) -> dict[str, Any]:
        """Return the confirmation of the next person, from a network of its own."""
        self._number += 1
        n, form = self._number, self._form
        raw = raw_of(form, invented(form, n, self._words))
        mailbox = next(field.id for field in form.fields if field.role == "email")
        raw |= {mailbox: [f"p{n}@example.org"]}
        # Invented numbers belong to nobody: each is confirmed as it stands.
        phones = [field.id for field in form.fields if field.type == "phone"]
        raw |= {f"{phone}-kept": raw[phone] for phone in phones if phone in raw}
        raw |= {"form-key": [sending.new_form_key(self._work, form)]}
        path = urls.confirm(form.id, form.lang)
        client = f"10.{n // 250 % 250}.{n % 250}.1"
        return request(path, urlencode(raw, doseq=True).encode(), client)


def bare_commits(folder: Path) -> Callable[[], str]:
    """Return a job that commits one row of a submission's size, and nothing else."""
    path = folder / "bare.sqlite"
    migrate(path)
    db = connect(path)
    db.execute("CREATE TABLE bare (content TEXT)")

    def commit() -> str:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO bare VALUES (?)", ["x" * 2000])
        db.execute("COMMIT")
        return "200"

    return commit


def measure(jobs: list[Callable[[], str]], wanted: str) -> tuple[float, float]:
    """Return processor and elapsed microseconds a job; all must succeed."""
    began, used = perf_counter(), process_time()
    said = [job() for job in jobs]
    took = process_time() - used, perf_counter() - began
    assert {status[:3] for status in said} == {wanted}, said
    return took[0] / len(jobs) * 1e6, took[1] / len(jobs) * 1e6


def rounds(folder: Path) -> Figures:
    """Measure everything in turn."""
    environment = {"FORMS_DATA_DIR": str(folder), "FORMS_SITE_DIR": str(folder)}
    environment |= {"FORMS_CONTENT_DIR": str(ROOT / "content")}
    config = replace(Config.from_environment(environment), site_dir=folder)
    migrate(config.database)
    app, work = wsgi.build(config)
    now = work.clock()
    open_forms = [
        f for f in work.forms if availability_by_date(work, f, now) is Availability.OPEN
    ]
    form = next(f for f in open_forms if not f.contact_by_phone)
    confirms, commit = Confirms(work, form), bare_commits(folder)
    hello = Flask("hello")
    hello.add_url_rule("/", view_func=lambda: "hello")
    page = urls.online_form(form.id, form.lang)

    def pages(target: Wsgi, path: str) -> list[Callable[[], str]]:
        environs = [request(path) for _ in range(PAGES)]
        return [
            lambda submission=environ: call(target, submission) for environ in environs
        ]

    def writes() -> list[Callable[[], str]]:
        environs = [confirms.next() for _ in range(WRITES)]
        return [
            lambda submission=environ: call(app, submission) for environ in environs
        ]

    figures: Figures = {}
    for number in range(ROUNDS + 1):
        measured = {
            "hello": measure(pages(hello, "/"), "200"),
            "form page": measure(pages(app, page), "200"),
            "bare commit": measure([commit] * WRITES, "200"),
            "submission": measure(writes(), "303"),
        }
        if number:  # the first round warms up
            for name, value in measured.items():
                figures.setdefault(name, []).append(value)
    work.store.close()
    return figures


def ratio(figures: Figures, item: str, other: str, column: int) -> float:
    """Return the median of the ratios of the rounds."""
    pairs = zip(figures[item], figures[other], strict=True)
    return median(a[column] / b[column] for a, b in pairs)


def report(figures: Figures) -> None:
    """Print the figures and what they are beside hello and a bare commit."""
    print(f"{'':12} {'CPU us':>8} {'us':>8} {'x hello (CPU)':>14}")
    for name, values in figures.items():
        used, took = (median(value[column] for value in values) for column in (0, 1))
        times = ratio(figures, name, "hello", 0)
        print(f"{name:12} {used:8.0f} {took:8.0f} {times:14.2f}")
    stored = ratio(figures, "submission", "bare commit", 1)
    a_second = 1e6 / median(took for _, took in figures["submission"])
    print(f"a submission takes {stored:.1f} x a bare commit: {a_second:.0f} a second")


def keep(figures: Figures) -> None:
    """Write every round's processor time for `pyperf compare_to`."""
    RESULT.unlink(missing_ok=True)
    benchmarks = [
        pyperf.Benchmark(
            [
                pyperf.Run(
                    [used / 1e6], metadata={"name": name}, collect_metadata=False
                )
                for used, _ in values
            ]
        )
        for name, values in figures.items()
    ]
    pyperf.BenchmarkSuite(benchmarks).dump(str(RESULT))


def main() -> None:
    """Measure, keep, print."""
    RESULT.parent.mkdir(exist_ok=True)
    # Beside the project, because /tmp may be memory, where a commit costs nothing.
    with tempfile.TemporaryDirectory(dir=RESULT.parent) as folder:
        figures = rounds(Path(folder))
        edit = preview.seconds(Path(folder) / "preview")
    keep(figures)
    report(figures)
    print(f"An edit is in the preview after {edit:.2f} s.")


main()
