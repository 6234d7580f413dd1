"""Which database a test runs on: the one cluster of a run, and databases on it.

Whatever uses a world, a service or commands runs on SQLite and on PostgreSQL, unless it
is marked with one `engine`. The modules of `ON_BOTH` do so in every run, the others
among the slow tests.
"""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster import Cluster, start
from conftest import alone
from forms_service.store.schema import TABLES, migrate

ON_BOTH = {
    "test_store",
    "test_store_queue",
    "test_two_processes",
    "test_workflow",
    "test_workflow_transitions",
    "test_workflow_versions",
}
TEMPLATE = "forms"
# Whoever has the database can change its log.
UNGUARDED = {
    "sqlite": "DROP TRIGGER events_stay",
    "postgresql": "ALTER TABLE events DISABLE TRIGGER events_stay",
}
Where = Callable[[], str]


def fill_disk(db: Any) -> None:
    """Let every later write of a store fail as on a full disk."""
    if isinstance(db, sqlite3.Connection):
        db.execute("PRAGMA query_only = ON")
        return
    db.execute(
        "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END $$"
    )
    for table in TABLES:
        db.execute(
            f"CREATE TRIGGER planted BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "EXECUTE FUNCTION planted()"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a world on both databases, or on the one that it is about."""
    if "engine" not in metafunc.fixturenames:
        return
    seldom = metafunc.module.__name__ not in ON_BOTH
    engines: list[Any] = [
        "sqlite",
        pytest.param("postgresql", marks=[pytest.mark.slow] if seldom else []),
    ]
    if only := metafunc.definition.get_closest_marker("engine"):
        engines = list(only.args)
    metafunc.parametrize("engine", engines)


@pytest.fixture(scope="session")
def cluster(run_folder: Path) -> Cluster:
    """The PostgreSQL of this run, with a database that is migrated and empty."""
    in_worker = "PYTEST_XDIST_WORKER" in os.environ
    run = os.getppid() if in_worker else os.getpid()
    with alone(run_folder / "cluster.lock"):
        named = run_folder / "cluster"
        if not named.exists():
            started = start(run)
            started.execute(f"CREATE DATABASE {TEMPLATE}")
            migrate(started.url(TEMPLATE))
            named.write_text(str(started.folder), encoding="utf-8")
    return Cluster(Path(named.read_text(encoding="utf-8")))


_free: list[str] = []


@pytest.fixture
def new_database(cluster: Cluster) -> Iterator[Callable[[], str]]:
    """Lend databases on PostgreSQL as they are after the migrations."""
    lent: list[str] = []

    def lend() -> str:
        if not _free:
            _free.append(f"test-{secrets.token_hex(8)}")
            cluster.copy(TEMPLATE, _free[-1])
        lent.append(_free.pop())
        return cluster.url(lent[-1])

    yield lend
    for name in lent:
        cluster.clean(name)
        _free.append(name)


@pytest.fixture
def where(engine: str, request: pytest.FixtureRequest) -> Where:
    """Return the address of one more empty database; "" is for a file."""
    return request.getfixturevalue("new_database") if engine == "postgresql" else str


@pytest.fixture
def blank(engine: str, request: pytest.FixtureRequest) -> Iterator[Where]:
    """Return the address of a database on which nothing was ever done, or ""."""
    cluster = request.getfixturevalue("cluster") if engine == "postgresql" else None
    made: list[str] = []

    def make() -> str:
        if not cluster:
            return ""
        made.append(f"blank{secrets.token_hex(8)}")
        cluster.execute(f"CREATE DATABASE {made[-1]}")
        return str(cluster.url(made[-1]))

    yield make
    for name in made:
        cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")
