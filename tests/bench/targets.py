"""What is wanted: each line with its bound, and what a measured figure is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MET, MISSED = "met", "missed"


@dataclass(frozen=True)
class Target:
    """One line: a figure that may not be below `bound`, or not above it."""

    key: str
    what: str
    bound: float
    unit: str = ""
    most: bool = False

    @property
    def wanted(self) -> str:
        """The bound in words."""
        return f"{'≤' if self.most else '≥'} {shown(self.bound, self.unit)}"

    def share(self, figure: float) -> float:
        """Return how well it is met: 1 is just so, 2 twice as well as wanted."""
        over, under = (self.bound, figure) if self.most else (figure, self.bound)
        return over / under if under else float(over >= under) * 2

    def verdict(self, figure: float | str | None) -> str:
        """Say what a figure is worth; a text says why there is none."""
        if figure is None:
            return "not measured"
        if isinstance(figure, str):
            return f"failed: {figure}"
        met = figure <= self.bound if self.most else figure >= self.bound
        return MET if met else MISSED


def shown(figure: float | str | None, unit: str = "") -> str:
    """Return a figure as people read it."""
    if not isinstance(figure, int | float):
        return "–"
    number = f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"
    return f"{number} {unit}".rstrip()


def _most(key: str, what: str, bound: float, unit: str = "") -> Target:
    return Target(key, what, bound, unit, most=True)


CPU = "per CPU second"
SENDING = (
    Target("form", f"GET form page / hello on the same server, {CPU}", 0.85),
    Target("store", f"POST that stores / tutorial Flask-WTF, {CPU}", 4),
    Target("commits", "POST that stores / bare three-row commits, per second", 0.3),
    Target("journeys", "Whole journeys, from the empty form to the proof", 300, "/s"),
    Target("stored", "Rows and mails stored / acknowledged, exactly", 1),
    _most("faults", "200 clients: wrong answers", 0),
    _most("crowd_page", "200 clients: p99 of the form page / of hello", 1.5),
    _most("crowd_store", "200 clients: p99 of sending / of hello", 3),
    _most("start", "Start to first answer", 1, "s"),
    _most("rest", "Memory of the serving process at rest", 100, "MiB"),
    _most("loaded", "Memory of the serving process under load", 140, "MiB"),
    _most("growth", "Memory more for each 1,000 journeys", 2, "MiB"),
)
SLOW_DISK = (
    Target("slow_disk", "Slow disk (+5 ms), 64 clients / bare commits there", 8),
)
STAFF = (
    _most("staff_first", "Staff: first page, many rows / 1,000", 2),
    _most("staff_middle", "Staff: page in the middle, many rows / 1,000", 2),
    _most("staff_filtered", "Staff: filtered page, many rows / 1,000", 2),
    _most("staff_searched", "Staff: searched page, many rows / 1,000", 2),
    _most("staff_detail", "Staff: one request, many rows / 1,000", 2),
    _most("start_rows", "Start to first answer, with many rows", 1, "s"),
    Target("csv", f"Export as CSV, rows {CPU}", 60_000),
    Target("xlsx", f"Export as XLSX, rows {CPU}", 8_000),
    _most("export_first", "Export: first byte", 100, "ms"),
    _most("export_memory", "Export: memory that it adds", 100, "MiB"),
)
RECEIPTS = (
    _most("receipt_cpu", "Receipt: processor each", 150, "ms"),
    _most("receipt_wait", "Receipts, four at once: longest wait", 2, "s"),
    _most("receipt_beside", "Form page beside four receipts: p99", 20, "ms"),
)
SITE = (
    _most("site_clean", "Site built clean, with all PDFs", 20, "s"),
    _most("site_again", "Site built again, nothing changed", 3, "s"),
    _most("site_edit", "Edit of a page shown in the preview", 0.5, "s"),
)
POSTGRES = (
    Target("postgres", "POST that stores: PostgreSQL / SQLite, per second", 0.6),
    _most("two", "PostgreSQL: two processes / one, processor for a POST", 1.15),
)
POSTGRES_ROWS = tuple(
    _most(f"postgres_{line.key}", line.what.replace("Staff", "Staff, PostgreSQL"), 2)
    for line in STAFF[:5]
)
TARGETS = (*SENDING, *SLOW_DISK, *RECEIPTS, *STAFF, *SITE, *POSTGRES, *POSTGRES_ROWS)
# Of `make bench-long`.
LONG = (
    *STAFF,
    *POSTGRES_ROWS,
    Target("wagtail", f"POST that stores / form page of Wagtail, {CPU}", 15),
)


def verdicts(
    figures: Mapping[str, Any], lines: Sequence[Target] = TARGETS
) -> list[tuple[Target, Any, str]]:
    """Return each line with its figure and its verdict."""
    return [
        (target, figures.get(target.key), target.verdict(figures.get(target.key)))
        for target in lines
    ]
