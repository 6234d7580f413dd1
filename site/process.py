"""A build as a process: what it says on standard error, and whom it lets work.

No program or copy of itself that it starts outlives it, however it ends.
"""

import ctypes
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from tempfile import TemporaryFile
from typing import Any, ClassVar, TypeVar

import click

Task = TypeVar("Task")
Result = TypeVar("Result")

# The kernel ends the child with its parent, after kill -9 too.
WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")
_PR_SET_PDEATHSIG = 1
_CLEAR = "\r\x1b[K"


class ProcessEnded(Exception):
    """A copy of this process was killed; the message says what to do."""


class Child:
    """A program under way; what it says goes to a file, so that it never waits."""

    _not_waited_for: ClassVar[set["Child"]] = set()

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
        self._not_waited_for.add(self)

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def wait(self) -> tuple[int, str]:
        """Wait until it has ended; return its exit code and what it said."""
        code = self._process.wait()
        self._not_waited_for.discard(self)
        with self._output:
            self._output.seek(0)
            return code, self._output.read().decode(errors="replace")

    def kill(self) -> None:
        """End it now; what it started ends with it."""
        self._process.kill()
        self.wait()

    @classmethod
    def kill_all(cls) -> None:
        """End every one now and return when they have ended; for a signal handler."""
        for child in list(cls._not_waited_for):
            child._process.kill()
            # Who waits for it holds a lock, and may be who was interrupted.
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, child._process.pid, os.WEXITED | os.WNOWAIT)


def on_all_cores(
    work: Callable[[Task], Result], tasks: Sequence[Task]
) -> Iterator[Result]:
    """Do work for each task in copies of this process; yield what is done first.

    Only tasks and results are sent between processes; `work` is copied with them. A
    fault is raised here, and no task is begun after it.
    """
    processes = min(len(tasks), os.cpu_count() or 1)
    with ProcessPoolExecutor(
        processes, get_context("fork"), initializer=_begin, initargs=(work, os.getpid())
    ) as pool:
        try:
            for done in as_completed([pool.submit(_do, task) for task in tasks]):
                yield done.result()
        except BrokenProcessPool:
            raise ProcessEnded(
                "A process of the build was ended from outside, most likely because "
                "the memory of this machine is full. Build again with more of it."
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_work: list[Callable[[Any], Any]] = []


def _begin(work: Callable[[Any], Any], parent: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It ended before it could be asked for.
        os._exit(1)
    # Ctrl-C goes to all processes of a terminal; the build says what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What a task makes stays until its end: it is looked through once, then.
    gc.freeze()
    gc.disable()
    _work.append(work)


def _do(task: Any) -> Any:
    try:
        return _work[-1](task)
    finally:
        gc.collect()


def print_message(message: str) -> None:
    """Say a sentence."""
    _write(f"{message}\n")


def show_progress(message: str) -> None:
    """Show on one line what is done now; only a terminal has such a line."""
    if sys.stderr.isatty():
        _write(message)


def with_bar(steps: Iterable[Result], label: str, count: int) -> Iterator[Result]:
    """Yield steps, of which there are so many, with a bar in a terminal."""
    with click.progressbar(
        steps,
        count,
        label,
        show_pos=True,
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        yield from bar


def _write(text: str) -> None:
    sys.stderr.write(f"{_CLEAR if sys.stderr.isatty() else ''}{text}")
    sys.stderr.flush()
