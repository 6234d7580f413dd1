"""The table of docs/scale.md: how many machines a day takes, from what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from .report import BEGIN, END, grid

# Assumed: who sends on that one day, and in its busiest hour; how full a core may be.
SENDING, BUSIEST, FULL = 0.1, 0.2, 0.5
CORES = 4
PEOPLE = {"a city": 100_000, "a region": 5_000_000, "a country": 60_000_000}
# Reckoned from the code: sending and proving commit, and each of two mails is claimed
# and told to have left.
MAILS, WRITES = 2, 6
# A process writes on 6 connections and reads on at most 16, beside those for clock and
# news; one process for each core, on which all its threads stay.
CONNECTIONS = 24


@dataclass(frozen=True)
class Day:
    """What a place does on one day."""

    place: str
    people: int
    service_ms: float
    server_ms: float
    row_kib: float

    @property
    def requests(self) -> float:
        """Requests on the day."""
        return self.people * SENDING

    @property
    def rate(self) -> float:
        """Requests a second in the busiest hour."""
        return self.requests * BUSIEST / 3600

    def machines(self, milliseconds: float) -> int:
        """Return how many machines the busiest hour takes."""
        return ceil(self.rate * milliseconds / 1e3 / FULL / CORES)

    def cells(self) -> list[object]:
        """Return the line of the table; one machine more may die."""
        services = self.machines(self.service_ms) + 1
        return [
            f"{self.place}, {self.people:,}",
            self.requests,
            self.rate,
            services,
            self.rate * self.server_ms / 1e3,
            self.rate * WRITES,
            services * CORES * CONNECTIONS,
            self.rate * MAILS,
            self.requests * self.row_kib / 2**20,
        ]


COLUMNS = [
    "place, people", "requests a day", "a second, busiest hour",
    f"service, machines of {CORES} cores", "PostgreSQL, cores busy",
    "commits a second", "connections", "mails a second", "rows, GiB a day",
]  # fmt: skip


def reckoned(results: Mapping[str, Any]) -> str:
    """Return what stands between the marks of docs/scale.md."""
    measured = {key: value for key, _, value in results["notes"]}
    costs = [measured[key] for key in ("of_service", "of_server", "of_rows")]
    days = [Day(place, people, *costs) for place, people in PEOPLE.items()]
    told = [
        [what, value] for key, what, value in results["notes"] if key.startswith("of_")
    ]
    return "\n\n".join(
        [
            f"Measured on {results['day']}, one process on PostgreSQL:",
            grid(["measured", "value"], told),
            "Reckoned from it:",
            grid(COLUMNS, [day.cells() for day in days]),
        ]
    )


def written_into(page: str, results: Mapping[str, Any]) -> str:
    """Return the page with what is between its marks renewed."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{reckoned(results)}\n\n{END}{rest.partition(END)[2]}"


def write(results: Mapping[str, Any], folder: Path) -> None:
    """Renew the page in the folder of the documents."""
    page = folder / "scale.md"
    text = written_into(page.read_text(encoding="utf-8"), results)
    page.write_text(text, encoding="utf-8")
