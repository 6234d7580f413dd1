"""The two times of a service in the memory of one process: see `clock`."""

from datetime import datetime, timedelta
from threading import Lock

from ..clock import Machine, Timeline, advance, begin
from ..store import timeline as rows
from ..store.database import Store


class Timekeeper:
    """The two times in the memory of one process; `tick` keeps them in the database.

    What happened while no process looked is not known to have been running time.
    """

    def __init__(self, store: Store, machine: Machine) -> None:
        self._machine, self._lock = machine, Lock()
        self.kept, last = store.read(lambda db: (rows.load(db), rows.last_row(db)))
        self.line = self.kept or begin(machine.system())
        self._looked = self._floored = machine.running()
        self._floor = last or machine.system()

    def written(self) -> datetime:
        """Return the system clock, never earlier than the last row.

        Where it lies behind, time passes half as fast until it has caught up.
        """
        with self._lock:
            running = self._machine.running()
            floor = self._floor + timedelta(seconds=(running - self._floored) / 2)
            self._floor, self._floored = max(self._machine.system(), floor), running
            return self._floor

    def destroying(self) -> datetime:
        """Return the time that decides what is erased and which links have ended."""
        with self._lock:
            passed = self._machine.running() - self._looked
            return self.line.destroying + timedelta(seconds=passed)

    def look(self, kept: Timeline | None, accepted: bool = False) -> Timeline:
        """Advance to now; what another process has kept meanwhile goes before ours."""
        with self._lock:
            if kept and kept != self.kept:
                self.line = self.kept = kept
            running = self._machine.running()
            elapsed = timedelta(seconds=running - self._looked)
            self._looked = running
            self.line = advance(
                self.line,
                elapsed,
                self._machine.system(),
                self._machine.synchronised(),
                accepted,
            )
            return self.line

    def go_on_from(self, last: datetime) -> None:
        """Let the written time follow the clock again, not earlier than this row."""
        with self._lock:
            self._floor, self._floored = last, self._machine.running()
