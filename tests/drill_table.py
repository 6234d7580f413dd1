"""The table of the drill: a row for each disaster, its figure and its control.

`@pytest.mark.promise("P1", "killed at any moment")` makes a test part of a row; with
`control=True` it is the one that takes the promise away and must see it broken, and
`without=` has the test run once more, on a program whose promise was taken out, where
it must fail. What a test reached, it tells the fixture `figure`. `make drill` runs them
all, prints the table and ends with 1 if a promise is broken, or if a row has no
control. When all was held, the table in the README is this one.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

ROW, REACHED, CONTROL = "drill-row", "drill-reached", "drill-control"
ROOT = Path(__file__).resolve().parent.parent
HEAD = "| id | what happens | reached | control |\n|---|---|---|---|\n"
# In the README: what a run that held has left there.
QUOTED = re.compile(f"(?<={re.escape(HEAD)})(?:\\|.*\n)+")


def twin(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """Copy the program and take a promise out of it: file, old, new."""
    made = folder / "twin"
    shutil.copytree(ROOT / "forms_service", made / "forms_service")
    for name, old, new in changes:
        file = made / "forms_service" / name
        text = file.read_text(encoding="utf-8")
        assert old in text, (name, old)
        file.write_text(text.replace(old, new), encoding="utf-8")
    return made


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


class Control(pytest.Item):
    """A test once more, on a twin of the program, where it must fail."""

    tested = ""
    without: tuple[str, str, str, str]

    def runtest(self) -> None:
        """Run the test in a process of its own."""
        told, *change = self.without
        with TemporaryDirectory() as folder:
            made = twin(Path(folder), tuple(change))
            # -P: else the program of this folder would be found before its twin.
            command = [sys.executable, "-P", "-m", "pytest", "-q", "-m", "not control"]
            command += ["--color=no"]
            mine = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
            path = f"{made}{os.pathsep}{mine.get('PYTHONPATH', '')}"
            run = subprocess.run(
                [*command, "-p", "no:cacheprovider", self.tested],
                env=mine | {"PYTHONPATH": path},
                cwd=self.config.rootpath,
                capture_output=True,
                text=True,
            )
        ends = run.stdout.rstrip().rpartition("\n")[2]
        assert re.match("1 failed( |,|$)", ends.strip("= ")), run.stdout + run.stderr
        self.user_properties.append((CONTROL, f"{told}: seen"))

    def reportinfo(self) -> tuple[Path, None, str]:
        """Say where it comes from."""
        return self.path, None, self.name


def _controls(items: list[pytest.Item]) -> Iterator[Control]:
    done = set()
    for item in items:
        mark = item.get_closest_marker("promise")
        named = item.path, getattr(item, "originalname", "")
        if mark is None or "without" not in mark.kwargs or named in done:
            continue
        done.add(named)
        assert item.parent
        made = Control.from_parent(item.parent, name=f"{named[1]}-without")
        made.tested, made.without = item.nodeid, mark.kwargs["without"]
        made.add_marker(pytest.mark.promise(*mark.args, control=True))
        for name in ("control", "slow"):
            made.add_marker(name)
        yield made


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have each promise that says what it is without run once more, to fail."""
    items += [*_controls(items)]


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
    row.reached += [told[REACHED]] if REACHED in told else []
    if report.failed:
        row.broken.append(name)
    elif report.skipped:
        row.skipped.append(report.longrepr[2].removeprefix("Skipped: "))
    else:
        if is_control and CONTROL not in told:
            row.control.append("failed as it should")
        row.control += [told[CONTROL]] if CONTROL in told else []


def _drilling(config: pytest.Config) -> bool:
    return "promise" in config.option.markexpr.split()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End with 1 where a promise has no control, when all of them are asked for."""
    if not _drilling(session.config):
        return
    for row in rows.values():
        if not (row.control or row.skipped or row.broken):
            row.broken.append("no control")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table and keep it in build/; in the README too when all was held."""
    if not _drilling(config) or config.option.collectonly:
        return
    found = sorted(rows.items(), key=lambda item: (int(item[0][0][1:]), item[0][1]))
    lines = [
        f"| {' | '.join([promise, what, *row.cells])} |\n"
        for (promise, what), row in found
    ]
    table = config.rootpath / "build" / "drill.md"
    table.parent.mkdir(exist_ok=True)
    table.write_text(HEAD + "".join(lines), encoding="utf-8")
    terminalreporter.section("the drill, promise by promise")
    terminalreporter.write(HEAD)
    for line, (_, row) in zip(lines, found, strict=True):
        terminalreporter.write(line, red=bool(row.broken))
    broken = sum(bool(row.broken) for row in rows.values())
    told = f"{len(rows)} rows, {broken} broken"
    terminalreporter.write_line(told, red=bool(broken), green=not broken)
    if not any(row.broken or row.skipped for row in rows.values()):
        _quote(config.rootpath / "README.md", lines)


def _quote(file: Path, lines: list[str]) -> None:
    """Put the table into the README if every row that stands there was run."""
    text = file.read_text(encoding="utf-8")
    if {*map(row_of, QUOTED.search(text)[0].splitlines())} <= {*map(row_of, lines)}:
        file.write_text(QUOTED.sub(lambda _: "".join(lines), text), encoding="utf-8")


def row_of(line: str) -> tuple[str, ...]:
    """Return id and words of a line of the table."""
    return tuple(line.removeprefix("| ").split(" | ")[:2])
