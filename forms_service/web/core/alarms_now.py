"""What is raised at this moment: what no row can say while none is written."""

import shutil
from datetime import datetime

from ...pace import LEAST_FREE
from ...store import alarms
from ...store.alarms import AlarmKind, RaisedAlarm
from ...store.connection import StorageUnavailable
from ...workflow.context import WorkflowContext


class AlarmsNow:
    """The alarms of the rows, and those of a database and a disk that take no more."""

    def __init__(self, context: WorkflowContext) -> None:
        self._context = context
        self._second = -1
        self._since: datetime | None = None

    def refused(self) -> RaisedAlarm | None:
        """Commit a write, once a second however many ask; return why it was refused.

        Reading, or a write that is rolled back, succeeds on a full disk.
        """
        now = self._context.clock()
        if (second := int(now.timestamp())) == self._second:
            return None
        try:
            self._context.store.prove_writable()
        except StorageUnavailable as error:
            self._since = self._since or now
            why = {"reason": str(error)}
            return RaisedAlarm(AlarmKind.DATABASE, why, since=self._since)
        self._second, self._since = second, None
        return None

    def full(self) -> RaisedAlarm | None:
        """Return the alarm of a disk on which the next request may not fit."""
        _, used, free = shutil.disk_usage(self._context.folder.path)
        if free >= LEAST_FREE:
            return None
        since = self._since or self._context.clock()
        percent = {"percent": 100 * used // (used + free)}
        return RaisedAlarm(AlarmKind.DISK, percent, since=since)

    def all(self) -> list[RaisedAlarm]:
        """Return everything that is raised; raise when no row can be read."""
        present = [alarm for alarm in (self.refused(), self.full()) if alarm]
        rows = self._context.store.read(alarms.raised)
        told = {alarm.kind for alarm in rows}
        return [*(alarm for alarm in present if alarm.kind not in told), *rows]
