"""A build as a process: what it says on standard error, and the programs it starts.

None of those outlives it, however it ends.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile

# The kernel ends the child with its parent, after kill -9 too.
WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")
_CLEAR = "\r\x1b[K"


class Child:
    """A program under way; what it says goes to a file, so that it never waits."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] = os.environ
    ) -> None:
        self._output = TemporaryFile()
        self._process = subprocess.Popen(
            [*WITH_PARENT, *command],
            env=environment,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def wait(self) -> tuple[int, str]:
        """Wait until it has ended; return its exit code and what it said."""
        code = self._process.wait()
        with self._output:
            self._output.seek(0)
            return code, self._output.read().decode(errors="replace")

    def kill(self) -> None:
        """End it now; what it started ends with it."""
        self._process.kill()
        self.wait()


def print_message(message: str) -> None:
    """Say a sentence."""
    _write(f"{message}\n")


def show_progress(message: str) -> None:
    """Show on one line what is done now; only a terminal has such a line."""
    if sys.stderr.isatty():
        _write(message)


def _write(text: str) -> None:
    sys.stderr.write(f"{_CLEAR if sys.stderr.isatty() else ''}{text}")
    sys.stderr.flush()
