"""Starts the child process that opens a file, and believes little of what it says.

One child at a time, of all processes: 600 MiB are its limit, and the machine may have
no more to give.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread, Timer
from typing import IO, Any, cast

from ..cores import any_core
from ..processes import SharedLock
from .refusals import Busy, Damaged

CONFINED = Path(__file__).with_name("confined.py")
READER = CONFINED.with_name("reader.py")
# Seconds on the clock, the child's turn of the processor included.
TIMEOUT = 8.0
# More text than any form holds; a longer answer is no answer.
LONGEST_ANSWER = 1 << 20
one_at_a_time = SharedLock()

Wanted = Mapping[str, Mapping[str, Sequence[str]]]


def read_in_child(
    data: bytes,
    wanted: Wanted | None,
    reader: Path = READER,
    timeout: float | None = None,
) -> dict[str, Any]:
    """Return what the child found in a file; see `reader.read`."""
    seconds = TIMEOUT if timeout is None else timeout
    output = run_in_child(json.dumps(wanted), data, reader, seconds, LONGEST_ANSWER)
    return answer_of(output)


def run_in_child(
    order: str, data: bytes, script: Path, timeout: float, longest: int
) -> bytes:
    """Return what a child says that gets one line and a file.

    Raises `Damaged` when it fails, breaks a limit, takes more than `timeout` seconds
    or says too much, `Busy` when its turn does not come in as many seconds.
    """
    with ExitStack() as turn:
        try:
            turn.enter_context(one_at_a_time.held(timeout))
        except TimeoutError as error:
            raise Busy from error
        return _run(order.encode() + b"\n" + data, script, timeout, longest)


def answer_of(output: bytes) -> dict[str, Any]:
    """Return the JSON object that a child wrote; raise `Damaged` for anything else."""
    try:
        answer = json.loads(output)
    except ValueError as error:
        raise Damaged from error
    if not isinstance(answer, dict):
        raise Damaged
    return answer


def _run(data: bytes, script: Path, timeout: float, longest: int) -> bytes:
    """Return what the child wrote; it inherits no setting, no open file, no rights."""
    with (
        any_core(),
        subprocess.Popen(
            [sys.executable, "-I", "-B", str(CONFINED), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        ) as child,
    ):
        clock = Timer(timeout, child.kill)
        feeder = Thread(target=_feed, args=(child, data), daemon=True)
        clock.start()
        feeder.start()
        try:
            output = cast(IO[bytes], child.stdout).read(longest + 1)
            if len(output) > longest:
                child.kill()
            code = child.wait()
        finally:
            clock.cancel()
            child.kill()
            feeder.join()
    if code != 0:
        raise Damaged
    return output


def _feed(child: subprocess.Popen[bytes], data: bytes) -> None:
    """Hand the file over; a child that died does not want it any more."""
    with suppress(BrokenPipeError), cast(IO[bytes], child.stdin) as entrance:
        entrance.write(data)
