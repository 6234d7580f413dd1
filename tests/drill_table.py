"""The table of the drill: a row for each disaster, its figure and its control.

`@pytest.mark.promise("P1", "killed at any moment")` makes a test part of a row; with
`control=True` it is the one that takes the promise away and must see it broken. What a
test reached, it tells the fixture `figure`. `make drill` runs them all, prints the
table and ends with 1 if a promise is broken, or if a row has no control.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROW, REACHED, CONTROL = "drill-row", "drill-reached", "drill-control"
TABLE = Path(__file__).resolve().parent.parent / "build" / "drill.md"


@dataclass
class Row:
    """One disaster: what was reached, what became of its control, what broke."""

    reached: list[str] = field(default_factory=list)
    control: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def cells(self) -> tuple[str, str]:
        """What stands in the table."""
        # A test that runs on both databases says the same twice.
        reached, control = (
            "; ".join(dict.fromkeys(told)) for told in (self.reached, self.control)
        )
        if self.broken:
            why = f"**BROKEN**: {', '.join(self.broken)}"
            reached = f"{why} ({reached})" if reached else why
        elif self.skipped:
            reached = f"not run: {'; '.join(dict.fromkeys(self.skipped))}"
        return reached or "held", control


rows: dict[tuple[str, str], Row] = {}


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Tell what was reached, and what the control of the same test lost."""

    def tell(reached: str = "", control: str = "") -> None:
        told = request.node.user_properties
        told += [(REACHED, reached)] if reached else []
        told += [(CONTROL, control)] if control else []

    return tell


def _mark(item: Any) -> tuple[str, str, bool] | None:
    if mark := item.get_closest_marker("promise"):
        return (*mark.args, mark.kwargs.get("control", False))
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say with its report which row a test is part of."""
    if mark := _mark(item):
        item.user_properties.append((ROW, mark))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take what a test has told into its row."""
    told = dict(report.user_properties)
    if ROW not in told or (report.passed and report.when != "call"):
        return
    promise, what, is_control = told[ROW]
    row = rows.setdefault((promise, what), Row())
    name = report.nodeid.rpartition("::")[2]
    if report.failed:
        row.broken.append(name)
    elif report.skipped:
        row.skipped.append(report.longrepr[2].removeprefix("Skipped: "))
    else:
        row.reached += [told[REACHED]] if REACHED in told else []
        if is_control and CONTROL not in told:
            row.control.append("failed as it should")
        row.control += [told[CONTROL]] if CONTROL in told else []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End with 1 where a promise has no control, when all of them are asked for."""
    if "promise" not in session.config.option.markexpr.split():
        return
    for row in rows.values():
        if not (row.control or row.skipped or row.broken):
            row.broken.append("no control")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table, and keep it in build/."""
    if "promise" not in config.option.markexpr.split():
        return
    head = ["promise", "what happens", "reached", "control"]
    found = sorted(rows.items(), key=lambda item: (int(item[0][0][1:]), item[0][1]))
    lines = [[promise, what, *row.cells] for (promise, what), row in found]
    text = "".join(f"| {' | '.join(line)} |\n" for line in [head, ["---"] * 4, *lines])
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(text, encoding="utf-8")
    terminalreporter.section("the drill, promise by promise")
    terminalreporter.write(text)
    broken = sum(bool(row.broken) for row in rows.values())
    terminalreporter.write_line(f"{len(rows)} rows, {broken} broken")
