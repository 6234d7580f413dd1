"""What one run found: figures, tables, and why a figure is missing."""

import platform
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from typing import Any

from .targets import Target


class Results:
    """Everything that the table and the picture are made from, ready for JSON."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {
            "day": datetime.now(UTC).date().isoformat(),
            "machine": {
                "cores": cpu_count(),
                "system": platform.platform(aliased=True, terse=True),
                "Python": platform.python_version(),
                "SQLite": sqlite3.sqlite_version,
                "waitress": version("waitress"),
            },
            "figures": {},
            "notes": [],
            "tables": [],
        }

    def figure(self, key: str, value: float) -> None:
        """Keep what was measured for a target."""
        self.data["figures"][key] = rounded(value)

    def fail(self, targets: tuple[Target, ...], reason: str) -> None:
        """Say why there is no figure, for those that are not measured yet."""
        for target in targets:
            self.data["figures"].setdefault(target.key, reason)

    def note(self, key: str, what: str, value: float) -> None:
        """Keep a figure that has no target."""
        self.data["notes"].append([key, what, rounded(value)])

    def table(self, title: str, columns: list[str], rows: list[list[Any]]) -> None:
        """Keep a table."""
        cells = [[rounded(cell) for cell in row] for row in rows]
        self.data["tables"].append({"title": title, "columns": columns, "rows": cells})


def rounded(value: Any) -> Any:
    """Return four digits of a number: no more of them means anything."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
