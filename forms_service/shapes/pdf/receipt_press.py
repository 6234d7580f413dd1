"""Has receipts drawn by a process of its own, which may fail without harm.

WeasyPrint costs half a second to load and 80 MiB to keep, so it is loaded once, in a
process beside the one that serves, which forks a child for each receipt. Without Pango,
or when time runs out, `ReceiptUnavailable` says so and nothing else stops working.
"""

import json
import os
import socket
import subprocess
import sys
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Any, Self

from ...cores import any_core

# Seconds from the question to the last byte, waiting for a turn included.
TIMEOUT = 10.0
# Receipts drawn at a time: more would take the processor from who fills in a form.
AT_ONCE = 4
_DRAWING = f"{__package__}.receipt_drawing"
# A press that is idle ends at once; one that still loads does so first.
_LEAVE_SECONDS = 5.0
_CHUNK = 1 << 16


class ReceiptUnavailable(RuntimeError):
    """The receipt cannot be drawn now; the submission is not touched by that."""


class ReceiptPress:
    """The process that draws, started at the first receipt or by `start`.

    It ends with this process, however that ends, and is started again when it died.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._starting = Lock()
        self._turns = BoundedSemaphore(at_once)
        self._running: _Running | None = None

    def start(self) -> "_Running":
        """Start the process unless it runs; it loads by itself."""
        with self._starting:
            if self._running is None or self._running.process.poll() is not None:
                self.stop()
                self._running = _Running.started()
                self._end = weakref.finalize(self, self._running.end)
            return self._running

    def stop(self) -> None:
        """End the process and all that it draws."""
        if self._running is not None:
            self._end()
            self._running = None

    def draw(self, job: Mapping[str, Any], timeout: float = TIMEOUT) -> bytes:
        """Return the PDF of a job; `timeout` is in seconds.

        Raise `ReceiptUnavailable` when too many are asked for at once, or when the
        press is slow, fails or has no Pango.
        """
        until = monotonic() + timeout
        if not self._turns.acquire(timeout=timeout):
            raise ReceiptUnavailable("other receipts are being drawn")
        try:
            drawn = self._ask(json.dumps(job).encode(), until)
        except OSError as error:
            raise ReceiptUnavailable(type(error).__name__) from error
        finally:
            self._turns.release()
        if not drawn.startswith(b"%PDF-"):
            raise ReceiptUnavailable("the press wrote no PDF")
        return drawn

    def _ask(self, order: bytes, until: float) -> bytes:
        """Hand the press one end of a new line; return what comes back on the other."""
        ours, its_end = socket.socketpair()
        with ours:
            with its_end:
                self.start().take(its_end)
            ours.settimeout(max(until - monotonic(), 0.001))
            ours.sendall(order)
            ours.shutdown(socket.SHUT_WR)
            drawn = bytearray()
            while part := ours.recv(_CHUNK):
                drawn += part
                ours.settimeout(max(until - monotonic(), 0.001))
            return bytes(drawn)


@dataclass(frozen=True, slots=True)
class _Running:
    """A process that draws, and the socket that it listens on."""

    process: subprocess.Popen[bytes]
    control: socket.socket

    @classmethod
    def started(cls) -> Self:
        """Start the process; it inherits no setting and no open file."""
        control, its_end = socket.socketpair()
        with its_end, any_core():
            process = subprocess.Popen(
                [sys.executable, "-m", _DRAWING],
                stdin=its_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_without_settings(os.environ),
                start_new_session=True,
            )
        return cls(process, control)

    def take(self, line: socket.socket) -> None:
        """Hand over a line, on which a job comes and a PDF goes back."""
        socket.send_fds(self.control, [b"1"], [line.fileno()])

    def end(self) -> None:
        """Hang up, which ends the process and its children."""
        self.control.close()
        try:
            self.process.wait(_LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave keys and passwords of the service to the service."""
    return {k: v for k, v in environment.items() if not k.startswith("FORMS_")}
