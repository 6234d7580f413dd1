"""The service on a PostgreSQL that syncs: beside SQLite, as two processes, with rows.

The server is one of the tests', on the same machine and disk: the processor of the
service and of the server are told apart.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median

import cluster as servers

from . import fill, staff
from .client import Tally
from .load import NUMBERS, PROCESSES, Burst, Party, Player, ratio, repeated, whole
from .people import single
from .place import Place
from .processes import Server, cpu_seconds, family_cpu_seconds
from .results import Results

ROUNDS, SECONDS, PEOPLE = 5, 1.0, 16
FEW, MANY = 2_000, 200_000
COLUMNS = [
    "POST that stores", "a second", "service, CPU µs each", "server, CPU µs each",
    "p50 ms", "p99 ms",
]  # fmt: skip
# As a server is set up for a service of its own; the tests' would keep nothing.
SETTINGS = ("shared_buffers=256MB", "max_wal_size=2GB", "jit=off")


@contextmanager
def server() -> Iterator[tuple[servers.Cluster, int]]:
    """Start a PostgreSQL that lives as long as this run; yield it and its process."""
    started = servers.start(os.getpid(), SETTINGS)
    # Its first line is the process.
    lines = (started.folder / "data" / "postmaster.pid").read_text().splitlines()
    yield started, int(lines[0])


def measure(place: Place, results: Results) -> None:
    """Compare sending on both databases, and one process with two."""
    with server() as (cluster, postmaster), ExitStack() as stack:
        cluster.execute("CREATE DATABASE one")
        where = cluster.url("one")
        services = {
            "SQLite": [stack.enter_context(place.service("sqlite"))],
            "PostgreSQL": [stack.enter_context(place.service("first", database_url=where))],
        }
        second = stack.enter_context(place.service("second", database_url=where))
        services["two processes"] = [*services["PostgreSQL"], second]
        people = place.people()
        party = Party(single("store", people.confirm, b"303"), PEOPLE)
        asked = [partial(crowd, each, postmaster, party) for each in services.values()]
        repeated(1, *asked)
        rounds = dict(zip(services, repeated(ROUNDS, *asked), strict=True))
    _tell(results, rounds)


def _tell(results: Results, rounds: dict[str, list[Burst]]) -> None:
    rates = {name: [part.a_second for part in of] for name, of in rounds.items()}
    results.figure("postgres", ratio(rates["PostgreSQL"], rates["SQLite"]))
    cost = {
        name: [(part.cpu + part.children) / part.tally.answers for part in of]
        for name, of in rounds.items()
    }
    results.figure("two", ratio(cost["two processes"], cost["PostgreSQL"]))
    rows: list[list[object]] = []
    for name, of in rounds.items():
        seen = whole(of)
        base = seen.children / seen.tally.answers * 1e6
        each = seen.latency
        rate = median(rates[name])
        rows.append([name, rate, seen.cpu_each, base, each.part(0.5), each.part(0.99)])
    results.table("On PostgreSQL, 16 clients", COLUMNS, rows)


def crowd(services: list[Server], postmaster: int, party: Party) -> Burst:
    """Let a party ask several services at once; `children` is what the server used.

    A SQLite service has no server: what PostgreSQL does by itself meanwhile is its.
    """
    ports = cycle(service.port for service in services)
    parts = party.split(NUMBERS.take())
    assert len(parts) == PROCESSES
    players = [Player(next(ports), *part, SECONDS) for part in parts]
    try:
        for player in players:
            player.wait()
        own = sum(cpu_seconds(service.pid) for service in services)
        base = family_cpu_seconds(postmaster)
        for player in players:
            player.go()
        tally = Tally()
        for player in players:
            tally.add(player.wait())
        own = sum(cpu_seconds(service.pid) for service in services) - own
        base = family_cpu_seconds(postmaster) - base
    finally:
        for player in players:
            player.end()
    return Burst(tally, own, base)
