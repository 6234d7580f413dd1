"""What a process keeps beside its database, and what no restore replaces.

The key of the log, its head, and the ledger of erasures: one file a day, in it one
random id a line, nothing else of anybody. A line is on disk before its row is gone, so
whatever happens between, the next start erases it. Until the log tells that it is gone,
the line begins with the last event of its request: whoever did something with it
afterwards did it to a row that was never erased.
"""

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryFile

from .connection import StorageUnavailable
from .sealing import Head, KeptHead, LogKeys, kept_in

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class DataFolder:
    """The folder, with the keys of the log, which may come from elsewhere."""

    def __init__(self, path: Path, log_keys: Sequence[str]) -> None:
        self.path = path
        self.log_keys = LogKeys(log_keys)
        self.head = HeadFile(path / "log.head")
        self.ledger = ErasureLedger(path / "erased")

    def take_over(self, other: "DataFolder") -> None:
        """Take over what another folder keeps of the same data, which are moved here.

        Raise `StorageUnavailable`.
        """
        for day, lines in other.ledger.by_day().items():
            self.ledger.add(day, lines)
        if other.head.path.exists():
            shutil.copyfile(other.head.path, self.head.path)


class HeadFile:
    """How the log ends, in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.doubted: list[KeptHead] = []
        """What the log did not go on from, as was told."""
        self.missing_key = ""
        """The key with which it is sealed and that is not given, as was told."""

    def read(self) -> list[KeptHead]:
        """Return the head, in a list that is empty where none was kept yet."""
        try:
            return kept_in(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []

    def write(self, now: datetime, last: Head) -> None:
        """Keep a head in the place of the one before."""
        part = self.path.with_name(f"{self.path.name}.part")
        # A command that runs away from every service has no folder yet.
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(f"{KeptHead(str(now.date()), *last)}\n", encoding="utf-8")
        # A command that seals beside the service may have put it there just now; after
        # a power cut a name may be there without what the file holds.
        with suppress(FileNotFoundError):
            fsync_path(part)
            part.replace(self.path)
            fsync_path(part.parent)


class ErasureLedger:
    """The ids of what was erased, by day."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen = Head()
        """The last entry of the log that was looked at for erasures of others."""

    def intend(self, day: date, last: Mapping[str, int]) -> None:
        """Append ids that are about to be erased, each with its last event."""
        self.add(day, [f"{event} {id_}" for id_, event in last.items()])

    def add(self, day: date, entries: Collection[str]) -> None:
        """Append ids and wait for the disk; raise `StorageUnavailable`."""
        if not entries:
            return
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self.path / str(day)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            with os.fdopen(os.open(file, flags, 0o600), "a", encoding="ascii") as lines:
                # A line that a power cut has left unfinished ends here.
                lines.write("\n" + "".join(f"{entry}\n" for entry in entries))
                lines.flush()
                os.fsync(lines.fileno())
            for folder in (self.path, self.path.parent):
                fsync_path(folder)
        except OSError as error:
            raise StorageUnavailable(f"{self.path}: {error.strerror}") from error

    def learn(self, erased: Collection[tuple[str, str]]) -> None:
        """Append what the log says is gone, day and id, unless that is known here.

        Raise `StorageUnavailable`.
        """
        known = self.ids() if erased else {}
        by_day: dict[str, list[str]] = defaultdict(list)
        for day, id_ in erased:
            if known.get(id_, 0) is not None:
                by_day[day].append(id_)
        for day, ids in by_day.items():
            self.add(date.fromisoformat(day), ids)

    def ids(self) -> dict[str, int | None]:
        """Return all ids; with the last event those that may not have been erased.

        Raise `StorageUnavailable`.
        """
        every = [line for lines in self.by_day().values() for line in lines]
        parted = [line.rpartition(" ") for line in every]
        intended = {id_: int(event) for event, _, id_ in parted if event}
        return intended | {id_: None for event, _, id_ in parted if not event}

    def by_day(self) -> dict[date, list[str]]:
        """Return the lines of each day; raise `StorageUnavailable`."""
        try:
            return {
                date.fromisoformat(file.name): [
                    line
                    for line in file.read_text(encoding="ascii").split("\n")
                    if line
                ]
                for file in self.path.iterdir()
                if _DAY.fullmatch(file.name)
            }
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StorageUnavailable(f"{self.path}: {error.strerror}") from error

    def prune(self, before: date) -> None:
        """Forget the days before one: no copy is so old."""
        for file in self.path.glob("*"):
            if file.name < str(before):
                file.unlink()

    def unusable(self) -> str:
        """Say why nothing can be erased; nothing if it can."""
        there = self.path if self.path.exists() else self.path.parent
        try:
            TemporaryFile(dir=there).close()
        except OSError as error:
            return f"{there} cannot be written ({error.strerror})"
        return ""


def fsync_path(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
