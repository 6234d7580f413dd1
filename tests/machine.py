"""A machine whose disk and clock do what a drill asks, while a real process runs on it.

`machine.c` is put before libc of a process: calls that write can be made to fail, or to
lie; all that reaches the disk can be written down, to cut the power afterwards at any
moment; the clocks can be moved. `PowerCuts` makes the files of such a moment.
"""

import shutil
import struct
import subprocess
from collections.abc import Iterator
from mmap import mmap
from pathlib import Path
from random import Random

import pytest

SOURCE = Path(__file__).with_name("machine.c")
# Returned as done, and never done: what a control does.
SWALLOW = 9999
BLOCK, SECTOR = 4096, 512
_HEAD = struct.Struct("=cHQI")
_REAL, _BOOT = 0, 8
_CALLS, _FROM, _TO, _FAULT, _UNSYNCHRONISED = 16, 20, 24, 28, 32
EVER = 2**32 - 1


class Machine:
    """What one process, and whoever it starts, runs on."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.trace = folder / "trace"
        self._library, self._data = folder / "machine.so", data
        if not shutil.which("gcc"):
            pytest.skip("no gcc, which compiles tests/machine.c")
        command = [
            "gcc",
            "-shared",
            "-fPIC",
            "-O2",
            "-o",
            self._library,
            SOURCE,
            "-ldl",
        ]
        subprocess.run(command, check=True)
        self._file = folder / "control"
        self._file.write_bytes(bytes(64))
        with self._file.open("r+b") as file:
            self._shared = mmap(file.fileno(), 64)

    def settings(self, traced: bool = False) -> dict[str, str]:
        """Return the environment of a process that runs on it."""
        found = {
            "LD_PRELOAD": str(self._library),
            "MACHINE_CONTROL": str(self._file),
            "MACHINE_FOLDER": str(self._data),
        }
        return found | ({"MACHINE_TRACE": str(self.trace)} if traced else {})

    @property
    def calls(self) -> int:
        """How many calls have written, cut or synced a file."""
        return int(self._get("I", _CALLS))

    def fail(self, fault: int, first: int = 1, last: int = EVER) -> None:
        """Let calls from the next fail with an errno, or be swallowed."""
        calls = self.calls
        self._set("I", _FROM, 0)
        self._set("I", _FAULT, fault)
        self._set("I", _TO, min(EVER, calls + last))
        self._set("I", _FROM, calls + first)

    def mend(self) -> None:
        """Let no call fail any more."""
        self._set("I", _FROM, 0)

    def clock(self, leap: int = 0, passes: int = 0, synchronised: bool = True) -> None:
        """Move the system clock by both; running time only by what passes."""
        self._set("q", _REAL, self._get("q", _REAL) + leap + passes)
        self._set("q", _BOOT, self._get("q", _BOOT) + passes)
        self._set("I", _UNSYNCHRONISED, not synchronised)

    @property
    def ahead(self) -> int:
        """By how many seconds its system clock is ahead of the true one."""
        return int(self._get("q", _REAL))

    def _get(self, form: str, at: int) -> int:
        return int(struct.unpack_from(form, self._shared, at)[0])

    def _set(self, form: str, at: int, value: int) -> None:
        struct.pack_into(form, self._shared, at, value)


class _File:
    """What a file holds on the disk, and what was written since its last sync."""

    def __init__(self, octets: bytes = b"") -> None:
        self.octets = bytearray(octets)
        self.pending: list[tuple[str, int, bytes]] = []


def _apply(octets: bytearray, what: str, offset: int, data: bytes) -> None:
    if len(octets) < offset:
        octets.extend(bytes(offset - len(octets)))
    if what == "T":
        del octets[offset:]
    else:
        octets[offset : offset + len(data)] = data


class PowerCuts:
    """The disk as a trace has written it, and what a power cut would leave of it.

    What was synced is there. Of what was not, each 4 KiB block is there, or not, or
    torn after some of its sectors; names are there from the sync of their folder, and
    the later ones up to one of chance.
    """

    def __init__(self, before: Path, folder: Path, trace: Path, dice: Random) -> None:
        self._folder, self._dice = folder, dice
        self._octets = trace.read_bytes()
        self._at = 0
        self._known = {
            str(folder / file.relative_to(before)): _File(file.read_bytes())
            for file in before.rglob("*")
            if file.is_file() and not file.name.endswith("-shm")
        }
        self._names = dict(self._known)
        self._renamed: list[tuple[str, str, _File | None]] = []
        self.torn = 0

    def until(self, moment: int) -> None:
        """Let the disk take everything that was traced before this length of it."""
        while self._at < moment:
            what, name, offset, size = _HEAD.unpack_from(self._octets, self._at)
            at = self._at + _HEAD.size
            path = self._octets[at : at + name].decode()
            data = self._octets[at + name : at + name + size]
            self._at = at + name + size
            self._take(what.decode(), path, offset, data)

    def _take(self, what: str, path: str, offset: int, data: bytes) -> None:
        match what:
            case "C":
                self._known[path] = _File()
                self._renamed.append((path, "", self._known[path]))
            case "U":
                self._known.pop(path, None)
                self._renamed.append((path, "", None))
            case "R":
                file = self._known.pop(path, _File())
                self._known[data.decode()] = file
                self._renamed.append((data.decode(), path, file))
            case "S" if path in self._known:
                for pending in self._known[path].pending:
                    _apply(self._known[path].octets, *pending)
                self._known[path].pending.clear()
            case "S":
                self._name(len(self._renamed), self._names)
                self._renamed.clear()
            case _ if path in self._known:
                self._known[path].pending.append((what, offset, bytes(data)))

    def _name(self, number: int, names: dict[str, _File]) -> None:
        for path, before, file in self._renamed[:number]:
            names.pop(before, None)
            if file is None:
                names.pop(path, None)
            else:
                names[path] = file

    def leave(self, target: Path) -> None:
        """Write the files that are there when the power comes back."""
        names = dict(self._names)
        self._name(self._dice.randint(0, len(self._renamed)), names)
        for path, file in names.items():
            octets = bytearray(file.octets)
            for what, offset, data in file.pending:
                for start, part in self._blocks(offset, data):
                    _apply(octets, what, start, part)
                if what == "T" and self._dice.random() < 0.5:
                    _apply(octets, what, offset, b"")
            left = target / Path(path).relative_to(self._folder)
            left.parent.mkdir(parents=True, exist_ok=True)
            left.write_bytes(octets)

    def _blocks(self, offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
        start = 0
        while start < len(data):
            end = min(len(data), start + BLOCK - (offset + start) % BLOCK)
            chance = self._dice.random()
            if chance < 0.2:
                sectors = self._dice.randrange(BLOCK // SECTOR)
                self.torn += 1
                yield offset + start, data[start : min(end, start + sectors * SECTOR)]
            elif chance < 0.6:
                yield offset + start, data[start:end]
            start = end
