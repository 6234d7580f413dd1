"""Receipts: what one costs, how long four at once wait, and who waits for them."""

from itertools import islice
from pathlib import Path

from .load import Party, burst, whole
from .people import People, proven, single
from .place import Place
from .processes import Server
from .results import Results

AT_ONCE = 4
MADE = 12
# Crowds before that, so many that each process which serves has drawn one.
FIRST = 4
SECONDS = 30.0


def measure(place: Place, results: Results) -> None:
    """Ask for receipts, first by themselves and then beside form pages."""
    people = place.people()
    database = Path(place.settings("receipts")["FORMS_DATA_DIR"]) / "forms.sqlite"
    with place.service("receipts") as service:
        number = 1 + FIRST * AT_ONCE + 2 * MADE
        burst(service, Party(people.journeys, 2, most=number), seconds=SECONDS)
        ids = iter(proven(database, number))

        def party(many: int, people_at_once: int) -> Party:
            return Party(people.receipts([*islice(ids, many)]), people_at_once)

        alone = burst(service, party(1, 1), seconds=SECONDS)[0]
        for _ in range(FIRST):
            burst(service, party(AT_ONCE, AT_ONCE), seconds=SECONDS)
        seen = burst(service, party(MADE, AT_ONCE), seconds=SECONDS)[0]
        beside(service, people, party(MADE, AT_ONCE), results)
    latency, cpu = seen.step("receipt"), seen.cpu + seen.children
    results.figure("receipt_cpu", cpu / seen.tally.journeys * 1e3)
    if any(seen.tally.faults.values()):
        raise RuntimeError(f"not every receipt came: {dict(seen.tally.faults)}")
    results.figure("receipt_wait", latency.most / 1e3)
    rows = [
        ["the first", 1, alone.step("receipt").most, alone.step("receipt").most],
        ["at once", AT_ONCE, latency.part(0.5), latency.most],
    ]
    columns = ["receipts", "clients", "p50 ms", "longest ms"]
    results.table("Receipts", columns, rows)


def beside(service: Server, people: People, four: Party, results: Results) -> None:
    """Ask for form pages while four people wait for receipts."""
    pages = Party(single("form", people.form_page), AT_ONCE)
    seen = burst(service, pages, four, seconds=2.0)[0]
    results.figure("receipt_beside", whole([seen]).latency.part(0.99))
