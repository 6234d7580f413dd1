"""Receipts: what one costs, how long four at once wait, and who waits for them."""

from pathlib import Path

from .load import Party, burst, whole
from .people import People, proven, single
from .place import Place
from .processes import Server
from .results import Results

AT_ONCE = 4
MADE = 12
SECONDS = 30.0


def measure(place: Place, results: Results) -> None:
    """Ask for receipts, first by themselves and then beside form pages."""
    people = place.people()
    database = Path(place.settings("receipts")["FORMS_DATA_DIR"]) / "forms.sqlite"
    with place.service("receipts") as service:
        burst(service, Party(people.journeys, 2, most=1 + 2 * MADE), seconds=SECONDS)
        ids = proven(database, 1 + 2 * MADE)
        one = Party(people.receipts(ids[:1]), 1)
        alone = burst(service, one, seconds=SECONDS)[0]
        four = Party(people.receipts(ids[1 : 1 + MADE]), AT_ONCE)
        seen = burst(service, four, seconds=SECONDS)[0]
        beside(service, people, ids[1 + MADE :], results)
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


def beside(service: Server, people: People, ids: list[str], results: Results) -> None:
    """Ask for form pages while four people wait for receipts."""
    pages = Party(single("form", people.form_page), AT_ONCE)
    four = Party(people.receipts(ids), AT_ONCE)
    seen = burst(service, pages, four, seconds=2.0)[0]
    results.figure("receipt_beside", whole([seen]).latency.part(0.99))
