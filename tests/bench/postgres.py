"""The service on a PostgreSQL that syncs: beside SQLite, as two processes, with rows.

The server is one of the tests', on the same machine and disk: the processor of the
service and of the server are told apart.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import cycle
from statistics import median

import cluster as servers
from forms_service.definition import FormDefinition
from forms_service.store import counts
from forms_service.store.connection import Connection
from forms_service.store.postgres import connect

from .browser import sign_in
from .client import Tally
from .fill import RARE, SPREAD, forms_service
from .load import NUMBERS, PROCESSES, Burst, Party, Player, ratio, repeated, whole
from .people import single
from .place import Place
from .processes import Server, cpu_seconds, family, family_cpu_seconds
from .results import Results
from .staff import JUDGED, choice_of, costs

ROUNDS, SECONDS, PEOPLE = 7, 1.0, 16
INVENTED, FEW, MANY, LONG = 500, 2_000, 200_000, 2_000_000
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
    """Compare sending on both databases, and one process with two.

    No more than two at a time: each has a core of its own.
    """
    party = Party(single("store", place.people().confirm, b"303"), PEOPLE)
    with server() as (cluster, postmaster):
        cluster.execute("CREATE DATABASE one")
        place.servers.update(dict.fromkeys(("first", "second"), cluster.url("one")))
        asked = partial(crowd, postmaster=postmaster, party=party)
        with place.service("first") as first:
            with place.service("sqlite", processes=1) as sqlite:
                rounds = compared(asked, {"SQLite": [sqlite], "PostgreSQL": [first]})
            with place.service("second") as second:
                both = {"one process": [first], "two processes": [first, second]}
                rounds |= compared(asked, both)
            journeys = partial(
                crowd, [first], postmaster, Party(place.people().journeys, PEOPLE)
            )
            with closing(connect(cluster.url("one"))) as db:
                _tell_of_journeys(results, db, journeys)
    _tell(results, rounds)


def compared(
    asked: Callable[[list[Server]], Burst], services: dict[str, list[Server]]
) -> dict[str, list[Burst]]:
    """Ask services in turn, once to warm them; return the bursts of each."""
    measured = [partial(asked, each) for each in services.values()]
    repeated(1, *measured)
    return dict(zip(services, repeated(ROUNDS, *measured), strict=True))


def _tell_of_journeys(
    results: Results, db: Connection, measured: Callable[[], Burst]
) -> None:
    """Note what a whole journey costs; docs/scale.md reckons with it."""
    asked = (
        "SELECT pg_stat_get_db_xact_commit(oid), pg_current_wal_lsn() - '0/0', "
        "pg_database_size(oid) FROM pg_database WHERE datname = current_database()"
    )
    measured()
    before = db.execute(asked).fetchall()[0]
    seen = whole([measured() for _ in range(ROUNDS)])
    # A server tells what it has counted every second.
    time.sleep(1.5)
    commits, written, stored = (
        (float(b) - float(a)) / seen.tally.journeys
        for a, b in zip(before, db.execute(asked).fetchall()[0], strict=True)
    )
    each = seen.tally.journeys / 1e3
    results.note("of_service", "CPU ms of the service, a journey", seen.cpu / each)
    results.note("of_server", "CPU ms of PostgreSQL, a journey", seen.children / each)
    results.note(
        "of_transactions",
        "transactions of PostgreSQL, a journey, those that only read too",
        commits,
    )
    results.note("of_log", "KiB that it writes ahead, a journey", written / 1024)
    results.note("of_rows", "KiB that its tables grow by, a journey", stored / 1024)


def _tell(results: Results, rounds: dict[str, list[Burst]]) -> None:
    rates = {name: [part.a_second for part in of] for name, of in rounds.items()}
    results.figure("postgres", ratio(rates["PostgreSQL"], rates["SQLite"]))
    cost = {
        name: [(part.cpu + part.children) / part.tally.answers for part in of]
        for name, of in rounds.items()
    }
    results.figure("two", ratio(cost["two processes"], cost["one process"]))
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
        own = sum(service.cpu_seconds() for service in services)
        base = family_cpu_seconds(postmaster)
        for player in players:
            player.go()
        tally = Tally()
        for player in players:
            tally.add(player.wait())
        own = sum(service.cpu_seconds() for service in services) - own
        base = family_cpu_seconds(postmaster) - base
    finally:
        for player in players:
            player.end()
    return Burst(tally, own, base)


# Staff pages with few rows and with many.


def measure_rows(
    place: Place, results: Results, many: int = MANY, settling: float = 0
) -> None:
    """Ask pages of staff with few rows and with many; service and server together.

    A minute after its start the service looks through the log; it takes `settling`
    seconds.
    """
    form = place.people().form
    with server() as (cluster, postmaster):
        cluster.execute("CREATE DATABASE invented")
        place.servers["invented"] = cluster.url("invented")
        forms_service(place.settings("invented"), "demo", str(INVENTED))
        with closing(connect(place.servers["invented"])) as db:
            fill_a_page(db, form)
        seen = []
        for name, rows in (("few", FEW), ("many", many)):
            place.servers[name] = cluster.copy("invented", name)
            with closing(connect(place.servers[name])) as db:
                multiply(db, rows)
            settings = place.settings(name)
            with place.service(name) as service:
                browser = sign_in(service.port, settings)
                time.sleep(settling if rows == many else 0)
                service.wait_until_idle()
                used = partial(used_by, service, postmaster)
                seen.append(costs(browser, settings, form, used))
    few, much = seen
    for key, page in JUDGED.items():
        results.figure(f"postgres_{key}", much[page] / few[page])
    lines = [[page, few[page], much[page], much[page] / few[page]] for page in few]
    columns = ["page", f"CPU ms, {FEW:,} rows", f"CPU ms, {many:,} rows", "ratio"]
    results.table("Staff pages on PostgreSQL, with its server", columns, lines)


def measure_two_million(place: Place, results: Results) -> None:
    """Do the same with ten times as many rows."""
    measure_rows(place, results, LONG, settling=75)


def used_by(service: Server, postmaster: int) -> float:
    """Return the seconds of processor of a service and of a server that lives."""
    used = service.cpu_seconds()
    for process in family(postmaster):
        # One that cleans up ends when it has done so.
        with suppress(OSError):
            used += cpu_seconds(process)
    return used


def fill_a_page(db: Connection, form: FormDefinition) -> None:
    """Give every third request the same answer, as on SQLite."""
    choice = choice_of(form)
    db.execute(
        "UPDATE submissions SET answers = CAST(jsonb_set(CAST(answers AS jsonb), "
        f"'{{{choice.id}}}', to_jsonb(CAST(? AS text))) AS text) "
        "WHERE form_id = ? AND number % 3 = 0",
        [choice.choices[0].id, form.id],
    )


def multiply(db: Connection, rows: int) -> None:
    """Copy rows that hold no place until there are enough, each with its own names.

    Their entries in the log are copies too, and no part of the chain.
    """
    reference = "'U' || lpad(CAST(turn AS text), 7, '0')"
    phone = "'55' || lpad(CAST(turn AS text), 7, '0')"
    changed = {
        "id": "md5('copy' || turn)",
        "form_key": "NULL",
        "reference": reference,
        "created_at": "to_char((CAST(created_at AS timestamptz) + make_interval("
        f"secs => floor((turn - {rows}) * {SPREAD} / {rows}))) AT TIME ZONE 'UTC', "
        '\'YYYY-MM-DD"T"HH24:MI:SS"+00:00"\')',
        "phone": f"CASE WHEN phone IS NOT NULL THEN '+390' || {phone} END",
        "phone_end": f"CASE WHEN phone IS NOT NULL THEN reverse('39' || {phone}) END",
        "email": "CAST('copy' || turn || '@' || split_part(CAST(email AS text), '@', 2)"
        " AS citext)",
        "search": f"replace(search, lower(reference), lower({reference}))",
    }
    db.execute("BEGIN")
    # Counting each row for itself would take longer than all else.
    db.execute("SET LOCAL session_replication_role = replica")
    db.execute(
        "UPDATE submissions SET name = ?, search = search || ' ' || ? WHERE number = "
        "(SELECT max(number) / 2 FROM submissions)",
        [RARE, RARE.lower()],
    )
    db.execute(
        "CREATE TEMP TABLE template ON COMMIT DROP AS SELECT *, row_number() "
        "OVER (ORDER BY number) - 1 AS place_in FROM submissions "
        "WHERE place = 'none' AND name <> ?",
        [RARE],
    )
    turns = "generate_series((SELECT max(number) + 1 FROM submissions), ?) AS turn"
    names = columns(db, "submissions", "number")
    values = ", ".join(changed.get(name, name) for name in names)
    log = columns(db, "events", "id")
    own = {"submission": changed["id"], "number": "turn + 1000000"}
    entries = ", ".join(own.get(name, name) for name in log)
    db.execute(
        f"INSERT INTO events ({', '.join(log)}) SELECT {entries} FROM {turns} "
        "CROSS JOIN (SELECT * FROM events WHERE verb = 'send' LIMIT 1) AS one",
        [rows],
    )
    db.execute(
        f"INSERT INTO submissions ({', '.join(names)}) SELECT {values} FROM {turns} "
        "JOIN template ON place_in = turn % (SELECT count(*) FROM template) "
        "ORDER BY turn",
        [rows],
    )
    counts.count_again(db)
    db.commit()
    db.execute("VACUUM ANALYZE")


def columns(db: Connection, table: str, numbered: str) -> list[str]:
    """Return the columns of a table that are written, but its number."""
    found = db.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = ? "
        "AND is_generated = 'NEVER' AND column_name <> ? ORDER BY ordinal_position",
        [table, numbered],
    )
    return [row[0] for row in found]
